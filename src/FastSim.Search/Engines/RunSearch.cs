using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>
/// Finds the best batch of a plan whose efficiencies depend on the batch, run by run (<see cref="EfficiencyRuns"/>) from the largest down, on the
/// reference alone: for plans that lanes cannot evaluate. An instance serves one thread.
/// </summary>
internal sealed class RunSearch
{
    private readonly EfficiencyRuns runs = new();

    /// <summary>Batches that the last search evaluated.</summary>
    public long Evaluated { get; private set; }

    /// <summary>The best batch of those up to <paramref name="within"/>; where none meets the limits, the one nearest to them.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="within">Largest batch that may meet the limits, in units; at least 1.</param>
    /// <remarks>It ends where no smaller batch can do better, as <see cref="RunLanes"/> does.</remarks>
    public BatchChoice Solve<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long within)
        where TPlan : struct, IBatchPlan
    {
        plan.Load(runs, steps);
        Evaluated = 0;
        StageBound bound = plan.Bound(steps.At(within));
        NearBest best = new();
        BatchChoice nearest = new(BatchOutcome.TooSlow, steps.First, default, 0);
        double nearestExcess = double.PositiveInfinity;
        for (long top = within; top > 0;)
        {
            long start = runs.StartOf(top);
            BatchChoice choice = OfRun(plan, limits, steps, start, top);
            if (choice.Outcome == BatchOutcome.Found)
            {
                best.AddSmaller(choice.Sequences, choice.Figures);
            }
            else if (limits.Excess(choice.Figures) <= nearestExcess)
            {
                (nearest, nearestExcess) = (choice, limits.Excess(choice.Figures));
            }

            top = start - 1;
            if (best.IsFound && (plan.IsRising || LaneBatchSearch.BestBelow(plan, bound, top, steps) < best.Highest * Slack.Below))
            {
                break;
            }
        }

        return best.IsFound ? best.Choice(0) : nearest;
    }

    /// <summary>The largest batch of a run that meets the limits; where none does, the smallest, which misses them least.</summary>
    private BatchChoice OfRun<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long start, long top)
        where TPlan : struct, IBatchPlan
    {
        (long accepted, long refused) = (start - 1, top + 1);
        PlanFigures figures = default;
        for (long probe = top; refused - accepted > 1; probe = accepted + ((refused - accepted) / 2))
        {
            PlanFigures probed = plan.At(steps.At(probe));
            Evaluated++;
            bool isWithin = limits.Accept(probed);
            (accepted, refused) = isWithin ? (probe, refused) : (accepted, probe);
            figures = isWithin || accepted < start ? probed : figures;
        }

        return accepted >= start
            ? new BatchChoice(BatchOutcome.Found, steps.At(accepted), figures, 0)
            : new BatchChoice(BatchOutcome.TooSlow, steps.At(start), figures, 0);
    }
}
