using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>A search tally in words.</summary>
internal static class TallyText
{
    /// <summary>Of how many plans the winner is the best, how many need no search beside it, and which limit removed how many.</summary>
    public static string Counts(SearchTally tally)
    {
        List<string> removed = [];
        Note(removed, tally.Indivisible, "divisibility");
        Note(removed, tally.SplitBlocks, "quantization blocks");
        Note(removed, tally.Refused.Values.Sum(), "engine");
        Note(removed, tally.Unreachable, "network reach");
        Note(removed, tally.TooLarge, "memory");
        Note(removed, tally.TooSlow, "latency");
        string best = tally.Feasible > 0 ? string.Create(CultureInfo.InvariantCulture, $"best of {tally.Feasible:N0}") : "none feasible";
        string pruned = tally.Outbid > 0 ? string.Create(CultureInfo.InvariantCulture, $"; {tally.Outbid:N0} pruned by bound") : "";
        string covered = string.Create(CultureInfo.InvariantCulture, $"{tally.Covered:N0} plans covered, {best}{pruned}");
        return removed.Count == 0 ? covered : $"{covered}; removed by {string.Join(", ", removed)}";
    }

    /// <summary>Why an engine cannot run how many plans, most first; null where it was not asked, or can run all.</summary>
    public static string? Refused(IEnumerable<SearchTally> tallies)
    {
        string[] reasons =
        [
            .. Refusals(tallies).Select(each => string.Create(CultureInfo.InvariantCulture, $"{Word(each.Reason)} {each.Plans:N0}")),
        ];
        return reasons.Length == 0 ? null : string.Join(", ", reasons);
    }

    /// <summary>How many plans an engine cannot run for each reason, most first.</summary>
    public static IReadOnlyList<(LayoutRefusal Reason, long Plans)> Refusals(IEnumerable<SearchTally> tallies) =>
    [
        .. tallies.SelectMany(tally => tally.Refused).GroupBy(pair => pair.Key)
            .Select(group => (Reason: group.Key, Plans: group.Sum(pair => pair.Value)))
            .OrderByDescending(each => each.Plans),
    ];

    /// <summary>A refusal in two or three words.</summary>
    public static string Word(LayoutRefusal refusal) => refusal switch
    {
        LayoutRefusal.HeadsUneven => "heads uneven",
        LayoutRefusal.AttentionAcrossServers => "TP across servers",
        LayoutRefusal.SlicesAcrossServers => "MoE-TP across servers",
        LayoutRefusal.ServersUnfilled => "servers not filled",
        LayoutRefusal.ExpertsInsideAttention => "experts on fewer cards than attention",
        LayoutRefusal.SpreadAndSliced => "experts both spread and sliced",
        LayoutRefusal.SlicedAndRepeated => "attention both sliced and repeated",
        LayoutRefusal.ExpertsUneven => "experts uneven",
        LayoutRefusal.CopiesUnspread => "copies of experts without EP",
        LayoutRefusal.CopiesOnChip => "copies of experts on this chip",
        LayoutRefusal.DraftsInPipeline => "drafts in a pipeline",
        LayoutRefusal.ContextShared => "contexts shared over ranks",
        LayoutRefusal.FeedForwardShared => "feed-forwards shared by attention ranks",
        LayoutRefusal.RowsShared => "rows shared between products",
        LayoutRefusal.PoolsUnlike => "pools unlike",
        LayoutRefusal.SecondMemory => "second memory",
        _ => "none",
    };

    /// <summary>How little of the full product was evaluated; null from an engine that does not count it.</summary>
    public static string? Share(SearchTally tally) => tally.Candidates > 0
        ? string.Create(CultureInfo.InvariantCulture, $"evaluated {tally.Evaluated:N0} of {tally.Candidates:N0} candidates")
        : null;

    /// <summary>The plans that came nearest, and by how much they missed; null where none can be named.</summary>
    public static string? NearestMiss(SearchTally tally)
    {
        List<string> misses = [];
        if (double.IsFinite(tally.NearestBytes))
        {
            (string needed, string capacity) = Distinct(
                tally.NearestBytes / DeviceMemory.BytesPerGibibyte, tally.NearestCapacityBytes / DeviceMemory.BytesPerGibibyte);
            misses.Add($"memory: needs {needed} GiB of {capacity}");
        }

        if (tally.NearestLatency is { } miss)
        {
            (string latency, string limit) = Distinct(miss.Milliseconds, miss.LimitMilliseconds);
            misses.Add($"{(miss.IsFirstToken ? "time to first token" : "time per output token")}: {latency} ms of {limit}");
        }

        return misses.Count == 0 ? null : string.Join("; ", misses);
    }

    /// <summary>By how much the cheapest deployment misses the limit of cost, or the most frugal that of energy; null where it is for neither that there is no plan.</summary>
    public static string? NearestMiss(JobResult result)
    {
        string token = result.DecodeTally is null ? "prompt token" : "token";
        if (result is { NearestJoules: { } joules, Job.EnergyLimit: { } energy })
        {
            (string needed, string given) = Distinct(joules, energy);
            return $"energy: {needed} J a {token} of {given}";
        }

        if (result is not { NearestCost: { } dollars, Job.CostLimit: { } limit })
        {
            return null;
        }

        (string least, string most) = Distinct(dollars, limit);
        return $"cost: ${least} a million {token}s of ${most}";
    }

    /// <summary>All that came nearest in some searches and their answers.</summary>
    public static IEnumerable<string> NearestMisses(IEnumerable<SearchTally> tallies, IEnumerable<JobResult> results) =>
        tallies.Select(NearestMiss).Concat(results.Select(NearestMiss)).OfType<string>();

    /// <summary>Two figures in four digits, or in all of theirs where four do not tell them apart.</summary>
    private static (string First, string Second) Distinct(double first, double second)
    {
        (string First, string Second) digits = (first.ToString("G4", CultureInfo.InvariantCulture), second.ToString("G4", CultureInfo.InvariantCulture));
        return digits.First == digits.Second ? (Cell.Of(first), Cell.Of(second)) : digits;
    }

    private static void Note(List<string> removed, long count, string reason)
    {
        if (count > 0)
        {
            removed.Add(string.Create(CultureInfo.InvariantCulture, $"{reason} {count:N0}"));
        }
    }
}
