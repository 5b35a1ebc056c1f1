using FastSim.Kernels.Reference;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>What takes most of a winner's time.</summary>
internal static class Bottleneck
{
    /// <summary>One of <c>compute</c>, <c>memory bandwidth</c>, <c>communication</c>.</summary>
    public static string Of(PhaseWinner winner)
    {
        StageBreakdown breakdown = winner.Breakdown;
        PartBreakdown[] parts = [breakdown.Attention, breakdown.FeedForward, breakdown.Logits];
        double compute = parts.Sum(part => part.ComputeBoundSeconds);
        double memory = parts.Sum(part => part.MemoryBoundSeconds);
        StageTime time = breakdown.Time;
        double communication = time.ExposedTensorSeconds + time.ExposedExpertSeconds + time.PointToPointSeconds;
        if (communication > compute && communication > memory)
        {
            return "communication";
        }

        return compute > memory ? "compute" : "memory bandwidth";
    }
}
