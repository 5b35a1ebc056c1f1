using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Measured attention of encoders, <c>encoder_attention_perf.parquet</c>: a kind a width of heads, which kernels are made for.</summary>
internal static class EncoderAttentionFile
{
    private const double Bytes = 2;

    /// <summary>Columns of text.</summary>
    public static readonly string[] Texts = ["attn_dtype"];

    /// <summary>Columns of numbers.</summary>
    public static readonly string[] Numbers = ["batch_size", "isl", "num_heads", "head_dim", MeasuredRows.Latency];

    /// <summary>The kinds of a table.</summary>
    public static IEnumerable<MeasuredKind> Kinds(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        string[] types = table.Texts("attn_dtype");
        double[] pieces = table.Numbers("batch_size");
        double[] rows = table.Numbers("isl");
        double[] heads = table.Numbers("num_heads");
        double[] sizes = table.Numbers("head_dim");
        static bool IsKnown(string type) => $"{type}/" == EncoderAttentionTiming.SixteenBits;
        MeasuredRows.WarnOfUnknown(table, "attn_dtype", IsKnown, findings);
        foreach ((string kind, List<(Attention Case, double Microseconds)> cases) in MeasuredRows.ByKind(
            table,
            row => IsKnown(types[row]) ? string.Create(CultureInfo.InvariantCulture, $"{EncoderAttentionTiming.SixteenBits}{sizes[row]}") : null,
            row => new Attention(pieces[row], rows[row], heads[row], sizes[row]),
            MeasuredRows.LatencyOrFailure(findings)))
        {
            yield return new MeasuredKind<Attention>(
                EncoderAttentionTiming.Form,
                kind,
                MeasuredRows.Medians(cases),
                one => [one.Pieces, one.Rows, one.Heads, one.Size],
                parameters => one => EncoderAttentionTiming.Microseconds(
                    parameters, chip.Scale, chip.HalfFlopsPerSecond, one.Pieces, one.Rows, one.Heads, one.Size, one.Bytes),
                one => chip.Roofline(one.Flops, chip.HalfFlopsPerSecond, one.Bytes));
        }
    }

    private readonly record struct Attention(double Pieces, double Rows, double Heads, double Size)
    {
        /// <summary>Queries, keys and values in, values out.</summary>
        public double Bytes => 4 * Pieces * Rows * Heads * Size * EncoderAttentionFile.Bytes;

        public double Flops => 4 * Pieces * Rows * Rows * Heads * Size;
    }
}
