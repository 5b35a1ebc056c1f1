using System.Runtime.InteropServices;
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

    private static ReadOnlySpan<double> TileRows => [16, 32, 64, 128, 256];

    /// <summary>As many as a vector's lanes: tiles of one height are timed at once.</summary>
    private static Vector256<double> TileColumns => Vector256.Create(32d, 64, 128, 256);

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
        double memoryRate = chip.MemoryBytesPerSecond * parameters[MemoryEfficiency] / Norms.Microseconds;
        double memory = ((k * n * weightBytes) + (m * k * activationBytes) + (m * n * OutputBytes)) / memoryRate;
        double least = LeastCompute(in MemoryMarshal.GetReference(perDepth[..Tiles]), chip.ComputeUnits, m, n, k, memoryRate, parameters[SplitMicroseconds]);
        return parameters[FloorMicroseconds] + Norms.Of(least, memory, parameters[Overlap]) + Quantize(parameters, chip, m, k, quantizeBytes);
    }

    /// <summary>What the fastest tiles take to compute: the memory's part is the same for all of them, so the least compute is the least in all.</summary>
    private static double LeastCompute(ref readonly double perDepth, double computeUnits, double m, double n, double k, double memoryRate, double splitMicroseconds)
    {
        Vector256<double> wide = Vector256.Ceiling(Vector256.Create(n) / TileColumns);
        Vector256<double> units = Vector256.Create(computeUnits);
        Vector256<double> depth = Vector256.Create(k);
        Vector256<double> compute = Vector256.Create(double.PositiveInfinity);
        double most = 2 * computeUnits;
        for (int rows = 0; rows < TileRows.Length && (rows == 0 || TileRows[rows] < 2 * m); rows++)
        {
            Vector256<double> tiles = Math.Ceiling(m / TileRows[rows]) * wide;
            Vector256<double> each = Vector256.LoadUnsafe(in perDepth, (nuint)(rows * Vector256<double>.Count));
            Vector256<double> whole = Vector256.Ceiling(tiles / units) * each * depth;

            // The widest tiles are the fewest: where no two splits of them are offered, none of any are.
            compute = Vector256.Min(compute, 2 * tiles.GetElement(Vector256<double>.Count - 1) <= most
                ? Split(units, tiles, each, whole, m, n, k, memoryRate, splitMicroseconds)
                : whole);
        }

        return Math.Min(Math.Min(compute.GetElement(0), compute.GetElement(1)), Math.Min(compute.GetElement(2), compute.GetElement(3)));
    }

    /// <summary>Tiles whose own times <see cref="PerDepth"/> gives.</summary>
    public static int Tiles => TileRows.Length * Vector256<double>.Count;

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
        for (int rows = 0; rows < TileRows.Length; rows++)
        {
            for (int columns = 0; columns < Vector256<double>.Count; columns++)
            {
                perDepth[(rows * Vector256<double>.Count) + columns] = Norms.Of(
                    2 * TileRows[rows] * TileColumns[columns] / unitFlops,
                    ((TileRows[rows] * activationBytes) + (TileColumns[columns] * weightBytes)) / unitBytes,
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

    /// <summary>
    /// Tiles of one height, each width in a lane: as many splits of the depth as leave no unit with more than two of them, where adding up takes the same for every tile shape.
    /// </summary>
    private static Vector256<double> Split(
        Vector256<double> units,
        Vector256<double> tiles,
        Vector256<double> perDepth,
        Vector256<double> whole,
        double m,
        double n,
        double k,
        double memoryRate,
        double splitMicroseconds)
    {
        Vector256<double> most = 2 * units;
        Vector256<double> best = whole;
        double splits = 2;
        for (int halvings = 0; halvings < MostHalvings && k / splits >= LeastSplitDepth; halvings++)
        {
            Vector256<double> split = tiles * splits;
            Vector256<double> isOffered = Vector256.LessThanOrEqual(split, most);
            if (isOffered == Vector256<double>.Zero)
            {
                break;
            }

            double reduction = AddingUp(splitMicroseconds, halvings + 1, m, n, memoryRate);
            Vector256<double> time = (Vector256.Ceiling(split / units) * perDepth * (k / splits)) + Vector256.Create(reduction);
            best = Vector256.ConditionalSelect(isOffered, Vector256.Min(best, time), best);
            splits *= 2;
        }

        return best;
    }
}
