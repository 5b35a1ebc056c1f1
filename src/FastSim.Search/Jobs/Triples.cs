using FastSim.Kernels.Stages;

namespace FastSim.Search.Jobs;

/// <summary>A stated attention layout, <c>[DP, PP, TP]</c> or <c>[DP, PP, TP, CP]</c>.</summary>
/// <param name="DataParallel"><c>DP</c>.</param>
/// <param name="PipelineParallel"><c>PP</c>.</param>
/// <param name="TensorParallel"><c>TP</c>.</param>
/// <param name="ContextParallel"><c>CP</c>.</param>
/// <param name="AttentionDataParallel"><c>ADP</c>: of the <c>DP</c> ranks, those that share each dense feed-forward out.</param>
/// <param name="SequenceParallel">Whether the cards that share a product out have its rows in turn between products.</param>
public readonly record struct AttentionTriple(
    int DataParallel, int PipelineParallel, int TensorParallel, int ContextParallel = 1, int AttentionDataParallel = 1, bool SequenceParallel = false)
{
    /// <summary>What the cards of a dense feed-forward exchange; rows by itself.</summary>
    public FeedForwardForm FeedForward { get; init; }

    /// <summary>Cards of the layout.</summary>
    public long Cards => StageCards * PipelineParallel;

    /// <summary>Cards of a pipeline stage: <c>DP·CP·TP</c>.</summary>
    public long StageCards => (long)DataParallel * TensorParallel * ContextParallel;
}

/// <summary>A stated expert layout, <c>[EP, Moe_TP, Moe_DP]</c>.</summary>
/// <param name="ExpertParallel"><c>EP</c>.</param>
/// <param name="TensorParallel"><c>Moe_TP</c>.</param>
/// <param name="DataParallel"><c>Moe_DP</c>.</param>
public readonly record struct ExpertTriple(int ExpertParallel, int TensorParallel, int DataParallel)
{
    /// <summary>Cards of the layout.</summary>
    public long Cards => (long)ExpertParallel * TensorParallel * DataParallel;
}

/// <summary>A stated batch per attention rank, <c>[global_bs, num_bs, bs]</c> with <c>global_bs = num_bs·bs</c>.</summary>
/// <param name="Global">Sequences in flight per attention rank.</param>
/// <param name="MicroBatches">Micro-batches they come in.</param>
/// <param name="Size">Sequences of one micro-batch.</param>
public readonly record struct BatchTriple(int Global, int MicroBatches, int Size);

/// <summary>Cards of each phase, <c>[P, D]</c>.</summary>
/// <param name="PrefillCards">Cards that prefill; 0 runs decode alone.</param>
/// <param name="DecodeCards">Cards that decode; 0 runs prefill alone.</param>
public readonly record struct CardSplit(int PrefillCards, int DecodeCards)
{
    /// <summary>Cards of both.</summary>
    public long Cards => (long)PrefillCards + DecodeCards;
}

/// <summary>Numbers of redundant experts to try, both ends included.</summary>
/// <param name="Lowest">Fewest.</param>
/// <param name="Highest">Most.</param>
public readonly record struct RedundancyRange(int Lowest, int Highest)
{
    /// <summary>How many there are.</summary>
    public long Count => (long)Highest - Lowest + 1;
}
