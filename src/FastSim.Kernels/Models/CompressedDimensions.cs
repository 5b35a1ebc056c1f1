namespace FastSim.Kernels.Models;

/// <summary>
/// Widths of attention whose keys are its values, one head of them for all queries, and that beside its window keeps one entry for several tokens (DeepSeek-V4).
/// Queries come by way of a rank, outputs leave by one for each group of heads. Source: transformers' and vLLM's <c>deepseek_v4</c>.
/// </summary>
/// <param name="HeadSize"><c>head_dim</c>: elements of an entry.</param>
/// <param name="RotaryHeadSize"><c>qk_rope_head_dim</c>: of them those with a rotary embedding.</param>
/// <param name="QueryRank"><c>q_lora_rank</c>.</param>
/// <param name="OutputGroups"><c>o_groups</c>: groups of heads, each with a down-projection of its own.</param>
/// <param name="OutputRank"><c>o_lora_rank</c>: width that each yields.</param>
/// <param name="Ratio">Tokens that an entry stands for, of <c>compress_ratios</c>; 0 where a block has its window alone.</param>
public sealed record CompressedDimensions(int HeadSize, int RotaryHeadSize, int QueryRank, int OutputGroups, int OutputRank, int Ratio)
{
    private const double StateBytesPerElement = 4;
    private const double RotaryBytes = 2;
    private const double ScaledTogether = 64;
    private const double Alignment = 8;
    private const double IndexScaleBytes = 4;

    /// <summary>What selects compressed entries, <c>index_…</c>; null where a row attends to all of them. Its <c>SelectedTokens</c> are entries.</summary>
    public SparseIndexer? Indexer { get; init; }

    /// <summary>Windows that an entry is made of: two where entries are selected, which overlap by half, else one.</summary>
    public int Overlap => Indexer is null ? 1 : 2;

    /// <summary>Width of what a compressor projects for its values, and of its weights as much: a head's, for each window that a token is in.</summary>
    public double CompressorWidth => (double)Overlap * HeadSize;

    /// <summary>The same of the indexer's own compressor; 0 without an indexer.</summary>
    public double IndexCompressorWidth => Indexer is { } indexer ? (double)Overlap * indexer.HeadSize : 0;

    /// <summary>Elements that are kept of a token however long ago it was, its index key included.</summary>
    public double ElementsPerToken => Ratio == 0 ? 0 : (HeadSize + (Indexer?.HeadSize ?? 0d)) / Ratio;

    /// <summary>Bytes of an entry: below 16 bits its rotary part stays in 16 bits, 64 elements share a scale of a byte, and entries are aligned to 8 bytes.</summary>
    /// <param name="cacheBytes">Bytes of a cached element.</param>
    public double EntryBytes(double cacheBytes)
    {
        double plain = HeadSize - RotaryHeadSize;
        return cacheBytes >= RotaryBytes
            ? HeadSize * cacheBytes
            : Math.Ceiling(((plain * cacheBytes) + (RotaryHeadSize * RotaryBytes) + Math.Ceiling(plain / ScaledTogether)) / Alignment) * Alignment;
    }

    /// <summary>Bytes of an index key: below 16 bits it has a scale.</summary>
    /// <param name="cacheBytes">Bytes of a cached element.</param>
    public double IndexBytes(double cacheBytes) =>
        Indexer is { } indexer ? (indexer.HeadSize * cacheBytes) + (cacheBytes >= RotaryBytes ? 0 : IndexScaleBytes) : 0;

    /// <summary>Bytes that are kept of a token however long ago it was.</summary>
    /// <param name="cacheBytes">Bytes of a cached element.</param>
    public double BytesPerToken(double cacheBytes) => Ratio == 0 ? 0 : (EntryBytes(cacheBytes) + IndexBytes(cacheBytes)) / Ratio;

    /// <summary>Elements of the compressors' weights by place and their norms: a number a channel for each of an entry's tokens, and one an element of the entry.</summary>
    public double CompressorWeights => Ratio == 0 ? 0 : WeightsOf(CompressorWidth, HeadSize) + (Indexer is { } indexer ? WeightsOf(IndexCompressorWidth, indexer.HeadSize) : 0);

    /// <summary>Of them those of one compressor.</summary>
    /// <param name="width">Channels.</param>
    /// <param name="entry">Elements of an entry.</param>
    public double WeightsOf(double width, double entry) => (Ratio * width) + entry;

    /// <summary>Bytes of a sequence that its compressors keep of the tokens which no entry stands for yet: values and weights in 32 bits.</summary>
    public double StateBytes => 2d * Overlap * Ratio * (CompressorWidth + IndexCompressorWidth) * StateBytesPerElement;
}
