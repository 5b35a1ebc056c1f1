using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
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
        PlanSpace[] spaces = [.. cardCounts.Select(cards => PlanSpace.Of(job, phase, cards, restriction))];
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

    /// <summary>Of the plans and batches of a phase on a number of cards that keep a rate, the one of least latency; null when none keeps it.</summary>
    public static PlanChoice<TPlan>? LeastLatency<TPlan, TFactory>(
        Job job, Phase phase, TFactory factory, PlanRestriction restriction, int cards, KeptRate rate, EngineSettings settings)
        where TPlan : struct, IBatchPlan
        where TFactory : struct, IPlanFactory<TPlan>
    {
        if (settings.Kind == EngineKind.Scalar)
        {
            PlanSpace space = PlanSpace.Of(job, phase, cards, restriction);
            return ScalarEngine.LeastLatency<TPlan, TFactory>(space, factory, job.Limits, restriction.Batches, rate);
        }

        PhaseShapes shapes = PhaseShapes.Of<TPlan, TFactory>(job, phase, factory, restriction, [cards]);
        if (new LeastLatency<TPlan, TFactory>(shapes, factory, settings.Kind, settings.Width).Best(0, rate) is not { } best)
        {
            return null;
        }

        TPlan plan = factory.Create(best.Layout, shapes.Catalog.Shapes[best.Shape].Key.MicroBatches);
        return new PlanChoice<TPlan>(plan, best.Choice.Sequences, plan.At(best.Choice.Sequences));
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
