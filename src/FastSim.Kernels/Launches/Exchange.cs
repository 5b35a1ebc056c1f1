using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>What a communication operator puts on the network (cost model B5).</summary>
/// <param name="Group">Whose exchange it is; <see cref="ExchangeGroup.None"/> for compute.</param>
/// <param name="Collective">The pattern.</param>
/// <param name="GroupSize">Ranks that take part.</param>
/// <param name="Span">Cards the group reaches across, from its first to its last.</param>
/// <param name="MessageBytes">Size of the exchange.</param>
/// <param name="Tier">The tier it is fixed to, or -1 for the innermost that spans it.</param>
public readonly record struct Exchange(
    ExchangeGroup Group,
    Collective Collective,
    int GroupSize,
    int Span,
    AffineInBatch MessageBytes,
    int Tier)
{
    /// <summary>Of a send, cards from one to the next where they lie in turns; 0 for neighbours.</summary>
    public int Apart { get; init; }

    /// <summary>Tier of an exchange that takes the innermost tier that spans it.</summary>
    public const int BySpan = -1;
}
