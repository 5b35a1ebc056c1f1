using FastSim.Kernels.Stages;

namespace FastSim.Search.Engines;

/// <summary>What people tell layouts apart by: how one copy of the model lies on cards. Redundant experts, micro-batches and copies are not of it.</summary>
/// <param name="TensorParallel">Cards that share a layer.</param>
/// <param name="PipelineParallel">Stages.</param>
/// <param name="ExpertParallel">Cards that share a block's experts out.</param>
/// <param name="ExpertTensorParallel">Cards that share an expert.</param>
/// <param name="ContextParallel">Cards that share a sequence's tokens.</param>
/// <param name="AttentionDataParallel">Attention ranks that share a feed-forward out.</param>
/// <param name="SequenceParallel">Whether cards have rows in turn between products.</param>
/// <param name="FeedForward">What the cards of a dense feed-forward exchange.</param>
public readonly record struct LayoutKind(
    int TensorParallel,
    int PipelineParallel,
    int ExpertParallel,
    int ExpertTensorParallel,
    int ContextParallel,
    int AttentionDataParallel,
    bool SequenceParallel,
    FeedForwardForm FeedForward)
{
    /// <summary>Of a layout.</summary>
    public static LayoutKind Of(in ParallelLayout layout) =>
        new(
            layout.TensorParallel,
            layout.PipelineParallel,
            layout.ExpertParallel,
            layout.ExpertTensorParallel,
            layout.ContextParallel,
            layout.AttentionDataParallel,
            layout.SequenceParallel,
            layout.FeedForward);
}
