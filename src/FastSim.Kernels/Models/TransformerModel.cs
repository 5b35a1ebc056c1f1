namespace FastSim.Kernels.Models;

/// <summary>What a transformer is: widths in elements, counts in pieces.</summary>
/// <param name="Name">The model's name as results print it.</param>
/// <param name="Hidden"><c>hidden</c>: width of the residual stream.</param>
/// <param name="FeedForward"><c>feedforward</c>: width of the dense feed-forward; 0 when the model has none.</param>
/// <param name="Blocks"><c>num_blocks</c>.</param>
/// <param name="Attention">The attention kind.</param>
/// <param name="Heads"><c>attn_heads</c>: query heads.</param>
/// <param name="KeyValueHeads"><c>kv_heads</c>.</param>
/// <param name="HeadSize"><c>attn_size</c>: width of one head; unused by latent attention.</param>
/// <param name="Latent">Latent widths, exactly when <paramref name="Attention"/> is <see cref="AttentionKind.LatentAbsorbed"/>.</param>
/// <param name="FlashAttention"><c>use_flash_attn</c>: scores never leave the chip.</param>
/// <param name="AttentionGate"><c>has_attn_gate</c>: a sigmoid gate of the attention output, with its own projection.</param>
/// <param name="CachedTokens"><c>cache_len</c>: tokens of the input whose keys and values are already cached at prefill.</param>
/// <param name="Vocabulary"><c>vocab_size</c>: 0 when the model does not state it.</param>
/// <param name="Experts">The expert feed-forward, or null for a dense model.</param>
public sealed record TransformerModel(
    string Name,
    int Hidden,
    int FeedForward,
    int Blocks,
    AttentionKind Attention,
    int Heads,
    int KeyValueHeads,
    int HeadSize,
    LatentDimensions? Latent,
    bool FlashAttention,
    bool AttentionGate,
    int CachedTokens,
    int Vocabulary,
    MixtureOfExperts? Experts)
{
    /// <summary>What a published configuration says of the blocks; null in the seed's form. Its pattern has <see cref="Blocks"/> blocks.</summary>
    public BlockStructure? Structure { get; init; }

    /// <summary>What turns images into tokens of the prompt; null where nothing does, or nobody knows it.</summary>
    public VisionTower? Vision { get; init; }

    /// <summary>Why nobody knows what does; null where something is known, or nothing does.</summary>
    public string? VisionObstacle { get; init; }

    /// <summary>The form of attention that this is the model of, as <see cref="Seen"/> gives it; null where it is the model's own.</summary>
    public AttentionForm? Form { get; init; }

    /// <summary>Width of a head's value.</summary>
    public int ValueHeadSize => Latent?.ValueHeadSize ?? (Form is { ValueHeadSize: > 0 } form ? form.ValueHeadSize : HeadSize);

    /// <summary>The model as a block of some form has it: all of its attention is of that form.</summary>
    /// <param name="form">The form; null for the model's own.</param>
    public TransformerModel Seen(AttentionForm? form) => form is null || form == Form
        ? this
        : this with
        {
            Form = form,
            Attention = form.Kind,
            Heads = form.Heads,
            KeyValueHeads = form.KeyValueHeads,
            HeadSize = form.HeadSize,
            Latent = form.Latent,
            AttentionGate = form.Gate != OutputGate.None,
            Structure = Structure! with
            {
                QueryKeyNorm = form.QueryKeyNorm,
                Indexer = form.Indexer,
                Extras = (Structure!.Extras & ~BlockExtras.AttentionSinks) | (form.HasSinks ? BlockExtras.AttentionSinks : BlockExtras.None),
            },
        };

    /// <summary>
    /// What a model of the seed's form says of its queries' and keys' norms (<c>qk_norm</c>); null where it is silent, and each head is normalised, though not by
    /// an engine.
    /// </summary>
    public QueryKeyNorm? StatedNorm { get; init; }

    /// <summary>Whether cards that do not divide the heads share them all the same, with padding (<see cref="HeadShares"/>).</summary>
    public bool PadsHeads { get; init; }

    /// <summary>Tokens, prompt and answer together, that the model's positions reach; null where nothing says.</summary>
    public int? LongestContext { get; init; }

    /// <summary>The class that a published configuration names (<c>architectures</c>), by which engines say what they serve; null where nothing names one.</summary>
    public string? Architecture { get; init; }

    /// <summary>Blocks for drafting tokens that a published configuration counts, which are not among <see cref="Blocks"/>; null in the seed's form, which cannot.</summary>
    public int? PredictionBlocks { get; init; }

    /// <summary>Whether the model has positions for a request, as far as anything says: an engine refuses a longer one.</summary>
    /// <param name="tokens">Tokens of its prompt and answer together.</param>
    public bool HasPositionsFor(double tokens) => !(tokens > LongestContext);

    /// <summary>Width of the widest dense feed-forward.</summary>
    public double WidestFeedForward => FeedForwardWidths.Max();

    /// <summary>Widths that dense feed-forwards have: the model's own first, 0 when it has none.</summary>
    public IEnumerable<int> FeedForwardWidths => Structure is { } structure ? structure.Pattern.OwnWidths.Prepend(FeedForward) : [FeedForward];

    /// <summary>Whether some block has a dense feed-forward.</summary>
    public bool HasDenseBlocks => Structure is { } structure
        ? structure.Pattern.DenseBlocks(0, Blocks) > 0
        : Experts is null || Experts.DenseBlocksBetween > 0;

    /// <summary>Bytes per element of a role's weights in a run.</summary>
    /// <param name="role">What the weights are for.</param>
    /// <param name="runBytes">Weight bytes of the run, <c>w</c>.</param>
    public double WeightBytes(WeightRoles role, double runBytes) => Structure?.Storage.BytesOf(role, runBytes) ?? runBytes;

    /// <summary>Bytes per element of the embedding table in a run.</summary>
    /// <param name="runBytes">Weight bytes of the run, <c>w</c>.</param>
    public double EmbeddingBytes(double runBytes) =>
        Structure?.Storage.BytesOf(Projection.Embedding, 0, Blocks, null, runBytes) ?? runBytes;
}
