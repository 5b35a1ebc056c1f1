using FastSim.Tests;

namespace FastSim.Laws.Tests;

/// <summary>
/// Cases of a law: as many as it states in a long run (<see cref="TestLength"/>), else a share of them, spread over the same sizes of
/// input, and never fewer than <see cref="Fewest"/>. A seed that a failing run printed is run with the number of that run.
/// </summary>
internal static class LawSize
{
    /// <summary>A short run takes one case of so many.</summary>
    public const int Share = 8;

    /// <summary>Fewer cases than these would say little; a law that states fewer has all of them.</summary>
    public const int Fewest = 10;

    /// <summary>Cases of a law that states a number.</summary>
    public static int Of(int stated) => TestLength.IsLong ? stated : Math.Min(stated, Math.Max(Fewest, stated / Share));
}
