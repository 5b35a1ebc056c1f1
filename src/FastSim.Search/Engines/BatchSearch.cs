using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>Finds the best batch of a plan (cost model B7).</summary>
public static class BatchSearch
{
    /// <summary>
    /// The best batch of those that fit. Of a run of batches over which every efficiency stays the same the largest that meets the limits
    /// stands for all; of those the largest whose throughput is the highest but for rounding, at least <see cref="Slack.Below"/> of it.
    /// </summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="steps">The batches that are tried.</param>
    public static BatchChoice Best<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps)
        where TPlan : struct, IBatchPlan
    {
        ArgumentNullException.ThrowIfNull(limits);
        long largest = plan.LargestBatch(steps);
        if (largest == 0)
        {
            return new BatchChoice(BatchOutcome.TooLarge, steps.First, default, 0);
        }

        return plan.IsMonotone
            ? Bisect(plan, limits, steps, largest)
            : Scan(plan, limits, steps, largest);
    }

    /// <summary>Judges one stated batch.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch.</param>
    public static BatchChoice Stated<TPlan>(in TPlan plan, LatencyLimits limits, int sequences)
        where TPlan : struct, IBatchPlan
    {
        ArgumentNullException.ThrowIfNull(limits);
        if (!plan.Fits(sequences))
        {
            return new BatchChoice(BatchOutcome.TooLarge, sequences, default, 0);
        }

        PlanFigures figures = plan.At(sequences);
        return new BatchChoice(limits.Accept(figures) ? BatchOutcome.Found : BatchOutcome.TooSlow, sequences, figures, 1);
    }

    /// <summary>Bytes that a batch which does not fit needs of the first memory; infinite where it is the second that lacks room.</summary>
    internal static double MissedBytes<TPlan>(in TPlan plan, double sequences)
        where TPlan : struct, IBatchPlan => plan.MemoryBytes(sequences) is var bytes && bytes > plan.CapacityBytes ? bytes : double.PositiveInfinity;

    /// <summary>Largest batch within the limits where latency never falls with the batch: time decides, memory has already.</summary>
    internal static BatchChoice Bisect<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long largest)
        where TPlan : struct, IBatchPlan
    {
        double sequences = steps.At(largest);
        PlanFigures figures = plan.At(sequences);
        long evaluated = 1;
        if (limits.Accept(figures))
        {
            return new BatchChoice(BatchOutcome.Found, sequences, figures, evaluated);
        }

        long accepted = 0;
        long refused = largest;
        PlanFigures acceptedFigures = default;
        PlanFigures refusedFigures = figures;
        while (refused - accepted > 1)
        {
            long middle = accepted + ((refused - accepted) / 2);
            figures = plan.At(steps.At(middle));
            evaluated++;
            if (limits.Accept(figures))
            {
                accepted = middle;
                acceptedFigures = figures;
            }
            else
            {
                refused = middle;
                refusedFigures = figures;
            }
        }

        return accepted > 0
            ? new BatchChoice(BatchOutcome.Found, steps.At(accepted), acceptedFigures, evaluated)
            : new BatchChoice(BatchOutcome.TooSlow, steps.First, refusedFigures, evaluated);
    }

    /// <summary>Every batch, for efficiency tables that make neither latency nor throughput monotone.</summary>
    internal static BatchChoice Scan<TPlan>(in TPlan plan, LatencyLimits limits, BatchSteps steps, long largest)
        where TPlan : struct, IBatchPlan
    {
        NearBest best = new();
        BatchChoice missed = new(BatchOutcome.TooSlow, steps.First, default, largest);
        double nearestExcess = double.PositiveInfinity;
        (double Sequences, PlanFigures Figures)? ofRun = null;
        for (long units = 1; units <= largest; units++)
        {
            double sequences = steps.At(units);
            if (ofRun is { } last && !plan.HasSameEfficiencies(steps.At(units - 1), sequences))
            {
                best.AddLarger(last.Sequences, last.Figures);
                ofRun = null;
            }

            PlanFigures figures = plan.At(sequences);
            if (limits.Accept(figures))
            {
                ofRun = (sequences, figures);
            }
            else if (LatencyMiss.Of(figures, limits).Excess is var excess && excess < nearestExcess)
            {
                nearestExcess = excess;
                missed = missed with { Sequences = sequences, Figures = figures };
            }
        }

        if (ofRun is { } largestOfAll)
        {
            best.AddLarger(largestOfAll.Sequences, largestOfAll.Figures);
        }

        return best.IsFound ? best.Choice(largest) : missed;
    }
}
