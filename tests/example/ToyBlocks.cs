using FastSim.Kernels.Models;

namespace FastSim.Example.Tests;

/// <summary>The toy models with blocks that differ: what a published configuration adds to the seed's form.</summary>
internal static class ToyBlocks
{
    /// <summary>Nothing small, nothing sparse, nothing quantized.</summary>
    public static BlockStructure Plain(params BlockKind[] blocks) => new(
        new BlockPattern(blocks),
        QueryKeyNorm.None,
        NormsPerBlock: 2,
        BlockExtras.None,
        Indexer: null,
        TiedEmbeddings: false,
        new StoredWeights(2, 2, WeightRoles.None));

    /// <summary>A block with dense feed-forward.</summary>
    public static BlockKind Dense(AttentionReach reach = default) => new(reach, HasExperts: false);

    /// <summary>A block with experts.</summary>
    public static BlockKind Expert(AttentionReach reach = default) => new(reach, HasExperts: true);

    /// <summary>A toy model of these blocks.</summary>
    public static TransformerModel Of(TransformerModel model, params BlockKind[] blocks) =>
        model with { Blocks = blocks.Length, Structure = Plain(blocks) };

    /// <summary>A toy model of these blocks, with more to say of them.</summary>
    public static TransformerModel Of(TransformerModel model, Func<BlockStructure, BlockStructure> more, params BlockKind[] blocks) =>
        model with { Blocks = blocks.Length, Structure = more(Plain(blocks)) };
}
