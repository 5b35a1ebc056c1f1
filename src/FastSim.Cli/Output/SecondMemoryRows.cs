using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Output;

/// <summary>The rows of a phase that stand where a run lets something lie in a second memory, or prefixes elsewhere (docs/file-formats.md, "Result").</summary>
internal static class SecondMemoryRows
{
    /// <summary>Whether a job asks for them.</summary>
    public static bool AreAsked(Job job) =>
        job.Prefix.Location != PrefixLocation.FirstMemory || job.Prefill.Second.Concat(job.Decode.Second).Any(shares => !shares.IsNone);

    /// <summary>The figures, each with its name, of a phase's best plan.</summary>
    public static IReadOnlyList<(string Name, Func<PhaseWinner, double> Value)> Figures { get; } =
    [
        ("mem2_capacity(Gib)", winner => winner.Rates.Chip.SecondMemory?.CapacityGibibytes ?? 0),
        ("mem2_bandwidth(GBps)", winner => winner.Rates.Chip.SecondMemory?.GigabytesPerSecond ?? 0),
        ("mem2_weight_share", winner => winner.Layout.Second.Weights),
        ("mem2_cache_share", winner => winner.Layout.Second.Cache),
        ("mem2_weight_space(Gib)", winner => winner.Memory.SecondWeightBytes / DeviceMemory.BytesPerGibibyte),
        ("mem2_kv_cache_mem(Gib)", winner => winner.Memory.SecondCacheBytesPerSequence * winner.Sequences / DeviceMemory.BytesPerGibibyte),
        ("mem2_prefix_mem(Gib)", winner => winner.Memory.StoredPrefixBytesPerSequence * winner.Sequences / DeviceMemory.BytesPerGibibyte),
        ("tier2_mem(Gib)", winner => winner.Memory.SecondBytes(winner.Sequences) / DeviceMemory.BytesPerGibibyte),
        ("instance_stream_time(s)", winner => winner.Breakdown.Time.StreamSeconds),
        ("instance_stream_time_exposed(s)", winner => winner.Breakdown.Time.WaitSeconds),
    ];

    /// <summary>What a phase's plan keeps in a second memory, in words; nothing where it keeps nothing.</summary>
    public static string Words(ParallelLayout layout) => layout.Second.IsNone
        ? ""
        : string.Create(
            System.Globalization.CultureInfo.InvariantCulture,
            $" {SecondMemoryReader.Memory}{Part(layout.Second.Weights, "weights")}{Part(layout.Second.Cache, "cache")}");

    private static string Part(double share, string what) =>
        share == 0 ? "" : string.Create(System.Globalization.CultureInfo.InvariantCulture, $" {share * 100:0.##}% {what}");
}
