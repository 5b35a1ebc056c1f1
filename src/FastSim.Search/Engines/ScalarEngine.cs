using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Search.Engines;

/// <summary>
/// Evaluates the layouts of a plan space on the reference evaluator, each at its best batch: every one, or with flat tables the least
/// redundant of those that differ in redundant experts alone, which is never worse.
/// </summary>
public static class ScalarEngine
{
    /// <summary>The best plan of a space, or null.</summary>
    /// <param name="space">Layouts to try.</param>
    /// <param name="factory">Kind of plan.</param>
    /// <param name="limits">Latency limits.</param>
    /// <param name="batches">Stated batches; null takes the best of each layout.</param>
    /// <param name="tally">Counts what happens to each plan.</param>
    public static PlanChoice<TPlan>? Best<TPlan, TFactory>(
        PlanSpace space, TFactory factory, LatencyLimits limits, IReadOnlyList<BatchTriple>? batches, SearchTally tally)
        where TPlan : struct, IBatchPlan
        where TFactory : IPlanFactory<TPlan>
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(tally);
        int batchesPerLayout = batches?.Count ?? 1;
        PlanChoice<TPlan>? best = null;
        PlanRank bestRank = default;
        long layouts = 0;
        foreach (ParallelLayout layout in factory.Rates.HasFlatEfficiency ? space.LeastRedundant() : space.Divisible())
        {
            layouts++;
            for (int batch = 0; batch < batchesPerLayout; batch++)
            {
                int microBatches = batches is null ? layout.PipelineParallel : batches[batch].MicroBatches;
                TPlan plan = factory.Create(layout, microBatches);
                if (!plan.IsReachable)
                {
                    tally.CountUnreachable();
                    continue;
                }

                BatchChoice choice = batches is null
                    ? BatchSearch.Best(plan, limits, factory.Steps(layout))
                    : BatchSearch.Stated(plan, limits, batches[batch].Size);
                Count(tally, plan, choice, limits);
                PlanRank rank = new(choice.Figures.TokensPerSecond, layout, choice.Sequences, microBatches);
                if (choice.Outcome == BatchOutcome.Found && (best is null || rank.Precedes(bestRank)))
                {
                    best = new PlanChoice<TPlan>(plan, choice.Sequences, choice.Figures);
                    bestRank = rank;
                }
            }
        }

        long divisible = space.CountDivisible();
        tally.CountOutbid((divisible - layouts) * batchesPerLayout);
        long splitBlocks = space.CountSplitBlocks();
        Dictionary<LayoutRefusal, long> refused = space.Refused.ToDictionary(pair => pair.Refusal, pair => pair.Layouts * batchesPerLayout);
        tally.Refuse(refused);
        tally.Cover(
            space.Covered * batchesPerLayout,
            ((space.Covered - divisible - splitBlocks) * batchesPerLayout) - refused.Values.Sum(),
            splitBlocks * batchesPerLayout);
        return best;
    }

    /// <summary>Of the plans and batches of a space that keep a rate the one of least latency, or null.</summary>
    internal static PlanChoice<TPlan>? LeastLatency<TPlan, TFactory>(
        PlanSpace space, TFactory factory, LatencyLimits limits, IReadOnlyList<BatchTriple>? batches, KeptRate rate)
        where TPlan : struct, IBatchPlan
        where TFactory : IPlanFactory<TPlan>
    {
        PlanChoice<TPlan>? best = null;
        LatencyRank bestRank = default;
        foreach (ParallelLayout layout in factory.Rates.HasFlatEfficiency ? space.LeastRedundant() : space.Divisible())
        {
            for (int batch = 0; batch < (batches?.Count ?? 1); batch++)
            {
                int microBatches = batches is null ? layout.PipelineParallel : batches[batch].MicroBatches;
                TPlan plan = factory.Create(layout, microBatches);
                BatchSteps steps = batches is null ? factory.Steps(layout) : batches[batch].Size;
                long largest = !plan.IsReachable ? 0 : Math.Min(plan.LargestBatch(steps), batches is null ? long.MaxValue : 1);
                if (KeptRateSearch.Least(plan, limits, steps, largest, rate) is { } choice
                    && LatencyRank.Of(choice, layout, microBatches) is var rank
                    && (best is null || rank.Precedes(bestRank)))
                {
                    best = new PlanChoice<TPlan>(plan, choice.Sequences, choice.Figures);
                    bestRank = rank;
                }
            }
        }

        return best;
    }

    private static void Count<TPlan>(SearchTally tally, in TPlan plan, BatchChoice choice, LatencyLimits limits)
        where TPlan : struct, IBatchPlan
    {
        tally.CountEvaluated(choice.Evaluated);
        switch (choice.Outcome)
        {
            case BatchOutcome.TooLarge:
                tally.CountTooLarge(BatchSearch.MissedBytes(plan, choice.Sequences), plan.CapacityBytes);
                break;
            case BatchOutcome.TooSlow:
                tally.CountTooSlow(LatencyMiss.Of(choice.Figures, limits));
                break;
            default:
                tally.CountFeasible();
                break;
        }
    }
}
