namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>Integers packed in groups with a 16-bit scale and a packed zero point: gptq, awq.</summary>
internal static class PackedGroups
{
    private const int MostBits = 8;
    private const double ByteBits = 8;

    private static readonly string[] Training =
    [
        "act_group_aware", "backend", "batch_size", "block_name_to_quantize", "cache_block_outputs", "compute_device_filter", "damp_auto_increment",
        "damp_percent", "dataset", "desc_act", "device", "disable_exllama", "exllama_config", "exllama_version", "fail_safe", "failsafe", "fallback",
        "gptaq", "gptaq_alpha", "hyb_act", "max_input_length", "meta", "method", "mock_quantization", "model_file_base_name", "model_name_or_path",
        "model_seqlen", "module_name_preceding_first_block", "mse", "offload_to_disk", "offload_to_disk_path", "pack_dtype", "pack_impl", "pad_token_id",
        "parallel_packing", "quantizer", "rotation", "static_groups", "sym", "tokenizer", "true_sequential", "uri", "use_cuda_fp16", "use_exllama",
        "v2", "v2_alpha", "v2_memory_device", "version", "vram_strategy",
    ];

    /// <summary>Marlin's layout has no zero points; the others keep them, needed or not.</summary>
    private static readonly Dictionary<string, bool> GptqLayouts = new() { ["gptq"] = true, ["gptq_v2"] = true, ["marlin"] = false };

    private static readonly Dictionary<string, bool> AwqLayouts = new(StringComparer.OrdinalIgnoreCase)
    {
        ["gemm"] = true,
        ["gemv"] = true,
        ["gemv_fast"] = true,
        ["exllama"] = true,
        ["ipex"] = true,
        ["marlin"] = false,
    };

    /// <summary>
    /// GPTQ: <c>dynamic</c> changes or excludes (<c>-:</c>) what its expressions match, <c>modules_in_block_to_quantize</c> lists what alone
    /// is quantized.
    /// </summary>
    public static QuantizationScheme Gptq(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings,
            [
                "quant_method", "bits", "group_size", "checkpoint_format", "format", "is_marlin_format", "lm_head", "dynamic", "adapter",
                "modules_in_block_to_quantize", .. Spared.Keys, .. Training,
            ]);
        RefuseAdapter(quantization);
        bool hasZeros = !quantization.Boolean("is_marlin_format", false);
        foreach (string key in (ReadOnlySpan<string>)["checkpoint_format", "format"])
        {
            hasZeros &= !quantization.Has(key) || quantization[key].Word("a layout of packed weights", GptqLayouts);
        }

        WeightFormat format = Format(quantization, "bits", "group_size", default, hasZeros);
        List<NamedFormat> named = [.. Spared.In(quantization), .. Dynamic(quantization, format, hasZeros, findings)];
        bool hasLogits = quantization.Boolean("lm_head", false);
        JsonValue inBlock = quantization["modules_in_block_to_quantize"];
        if (inBlock.IsNull)
        {
            return new QuantizationScheme(named, format) { RestHasLogits = hasLogits };
        }

        named.Add(new NamedFormat(ModuleMatcher.Of(NameMeaning.Parts, inBlock, Flat(inBlock)), format));
        if (hasLogits)
        {
            named.Add(new NamedFormat(ModuleMatcher.Of(NameMeaning.Whole, quantization["lm_head"], "lm_head"), format));
        }

        return new QuantizationScheme(named, null) { Scope = inBlock };
    }

    /// <summary>AWQ, in AutoAWQ's words or in llm-awq's (<c>w_bit</c>, <c>q_group_size</c>).</summary>
    public static QuantizationScheme Awq(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings,
            [
                "quant_method", "bits", "w_bit", "group_size", "q_group_size", "zero_point", "version", "backend", "do_fuse", "modules_to_fuse",
                "fuse_max_seq_len", "exllama_config", "lm_head", "quant_backend", "format", "checkpoint_format", "meta", "sym", "desc_act",
                "pack_dtype", "method", .. Spared.Keys,
            ]);
        bool hasZeros = true;
        foreach (string key in (ReadOnlySpan<string>)["version", "format", "checkpoint_format"])
        {
            if (quantization.Has(key))
            {
                string layout = quantization[key].Text("a layout of packed weights");
                hasZeros &= AwqLayouts.TryGetValue(layout, out bool keeps)
                    ? keeps
                    : throw quantization[key].Complaint($"a layout of packed weights: {string.Join(", ", AwqLayouts.Keys)}", NearestName.Of(layout, AwqLayouts.Keys));
            }
        }

        WeightFormat format = Format(
            quantization, quantization.Has("w_bit") ? "w_bit" : "bits", quantization.Has("q_group_size") ? "q_group_size" : "group_size", default, hasZeros);
        return new QuantizationScheme([.. Spared.In(quantization)], format) { RestHasLogits = quantization.Boolean("lm_head", false) };
    }

    /// <summary>Bits and group, those of <paramref name="other"/> where they are missing.</summary>
    public static WeightFormat Format(JsonObject json, string bitsKey, string groupKey, WeightFormat other, bool hasZeros)
    {
        bool hasOther = other != default;
        int bits = json.Integer(bitsKey, 1, MostBits, hasOther ? (int)(other.ElementBytes * ByteBits) : null);
        int size = json.Integer(groupKey, -1, missing: hasOther && other.GroupBytes > 0 ? other.Inputs : -1);
        return WeightFormat.Groups(bits, size, WeightFormat.Half + (hasZeros ? bits / ByteBits : 0));
    }

    private static IEnumerable<NamedFormat> Dynamic(JsonObject quantization, WeightFormat format, bool hasZeros, Findings findings)
    {
        const string Excludes = "-:";
        const string Includes = "+:";
        if (!quantization.Has("dynamic"))
        {
            yield break;
        }

        JsonObject dynamic = quantization.Object("dynamic", "expressions and their quantization: an object");
        foreach (string key in dynamic.Keys)
        {
            JsonObject own = JsonObject.Of(dynamic[key], "a quantization: an object");
            bool excludes = key.StartsWith(Excludes, StringComparison.Ordinal);
            bool isMarked = excludes || key.StartsWith(Includes, StringComparison.Ordinal);
            ModuleMatcher modules = ModuleMatcher.Of(NameMeaning.Expression, dynamic[key], isMarked ? key[Includes.Length..] : key);
            own.Know(findings, ["bits", "group_size", "adapter", .. Training]);
            RefuseAdapter(own);
            yield return new NamedFormat(modules, excludes ? null : Format(own, "bits", "group_size", format, hasZeros));
        }
    }

    private static void RefuseAdapter(JsonObject json)
    {
        if (json.Has("adapter"))
        {
            throw json["adapter"].Complaint("no such field: an adapter's weights cannot be represented");
        }
    }

    private static string[] Flat(JsonValue list)
    {
        const string Expected = "a list of module names, or of lists of them";
        return [.. list.Items(Expected).SelectMany(item => item.Element.ValueKind == System.Text.Json.JsonValueKind.Array
            ? item.List(Expected).Select(inner => inner.Text(Expected))
            : [item.Text(Expected)])];
    }
}
