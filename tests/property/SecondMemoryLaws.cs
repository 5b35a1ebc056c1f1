using FastSim.Kernels.Chips;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>
/// On cards with a second memory every search finds the same plan, that of a brute force; more of it is never worse, and what is not used changes nothing.
/// Jobs have physical accounting and six cards at most, since every layout is tried with several shares.
/// </summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class SecondMemoryLaws
{
    /// <summary>What rounding may make of a throughput that is the same.</summary>
    private const double Rounding = 1e-12;

    [Law(MaxTest = 75)]
    public bool Bound_is_exhaustive_is_scalar(Job job, int seed) => SearchAgreement.OfEngines(Tiered(job, seed));

    [Law(MaxTest = 30)]
    public Property Under_tables_too(int seed) => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases)), job => SearchAgreement.OfEngines(Tiered(job, seed)));

    [Law(MaxTest = 50)]
    public bool Balanced_splits_too(Job job, int seed) =>
        SearchAgreement.OfEngines(Tiered(job with { Mode = ServingMode.Split, SplitAim = SplitAim.Balanced }, seed));

    [Law(MaxTest = 20)]
    public bool With_a_surrogate_too(Job job, int seed, int choice) => SearchAgreement.OfEngines(Tiered(RandomSurrogates.Learned(job, choice), seed));

    [Law(MaxTest = 40)]
    public Property Under_an_engine_too(int seed) => Prop.ForAll(RandomServing.Jobs(), job => SearchAgreement.OfEngines(Tiered(job, seed)));

    [Law(MaxTest = 20)]
    public Property Under_an_engine_and_tables_too(int seed) => Prop.ForAll(Arb.From(RandomServing.JobsWithTables), job => SearchAgreement.OfEngines(Tiered(job, seed)));

    [Law(MaxTest = 60)]
    public bool A_variant_gets_what_a_run_gives_it(Job job, int seed) => SweepAgrees(Tiered(job, seed), seed);

    [Law(MaxTest = 25)]
    public Property A_variant_under_tables_too(int seed) =>
        Prop.ForAll(Arb.From(RandomJobs.JobsWithStaircases), job => SweepAgrees(Tiered(job, seed), seed));

    [Law(MaxTest = 20)]
    public Property A_variant_under_an_engine_too(int seed) => Prop.ForAll(RandomServing.Jobs(), job => SweepAgrees(Tiered(job, seed), seed));

    /// <summary>Every batch of a layout at some shares, by counting up: none within the limits yields more than the one that is found.</summary>
    [Law(MaxTest = 100)]
    public bool The_batch_is_that_of_a_scan(Job drawn, int seed, int choice)
    {
        Job job = Tiered(drawn, seed);
        if (RandomPlans.Layout(job, choice) is not { } layout
            || RandomPlans.Fusion(job, layout with { Second = Pick(job.Decode.Second, choice) }) is not { IsReachable: true } plan)
        {
            return true;
        }

        BatchChoice found = BatchSearch.Best(plan, job.Limits, 1);
        double best = 0;
        for (double sequences = 1; sequences < 3000 && plan.Fits(sequences); sequences++)
        {
            PlanFigures figures = plan.At(sequences);
            best = job.Limits.Accept(figures) ? Math.Max(best, figures.TokensPerRankSecond) : best;
        }

        return found.Outcome == BatchOutcome.Found ? found.Figures.TokensPerRankSecond >= best * (1 - Rounding) : best == 0;
    }

    /// <summary>To the bit: a second memory in which nothing may lie, or that has no room, is none.</summary>
    [Law(MaxTest = 100)]
    public bool What_is_not_used_changes_nothing(Job drawn, int seed)
    {
        Job job = Tiered(drawn, seed) with { Prefix = PrefixStore.FirstMemory };
        Job without = job with
        {
            PrefillChip = job.PrefillChip with { SecondMemory = null },
            DecodeChip = job.DecodeChip with { SecondMemory = null },
            Prefill = PlanRestriction.None,
            Decode = PlanRestriction.None,
        };
        Job closed = job with { Prefill = PlanRestriction.None, Decode = PlanRestriction.None };
        Job empty = Scaled(job, capacity: 0, speed: 1);
        JobResult expected = JobSolver.Solve(without, EngineSettings.Default);
        foreach (Job other in new[] { closed, empty })
        {
            JobResult found = JobSolver.Solve(other, EngineSettings.Default);
            Assert.Equal(Key(expected.Prefill), Key(found.Prefill));
            Assert.Equal(Key(expected.Decode), Key(found.Decode));
        }

        return true;
    }

    /// <summary>To the bit: where nothing of a prompt is cached it does not matter where.</summary>
    [Law(MaxTest = 75)]
    public bool Without_a_prefix_its_place_changes_nothing(Job drawn, int seed)
    {
        Job tiered = Tiered(drawn, seed);
        Job job = tiered with { Model = tiered.Model with { CachedTokens = 0 } };
        JobResult[] results =
        [
            .. new[] { PrefixStore.FirstMemory, new PrefixStore(PrefixLocation.SecondMemory), new PrefixStore(PrefixLocation.Remote, 1) }
                .Select(store => JobSolver.Solve(job with { Prefix = store }, EngineSettings.Default)),
        ];
        return Array.TrueForAll(results, result => Key(result.Prefill) == Key(results[0].Prefill) && Key(result.Decode) == Key(results[0].Decode));
    }

    [Law(MaxTest = 75)]
    public bool More_of_it_and_faster_is_never_worse(Job job, int seed, bool isLarger) => NeverWorse(Tiered(job, seed), seed, isLarger);

    [Law(MaxTest = 25)]
    public Property Nor_under_tables(int seed, bool isLarger) => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables)), job => NeverWorse(Tiered(job, seed), seed, isLarger));

    [Law(MaxTest = 25)]
    public Property Nor_under_an_engine(int seed, bool isLarger) =>
        Prop.ForAll(RandomServing.Jobs(), job => NeverWorse(Tiered(job, seed), seed, isLarger));

    /// <summary>What leaves the first memory is in the second: together they hold what one would.</summary>
    [Law(MaxTest = 150)]
    public bool Both_memories_hold_what_one_would(Job drawn, int seed, int choice, PositiveInt batch)
    {
        Job job = Tiered(drawn, seed);
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        double sequences = batch.Get % 100 + 1;
        MemoryFootprint one = RandomPlans.Decode(job, layout).Memory;
        MemoryFootprint two = RandomPlans.Decode(job, layout with { Second = Pick(job.Decode.Second, choice) }).Memory;
        double both = two.TotalBytes(sequences) + two.SecondBytes(sequences);
        return Math.Abs(both - one.TotalBytes(sequences)) <= 1e-9 * both && two.FirstWeightBytes >= -1e-9 * both;
    }

    /// <summary>A transfer of the second memory takes no less for more bytes, and no more than twice as long for twice as many, whatever its table.</summary>
    [Law(MaxTest = 200)]
    public bool Streams_rise_with_their_bytes_and_no_faster(int seed, PositiveInt bytes, PositiveInt more)
    {
        Random random = new(seed);
        double[] thresholds = [.. Enumerable.Range(0, random.Next(1, 6)).Select(row => 1000 * Math.Pow(0.5, row)), double.NegativeInfinity];
        EfficiencyTable table = EfficiencyTable.BySize(
            [.. thresholds.Select(threshold => threshold / 1e6)], [.. thresholds.Select(_ => 0.1 + (0.9 * random.NextDouble()))]);
        ChipRates rates = new(
            OneUnit(new SecondMemory(1, 2, 0.5, table)), new FlopsTypes("m", "m", "v"), Accounting.Physical, Phase.Decode);
        double size = bytes.Get % 1500;
        double factor = 1 + (more.Get % 100 / 25d);
        double seconds = rates.SecondMemorySeconds(size);
        double longer = rates.SecondMemorySeconds(size * factor);
        return longer >= seconds && longer <= seconds * factor * (1 + Rounding);
    }

    private static bool NeverWorse(Job job, int seed, bool isLarger)
    {
        double factor = 1 + (new Random(seed).NextDouble() * 3);
        Job better = isLarger ? Scaled(job, factor, 1) : Scaled(job, 1, factor);
        double before = Requests(JobSolver.Solve(job, EngineSettings.Default));
        double after = Requests(JobSolver.Solve(better, EngineSettings.Default));
        return after >= before * (1 - Rounding);
    }

    private static double Requests(JobResult result) => result switch
    {
        { Job.Mode: ServingMode.Split, Prefill: { } prefill, Decode: { } decode } => Math.Min(prefill.RequestsPerSecond, decode.RequestsPerSecond),
        { Prefill: null, Decode: null } => 0,
        { Decode: { } decode } => decode.RequestsPerSecond,
        _ => result.Prefill!.RequestsPerSecond,
    };

    internal static bool SweepAgrees(Job job, int seed) => SearchAgreement.OfSweep(
        job, seed, (each, random) => Scaled(each, Math.Pow(2, (random.NextDouble() * 6) - 3), Math.Pow(2, (random.NextDouble() * 6) - 3)));

    private static Job Scaled(Job job, double capacity, double speed)
    {
        Chip Of(Chip chip) => chip with
        {
            SecondMemory = chip.SecondMemory! with
            {
                CapacityGibibytes = chip.SecondMemory.CapacityGibibytes * capacity,
                GigabytesPerSecond = chip.SecondMemory.GigabytesPerSecond * speed,
            },
        };
        return job with { PrefillChip = Of(job.PrefillChip), DecodeChip = Of(job.DecodeChip) };
    }

    private static SecondMemoryShares Pick(IReadOnlyList<SecondMemoryShares> shares, int choice) => shares[(int)((uint)choice % (uint)shares.Count)];

    /// <summary>A job whose cards have a second memory, smaller or larger than the first and mostly slower, some shares to try, and a prefix here or there.</summary>
    internal static Job Tiered(Job job, int seed)
    {
        Random random = new(seed);
        Chip decode = Tiered(job.DecodeChip, random);
        SecondMemoryShares[] all = [new(0, 0.5), new(0, 1), new(0.25, 0), new(0.5, 0.25), new(1, 0), new(1, 1)];
        PlanRestriction shares = PlanRestriction.None with { Second = [default, .. all.Where(_ => random.Next(2) == 0)] };
        return job with
        {
            Accounting = Accounting.Physical,
            Cards = Math.Min(job.Cards, 6),
            Model = job.Model with { CachedTokens = random.Next(2) * random.Next(job.Lengths.Input) },
            DecodeChip = decode,
            PrefillChip = job.Mode == ServingMode.Fusion ? decode : Tiered(job.PrefillChip, random),
            Prefill = shares,
            Decode = shares,
            Prefix = random.Next(3) switch
            {
                0 => PrefixStore.FirstMemory,
                1 => new PrefixStore(PrefixLocation.SecondMemory),
                _ => new PrefixStore(PrefixLocation.Remote, Math.Pow(10, 5 + (4 * random.NextDouble()))),
            },
        };
    }

    private static Chip Tiered(Chip chip, Random random) => chip with
    {
        SecondMemory = new SecondMemory(
            chip.Memory.CapacityGibibytes * Math.Pow(2, (random.NextDouble() * 8) - 4),
            chip.Memory.GigabytesPerSecond * Math.Pow(2, (random.NextDouble() * 7) - 6),
            0.9,
            random.Next(2) == 0 ? EfficiencyTable.Flat(1) : EfficiencyTable.BySize([0.01, 0.001, double.NegativeInfinity], [0.9, 1, 0.3])),
    };

    private static Chip OneUnit(SecondMemory second)
    {
        ComputeUnit unit = new(1, 1, EfficiencyTable.Flat(1));
        return new Chip(
            "one",
            new Dictionary<string, ComputeUnit> { ["m"] = unit },
            new Dictionary<string, ComputeUnit> { ["v"] = unit },
            new DeviceMemory(1, 1, 1, 1, 1, EfficiencyTable.Flat(1)),
            [],
            ProcessingMode.Roofline,
            0,
            0)
        {
            SecondMemory = second,
        };
    }

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput, double? Latency) Key(PhaseWinner? winner) =>
        (winner?.Layout, winner?.Sequences, winner?.TokensPerSecond, winner?.LatencySeconds);
}
