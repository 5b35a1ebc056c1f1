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
        Job job, Phase phase, TFactory factory, PlanRestriction restriction, IReadOnlyList<int> cardCounts, EngineSettings settings, SearchTally tally)
        where TPlan : struct, IBatchPlan
        where TFactory : struct, IPlanFactory<TPlan>
    {
        ExpertPlacement placement = ExpertPlacement.Of(job, phase);
        PlanSpace[] spaces = [.. cardCounts.Select(cards => new PlanSpace(job.Model, cards, restriction, placement))];
        if (settings.Kind != EngineKind.Scalar)
        {
            return ShapeEngine<TPlan, TFactory>.Best(factory, factory.Rates, job, restriction, spaces, settings, tally);
        }

        PlanChoice<TPlan>?[] best = new PlanChoice<TPlan>?[cardCounts.Count];
        SearchTally[] tallies = [.. spaces.Select(_ => new SearchTally())];
        ScalarWork<TPlan, TFactory> work = new(spaces, factory, job.Limits, restriction, best, tallies);
        Parallel.For(0, spaces.Length, new ParallelOptions { MaxDegreeOfParallelism = settings.Workers }, work.Invoke);
        foreach (SearchTally part in tallies)
        {
            tally.Add(part);
        }

        return best;
    }

    /// <summary>One card count on the scalar engine; each fills its own slot.</summary>
    private readonly struct ScalarWork<TPlan, TFactory>(
        PlanSpace[] spaces, TFactory factory, LatencyLimits limits, PlanRestriction restriction, PlanChoice<TPlan>?[] best, SearchTally[] tallies)
        where TPlan : struct, IBatchPlan
        where TFactory : struct, IPlanFactory<TPlan>
    {
        public void Invoke(int index) =>
            best[index] = ScalarEngine.Best<TPlan, TFactory>(spaces[index], factory, limits, restriction.Batches, tallies[index]);
    }
}
