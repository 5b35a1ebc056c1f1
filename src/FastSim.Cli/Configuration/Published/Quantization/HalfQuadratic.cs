namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>HQQ: groups with a 16-bit scale and zero point, which may be quantized in turn; one quantization for all or one a kind of module.</summary>
internal static class HalfQuadratic
{
    private const string Weights = "weight_quant_params";

    private static readonly string[] TensorKeys = ["nbits", "group_size", "axis", "channel_wise", "optimize", "round_zero", "view_as_float"];

    /// <summary>Reads it.</summary>
    public static QuantizationScheme Read(JsonObject quantization, Findings findings)
    {
        quantization.Know(findings, ["quant_method", "quant_config", "skip_modules", .. Spared.Keys]);
        NamedFormat[] spared = [.. Spared.In(quantization, NameMeaning.Parts, "skip_modules")];
        JsonObject all = quantization.Object("quant_config", "a quantization: an object");
        if (all.Has(Weights))
        {
            return new QuantizationScheme(spared, Format(all, findings));
        }

        List<NamedFormat> named = [.. spared];
        foreach (string key in all.Keys)
        {
            JsonObject own = all.Object(key, "a quantization: an object");
            named.Add(new NamedFormat(ModuleMatcher.Of(NameMeaning.Parts, all[key], key), Format(own, findings)));
        }

        return new QuantizationScheme(named, null) { Scope = quantization["quant_config"] };
    }

    private static WeightFormat Format(JsonObject json, Findings findings)
    {
        json.Know(findings, [Weights, "scale_quant_params", "zero_quant_params", "offload_meta"]);
        JsonObject weights = json.Object(Weights, "a quantization of weights: an object").Know(findings, TensorKeys);
        int bits = weights.Integer("nbits", 1, 8);
        int size = weights.Has("group_size") ? weights.Integer("group_size", 1) : 0;

        // Ten three-bit elements go into a 32-bit word.
        double stored = bits == 3 ? 3.2 : bits;
        double group = Meta(json, "scale_quant_params", findings) + Meta(json, "zero_quant_params", findings);
        return weights.Integer("axis", 0, 1, missing: 1) == 1 || size == 0
            ? WeightFormat.Groups(stored, size, group)
            : WeightFormat.Tiles(stored, size, 1, group);
    }

    /// <summary>Bytes of a group's scale or zero point: 16 bits, or its own quantization with a scale and zero point of 16 bits.</summary>
    private static double Meta(JsonObject json, string key, Findings findings)
    {
        if (!json.Has(key))
        {
            return WeightFormat.Half;
        }

        JsonObject own = json.Object(key, "a quantization: an object").Know(findings, TensorKeys);
        return (own.Integer("nbits", 1, 8) / 8d) + (own.Has("group_size") ? 2 * WeightFormat.Half / own.Integer("group_size", 1) : 0);
    }
}
