using FastSim.Kernels.Models;
using FastSim.Kernels.Reference;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Search.Modes;

/// <summary>The best plans of one phase of a job, on one number of cards or on several.</summary>
internal static class PhaseSearch
{
    /// <summary>The best plan on each number of cards, in the order given; the tally covers all of them.</summary>
    public static PlanChoice<TPlan>?[] BestPerCardCount<TPlan, TFactory>(
        Job job, Phase phase, TFactory factory, PlanRestriction restriction, IReadOnlyList<int> cardCounts, int threads, SearchTally tally)
        where TPlan : struct, IBatchPlan
        where TFactory : IPlanFactory<TPlan>
    {
        ExpertPlacement placement = ExpertPlacement.Of(job, phase);
        PlanChoice<TPlan>?[] best = new PlanChoice<TPlan>?[cardCounts.Count];
        SearchTally[] tallies = new SearchTally[cardCounts.Count];
        Parallel.For(
            0,
            cardCounts.Count,
            new ParallelOptions { MaxDegreeOfParallelism = threads },
            index =>
            {
                tallies[index] = new SearchTally();
                PlanSpace space = new(job.Model, cardCounts[index], restriction, placement);
                best[index] = ScalarEngine.Best<TPlan, TFactory>(space, factory, job.Limits, restriction.Batches, tallies[index]);
            });
        foreach (SearchTally part in tallies)
        {
            tally.Add(part);
        }

        return best;
    }
}
