using FastSim.Kernels.Chips;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Roofline;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Search.Engines;

/// <summary>Turns a layout into a plan of one kind: prefill, decode or fusion.</summary>
/// <typeparam name="TPlan">The kind of plan.</typeparam>
public interface IPlanFactory<TPlan>
    where TPlan : struct, IBatchPlan
{
    /// <summary>Memory of a card, bytes.</summary>
    double CapacityBytes { get; }

    /// <summary>The chip that decides how layouts group into shapes.</summary>
    ChipRates Rates { get; }

    /// <summary>A plan of a layout.</summary>
    /// <param name="layout">How the cards share the work.</param>
    /// <param name="microBatches">Micro-batches in flight per attention rank.</param>
    /// <param name="tables">Tables of a plan that is no longer used, to be overwritten; null makes the plan its own.</param>
    TPlan Create(ParallelLayout layout, int microBatches, PlanTables? tables = null);

    /// <summary>Gives the chip of all this factory's plans other numbers; a plan made before is of use again after <see cref="Refreshed"/>.</summary>
    void Retune(ChipNumbers numbers);

    /// <summary>A plan as the chip's numbers now make it.</summary>
    TPlan Refreshed(in TPlan plan);

    /// <summary>Puts a plan into lanes that go the reference's way.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="lanes">The lanes.</param>
    /// <returns>Whether they can; where not, the plan alone says what it achieves.</returns>
    bool TryLoad(in TPlan plan, ReferenceLanes lanes);

    /// <summary>Whether figures of lanes are those of a plan that was refreshed for the lane's chip alone: they lack what happens beside the stage.</summary>
    bool HasFiguresByChip { get; }

    /// <summary>What a plan achieves on a chip of lanes that hold it and were evaluated: what <see cref="IBatchPlan.At"/> says there, to the bit.</summary>
    /// <param name="plan">The plan.</param>
    /// <param name="lanes">The lanes.</param>
    /// <param name="lane">The chip's.</param>
    PlanFigures FiguresOf(in TPlan plan, ReferenceLanes lanes, int lane);

    /// <summary>The batches to try, in sequences of a rank's micro-batch, when the batch is free.</summary>
    BatchSteps Steps(ParallelLayout layout);

    /// <summary>The best plan's halves, explained.</summary>
    (PhaseWinner? Prefill, PhaseWinner? Decode) Explain(in TPlan plan, double sequences);
}
