using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>bitsandbytes: 8 bits, or 4 bits in groups of 64 whose scales may be quantized in turn.</summary>
internal static class BitsAndBytes
{
    private const int Group = 64;
    private const int GroupsOfScales = 256;

    private static readonly Dictionary<string, bool> FourBitTypes = new() { ["nf4"] = true, ["fp4"] = true };

    /// <summary>Reads it.</summary>
    public static QuantizationScheme Read(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings,
            [
                "quant_method", "load_in_4bit", "load_in_8bit", "bnb_4bit_compute_dtype", "bnb_4bit_quant_storage", "bnb_4bit_quant_type",
                "bnb_4bit_use_double_quant", "llm_int8_enable_fp32_cpu_offload", "llm_int8_has_fp16_weight", "llm_int8_skip_modules",
                "llm_int8_threshold", .. Spared.Keys,
            ]);
        return new QuantizationScheme([.. Spared.In(quantization, NameMeaning.Parts, "llm_int8_skip_modules")], Format(quantization));
    }

    private static WeightFormat Format(JsonObject quantization)
    {
        if (quantization.Boolean("load_in_8bit", false))
        {
            if (quantization.Boolean("load_in_4bit", false))
            {
                throw quantization["load_in_4bit"].Complaint("one of load_in_4bit and load_in_8bit, not both");
            }

            return quantization.Boolean("llm_int8_has_fp16_weight", false)
                ? throw quantization["llm_int8_has_fp16_weight"].Complaint("false or no such field: it says that weights are kept in 16 bits")
                : WeightFormat.Plain(8).By(ActivationFormat.EightBitInteger);
        }

        if (!quantization.Boolean("load_in_4bit", false))
        {
            throw quantization["load_in_4bit"].Complaint("true, or load_in_8bit");
        }

        if (quantization.Has("bnb_4bit_quant_type"))
        {
            quantization["bnb_4bit_quant_type"].Word("a four-bit type", FourBitTypes);
        }

        // A 32-bit scale for 64; quantized twice it is 8 bits, and a 32-bit one for 256 of those.
        double scale = quantization.Boolean("bnb_4bit_use_double_quant", false)
            ? 1 + (WeightFormat.Single / GroupsOfScales)
            : WeightFormat.Single;
        return WeightFormat.Groups(bits: 4, Group, scale);
    }
}
