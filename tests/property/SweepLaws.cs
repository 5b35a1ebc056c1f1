using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Sweeps;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>A variant of a sweep gets what a run of its own gives it, to the bit.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class SweepLaws
{
    [Law(MaxTest = 400)]
    public bool A_variant_gets_what_a_run_gives_it(Job job, int seed) => Agree(job, seed, 9);

    [Law(MaxTest = 100)]
    public Property Under_tables_too(int seed) => Prop.ForAll(Arb.From(RandomJobs.JobsWithTables), job => Agree(job, seed, 4));

    [Law(MaxTest = 60)]
    public Property Under_tables_that_reward_small_operators_too(int seed) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithOddTables), job => Agree(job, seed, 4));

    [Law(MaxTest = 60)]
    public Property Under_tables_of_many_steps_too(int seed) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithStaircases), job => Agree(job, seed, 4));

    [Law(MaxTest = 150)]
    public bool Balanced_splits_too(Job job, int seed) =>
        Agree(job with { Mode = ServingMode.Split, SplitAim = SplitAim.Balanced }, seed, 6);

    [Law(MaxTest = 60)]
    public Property Balanced_splits_under_tables_of_many_steps_too(int seed, int choice, bool isLearned) => Prop.ForAll(
        Arb.From(RandomJobs.JobsWithStaircases),
        job => Agree(
            (isLearned ? RandomSurrogates.Learned(job, choice) : job) with { Mode = ServingMode.Split, SplitAim = SplitAim.Balanced }, seed, 4));

    [Law(MaxTest = 100)]
    public bool With_a_surrogate_too(Job job, int seed, int choice) => Agree(RandomSurrogates.Learned(job, choice), seed, 5);

    [Law(MaxTest = 150)]
    public Property Under_an_engine_too(int seed) => Prop.ForAll(RandomServing.Jobs(), job => Agree(job, seed, 5));

    [Law(MaxTest = 60)]
    public Property Under_an_engine_and_tables_too(int seed) => Prop.ForAll(Arb.From(RandomServing.JobsWithTables), job => Agree(job, seed, 4));

    [Law(MaxTest = 60)]
    public bool Many_variants_at_once_change_nothing(Job job, int seed) => Agree(job, seed, 70);

    /// <summary>As most sweeps have it: memory stays for many variants on end.</summary>
    [Law(MaxTest = 60)]
    public bool Nor_does_memory_that_stays_for_a_while(Job job, int seed, PositiveInt stays) => Agree(job, seed, 70, (stays.Get % 70) + 1);

    [Law(MaxTest = 60)]
    public bool Lane_width_changes_nothing(Job job, int seed)
    {
        VariantResult[] expected = Sweep(job, Variants(job, seed, 21), LaneWidth.Scalar);
        return LaneWidths.All.All(width => Sweep(job, Variants(job, seed, 21), width).SequenceEqual(expected));
    }

    internal static bool Agree(Job job, int seed, int count, int memoryStays = 1)
    {
        (Chip Prefill, Chip Decode)[] variants = Variants(job, seed, count);
        for (int variant = 0; variant < count; variant++)
        {
            (Chip Prefill, Chip Decode) held = variants[variant - (variant % memoryStays)];
            variants[variant] = (OfMemory(variants[variant].Prefill, held.Prefill), OfMemory(variants[variant].Decode, held.Decode));
        }

        VariantResult[] found = Sweep(job, variants, LaneWidths.Best);
        for (int variant = 0; variant < count; variant++)
        {
            JobResult alone = JobSolver.Solve(
                job with { PrefillChip = variants[variant].Prefill, DecodeChip = variants[variant].Decode }, EngineSettings.Default);
            Assert.Equal(Key(alone.Prefill), Key(found[variant].Prefill, job.Mode == ServingMode.Fusion ? alone.Prefill : null));
            Assert.Equal(Key(alone.Decode), Key(found[variant].Decode, null));
            Assert.Equal(alone.HasPlan, found[variant].Miss.Kind == MissKind.None);
        }

        return true;
    }

    internal static VariantResult[] Sweep(Job job, (Chip Prefill, Chip Decode)[] variants, LaneWidth width)
    {
        SweepJob sweep = new(job);
        ChipRows prefill = new(sweep.PrefillNumbers.Values.Length);
        ChipRows decode = new(sweep.DecodeNumbers.Values.Length);
        ChipPlaces[] places = new ChipPlaces[variants.Length];
        for (int variant = 0; variant < variants.Length; variant++)
        {
            places[variant] = new ChipPlaces(variant, variant);
            prefill.Add(ChipNumbers.Of(variants[variant].Prefill, job.Types).Values);
            decode.Add(ChipNumbers.Of(variants[variant].Decode, job.Types).Values);
        }

        VariantResult[] results = new VariantResult[variants.Length];
        new JobSweep(sweep, width).Solve(prefill, decode, places, results);
        return results;
    }

    private static (Chip Prefill, Chip Decode)[] Variants(Job job, int seed, int count)
    {
        Random random = new(seed);
        (Chip, Chip)[] variants = new (Chip, Chip)[count];
        for (int variant = 0; variant < count; variant++)
        {
            Chip decode = Vary(job.DecodeChip, random);
            variants[variant] = (job.Mode == ServingMode.Fusion ? decode : Vary(job.PrefillChip, random), decode);
        }

        return variants;
    }

    private static Chip OfMemory(Chip chip, Chip held) => chip with { Memory = chip.Memory with { CapacityGibibytes = held.Memory.CapacityGibibytes } };

    private static Chip Vary(Chip chip, Random random)
    {
        double Factor() => Math.Pow(2, (random.NextDouble() * 6) - 3);
        double Coefficient(double stated) => random.Next(2) == 0 ? stated : 0.1 + (0.9 * random.NextDouble());
        ComputeUnit Varied(ComputeUnit unit) => unit with { Teraflops = unit.Teraflops * Factor(), CalibrationCoefficient = Coefficient(unit.CalibrationCoefficient) };
        return chip with
        {
            Matrix = chip.Matrix.ToDictionary(unit => unit.Key, unit => Varied(unit.Value)),
            Vector = chip.Vector.ToDictionary(unit => unit.Key, unit => Varied(unit.Value)),
            Memory = chip.Memory with
            {
                CapacityGibibytes = chip.Memory.CapacityGibibytes * Factor(),
                GigabytesPerSecond = chip.Memory.GigabytesPerSecond * Factor(),
                CalibrationCoefficient = Coefficient(chip.Memory.CalibrationCoefficient),
            },
            Networks = [.. chip.Networks.Select(tier => tier with
            {
                GigabytesPerSecond = tier.GigabytesPerSecond * Factor(),
                LatencySeconds = tier.LatencySeconds * Factor(),
            })],
            StaticLatencySeconds = chip.StaticLatencySeconds * Factor(),
        };
    }

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput, double? Memory) Key(PhaseWinner? winner) =>
        (winner?.Layout, winner?.Sequences, winner?.TokensPerSecond, winner?.Memory.TotalBytes(winner.Sequences));

    /// <summary>A fusion plan stands in the decode half alone; a run explains its prefill half, too.</summary>
    private static (ParallelLayout? Layout, double? Sequences, double? Throughput, double? Memory) Key(VariantPlan plan, PhaseWinner? half) =>
        half is not null ? Key(half)
        : plan.IsFound ? (plan.Layout, plan.Sequences, plan.Figures.TokensPerSecond, plan.MemoryBytes)
        : (null, null, null, null);
}
