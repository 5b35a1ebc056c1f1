using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Plans;

/// <summary>Where the times of a walk over launches go.</summary>
/// <param name="parts">Microseconds by part.</param>
/// <param name="exchanged">Microseconds of exchanges, hidden or not.</param>
internal readonly ref struct LaunchSum(ref StepParts parts, ref double exchanged)
{
    /// <summary>Microseconds by part.</summary>
    public readonly ref StepParts Parts = ref parts;

    /// <summary>Microseconds of exchanges, hidden or not.</summary>
    public readonly ref double Exchanged = ref exchanged;

    /// <summary>Where launches are listed; null for nowhere.</summary>
    public List<PricedLaunch>? Launches { get; init; }

    /// <summary>Whose launches are wanted; null for everybody's.</summary>
    public ClockKind? By { get; init; }

    /// <summary>Whether it is asked what a learned efficiency was not trained among, in place of times.</summary>
    public bool AsksTraining { get; init; }

    /// <summary>Whether nothing is asked but times.</summary>
    public bool IsOfTimesAlone => Launches is null && !AsksTraining;
}
