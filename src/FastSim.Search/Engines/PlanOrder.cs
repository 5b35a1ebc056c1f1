using FastSim.Kernels.Deployment;

namespace FastSim.Search.Engines;

/// <summary>
/// The total order that picks one of several plans: higher throughput, then fewer cards, then smaller TP, PP, EP, batch, and
/// last smaller MoE-TP and fewer redundant experts.
/// </summary>
public static class PlanOrder
{
    /// <summary>Whether the first plan comes before the second.</summary>
    public static bool Precedes(
        double throughput, ParallelLayout layout, double sequences, double otherThroughput, ParallelLayout otherLayout, double otherSequences)
    {
        if (throughput != otherThroughput)
        {
            return throughput > otherThroughput;
        }

        return Key(layout, sequences).CompareTo(Key(otherLayout, otherSequences)) < 0;
    }

    private static (int Cards, int TensorParallel, int PipelineParallel, int ExpertParallel, double Sequences, int ExpertTensorParallel, int Redundant) Key(
        ParallelLayout layout, double sequences) =>
        (
            layout.Cards,
            layout.TensorParallel,
            layout.PipelineParallel,
            layout.ExpertParallel,
            sequences,
            layout.ExpertTensorParallel,
            layout.RedundantExperts);
}
