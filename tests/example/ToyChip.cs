using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;

namespace FastSim.Example.Tests;

/// <summary>
/// A chip so slow that its rates are small round numbers. In seed accounting:
/// matrix "half" 1.25e-9 tflops · 1.024e12 · 0.5 = 640 FLOP/s, matrix "eighth" twice that, 1280 FLOP/s;
/// vector "half" 1.25e-9 · 1.024e12 · 0.25 = 320 FLOP/s; memory 2^-20 GBps · 2^30 · 0.5 = 512 B/s, 2^-10 GiB = 1 MiB;
/// inner network (4 cards, 0.25 s a hop) 2^-20 · 2^30 · 0.5 · 0.5 = 256 B/s, outer (64 cards, 1 s) a quarter of it, 64 B/s.
/// </summary>
internal static class ToyChip
{
    public const double MatrixRate = 640;
    public const double AttentionRate = 1280;
    public const double VectorRate = 320;
    public const double MemoryRate = 512;
    public const double InnerRate = 256;
    public const double OuterRate = 64;

    /// <summary>2^-20: a GBps of this is 1024 bytes/s.</summary>
    public const double Kibibyte = 1d / 1048576;

    public static readonly FlopsTypes Types = new("half", "eighth", "half");

    public static readonly NetworkTier Inner = new(
        Kibibyte,
        LinkEfficiency: 0.5,
        Topology.TwoDimensionalFullMesh,
        EfficiencyTable.Flat(1),
        Size: 4,
        LatencySeconds: 0.25,
        Collectives(0.5),
        ProcessorUsage: 0);

    public static readonly NetworkTier Outer = Inner with { GigabytesPerSecond = Kibibyte / 4, Size = 64, LatencySeconds = 1 };

    /// <summary>Compute and memory both count; collectives show in full.</summary>
    public static readonly Chip Balanced = Of(1, Kibibyte);

    /// <summary>Compute takes no time: an operator takes bytes / 512 seconds.</summary>
    public static readonly Chip MemoryBound = Of(1e24, Kibibyte);

    /// <summary>Memory takes no time: an operator takes FLOP / rate seconds.</summary>
    public static readonly Chip ComputeBound = Of(1, 1e15);

    /// <summary>The same with every collective hidden.</summary>
    public static Chip Hidden(this Chip chip) => chip with { CommunicationOverlap = 1 };

    public static Chip WithGibibytes(this Chip chip, double gibibytes) =>
        chip with { Memory = chip.Memory with { CapacityGibibytes = gibibytes } };

    public static ChipRates Rates(this Chip chip, Accounting accounting = Accounting.Seed, Phase phase = Phase.Decode) =>
        new(chip, Types, accounting, phase);

    /// <summary>The five collectives of a tier, at one efficiency whatever the group; all_reduce [2, -1], the others [1, 0].</summary>
    public static CollectiveRate[] Collectives(double efficiency)
    {
        CollectiveRate plain = new(1, 0, [2, 4], [efficiency, efficiency]);
        return [plain, plain, plain, plain with { Scale = 2, GroupOffset = -1 }, plain];
    }

    private static Chip Of(double speed, double gigabytesPerSecond)
    {
        EfficiencyTable flat = EfficiencyTable.Flat(1);
        return new Chip(
            "toy",
            new Dictionary<string, ComputeUnit>
            {
                ["half"] = new(1.25e-9 * speed, 0.5, flat),
                ["eighth"] = new(2.5e-9 * speed, 0.5, flat),
            },
            new Dictionary<string, ComputeUnit> { ["half"] = new(1.25e-9 * speed, 0.25, flat) },
            new DeviceMemory(
                CapacityGibibytes: 1d / 1024,
                gigabytesPerSecond,
                CalibrationCoefficient: 0.5,
                CacheReadCoefficient: 1,
                PrefillCacheReadCoefficient: 1,
                flat),
            [Inner, Outer],
            ProcessingMode.Roofline,
            CommunicationOverlap: 0,
            StaticLatencySeconds: 0);
    }
}
