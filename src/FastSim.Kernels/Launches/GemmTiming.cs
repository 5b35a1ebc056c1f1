using System.Runtime.Intrinsics;

namespace FastSim.Kernels.Launches;

/// <summary>
/// Time of a matrix product on a chip that works in tiles: for each tile shape and split of the depth that kernels offer, waves of tiles
/// over the compute units, each tile at its own compute and load rate, against the memory; the fastest counts, as an autotuner picks it.
/// Source: docs/validation.md, "Matrix products".
/// </summary>
public static class GemmTiming
{
    private const int FloorMicroseconds = 0;
    private const int ComputeEfficiency = 1;
    private const int MemoryEfficiency = 2;
    private const int UnitLoadRatio = 3;
    private const int Overlap = 4;
    internal const int SplitMicroseconds = 5;
    private const int DepthNanoseconds = 6;
    private const int QuantizeShare = 7;

    private const double OutputBytes = 2;
    private const double PartialBytes = 4;

    /// <summary>How often the depth is halved at most.</summary>
    internal const int MostHalvings = 4;

    /// <summary>Depth below which it is split no further.</summary>
    internal const double LeastSplitDepth = 256;

    /// <summary>The parameters.</summary>
    public static TimingForm Form { get; } = new(
        "gemm",
        [
            new("floor_us", 1, 20, 3),
            new("compute_efficiency", 0.3, 1, 0.8),
            new("memory_efficiency", 0.3, 1, 0.75),
            new("unit_load_ratio", 1, 30, 3),
            new("overlap", 1, 10, 2.5),
            new("split_us", 0.1, 40, 1),
            new("depth_ns", 0.02, 5, 0.3),
            new("quantize_share", 0.1, 4, 1),
        ],
        [[3, 0.8, 0.75, 3, 6, 1, 0.3, 1]]);

    /// <summary>Microseconds of a product.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="peakFlopsPerSecond">Peak of the data type.</param>
    /// <param name="weightBytes">Bytes a weight.</param>
    /// <param name="activationBytes">Bytes an activation as the product reads it.</param>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="k">Depth.</param>
    /// <param name="quantizeBytes">Bytes an input takes to be quantised before; 0 where it comes as it is.</param>
    public static double Microseconds(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double peakFlopsPerSecond,
        double weightBytes,
        double activationBytes,
        double m,
        double n,
        double k,
        double quantizeBytes)
    {
        Span<double> perDepth = stackalloc double[Tiles];
        PerDepth(parameters, chip, peakFlopsPerSecond, weightBytes, activationBytes, perDepth);
        return Microseconds(parameters, perDepth, chip, weightBytes, activationBytes, m, n, k, quantizeBytes);
    }

    /// <summary>Microseconds of a product, of tiles whose own times are known.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="perDepth">What <see cref="PerDepth"/> gives.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="weightBytes">Bytes a weight.</param>
    /// <param name="activationBytes">Bytes an activation as the product reads it.</param>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="k">Depth.</param>
    /// <param name="quantizeBytes">Bytes an input takes to be quantised before; 0 where it comes as it is.</param>
    public static double Microseconds(
        ReadOnlySpan<double> parameters,
        ReadOnlySpan<double> perDepth,
        TimingChip chip,
        double weightBytes,
        double activationBytes,
        double m,
        double n,
        double k,
        double quantizeBytes)
    {
        TileTimes tiles = TileTimes.Of(perDepth, chip.ComputeUnits, TileTimes.Lowest(m), n, k);
        return Microseconds(parameters, tiles, chip, weightBytes, activationBytes, m, n, k, quantizeBytes);
    }

    /// <summary>Microseconds of a product, of which it is known what its fastest tiles take: the memory's part is the same for all of them, so the least compute is the least in all.</summary>
    internal static double Microseconds(
        ReadOnlySpan<double> parameters,
        in TileTimes tiles,
        TimingChip chip,
        double weightBytes,
        double activationBytes,
        double m,
        double n,
        double k,
        double quantizeBytes)
    {
        double memoryRate = chip.MemoryBytesPerSecond * parameters[MemoryEfficiency] / Norms.Microseconds;
        double memory = ((k * n * weightBytes) + (m * k * activationBytes) + (m * n * OutputBytes)) / memoryRate;
        double least = tiles.Least(m, n, memoryRate, parameters[SplitMicroseconds]);
        return parameters[FloorMicroseconds] + Norms.Of(least, memory, parameters[Overlap]) + Quantize(parameters, chip, m, k, quantizeBytes);
    }

    /// <summary>Tiles whose own times <see cref="PerDepth"/> gives.</summary>
    public static int Tiles => TileTimes.Rows.Length * Vector256<double>.Count;

    /// <summary>Microseconds that each tile shape takes per element of depth.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="peakFlopsPerSecond">Peak of the data type.</param>
    /// <param name="weightBytes">Bytes a weight.</param>
    /// <param name="activationBytes">Bytes an activation as the product reads it.</param>
    /// <param name="perDepth">Receives them, <see cref="Tiles"/>.</param>
    public static void PerDepth(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double peakFlopsPerSecond,
        double weightBytes,
        double activationBytes,
        Span<double> perDepth)
    {
        double unitFlops = peakFlopsPerSecond * parameters[ComputeEfficiency] / chip.ComputeUnits / Norms.Microseconds;
        double unitBytes = chip.MemoryBytesPerSecond / chip.ComputeUnits * parameters[UnitLoadRatio] / Norms.Microseconds;
        for (int rows = 0; rows < TileTimes.Rows.Length; rows++)
        {
            for (int columns = 0; columns < Vector256<double>.Count; columns++)
            {
                perDepth[(rows * Vector256<double>.Count) + columns] = Norms.Of(
                    2 * TileTimes.Rows[rows] * TileTimes.Columns[columns] / unitFlops,
                    ((TileTimes.Rows[rows] * activationBytes) + (TileTimes.Columns[columns] * weightBytes)) / unitBytes,
                    parameters[Overlap]) + (parameters[DepthNanoseconds] * 1e-3);
            }
        }
    }

    /// <summary>What no product is faster than: its floor, and the shares of the compute units' and the memory's peak that it reaches at most.</summary>
    public static LaunchBound Bound(ReadOnlySpan<double> parameters) =>
        new(parameters[FloorMicroseconds], 1 / parameters[ComputeEfficiency], 1 / parameters[MemoryEfficiency]);

    /// <summary>The form of kernels that split the depth as another's do, who are else as they were measured.</summary>
    /// <param name="parameters">The form's parameters.</param>
    /// <param name="other">Those of the other.</param>
    public static double[] SplitLike(ReadOnlySpan<double> parameters, ReadOnlySpan<double> other)
    {
        double[] split = parameters.ToArray();
        split[SplitMicroseconds] = Math.Min(parameters[SplitMicroseconds], other[SplitMicroseconds]);
        return split;
    }

    /// <summary>The form of kernels that come with more launches, or fewer, and are else as they were measured.</summary>
    /// <param name="parameters">The form's parameters.</param>
    /// <param name="share">How many launches there are over those measured.</param>
    public static double[] OfLaunches(ReadOnlySpan<double> parameters, double share)
    {
        double[] launched = new double[parameters.Length];
        OfLaunches(parameters, share, launched);
        return launched;
    }

    /// <summary>The same without an array of its own.</summary>
    internal static void OfLaunches(ReadOnlySpan<double> parameters, double share, Span<double> launched)
    {
        parameters.CopyTo(launched);
        launched[FloorMicroseconds] *= share;
    }

    /// <summary>Microseconds of quantising the input, a pass of its own.</summary>
    public static double Quantize(ReadOnlySpan<double> parameters, TimingChip chip, double m, double k, double quantizeBytes) =>
        parameters[QuantizeShare] * quantizeBytes * m * k / (chip.MemoryBytesPerSecond * parameters[MemoryEfficiency] / Norms.Microseconds);

    /// <summary>Microseconds that even the smallest product takes.</summary>
    public static double Floor(ReadOnlySpan<double> parameters) => parameters[FloorMicroseconds];

    /// <summary>Microseconds of adding up the parts of a depth that is split.</summary>
    /// <param name="splitMicroseconds">What a split takes by itself, as <see cref="Form"/> has it.</param>
    /// <param name="halvings">How often the depth is halved.</param>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="memoryRate">Bytes a microsecond.</param>
    internal static double AddingUp(double splitMicroseconds, int halvings, double m, double n, double memoryRate) =>
        (splitMicroseconds * (1 + halvings)) + (m * n * PartialBytes * (1 << halvings) / memoryRate);
}
