using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>Which split of the cards serves the most requests, the fewest cards on a tie (cost model B3).</summary>
/// <param name="splits">Splits to choose from; null tries every one.</param>
/// <param name="cards">Cards at hand.</param>
internal sealed class SplitChoice(IReadOnlyList<CardSplit>? splits, int cards)
{
    private readonly CardSplit[] candidates = [.. splits ?? EverySplit(cards)];

    /// <summary>Card counts that prefill may run on, rising.</summary>
    public int[] PrefillCards { get; } = CardCounts(splits, cards, split => split.PrefillCards);

    /// <summary>Card counts that decode may run on, rising.</summary>
    public int[] DecodeCards { get; } = CardCounts(splits, cards, split => split.DecodeCards);

    /// <summary>The best split, as places in the two lists of card counts, -1 for a phase that does not run; null when no split serves any.</summary>
    /// <param name="prefillRequests">Requests/s on each of <see cref="PrefillCards"/>; 0 without a plan.</param>
    /// <param name="decodeRequests">Requests/s on each of <see cref="DecodeCards"/>; 0 without a plan.</param>
    public (int Prefill, int Decode)? Best(ReadOnlySpan<double> prefillRequests, ReadOnlySpan<double> decodeRequests)
    {
        CardSplit? best = null;
        double bestRequests = 0;
        foreach (CardSplit split in candidates)
        {
            double requests = Math.Min(
                Requests(prefillRequests, PrefillCards, split.PrefillCards), Requests(decodeRequests, DecodeCards, split.DecodeCards));
            if (requests > bestRequests || (requests == bestRequests && best is { } known && split.Cards < known.Cards))
            {
                best = split;
                bestRequests = requests;
            }
        }

        return best is { } found ? (Place(PrefillCards, found.PrefillCards), Place(DecodeCards, found.DecodeCards)) : null;
    }

    /// <summary>A phase that does not run bounds nothing.</summary>
    private static double Requests(ReadOnlySpan<double> requests, int[] cardCounts, int cards) =>
        cards == 0 ? double.PositiveInfinity : requests[Place(cardCounts, cards)];

    /// <summary>Card counts without a gap stand where their number says.</summary>
    private static int Place(int[] cardCounts, int cards)
    {
        if (cards == 0)
        {
            return -1;
        }

        int direct = cards - cardCounts[0];
        return direct < cardCounts.Length && cardCounts[direct] == cards ? direct : Array.BinarySearch(cardCounts, cards);
    }

    private static int[] CardCounts(IReadOnlyList<CardSplit>? splits, int cards, Func<CardSplit, int> phase) => splits is { } given
        ? [.. given.Select(phase).Where(count => count > 0).Distinct().Order()]
        : [.. Enumerable.Range(1, cards - 1)];

    private static IEnumerable<CardSplit> EverySplit(int cards)
    {
        for (int prefill = 1; prefill < cards; prefill++)
        {
            for (int decode = 1; prefill + decode <= cards; decode++)
            {
                yield return new CardSplit(prefill, decode);
            }
        }
    }
}
