using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>With images to encode every search finds the same plan; none are the same as no encoder, and more are never faster nor fit better.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)])]
public sealed class VisionLaws
{
    /// <summary>What rounding may make of a time that is the same.</summary>
    private const double Rounding = 1e-12;

    [Law(MaxTest = 150)]
    public bool Bound_is_exhaustive_is_scalar(Job job, int seed) => SearchAgreement.OfEngines(Seeing(job, seed));

    [Law(MaxTest = 40)]
    public Property Under_tables_too(int seed) => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases)), job => SearchAgreement.OfEngines(Seeing(job, seed)));

    [Law(MaxTest = 60)]
    public bool Balanced_splits_too(Job job, int seed) =>
        SearchAgreement.OfEngines(Seeing(job with { Mode = ServingMode.Split, SplitAim = SplitAim.Balanced }, seed));

    [Law(MaxTest = 20)]
    public bool With_a_surrogate_too(Job job, int seed, int choice) => SearchAgreement.OfEngines(Seeing(RandomSurrogates.Learned(job, choice), seed));

    [Law(MaxTest = 100)]
    public Property Under_an_engine_too(int seed) => Prop.ForAll(RandomServing.Jobs(), job => SearchAgreement.OfEngines(Seeing(job, seed)));

    [Law(MaxTest = 25)]
    public Property Under_an_engine_and_tables_too(int seed) => Prop.ForAll(Arb.From(RandomServing.JobsWithTables), job => SearchAgreement.OfEngines(Seeing(job, seed)));

    [Law(MaxTest = 100)]
    public bool A_variant_gets_what_a_run_gives_it(Job job, int seed) => SweepLaws.Agree(Seeing(job, seed), seed, 4);

    [Law(MaxTest = 15)]
    public Property A_variant_under_an_engine_too(int seed) => Prop.ForAll(RandomServing.Jobs(), job => SweepLaws.Agree(Seeing(job, seed), seed, 4));

    /// <summary>To the bit: a tower without images is none, whatever its size.</summary>
    [Law(MaxTest = 100)]
    public bool No_images_are_no_encoder(Job drawn, int seed)
    {
        Job job = Seeing(drawn, seed) with { Lengths = drawn.Lengths };
        return Same(job, job with { Model = job.Model with { Vision = null } });
    }

    [Law(MaxTest = 50)]
    public Property Nor_under_an_engine(int seed) => Prop.ForAll(RandomServing.Jobs(), drawn =>
    {
        Job job = Seeing(drawn, seed) with { Lengths = drawn.Lengths };
        return Same(job, job with { Model = job.Model with { Vision = null } });
    });

    /// <summary>Of a layout at a batch: one image more takes no less time of a prompt and no less memory. Decoding takes what it takes.</summary>
    [Law(MaxTest = 200)]
    public bool More_images_are_never_faster(Job drawn, int seed, int choice, PositiveInt batch)
    {
        Job job = Seeing(drawn, seed);
        if (RandomPlans.Layout(job, choice) is not { } layout || RandomPlans.Prefill(job, layout) is not { IsReachable: true } some)
        {
            return true;
        }

        double sequences = (batch.Get % 50) + 1;
        Job busier = job with { Lengths = job.Lengths with { Images = job.Lengths.Images with { Images = job.Lengths.Images.Images + 1 } } };
        Job idle = job with { Lengths = job.Lengths with { Images = default } };
        PrefillPlan more = RandomPlans.Prefill(busier, layout);
        PrefillPlan none = RandomPlans.Prefill(idle, layout);
        return NoFaster(none, some, sequences) && NoFaster(some, more, sequences)
            && RandomPlans.Decode(job, layout).At(sequences) == RandomPlans.Decode(idle, layout).At(sequences);
    }

    /// <summary>A job of physical accounting whose model sees.</summary>
    /// <param name="job">The job.</param>
    /// <param name="seed">What its tower and its images follow from.</param>
    private static Job Seeing(Job job, int seed)
    {
        Random random = new(seed);
        int headSize = Pick(random, 2, 4, 8);
        int heads = Pick(random, 1, 2, 3, 4, 6);
        int hidden = heads * headSize;
        int feedForward = Pick(random, 8, 12, 24);
        int merged = Pick(random, 1, 2, 4);
        int text = job.Model.Hidden;
        bool isTiled = random.Next(3) == 0;
        VisionTower tower = new(
            hidden,
            random.Next(1, 5),
            heads,
            headSize,
            feedForward,
            Pick(random, 3, 12),
            merged,
            [
                new VisionProduct(hidden * merged, hidden * merged, ProductCut.Outputs, random.Next(2) == 0, random.Next(1, 3)),
                new VisionProduct(hidden * merged, text, (ProductCut)(2 * random.Next(2)), random.Next(2) == 0),
            ])
        {
            IsGated = random.Next(2) == 0,
            HasRotary = random.Next(2) == 0,
            HasInputBias = random.Next(2) == 0,
            HasFeedForwardBias = random.Next(2) == 0,
            NormalisesQueriesAndKeys = random.Next(4) == 0,
            TileRows = isTiled ? 9 : 0,
            TileTokens = isTiled ? 2 : 0,
            WindowRows = random.Next(3) == 0 ? 2 : 0,
            WholeBlocks = 1,
            BlockElements = 4 * hidden,
            OuterElements = random.Next(100),
            OuterNorms = random.Next(3),
        };
        OperatorTimings? Timed(OperatorTimings? timings) => timings is null || random.Next(3) == 0 ? timings : new OperatorTimings(
            timings.ComputeUnits,
            timings.CarriedFrom,
            new Dictionary<(string, string), double[]>(timings.Keys.Select(key => KeyValuePair.Create(key, timings.Find(key.Family, key.Kind)!)))
            {
                [(EncoderAttentionTiming.Form.Family, $"{EncoderAttentionTiming.SixteenBits}{Pick(random, 2, 4, 64)}")] =
                    [.. EncoderAttentionTiming.Form.Parameters.Select(each => each.Least * Math.Pow(each.Most / each.Least, random.NextDouble()))],
            });
        return job with
        {
            Accounting = Accounting.Physical,
            Model = job.Model with { Vision = tower },
            Lengths = job.Lengths with { Images = new ImageLoad(random.Next(1, 6), random.Next(1, 9)) },
            PrefillChip = job.PrefillChip with { Timings = Timed(job.PrefillChip.Timings) },
            DecodeChip = job.DecodeChip with { Timings = Timed(job.DecodeChip.Timings) },
        };
    }

    private static bool NoFaster(in PrefillPlan few, in PrefillPlan many, double sequences)
    {
        PlanFigures some = few.At(sequences);
        PlanFigures more = many.At(sequences);
        Assert.True(more.FirstTokenSeconds >= some.FirstTokenSeconds * (1 - Rounding), $"{more} after {some}");
        Assert.True(more.TokensPerSecond <= some.TokensPerSecond * (1 + Rounding), $"{more} after {some}");
        Assert.True(many.MemoryBytes(sequences) >= few.MemoryBytes(sequences));
        return true;
    }

    private static bool Same(Job job, Job other)
    {
        JobResult one = JobSolver.Solve(job, EngineSettings.Default);
        JobResult two = JobSolver.Solve(other, EngineSettings.Default);
        Assert.Equal(Key(one.Prefill), Key(two.Prefill));
        Assert.Equal(Key(one.Decode), Key(two.Decode));
        return true;
    }

    private static int Pick(Random random, params int[] choices) => choices[random.Next(choices.Length)];

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput, double? Latency) Key(PhaseWinner? winner) =>
        (winner?.Layout, winner?.Sequences, winner?.TokensPerSecond, winner?.LatencySeconds);
}
