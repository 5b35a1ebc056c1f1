namespace FastSim.Kernels.Models;

/// <summary>How a block mixes the tokens of its context.</summary>
public enum AttentionKind
{
    /// <summary>Keys and values shared by groups of query heads; multi-head and multi-query are its two ends (cost model A2).</summary>
    GroupQuery,

    /// <summary>Multi-head latent attention with the up-projections absorbed in decode (cost model A2; DeepSeek-V2, arXiv 2405.04434).</summary>
    LatentAbsorbed,

    /// <summary>Linear attention by the gated delta rule (Yang et al., "Gated Delta Networks", arXiv 2412.06464): a state a sequence, no cache.</summary>
    GatedDelta,

    /// <summary>Linear attention by the delta rule with a decay a channel (Kimi Linear, arXiv 2510.26692): a state a sequence, no cache.</summary>
    KimiDelta,

    /// <summary>A selective state space (Dao and Gu, "Mamba-2", arXiv 2405.21060): a state a sequence, no cache.</summary>
    StateSpace,

    /// <summary>Linear attention with a fixed decay a head (Qin et al., "Lightning Attention-2", arXiv 2401.04658; MiniMax-01, Ring-linear): a state a sequence, no cache.</summary>
    Lightning,

    /// <summary>A state a channel (Gu and Dao, "Mamba", arXiv 2312.00752): no heads, no cache.</summary>
    SelectiveScan,

    /// <summary>A short convolution between two gates (LFM2): it remembers its last tokens, and keeps nothing else.</summary>
    ShortConvolution,

    /// <summary>A window, and one entry for several tokens before it, all of them or selected ones (DeepSeek-V4).</summary>
    Compressed,

    /// <summary>Not at all: the block is a feed-forward alone.</summary>
    None,
}
