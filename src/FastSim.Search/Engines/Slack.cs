namespace FastSim.Search.Engines;

/// <summary>
/// Room for rounding. Lanes and the reference differ by less than 4e-15 (docs/architecture.md, "Lanes"); whatever lies within this of a
/// limit or of the best is decided by the reference.
/// </summary>
internal static class Slack
{
    /// <summary>A relative difference that may be rounding.</summary>
    public const double Relative = 1e-12;

    /// <summary>A little more.</summary>
    public const double Above = 1 + Relative;

    /// <summary>A little less.</summary>
    public const double Below = 1 - Relative;
}
