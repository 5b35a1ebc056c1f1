using FastSim.Kernels.Reference;
using FastSim.Kernels.Roofline;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>
/// Finds the best batch of a plan with many batches at once. Lanes narrow the answer down; the reference decides it, so that every engine
/// gives the same one. An instance serves one thread.
/// </summary>
internal sealed class LaneBatchSearch(LaneWidth width)
{
    private const int ProbeLanes = 16;
    private const int ScanLanes = 256;

    private readonly PlanLanes probe = new(ProbeLanes, width);
    private readonly PlanLanes scan = new(ScanLanes, width);
    private readonly long[] probed = new long[ProbeLanes];

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
    public static BatchLook Look<TPlan>(in TPlan plan, LatencyLimits limits, int unit, long largest)
        where TPlan : struct, IBatchPlan
    {
        StageBound bound = plan.Bound((double)largest * unit);
        long accepted = largest;
        PlanFigures figures = Optimistic(plan, bound, largest, unit);
        if (!IsNearlyAccepted(figures, limits))
        {
            accepted = 0;
            long refused = largest;
            while (refused - accepted > 1)
            {
                long middle = accepted + ((refused - accepted) / 2);
                bool isWithin = IsNearlyAccepted(Optimistic(plan, bound, middle, unit), limits);
                (accepted, refused) = isWithin ? (middle, refused) : (accepted, middle);
            }

            figures = Optimistic(plan, bound, Math.Max(1, accepted), unit);
        }

        return new BatchLook(accepted, figures.TokensPerRankSecond);
    }

    /// <summary>
    /// The best batch of those up to <paramref name="within"/>, the largest that a bound leaves within the limits; nothing when no batch
    /// can yield as much as the plan is asked for. Lanes narrow the limit down; where tables make latency fall and rise what is left is scanned.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="unit">Sequences a unit of the batch.</param>
    /// <param name="largest">Largest batch that fits, in units.</param>
    /// <param name="within">Largest batch that may meet the limits, in units; at least 1.</param>
    /// <param name="leastTokensPerRankSecond">Throughput of a rank below which the plan is of no use.</param>
    public BatchChoice? Solve<TPlan>(
        in TPlan plan, LatencyLimits limits, int unit, long largest, long within, double leastTokensPerRankSecond)
        where TPlan : struct, IBatchPlan
    {
        (Evaluated, EvaluatedTooSlow) = (0, 0);
        if (!plan.IsMonotone)
        {
            return Scan(plan, limits, unit, within, canStop: true);
        }

        plan.Load(probe);
        probe.Sequences[0] = (double)within * unit;
        probe.Evaluate(1);
        Evaluated = 1;
        if (probe.TokensPerRankSecond(0) < leastTokensPerRankSecond * Slack.Below)
        {
            return null;
        }

        bool isWithin = IsNearlyAccepted(probe, 0, limits);
        Bracket bracket = isWithin ? new Bracket(within, within + 1) : new Bracket(0, within);
        EvaluatedTooSlow = isWithin ? 0 : 1;
        while (bracket.Refused - bracket.Accepted > 1)
        {
            bracket = Narrow(limits, unit, bracket);
        }

        return BatchEdge.At(plan, limits, unit, largest, Math.Max(1, bracket.Accepted));
    }

    /// <summary>The figures of a plan at its smallest batch, which misses a limit.</summary>
    public static BatchChoice Refused<TPlan>(in TPlan plan, int unit)
        where TPlan : struct, IBatchPlan => new(BatchOutcome.TooSlow, unit, plan.At(unit), 0);

    /// <summary>The best batch, by evaluating every one.</summary>
    public BatchChoice Exhaust<TPlan>(in TPlan plan, LatencyLimits limits, int unit, long largest)
        where TPlan : struct, IBatchPlan
    {
        (Evaluated, EvaluatedTooSlow) = (0, 0);
        if (!plan.IsMonotone)
        {
            return Scan(plan, limits, unit, largest, canStop: false);
        }

        plan.Load(scan);
        long accepted = 0;
        for (long first = 1; first <= largest; first += ScanLanes)
        {
            int count = (int)Math.Min(ScanLanes, largest - first + 1);
            for (int lane = 0; lane < count; lane++)
            {
                scan.Sequences[lane] = (double)(first + lane) * unit;
            }

            scan.Evaluate(count);
            for (int lane = 0; lane < count; lane++)
            {
                accepted = IsNearlyAccepted(scan, lane, limits) ? first + lane : accepted;
            }
        }

        (Evaluated, EvaluatedTooSlow) = (largest, largest - accepted);
        return BatchEdge.At(plan, limits, unit, largest, Math.Max(1, accepted));
    }

    /// <summary>One round of a multi-way search: batches spread over the bracket.</summary>
    private Bracket Narrow(LatencyLimits limits, int unit, Bracket bracket)
    {
        long inside = bracket.Refused - bracket.Accepted - 1;
        int lanes = (int)Math.Min(ProbeLanes, inside);
        for (int lane = 0; lane < lanes; lane++)
        {
            probed[lane] = bracket.Accepted + 1 + (long)((double)inside * lane / lanes);
            probe.Sequences[lane] = (double)probed[lane] * unit;
        }

        probe.Evaluate(lanes);
        Evaluated += lanes;
        (long accepted, long refused) = (bracket.Accepted, bracket.Refused);
        for (int lane = 0; lane < lanes; lane++)
        {
            if (IsNearlyAccepted(probe, lane, limits))
            {
                accepted = Math.Max(accepted, probed[lane]);
            }
            else
            {
                refused = Math.Min(refused, probed[lane]);
                EvaluatedTooSlow++;
            }
        }

        // Rounding may disagree on neighbours; the reference sorts that out.
        return new Bracket(accepted, Math.Max(refused, accepted + 1));
    }

    /// <summary>
    /// Every batch from the largest down, for the largest of those that only rounding tells from the best. It may stop where none below can
    /// do better: throughput never falls under tables that rise, and never exceeds that at the tables' best efficiency.
    /// </summary>
    private BatchChoice Scan<TPlan>(in TPlan plan, LatencyLimits limits, int unit, long largest, bool canStop)
        where TPlan : struct, IBatchPlan
    {
        plan.Load(scan);
        StageBound bound = plan.Bound((double)largest * unit);
        NearBest best = new();
        double nearestExcess = double.PositiveInfinity;
        long nearest = 1;
        for (long top = largest; top > 0; top -= ScanLanes)
        {
            int count = (int)Math.Min(ScanLanes, top);
            for (int lane = 0; lane < count; lane++)
            {
                scan.Sequences[lane] = (double)(top - lane) * unit;
            }

            scan.Evaluate(count);
            Evaluated += count;
            for (int lane = 0; lane < count; lane++)
            {
                double excess = Excess(scan, lane, limits);
                if (excess <= Slack.Above && scan.TokensPerRankSecond(lane) >= best.Highest * Slack.Below)
                {
                    double sequences = (double)(top - lane) * unit;
                    PlanFigures figures = plan.At(sequences);
                    excess = Excess(figures, limits);
                    if (excess <= 1)
                    {
                        best.AddSmaller(sequences, figures);
                    }
                }

                (nearestExcess, nearest) = excess <= nearestExcess ? (excess, top - lane) : (nearestExcess, nearest);
            }

            if (canStop && best.IsFound && (plan.IsRising || BestBelow(plan, bound, top - count, unit) < best.Highest * Slack.Below))
            {
                break;
            }
        }

        double nearestSequences = (double)nearest * unit;
        return best.IsFound
            ? best.Choice(0)
            : new BatchChoice(BatchOutcome.TooSlow, nearestSequences, plan.At(nearestSequences), 0);
    }

    /// <summary>Upper bound of the throughput of a batch and all smaller ones, a rank.</summary>
    private static double BestBelow<TPlan>(in TPlan plan, in StageBound bound, long units, int unit)
        where TPlan : struct, IBatchPlan
    {
        if (units == 0)
        {
            return 0;
        }

        PlanFigures figures = Optimistic(plan, bound, units, unit);
        return figures.TokensPerRankSecond;
    }

    private static PlanFigures Optimistic<TPlan>(in TPlan plan, in StageBound bound, long units, int unit)
        where TPlan : struct, IBatchPlan
    {
        double sequences = (double)units * unit;
        return plan.FiguresOf(bound.StageSeconds(sequences), bound.StepSeconds(sequences), sequences);
    }

    private static bool IsNearlyAccepted(PlanFigures figures, LatencyLimits limits) => Excess(figures, limits) <= Slack.Above;

    private static bool IsNearlyAccepted(PlanLanes lanes, int lane, LatencyLimits limits) => Excess(lanes, lane, limits) <= Slack.Above;

    private static double Excess(PlanFigures figures, LatencyLimits limits) => Math.Max(
        LatencyLimits.Excess(figures.FirstTokenSeconds, limits.FirstTokenMilliseconds),
        LatencyLimits.Excess(figures.PerTokenSeconds, limits.PerTokenMilliseconds));

    private static double Excess(PlanLanes lanes, int lane, LatencyLimits limits) => Math.Max(
        LatencyLimits.Excess(lanes.FirstTokenSeconds[lane], limits.FirstTokenMilliseconds),
        LatencyLimits.Excess(lanes.PerTokenSeconds[lane], limits.PerTokenMilliseconds));
}
