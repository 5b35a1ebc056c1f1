using FastSim.Search.Jobs;

namespace FastSim.Cli.Configuration;

/// <summary>The splits a user stated, <c>pd_num_procs_list</c>; none leaves the split to the search.</summary>
internal sealed class CardSplitList
{
    private const int MostFreeCards = 16_384;

    /// <summary>Each is held against every total.</summary>
    private const int MostSplits = 10_000;

    private readonly IReadOnlyList<CardSplit>? splits;
    private readonly int largestTotal;

    private CardSplitList(IReadOnlyList<CardSplit>? splits, int largestTotal)
    {
        this.splits = splits;
        this.largestTotal = largestTotal;
    }

    public static CardSplitList None { get; } = new(null, 0);

    /// <summary>Card counts of prefill.</summary>
    public CardCounts PrefillCounts => Counts(split => split.PrefillCards);

    /// <summary>Card counts of decode.</summary>
    public CardCounts DecodeCounts => Counts(split => split.DecodeCards);

    /// <summary>
    /// Reads the list. Each split is tried with every total that holds it; fewer cards than the total is worth a warning, more than
    /// every total is an error, and so is a total that no split fits.
    /// </summary>
    public static CardSplitList Read(JsonValue value, IReadOnlyList<Listed<int>> totals, Findings findings)
    {
        int largest = totals.Max(total => total.Value);
        if (value.IsNull)
        {
            foreach (Listed<int> total in totals.Where(total => total.Value < 2))
            {
                throw total.Source.Complaint("at least 2 cards, one for each phase, or a pd_num_procs_list that runs one phase");
            }

            foreach (Listed<int> total in totals.Where(total => total.Value > MostFreeCards))
            {
                throw total.Source.Complaint($"at most {MostFreeCards} cards when every split is searched; pd_num_procs_list states splits of more");
            }

            return new CardSplitList(null, largest);
        }

        List<CardSplit> splits = [];
        foreach (JsonValue item in value.Items("null or a list of [prefill, decode] card counts", MostSplits))
        {
            JsonValue[] pair = item.Tuple(2, "[prefill, decode] card counts");
            CardSplit split = new(pair[0].Integer(0), pair[1].Integer(0));
            if (split.Cards == 0)
            {
                throw item.Complaint("[prefill, decode] card counts that are not both 0");
            }

            if (split.Cards > largest)
            {
                throw item.Complaint($"at most {largest} cards in all, as num_procs_list says");
            }

            foreach (int total in totals.Select(total => total.Value).Distinct().Order())
            {
                if (split.Cards > total)
                {
                    findings.Warn($"{item.File}: {item.Path}: the split takes {split.Cards} cards; it is not tried on {total}");
                }
                else if (split.Cards < total)
                {
                    findings.Warn($"{item.File}: {item.Path}: the split takes {split.Cards} of {total} cards; {total - split.Cards} stay idle");
                }
            }

            splits.Add(split);
        }

        if (splits.Select(Phases).Distinct().Count() > 1)
        {
            throw value.Complaint("splits that all run the same phases: requests of one phase do not compare with those of both");
        }

        foreach (Listed<int> total in totals.Where(total => splits.TrueForAll(split => split.Cards > total.Value)))
        {
            throw total.Source.Complaint($"at least {splits.Min(split => split.Cards)} cards, since every split of pd_num_procs_list takes as many");
        }

        return new CardSplitList(splits, largest);
    }

    /// <summary>Splits to try on a total; null tries every one.</summary>
    public IReadOnlyList<CardSplit>? For(int total) => splits?.Where(split => split.Cards <= total).Distinct().ToArray();

    private static (bool Prefill, bool Decode) Phases(CardSplit split) => (split.PrefillCards > 0, split.DecodeCards > 0);

    private CardCounts Counts(Func<CardSplit, int> phase)
    {
        if (splits is null)
        {
            return new CardCounts(null, largestTotal - 1);
        }

        int[] counts = splits.Select(phase).Where(cards => cards > 0).Distinct().Order().ToArray();
        return new CardCounts(counts, counts.Length == 0 ? 0 : counts[^1]);
    }
}
