using FastSim.Kernels.Models;

namespace FastSim.Cli.Calibration;

/// <summary>How a measured block of latent attention attends.</summary>
internal enum LatentPath
{
    /// <summary>To all it sees; there is no indexer.</summary>
    Plain,

    /// <summary>To all it sees, which is no more than would be selected; the indexer's keys are cached all the same.</summary>
    Dense,

    /// <summary>To what its indexer selects.</summary>
    Indexed,

    /// <summary>To what an earlier block's indexer selected.</summary>
    Reused,
}

/// <summary>Widths of the blocks that measured modules are of, by the architecture of their models.</summary>
/// <param name="Hidden">Hidden width.</param>
/// <param name="Latent">Widths of attention.</param>
/// <param name="Indexer">The indexer; null where there is none.</param>
internal sealed record LatentBlock(int Hidden, LatentDimensions Latent, SparseIndexer? Indexer)
{
    private static readonly LatentDimensions DeepSeek = new(1536, 512, 64, 128, 128);

    private static readonly Dictionary<string, LatentBlock> Known = new(StringComparer.Ordinal)
    {
        ["DeepseekV3ForCausalLM"] = new(7168, DeepSeek, null),
        ["DeepseekV32ForCausalLM"] = new(7168, DeepSeek, new SparseIndexer(64, 128, 2048)),
        ["GlmMoeDsaForCausalLM"] = new(6144, new LatentDimensions(2048, 512, 64, 192, 256), new SparseIndexer(32, 128, 2048)),
    };

    /// <summary>Widths of an architecture; null where they are not known.</summary>
    public static LatentBlock? Of(string architecture) => Known.GetValueOrDefault(architecture);
}
