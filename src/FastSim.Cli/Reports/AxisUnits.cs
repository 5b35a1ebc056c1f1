using FastSim.Cli.Configuration;

namespace FastSim.Cli.Reports;

/// <summary>What an axis's values are measured in, by the place that it drives.</summary>
internal static class AxisUnits
{
    private static readonly Dictionary<string, string> Units = new(StringComparer.Ordinal)
    {
        ["GiB"] = "GiB",
        ["GBps"] = "GB/s",
        ["tflops"] = "TFLOP/s",
        ["bandwidth"] = "GB/s",
        ["num_procs_list"] = "cards",
        ["time_limit_list"] = "ms",
        ["sequence_length_list"] = "tokens",
        [EconomicsReader.Price] = "$ an hour",
        [EconomicsReader.Board] = "W",
        [EconomicsReader.Cap] = "W",
        [EconomicsReader.Idle] = "W",
    };

    /// <summary>The unit; empty where none is known.</summary>
    public static string Of(SweepAxis axis)
    {
        string[] units = [.. axis.Targets.Where(target => target.Factor == 1).Select(target => Units.GetValueOrDefault(Key(target.Path.Text), "")).Distinct()];
        return units.Length == 1 ? units[0] : "";
    }

    /// <summary>The last key of a path, its indices aside.</summary>
    private static string Key(string path)
    {
        string last = path[(path.LastIndexOf('.') + 1)..];
        int index = last.IndexOf('[', StringComparison.Ordinal);
        return index < 0 ? last : last[..index];
    }
}
