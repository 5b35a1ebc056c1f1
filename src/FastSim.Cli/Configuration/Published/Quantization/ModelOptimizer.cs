using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>
/// NVIDIA's model optimizer: one algorithm for all (<c>quant_algo</c>), or one a module (<c>quantized_layers</c>); in
/// <c>quantization_config</c> or in <c>hf_quant_config.json</c>, whose section is <c>quantization</c>.
/// </summary>
internal static class ModelOptimizer
{
    /// <summary>Its name.</summary>
    public const string Name = "modelopt";

    private const string Inner = "quantization";
    private const string Mixed = "MIXED_PRECISION";
    private const int Tile = 128;
    private const int AwqGroup = 128;

    private static readonly string[] SparedKeys = ["ignore", "exclude_modules"];

    private static readonly string[] AlgorithmKeys = ["quant_algo", "group_size", "awq_block_size", "has_zero_point", "pre_quant_scale", "smoothquant_val"];

    private static readonly Dictionary<string, WeightFormat?> Algorithms = new()
    {
        ["FP8"] = WeightFormat.Plain(8).By(ActivationFormat.EightBit),
        ["FP8_PB_WO"] = WeightFormat.Tiles(8, Tile, Tile, WeightFormat.Single).By(ActivationFormat.EightBitBlock),
        ["FP8_PB_REAL"] = WeightFormat.Tiles(8, Tile, Tile, WeightFormat.Single).By(ActivationFormat.EightBitBlock),
        ["FP8_BLOCK_SCALES"] = WeightFormat.Tiles(8, Tile, Tile, WeightFormat.Single).By(ActivationFormat.EightBitBlock),
        ["FP8_PER_CHANNEL_PER_TOKEN"] = WeightFormat.Plain(8).By(ActivationFormat.EightBit),
        ["FP8_PC_PT"] = WeightFormat.Plain(8).By(ActivationFormat.EightBit),
        ["MXFP8"] = ByteFormats.MicroscalingBytes,
        ["NVFP4"] = ByteFormats.Nvidia,
        ["NVFP4_AWQ"] = ByteFormats.Nvidia,
        ["W4A16_NVFP4"] = ByteFormats.Nvidia.By(ActivationFormat.Own),
        ["W4A8_NVFP4_FP8"] = ByteFormats.Nvidia.By(ActivationFormat.EightBitBlock),
        ["MXFP4"] = ByteFormats.Microscaling.By(ActivationFormat.FourBit),
        ["W4A16_MXFP4"] = ByteFormats.Microscaling.By(ActivationFormat.Own),
        ["W4A8_MXFP4_FP8"] = ByteFormats.Microscaling,
        ["W4A8_MXFP4_MXFP8"] = ByteFormats.Microscaling,
        ["W4A16"] = WeightFormat.Plain(4),
        ["W4A16_AWQ"] = WeightFormat.Groups(4, AwqGroup, WeightFormat.Half),
        ["W4A8_AWQ"] = WeightFormat.Groups(4, AwqGroup, WeightFormat.Half).By(ActivationFormat.EightBit),
        ["INT4_AWQ"] = WeightFormat.Groups(4, AwqGroup, WeightFormat.Half),
        ["W8A16"] = WeightFormat.Plain(8),
        ["INT8_SQ"] = WeightFormat.Plain(8).By(ActivationFormat.EightBitInteger),
        ["W8A8_SQ_PER_CHANNEL"] = WeightFormat.Plain(8).By(ActivationFormat.EightBitInteger),
        ["NO_QUANT"] = null,
        ["UNQUANTIZED"] = null,
        ["NONE"] = null,
    };

    /// <summary>Reads it.</summary>
    public static QuantizationScheme Read(JsonObject quantization, Findings findings)
    {
        if (quantization.Has(Inner))
        {
            quantization.Know(findings, "quant_method", "producer", Inner);
            return Read(SectionOf(quantization), findings);
        }

        quantization.Know(
            findings,
            [
                "quant_method", "producer", "config_groups", "ignore", "exclude_modules", "kv_cache_scheme", "kv_cache_quant_algo", "kv_cache_bits",
                "quantized_layers", "quantization_status", "version", "packed_modules_mapping", .. AlgorithmKeys,
            ]);
        NamedFormat[] spared = [.. SparedKeys
            .Where(quantization.Has).Select(key => new NamedFormat(ModuleMatcher.Of(NameMeaning.Parts, quantization[key]), null))];
        if (IsMixed(quantization))
        {
            return quantization.Has("quantized_layers") || !quantization.Has("config_groups")
                ? OfLayers(quantization, spared, findings)
                : QuantizedGroups.Read(quantization, spared, findings);
        }

        WeightFormat? format = quantization.Has("quant_algo") || !quantization.Has("config_groups")
            ? Format(quantization)
            : QuantizedGroups.Read(quantization, spared, findings).Rest;
        CheckGroups(quantization, format, findings);
        return new QuantizationScheme(spared, format);
    }

    /// <summary>What holds the algorithm: in a file of its own a section.</summary>
    public static JsonObject SectionOf(JsonObject quantization) => quantization.Has(Inner) ? quantization.Object(Inner, "a quantization: an object") : quantization;

    private static bool IsMixed(JsonObject quantization) =>
        quantization.Has("quant_algo") && quantization["quant_algo"].Text("a quantization algorithm").Equals(Mixed, StringComparison.OrdinalIgnoreCase);

    /// <summary>What is not among the layers is not quantized.</summary>
    private static QuantizationScheme OfLayers(JsonObject quantization, NamedFormat[] spared, Findings findings)
    {
        JsonObject layers = quantization.Object("quantized_layers", "modules and their quantization, since quant_algo is MIXED_PRECISION: an object");
        List<NamedFormat> named = [.. spared];
        foreach (IGrouping<WeightFormat?, string> alike in layers.Keys.GroupBy(
            key => Format(layers.Object(key, "a quantization: an object").Know(findings, AlgorithmKeys))))
        {
            named.Add(new NamedFormat(ModuleMatcher.Of(NameMeaning.Whole, quantization["quantized_layers"], [.. alike]), alike.Key));
        }

        return new QuantizationScheme(named, null) { Scope = quantization["quantized_layers"] };
    }

    private static WeightFormat? Format(JsonObject json)
    {
        JsonValue algorithm = json["quant_algo"];
        if (algorithm.Element.ValueKind == System.Text.Json.JsonValueKind.Null)
        {
            return null;
        }

        const string Expected = "a quantization algorithm";
        string name = algorithm.Text($"{Expected}: {string.Join(", ", Algorithms.Keys)}");
        WeightFormat? found = Algorithms.TryGetValue(name.ToUpperInvariant(), out WeightFormat? known) ? known : algorithm.Word(Expected, Algorithms);
        if (found is not { } format)
        {
            return null;
        }

        // A group's size stands for that of the inputs; a block keeps its outputs.
        string groupKey = json.Has("group_size") ? "group_size" : "awq_block_size";
        if (json.Has(groupKey) && format.GroupBytes > 0)
        {
            int size = json.Integer(groupKey, 1);
            format = format with { Inputs = size, Outputs = format.Outputs > 1 ? size : 1 };
        }

        return json.Boolean("has_zero_point", false)
            ? format with { GroupBytes = format.GroupBytes + format.ElementBytes }
            : format;
    }

    /// <summary>Groups beside an algorithm say the same of weights, in other words.</summary>
    private static void CheckGroups(JsonObject quantization, WeightFormat? format, Findings findings)
    {
        if (!quantization.Has("config_groups"))
        {
            return;
        }

        QuantizationScheme groups = QuantizedGroups.Read(quantization, [], findings);
        foreach (WeightFormat? group in groups.Named.Select(named => named.Format).Append(groups.Rest))
        {
            if (group is { } stated && stated.ElementBytes != format?.ElementBytes)
            {
                throw quantization["config_groups"].Complaint("weights of as many bits as quant_algo says");
            }
        }
    }
}
