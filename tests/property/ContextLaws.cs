using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Plans;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Contexts that are shared out over cards: nothing is lost of the model, and every search finds the same.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)], MaxTest = 200)]
public sealed class ContextLaws
{
    private static readonly int[] Counts = [2, 4, 6, 8, 12];

    private static readonly IReadOnlyList<int>?[] Choices = [null, null, [1, 2], [2], [2, 4], [1, 3, 6]];

    private static readonly IReadOnlyList<bool>[] Rows = [[false], [true], [false, true]];

    private static readonly IReadOnlyList<FeedForwardExchange>[] Exchanges =
    [
        [FeedForwardExchange.Rows],
        [FeedForwardExchange.Rows, FeedForwardExchange.TwoDimensional, FeedForwardExchange.WeightGathered],
        [FeedForwardExchange.WeightGathered],
        [FeedForwardExchange.TwoDimensional],
    ];

    private static readonly IReadOnlyList<int>?[] Ranks = [[1], null, [1, 2], [2], [3, 4]];

    [Law]
    public bool Bound_is_exhaustive_is_scalar(Job job, int choice) => SearchAgreement.OfEngines(Shared(job, choice));

    /// <summary>All of it at once: contexts, feed-forwards, rows, a second memory, prefixes here or there, networks of any wiring.</summary>
    [Law]
    public bool With_a_second_memory_and_networks_too(Job job, int choice, int seed) => SearchAgreement.OfEngines(AllOfIt(job, choice, seed));

    [Law(MaxTest = 60)]
    public bool A_variant_with_all_of_it_gets_what_a_run_gives_it(Job job, int choice, int seed) => SweepLaws.Agree(AllOfIt(job, choice, seed), seed, 4);

    [Law(MaxTest = 60)]
    public Property Under_tables_they_agree_too(int choice) => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases)), job => SearchAgreement.OfEngines(Shared(job, choice)));

    [Law(MaxTest = 150)]
    public Property Of_split_engines_too(int choice) =>
        Prop.ForAll(RandomServing.Jobs(), job => SearchAgreement.OfEngines(Shared(job with { Mode = ServingMode.Split }, choice)));

    [Law(MaxTest = 100)]
    public bool A_variant_of_a_sweep_gets_what_a_run_gives_it(Job job, int choice, int seed) => SweepLaws.Agree(Shared(job, choice), seed, 5);

    [Law(MaxTest = 60)]
    public Property Of_an_engine_too(int choice, int seed) =>
        Prop.ForAll(RandomServing.Jobs(), job => SweepLaws.Agree(Shared(job with { Mode = ServingMode.Split }, choice), seed, 4));

    /// <summary>A number of cards that share contexts is found by search as it is when it is stated, and one more to choose from is never worse.</summary>
    [Law]
    public bool The_best_of_all_numbers_is_the_best_of_each(Job job, int choice)
    {
        Job fusion = Shared(job, choice) with { Mode = ServingMode.Fusion, PrefillChip = job.DecodeChip };
        double Best(IReadOnlyList<int>? shared) => JobSolver.Solve(
            fusion with { Decode = fusion.Decode with { ContextParallel = shared } }, EngineSettings.Default with { Threads = 1 }).Decode?.TokensPerSecond ?? 0;
        return Best(null) == Enumerable.Range(1, fusion.Cards).Where(shared => fusion.Cards % shared == 0).Max(shared => Best([shared]));
    }

    /// <summary>So is a number of attention ranks that share a feed-forward out, and whether rows are shared between products.</summary>
    [Law]
    public bool The_best_of_all_ranks_and_rows_is_the_best_of_each(Job job, int choice)
    {
        Job fusion = Shared(job, choice) with { Mode = ServingMode.Fusion, PrefillChip = job.DecodeChip };
        IReadOnlyList<bool> rows = job.Model.Structure is { Streams: not null } ? [false] : [false, true];
        double Best(IReadOnlyList<int>? ranks, IReadOnlyList<bool> shared) => JobSolver.Solve(
            fusion with { Decode = fusion.Decode with { AttentionDataParallel = ranks, SequenceParallel = shared } },
            EngineSettings.Default with { Threads = 1 }).Decode?.TokensPerSecond ?? 0;
        int[] divisors = [.. Enumerable.Range(1, fusion.Cards).Where(ranks => fusion.Cards % ranks == 0)];
        return Best(null, rows) == divisors.Max(ranks => rows.Max(shared => Best([ranks], [shared])));
    }

    /// <summary>A job that asks for neither is the job with one rank a feed-forward and whole rows, in all that is found and counted.</summary>
    [Law]
    public bool One_rank_and_whole_rows_are_none(Job job)
    {
        PlanRestriction one = PlanRestriction.None with { AttentionDataParallel = [1], SequenceParallel = [false], ContextParallel = [1] };
        JobResult plain = JobSolver.Solve(job with { Prefill = PlanRestriction.None, Decode = PlanRestriction.None }, EngineSettings.Default with { Threads = 1 });
        JobResult stated = JobSolver.Solve(job with { Prefill = one, Decode = one }, EngineSettings.Default with { Threads = 1 });
        return plain.Decode?.TokensPerSecond == stated.Decode?.TokensPerSecond && plain.Decode?.Layout == stated.Decode?.Layout
            && plain.Prefill?.TokensPerSecond == stated.Prefill?.TokensPerSecond && plain.Prefill?.Layout == stated.Prefill?.Layout;
    }

    /// <summary>Whatever a feed-forward's cards exchange, each keeps as many weights (biases aside, which go with outputs) and does as much of the products.</summary>
    [Law]
    public bool Exchanges_of_a_feed_forward_leave_its_weights_and_work(Job job, int choice)
    {
        foreach (Phase phase in new[] { Phase.Prefill, Phase.Decode })
        {
            foreach (ParallelLayout layout in Layouts(Shared(job, choice), phase).Where(layout => !layout.FeedForward.IsOfRows).Take(4))
            {
                OperatorTable table = Lower(job, phase, layout);
                OperatorTable rows = Lower(job, phase, layout with { FeedForward = default });
                double weights = MemoryFootprint.Of(rows).WeightBytes;
                if (job.Model.Structure is not { } structure || !structure.Extras.HasFlag(BlockExtras.FeedForwardBias))
                {
                    Assert.Equal(weights, MemoryFootprint.Of(table).WeightBytes, weights * 1e-12);
                }

                Assert.Equal(Products(rows), Products(table), Products(rows) * 1e-12);
            }
        }

        return true;
    }

    /// <summary>Every layout, every batch by counting up.</summary>
    [Law(MaxTest = 60)]
    public bool What_is_found_is_the_best_of_every_plan_and_batch(Job job, int choice)
    {
        Job fusion = Shared(job, choice) with { Mode = ServingMode.Fusion, PrefillChip = job.DecodeChip, Cards = 8 };
        double found = JobSolver.Solve(fusion, EngineSettings.Default with { Threads = 1 }).Decode?.TokensPerSecond ?? 0;
        double best = 0;
        foreach (ParallelLayout layout in Layouts(fusion, Phase.Decode))
        {
            FusionPlan plan = new(
                Decode(fusion, layout, keepsPromptWeights: true),
                new PrefillPlan(Lower(fusion, Phase.Prefill, layout), Rates(fusion, Phase.Prefill), MemoryFootprint.Of(Lower(fusion, Phase.Prefill, layout))));
            int unit = fusion.Model.Experts is null ? 1 : layout.RankCards;
            for (double sequences = 1; plan.MemoryBytes(sequences) <= plan.CapacityBytes; sequences += sequences < unit ? 1 : unit)
            {
                PlanFigures figures = plan.At(sequences);
                best = plan.IsReachable && fusion.Limits.Accept(figures) ? Math.Max(best, figures.TokensPerSecond) : best;
            }
        }

        return Math.Abs(found - best) <= 1e-12 * best;
    }

    /// <summary>Weights, cache and work of all cards of an instance are the model's at least; of the cache each has its share exactly.</summary>
    [Law(MaxTest = 400)]
    public bool All_cards_together_hold_and_do_what_the_model_takes(Job job, int choice)
    {
        Job shared = Shared(job, choice) with { SharedExpertOnEveryCard = false };
        foreach (Phase phase in new[] { Phase.Prefill, Phase.Decode })
        {
            // Of a pipeline whose blocks differ the stage of the most weights stands for all, which may have less of all else.
            ParallelLayout[] layouts = [.. Layouts(shared, phase).Where(layout => layout.ContextParallel > 1 && layout.PipelineParallel == 1)];
            if (layouts.Length == 0)
            {
                continue;
            }

            ParallelLayout layout = layouts[(int)((uint)choice % (uint)layouts.Length)];
            OperatorTable table = Lower(shared, phase, layout);
            MemoryFootprint memory = MemoryFootprint.Of(table);
            MemoryFootprint apart = MemoryFootprint.Of(Lower(shared, phase, layout with { ContextParallel = 1, DataParallel = layout.DataParallel * layout.ContextParallel }));
            double cards = layout.Cards;
            ParallelLayout alone = layout with { DataParallel = 1, PipelineParallel = 1, TensorParallel = 1, ContextParallel = 1, ExpertParallel = 1, ExpertTensorParallel = 1 };
            OperatorTable whole = Lower(shared, phase, alone);
            MemoryFootprint one = MemoryFootprint.Of(whole);
            double rank = layout.RankCards;
            Assert.True(memory.WeightBytes * cards >= one.WeightBytes * (1 - 1e-9), "weights");
            Assert.True(memory.CacheBytesPerSequence * rank >= one.CacheBytesPerSequence * (1 - 1e-9), "cache");
            Assert.True(Flops(table) * rank >= Flops(whole) * (1 - 1e-9), "work");
            Assert.Equal(apart.CacheBytesPerSequence, memory.CacheBytesPerSequence * layout.ContextParallel, apart.CacheBytesPerSequence * 1e-12);
        }

        return true;
    }

    /// <summary>Cards that do both keep the weights that prompts need, of which decode reads a slice.</summary>
    [Law]
    public bool Cards_that_do_both_keep_the_weights_of_prompts(Job job, int choice)
    {
        Job both = Shared(job, choice) with { Mode = ServingMode.Fusion, Prediction = MultiTokenPrediction.Off, SharedExpertOnEveryCard = false };
        ParallelLayout[] layouts = [.. Layouts(both, Phase.Decode)];
        if (layouts.Length == 0)
        {
            return true;
        }

        ParallelLayout layout = layouts[(int)((uint)choice % (uint)layouts.Length)];
        MemoryFootprint decode = Decode(both, layout, keepsPromptWeights: true).Memory;
        MemoryFootprint prefill = MemoryFootprint.Of(Lower(both, Phase.Prefill, layout));
        Assert.Equal(prefill.WeightBytes, decode.WeightBytes, prefill.WeightBytes * 1e-12);
        return true;
    }

    /// <summary>What goes between cards that share contexts is the same by either exchange.</summary>
    [Law]
    public bool A_card_gets_as_much_by_either_exchange(Job job, int choice)
    {
        Job shared = Shared(job, choice);
        foreach (ParallelLayout layout in Layouts(shared, Phase.Prefill).Where(layout => layout.ContextParallel > 1).Take(3))
        {
            double Bytes(ContextExchange exchange) =>
                CommunicationVolume.ContextParallelBytes(Lower(shared with { ContextExchange = exchange }, Phase.Prefill, layout), 3);
            double gathered = Bytes(ContextExchange.AllGather);
            Assert.Equal(gathered, Bytes(ContextExchange.Ring), gathered * 1e-12);
        }

        return true;
    }

    private static double Flops(OperatorTable table)
    {
        double flops = 0;
        for (int op = 0; op < table.Count; op++)
        {
            flops += table.Identities[op].Engine == OperatorEngine.Network ? 0 : table.Flops(op, 1) * table.Repeats[op];
        }

        return flops;
    }

    private static double Products(OperatorTable table)
    {
        double flops = 0;
        for (int op = 0; op < table.Count; op++)
        {
            flops += table.Identities[op] is { Engine: OperatorEngine.Matrix, Part: StagePart.FeedForward } ? table.Flops(op, 1) * table.Repeats[op] : 0;
        }

        return flops;
    }

    private static Job AllOfIt(Job job, int choice, int seed)
    {
        Job shared = Shared(SecondMemoryLaws.Tiered(job, seed), choice);
        return shared with { Cards = Math.Min(shared.Cards, 6) };
    }

    private static Job Shared(Job job, int choice)
    {
        // Small numbers of either sign are drawn: spread over all bits.
        uint number = (uint)choice * 2654435761u;
        number ^= number >> 15;
        bool canShareRows = job.Model.Structure is not { Streams: not null };
        PlanRestriction shared = PlanRestriction.None with
        {
            ContextParallel = Choices[number / 5 % Choices.Length],
            SequenceParallel = canShareRows ? Rows[(number >> 9) % Rows.Length] : Rows[0],
            FeedForwardExchanges = job.Model.Experts is null && canShareRows ? Exchanges[(number >> 17) % Exchanges.Length] : Exchanges[0],
            AttentionDataParallel = job.Model.Experts is null ? Ranks[(number >> 12) % Ranks.Length] : Ranks[0],
        };
        return job with
        {
            Accounting = Accounting.Physical,
            Cards = Counts[number % Counts.Length],
            Prefill = shared with { Second = job.Prefill.Second },
            Decode = shared with { Second = job.Decode.Second },
            ContextExchange = (number & 64) == 0 ? ContextExchange.AllGather : ContextExchange.Ring,
        };
    }

    private static IEnumerable<ParallelLayout> Layouts(Job job, Phase phase) =>
        PlanSpace.Of(job, phase, job.Cards, phase == Phase.Prefill ? job.Prefill : job.Decode).Divisible();

    private static DecodePlan Decode(Job job, ParallelLayout layout, bool keepsPromptWeights)
    {
        OperatorTable table = Lower(job, Phase.Decode, layout, keepsPromptWeights);
        return new DecodePlan(table, Rates(job, Phase.Decode), MemoryFootprint.Of(table));
    }

    private static ChipRates Rates(Job job, Phase phase) => new(job.DecodeChip, job.Types, job.Accounting, phase);

    private static OperatorTable Lower(Job job, Phase phase, ParallelLayout layout, bool keepsPromptWeights = false) => StageLowering.Lower(
        new DeploymentShape(job.Model, job.Lengths, job.Precision, job.Accounting, job.Prediction, phase, layout, layout.PipelineParallel)
        {
            ContextExchange = job.ContextExchange,
            KeepsPromptWeights = keepsPromptWeights,
        });
}
