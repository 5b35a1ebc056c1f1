using FastSim.Kernels.Lanes;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>
/// Finds the best batch of a plan with many batches at once. Lanes narrow the answer down; the reference decides it, so that every engine
/// gives the same one. An instance serves one thread.
/// </summary>
internal sealed class LaneBatchSearch(LaneWidth width)
{
    private const int ScanLanes = 256;

    private readonly BracketLanes probe = new(width);
    private readonly RunLanes runSearch = new(width);
    private readonly RunSearch withoutLanes = new();
    private readonly PlanLanes scan = new(ScanLanes, width);
    private readonly EfficiencyRuns runs = new();

    /// <summary>Tables for the plans that are searched here, one after another.</summary>
    public PlanTables Tables { get; } = new();

    /// <summary>Tables for plans that are only bounded.</summary>
    public PlanTables BoundTables { get; } = new() { LearnsLater = true };

    /// <summary>Batches that the last search evaluated in lanes, each once; what the reference verifies of them is not counted again.</summary>
    public long Evaluated { get; private set; }

    /// <summary>Of those, the ones that lanes saw miss a limit, where latency never falls with the batch.</summary>
    public long EvaluatedTooSlow { get; private set; }

    /// <summary>
    /// A first look that evaluates nothing: the largest batch that a lower bound of the time leaves within the limits, and the throughput
    /// that no batch exceeds. Holds with tables, too: the bound is taken at their best efficiency.
    /// </summary>
    public static BatchLook Look<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long largest)
        where TPlan : struct, IBatchPlan
    {
        StageBound bound = plan.Bound(steps.At(largest));
        long accepted = largest;
        PlanFigures figures = Optimistic(plan, bound, largest, steps);
        if (!IsNearlyAccepted(figures, limits))
        {
            accepted = 0;
            long refused = largest;
            while (refused - accepted > 1)
            {
                long middle = accepted + ((refused - accepted) / 2);
                bool isWithin = IsNearlyAccepted(Optimistic(plan, bound, middle, steps), limits);
                (accepted, refused) = isWithin ? (middle, refused) : (accepted, middle);
            }

            figures = Optimistic(plan, bound, Math.Max(1, accepted), steps);
        }

        if (!plan.CountsWaiting)
        {
            return new BatchLook(
                accepted,
                plan.HasLanes || accepted == 0
                    ? figures.TokensPerRankSecond
                    : Math.Min(figures.TokensPerRankSecond, plan.MostTokensPerRankSecond(steps.At(accepted), limits.PerTokenSeconds, double.PositiveInfinity)));
        }

        // Of sequences some of which wait, more may meet the limits than a bound of those that decode says, who may be fewer than one.
        double most = plan.MostTokensPerRankSecond(steps.At(largest), limits.PerTokenSeconds, double.PositiveInfinity);
        return new BatchLook(most > 0 ? largest : 0, accepted > 0 ? Math.Min(figures.TokensPerRankSecond, most) : most);
    }

    /// <summary>
    /// The best batch of those up to <paramref name="within"/>, the largest that a bound leaves within the limits; nothing when no batch
    /// can yield as much as the plan is asked for. Lanes narrow the limit down; where tables make latency fall and rise, run by run.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="largest">Largest batch that fits, in units.</param>
    /// <param name="within">Largest batch that may meet the limits, in units; at least 1.</param>
    /// <param name="leastTokensPerRankSecond">Throughput of a rank below which the plan is of no use.</param>
    public BatchChoice? Solve<TPlan>(
        in TPlan plan, LatencyLimits limits, BatchSteps steps, long largest, long within, double leastTokensPerRankSecond)
        where TPlan : struct, IBatchPlan
    {
        if (!plan.IsMonotone)
        {
            return RunByRun(plan, limits, steps, within);
        }

        if (!plan.HasLanes)
        {
            (Evaluated, EvaluatedTooSlow) = (0, 0);
            double wanted = leastTokensPerRankSecond * Slack.Below;
            if (plan.MostTokensPerRankSecond(steps.At(within), limits.PerTokenSeconds, wanted) < wanted)
            {
                return null;
            }

            Evaluated = 1;
            if (plan.At(steps.At(within)).TokensPerRankSecond < wanted)
            {
                return null;
            }

            BatchChoice choice = BatchSearch.Bisect(plan, limits, steps, within);
            Evaluated = choice.Evaluated;
            return choice;
        }

        probe.Load(plan);
        probe.Restart();
        MeetsLimits test = new(limits);
        bool isWithin = probe.Holds(test, steps.At(within), out double tokensPerRankSecond);
        (Evaluated, EvaluatedTooSlow) = (1, 0);
        if (tokensPerRankSecond < leastTokensPerRankSecond * Slack.Below)
        {
            return null;
        }

        long accepted = isWithin ? within : probe.Close(test, steps, new Bracket(0, within)).Accepted;
        (Evaluated, EvaluatedTooSlow) = (probe.Evaluated, probe.Failed);
        return BatchEdge.At(plan, limits, steps, 1, largest, Math.Max(1, accepted));
    }

    /// <summary>The best batch where tables make latency fall and rise; where none meets the limits, the one nearest to them.</summary>
    public BatchChoice RunByRun<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long within)
        where TPlan : struct, IBatchPlan
    {
        if (!plan.HasLanes)
        {
            BatchChoice own = withoutLanes.Solve(plan, limits, steps, within);
            (Evaluated, EvaluatedTooSlow) = (withoutLanes.Evaluated, 0);
            return own;
        }

        BatchChoice choice = runSearch.Solve(plan, limits, steps, within);
        (Evaluated, EvaluatedTooSlow) = (runSearch.Evaluated, 0);
        return choice;
    }

    /// <summary>
    /// The best batch where tables make latency fall and rise, of a plan that is one of many: bounds of its own leave batches out that miss a limit or yield less than it is asked for.
    /// </summary>
    /// <returns>Null where no batch does.</returns>
    public BatchChoice? RunByRunAbove<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long within, double leastTokensPerRankSecond)
        where TPlan : struct, IBatchPlan
    {
        double wanted = leastTokensPerRankSecond * Slack.Below;
        double most = plan.MostTokensPerRankSecond(steps.At(within), limits.PerTokenSeconds, wanted);
        if (!plan.HasLanes || double.IsPositiveInfinity(most))
        {
            return RunByRun(plan, limits, steps, within);
        }

        (Evaluated, EvaluatedTooSlow) = (0, 0);
        if (most < wanted)
        {
            return null;
        }

        BatchChoice? choice = runSearch.SolveAbove(plan, limits, steps, within, leastTokensPerRankSecond);
        (Evaluated, EvaluatedTooSlow) = (runSearch.Evaluated, 0);
        return choice;
    }

    /// <summary>The figures of a plan at its smallest batch, which misses a limit.</summary>
    public static BatchChoice Refused<TPlan>(in TPlan plan, BatchSteps steps)
        where TPlan : struct, IBatchPlan => new(BatchOutcome.TooSlow, steps.First, plan.At(steps.First), 0);

    /// <summary>The best batch, by evaluating every one.</summary>
    public BatchChoice Exhaust<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long largest)
        where TPlan : struct, IBatchPlan
    {
        (Evaluated, EvaluatedTooSlow) = (0, 0);
        if (!plan.IsMonotone)
        {
            Evaluated = plan.HasLanes ? 0 : largest;
            return plan.HasLanes ? Scan(plan, limits, steps, largest) : BatchSearch.Scan(plan, limits, steps, largest);
        }

        if (!plan.HasLanes)
        {
            return Walk(plan, limits, steps, largest);
        }

        plan.Load(scan);
        long accepted = 0;
        for (long first = 1; first <= largest; first += ScanLanes)
        {
            int count = (int)Math.Min(ScanLanes, largest - first + 1);
            for (int lane = 0; lane < count; lane++)
            {
                scan.Sequences[lane] = steps.At(first + lane);
            }

            scan.Evaluate(count);
            for (int lane = 0; lane < count; lane++)
            {
                accepted = limits.Excess(scan, lane) <= Slack.Above ? first + lane : accepted;
            }
        }

        (Evaluated, EvaluatedTooSlow) = (largest, largest - accepted);
        return BatchEdge.At(plan, limits, steps, 1, largest, Math.Max(1, accepted));
    }

    /// <summary>Every batch, one by one.</summary>
    private BatchChoice Walk<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long largest)
        where TPlan : struct, IBatchPlan
    {
        BatchChoice choice = Refused(plan, steps);
        for (long units = 1; units <= largest; units++)
        {
            PlanFigures figures = plan.At(steps.At(units));
            choice = limits.Accept(figures) ? new BatchChoice(BatchOutcome.Found, steps.At(units), figures, largest) : choice;
        }

        Evaluated = largest;
        return choice;
    }

    /// <summary>Every batch from the largest down, where tables make latency fall and rise: of each run the largest within the limits counts.</summary>
    private BatchChoice Scan<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long largest)
        where TPlan : struct, IBatchPlan
    {
        plan.Load(scan);
        plan.Load(runs, steps);
        NearBest best = new();
        double nearestExcess = double.PositiveInfinity;
        long nearest = 1;
        long start = largest + 1;
        bool isTaken = false;
        for (long top = largest; top > 0; top -= ScanLanes)
        {
            int count = (int)Math.Min(ScanLanes, top);
            for (int lane = 0; lane < count; lane++)
            {
                scan.Sequences[lane] = steps.At(top - lane);
            }

            scan.Evaluate(count);
            Evaluated += count;
            for (int lane = 0; lane < count; lane++)
            {
                long units = top - lane;
                (start, isTaken) = units < start ? (runs.StartOf(units), false) : (start, isTaken);
                double excess = limits.Excess(scan, lane);
                if (!isTaken && excess <= Slack.Above && scan.TokensPerRankSecond(lane) >= best.Highest * Slack.Below)
                {
                    double sequences = steps.At(units);
                    PlanFigures figures = plan.At(sequences);
                    excess = limits.Excess(figures);
                    isTaken = excess <= 1;
                    if (isTaken)
                    {
                        best.AddSmaller(sequences, figures);
                    }
                }

                (nearestExcess, nearest) = excess <= nearestExcess ? (excess, units) : (nearestExcess, nearest);
            }
        }

        double nearestSequences = steps.At(nearest);
        return best.IsFound
            ? best.Choice(0)
            : new BatchChoice(BatchOutcome.TooSlow, nearestSequences, plan.At(nearestSequences), 0);
    }

    /// <summary>Upper bound of the throughput of a batch and all smaller ones, a rank.</summary>
    internal static double BestBelow<TPlan>(in TPlan plan, in StageBound bound, long units, BatchSteps steps)
        where TPlan : struct, IBatchPlan
    {
        if (units == 0)
        {
            return 0;
        }

        PlanFigures figures = Optimistic(plan, bound, units, steps);
        return figures.TokensPerRankSecond;
    }

    private static PlanFigures Optimistic<TPlan>(in TPlan plan, in StageBound bound, long units, BatchSteps steps)
        where TPlan : struct, IBatchPlan
    {
        double sequences = steps.At(units);
        return plan.FiguresOf(bound.StageSeconds(sequences), bound.StepSeconds(sequences), sequences);
    }

    private static bool IsNearlyAccepted(PlanFigures figures, LatencyLimits limits) => limits.Excess(figures) <= Slack.Above;
}
