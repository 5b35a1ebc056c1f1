using System.Globalization;

namespace FastSim.Cli.Planning;

/// <summary>Cards that a plan may take: a number, or the fewest of a range.</summary>
/// <param name="Least">Fewest.</param>
/// <param name="Most">Most.</param>
internal readonly record struct CardRange(int Least, int Most)
{
    private const string Between = "..";
    private const int MostCards = 1 << 20;

    /// <summary>Reads <c>64</c> or <c>8..128</c>; null where it is neither.</summary>
    public static CardRange? Read(string text)
    {
        string[] ends = text.Split(Between);
        return ends.Length <= 2 && Number(ends[0]) is { } least && Number(ends[^1]) is { } most && least <= most ? new CardRange(least, most) : null;
    }

    /// <summary>
    /// The numbers to try, rising: within a server those that share it out evenly, then whole servers, which is what can be deployed and bought; and the most.
    /// </summary>
    /// <param name="serverCards">Cards of a server.</param>
    public IEnumerable<int> Counts(int serverCards)
    {
        (int least, int most) = this;
        return Enumerable.Range(1, Math.Min(serverCards, most)).Where(cards => serverCards % cards == 0)
            .Concat(Enumerable.Range(2, Math.Max(0, (most / serverCards) - 1)).Select(servers => servers * serverCards))
            .Append(most)
            .Where(cards => cards >= least && cards <= most)
            .Distinct()
            .Order();
    }

    private static int? Number(string text) =>
        int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number is >= 1 and <= MostCards ? number : null;
}
