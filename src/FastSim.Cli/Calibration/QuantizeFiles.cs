using FastSim.Cli.Configuration;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Measured quantising, <c>computescale_perf.parquet</c> and <c>scale_matrix_perf.parquet</c>: a kind each, to 8 bits.</summary>
internal static class QuantizeFiles
{
    private const string EightBits = "fp8";

    /// <summary>Columns of text.</summary>
    public static readonly string[] Texts = ["quant_dtype"];

    /// <summary>Columns of numbers.</summary>
    public static readonly string[] Numbers = ["m", "k", MeasuredRows.Latency];

    /// <summary>Finding the scale.</summary>
    public static IEnumerable<MeasuredKind> ComputeScale(MeasuredTable table, CalibrationChip chip, Findings findings) =>
        Kinds(table, chip, QuantizeTiming.ComputeScale, QuantizeTiming.ComputeScaleBytes, findings);

    /// <summary>Scaling and casting.</summary>
    public static IEnumerable<MeasuredKind> Scale(MeasuredTable table, CalibrationChip chip, Findings findings) =>
        Kinds(table, chip, QuantizeTiming.Scale, QuantizeTiming.ScaleBytes, findings);

    private static IEnumerable<MeasuredKind> Kinds(MeasuredTable table, CalibrationChip chip, string name, double elementBytes, Findings findings)
    {
        string[] types = table.Texts("quant_dtype");
        double[] m = table.Numbers("m");
        double[] k = table.Numbers("k");
        MeasuredRows.WarnOfUnknown(table, "quant_dtype", type => type == EightBits, findings);
        foreach ((string kind, List<(Input Case, double Microseconds)> cases) in MeasuredRows.ByKind(
            table,
            row => types[row] == EightBits ? name : null,
            row => new Input(m[row], k[row]),
            MeasuredRows.LatencyOrFailure(findings)))
        {
            yield return new MeasuredKind<Input>(
                QuantizeTiming.Form,
                kind,
                cases,
                input => [input.M, input.K],
                parameters => input => QuantizeTiming.Microseconds(parameters, chip.Scale, input.M * input.K * elementBytes),
                input => chip.Roofline(0, chip.HalfFlopsPerSecond, input.M * input.K * elementBytes));
        }
    }

    private readonly record struct Input(double M, double K);
}
