using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>The batch of a plan that has the least latency of those that keep a rate, on the reference alone.</summary>
internal static class KeptRateSearch
{
    /// <summary>
    /// The batch of least latency that fits, meets the limits and keeps the rate: of each run of batches over which every efficiency stays the
    /// same the smallest that keeps it. Null when none does.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="largest">Largest batch to look at, in units.</param>
    /// <param name="rate">The rate.</param>
    public static BatchChoice? Least<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long largest, KeptRate rate)
        where TPlan : struct, IBatchPlan
    {
        if (largest == 0)
        {
            return null;
        }

        if (plan.IsMonotone)
        {
            return Edge(plan, limits, steps, 1, largest, 1, rate);
        }

        BatchChoice? best = null;
        bool isKept = false;
        for (long units = 1; units <= largest; units++)
        {
            double sequences = steps.At(units);
            isKept &= plan.HasSameEfficiencies(steps.At(Math.Max(1, units - 1)), sequences);
            PlanFigures figures = plan.At(sequences);
            if (!isKept && rate.IsKeptBy(figures))
            {
                isKept = true;
                BatchChoice choice = new(BatchOutcome.Found, sequences, figures, 0);
                best = limits.Accept(figures) ? Better(best, choice) : best;
            }
        }

        return best;
    }

    /// <summary>
    /// The smallest batch of a run that keeps a rate, if it meets the limits: throughput never falls with the batch there, and latency neither.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    /// <param name="smallest">Smallest batch of the run, in units.</param>
    /// <param name="largest">Largest batch of the run, in units.</param>
    /// <param name="near">A batch near the one to find.</param>
    /// <param name="rate">The rate.</param>
    public static BatchChoice? Edge<TPlan>(
        in TPlan plan, LatencyLimits limits, BatchSteps steps, long smallest, long largest, long near, KeptRate rate)
        where TPlan : struct, IBatchPlan
    {
        // Doubling steps bracket the batch: below it the rate is not kept, from it on it is.
        (long below, long kept) = rate.IsKeptBy(plan.At(steps.At(near))) ? (smallest - 1, near) : (near, largest + 1);
        bool isDown = kept == near;
        for (long step = 1; isDown ? kept - step > below : below + step < kept; step *= 2)
        {
            long probe = isDown ? kept - step : below + step;
            bool isKept = rate.IsKeptBy(plan.At(steps.At(probe)));
            (below, kept) = isKept ? (below, probe) : (probe, kept);
            if (isKept != isDown)
            {
                break;
            }
        }

        while (kept - below > 1)
        {
            long middle = below + ((kept - below) / 2);
            (below, kept) = rate.IsKeptBy(plan.At(steps.At(middle))) ? (below, middle) : (middle, kept);
        }

        if (kept > largest)
        {
            return null;
        }

        double sequences = steps.At(kept);
        PlanFigures figures = plan.At(sequences);
        return limits.Accept(figures) ? new BatchChoice(BatchOutcome.Found, sequences, figures, 0) : null;
    }

    /// <summary>The better of two batches of one plan: less latency, then more throughput, then the smaller.</summary>
    public static BatchChoice Better(BatchChoice? known, BatchChoice other)
    {
        if (known is not { } one)
        {
            return other;
        }

        int order = one.Figures.LatencySeconds.CompareTo(other.Figures.LatencySeconds);
        order = order != 0 ? order : other.Figures.TokensPerSecond.CompareTo(one.Figures.TokensPerSecond);
        order = order != 0 ? order : one.Sequences.CompareTo(other.Sequences);
        return order <= 0 ? one : other;
    }
}
