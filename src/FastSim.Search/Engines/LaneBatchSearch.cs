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

    /// <summary>Candidates whose time was evaluated since the last call to <see cref="TakeEvaluated"/>.</summary>
    private long evaluated;

    /// <summary>Candidates evaluated since the last call.</summary>
    public long TakeEvaluated()
    {
        long count = evaluated;
        evaluated = 0;
        return count;
    }

    /// <summary>
    /// A first look at batches from one unit to the largest that fits: an upper bound of the throughput, and whether a limit refuses even
    /// one unit. Both hold with tables, too: the look is taken at their best efficiency.
    /// </summary>
    public BatchLook Look<TPlan>(in TPlan plan, LatencyLimits limits, int unit, long largest)
        where TPlan : struct, IBatchPlan
    {
        plan.LoadAtBestEfficiency(probe);
        Bracket bracket = Narrow(limits, unit, new Bracket(0, largest + 1), isFirst: true);
        double bound = probe.TokensPerRankSecond(ProbeLanes - 1);
        return new BatchLook(bound, bracket);
    }

    /// <summary>The best batch, by narrowing the limit down and, where tables make latency fall and rise, scanning what is left.</summary>
    public BatchChoice Solve<TPlan>(in TPlan plan, LatencyLimits limits, int unit, long largest, Bracket bracket)
        where TPlan : struct, IBatchPlan
    {
        plan.LoadAtBestEfficiency(probe);
        while (bracket.Refused - bracket.Accepted > 1)
        {
            bracket = Narrow(limits, unit, bracket, isFirst: false);
        }

        if (bracket.Accepted == 0)
        {
            return Refused(plan, unit);
        }

        return plan.IsMonotone
            ? Verify(plan, limits, unit, largest, bracket.Accepted)
            : Scan(plan, limits, unit, bracket.Accepted, canStop: true);
    }

    /// <summary>The best batch, by evaluating every one.</summary>
    public BatchChoice Exhaust<TPlan>(in TPlan plan, LatencyLimits limits, int unit, long largest)
        where TPlan : struct, IBatchPlan
    {
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
            evaluated += count;
            for (int lane = 0; lane < count; lane++)
            {
                accepted = IsNearlyAccepted(scan, lane, limits) ? first + lane : accepted;
            }
        }

        return accepted == 0 ? Refused(plan, unit) : Verify(plan, limits, unit, largest, accepted);
    }

    /// <summary>One round of a multi-way search: batches spread over the bracket, geometrically at first.</summary>
    private Bracket Narrow(LatencyLimits limits, int unit, Bracket bracket, bool isFirst)
    {
        long width = bracket.Refused - bracket.Accepted;
        for (int lane = 0; lane < ProbeLanes; lane++)
        {
            probed[lane] = isFirst
                ? Math.Clamp((long)Math.Round(Math.Pow(bracket.Refused - 1, lane / (ProbeLanes - 1d))), 1, bracket.Refused - 1)
                : bracket.Accepted + Math.Clamp((long)((double)width * (lane + 1) / (ProbeLanes + 1)), 1, width - 1);
            probe.Sequences[lane] = (double)probed[lane] * unit;
        }

        probe.Evaluate(ProbeLanes);
        evaluated += ProbeLanes;
        (long accepted, long refused) = (bracket.Accepted, bracket.Refused);
        for (int lane = 0; lane < ProbeLanes; lane++)
        {
            if (IsNearlyAccepted(probe, lane, limits))
            {
                accepted = Math.Max(accepted, probed[lane]);
            }
            else
            {
                refused = Math.Min(refused, probed[lane]);
            }
        }

        // Rounding may disagree on neighbours; the reference sorts that out.
        return new Bracket(accepted, Math.Max(refused, accepted + 1));
    }

    /// <summary>The largest batch that the reference accepts, from one that lanes found; latency never falls with the batch.</summary>
    private BatchChoice Verify<TPlan>(in TPlan plan, LatencyLimits limits, int unit, long largest, long found)
        where TPlan : struct, IBatchPlan
    {
        long units = found;
        PlanFigures figures = At(plan, units, unit);
        while (!limits.Accept(figures))
        {
            units--;
            if (units == 0)
            {
                return new BatchChoice(BatchOutcome.TooSlow, unit, figures, 0);
            }

            figures = At(plan, units, unit);
        }

        while (units < largest && units >= found)
        {
            PlanFigures next = At(plan, units + 1, unit);
            if (!limits.Accept(next))
            {
                break;
            }

            units++;
            figures = next;
        }

        return new BatchChoice(BatchOutcome.Found, (double)units * unit, figures, 0);
    }

    /// <summary>
    /// Every batch from the largest down. It may stop where none below can do better: throughput never falls under tables that rise, and
    /// never exceeds that at the tables' best efficiency.
    /// </summary>
    private BatchChoice Scan<TPlan>(in TPlan plan, LatencyLimits limits, int unit, long largest, bool canStop)
        where TPlan : struct, IBatchPlan
    {
        plan.Load(scan);
        if (canStop)
        {
            plan.LoadAtBestEfficiency(probe);
        }

        BatchChoice best = new(BatchOutcome.TooSlow, unit, default, 0);
        double bestRate = 0;
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
            evaluated += count;
            for (int lane = 0; lane < count; lane++)
            {
                if (!IsNearlyAccepted(scan, lane, limits))
                {
                    double excess = Excess(scan, lane, limits);
                    (nearestExcess, nearest) = excess < nearestExcess ? (excess, top - lane) : (nearestExcess, nearest);
                }
                else if (scan.TokensPerRankSecond(lane) >= bestRate * Slack.Below)
                {
                    PlanFigures figures = At(plan, top - lane, unit);
                    if (limits.Accept(figures) && (best.Outcome != BatchOutcome.Found || figures.TokensPerSecond * Slack.Below > best.Figures.TokensPerSecond))
                    {
                        best = new BatchChoice(BatchOutcome.Found, (double)(top - lane) * unit, figures, 0);
                        bestRate = Math.Max(bestRate, scan.TokensPerRankSecond(lane));
                    }
                }
            }

            if (canStop && best.Outcome == BatchOutcome.Found && (plan.IsRising || BestBelow(top - count, unit) < bestRate * Slack.Below))
            {
                break;
            }
        }

        return best.Outcome == BatchOutcome.Found ? best : best with { Sequences = (double)nearest * unit, Figures = At(plan, nearest, unit) };
    }

    /// <summary>Upper bound of the throughput of a batch and all smaller ones, a rank.</summary>
    private double BestBelow(long units, int unit)
    {
        if (units == 0)
        {
            return 0;
        }

        probe.Sequences[0] = (double)units * unit;
        probe.Evaluate(1);
        evaluated++;
        return probe.TokensPerRankSecond(0);
    }

    private BatchChoice Refused<TPlan>(in TPlan plan, int unit)
        where TPlan : struct, IBatchPlan => new(BatchOutcome.TooSlow, unit, At(plan, 1, unit), 0);

    private PlanFigures At<TPlan>(in TPlan plan, long units, int unit)
        where TPlan : struct, IBatchPlan
    {
        evaluated++;
        return plan.At((double)units * unit);
    }

    private static bool IsNearlyAccepted(PlanLanes lanes, int lane, LatencyLimits limits) => Excess(lanes, lane, limits) <= Slack.Above;

    private static double Excess(PlanLanes lanes, int lane, LatencyLimits limits) => Math.Max(
        LatencyLimits.Excess(lanes.FirstTokenSeconds[lane], limits.FirstTokenMilliseconds),
        LatencyLimits.Excess(lanes.PerTokenSeconds[lane], limits.PerTokenMilliseconds));
}

/// <summary>Batches between which a limit lies, in units: the largest known to be accepted, 0 for none, and the smallest known to be refused.</summary>
internal readonly record struct Bracket(long Accepted, long Refused);

/// <summary>A first look at a plan.</summary>
/// <param name="TokensPerRankSecond">No batch that fits yields more, a rank.</param>
/// <param name="Bracket">Where the latency limit lies, at the tables' best efficiency.</param>
internal readonly record struct BatchLook(double TokensPerRankSecond, Bracket Bracket);
