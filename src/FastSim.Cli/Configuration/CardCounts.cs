using System.Globalization;

namespace FastSim.Cli.Configuration;

/// <summary>Numbers of cards that a phase may run on.</summary>
/// <param name="Counts">Each number, or null when the split is free.</param>
/// <param name="Largest">The largest number.</param>
internal sealed record CardCounts(IReadOnlyList<int>? Counts, int Largest)
{
    public static CardCounts Exactly(IEnumerable<Listed<int>> cards)
    {
        int[] counts = cards.Select(count => count.Value).Distinct().Order().ToArray();
        return new CardCounts(counts, counts[^1]);
    }

    /// <summary>Whether the phase may run on this many cards.</summary>
    public bool Allows(long cards) => Counts is null ? cards <= Largest : cards <= int.MaxValue && Counts.Contains((int)cards);

    public override string ToString() => Counts is null
        ? $"from 1 to {Largest.ToString(CultureInfo.InvariantCulture)}"
        : string.Join(" or ", Counts);
}
