using FastSim.Kernels.Reference;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>The largest batch within the limits, decided by the reference.</summary>
internal static class BatchEdge
{
    /// <summary>The largest batch that the reference accepts, from one that lanes found; latency never falls with the batch.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="unit">Sequences a unit of the batch.</param>
    /// <param name="smallest">Smallest batch to look at, in units.</param>
    /// <param name="largest">Largest batch to look at, in units.</param>
    /// <param name="found">What lanes found, in units; between the two.</param>
    public static BatchChoice At<TPlan>(in TPlan plan, LatencyLimits limits, int unit, long smallest, long largest, long found)
        where TPlan : struct, IBatchPlan
    {
        long units = found;
        PlanFigures figures = plan.At((double)units * unit);
        while (!limits.Accept(figures))
        {
            units--;
            if (units < smallest)
            {
                return new BatchChoice(BatchOutcome.TooSlow, (double)smallest * unit, figures, 0);
            }

            figures = plan.At((double)units * unit);
        }

        while (units < largest && units >= found)
        {
            PlanFigures next = plan.At((double)(units + 1) * unit);
            if (!limits.Accept(next))
            {
                break;
            }

            units++;
            figures = next;
        }

        return new BatchChoice(BatchOutcome.Found, (double)units * unit, figures, 0);
    }
}
