using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>The largest batch within the limits, decided by the reference.</summary>
internal static class BatchEdge
{
    /// <summary>The largest batch that the reference accepts, from one that lanes found; latency never falls with the batch.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="smallest">Smallest batch to look at, in units.</param>
    /// <param name="largest">Largest batch to look at, in units.</param>
    /// <param name="found">What lanes found, in units; between the two.</param>
    public static BatchChoice At<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long smallest, long largest, long found)
        where TPlan : struct, IBatchPlan
    {
        long units = found;
        PlanFigures figures = plan.At(steps.At(units));
        while (!limits.Accept(figures))
        {
            units--;
            if (units < smallest)
            {
                return new BatchChoice(BatchOutcome.TooSlow, steps.At(smallest), figures, 0);
            }

            figures = plan.At(steps.At(units));
        }

        while (units < largest && units >= found)
        {
            PlanFigures next = plan.At(steps.At(units + 1));
            if (!limits.Accept(next))
            {
                break;
            }

            units++;
            figures = next;
        }

        return new BatchChoice(BatchOutcome.Found, steps.At(units), figures, 0);
    }
}
