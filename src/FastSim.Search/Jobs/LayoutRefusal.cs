namespace FastSim.Search.Jobs;

/// <summary>Why a serving engine cannot run a layout, by <c>EngineLayouts</c>.</summary>
public enum LayoutRefusal
{
    /// <summary>It can.</summary>
    None,

    /// <summary>Tensor parallel does not divide the attention heads.</summary>
    HeadsUneven,

    /// <summary>The cards of one attention rank lie in several servers.</summary>
    AttentionAcrossServers,

    /// <summary>The cards that slice one expert lie in several servers.</summary>
    SlicesAcrossServers,

    /// <summary>An instance, or one of its pipeline stages or ranks, neither fills whole servers nor divides one.</summary>
    ServersUnfilled,

    /// <summary>A full set of experts lies on fewer cards than an attention rank, or ranks do not fill a set's cards.</summary>
    ExpertsInsideAttention,

    /// <summary>Experts are both spread over cards and sliced, where the engine does the one or the other.</summary>
    SpreadAndSliced,

    /// <summary>Attention is both sliced and repeated within an instance, where the engine does the one or the other.</summary>
    SlicedAndRepeated,

    /// <summary>Ranks would hold different numbers of experts.</summary>
    ExpertsUneven,

    /// <summary>Redundant experts without expert parallelism.</summary>
    CopiesUnspread,

    /// <summary>Redundant experts on a chip for which the engine does not claim them.</summary>
    CopiesOnChip,

    /// <summary>Draft tokens with pipeline parallelism.</summary>
    DraftsInPipeline,

    /// <summary>Sequences whose tokens lie on several ranks of the same heads.</summary>
    ContextShared,

    /// <summary>Rows that cards have in turn between products.</summary>
    RowsShared,

    /// <summary>Attention ranks share a dense feed-forward out, or its cards exchange other than rows, for which launch files have no option.</summary>
    FeedForwardShared,

    /// <summary>Prefill and decode instances that the engine cannot pass a cache between.</summary>
    PoolsUnlike,

    /// <summary>Weights or caches that stream from a second memory.</summary>
    SecondMemory,
}
