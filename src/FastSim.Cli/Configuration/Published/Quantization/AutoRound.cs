using System.Buffers;
using System.Text.Json;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>AutoRound: <c>extra_config</c> by name, then by expression; <c>block_name_to_quantize</c> limits it to some blocks.</summary>
internal static class AutoRound
{
    private const int OwnTypeBits = 16;
    private const int MostBits = 32;
    private const double ByteBits = 8;

    /// <summary>Characters that make an expression of a name.</summary>
    private static readonly SearchValues<char> Expression = SearchValues.Create("*+?^$()[]{}|\\");

    private static readonly string[] Training =
    [
        "act_bits", "act_data_type", "act_dynamic", "act_group_size", "act_sym", "amp", "autoround_version", "backend", "batch_size", "dataset",
        "device", "dynamic_max_gap", "enable_alg_ext", "enable_minmax_tuning", "enable_norm_bias_tuning", "enable_quanted_input", "enable_torch_compile",
        "fixed_by_user", "gradient_accumulate_steps", "in_blocks", "iters", "low_cpu_mem_usage", "low_gpu_mem_usage", "lr", "minmax_lr", "model_type", "nblocks",
        "not_use_best_mse", "nsamples", "packing_format", "quant_nontext_module", "sampler", "scale_dtype", "seed", "seqlen", "static_attention_dtype",
        "static_kv_dtype", "supported_types", "sym", "train_bs", "transforms_config", "vllm_backend",
    ];

    /// <summary>Reads it.</summary>
    public static QuantizationScheme Read(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings,
            [
                "quant_method", "bits", "group_size", "data_type", "extra_config", "block_name_to_quantize", "to_quant_block_names", "quant_block_list",
                "lm_head", "quant_lm_head", "super_bits", "super_group_size", .. Spared.Keys, .. Training,
            ]);
        WeightFormat format = (Format(quantization, default, "int") ?? throw quantization["bits"].Complaint("fewer than 16 bits a weight")).By(Activations(quantization));
        List<NamedFormat> named = [.. Spared.In(quantization), .. Extra(quantization, format, findings)];
        bool hasLogits = quantization.Boolean("lm_head", false) || quantization.Boolean("quant_lm_head", false);
        JsonValue blocks = Array.Find(
            [quantization["block_name_to_quantize"], quantization["to_quant_block_names"], quantization["quant_block_list"]], value => !value.IsNull);
        if (blocks.IsNull)
        {
            return new QuantizationScheme(named, format) { RestHasLogits = hasLogits };
        }

        if (hasLogits)
        {
            named.Add(new NamedFormat(ModuleMatcher.Of(NameMeaning.Whole, blocks, "lm_head"), format));
        }

        return new QuantizationScheme(named, format) { Within = ModuleMatcher.Of(NameMeaning.Whole, blocks, Blocks(blocks)), Scope = blocks };
    }

    private static IEnumerable<NamedFormat> Extra(JsonObject quantization, WeightFormat format, Findings findings)
    {
        if (!quantization.Has("extra_config"))
        {
            return [];
        }

        JsonObject extra = quantization.Object("extra_config", "modules and their quantization: an object");
        string defaultType = quantization.Has("data_type") ? quantization["data_type"].Text("a data type") : "int";
        List<NamedFormat> byName = [];
        List<NamedFormat> byExpression = [];
        foreach (IGrouping<WeightFormat?, string> alike in extra.Keys.GroupBy(key => One(extra, key, format, defaultType, findings)))
        {
            string[] names = [.. alike.Where(key => !key.AsSpan().ContainsAny(Expression))];
            byName.Add(new NamedFormat(ModuleMatcher.Of(NameMeaning.Whole, quantization["extra_config"], names), alike.Key));
        }

        foreach (string key in extra.Keys.Where(key => key.AsSpan().ContainsAny(Expression)))
        {
            byExpression.Add(new NamedFormat(ModuleMatcher.Of(NameMeaning.Search, extra[key], key), One(extra, key, format, defaultType, findings)));
        }

        return byName.Concat(byExpression);
    }

    private static WeightFormat? One(JsonObject extra, string key, WeightFormat format, string type, Findings findings)
    {
        JsonObject own = extra.Object(key, "a quantization: an object")
            .Know(findings, ["bits", "group_size", "data_type", "super_bits", "super_group_size", .. Training]);
        return Format(own, format, type);
    }

    /// <summary>Bits, group and type, those of <paramref name="other"/> where they are missing; null for the model's own type.</summary>
    private static WeightFormat? Format(JsonObject json, WeightFormat other, string otherType)
    {
        bool hasOther = other != default;
        foreach (string key in (ReadOnlySpan<string>)["super_bits", "super_group_size"])
        {
            if (json.Has(key))
            {
                throw json[key].Complaint("no such field: scales that are quantized in groups cannot be represented");
            }
        }

        int bits = json.Integer("bits", 1, MostBits, hasOther ? (int)(other.ElementBytes * ByteBits) : null);
        if (bits >= OwnTypeBits)
        {
            return null;
        }

        string type = json.Has("data_type") ? json["data_type"].Text("a data type") : otherType;
        double scale = type switch
        {
            "int" or "int_sym" or "int_asym" => WeightFormat.Half + (bits / ByteBits),
            _ when type.StartsWith("mx", StringComparison.Ordinal) || type.StartsWith("nv_fp", StringComparison.Ordinal) => 1,
            _ when type.StartsWith("fp", StringComparison.Ordinal) || type == "float" => WeightFormat.Single,
            _ => throw json["data_type"].Complaint("a data type: int, mx_fp, mx_int, nv_fp, fp"),
        };
        JsonValue group = json["group_size"];
        WeightFormat format = group.Element.ValueKind == JsonValueKind.Array
            ? ByteFormats.Tile(group, bits, scale)
            : WeightFormat.Groups(bits, json.Integer("group_size", -1, missing: hasOther ? (other.GroupBytes > 0 ? other.Inputs : -1) : null), scale);
        return format.By(other.Activations);
    }

    private static ActivationFormat Activations(JsonObject quantization)
    {
        string key = quantization.Has("act_data_type") ? "act_data_type" : "data_type";
        string type = quantization.Has(key) ? quantization[key].Text("a data type") : "int";
        return quantization.Integer("act_bits", 1, MostBits, OwnTypeBits) switch
        {
            >= OwnTypeBits => ActivationFormat.Own,
            < 8 => ActivationFormat.FourBit,
            _ when type.StartsWith("mx", StringComparison.Ordinal) => ActivationFormat.EightBitBlock,
            _ => type.Contains("fp", StringComparison.Ordinal) || type == "float" ? ActivationFormat.EightBit : ActivationFormat.EightBitInteger,
        };
    }

    /// <summary>Names of what holds the blocks: text with commas, a list, or lists of blocks.</summary>
    private static string[] Blocks(JsonValue blocks)
    {
        const string Expected = "the name of what holds the blocks, or a list of names";
        return blocks.Element.ValueKind switch
        {
            JsonValueKind.String => blocks.Text(Expected).Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries),
            _ => [.. blocks.Items(Expected).SelectMany(Blocks)],
        };
    }
}
