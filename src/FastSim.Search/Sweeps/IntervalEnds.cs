using FastSim.Kernels.Chips;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;

namespace FastSim.Search.Sweeps;

/// <summary>Plans as learned times at both ends of their intervals price them, remembered from chip to chip. Serves one thread.</summary>
internal sealed class IntervalEnds<TPlan, TFactory>
    where TPlan : struct, IBatchPlan
    where TFactory : struct, IPlanFactory<TPlan>
{
    private const int MostPlans = 64;

    private readonly IReadOnlyList<TFactory> ends;
    private readonly Dictionary<(ParallelLayout Layout, int MicroBatches), TPlan>[] plans;

    /// <summary>Without a plan.</summary>
    /// <param name="ends">Kinds of plan at the shortest and at the longest of the intervals; none where there are no intervals.</param>
    public IntervalEnds(IReadOnlyList<TFactory> ends)
    {
        this.ends = ends;
        plans = [.. ends.Select(_ => new Dictionary<(ParallelLayout, int), TPlan>())];
    }

    /// <summary>Whether there are intervals.</summary>
    public bool HasIntervals => ends.Count > 0;

    /// <summary>What a plan's figures lie between.</summary>
    /// <param name="numbers">The chip.</param>
    /// <param name="plan">The plan.</param>
    public PlanInterval Of(ChipNumbers numbers, in VariantPlan plan)
    {
        Span<PlanFigures> figures = [plan.Figures, plan.Figures];
        for (int end = 0; end < figures.Length; end++)
        {
            ends[end].Retune(numbers);
            if (!plans[end].TryGetValue((plan.Layout, plan.MicroBatches), out TPlan known))
            {
                if (plans[end].Count == MostPlans)
                {
                    plans[end].Clear();
                }

                plans[end][(plan.Layout, plan.MicroBatches)] = known = ends[end].Create(plan.Layout, plan.MicroBatches, null);
            }

            figures[end] = ends[end].Refreshed(known).At(plan.Sequences);
        }

        return PlanInterval.Of(plan.Figures, figures[0], figures[1]);
    }
}
