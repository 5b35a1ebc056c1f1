using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;

namespace FastSim.Search.Fronts;

/// <summary>A plan of a phase at a batch.</summary>
/// <param name="Layout">How the cards share the work.</param>
/// <param name="MicroBatches">Micro-batches in flight per attention rank.</param>
/// <param name="Sequences">Sequences of a rank's micro-batch.</param>
/// <param name="Figures">What it achieves.</param>
public readonly record struct FrontPlan(ParallelLayout Layout, int MicroBatches, double Sequences, PlanFigures Figures)
{
    /// <summary>What it is weighed by.</summary>
    public Merit Merit => Merit.Of(Figures, Layout.DataParallel);

    /// <summary>Which of two plans of equal merit comes first (cost model B7): fewer cards, then the smaller in everything.</summary>
    internal static int Order(FrontPlan one, FrontPlan other)
    {
        PlanRank first = new(0, one.Layout, one.Sequences, one.MicroBatches);
        PlanRank second = new(0, other.Layout, other.Sequences, other.MicroBatches);
        int preceding = first.Precedes(second) ? -1 : 1;
        return first == second ? 0 : preceding;
    }
}
