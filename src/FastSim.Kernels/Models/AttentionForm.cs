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

    /// <summary>Latent widths, exactly of latent attention.</summary>
    public LatentDimensions? Latent { get; init; }

    /// <summary>Widths of the state, exactly of kinds that keep one.</summary>
    public StateDimensions? State { get; init; }

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
