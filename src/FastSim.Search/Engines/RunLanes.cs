using FastSim.Kernels.Lanes;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>
/// Finds the best batch of a plan whose efficiencies depend on the batch, run by run (<see cref="EfficiencyRuns"/>) from the largest down:
/// of a run the largest batch within the limits stands for all. An instance serves one thread.
/// </summary>
internal sealed class RunLanes(LaneWidth width)
{
    private const int RunsAtOnce = 32;
    private const int NearRuns = 4;

    private readonly PlanLanes ends = new(2 * RunsAtOnce, width);
    private readonly EfficiencyRuns runs = new();
    private readonly BracketLanes inside = new(width);
    private readonly long[] starts = new long[RunsAtOnce];
    private readonly long[] tops = new long[RunsAtOnce];
    private long endsEvaluated;
    private bool isInsideLoaded;
    private double nearestExcess;
    private long nearest;

    /// <summary>Batches that the last search evaluated in lanes, each once.</summary>
    public long Evaluated => endsEvaluated + inside.Evaluated;

    /// <summary>The best batch of those up to <paramref name="within"/>; where none meets the limits, the one nearest to them.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="within">Largest batch that may meet the limits, in units; at least 1.</param>
    /// <remarks>
    /// The search may stop where no smaller batch can do better: throughput never falls under tables that rise, and never exceeds that at the
    /// tables' best efficiency.
    /// </remarks>
    public BatchChoice Solve<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long within)
        where TPlan : struct, IBatchPlan
    {
        NearBest best = new();
        Load(plan, steps);
        StageBound bound = plan.Bound(steps.At(within));
        for (long top = within; top > 0;)
        {
            int count = Gather(ref top, steps, RunsAtOnce);
            for (int run = 0; run < count; run++)
            {
                Take(plan, limits, steps, run, best, 0);
            }

            if (best.IsFound && (plan.IsRising || LaneBatchSearch.BestBelow(plan, bound, top, steps) < best.Highest * Slack.Below))
            {
                break;
            }
        }

        double nearestSequences = steps.At(nearest);
        return best.IsFound
            ? best.Choice(0)
            : new BatchChoice(BatchOutcome.TooSlow, nearestSequences, plan.At(nearestSequences), 0);
    }

    /// <summary>The best batch of those up to <paramref name="within"/> that yields enough; what else there is the plan's own bounds leave out, a few runs at a time.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="within">Largest batch that may meet the limits, in units; at least 1.</param>
    /// <param name="leastTokensPerRankSecond">Throughput of a rank below which the plan is of no use.</param>
    /// <returns>Null where none yields as much within the limits.</returns>
    public BatchChoice? SolveAbove<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long within, double leastTokensPerRankSecond)
        where TPlan : struct, IBatchPlan
    {
        NearBest best = new();
        long top = Math.Min(within, steps.LastWithin(plan.MostSequences(steps.At(within), limits.PerTokenSeconds)));
        Load(plan, steps);
        for (int some = NearRuns; top > 0; some = Math.Min(RunsAtOnce, 2 * some))
        {
            int count = Gather(ref top, steps, some);
            for (int run = 0; run < count; run++)
            {
                Take(plan, limits, steps, run, best, leastTokensPerRankSecond);
            }

            double wanted = Math.Max(best.Highest, leastTokensPerRankSecond) * Slack.Below;
            if (top > 0 && ((best.IsFound && plan.IsRising) || plan.MostTokensPerRankSecond(steps.At(top), limits.PerTokenSeconds, wanted) < wanted))
            {
                break;
            }
        }

        return best.IsFound ? best.Choice(0) : null;
    }

    private void Load<TPlan>(in TPlan plan, BatchSteps steps)
        where TPlan : struct, IBatchPlan
    {
        plan.Load(ends);
        plan.Load(runs, steps);
        inside.Restart();
        (endsEvaluated, isInsideLoaded) = (0, false);
        (nearestExcess, nearest) = (double.PositiveInfinity, 1);
    }

    /// <summary>Evaluates the largest and the smallest batch of the next runs.</summary>
    private int Gather(ref long top, BatchSteps steps, int most)
    {
        int count = 0;
        for (; count < most && top > 0; count++)
        {
            tops[count] = top;
            starts[count] = runs.StartOf(top);
            ends.Sequences[2 * count] = steps.At(top);
            ends.Sequences[(2 * count) + 1] = steps.At(starts[count]);
            endsEvaluated += starts[count] == top ? 1 : 2;
            top = starts[count] - 1;
        }

        ends.Evaluate(2 * count);
        return count;
    }

    /// <summary>Few plans have a limit inside a run, so only those are loaded twice.</summary>
    private void LoadInside<TPlan>(in TPlan plan)
        where TPlan : struct, IBatchPlan
    {
        if (!isInsideLoaded)
        {
            inside.Load(plan);
            isInsideLoaded = true;
        }
    }

    private void Take<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, int run, NearBest best, double least)
        where TPlan : struct, IBatchPlan
    {
        (int last, int first) = (2 * run, (2 * run) + 1);
        double excess = limits.Excess(ends, first);
        (nearestExcess, nearest) = excess <= nearestExcess ? (excess, starts[run]) : (nearestExcess, nearest);
        MeetsLimits test = new(limits);

        // No batch of the run yields more than its largest.
        if (ends.TokensPerRankSecond(last) < Math.Max(best.Highest, least) * Slack.Below || !(test.Holds(ends, first) || test.Holds(ends, last)))
        {
            return;
        }

        long found = tops[run];
        if (!test.Holds(ends, last))
        {
            LoadInside(plan);
            found = inside.Close(test, steps, new Bracket(starts[run], tops[run])).Accepted;
        }

        BatchChoice choice = BatchEdge.At(plan, limits, steps, starts[run], tops[run], found);
        if (choice.Outcome == BatchOutcome.Found)
        {
            best.AddSmaller(choice.Sequences, choice.Figures);
        }
    }
}
