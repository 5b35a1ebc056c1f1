namespace FastSim.Kernels.Stages;

/// <summary>How a phase's cards share the work (cost model A3).</summary>
/// <param name="DataParallel"><c>DP</c>.</param>
/// <param name="PipelineParallel"><c>PP</c>: pipeline stages.</param>
/// <param name="TensorParallel"><c>TP</c>: cards that share one attention rank.</param>
/// <param name="ExpertParallel"><c>EP</c>; 1 for a dense model.</param>
/// <param name="ExpertTensorParallel"><c>MTP</c>, MoE-TP; 1 for a dense model.</param>
/// <param name="ExpertDataParallel"><c>MDP</c>, MoE-DP; 0 for a dense model.</param>
/// <param name="RedundantExperts"><c>R</c>: replicas of routed experts beyond the first.</param>
/// <param name="SharedReplicas"><c>Sh</c>: deployed replicas of the shared expert.</param>
/// <param name="ContextParallel"><c>CP</c>: cards that share the tokens of a sequence, each as many times as <c>TP</c> says.</param>
/// <param name="AttentionDataParallel"><c>ADP</c>: attention ranks that share each dense feed-forward out; it divides <c>DP</c>.</param>
/// <param name="SequenceParallel">Whether the cards that share a product out have its rows in turn between products.</param>
public readonly record struct ParallelLayout(
    int DataParallel,
    int PipelineParallel,
    int TensorParallel,
    int ExpertParallel,
    int ExpertTensorParallel,
    int ExpertDataParallel,
    int RedundantExperts,
    int SharedReplicas,
    int ContextParallel = 1,
    int AttentionDataParallel = 1,
    bool SequenceParallel = false)
{
    /// <summary>What of each card lies in its second memory.</summary>
    public SecondMemoryShares Second { get; init; }

    /// <summary>What the cards of a dense feed-forward exchange; rows by itself.</summary>
    public FeedForwardForm FeedForward { get; init; }

    /// <summary>Cards: <c>DP·PP·CP·TP</c>.</summary>
    public int Cards => DataParallel * PipelineParallel * ContextParallel * TensorParallel;

    /// <summary>Cards of an attention rank's stage: <c>CP·TP</c>.</summary>
    public int RankCards => ContextParallel * TensorParallel;

    /// <summary>Cards of all attention ranks of a stage that share a dense feed-forward out: <c>ADP·CP·TP</c>.</summary>
    public int FeedForwardCards => AttentionDataParallel * RankCards;

    /// <summary>Blocks on the fullest stage: <c>ceil(blocks / PP)</c>.</summary>
    public int StageBlocks(int blocks) => (blocks + PipelineParallel - 1) / PipelineParallel;
}
