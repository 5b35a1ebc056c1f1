using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Measured batched products of latent attention, <c>mla_bmm_perf.parquet</c>: a kind a data type, at the widths of DeepSeek-V3.</summary>
internal static class LatentProductFile
{
    private const string IntoLatent = "mla_gen_pre";
    private const string OutOfLatent = "mla_gen_post";
    private const double LatentWidth = 512;
    private const double HeadWidth = 128;

    /// <summary>Columns of text.</summary>
    public static readonly string[] Texts = ["op_name", "bmm_dtype"];

    /// <summary>Columns of numbers.</summary>
    public static readonly string[] Numbers = ["num_tokens", "num_heads", MeasuredRows.Latency];

    /// <summary>The kinds of a table.</summary>
    public static IEnumerable<MeasuredKind> Kinds(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        string[] operators = table.Texts("op_name");
        string[] types = table.Texts("bmm_dtype");
        double[] tokens = table.Numbers("num_tokens");
        double[] heads = table.Numbers("num_heads");
        MeasuredRows.WarnOfUnknown(table, "op_name", IsKnown, findings);
        foreach ((string kind, List<(Product Case, double Microseconds)> cases) in MeasuredRows.ByKind(
            table,
            row => IsKnown(operators[row]) ? types[row] : null,
            row => new Product(tokens[row], heads[row], operators[row] == IntoLatent)))
        {
            double peak = CacheTypes.IsEightBits(kind) ? chip.EightBitFlopsPerSecond : chip.HalfFlopsPerSecond;
            double weightBytes = CacheTypes.Bytes(kind);
            yield return new MeasuredKind<Product>(
                LatentProductTiming.Form,
                kind,
                MeasuredRows.Medians(cases),
                product => [product.Tokens, product.Heads, product.IsIntoLatent ? 1 : 0],
                parameters => product => LatentProductTiming.Microseconds(
                    parameters,
                    chip.Scale,
                    peak,
                    product.Tokens,
                    product.Heads,
                    product.IsIntoLatent ? HeadWidth : LatentWidth,
                    product.IsIntoLatent ? LatentWidth : HeadWidth,
                    weightBytes),
                product => chip.Roofline(
                    2 * product.Tokens * product.Heads * LatentWidth * HeadWidth,
                    chip.HalfFlopsPerSecond,
                    (product.Heads * LatentWidth * HeadWidth * weightBytes) + (product.Tokens * product.Heads * (LatentWidth + HeadWidth) * 2)),
                product => new OperatorShape(
                    OperatorFamily.LatentProduct,
                    CacheTypes.IsEightBits(kind) ? NumberKind.EightBit : NumberKind.SixteenBit,
                    product.Tokens,
                    Columns: product.IsIntoLatent ? LatentWidth : HeadWidth,
                    Depth: product.IsIntoLatent ? HeadWidth : LatentWidth,
                    Heads: product.Heads));
        }
    }

    private static bool IsKnown(string name) => name is IntoLatent or OutOfLatent;

    private readonly record struct Product(double Tokens, double Heads, bool IsIntoLatent);
}
