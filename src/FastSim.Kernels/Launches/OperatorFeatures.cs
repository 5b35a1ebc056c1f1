using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>
/// An operator on a chip as the numbers that a learned efficiency sees (docs/surrogate.md, "Features"). All follow from the operator's work
/// and shape and the chip's peaks, so that they exist for a chip that was never built.
/// </summary>
public static class OperatorFeatures
{
    /// <summary>Features a row.</summary>
    public const int Count = 32;

    /// <summary>Version of the features' meaning: a model states the one it was made for.</summary>
    public const int Version = 1;

    /// <summary>Place of the family's timing form over the roofline.</summary>
    private const int FormPlace = 8;

    private const int FirstKind = 20;
    private const int FirstOwn = 9;
    private const double Microseconds = 1e6;
    private const double OutputBytes = 2;
    private const double Least = 1e-6;

    private static readonly string[] Common =
    [
        "log2 of compute microseconds at peak", "log2 of memory microseconds at peak", "log2 of compute over memory time", "log2 of rows",
        "log2 of tiles of 128 over compute units", "share of the last wave of such tiles that is filled", "log2 of tiles of 64 over compute units",
        "share of the last wave of these", "log2 of the family's timing form at its starting parameters over the roofline",
    ];

    /// <summary>Names of a family's features, <see cref="Count"/>; empty where it has none.</summary>
    public static string[] Names(OperatorFamily family)
    {
        string[] own = family switch
        {
            OperatorFamily.Product =>
                ["log2 of columns", "log2 of depth", "rows over rows padded to 16", "rows over rows padded to 128", "log2 of quantizing microseconds",
                    "log2 of bytes a weight", "log2 of bytes an activation"],
            OperatorFamily.LatentProduct => ["log2 of columns", "log2 of depth", "rows over rows padded to 64", "log2 of heads"],
            OperatorFamily.Experts =>
            [
                "log2 of expert width", "log2 of hidden width", "log2 of experts a rank", "log2 of reached experts", "log2 of rows a reached expert",
                "log2 of chosen experts", "log2 of expert ranks", "log2 of tensor ranks", "exponent of the routing law", "gated", "second implementation",
            ],
            _ =>
            [
                "log2 of context", "log2 of head size", "log2 of query heads a key-value head", "log2 of key-value heads", "cache bytes",
                "log2 of window over context", "windowed",
            ],
        };
        string[] names = new string[Count];
        Array.Fill(names, "");
        Common.CopyTo(names, 0);
        own.CopyTo(names, FirstOwn);
        foreach (NumberKind kind in Enum.GetValues<NumberKind>())
        {
            names[FirstKind + (int)kind] = $"is {kind}";
        }

        return names;
    }

    /// <summary>Writes the features of an operator.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="row">Receives them, <see cref="Count"/>.</param>
    /// <returns>Microseconds at the chip's peaks: the longer of compute and memory; above 0.</returns>
    public static double Write(in OperatorShape shape, in RooflineChip chip, Span<float> row)
    {
        Span<double> tiles = stackalloc double[GemmTiming.Tiles];
        Prepare(shape, chip, FormParameters.Starts, tiles);
        return Write(shape, chip, FormParameters.Starts, tiles, row);
    }

    /// <summary>What the features of a product share at any number of rows.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="forms">Parameters of timing forms.</param>
    /// <param name="tiles">Receives it, <see cref="GemmTiming.Tiles"/>; nothing for other families.</param>
    internal static void Prepare(in OperatorShape shape, in RooflineChip chip, FormParameters forms, Span<double> tiles)
    {
        if (shape.Family == OperatorFamily.Product)
        {
            PrepareTiles(shape, chip, forms.Of(shape), tiles);
        }
    }

    /// <summary>Microseconds of an operator by its family's timing form.</summary>
    internal static double FormMicroseconds(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters)
    {
        Span<float> row = stackalloc float[Count];
        Span<double> tiles = stackalloc double[GemmTiming.Tiles];
        if (shape.Family == OperatorFamily.Product)
        {
            PrepareTiles(shape, chip, parameters, tiles);
        }

        Write(shape, chip, parameters, tiles, row, out double form, ProductComponents.LatentInputBytes(shape.Kind));
        return form;
    }

    /// <summary>Writes the features of an operator of which <see cref="Prepare"/> knows.</summary>
    internal static double Write(in OperatorShape shape, in RooflineChip chip, FormParameters forms, ReadOnlySpan<double> tiles, Span<float> row) =>
        Write(shape, chip, forms, tiles, row, out _);

    /// <summary>The same, with the microseconds of the family's timing form.</summary>
    internal static double Write(
        in OperatorShape shape, in RooflineChip chip, FormParameters forms, ReadOnlySpan<double> tiles, Span<float> row, out double form) =>
        Write(shape, chip, forms.Of(shape), tiles, row, out form);

    private static void PrepareTiles(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> form, Span<double> tiles) => GemmTiming.PerDepth(
        form,
        Scale(chip),
        chip.FlopsPerSecond(shape.Kind),
        RooflineChip.WeightBytes(shape.Kind),
        RooflineChip.ActivationBytes(shape.Kind),
        tiles);

    /// <summary>The same, by the form's parameters; of latent products, which version 1 does not know to be quantized, with the bytes that an element of the input moves.</summary>
    internal static double Write(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> form, ReadOnlySpan<double> tiles, Span<float> row, out double microseconds, double latentInputBytes = OutputBytes)
    {
        row[..Count].Clear();
        row[FirstKind + (int)shape.Kind] = 1;
        return shape.Family switch
        {
            OperatorFamily.Product => Product(shape, chip, form, tiles, row, out microseconds),
            OperatorFamily.LatentProduct => LatentProduct(shape, chip, form, row, latentInputBytes, out microseconds),
            OperatorFamily.Experts => Experts(shape, chip, form, row, out microseconds),
            OperatorFamily.DecodeAttention => DecodeAttention(shape, chip, form, row, out microseconds),
            OperatorFamily.DecodeLatentAttention => DecodeLatentAttention(shape, chip, form, row, out microseconds),
            OperatorFamily.PrefillAttention => PrefillAttention(shape, chip, form, row, out microseconds),
            _ => PrefillLatentAttention(shape, chip, form, row, out microseconds),
        };
    }

    /// <summary>Bytes that quantising an input's element moves before a product of a number format; 0 where it comes as it is.</summary>
    internal static double QuantizeBytes(NumberKind kind) => kind switch
    {
        NumberKind.EightBit or NumberKind.EightBitBlock => 3,
        NumberKind.FourBit => 2.5,
        _ => 0,
    };

    private static double Product(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters, ReadOnlySpan<double> tiles, Span<float> row, out double form)
    {
        double m = shape.Rows;
        double n = shape.Columns;
        double k = shape.Depth;
        double weight = RooflineChip.WeightBytes(shape.Kind);
        double activation = RooflineChip.ActivationBytes(shape.Kind);
        double peak = chip.FlopsPerSecond(shape.Kind);
        double quantize = QuantizeBytes(shape.Kind);
        Waves(Math.Ceiling(m / 128) * Math.Ceiling(n / 128), Math.Ceiling(m / 64) * Math.Ceiling(n / 64), chip, row);
        row[FirstOwn] = Log(n);
        row[FirstOwn + 1] = Log(k);
        row[FirstOwn + 2] = Fill(m, 16);
        row[FirstOwn + 3] = Fill(m, 128);
        row[FirstOwn + 4] = quantize == 0 ? 0 : Log(quantize * m * k / chip.MemoryBytesPerSecond * Microseconds) + 4;
        row[FirstOwn + 5] = Log(weight);
        row[FirstOwn + 6] = Log(activation);
        form = GemmTiming.Microseconds(parameters, tiles, Scale(chip), weight, activation, m, n, k, quantize);
        return Roofline(2 * m * n * k / peak, ((k * n * weight) + (m * k * activation) + (m * n * OutputBytes)) / chip.MemoryBytesPerSecond, m, form, row);
    }

    private static double LatentProduct(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters, Span<float> row, double inputBytes, out double form)
    {
        double peak = chip.FlopsPerSecond(shape.Kind);
        double weight = RooflineChip.WeightBytes(shape.Kind);
        Waves(
            shape.Heads * Math.Ceiling(shape.Rows / 128) * Math.Ceiling(shape.Columns / 128),
            shape.Heads * Math.Ceiling(shape.Rows / 64) * Math.Ceiling(shape.Columns / 64),
            chip,
            row);
        row[FirstOwn] = Log(shape.Columns);
        row[FirstOwn + 1] = Log(shape.Depth);
        row[FirstOwn + 2] = Fill(shape.Rows, 64);
        row[FirstOwn + 3] = Log(shape.Heads);
        form = LatentProductTiming.Microseconds(
            parameters, Scale(chip), peak, shape.Rows, shape.Heads, shape.Depth, shape.Columns, weight, inputBytes);
        return Roofline(
            2 * shape.Rows * shape.Heads * shape.Columns * shape.Depth / peak,
            ((shape.Heads * shape.Columns * shape.Depth * weight) + (shape.Rows * shape.Heads * (shape.Columns + shape.Depth) * 2)) / chip.MemoryBytesPerSecond,
            shape.Rows,
            form,
            row);
    }

    private static double Experts(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters, Span<float> row, out double form)
    {
        Span<double> room = stackalloc double[ExpertLoad.Room];
        ExpertLoad load = ExpertLoad.Of(shape.Rows, shape.Experts, shape.Chosen, shape.ExpertRanks, shape.Skew, room);
        double width = Math.Ceiling(shape.Columns / shape.TensorRanks);
        double products = shape.Gates + 1;
        double peak = chip.FlopsPerSecond(shape.Kind);
        double weight = RooflineChip.WeightBytes(shape.Kind);
        double activation = RooflineChip.ActivationBytes(shape.Kind);
        double perExpert = load.Rows / Math.Max(1, load.Reached);
        Waves(
            load.Reached * Math.Ceiling(perExpert / 128) * Math.Ceiling(shape.Depth / 128),
            load.Reached * Math.Ceiling(perExpert / 64) * Math.Ceiling(shape.Depth / 64),
            chip,
            row);
        row[FirstOwn] = Log(width);
        row[FirstOwn + 1] = Log(shape.Depth);
        row[FirstOwn + 2] = Log(shape.Experts / shape.ExpertRanks);
        row[FirstOwn + 3] = Log(load.Reached);
        row[FirstOwn + 4] = Log(perExpert);
        row[FirstOwn + 5] = Log(shape.Chosen);
        row[FirstOwn + 6] = Log(shape.ExpertRanks);
        row[FirstOwn + 7] = Log(shape.TensorRanks);
        row[FirstOwn + 8] = (float)shape.Skew;
        row[FirstOwn + 9] = shape.Gates > 1 ? 1 : 0;
        row[FirstOwn + 10] = (float)shape.Variant;
        form = ExpertTiming.Microseconds(
            parameters,
            Scale(chip),
            peak,
            weight,
            activation,
            shape.Rows,
            shape.Depth,
            shape.Columns,
            shape.Chosen,
            shape.Experts,
            shape.TensorRanks,
            shape.ExpertRanks,
            shape.Skew,
            shape.Gates > 1);
        return Roofline(
            2 * products * load.Rows * shape.Depth * width / peak,
            ((load.Reached * products * shape.Depth * width * weight) + (load.Rows * shape.Depth * 4)) / chip.MemoryBytesPerSecond,
            shape.Rows,
            form,
            row);
    }

    private static double DecodeAttention(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters, Span<float> row, out double form)
    {
        double group = shape.Heads / shape.KeyValueHeads;
        double context = shape.Window > 0 ? Math.Min(shape.Window, shape.Context) : shape.Context;
        double tiles = shape.Rows * shape.KeyValueHeads;
        Waves(tiles, tiles * Math.Ceiling(context / 512), chip, row);
        AttentionShape(shape, context, row);
        bool isPerHead = group > 32;
        double shared = isPerHead ? 1 : group;
        form = DecodeAttentionTiming.Microseconds(
            parameters,
            Scale(chip),
            chip.HalfFlopsPerSecond,
            shape.Rows * (isPerHead ? shape.Heads : shape.KeyValueHeads),
            context,
            2 * shape.Depth * shape.CacheBytes,
            4 * shape.Depth * shared,
            4 * shape.Depth * shared,
            isPerHead ? group : 1);
        return Roofline(
            4 * shape.Rows * shape.Heads * shape.Depth * context / chip.HalfFlopsPerSecond,
            ((tiles * context * 2 * shape.Depth * shape.CacheBytes) + (shape.Rows * shape.Heads * shape.Depth * 4)) / chip.MemoryBytesPerSecond,
            shape.Rows,
            form,
            row);
    }

    private static double DecodeLatentAttention(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters, Span<float> row, out double form)
    {
        const double HeadTile = 64;
        double headTiles = Math.Ceiling(shape.Heads / HeadTile);
        Waves(shape.Rows * headTiles, shape.Rows * headTiles * Math.Ceiling(shape.Context / 512), chip, row);
        AttentionShape(shape with { KeyValueHeads = 1 }, shape.Context, row);
        form = DecodeAttentionTiming.Microseconds(
            parameters,
            Scale(chip),
            chip.HalfFlopsPerSecond,
            shape.Rows * headTiles,
            shape.Context,
            shape.Depth * shape.CacheBytes / headTiles,
            2 * shape.Columns * Math.Clamp(shape.Heads, 16, HeadTile),
            2 * shape.Heads * shape.Columns * 2 / headTiles,
            1);
        return Roofline(
            2 * shape.Rows * shape.Heads * shape.Columns * shape.Context / chip.HalfFlopsPerSecond,
            ((shape.Rows * shape.Context * shape.Depth * shape.CacheBytes) + (shape.Rows * shape.Heads * shape.Columns * 2)) / chip.MemoryBytesPerSecond,
            shape.Rows,
            form,
            row);
    }

    private static double PrefillAttention(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters, Span<float> row, out double form)
    {
        double peak = chip.FlopsPerSecond(shape.Kind);
        double tokens = shape.Context;
        bool isWindowed = shape.Window > 0 && shape.Window < tokens;
        double context = isWindowed ? Math.Min(shape.Window, tokens / 2) : tokens / 2;
        Waves(
            shape.Rows * shape.Heads * Math.Ceiling(tokens / 128), shape.Rows * shape.Heads * Math.Ceiling(tokens / 64), chip, row);
        AttentionShape(shape, tokens, row);
        double bytes = shape.Rows * tokens * shape.Depth * ((4 * shape.Heads) + ((4 + (2 * shape.CacheBytes)) * shape.KeyValueHeads));
        form = PrefillAttentionTiming.Microseconds(
            parameters, Scale(chip), peak, shape.Rows, tokens, shape.Heads, 2 * shape.Depth, shape.Window, bytes);
        return Roofline(
            4 * shape.Rows * shape.Heads * shape.Depth * tokens * context / peak, bytes / chip.MemoryBytesPerSecond, shape.Rows, form, row);
    }

    private static double PrefillLatentAttention(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters, Span<float> row, out double form)
    {
        double peak = chip.FlopsPerSecond(shape.Kind);
        double tokens = shape.Context;
        Waves(
            shape.Rows * shape.Heads * Math.Ceiling(tokens / 128), shape.Rows * shape.Heads * Math.Ceiling(tokens / 64), chip, row);
        AttentionShape(shape with { KeyValueHeads = shape.Heads }, tokens, row);
        double bytes = shape.Rows * tokens * shape.Heads * shape.Columns * 4;
        form = PrefillAttentionTiming.Microseconds(
            parameters, Scale(chip), peak, shape.Rows, tokens, shape.Heads, shape.Columns, 0, bytes);
        return Roofline(
            shape.Rows * shape.Heads * shape.Columns * tokens * tokens / peak, bytes / chip.MemoryBytesPerSecond, shape.Rows, form, row);
    }

    private static void AttentionShape(in OperatorShape shape, double context, Span<float> row)
    {
        row[FirstOwn] = Log(context);
        row[FirstOwn + 1] = Log(shape.Depth);
        row[FirstOwn + 2] = Log(shape.Heads / shape.KeyValueHeads);
        row[FirstOwn + 3] = Log(shape.KeyValueHeads);
        row[FirstOwn + 4] = (float)shape.CacheBytes;
        bool isWindowed = shape.Window > 0 && shape.Window < shape.Context;
        row[FirstOwn + 5] = isWindowed ? Log(shape.Window / shape.Context) : 0;
        row[FirstOwn + 6] = isWindowed ? 1 : 0;
    }

    private static double Roofline(double computeSeconds, double memorySeconds, double rows, double form, Span<float> row)
    {
        double compute = computeSeconds * Microseconds;
        double memory = memorySeconds * Microseconds;
        double longer = Math.Max(Math.Max(compute, memory), Least);
        row[0] = Log(compute);
        row[1] = Log(memory);
        row[2] = row[0] - row[1];
        row[3] = Log(rows);
        row[FormPlace] = (float)Math.Log2(form / longer);
        return longer;
    }

    private static void Waves(double large, double small, in RooflineChip chip, Span<float> row)
    {
        row[4] = Log(large / chip.ComputeUnits);
        row[5] = Fill(large, chip.ComputeUnits);
        row[6] = Log(small / chip.ComputeUnits);
        row[7] = Fill(small, chip.ComputeUnits);
    }

    /// <summary>Units as stated, or as guessed, which need not be whole; those of a chip that stands for another's relative are whole but for a last bit.</summary>
    private static TimingChip Scale(in RooflineChip chip)
    {
        const double LastBits = 1e-9;
        double whole = Math.Round(chip.ComputeUnits);
        return new(Math.Max(1, Math.Abs(chip.ComputeUnits - whole) < LastBits ? whole : chip.ComputeUnits), chip.MemoryBytesPerSecond, 0);
    }

    private static float Log(double value) => (float)Math.Log2(Math.Max(value, Least));

    private static float Fill(double work, double unit) => (float)(work / (Math.Ceiling(work / unit) * unit));
}
