namespace FastSim.Kernels.Models;

/// <summary>How an attention's output is gated.</summary>
public enum OutputGate
{
    /// <summary>Not at all.</summary>
    None,

    /// <summary>Element by element, by a projection of its own.</summary>
    PerElement,

    /// <summary>Element by element; the query's projection yields the gate besides.</summary>
    PerElementOfQuery,

    /// <summary>Head by head, by a projection of its own.</summary>
    PerHead,
}

/// <summary>
/// What mixes the tokens of a block where that is not the model's own attention: blocks of one model may differ in kind, heads and widths. Widths in
/// elements, counts in pieces; a kind leaves what it has no use for at 0.
/// </summary>
/// <param name="Kind">The kind.</param>
public sealed record AttentionForm(AttentionKind Kind)
{
    /// <summary>No attention: the block is a feed-forward alone.</summary>
    public static AttentionForm None { get; } = new(AttentionKind.None);

    /// <summary>Query heads.</summary>
    public int Heads { get; init; } = 1;

    /// <summary>Heads of keys and values.</summary>
    public int KeyValueHeads { get; init; } = 1;

    /// <summary>Width of a query and a key.</summary>
    public int HeadSize { get; init; }

    /// <summary>Width of a value; 0 where it is that of a key.</summary>
    public int ValueHeadSize { get; init; }

    /// <summary>Width by way of which queries are projected, normalised between (Step-3's <c>share_q_dim</c>); 0 where they are projected directly.</summary>
    public int QueryRank { get; init; }

    /// <summary>Latent widths, exactly of latent attention.</summary>
    public LatentDimensions? Latent { get; init; }

    /// <summary>Widths of the state, exactly of kinds that keep one.</summary>
    public StateDimensions? State { get; init; }

    /// <summary>Widths of compressed attention, exactly of that kind.</summary>
    public CompressedDimensions? Compression { get; init; }

    /// <summary>What selects the tokens of sparse attention; null where a row attends to all within reach.</summary>
    public SparseIndexer? Indexer { get; init; }

    /// <summary>How queries and keys are normalised.</summary>
    public QueryKeyNorm QueryKeyNorm { get; init; }

    /// <summary>How the output is gated.</summary>
    public OutputGate Gate { get; init; }

    /// <summary>Whether a number a head takes part in the softmax without a value.</summary>
    public bool HasSinks { get; init; }

    /// <summary>Whether values are what the keys' projection yields: there is none for them (Gemma 4's <c>attention_k_eq_v</c>). Both are cached.</summary>
    public bool ValuesAreKeys { get; init; }

    /// <summary>Whether the block reads keys and values that an earlier one cached, and makes and keeps none (Gemma 4's <c>num_kv_shared_layers</c>).</summary>
    public bool BorrowsCache { get; init; }

    /// <summary>What mixes the same tokens beside it, behind the same norm, both outputs added up (Falcon-H1); null for nothing.</summary>
    public AttentionForm? Beside { get; init; }

    /// <summary>Bytes of a sequence that a block keeps on a card, however long the context.</summary>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    /// <param name="drafts">Tokens drafted a step.</param>
    public double KeptBytesPerSequence(int tensorParallel, int drafts = 0) =>
        (State?.BytesPerSequence(tensorParallel, drafts) ?? Compression?.StateBytes ?? 0) + (Beside?.KeptBytesPerSequence(tensorParallel, drafts) ?? 0);

    /// <summary>A form that keeps nothing but what a short convolution remembers.</summary>
    /// <param name="channels">Channels, each convolved by itself.</param>
    /// <param name="convolution">Tokens that it reaches over.</param>
    public static AttentionForm OfConvolution(int channels, int convolution) => OfState(
        AttentionKind.ShortConvolution, new StateDimensions(KeyHeads: 1, ValueHeads: channels, KeySize: 0, ValueSize: 1, convolution, Chunk: 1, StateBytes: 0));

    /// <summary>A form of compressed attention: one head of keys, which are its values.</summary>
    /// <param name="heads">Query heads.</param>
    /// <param name="compression">Widths.</param>
    public static AttentionForm OfCompressed(int heads, CompressedDimensions compression)
    {
        ArgumentNullException.ThrowIfNull(compression);
        return new(AttentionKind.Compressed)
        {
            Heads = heads,
            HeadSize = compression.HeadSize,
            Compression = compression,
            QueryKeyNorm = QueryKeyNorm.WithoutScale,
            HasSinks = true,
        };
    }

    /// <summary>A form of latent attention.</summary>
    /// <param name="heads">Heads.</param>
    /// <param name="latent">Widths.</param>
    public static AttentionForm OfLatent(int heads, LatentDimensions latent) =>
        new(AttentionKind.LatentAbsorbed) { Heads = heads, KeyValueHeads = heads, Latent = latent };

    /// <summary>A form that keeps a state.</summary>
    /// <param name="kind">Its kind.</param>
    /// <param name="state">Widths.</param>
    public static AttentionForm OfState(AttentionKind kind, StateDimensions state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return new(kind) { Heads = state.ValueHeads, KeyValueHeads = state.KeyHeads, State = state };
    }
}
