using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>
/// On cards whose rooflines count on the second-level cache every search finds the same plan, that of a brute force; more of it and faster is never slower.
/// </summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class CacheLaws
{
    /// <summary>What rounding may make of a throughput that is the same.</summary>
    private const double Rounding = 1e-12;

    [Law(MaxTest = 50)]
    public bool Bound_is_exhaustive_is_scalar(Job job, int seed) => SearchAgreement.OfEngines(Cached(job, seed));

    [Law(MaxTest = 20)]
    public Property Under_tables_too(int seed) => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases)), job => SearchAgreement.OfEngines(Cached(job, seed)));

    [Law(MaxTest = 25)]
    public bool Balanced_splits_too(Job job, int seed) => SearchAgreement.OfEngines(Cached(job with { Mode = ServingMode.Split, SplitAim = SplitAim.Balanced }, seed));

    [Law(MaxTest = 12)]
    public bool With_a_surrogate_too(Job job, int seed, int choice) => SearchAgreement.OfEngines(Cached(RandomSurrogates.Learned(job, choice), seed));

    [Law(MaxTest = 20)]
    public bool Under_a_power_cap_too(Job job, int seed) => SearchAgreement.OfEngines(Cached(PowerCapLaws.Capped(job, seed), seed));

    [Law(MaxTest = 25)]
    public Property Under_an_engine_too(int seed) => Prop.ForAll(RandomServing.Jobs(), job => SearchAgreement.OfEngines(Cached(job, seed)));

    [Law(MaxTest = 40)]
    public bool A_variant_gets_what_a_run_gives_it(Job job, int seed) => SweepAgrees(Cached(job, seed), seed);

    [Law(MaxTest = 15)]
    public Property A_variant_under_tables_too(int seed) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithStaircases), job => SweepAgrees(Cached(job, seed), seed));

    [Law(MaxTest = 10)]
    public Property A_variant_under_an_engine_too(int seed) => Prop.ForAll(RandomServing.Jobs(), job => SweepAgrees(Cached(job, seed), seed));

    /// <summary>Every batch of a layout by counting up: none within the limits yields more than the one that is found.</summary>
    [Law(MaxTest = 75)]
    public bool The_batch_is_that_of_a_scan(Job drawn, int seed, int choice)
    {
        Job job = Cached(drawn, seed);
        if (RandomPlans.Layout(job, choice) is not { } layout || RandomPlans.Fusion(job, layout) is not { IsReachable: true } plan)
        {
            return true;
        }

        BatchChoice found = BatchSearch.Best(plan, job.Limits, 1);
        double best = 0;
        for (double sequences = 1; plan.Fits(sequences); sequences++)
        {
            PlanFigures figures = plan.At(sequences);
            best = job.Limits.Accept(figures) ? Math.Max(best, figures.TokensPerRankSecond) : best;
        }

        return found.Outcome == BatchOutcome.Found ? found.Figures.TokensPerRankSecond >= best * (1 - Rounding) : best == 0;
    }

    /// <summary>With no tolerance: not one operator at one batch, be the cache larger, faster or there at all.</summary>
    [Law(MaxTest = 200)]
    public bool No_operator_is_slower_with_more_of_it(Job drawn, int seed, int choice, PositiveInt batch)
    {
        Job job = Cached(drawn, seed);
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        OperatorTable table = RandomPlans.Decode(job, layout).Table;
        Random random = new(seed);
        Chip[] chips = [With(job.DecodeChip, 0, 1), job.DecodeChip, With(job.DecodeChip, 1 + random.NextDouble(), 1), With(job.DecodeChip, 2, 1 + random.NextDouble())];
        double sequences = (batch.Get % 100) + 1;
        for (int op = 0; op < table.Count; op++)
        {
            double before = double.PositiveInfinity;
            foreach (Chip chip in chips)
            {
                double seconds = OperatorCost.Of(table, op, new ChipRates(chip, job.Types, Accounting.Physical, Phase.Decode), sequences).ProcessSeconds;
                Assert.True(seconds <= before, $"{table.Identities[op]} at {sequences}: {seconds:R} s after {before:R} on {chip.Structure}");
                before = seconds;
            }
        }

        return true;
    }

    [Law(MaxTest = 60)]
    public bool More_of_it_and_faster_never_serves_less(Job drawn, int seed)
    {
        Job job = Cached(drawn, seed);
        Random random = new(seed);
        (double size, double rate) = (Math.Pow(2, 3 * random.NextDouble()), Math.Pow(2, 3 * random.NextDouble()));
        Job more = job with { PrefillChip = With(job.PrefillChip, size, rate), DecodeChip = With(job.DecodeChip, size, rate) };
        Job none = job with { PrefillChip = With(job.PrefillChip, 0, 1), DecodeChip = With(job.DecodeChip, 0, 1) };
        double[] served = [.. new[] { none, job, more }.Select(Served)];
        return served[0] <= served[1] * (1 + Rounding) && served[1] <= served[2] * (1 + Rounding);
    }

    /// <summary>To the bit: one that holds nothing is none.</summary>
    [Law(MaxTest = 75)]
    public bool One_that_holds_nothing_changes_nothing(Job drawn, int seed)
    {
        Job job = Cached(drawn, seed);
        Job none = job with { PrefillChip = With(job.PrefillChip, 0, 1), DecodeChip = With(job.DecodeChip, 0, 1) };
        Job tiny = job with { PrefillChip = With(job.PrefillChip, 1e-300, 1), DecodeChip = With(job.DecodeChip, 1e-300, 1) };
        JobResult expected = JobSolver.Solve(none, EngineSettings.Default);
        JobResult found = JobSolver.Solve(tiny, EngineSettings.Default);
        return Key(expected.Prefill) == Key(found.Prefill) && Key(expected.Decode) == Key(found.Decode);
    }

    /// <summary>No stage is faster than its bound at any batch, near the one it was taken at or not.</summary>
    [Law(MaxTest = 150)]
    public bool No_stage_is_faster_than_its_bound(Job drawn, int seed, int choice)
    {
        Job job = Cached(drawn, seed);
        if (RandomPlans.Layout(job, choice) is not { } layout || RandomPlans.Fusion(job, layout) is not { IsReachable: true } plan)
        {
            return true;
        }

        foreach (double sequences in new double[] { 1, 2, 3, 7, 20, 100, 500 })
        {
            foreach (double near in new double[] { 1, sequences, 1000 })
            {
                Assert.True(plan.Decode.Bound(near).StageSeconds(sequences) <= StageTime.Of(plan.Decode.Table, plan.Decode.Rates, sequences).StageSeconds * (1 + Rounding));
                Assert.True(plan.Prefill.Bound(near).StageSeconds(sequences) <= StageTime.Of(plan.Prefill.Table, plan.Prefill.Rates, sequences).StageSeconds * (1 + Rounding));
            }
        }

        return true;
    }

    /// <summary>A job in physical accounting whose chips have a cache: of the size of some operator's rows at a batch, as fast as the memory or faster, sometimes slower.</summary>
    internal static Job Cached(Job job, int seed)
    {
        Random random = new(seed);
        Job physical = job with { Accounting = Accounting.Physical };
        double bytes = Math.Pow(2, 4 + (14 * random.NextDouble()));
        if (RandomPlans.Layout(physical, seed) is { } layout)
        {
            OperatorTable table = RandomPlans.Decode(physical, layout).Table;
            double rows = table.PassingBytes(random.Next(table.Count), random.Next(1, 40));
            bytes = rows > 0 ? rows * (random.Next(2) + random.NextDouble()) : bytes;
        }

        Chip decode = Cached(job.DecodeChip, bytes, random);
        return physical with { DecodeChip = decode, PrefillChip = job.Mode == ServingMode.Fusion ? decode : Cached(job.PrefillChip, bytes, random) };
    }

    private static Chip Cached(Chip chip, double bytes, Random random) => chip with
    {
        Structure = chip.Structure with
        {
            CacheBytes = bytes,
            CacheBytesPerSecond = chip.Memory.GigabytesPerSecond * 1e9 * Math.Pow(2, (6 * random.NextDouble()) - 1),
            KeepsActivations = true,
        },
    };

    /// <summary>The same chip with another cache; none at a size of 0.</summary>
    private static Chip With(Chip chip, double size, double rate) => chip with
    {
        Structure = chip.Structure with
        {
            CacheBytes = chip.Structure.CacheBytes * size,
            CacheBytesPerSecond = chip.Structure.CacheBytesPerSecond * rate,
            KeepsActivations = size > 0,
        },
    };

    private static double Served(Job job)
    {
        JobResult result = JobSolver.Solve(job, EngineSettings.Default);
        return result.HasPlan ? Math.Min(result.Prefill?.TokensPerSecond / job.Lengths.Input ?? double.PositiveInfinity, result.Decode?.TokensPerSecond / job.Lengths.Output ?? double.PositiveInfinity) : 0;
    }

    private static bool SweepAgrees(Job job, int seed) => SearchAgreement.OfSweep(job, seed, (each, random) => SearchAgreement.OnEach(each, random, Varied));

    private static Chip Varied(Chip chip, Random random)
    {
        double Factor() => Math.Pow(2, (random.NextDouble() * 4) - 2);
        double compute = Factor();
        return chip with
        {
            Memory = chip.Memory with { GigabytesPerSecond = chip.Memory.GigabytesPerSecond * Factor(), CapacityGibibytes = chip.Memory.CapacityGibibytes * Factor() },
            Matrix = chip.Matrix.ToDictionary(unit => unit.Key, unit => unit.Value with { Teraflops = unit.Value.Teraflops * compute }),
        };
    }

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput) Key(PhaseWinner? winner) => (winner?.Layout, winner?.Sequences, winner?.TokensPerSecond);
}
