using FastSim.Kernels.Plans;

namespace FastSim.Search.Engines;

/// <summary>A plan at its batch.</summary>
/// <param name="Plan">The plan.</param>
/// <param name="Sequences">Sequences of a rank's micro-batch.</param>
/// <param name="Figures">What it achieves.</param>
/// <typeparam name="TPlan">The kind of plan.</typeparam>
public readonly record struct PlanChoice<TPlan>(TPlan Plan, double Sequences, PlanFigures Figures)
    where TPlan : struct, IBatchPlan;
