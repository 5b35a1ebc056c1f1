using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Measured mixtures of experts, <c>moe_perf.parquet</c>: a kind a data type and, where it is not the engine's usual one, kernel.</summary>
internal static class ExpertFile
{
    private const string UsualKernel = "moe_torch_flow";
    private const string UngatedKernel = "moe_torch_flow_nongated";
    private const string SecondKernel = "/cutlass";
    private const string PowerLaw = "power_law_";

    /// <summary>Columns of text.</summary>
    public static readonly string[] Texts = ["distribution", "moe_dtype", "kernel_source"];

    /// <summary>Columns of numbers.</summary>
    public static readonly string[] Numbers =
        ["num_tokens", "hidden_size", "inter_size", "topk", "num_experts", "moe_tp_size", "moe_ep_size", MeasuredRows.Latency];

    /// <summary>The kinds of a table.</summary>
    public static IEnumerable<MeasuredKind> Kinds(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        string[] distributions = table.Texts("distribution");
        string[] types = table.Texts("moe_dtype");
        string[] kernels = table.Texts("kernel_source");
        double[][] numbers = Array.ConvertAll(Numbers, table.Numbers);
        MeasuredRows.WarnOfUnknown(table, "distribution", distribution => Skew(distribution) is not null, findings);
        MeasuredRows.WarnOfUnknown(table, "moe_dtype", type => TypeOf(type, chip) is not null, findings);
        foreach ((string kind, List<(Layer Case, double Microseconds)> cases) in MeasuredRows.ByKind(
            table,
            row => Skew(distributions[row]) is null || TypeOf(types[row], chip) is null ? null : types[row] + KernelSuffix(kernels[row]),
            row => new Layer(
                numbers[0][row],
                numbers[1][row],
                numbers[2][row],
                numbers[3][row],
                numbers[4][row],
                numbers[5][row],
                numbers[6][row],
                Skew(distributions[row])!.Value,
                kernels[row] != UngatedKernel)))
        {
            yield return Kind(kind, TypeOf(kind.Split('/')[0], chip)!.Value, cases, chip);
        }
    }

    private static MeasuredKind<Layer> Kind(string kind, WeightType type, List<(Layer Case, double Microseconds)> cases, CalibrationChip chip) => new(
        ExpertTiming.Form,
        kind,
        cases,
        layer =>
        [
            layer.Tokens, layer.Hidden, layer.Intermediate, layer.Chosen, layer.Experts, layer.TensorRanks, layer.ExpertRanks, layer.Skew,
            layer.IsGated ? 1 : 0,
        ],
        parameters => layer => ExpertTiming.Microseconds(
            parameters,
            chip.Scale,
            type.Peak,
            type.WeightBytes,
            type.ActivationBytes,
            layer.Tokens,
            layer.Hidden,
            layer.Intermediate,
            layer.Chosen,
            layer.Experts,
            layer.TensorRanks,
            layer.ExpertRanks,
            layer.Skew,
            layer.IsGated),
        layer =>
        {
            double rows = layer.Tokens * layer.Chosen / layer.ExpertRanks;
            double weights = (layer.IsGated ? 3 : 2) * layer.Hidden * layer.Intermediate / layer.TensorRanks;
            double reached = Math.Min(layer.Experts / layer.ExpertRanks, Math.Max(1, rows));
            return chip.Roofline(2 * rows * weights, type.Peak, (reached * weights * type.WeightBytes) + (rows * layer.Hidden * 4));
        },
        layer => new OperatorShape(
            OperatorFamily.Experts,
            type.Number,
            layer.Tokens,
            Columns: layer.Intermediate,
            Depth: layer.Hidden,
            Chosen: layer.Chosen,
            Experts: layer.Experts,
            TensorRanks: layer.TensorRanks,
            ExpertRanks: layer.ExpertRanks,
            Skew: layer.Skew,
            Gates: layer.IsGated ? 2 : 1,
            Variant: kind.EndsWith(SecondKernel, StringComparison.Ordinal) ? 1 : 0));

    private static string KernelSuffix(string kernel) => kernel is UsualKernel or UngatedKernel
        ? ""
        : "/" + kernel.Replace(UsualKernel + "_", "", StringComparison.Ordinal);

    /// <summary>Exponent of the law by which tokens choose; null for an unknown one.</summary>
    private static double? Skew(string distribution)
    {
        if (distribution == "balanced")
        {
            return 0;
        }

        return distribution.StartsWith(PowerLaw, StringComparison.Ordinal)
            && double.TryParse(distribution.AsSpan(PowerLaw.Length), CultureInfo.InvariantCulture, out double skew)
            && skew >= 0
            ? skew
            : null;
    }

    /// <summary>Rates and bytes of a data type, scales included.</summary>
    private static WeightType? TypeOf(string type, CalibrationChip chip) => type switch
    {
        "bfloat16" or "float16" => new(NumberKind.SixteenBit, chip.HalfFlopsPerSecond, 2, 2),
        "fp8" => new(NumberKind.EightBit, chip.EightBitFlopsPerSecond, 1, 1),
        "fp8_block" => new(NumberKind.EightBitBlock, chip.EightBitFlopsPerSecond, 1, 1),
        "w4a16_mxfp4" => new(NumberKind.FourBitWeights, chip.HalfFlopsPerSecond, 0.53125, 2),
        "w4a8_mxfp4_mxfp8" or "w4afp8" => new(NumberKind.FourBitByEight, chip.EightBitFlopsPerSecond, 0.53125, 1),
        "int4_wo" => new(NumberKind.FourBitWeights, chip.HalfFlopsPerSecond, 0.53125, 2),
        "nvfp4" => new(NumberKind.FourBit, chip.FourBitFlopsPerSecond, 0.5625, 0.5625),
        _ => null,
    };

    private readonly record struct WeightType(NumberKind Number, double Peak, double WeightBytes, double ActivationBytes);

    private readonly record struct Layer(
        double Tokens,
        double Hidden,
        double Intermediate,
        double Chosen,
        double Experts,
        double TensorRanks,
        double ExpertRanks,
        double Skew,
        bool IsGated);
}
