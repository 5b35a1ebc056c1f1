using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Search.Sweeps;

/// <summary>
/// A job whose chips vary: everything its variants share, lowered and bounded once. Threads read it; each searches with a
/// <see cref="JobSweep"/> of its own.
/// </summary>
public sealed class SweepJob
{
    /// <summary>Prepares a job.</summary>
    /// <param name="job">The job, on the chips the variants start from.</param>
    public SweepJob(Job job)
    {
        ArgumentNullException.ThrowIfNull(job);
        Job = job;
        PrefillNumbers = ChipNumbers.Of(job.PrefillChip, job.Types);
        DecodeNumbers = ChipNumbers.Of(job.DecodeChip, job.Types);
        if (job.Mode == ServingMode.Fusion)
        {
            Decode = PhaseShapes.Of<FusionPlan, FusionFactory>(job, Phase.Decode, new FusionFactory(job), job.Decode, [job.Cards]);
            return;
        }

        Splits = new SplitChoice(job.Splits, job.Cards);
        Prefill = Splits.PrefillCards.Length == 0
            ? null
            : PhaseShapes.Of<PrefillPlan, PrefillFactory>(job, Phase.Prefill, new PrefillFactory(job), job.Prefill, Splits.PrefillCards);
        Decode = Splits.DecodeCards.Length == 0
            ? null
            : PhaseShapes.Of<DecodePlan, DecodeFactory>(job, Phase.Decode, new DecodeFactory(job), job.Decode, Splits.DecodeCards);
    }

    /// <summary>The job.</summary>
    public Job Job { get; }

    /// <summary>Numbers of the chip that prefills.</summary>
    public ChipNumbers PrefillNumbers { get; }

    /// <summary>Numbers of the chip that decodes.</summary>
    public ChipNumbers DecodeNumbers { get; }

    /// <summary>Whether a phase of its own prefills.</summary>
    public bool HasPrefill => Prefill is not null;

    /// <summary>Whether a phase decodes, with or without prefilling beside.</summary>
    public bool HasDecode => Decode is not null;

    internal PhaseShapes? Prefill { get; }

    internal PhaseShapes? Decode { get; }

    internal SplitChoice? Splits { get; }
}
