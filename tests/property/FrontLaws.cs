using System.Numerics;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FastSim.Search.Plans;
using FastSim.Tests;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>A front is what a brute force leaves: every layout, every batch by counting up, every pair of them on every split, and then whatever nothing beats.</summary>
public sealed class FrontLaws
{
    private const int MostCards = 5;

    private static readonly int MostBatches = TestLength.Of(20_000, 4_000);

    [Law(MaxTest = 70)]
    public Property Of_cards_that_do_both() => Prop.ForAll(RandomJobs.Jobs(), job => IsBruteForce(job with { Mode = ServingMode.Fusion }));

    [Law(MaxTest = 20)]
    public Property Of_splits() => Prop.ForAll(RandomJobs.Jobs(), job => IsBruteForce(job with { Mode = ServingMode.Split }));

    [Law(MaxTest = 20)]
    public Property Under_tables() => Prop.ForAll(Arb.From(RandomJobs.JobsWithOddTables), job => IsBruteForce(job with { Mode = ServingMode.Fusion }));

    [Law(MaxTest = 40)]
    public Property Of_engines_that_do_both() => Prop.ForAll(RandomServing.Jobs(), job => IsBruteForce(job with { Mode = ServingMode.Fusion }));

    [Law(MaxTest = 6)]
    public Property Of_split_engines() => Prop.ForAll(RandomServing.Jobs(), job => IsBruteForce(job with { Mode = ServingMode.Split }));

    [Law(MaxTest = 30)]
    public Property Engines_and_threads_change_nothing() => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.Jobs().Generator, RandomJobs.JobsWithTables, RandomServing.Jobs().Generator)),
        drawn =>
        {
            Job job = drawn with { Cards = Math.Min(drawn.Cards, MostCards) };
            JobStudy bound = JobStudy.Of(job, 0, EngineSettings.Default with { Threads = 1 });
            foreach (EngineSettings settings in new[] { EngineSettings.Default with { Threads = 3 }, EngineSettings.Default with { Kind = EngineKind.Exhaustive } })
            {
                Assert.Equal(bound.Front, JobStudy.Of(job, 0, settings).Front);
            }

            return true;
        });

    /// <summary>
    /// The best comes first and none of the rest yields more than its place allows. Where more sequences bring nothing, the best plan has the most
    /// of them, and a smaller batch on the front may be ahead of it by the last digit.
    /// </summary>
    [Law(MaxTest = 40)]
    public Property A_ranking_begins_with_the_best_plan_and_falls() => Prop.ForAll(
        Arb.From(Gen.OneOf(RandomJobs.Jobs().Generator, RandomServing.Jobs().Generator)),
        drawn =>
        {
            Job job = drawn with { Cards = Math.Min(drawn.Cards, 8) };
            JobStudy study = JobStudy.Of(job, 10, EngineSettings.Default);
            JobStudy scalar = JobStudy.Of(job, 10, EngineSettings.Default with { Kind = EngineKind.Scalar });
            Assert.Equal(study.Ranking.Select(point => point.Merit), scalar.Ranking.Select(point => point.Merit));
            for (int place = 1; place < study.Ranking.Count; place++)
            {
                Assert.True(study.Ranking[place - 1].Merit.TokensPerSecond >= study.Ranking[place].Merit.TokensPerSecond);
            }

            return study.Result.HasPlan == (study.Ranking.Count > 0)
                && (study.Ranking.Count == 0 || Math.Abs((study.Ranking[0].Merit.TokensPerSecond / study.Front[0].Merit.TokensPerSecond) - 1) < 1e-12);
        });

    private static bool IsBruteForce(Job drawn)
    {
        Job job = Countable(drawn with { Cards = Math.Min(drawn.Cards, MostCards), SplitAim = SplitAim.Throughput });
        JobStudy study = JobStudy.Of(job, 0, EngineSettings.Default);
        List<Merit> all = job.Mode == ServingMode.Fusion ? Merits(job, ServingRole.Both, job.Cards) : Splits(job);
        if (study.Result.HasPlan)
        {
            all.Add(Of(study.Result));
        }

        Assert.Equal(Maxima(all), study.Front.Select(point => point.Merit));
        return true;
    }

    /// <summary>The job, on chips of so little memory that counting up through every batch of every layout ends soon.</summary>
    private static Job Countable(Job job)
    {
        while (Batches(job) > MostBatches)
        {
            job = job with { PrefillChip = Smaller(job.PrefillChip), DecodeChip = Smaller(job.DecodeChip) };
        }

        return job;

        static Chip Smaller(Chip chip) => chip with { Memory = chip.Memory with { CapacityGibibytes = chip.Memory.CapacityGibibytes * 0.75 } };
    }

    /// <summary>About how many batches fit, over all layouts on all numbers of cards.</summary>
    private static double Batches(Job job) => (
        from cards in job.Mode == ServingMode.Fusion ? [job.Cards] : Enumerable.Range(1, job.Cards)
        from phase in new[] { Phase.Prefill, Phase.Decode }
        let chip = phase == Phase.Prefill ? job.PrefillChip : job.DecodeChip
        from layout in new PlanSpace(job.Model, cards, PlanRestriction.None, ExpertPlacement.Of(job, phase)).Divisible()
        let memory = Memory(job, phase, layout)
        select Math.Max(0, (chip.Memory.CapacityGibibytes * DeviceMemory.BytesPerGibibyte) - memory.TotalBytes(0)) / (memory.TotalBytes(1) - memory.TotalBytes(0))).Sum();

    private static List<Merit> Splits(Job job)
    {
        List<Merit>[] prefill = [.. Enumerable.Range(0, job.Cards).Select(cards => cards == 0 ? [] : Maxima(Merits(job, ServingRole.Prefill, cards)))];
        List<Merit>[] decode = [.. Enumerable.Range(0, job.Cards).Select(cards => cards == 0 ? [] : Maxima(Merits(job, ServingRole.Decode, cards)))];
        IEnumerable<(int Prefill, int Decode)> splits = job.Splits is { } given
            ? given.Select(split => (split.PrefillCards, split.DecodeCards))
            : from first in Enumerable.Range(1, job.Cards - 1)
              from second in Enumerable.Range(1, job.Cards - first)
              select (first, second);
        List<Merit> all = [];
        foreach ((int first, int second) in splits)
        {
            if (first == 0 || second == 0)
            {
                all.AddRange(first == 0 ? decode[second] : prefill[first]);
                continue;
            }

            all.AddRange(from one in prefill[first] from other in decode[second] select Together(job, one, other));
        }

        return all;
    }

    private static Merit Together(Job job, Merit prefill, Merit decode)
    {
        double requests = prefill.TokensPerSecond / job.Lengths.Input;
        return new Merit(
            decode.TokensPerSecond / job.Lengths.Output <= requests ? decode.TokensPerSecond : requests * job.Lengths.Output,
            prefill.FirstTokenSeconds,
            decode.PerTokenSeconds);
    }

    private static Merit Of(JobResult result) => result.Job.Mode == ServingMode.Fusion
        ? new Merit(result.Decode!.TokensPerSecond, result.Prefill!.LatencySeconds, result.Decode.LatencySeconds)
        : (result.Prefill, result.Decode) switch
        {
            (null, { } decode) => new Merit(decode.TokensPerSecond, 0, decode.LatencySeconds),
            ({ } prefill, null) => new Merit(prefill.TokensPerSecond, prefill.LatencySeconds, 0),
            ({ } prefill, { } decode) => Together(
                result.Job, new Merit(prefill.TokensPerSecond, prefill.LatencySeconds, 0), new Merit(decode.TokensPerSecond, 0, decode.LatencySeconds)),
            _ => default,
        };

    /// <summary>Merits of all layouts on some cards at all batches of a front, the limits kept.</summary>
    private static List<Merit> Merits(Job job, ServingRole role, int cards)
    {
        Phase phase = role == ServingRole.Prefill ? Phase.Prefill : Phase.Decode;
        PlanRestriction restriction = role == ServingRole.Prefill ? job.Prefill : job.Decode;
        List<Merit> merits = [];
        PlanSpace space = new(job.Model, cards, restriction, ExpertPlacement.Of(job, phase));

        // Under flat rates another copy of an expert is never faster without an engine: such a layout is none of the front's, and its own largest batch, which may lie
        // between two of the front's, is no point of it.
        foreach (ParallelLayout layout in job.Engine is null && Rates(job, phase).HasFlatEfficiency ? space.LeastRedundant() : space.Divisible())
        {
            if (job.Engine is not null)
            {
                Add(merits, job, role, layout, RandomServing.Plan(job, role, layout));
                continue;
            }

            switch (role)
            {
                case ServingRole.Prefill:
                    Add(merits, job, role, layout, new PrefillPlan(Lower(job, Phase.Prefill, layout), Rates(job, Phase.Prefill), Memory(job, Phase.Prefill, layout)));
                    break;
                case ServingRole.Decode:
                    Add(merits, job, role, layout, new DecodePlan(Lower(job, Phase.Decode, layout), Rates(job, Phase.Decode), Memory(job, Phase.Decode, layout)));
                    break;
                default:
                    Add(merits, job, role, layout, new FusionPlan(
                        new DecodePlan(Lower(job, Phase.Decode, layout), Rates(job, Phase.Decode), Memory(job, Phase.Decode, layout)),
                        new PrefillPlan(Lower(job, Phase.Prefill, layout), Rates(job, Phase.Prefill), Memory(job, Phase.Prefill, layout))));
                    break;
            }
        }

        return merits;
    }

    private static void Add<TPlan>(List<Merit> merits, Job job, ServingRole role, ParallelLayout layout, TPlan plan)
        where TPlan : struct, IBatchPlan
    {
        if (!plan.IsReachable)
        {
            return;
        }

        bool isWhole = role == ServingRole.Prefill || job.Model.Experts is null;
        int unit = isWhole ? 1 : layout.TensorParallel;
        double first = isWhole || job.Accounting == Accounting.Physical ? 1 : unit;
        List<(PlanFigures Figures, bool IsAccepted)> batches = [];

        // Prompts beyond those that an engine's step takes make none faster but for rounding, by which a front is not to go (ServingPlanLaws).
        double most = job.Engine is { } engine && role == ServingRole.Prefill
            ? Math.Max(1, Math.Floor(engine.ChunkTokens / Lower(job, Phase.Prefill, layout).Shape.TokensPerSequence))
            : double.PositiveInfinity;
        for (double sequences = first; sequences <= most && plan.MemoryBytes(sequences) <= plan.CapacityBytes; sequences += sequences < unit ? 1 : unit)
        {
            PlanFigures figures = plan.At(sequences);
            batches.Add((figures, job.Limits.Accept(figures)));
        }

        int largest = plan.IsMonotone ? batches.FindLastIndex(batch => batch.IsAccepted) + 1 : batches.Count;
        for (int batch = 1; batch <= largest; batch++)
        {
            // Above 128 the spacing doubles with each power of two, so that there are 64 batches to an octave.
            bool isOfFront = batch <= 128 || batch == largest || batch % (2L << BitOperations.Log2((uint)(batch - 1) / 128)) == 0;
            if (isOfFront && batches[batch - 1].IsAccepted)
            {
                merits.Add(Merit.Of(batches[batch - 1].Figures, layout.DataParallel));
            }
        }
    }

    private static OperatorTable Lower(Job job, Phase phase, ParallelLayout layout) => StageLowering.Lower(new DeploymentShape(
        job.Model, job.Lengths, job.Precision, job.Accounting, job.Prediction, phase, layout, layout.PipelineParallel));

    private static MemoryFootprint Memory(Job job, Phase phase, ParallelLayout layout) => MemoryFootprint.Of(Lower(job, phase, layout));

    private static ChipRates Rates(Job job, Phase phase) =>
        new(phase == Phase.Prefill ? job.PrefillChip : job.DecodeChip, job.Types, job.Accounting, phase);

    /// <summary>Those that no other beats, each once, most throughput first.</summary>
    private static List<Merit> Maxima(List<Merit> all)
    {
        Merit[] distinct = [.. all.Distinct()];
        return
        [
            .. distinct.Where(merit => !Array.Exists(distinct, other => other != merit && other.Covers(merit)))
                .OrderByDescending(merit => merit.TokensPerSecond).ThenBy(merit => merit.FirstTokenSeconds).ThenBy(merit => merit.PerTokenSeconds),
        ];
    }
}
