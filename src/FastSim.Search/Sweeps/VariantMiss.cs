namespace FastSim.Search.Sweeps;

/// <summary>What a variant fails by.</summary>
public enum MissKind
{
    /// <summary>It has a plan.</summary>
    None,

    /// <summary>The model cannot be cut into any layout of the cards.</summary>
    Divisibility,

    /// <summary>The network does not reach across any layout.</summary>
    Network,

    /// <summary>No layout fits the memory at its smallest batch.</summary>
    Memory,

    /// <summary>No layout that fits meets the time to first token at its smallest batch.</summary>
    FirstToken,

    /// <summary>No layout that fits meets the time per output token at its smallest batch.</summary>
    PerToken,

    /// <summary>Each phase has plans, on card counts that no split pairs.</summary>
    Split,

    /// <summary>Every deployment costs more than it may.</summary>
    Cost,

    /// <summary>Every deployment takes more energy than it may.</summary>
    Energy,
}

/// <summary>Why a variant has no plan, and by how little the nearest failed.</summary>
/// <param name="Kind">What it fails by.</param>
/// <param name="Needed">What the nearest layout needs: bytes, milliseconds at its smallest batch, dollars a million tokens, or joules a token.</param>
/// <param name="Limit">What there is.</param>
public readonly record struct VariantMiss(MissKind Kind, double Needed, double Limit);
