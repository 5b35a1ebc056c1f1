using FastSim.Kernels.Reference;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>What takes most of a winner's time, in words.</summary>
internal static class Bottleneck
{
    /// <summary>Of a winner.</summary>
    public static string Of(PhaseWinner winner) => Word(TimeShares.Of(winner.Table, winner.Rates, winner.Sequences).Bound);

    /// <summary>One of <c>compute</c>, <c>memory bandwidth</c>, <c>communication</c>, <c>power cap</c>, <c>second memory</c>.</summary>
    public static string Word(TimeBound bound) => bound switch
    {
        TimeBound.Compute => "compute",
        TimeBound.Communication => "communication",
        TimeBound.PowerCap => "power cap",
        TimeBound.SecondMemory => "second memory",
        _ => "memory bandwidth",
    };
}
