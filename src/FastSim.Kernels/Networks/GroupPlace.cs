using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Networks;

/// <summary>Cards that exchange, as a tier sees them.</summary>
/// <param name="Collective">What they exchange.</param>
/// <param name="Members">How many there are.</param>
/// <param name="Span">Cards from the first to the last.</param>
/// <param name="Inside">Of an all-to-all, members that inner tiers reach, the card itself included; else 1.</param>
public readonly record struct GroupPlace(Collective Collective, int Members, int Span, int Inside)
{
    /// <summary>Of sends, cards from a card to the one that it sends to; of all else what divides the span evenly.</summary>
    public int Apart { get; init; }
}
