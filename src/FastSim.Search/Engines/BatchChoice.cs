using FastSim.Kernels.Plans;

namespace FastSim.Search.Engines;

/// <summary>Why a plan has a batch or none.</summary>
public enum BatchOutcome
{
    /// <summary>It was not searched.</summary>
    None,

    /// <summary>A batch was found.</summary>
    Found,

    /// <summary>Not even the smallest fits.</summary>
    TooLarge,

    /// <summary>Every batch that fits misses a limit.</summary>
    TooSlow,
}

/// <summary>The batch of a plan.</summary>
/// <param name="Outcome">Whether there is one.</param>
/// <param name="Sequences">Sequences of a rank's micro-batch; the smallest tried when there is none.</param>
/// <param name="Figures">What the plan achieves there; of the nearest miss when it is too slow.</param>
/// <param name="Evaluated">Batches whose time was evaluated.</param>
public readonly record struct BatchChoice(BatchOutcome Outcome, double Sequences, PlanFigures Figures, long Evaluated);
