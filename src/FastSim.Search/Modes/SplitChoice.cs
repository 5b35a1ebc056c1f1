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
    private readonly CardSplit[]? given = splits?.ToArray();

    /// <summary>Card counts that prefill may run on, rising.</summary>
    public int[] PrefillCards { get; } = CardCounts(splits, cards, split => split.PrefillCards);

    /// <summary>Card counts that decode may run on, rising.</summary>
    public int[] DecodeCards { get; } = CardCounts(splits, cards, split => split.DecodeCards);

    /// <summary>The best split, as places in the two lists of card counts, -1 for a phase that does not run; null when no split serves any.</summary>
    /// <param name="prefillRequests">Requests/s on each of <see cref="PrefillCards"/>; 0 without a plan.</param>
    /// <param name="decodeRequests">Requests/s on each of <see cref="DecodeCards"/>; 0 without a plan.</param>
    public (int Prefill, int Decode)? Best(ReadOnlySpan<double> prefillRequests, ReadOnlySpan<double> decodeRequests)
    {
        if (given is null)
        {
            return BestOfAll(prefillRequests, decodeRequests);
        }

        CardSplit? best = null;
        double bestRequests = 0;
        foreach (CardSplit split in given)
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
    /// The same of splits within a limit of cost, which may leave cards idle. Of all splits that serve at least some rate the one of the fewest cards of
    /// either phase costs the least, and every rate that a split serves is a phase's on some number of cards: those are all there is to look at.
    /// </summary>
    /// <param name="prefillRequests">Requests/s on each of <see cref="PrefillCards"/>; 0 without a plan.</param>
    /// <param name="decodeRequests">Requests/s on each of <see cref="DecodeCards"/>; 0 without a plan.</param>
    /// <param name="most">The limit.</param>
    /// <param name="costOf">What a split costs a token, both phases having plans; less is better, and no less with as many requests on more cards.</param>
    /// <param name="least">Receives the least cost of any split, where that is beyond the limit; null otherwise.</param>
    public (int Prefill, int Decode)? BestWithin(
        ReadOnlySpan<double> prefillRequests, ReadOnlySpan<double> decodeRequests, double most, Func<(int Prefill, int Decode), double> costOf, out double? least)
    {
        ArgumentNullException.ThrowIfNull(costOf);
        (int Prefill, int Decode)? best = null;
        (double bestRequests, long bestCards) = (0, 0);
        least = null;
        foreach ((int Prefill, int Decode) split in splits is null ? Leanest(prefillRequests.ToArray(), decodeRequests.ToArray()) : Given())
        {
            (double requests, long cards) = (double.PositiveInfinity, 0);
            if (split.Prefill >= 0)
            {
                (requests, cards) = (prefillRequests[split.Prefill], PrefillCards[split.Prefill]);
            }

            if (split.Decode >= 0)
            {
                (requests, cards) = (Math.Min(requests, decodeRequests[split.Decode]), cards + DecodeCards[split.Decode]);
            }

            if (!(requests > 0))
            {
                continue;
            }

            double cost = costOf(split);
            least = least is { } known ? Math.Min(known, cost) : cost;
            if (cost <= most && (requests > bestRequests || (requests == bestRequests && cards < bestCards)))
            {
                (best, bestRequests, bestCards) = (split, requests, cards);
            }
        }

        least = best is null ? least : null;
        return best;
    }

    /// <summary>The most requests/s of any split, and the most a card of those that serve at least some rate.</summary>
    /// <param name="prefillRequests">Requests/s on each of <see cref="PrefillCards"/>; 0 without a plan.</param>
    /// <param name="decodeRequests">Requests/s on each of <see cref="DecodeCards"/>; 0 without a plan.</param>
    /// <param name="least">The rate.</param>
    public (double Requests, double RequestsPerCard) Reach(ReadOnlySpan<double> prefillRequests, ReadOnlySpan<double> decodeRequests, double least)
    {
        double most = 0;
        double mostPerCard = 0;
        if (splits is not null)
        {
            foreach (CardSplit split in splits)
            {
                Take(Math.Min(Requests(prefillRequests, PrefillCards, split.PrefillCards), Requests(decodeRequests, DecodeCards, split.DecodeCards)), split.Cards);
            }

            return (most, mostPerCard);
        }

        for (int prefill = 0; prefill < prefillRequests.Length; prefill++)
        {
            for (int decode = 0; prefillRequests[prefill] >= least && decode < decodeRequests.Length && PrefillCards[prefill] + DecodeCards[decode] <= cards; decode++)
            {
                Take(Math.Min(prefillRequests[prefill], decodeRequests[decode]), PrefillCards[prefill] + DecodeCards[decode]);
            }
        }

        return (most, mostPerCard);

        void Take(double requests, long on)
        {
            if (requests >= least)
            {
                (most, mostPerCard) = (Math.Max(most, requests), Math.Max(mostPerCard, requests / on));
            }
        }
    }

    /// <summary>The splits that were given, as places in the two lists of card counts.</summary>
    private IEnumerable<(int Prefill, int Decode)> Given() => splits!.Select(split => (Place(PrefillCards, split.PrefillCards), Place(DecodeCards, split.DecodeCards)));

    /// <summary>For each rate that a phase has on some number of cards the fewest cards of either phase that serve it, as far as there are as many.</summary>
    private IEnumerable<(int Prefill, int Decode)> Leanest(double[] prefillRequests, double[] decodeRequests)
    {
        foreach (double requests in prefillRequests.Concat(decodeRequests).Where(requests => requests > 0).Distinct())
        {
            int prefill = Array.FindIndex(prefillRequests, served => served >= requests);
            int decode = Array.FindIndex(decodeRequests, served => served >= requests);
            if (prefill >= 0 && decode >= 0 && PrefillCards[prefill] + DecodeCards[decode] <= cards)
            {
                yield return (prefill, decode);
            }
        }
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
