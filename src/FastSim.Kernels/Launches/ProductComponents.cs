namespace FastSim.Kernels.Launches;

/// <summary>Components of products: plain ones, those of latent attention's heads, and those of experts.</summary>
internal static class ProductComponents
{
    private const double OutputBytes = 2;
    private const double CyclesOfExpert = 100;
    private const double OneTileRows = 32;
    private const double OneTileColumns = 128;
    private static readonly (double Rows, double Columns)[] LatentTiles = [(16, 64), (64, 64), (128, 128)];

    /// <summary>A matrix product.</summary>
    public static void Product(in OperatorShape shape, in RooflineChip chip, ref ComponentRow row)
    {
        double m = shape.Rows;
        double n = shape.Columns;
        double k = shape.Depth;
        double rate = OperatorComponents.Rate(shape.Kind, chip);
        double weight = RooflineChip.WeightBytes(shape.Kind);
        double activation = RooflineChip.ActivationBytes(shape.Kind);
        row.AddCompute(2 * m * n * k / rate);
        row.Add(Waves(1, m, n, k, 16, 64, rate, row.Units));
        row.Add(Waves(1, m, n, k, 64, 64, rate, row.Units));
        row.Add(Waves(1, m, n, k, 128, 128, rate, row.Units));
        row.Add(Waves(1, m, n, k, 256, 128, rate, row.Units));
        row.AddBytes(n * k * weight, (m * k * activation) + (m * n * OutputBytes), shape.IsRepeated, Math.Max(1, shape.Copies));
        row.Add(m * n * k * (weight + activation) / 128 / row.CacheRate);
        row.Add(k * row.Cycle);
        row.Add(OperatorFeatures.QuantizeBytes(shape.Kind) * m * k / row.MemoryRate);
        MarkFormat(shape.Kind, ref row);
        row.Mark(shape.Kind == NumberKind.EightBit ? 1 : 0);
    }

    /// <summary>Whether a kernel takes its input as it comes, in 16 bits: of 16 bits, and of narrow weights alone, which it widens.</summary>
    public static bool TakesSixteenBits(NumberKind kind) => kind is NumberKind.SixteenBit or NumberKind.EightBitWeights or NumberKind.FourBitWeights;

    /// <summary>
    /// Bytes that an element of the input of latent attention's products moves: in 8 bits it is read in 16 and written in 8 by the launch that quantizes (<c>fp8_batched_quantize_1x128_permute102</c>), and read again.
    /// </summary>
    public static double LatentInputBytes(NumberKind kind) => TakesSixteenBits(kind) ? OutputBytes : MeasuredQuantizeBytes.EightBits + RooflineChip.ActivationBytes(kind);

    /// <summary>Whether products of 8 bits with scales by block have tiles of one shape: synchronous units' kernel is one of 32 by 128 alone (TensorRT-LLM, <c>ada_blockwise_gemm</c>).</summary>
    private static bool HasOneTile(NumberKind kind, in RooflineChip chip) => kind == NumberKind.EightBit && !chip.IsAsynchronous;

    /// <summary>Latent attention's products, a head each.</summary>
    public static void LatentProduct(in OperatorShape shape, in RooflineChip chip, ref ComponentRow row)
    {
        double m = shape.Rows;
        double n = shape.Columns;
        double k = shape.Depth;
        double rate = OperatorComponents.Rate(shape.Kind, chip);
        row.AddCompute(2 * m * n * k * shape.Heads / rate);
        bool isOneTile = HasOneTile(shape.Kind, chip);
        foreach ((double tileRows, double tileColumns) in LatentTiles)
        {
            row.Add(Waves(shape.Heads, m, n, k, isOneTile ? OneTileRows : tileRows, isOneTile ? OneTileColumns : tileColumns, rate, row.Units));
        }

        row.AddBytes(shape.Heads * ((n * k * RooflineChip.WeightBytes(shape.Kind)) + (m * ((n * OutputBytes) + (k * LatentInputBytes(shape.Kind))))), shape.IsRepeated);
        row.Add(k * row.Cycle);
        row.Mark(TakesSixteenBits(shape.Kind) ? 0 : 1);
        row.Mark(n > k ? 1 : 0);
    }

    /// <summary>An expert layer's products.</summary>
    public static void Experts(in OperatorShape shape, in RooflineChip chip, ref ComponentRow row)
    {
        Span<double> room = stackalloc double[ExpertLoad.Room];
        ExpertLoad load = ExpertLoad.Of(shape.Rows, shape.Experts, shape.Chosen, shape.ExpertRanks, shape.Skew, room);
        double width = Math.Ceiling(shape.Columns / shape.TensorRanks);
        double rate = OperatorComponents.Rate(shape.Kind, chip);
        double perRow = 2 * (shape.Gates + 1) * shape.Depth * width / rate;
        double local = shape.Experts / shape.ExpertRanks;
        bool isGenerated = ExpertTiming.IsGenerated(shape.KernelKind);
        double waveTile = isGenerated ? ExpertTiming.LocalTile(shape.Rows * shape.Chosen, local) : 64;
        double small = load.Tiles(16) * 16;
        double middle = load.Tiles(64) * 64;
        double large = isGenerated ? Padded(load, waveTile) : load.Tiles(128) * 128;
        double inWaves = isGenerated ? large : middle;
        double weights = load.Reached * (shape.Gates + 1) * shape.Depth * width * RooflineChip.WeightBytes(shape.Kind);
        double permuted = (load.Rows * ((shape.Depth * (OutputBytes + RooflineChip.ActivationBytes(shape.Kind) + OutputBytes)) + (shape.Gates * width * OutputBytes)))
            + (shape.Rows * shape.Depth * 4);
        row.AddCompute(perRow * load.Rows);
        row.Add(perRow * small);
        row.Add(perRow * middle);
        row.Add(perRow * large);
        row.Add(Ceiling(inWaves / waveTile * Math.Ceiling(shape.Depth / 128) / row.Units) * row.Units * waveTile * 128 * 2 * width * (shape.Gates + 1) / rate);
        row.AddBytes(weights + permuted, shape.IsRepeated);
        row.Add(permuted / row.MemoryRate);
        row.Add(isGenerated ? 0 : local * CyclesOfExpert * row.Cycle);
        row.Add(load.Reached * CyclesOfExpert * row.Cycle);
        row.Add((shape.Depth + width) * row.Cycle);
        MarkFormat(shape.KernelKind, ref row);
        row.Mark(FormParameters.IsFused(shape) ? 1 : 0);
        row.Mark(shape.Gates > 1 ? 1 : 0);
        row.Mark(shape.Skew > 0 ? 1 : 0);
    }

    /// <summary>
    /// Rows that experts' own come to in tiles of so many: half a tile more on average, a whole one at least. So none falls as rows grow, nor as tiles do, which grow with the rows.
    /// </summary>
    private static double Padded(in ExpertLoad load, double tile)
    {
        double padded = 0;
        foreach (double rows in load.RowsPerExpert)
        {
            padded += rows > 0 ? Math.Max(tile, rows + (tile / 2)) : 0;
        }

        return padded * load.Weight;
    }

    /// <summary>Whole waves of tiles over the units, each at its unit's share of the peak.</summary>
    private static double Waves(double heads, double m, double n, double k, double tileRows, double tileColumns, double rate, double units) =>
        Ceiling(heads * Math.Ceiling(m / tileRows) * Math.Ceiling(n / tileColumns) / units) * units * tileRows * tileColumns * 2 * k / rate;

    /// <summary>The next whole number; one that rounding made a little more than whole stays.</summary>
    private static double Ceiling(double value) => Math.Ceiling(value - 1e-9);

    /// <summary>Marks of a number format: kernels of narrow weights alone compute in 16 bits, so that nothing which is learned of narrow activations is said of them.</summary>
    private static void MarkFormat(NumberKind kind, ref ComponentRow row)
    {
        row.Mark(TakesSixteenBits(kind) ? 0 : 1);
        row.Mark(kind == NumberKind.EightBitBlock ? 1 : 0);
        row.Mark(kind is NumberKind.FourBit or NumberKind.FourBitByEight ? 1 : 0);
        row.Mark(TakesSixteenBits(kind) && kind != NumberKind.SixteenBit ? 1 : 0);
    }
}
