namespace FastSim.Kernels.Models;

/// <summary>How a block attends to its context.</summary>
public enum AttentionKind
{
    /// <summary>Keys and values shared by groups of query heads; multi-head and multi-query are its two ends (cost model A2).</summary>
    GroupQuery,

    /// <summary>Multi-head latent attention with the up-projections absorbed in decode (cost model A2; DeepSeek-V2, arXiv 2405.04434).</summary>
    LatentAbsorbed,
}
