using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>Quantizers with a few fields each: aqlm, quanto, eetq, fp_quant, bitnet.</summary>
internal static class FurtherMethods
{
    private const int QuantoGroup = 128;

    private static readonly Dictionary<string, WeightFormat> QuantoTypes = new()
    {
        ["int8"] = WeightFormat.Plain(8),
        ["float8"] = WeightFormat.Plain(8),
        ["int4"] = WeightFormat.Groups(4, QuantoGroup, 2 * WeightFormat.Half),
        ["int2"] = WeightFormat.Groups(2, QuantoGroup, 2 * WeightFormat.Half),
    };

    private static readonly Dictionary<string, WeightFormat> ForwardTypes = new() { ["nvfp4"] = ByteFormats.Nvidia, ["mxfp4"] = ByteFormats.Microscaling.By(ActivationFormat.FourBit) };

    /// <summary>
    /// AQLM: each group of weights is the sum of codebook entries (arXiv 2401.06118, section 3); codes fill whole bytes, codebooks go with
    /// the matrix in 16 bits.
    /// </summary>
    public static QuantizationScheme Codebooks(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings,
            "quant_method",
            "in_group_size",
            "out_group_size",
            "num_codebooks",
            "nbits_per_codebook",
            "linear_weights_not_to_quantize",
            "modules_to_not_convert");
        int inputs = quantization.Integer("in_group_size", 1, 1 << 10);
        int outputs = quantization.Integer("out_group_size", 1, 1 << 10, missing: 1);
        int books = quantization.Integer("num_codebooks", 1, 64);
        int bits = quantization.Integer("nbits_per_codebook", 1, 16);
        double group = (double)inputs * outputs;
        double codeBytes = bits <= 8 ? 1 : WeightFormat.Half;
        WeightFormat format = new(
            books * codeBytes / group, 0, 1, 1, books * Math.Pow(2, bits) * group * WeightFormat.Half);
        return new QuantizationScheme([.. Spared.In(quantization, NameMeaning.Parts, "linear_weights_not_to_quantize")], format);
    }

    /// <summary>Quanto: bytes, or groups of 128 with scale and shift.</summary>
    public static QuantizationScheme Quanto(JsonObject quantization, Findings findings)
    {
        quantization.Know(findings, ["quant_method", "weights", "activations", .. Spared.Keys]);
        return new QuantizationScheme([.. Spared.In(quantization)], quantization["weights"].Word("a type of weights", QuantoTypes));
    }

    /// <summary>EETQ: eight bits.</summary>
    public static QuantizationScheme Eetq(JsonObject quantization, Findings findings)
    {
        quantization.Know(findings, ["quant_method", "weights", .. Spared.Keys]);
        return new QuantizationScheme([.. Spared.In(quantization)], QuantoTypes["int8"]);
    }

    /// <summary>FP-Quant: MXFP4 or NVFP4, unless it only pretends to be or keeps the weights it came from.</summary>
    public static QuantizationScheme FloatingPoint(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings,
            [
                "quant_method", "forward_dtype", "forward_method", "backward_dtype", "store_master_weights", "hadamard_group_size", "pseudoquantization",
                "transform_init", .. Spared.Keys,
            ]);
        foreach (string key in (ReadOnlySpan<string>)["store_master_weights", "pseudoquantization"])
        {
            if (quantization.Boolean(key, false))
            {
                throw quantization[key].Complaint("false or no such field: it says that weights are kept in 16 bits");
            }
        }

        return new QuantizationScheme([.. Spared.In(quantization)], quantization["forward_dtype"].Word("a type of weights", ForwardTypes));
    }

    /// <summary>BitNet: four ternary weights a byte, one scale a matrix.</summary>
    public static QuantizationScheme Ternary(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings, ["quant_method", "linear_class", "quantization_mode", "use_rms_norm", "rms_norm_eps", .. Spared.Keys]);
        if (quantization.Has("quantization_mode") && quantization["quantization_mode"].Text("offline or online") != "offline")
        {
            throw quantization["quantization_mode"].Complaint("offline: online quantization keeps weights in 16 bits");
        }

        return new QuantizationScheme([.. Spared.In(quantization)], WeightFormat.Plain(bits: 2));
    }
}
