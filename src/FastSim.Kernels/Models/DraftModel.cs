namespace FastSim.Kernels.Models;

/// <summary>
/// What drafts tokens where the model's own prediction blocks do not (docs/cost-model.md, "Drafts"): nothing that costs, a head on the model's hidden
/// states, or a model of its own. Drafts come one after another, a pass each.
/// </summary>
/// <param name="Model">Its blocks, dense, and the vocabulary that it chooses from; null where drafting costs nothing.</param>
public sealed record DraftModel(TransformerModel? Model)
{
    /// <summary>Drafts looked up in the text so far (n-grams): no pass, no memory.</summary>
    public static DraftModel Lookup { get; } = new((TransformerModel?)null);

    /// <summary>Hidden states that are put together and projected to one, <c>n·h → h</c>; 0 for none.</summary>
    public int FusedStates { get; private init; }

    /// <summary>
    /// Whether only the pass over verified rows fuses states, later ones having the draft's own, and attention reads the embedding beside it, by a product as
    /// wide again (EAGLE-3).
    /// </summary>
    public bool ReadsEmbeddingApart { get; private init; }

    /// <summary>Whether the embedding table is the verifying model's.</summary>
    public bool SharesTable { get; private init; }

    /// <summary>Whether the projection to the vocabulary is the verifying model's.</summary>
    public bool SharesHead { get; private init; }

    /// <summary>
    /// An EAGLE head: a token's embedding and the hidden state before it, <c>2h → h</c>, then one block of the model's own widths; table and projection to the
    /// vocabulary are the model's. Source: Li et al., "EAGLE: Speculative Sampling Requires Rethinking Feature Uncertainty", arXiv 2401.15077.
    /// </summary>
    /// <param name="model">The verifying model; with group-query attention.</param>
    /// <param name="feedForward">Width of the block's feed-forward.</param>
    public static DraftModel Eagle(TransformerModel model, int feedForward) => new(Block(model, feedForward, model.Vocabulary))
    {
        FusedStates = 2,
        SharesTable = true,
        SharesHead = true,
    };

    /// <summary>
    /// An EAGLE-3 head: three of the model's hidden states, <c>3h → h</c>, where they were verified, then one block whose attention reads the embedding beside
    /// them; its own projection to a vocabulary of its own. Source: Li et al., "EAGLE-3: Scaling up Inference Acceleration of Large Language Models via
    /// Training-Time Test", arXiv 2503.01840.
    /// </summary>
    /// <param name="model">The verifying model; with group-query attention.</param>
    /// <param name="feedForward">Width of the block's feed-forward.</param>
    /// <param name="vocabulary">Tokens that it chooses from.</param>
    public static DraftModel Eagle3(TransformerModel model, int feedForward, int vocabulary) => new(Block(model, feedForward, vocabulary))
    {
        FusedStates = 3,
        ReadsEmbeddingApart = true,
        SharesTable = true,
    };

    /// <summary>One block of a model's hidden size and heads, its queries and keys not normalised.</summary>
    private static TransformerModel Block(TransformerModel model, int feedForward, int vocabulary)
    {
        ArgumentNullException.ThrowIfNull(model);
        return new TransformerModel(
            $"{model.Name}-eagle",
            model.Hidden,
            feedForward,
            Blocks: 1,
            AttentionKind.GroupQuery,
            model.Heads,
            model.KeyValueHeads,
            model.HeadSize,
            Latent: null,
            model.FlashAttention,
            AttentionGate: false,
            CachedTokens: 0,
            vocabulary,
            Experts: null)
        {
            StatedNorm = QueryKeyNorm.None,
            PadsHeads = model.PadsHeads,
        };
    }
}
