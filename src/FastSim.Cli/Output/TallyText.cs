using System.Globalization;
using FastSim.Kernels.Hardware;
using FastSim.Search.Engines;

namespace FastSim.Cli.Output;

/// <summary>A search tally in words.</summary>
internal static class TallyText
{
    /// <summary>Which limit removed how many plans.</summary>
    public static string Counts(SearchTally tally)
    {
        List<string> removed = [];
        Note(removed, tally.Indivisible, "divisibility");
        Note(removed, tally.Unreachable, "network reach");
        Note(removed, tally.TooLarge, "memory");
        Note(removed, tally.TooSlow, "latency");
        string covered = string.Create(CultureInfo.InvariantCulture, $"{tally.Covered:N0} plans covered, {tally.Feasible:N0} feasible");
        return removed.Count == 0 ? covered : $"{covered}; removed by {string.Join(", ", removed)}";
    }

    /// <summary>The plans that came nearest, and by how much they missed; null where none can be named.</summary>
    public static string? NearestMiss(SearchTally tally)
    {
        List<string> misses = [];
        if (double.IsFinite(tally.NearestBytes))
        {
            misses.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"memory: needs {tally.NearestBytes / DeviceMemory.BytesPerGibibyte:0.0##} GiB of {tally.NearestCapacityBytes / DeviceMemory.BytesPerGibibyte:0.0##}"));
        }

        if (tally.NearestLatency is { } miss)
        {
            misses.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"{(miss.IsFirstToken ? "time to first token" : "time per output token")}: {miss.Milliseconds:0.0##} ms of {miss.LimitMilliseconds:0.0##}"));
        }

        return misses.Count == 0 ? null : string.Join("; ", misses);
    }

    private static void Note(List<string> removed, long count, string reason)
    {
        if (count > 0)
        {
            removed.Add(string.Create(CultureInfo.InvariantCulture, $"{reason} {count:N0}"));
        }
    }
}
