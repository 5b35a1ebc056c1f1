using FastSim.Kernels.Plans;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Sweeps;

/// <summary>The best plan of a phase on one variant of a chip.</summary>
/// <param name="Layout">How the cards share the work.</param>
/// <param name="MicroBatches">Micro-batches in flight per attention rank.</param>
/// <param name="Sequences">Sequences of a rank's micro-batch.</param>
/// <param name="Figures">What it achieves.</param>
/// <param name="MemoryBytes">What a card holds in its first memory.</param>
/// <param name="TimeBound">What takes most of its time.</param>
/// <param name="BatchBound">What keeps its batch from being larger.</param>
/// <param name="IsBeyondTraining">Whether a learned efficiency answered for operators unlike all it was trained among.</param>
/// <param name="Draw">What a card costs and draws.</param>
public readonly record struct VariantPlan(
    ParallelLayout Layout,
    int MicroBatches,
    double Sequences,
    PlanFigures Figures,
    double MemoryBytes,
    TimeBound TimeBound,
    BatchBound BatchBound,
    bool IsBeyondTraining,
    CardDraw Draw)
{
    /// <summary>What a card holds in its second memory, bytes.</summary>
    public double SecondMemoryBytes { get; init; }

    /// <summary>What it achieves at the ends of its operators' intervals; null where none are stated.</summary>
    public PlanInterval? Interval { get; init; }

    /// <summary>Whether there is a plan: the default value has no cards.</summary>
    public bool IsFound => Layout.DataParallel > 0;

    /// <summary>Its cards, as what they yield by themselves costs and draws; null where there is no plan.</summary>
    public CardPool? Pool => IsFound ? new CardPool(Layout.Cards, Figures.TokensPerSecond, Draw) : null;
}
