using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Reads how a checkpoint stores its weights: data type, <c>quantization_config</c> and what that spares. Embedding table, logits
/// projection and router stay in the model's own type in every published scheme.
/// </summary>
internal static class QuantizationFields
{
    private const double ByteBits = 8;
    private const double SingleBytes = 4;
    private const double HalfBytes = 2;

    private static readonly Dictionary<string, double> TypeBytes = new()
    {
        ["bfloat16"] = 2,
        ["float16"] = 2,
        ["float32"] = 4,
        ["float8_e4m3fn"] = 1,
    };

    private static readonly string[] Methods =
        ["fp8", "fbgemm_fp8", "mxfp4", "compressed-tensors", "modelopt", "gptq", "awq", "auto-round", "bitsandbytes"];

    private static readonly (WeightRoles Role, string[] Modules)[] Roles =
    [
        (WeightRoles.Attention, ["self_attn.q_proj", "self_attn.q_b_proj", "self_attn.k_proj", "self_attn.kv_b_proj", "self_attn.o_proj"]),
        (WeightRoles.DenseFeedForward, ["mlp.gate_proj", "mlp.up_proj", "mlp.down_proj", "feed_forward.gate_proj"]),
        (WeightRoles.RoutedExperts,
            ["mlp.experts.0.gate_proj", "mlp.experts.0.down_proj", "block_sparse_moe.experts.0.w1", "feed_forward.experts.gate_up_proj"]),
        (WeightRoles.SharedExperts,
            ["mlp.shared_experts.gate_proj", "mlp.shared_experts.down_proj", "mlp.shared_expert.gate_proj", "feed_forward.shared_expert.gate_proj"]),
    ];

    /// <summary>Reads it.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="blocks">Blocks of the model: a middle one shows what is spared.</param>
    public static StoredWeights Read(PublishedConfig config, int blocks)
    {
        double own = OwnBytes(config);
        JsonValue value = config["quantization_config"].IsNull ? config.Outer["quantization_config"] : config["quantization_config"];
        if (value.IsNull)
        {
            return new StoredWeights(own, own, WeightRoles.None);
        }

        JsonObject quantization = JsonObject.Of(value, "a quantization: an object");
        double bytes = WeightBytes(quantization);
        ModulePatterns[] spared =
        [
            new(quantization["modules_to_not_convert"]),
            new(quantization["ignore"]),
            new(quantization["ignored_layers"]),
            new(quantization["exclude_modules"]),
        ];
        WeightRoles quantized = WeightRoles.None;
        foreach ((WeightRoles role, string[] modules) in Roles)
        {
            if (!Array.Exists(modules, module => IsSpared(spared, $"layers.{blocks / 2}.{module}")))
            {
                quantized |= role;
            }
        }

        return new StoredWeights(own, bytes, quantized) { Block = Block(quantization) };
    }

    private static bool IsSpared(ModulePatterns[] spared, string module) => Array.Exists(
        spared,
        patterns => patterns.Match($"model.{module}") || patterns.Match($"language_model.model.{module}") || patterns.Match($"model.language_model.{module}"));

    private static double OwnBytes(PublishedConfig config)
    {
        foreach (JsonValue type in (ReadOnlySpan<JsonValue>)[config["dtype"], config["torch_dtype"], config.Outer["dtype"], config.Outer["torch_dtype"]])
        {
            if (!type.IsNull)
            {
                return type.Word("a data type", TypeBytes);
            }
        }

        config.Default("dtype", "bfloat16");
        return TypeBytes["bfloat16"];
    }

    /// <summary>Bytes per element, scales included.</summary>
    private static double WeightBytes(JsonObject quantization)
    {
        string expected = $"a quantization: {string.Join(", ", Methods)}";
        string method = quantization["quant_method"].Text(expected);
        return method switch
        {
            "fp8" or "fbgemm_fp8" => 1 + BlockScale(quantization["weight_block_size"]),
            "mxfp4" => Grouped(bits: 4, groupSize: 32, scaleBytes: 1),
            "gptq" or "awq" or "auto-round" or "intel/auto-round" => Packed(quantization),
            "compressed-tensors" => CompressedTensors(quantization),
            "modelopt" => ModelOptimizer(quantization),
            "bitsandbytes" => quantization.Boolean("load_in_8bit", false) ? 1 : Grouped(bits: 4, groupSize: 64, scaleBytes: SingleBytes),
            _ => throw quantization["quant_method"].Complaint(expected, NearestName.Of(method, Methods)),
        };
    }

    /// <summary>The unit that weights are stored in, where the file states one.</summary>
    private static WeightBlock Block(JsonObject quantization)
    {
        if (!quantization.Has("weight_block_size"))
        {
            return WeightBlock.None;
        }

        JsonValue[] extents = quantization["weight_block_size"].Tuple(2, "[rows, columns] of a block");
        return new WeightBlock(extents[0].Integer(1), extents[1].Integer(1));
    }

    /// <summary>A 32-bit scale for each block of weights.</summary>
    private static double BlockScale(JsonValue block)
    {
        if (block.IsNull)
        {
            return 0;
        }

        JsonValue[] extents = block.Tuple(2, "[rows, columns] of a block");
        return SingleBytes / ((double)extents[0].Integer(1) * extents[1].Integer(1));
    }

    /// <summary>A scale and a zero point for each group.</summary>
    private static double Packed(JsonObject quantization)
    {
        int bits = quantization["bits"].IsNull ? quantization.Integer("w_bit", 1, 16) : quantization.Integer("bits", 1, 16);
        int group = quantization["group_size"].IsNull ? -1 : quantization.Integer("group_size", -1);
        return Grouped(bits, group, HalfBytes + (bits / ByteBits));
    }

    private static double CompressedTensors(JsonObject quantization)
    {
        JsonObject groups = quantization.Object("config_groups", "groups of modules: an object");
        double? bytes = null;
        foreach (string name in groups.Keys)
        {
            JsonObject group = groups.Object(name, "a group of modules: an object");
            if (!group.Has("weights"))
            {
                continue;
            }

            JsonObject weights = group.Object("weights", "a quantization of weights: an object");
            double found = OfWeights(weights);
            if (bytes is { } other && other != found)
            {
                throw weights["num_bits"].Complaint("the same bytes a weight in every group: mixed ones cannot be represented");
            }

            bytes = found;
        }

        return bytes ?? throw quantization["config_groups"].Complaint("a group with weights");
    }

    private static double OfWeights(JsonObject weights)
    {
        int bits = weights.Integer("num_bits", 1, 16);
        if (weights.Has("block_structure"))
        {
            return (bits / ByteBits) + BlockScale(weights["block_structure"]);
        }

        int group = weights.Has("group_size") ? weights.Integer("group_size", -1) : -1;
        bool isFloat = weights.Has("type") && weights["type"].Text("a kind of number") == "float";

        // Four-bit floating point comes with a one-byte scale a group, integers with a two-byte one.
        return Grouped(bits, group, isFloat && bits == 4 ? 1 : HalfBytes);
    }

    private static double ModelOptimizer(JsonObject quantization)
    {
        Dictionary<string, double> algorithms = new()
        {
            ["FP8"] = 1,
            ["FP8_PB_WO"] = 1 + (SingleBytes / (128 * 128)),
            ["NVFP4"] = Grouped(bits: 4, groupSize: 16, scaleBytes: 1),
            ["W4A16_AWQ"] = Grouped(bits: 4, groupSize: 128, HalfBytes),
            ["W8A8_SQ_PER_CHANNEL"] = 1,
        };
        return quantization["quant_algo"].Word("a quantization algorithm", algorithms);
    }

    /// <summary>Packed bits and a share of the group's scale; a group of -1 is a whole channel, whose scale counts for nothing.</summary>
    private static double Grouped(int bits, int groupSize, double scaleBytes) =>
        (bits / ByteBits) + (groupSize > 0 ? scaleBytes / groupSize : 0);
}
