namespace FastSim.Kernels.Models;

/// <summary>
/// The indexer of sparse attention: small heads score every token of the context, and attention itself runs on the best of them
/// (DeepSeek-V3.2, "DeepSeek Sparse Attention", arXiv 2512.02556).
/// </summary>
/// <param name="Heads"><c>index_n_heads</c>.</param>
/// <param name="HeadSize"><c>index_head_dim</c>: width of an index query and of the cached index key, elements.</param>
/// <param name="SelectedTokens"><c>index_topk</c>: tokens that a row attends to at most.</param>
public sealed record SparseIndexer(int Heads, int HeadSize, int SelectedTokens)
{
    /// <summary>Whether the block uses what an earlier one selected, and has neither index weights nor index keys of its own (GLM-5.2).</summary>
    public bool IsBorrowed { get; init; }

    /// <summary>
    /// Tokens of a block, where whole blocks are selected by the best score in each (MiniMax-M3's <c>index_block_size</c>); 1 where tokens are. Such an indexer's
    /// heads are projected from the hidden state, normalised without a shift, and not weighed.
    /// </summary>
    public int BlockTokens { get; init; } = 1;

    /// <summary>Whether whole blocks are selected.</summary>
    public bool SelectsBlocks => BlockTokens > 1;

    /// <summary>What a row attends to as a reach: as many tokens as a window of the same length, wherever they stand.</summary>
    public AttentionReach Selection => AttentionReach.Window(SelectedTokens);
}
