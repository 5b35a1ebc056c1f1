using FastSim.Kernels.Lanes;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>
/// Finds, in lanes, the batch of a plan that has the least latency of those that keep a rate; the reference decides it. An instance serves one
/// thread.
/// </summary>
internal sealed class KeptRateLanes(LaneWidth width)
{
    private const int RunsAtOnce = 16;
    private const int ScanLanes = 256;

    private readonly PlanLanes ends = new(2 * RunsAtOnce, width);
    private readonly PlanLanes scan = new(ScanLanes, width);
    private readonly EfficiencyRuns runs = new();
    private readonly BracketLanes inside = new(width);

    /// <summary>The batch of least latency, run by run.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="first">Smallest batch that may keep the rate, in units.</param>
    /// <param name="largest">Largest batch that fits, in units.</param>
    /// <param name="rate">The rate.</param>
    /// <param name="dataParallel">Attention ranks.</param>
    public BatchChoice? Solve<TPlan>(
        in TPlan plan, LatencyLimits limits, BatchSteps steps, long first, long largest, KeptRate rate, int dataParallel)
        where TPlan : struct, IBatchPlan
    {
        plan.Load(ends);
        plan.Load(runs, steps);
        inside.Load(plan);
        LacksRate lacks = new(rate.TokensPerRankSecond(dataParallel));
        BatchChoice? best = null;
        Span<long> tops = stackalloc long[RunsAtOnce + 1];
        for (long top = largest; top >= first;)
        {
            int count = 0;
            for (; count < RunsAtOnce && top >= first; count++)
            {
                tops[count] = top;
                ends.Sequences[2 * count] = steps.At(top);
                top = runs.StartOf(top) - 1;
                ends.Sequences[(2 * count) + 1] = steps.At(top + 1);
            }

            tops[count] = top;
            ends.Evaluate(2 * count);
            for (int run = 0; run < count; run++)
            {
                (int last, int start) = (2 * run, (2 * run) + 1);
                bool mayBeBest = LatencySeconds(ends, start) <= (best?.Figures.LatencySeconds ?? double.PositiveInfinity) * Slack.Above
                    && limits.Excess(ends, start) <= Slack.Above;
                if (!mayBeBest || lacks.Holds(ends, last))
                {
                    continue;
                }

                long smallest = tops[run + 1] + 1;
                long near = lacks.Holds(ends, start) ? inside.Close(lacks, steps, new Bracket(smallest, tops[run])).Refused : smallest;
                if (KeptRateSearch.Edge(plan, limits, steps, smallest, tops[run], near, rate) is { } choice)
                {
                    best = KeptRateSearch.Better(best, choice);
                }
            }
        }

        return best;
    }

    /// <summary>The batch of least latency, by evaluating every one.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="largest">Largest batch that fits, in units.</param>
    /// <param name="rate">The rate.</param>
    /// <param name="dataParallel">Attention ranks.</param>
    public BatchChoice? Exhaust<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long largest, KeptRate rate, int dataParallel)
        where TPlan : struct, IBatchPlan
    {
        plan.Load(scan);
        plan.Load(runs, steps);
        double enough = rate.TokensPerRankSecond(dataParallel) * Slack.Above;
        LacksRate lacks = new(rate.TokensPerRankSecond(dataParallel));
        BatchChoice? best = null;
        long kept = 0;
        long start = largest > 0 ? runs.StartOf(largest) : 0;
        for (long top = largest; top > 0; top -= ScanLanes)
        {
            int count = (int)Math.Min(ScanLanes, top);
            for (int lane = 0; lane < count; lane++)
            {
                scan.Sequences[lane] = steps.At(top - lane);
            }

            scan.Evaluate(count);
            for (int lane = 0; lane < count; lane++)
            {
                long units = top - lane;
                double sequences = steps.At(units);
                bool isKept = scan.TokensPerRankSecond(lane) >= enough || (!lacks.Holds(scan, lane) && rate.IsKeptBy(plan.At(sequences)));
                kept = isKept ? units : kept;
                if (units > start)
                {
                    continue;
                }

                // The run ends here: the last that kept the rate is its smallest.
                if (kept > 0 && plan.At(steps.At(kept)) is var figures && limits.Accept(figures))
                {
                    best = KeptRateSearch.Better(best, new BatchChoice(BatchOutcome.Found, steps.At(kept), figures, 0));
                }

                (kept, start) = (0, units > 1 ? runs.StartOf(units - 1) : 0);
            }
        }

        return best;
    }

    private static double LatencySeconds(PlanLanes lanes, int lane) =>
        double.IsNaN(lanes.PerTokenSeconds[lane]) ? lanes.FirstTokenSeconds[lane] : lanes.PerTokenSeconds[lane];
}
