using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>
/// Which split of the cards serves the most requests, the fewest cards on a tie (cost model B3). Of given splits with as many cards the
/// first wins; of free ones no two are that close.
/// </summary>
/// <param name="splits">Splits to choose from; null tries every one.</param>
/// <param name="cards">Cards at hand.</param>
public sealed class SplitChoice(IReadOnlyList<CardSplit>? splits, int cards)
{
    /// <summary>Card counts that prefill may run on, rising.</summary>
    public int[] PrefillCards { get; } = CardCounts(splits, cards, split => split.PrefillCards);

    /// <summary>Card counts that decode may run on, rising.</summary>
    public int[] DecodeCards { get; } = CardCounts(splits, cards, split => split.DecodeCards);

    /// <summary>The best split, as places in the two lists of card counts, -1 for a phase that does not run; null when no split serves any.</summary>
    /// <param name="prefillRequests">Requests/s on each of <see cref="PrefillCards"/>; 0 without a plan.</param>
    /// <param name="decodeRequests">Requests/s on each of <see cref="DecodeCards"/>; 0 without a plan.</param>
    public (int Prefill, int Decode)? Best(ReadOnlySpan<double> prefillRequests, ReadOnlySpan<double> decodeRequests)
    {
        if (splits is null)
        {
            return BestOfAll(prefillRequests, decodeRequests);
        }

        CardSplit? best = null;
        double bestRequests = 0;
        foreach (CardSplit split in splits)
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

    /// <summary>
    /// The best of every split, in one pass: the most requests that any number of prefill cards reaches with what the rest can do, then the
    /// fewest cards of either phase that reach as many. A split of as few cards in all is this one, for neither phase can do with fewer.
    /// </summary>
    private static (int Prefill, int Decode)? BestOfAll(ReadOnlySpan<double> prefillRequests, ReadOnlySpan<double> decodeRequests)
    {
        // Both lists hold one card, two cards and so on: the places that n and N - n cards have add up to N - 2.
        double most = 0;
        double decodeAtMost = 0;
        for (int decode = 0; decode < decodeRequests.Length; decode++)
        {
            decodeAtMost = Math.Max(decodeAtMost, decodeRequests[decode]);
            most = Math.Max(most, Math.Min(prefillRequests[prefillRequests.Length - 1 - decode], decodeAtMost));
        }

        return most > 0 ? (FirstThatServes(prefillRequests, most), FirstThatServes(decodeRequests, most)) : null;
    }

    private static int FirstThatServes(ReadOnlySpan<double> requests, double least)
    {
        int place = 0;
        while (requests[place] < least)
        {
            place++;
        }

        return place;
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
}
