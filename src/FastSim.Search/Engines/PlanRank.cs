using FastSim.Kernels.Stages;

namespace FastSim.Search.Engines;

/// <summary>
/// Where a plan stands in the total order that picks one of several: higher throughput, then fewer cards, then smaller TP, PP, EP, batch, and
/// last fewer micro-batches, smaller MoE-TP, fewer redundant experts, smaller CP, fewer attention ranks to a feed-forward, whole rows, exchanges of rows, and less in the second memory.
/// </summary>
/// <param name="TokensPerSecond">Throughput.</param>
/// <param name="Layout">Layout.</param>
/// <param name="Sequences">Sequences of a rank's micro-batch.</param>
/// <param name="MicroBatches">Micro-batches in flight per rank.</param>
public readonly record struct PlanRank(double TokensPerSecond, ParallelLayout Layout, double Sequences, int MicroBatches)
{
    /// <summary>Whether this plan comes before another.</summary>
    public bool Precedes(PlanRank other) =>
        TokensPerSecond != other.TokensPerSecond ? TokensPerSecond > other.TokensPerSecond : Key.CompareTo(other.Key) < 0;

    private (int Cards, int TensorParallel, int PipelineParallel, int ExpertParallel, double Sequences, int MicroBatches, (int, int, int, int, bool, (FeedForwardExchange, int), (double, double)) Last) Key => (
        Layout.Cards,
        Layout.TensorParallel,
        Layout.PipelineParallel,
        Layout.ExpertParallel,
        Sequences,
        MicroBatches,
        (
            Layout.ExpertTensorParallel,
            Layout.RedundantExperts,
            Layout.ContextParallel,
            Layout.AttentionDataParallel,
            Layout.SequenceParallel,
            (Layout.FeedForward.Exchange, Layout.FeedForward.OfWays),
            (Layout.Second.Weights, Layout.Second.Cache)));
}
