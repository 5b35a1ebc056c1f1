using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>What an architecture's reader finds out about a model; what it leaves alone, the model does not have.</summary>
internal sealed record ModelDraft
{
    /// <summary>Width of the dense feed-forward; 0 when no block has one.</summary>
    public int FeedForward { get; init; }

    public int KeyValueHeads { get; init; }

    public int HeadSize { get; init; }

    public LatentDimensions? Latent { get; init; }

    public MixtureOfExperts? Experts { get; init; }

    public SparseIndexer? Indexer { get; init; }

    public QueryKeyNorm QueryKeyNorm { get; init; }

    public int NormsPerBlock { get; init; } = 2;

    public BlockExtras Extras { get; init; }

    public bool AttentionGate { get; init; }

    public bool TiedEmbeddings { get; init; }

    /// <summary>How far each block's attention reaches back; null where all reach the whole context.</summary>
    public AttentionReach[]? Reaches { get; init; }

    /// <summary>What mixes each block's tokens where that is not the attention above; null where it is in all blocks.</summary>
    public AttentionForm?[]? Forms { get; init; }

    /// <summary>Query heads; 0 where <c>num_attention_heads</c> says it.</summary>
    public int Heads { get; init; }

    /// <summary>What blocks are that draft tokens add; null where they are like the last.</summary>
    public BlockKind? DraftBlock { get; init; }

    /// <summary>Several residual streams; null where there is one.</summary>
    public HyperConnections? Streams { get; init; }

    /// <summary>What every block takes of the token besides the hidden state; null where none does.</summary>
    public LayerInputs? LayerInputs { get; init; }

    /// <summary>Whether a count of one expert says that there are none.</summary>
    public bool CountsOneExpert { get; init; }

    /// <summary>Elements of tables beside the embedding's, and of small vectors outside blocks.</summary>
    public double LookedUpElements { get; init; }

    /// <summary>Which blocks have a dense feed-forward beside their experts, by index.</summary>
    public Func<int, bool> HasDenseBesides { get; init; } = _ => false;

    /// <summary>Width of a block's dense feed-forward where that is not <see cref="FeedForward"/>, by index; 0 where it is.</summary>
    public Func<int, int> OwnFeedForward { get; init; } = _ => 0;

    /// <summary>Whether fields that nobody knows are refused: those of this family change what a model is.</summary>
    public bool RefusesUnknown { get; init; }

    /// <summary>Whether a dense feed-forward has no gate.</summary>
    public bool HasPlainFeedForward { get; init; }

    /// <summary>Whether attention and feed-forward of a block stand beside each other.</summary>
    public bool IsParallel { get; init; }

    /// <summary>Blocks after which the residual stream is kept for all later ones to read; 0 where none is.</summary>
    public int ResidualEvery { get; init; }

    /// <summary>Which blocks have a feed-forward, by index.</summary>
    public Func<int, bool> HasFeedForward { get; init; } = _ => true;

    /// <summary>Which blocks have experts, by index; asked only of a model that has some.</summary>
    public Func<int, bool> HasExperts { get; init; } = _ => true;

    /// <summary>An expert feed-forward as configurations state it: no replicas, no padding.</summary>
    public static MixtureOfExperts ExpertsOf(int width, int count, int active, int sharedPerToken, (int Groups, int PerToken) routing = default) => new(
        width,
        count,
        active,
        sharedPerToken,
        RedundantExperts: 0,
        SharedReplicas: 0,
        CapacityFactor: 1,
        DenseBlocksBetween: 0,
        Math.Max(1, routing.Groups),
        Math.Max(1, routing.PerToken));
}
