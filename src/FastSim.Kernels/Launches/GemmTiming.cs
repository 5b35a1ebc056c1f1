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
    private const int SplitMicroseconds = 5;
    private const int DepthNanoseconds = 6;
    private const int QuantizeShare = 7;

    private const double OutputBytes = 2;
    private const double PartialBytes = 4;
    private const int MostSplits = 16;
    private const double LeastSplitDepth = 256;

    private static readonly double[] TileRows = [16, 32, 64, 128, 256];
    private static readonly double[] TileColumns = [32, 64, 128, 256];

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
        double compute = double.PositiveInfinity;
        for (int rows = 0; rows < TileRows.Length && (rows == 0 || TileRows[rows] < 2 * m); rows++)
        {
            double high = Math.Ceiling(m / TileRows[rows]);
            for (int columns = 0; columns < TileColumns.Length; columns++)
            {
                double tiles = high * Math.Ceiling(n / TileColumns[columns]);
                compute = Math.Min(
                    compute, Tiled(parameters, chip.ComputeUnits, tiles, perDepth[(rows * TileColumns.Length) + columns], m, n, k, memoryRate));
            }
        }

        // The memory's part is the same for all of them, so the least compute is the least in all.
        return parameters[FloorMicroseconds] + Norms.Of(compute, memory, parameters[Overlap]) + Quantize(parameters, chip, m, k, quantizeBytes);
    }

    /// <summary>Tiles whose own times <see cref="PerDepth"/> gives.</summary>
    public static int Tiles => TileRows.Length * TileColumns.Length;

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
            for (int columns = 0; columns < TileColumns.Length; columns++)
            {
                perDepth[(rows * TileColumns.Length) + columns] = Norms.Of(
                    2 * TileRows[rows] * TileColumns[columns] / unitFlops,
                    ((TileRows[rows] * activationBytes) + (TileColumns[columns] * weightBytes)) / unitBytes,
                    parameters[Overlap]) + (parameters[DepthNanoseconds] * 1e-3);
            }
        }
    }

    /// <summary>What no product is faster than: its floor, and the shares of the compute units' and the memory's peak that it reaches at most.</summary>
    public static LaunchBound Bound(ReadOnlySpan<double> parameters) =>
        new(parameters[FloorMicroseconds], 1 / parameters[ComputeEfficiency], 1 / parameters[MemoryEfficiency]);

    /// <summary>Microseconds of quantising the input, a pass of its own.</summary>
    public static double Quantize(ReadOnlySpan<double> parameters, TimingChip chip, double m, double k, double quantizeBytes) =>
        parameters[QuantizeShare] * quantizeBytes * m * k / (chip.MemoryBytesPerSecond * parameters[MemoryEfficiency] / Norms.Microseconds);

    /// <summary>Microseconds that even the smallest product takes.</summary>
    public static double Floor(ReadOnlySpan<double> parameters) => parameters[FloorMicroseconds];

    private static double Tiled(
        ReadOnlySpan<double> parameters, int computeUnits, double tiles, double perDepth, double m, double n, double k, double memoryRate)
    {
        double best = Math.Ceiling(tiles / computeUnits) * perDepth * k;
        double halvings = 1;
        for (int splits = 2; splits <= MostSplits && k / splits >= LeastSplitDepth && tiles * splits <= 2d * computeUnits; splits *= 2, halvings++)
        {
            double reduction = (parameters[SplitMicroseconds] * (1 + halvings)) + (m * n * PartialBytes * splits / memoryRate);
            best = Math.Min(best, (Math.Ceiling(tiles * splits / computeUnits) * perDepth * (k / splits)) + reduction);
        }

        return best;
    }
}
