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
        Ends = PlanInterval.Ends(job);
        PrefillNumbers = ChipNumbers.Of(job.PrefillChip, job.Types);
        DecodeNumbers = ChipNumbers.Of(job.DecodeChip, job.Types);
        Splits = job.Mode == ServingMode.Fusion ? null : new SplitChoice(job.Splits, job.Cards);
        if (job.Engine is not null)
        {
            Prefill = Shapes<ServingPlan, ServingFactory>(Phase.Prefill, () => new ServingFactory(job, ServingRole.Prefill));
            Decode = Shapes<ServingPlan, ServingFactory>(
                Phase.Decode, () => new ServingFactory(job, Splits is null ? ServingRole.Both : ServingRole.Decode));
            return;
        }

        Prefill = Shapes<PrefillPlan, PrefillFactory>(Phase.Prefill, () => new PrefillFactory(job));
        Decode = Splits is null
            ? Shapes<FusionPlan, FusionFactory>(Phase.Decode, () => new FusionFactory(job))
            : Shapes<DecodePlan, DecodeFactory>(Phase.Decode, () => new DecodeFactory(job));
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

    /// <summary>The job at both ends of learned times' intervals; none where there are no intervals.</summary>
    internal IReadOnlyList<Job> Ends { get; }

    internal PhaseShapes? Prefill { get; }

    internal PhaseShapes? Decode { get; }

    internal SplitChoice? Splits { get; }

    /// <summary>Shapes of a phase; null where it does not run.</summary>
    private PhaseShapes? Shapes<TPlan, TFactory>(Phase phase, Func<TFactory> factory)
        where TPlan : struct, IBatchPlan
        where TFactory : struct, IPlanFactory<TPlan>
    {
        int[] cards = Splits switch
        {
            null => phase == Phase.Decode ? [.. Job.FusionCards] : [],
            var splits => phase == Phase.Decode ? splits.DecodeCards : splits.PrefillCards,
        };
        return cards.Length == 0
            ? null
            : PhaseShapes.Of<TPlan, TFactory>(Job, phase, factory(), phase == Phase.Decode ? Job.Decode : Job.Prefill, cards);
    }
}
