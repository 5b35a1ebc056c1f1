using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Measured matrix products, <c>gemm_perf.parquet</c>: a kind a data type.</summary>
internal static class GemmFile
{
    private const double NvidiaFourBitBytes = 0.5625;

    /// <summary>Columns of text.</summary>
    public static readonly string[] Texts = ["gemm_dtype"];

    /// <summary>Columns of numbers.</summary>
    public static readonly string[] Numbers = ["m", "n", "k", MeasuredRows.Latency];

    /// <summary>The kinds of a table.</summary>
    public static IEnumerable<MeasuredKind> Kinds(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        string[] types = table.Texts("gemm_dtype");
        double[] m = table.Numbers("m");
        double[] n = table.Numbers("n");
        double[] k = table.Numbers("k");
        MeasuredRows.WarnOfUnknown(table, "gemm_dtype", type => TypeOf(type, chip) is not null, findings);
        foreach ((string kind, List<(Product Case, double Microseconds)> cases) in MeasuredRows.ByKind(
            table, row => TypeOf(types[row], chip) is null ? null : types[row], row => new Product(m[row], n[row], k[row])))
        {
            yield return Kind(kind, TypeOf(kind, chip)!.Value, cases, chip);
        }
    }

    private static MeasuredKind<Product> Kind(string kind, ProductType type, List<(Product Case, double Microseconds)> cases, CalibrationChip chip) => new(
        GemmTiming.Form,
        kind,
        cases,
        product => [product.M, product.N, product.K],
        parameters =>
        {
            double[] perDepth = new double[GemmTiming.Tiles];
            GemmTiming.PerDepth(parameters, chip.Scale, type.Peak, type.WeightBytes, type.ActivationBytes, perDepth);
            return product => GemmTiming.Microseconds(
                parameters, perDepth, chip.Scale, type.WeightBytes, type.ActivationBytes, product.M, product.N, product.K, type.QuantizeBytes);
        },
        product => chip.Roofline(
            2 * product.M * product.N * product.K,
            type.Peak,
            (product.K * product.N * type.WeightBytes) + (product.M * product.K * type.ActivationBytes) + (product.M * product.N * 2)),
        product => new OperatorShape(OperatorFamily.Product, type.Number, product.M, Columns: product.N, Depth: product.K));

    /// <summary>Rates and bytes of a data type; weight-only types compute in 16 bits, and a type of 8 bits whose input is not measured with its quantising takes none.</summary>
    public static ProductType? TypeOf(string type, CalibrationChip chip) => type switch
    {
        "bfloat16" or "float16" => new(NumberKind.SixteenBit, chip.HalfFlopsPerSecond, 2, 2, 0),
        "fp8" => new(NumberKind.EightBit, chip.EightBitFlopsPerSecond, 1, 1, MeasuredQuantizeBytes.EightBits),
        "fp8_block" => new(NumberKind.EightBitBlock, chip.EightBitFlopsPerSecond, 1, 1, MeasuredQuantizeBytes.EightBits),
        "sq" => new(NumberKind.EightBitInteger, chip.EightBitFlopsPerSecond, 1, 1, 0),
        "int8_wo" => new(NumberKind.EightBitWeights, chip.HalfFlopsPerSecond, 1, 2, 0),
        "int4_wo" => new(NumberKind.FourBitWeights, chip.HalfFlopsPerSecond, 0.5, 2, 0),
        "nvfp4" => new(NumberKind.FourBit, chip.FourBitFlopsPerSecond, NvidiaFourBitBytes, NvidiaFourBitBytes, MeasuredQuantizeBytes.FourBits),
        _ => null,
    };

    private readonly record struct Product(double M, double N, double K);
}

/// <summary>What of a data type a product's time follows from.</summary>
/// <param name="Number">Number format.</param>
/// <param name="Peak">Peak FLOP/s.</param>
/// <param name="WeightBytes">Bytes a weight.</param>
/// <param name="ActivationBytes">Bytes an activation as the product reads it.</param>
/// <param name="QuantizeBytes">Bytes an input element takes to be quantised before; 0 where it comes as it is.</param>
internal readonly record struct ProductType(NumberKind Number, double Peak, double WeightBytes, double ActivationBytes, double QuantizeBytes);
