using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>The search finds what a brute force over every plan and batch finds.</summary>
[Laws(Arbitrary = [typeof(RandomJobs)], MaxTest = 200)]
public sealed class SearchLaws
{
    [Law]
    public bool Bisection_finds_the_largest_batch_that_a_scan_finds(Job job, int choice)
    {
        if (RandomPlans.Layout(job, choice) is not { } layout)
        {
            return true;
        }

        FusionPlan plan = RandomPlans.Fusion(job, layout);
        int unit = layout.TensorParallel;
        bool hasFractions = (choice & 1) != 0;
        BatchChoice found = BatchSearch.Best(plan, job.Limits, hasFractions ? BatchSteps.WithFractions(unit) : unit);
        double largest = 0;
        for (double sequences = hasFractions ? 1 : unit;
            plan.MemoryBytes(sequences) <= plan.CapacityBytes;
            sequences += sequences < unit ? 1 : unit)
        {
            if (job.Limits.Accept(plan.At(sequences)))
            {
                largest = sequences;
            }
        }

        return largest == 0
            ? found.Outcome != BatchOutcome.Found
            : found.Outcome == BatchOutcome.Found && found.Sequences == largest && found.Figures == plan.At(largest);
    }

    [Law]
    public Property With_tables_the_batch_is_the_best_of_a_scan(int choice) =>
        Prop.ForAll(Arb.From(Gen.OneOf(RandomJobs.JobsWithTables, RandomJobs.JobsWithStaircases)), job =>
        {
            if (RandomPlans.Layout(job, choice) is not { } layout)
            {
                return true;
            }

            DecodePlan plan = RandomPlans.Decode(job, layout);
            BatchChoice found = BatchSearch.Best(plan, job.Limits, 1);
            return LargestNearHighest(plan, job.Limits) is { } largest
                ? found.Sequences == largest
                : found.Outcome != BatchOutcome.Found;
        });

    /// <summary>
    /// A chip bound by compute whose three efficiencies differ by little more or less than what counts as rounding, so that batch after
    /// batch is nearly as fast as the one before: the answer is the largest near the highest, whichever way they are looked at.
    /// </summary>
    [Law]
    public bool On_a_plateau_all_engines_take_the_largest_batch_near_the_highest(
        Job job, int choice, PositiveInt size, PositiveInt first, PositiveInt second, bool rises)
    {
        double Step(PositiveInt number) => (rises ? -1 : 1) * (number.Get % 30) * 1e-13;
        double middle = 1 + Step(first);
        EfficiencyTable table = EfficiencyTable.BySize(
            [size.Get * 1e-5, size.Get * 4e-6, double.NegativeInfinity], [0.5, 0.5 * middle, 0.5 * (middle + Step(second))]);
        Chip chip = job.DecodeChip with
        {
            Matrix = job.DecodeChip.Matrix.ToDictionary(unit => unit.Key, _ => new ComputeUnit(1e-3, 1, table)),
            Vector = job.DecodeChip.Vector.ToDictionary(unit => unit.Key, _ => new ComputeUnit(1e6, 1, EfficiencyTable.Flat(1))),
            Memory = job.DecodeChip.Memory with { GigabytesPerSecond = 1e20 },
            StaticLatencySeconds = 0,
        };
        Job plateau = job with
        {
            Mode = ServingMode.Split,
            DecodeChip = chip,
            Cards = 1,
            Splits = [new CardSplit(0, 1)],
            Limits = new LatencyLimits(null, null),
            Redundancy = null,
        };
        if (RandomPlans.Layout(plateau, choice) is not { } layout)
        {
            return true;
        }

        Job one = plateau with { Decode = new PlanRestriction([new AttentionTriple(1, 1, 1)], null, null) };
        DecodePlan plan = RandomPlans.Decode(one, layout);
        double? expected = LargestNearHighest(plan, one.Limits);
        return Enum.GetValues<EngineKind>().All(kind =>
            JobSolver.Solve(one, EngineSettings.Default with { Kind = kind }).Decode?.Sequences == expected);
    }

    /// <summary>
    /// Of each run of batches at the same efficiencies the largest within the limits; of those the largest that is the highest but for
    /// rounding. No batch of any run yields more than it, but for rounding.
    /// </summary>
    private static double? LargestNearHighest(DecodePlan plan, LatencyLimits limits)
    {
        int largest = (int)plan.LargestBatch(1);
        double[] rates = [.. Enumerable.Range(1, largest).Select(batch => plan.At(batch)).Select(figures => limits.Accept(figures) ? figures.TokensPerRankSecond : 0)];
        int[] ofRuns =
        [
            .. Enumerable.Range(1, largest).Where(batch => rates[batch - 1] > 0
                && (batch == largest || rates[batch] == 0 || !plan.HasSameEfficiencies(batch, batch + 1))),
        ];
        if (ofRuns.Length == 0)
        {
            return null;
        }

        double highest = ofRuns.Max(batch => rates[batch - 1]);
        Assert.True(rates.Max() <= highest * (1 + 1e-13));
        return ofRuns.Last(batch => rates[batch - 1] >= highest * (1 - 1e-12));
    }

    /// <summary>Runs in closed form are the runs that comparing neighbours finds, whatever the tables.</summary>
    [Law]
    public Property Runs_of_batches_are_those_of_their_efficiencies(int choice, bool isLearned) =>
        Prop.ForAll(Arb.From(Gen.OneOf(RandomJobs.JobsWithOddTables, RandomJobs.JobsWithStaircases)), drawn =>
        {
            Job job = isLearned ? RandomSurrogates.Learned(drawn, choice) : drawn;
            if (RandomPlans.Layout(job, choice) is not { } layout)
            {
                return true;
            }

            DecodePlan plan = RandomPlans.Decode(job, layout);
            if (isLearned)
            {
                plan.Rates.Learn(new LearnedTimes(job.DecodeChip.Efficiency!));
                LaunchPricing.Price(plan.Table, plan.Rates, plan.LargestBatch(1));
            }

            int unit = layout.TensorParallel;
            long largest = Math.Min(plan.LargestBatch(unit), 3000);
            EfficiencyRuns runs = new();
            plan.Load(runs, unit);
            long start = largest + 1;
            for (long units = largest; plan.IsReachable && units > 0; units--)
            {
                bool startsRun = units == largest || !plan.HasSameEfficiencies((double)units * unit, (double)(units + 1) * unit);
                Assert.Equal(startsRun, units < start);
                start = startsRun ? runs.StartOf(units) : start;
            }

            return true;
        });

    [Law]
    public bool A_looser_limit_is_never_worse(Job job, PositiveInt factor)
    {
        LatencyLimits loose = new(job.Limits.FirstTokenMilliseconds * (1 + factor.Get), null);
        double tight = Requests(JobSolver.Solve(job, EngineSettings.Default with { Threads = 1 }));
        double free = Requests(JobSolver.Solve(job with { Limits = loose }, EngineSettings.Default with { Threads = 1 }));
        return free >= tight * (1 - 1e-12);
    }

    /// <summary>Every layout by three nested loops over all numbers of cards, every batch by counting up.</summary>
    [Law(MaxTest = 60)]
    public bool The_search_is_complete(Job job)
    {
        Job fusion = job with { Mode = ServingMode.Fusion, PrefillChip = job.DecodeChip, Cards = Math.Min(job.Cards, 8) };
        double found = JobSolver.Solve(fusion, EngineSettings.Default with { Threads = 1 }).Decode?.TokensPerSecond ?? 0;
        double best = 0;
        foreach (ParallelLayout layout in EveryLayout(fusion))
        {
            FusionPlan plan = RandomPlans.Fusion(fusion, layout);
            int unit = fusion.Model.Experts is null ? 1 : layout.TensorParallel;
            double first = fusion.Accounting == Accounting.Physical ? 1 : unit;
            for (double sequences = first; plan.MemoryBytes(sequences) <= plan.CapacityBytes; sequences += sequences < unit ? 1 : unit)
            {
                PlanFigures figures = plan.At(sequences);
                best = fusion.Limits.Accept(figures) ? Math.Max(best, figures.TokensPerSecond) : best;
            }
        }

        return Math.Abs(found - best) <= 1e-12 * best;
    }

    /// <summary>Few different numbers of requests, so that many splits tie: a free choice is that among all splits, prefill cards rising, then decode cards.</summary>
    [Law(MaxTest = 500)]
    public bool A_free_choice_of_splits_is_the_choice_among_all_of_them(PositiveInt most, int[] prefill, int[] decode, int levels)
    {
        int cards = (most.Get % 24) + 1;
        double[] Requests(int[] drawn) =>
            [.. Enumerable.Range(0, cards - 1).Select(place => drawn.Length == 0 ? 0 : (drawn[place % drawn.Length] & (levels & 7)) / 3d)];
        CardSplit[] every =
        [
            .. Enumerable.Range(1, cards - 1).SelectMany(first => Enumerable.Range(1, cards - first).Select(second => new CardSplit(first, second)))
                .Where(split => split.Cards <= cards),
        ];
        (double[] prefills, double[] decodes) = (Requests(prefill), Requests(decode));
        return new SplitChoice(null, cards).Best(prefills, decodes) == new SplitChoice(every, cards).Best(prefills, decodes);
    }

    [Law(MaxTest = 60)]
    public bool A_free_split_is_the_best_of_every_stated_split(Job job)
    {
        Job split = job with { Mode = ServingMode.Split, Cards = Math.Min(job.Cards, 7) };
        double free = Requests(JobSolver.Solve(split, EngineSettings.Default with { Threads = 1 }));
        double best = 0;
        for (int prefill = 1; prefill < split.Cards; prefill++)
        {
            for (int decode = 1; prefill + decode <= split.Cards; decode++)
            {
                best = Math.Max(best, Requests(JobSolver.Solve(split with { Splits = [new CardSplit(prefill, decode)] }, EngineSettings.Default with { Threads = 1 })));
            }
        }

        return free == best;
    }

    [Law]
    public bool Every_plan_is_counted_once_and_the_winner_keeps_its_limits(Job job)
    {
        JobResult result = JobSolver.Solve(job, EngineSettings.Default with { Threads = 1 });
        foreach (SearchTally tally in new[] { result.PrefillTally, result.DecodeTally }.OfType<SearchTally>())
        {
            if (tally.Covered != tally.Indivisible + tally.SplitBlocks + tally.Unreachable + tally.TooLarge + tally.TooSlow + tally.Feasible + tally.Outbid)
            {
                return false;
            }
        }

        bool Fits(PhaseWinner? winner) =>
            winner is null || winner.Memory.TotalBytes(winner.Sequences) <= winner.Rates.CapacityBytes;
        return Fits(result.Prefill) && Fits(result.Decode)
            && !(result.Prefill?.LatencySeconds > job.Limits.FirstTokenMilliseconds / 1000)
            && !(result.Decode?.LatencySeconds > job.Limits.PerTokenMilliseconds / 1000);
    }

    [Law(MaxTest = 50)]
    public bool The_answer_does_not_depend_on_the_threads(Job job)
    {
        JobResult one = JobSolver.Solve(job, EngineSettings.Default with { Threads = 1 });
        JobResult many = JobSolver.Solve(job, EngineSettings.Default with { Threads = 5 });
        return Key(one.Prefill) == Key(many.Prefill) && Key(one.Decode) == Key(many.Decode);
    }

    private static (ParallelLayout? Layout, double? Sequences, double? Throughput) Key(PhaseWinner? winner) =>
        (winner?.Layout, winner?.Sequences, winner?.TokensPerSecond);

    private static double Requests(JobResult result) => Math.Min(
        result.Prefill?.RequestsPerSecond ?? double.PositiveInfinity,
        result.Decode?.RequestsPerSecond ?? (result.HasPlan ? double.PositiveInfinity : 0));

    private static IEnumerable<ParallelLayout> EveryLayout(Job job)
    {
        TransformerModel model = job.Model;
        foreach ((int tensor, int pipeline, int data) in Triples(job.Cards))
        {
            bool sharesHeads = model.Attention == AttentionKind.LatentAbsorbed
                || model.KeyValueHeads % tensor == 0 || tensor % model.KeyValueHeads == 0;
            bool sharesForms = (model.Structure?.Pattern.Forms ?? []).OfType<AttentionForm>().All(form => form.Kind == AttentionKind.None || (form.Heads % tensor == 0
                && (form.Kind == AttentionKind.LatentAbsorbed || form.KeyValueHeads % tensor == 0 || tensor % form.KeyValueHeads == 0)
                && (form.Beside?.State?.Divides(tensor) ?? true)));
            if (model.Heads % tensor != 0 || model.FeedForward % tensor != 0 || !sharesHeads || !sharesForms || pipeline > model.Blocks)
            {
                continue;
            }

            if (model.Experts is not { } experts)
            {
                yield return new ParallelLayout(data, pipeline, tensor, 1, 1, 0, 0, 0);
                continue;
            }

            bool everyCard = job.SharedExpertOnEveryCard && experts.SharedExpertsPerToken > 0;
            int lowest = job.Redundancy?.Lowest ?? experts.RedundantExperts;
            int highest = job.Redundancy?.Highest ?? experts.RedundantExperts;
            foreach ((int expert, int expertTensor, int expertData) in Triples(job.Cards))
            {
                for (int redundant = lowest; redundant <= highest; redundant++)
                {
                    int placed = experts.Experts + redundant + (everyCard ? 0 : experts.SharedReplicas);
                    bool isNested = data * tensor % (expert * expertTensor) == 0;
                    if (isNested && placed % expert == 0 && experts.Intermediate % expertTensor == 0)
                    {
                        yield return new ParallelLayout(
                            data, pipeline, tensor, expert, expertTensor, expertData, redundant, everyCard ? expert : experts.SharedReplicas);
                    }
                }
            }
        }
    }

    private static IEnumerable<(int First, int Second, int Third)> Triples(int product)
    {
        for (int first = 1; first <= product; first++)
        {
            for (int second = 1; second <= product; second++)
            {
                for (int third = 1; third <= product; third++)
                {
                    if (first * second * third == product)
                    {
                        yield return (first, second, third);
                    }
                }
            }
        }
    }
}
