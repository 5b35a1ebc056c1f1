using FastSim.Kernels.Chips;
using FastSim.Kernels.Plans;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>On cards whose draw is capped every search finds the same plan, that of a brute force, and no card draws more than its cap.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class PowerCapLaws
{
    [Law(MaxTest = 75)]
    public bool Bound_is_exhaustive_is_scalar(Job job, int seed) => SearchAgreement.OfEngines(Capped(job, seed));

    [Law(MaxTest = 30)]
    public Property Under_tables_too(int seed) => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases)), job => SearchAgreement.OfEngines(Capped(job, seed)));

    [Law(MaxTest = 50)]
    public bool Balanced_splits_too(Job job, int seed) =>
        SearchAgreement.OfEngines(Capped(job with { Mode = ServingMode.Split, SplitAim = SplitAim.Balanced }, seed));

    [Law(MaxTest = 20)]
    public bool With_a_surrogate_too(Job job, int seed, int choice) => SearchAgreement.OfEngines(Capped(RandomSurrogates.Learned(job, choice), seed));

    [Law(MaxTest = 50)]
    public Property Under_an_engine_too(int seed) => Prop.ForAll(RandomServing.Jobs(), job => SearchAgreement.OfEngines(Capped(job, seed)));

    [Law(MaxTest = 30)]
    public Property Under_an_engine_and_tables_too(int seed) =>
        Prop.ForAll(Arb.From(RandomServing.JobsWithTables), job => SearchAgreement.OfEngines(Capped(job, seed)));

    /// <summary>Every batch of a layout by counting up: none within the limits yields more than the one that is found.</summary>
    [Law(MaxTest = 75)]
    public bool The_batch_is_that_of_a_scan(Job drawn, int seed, int choice)
    {
        Job job = Capped(drawn, seed);
        if (RandomPlans.Layout(job, choice) is not { } layout || RandomPlans.Fusion(job, layout) is not { IsReachable: true } plan)
        {
            return true;
        }

        BatchChoice found = BatchSearch.Best(plan, job.Limits, 1);
        double best = 0;
        for (double sequences = 1; plan.MemoryBytes(sequences) <= plan.CapacityBytes; sequences++)
        {
            PlanFigures figures = plan.At(sequences);
            best = job.Limits.Accept(figures) ? Math.Max(best, figures.TokensPerRankSecond) : best;
        }

        return found.Outcome == BatchOutcome.Found ? found.Figures.TokensPerRankSecond >= best * (1 - 1e-12) : best == 0;
    }

    /// <summary>At every batch: as slow as without, or slower, and never beyond the cap.</summary>
    [Law(MaxTest = 100)]
    public bool No_card_draws_more_than_its_cap(Job drawn, int seed, int choice, PositiveInt batch)
    {
        Job job = Capped(drawn, seed);
        if (RandomPlans.Layout(job, choice) is not { } layout || RandomPlans.Fusion(job, layout) is not { IsReachable: true } plan)
        {
            return true;
        }

        Job free = job with { DecodeChip = job.DecodeChip with { Economics = job.DecodeChip.Economics! with { PowerCapWatts = null } } };
        double sequences = batch.Get % 200 + 1;
        double cap = job.DecodeChip.Economics!.PowerCapWatts!.Value;
        return plan.Draw(sequences).Watts <= cap * (1 + 1e-9)
            && plan.At(sequences).PerTokenSeconds >= RandomPlans.Fusion(free, layout).At(sequences).PerTokenSeconds;
    }

    [Law(MaxTest = 75)]
    public bool A_variant_gets_what_a_run_gives_it(Job job, int seed) => SweepAgrees(Capped(job, seed), seed);

    [Law(MaxTest = 30)]
    public Property A_variant_under_tables_too(int seed) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithStaircases), job => SweepAgrees(Capped(job, seed), seed));

    [Law(MaxTest = 25)]
    public Property A_variant_under_an_engine_too(int seed) => Prop.ForAll(RandomServing.Jobs(), job => SweepAgrees(Capped(job, seed), seed));

    /// <summary>Without a cap what a plan costs and draws is the same in a sweep as in a run, too.</summary>
    [Law(MaxTest = 75)]
    public bool An_uncapped_variant_costs_and_draws_what_a_run_says(Job job, int seed) => SweepAgrees(Stated(job, seed, isCapped: false), seed);

    private static bool SweepAgrees(Job job, int seed) => SearchAgreement.OfSweep(job, seed, (each, random) => SearchAgreement.OnEach(each, random, Varied));

    private static Chip Varied(Chip chip, Random random)
    {
        double Factor() => Math.Pow(2, (random.NextDouble() * 4) - 2);
        ChipEconomics stated = chip.Economics!;
        return chip with
        {
            Memory = chip.Memory with { GigabytesPerSecond = chip.Memory.GigabytesPerSecond * Factor() },
            Economics = stated with
            {
                DollarsPerHour = stated.DollarsPerHour * Factor(),
                MemoryJoulesPerByte = stated.MemoryJoulesPerByte * Factor(),
                MatrixJoulesPerFlop = stated.MatrixJoulesPerFlop.ToDictionary(each => each.Key, each => each.Value * Factor()),
                LinkJoulesPerByte = [.. stated.LinkJoulesPerByte.Select(each => each * Factor())],
            },
        };
    }

    /// <summary>A job whose chips draw watts, and are held to some.</summary>
    internal static Job Capped(Job job, int seed) => Stated(job, seed, isCapped: true);

    private static Job Stated(Job job, int seed, bool isCapped)
    {
        Random random = new(seed);
        Chip decode = Stated(job.DecodeChip, random, isCapped);
        return job with { DecodeChip = decode, PrefillChip = job.Mode == ServingMode.Fusion ? decode : Stated(job.PrefillChip, random, isCapped) };
    }

    /// <summary>Units, memory and links that each draw some watts at their peaks, and a cap that holds some, all or none of them back.</summary>
    private static Chip Stated(Chip chip, Random random, bool isCapped)
    {
        double Watts() => 0.2 + (4 * random.NextDouble());
        Dictionary<string, double> Of(IReadOnlyDictionary<string, ComputeUnit> units) =>
            units.ToDictionary(unit => unit.Key, unit => Watts() / (unit.Value.Teraflops * 1e12));
        return chip with
        {
            Economics = new ChipEconomics
            {
                DollarsPerHour = 2,
                BoardWatts = 100,
                IdleWatts = 10,
                PowerCapWatts = isCapped ? 10 + Math.Pow(2, (random.NextDouble() * 8) - 5) : null,
                MatrixJoulesPerFlop = Of(chip.Matrix),
                VectorJoulesPerFlop = Of(chip.Vector),
                MemoryJoulesPerByte = Watts() / (chip.Memory.GigabytesPerSecond * 1e9),
                LinkJoulesPerByte = [.. chip.Networks.Select(tier => (double?)(Watts() / (tier.GigabytesPerSecond * 1e9)))],
            },
        };
    }
}
