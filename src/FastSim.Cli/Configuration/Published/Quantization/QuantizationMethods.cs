namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>Quantizers by the name that checkpoints give them, and who reads what they write.</summary>
internal static class QuantizationMethods
{
    private const string Method = "quant_method";
    private const string Kind = "a quantization: an object";

    private static readonly Dictionary<string, Func<JsonObject, Findings, QuantizationScheme>> Readers = new(StringComparer.Ordinal)
    {
        ["fp8"] = ByteFormats.Blocks,
        ["fbgemm_fp8"] = ByteFormats.Channels,
        ["mxfp4"] = ByteFormats.MicroscaledExperts,
        ["compressed-tensors"] = CompressedTensors.Read,
        [ModelOptimizer.Name] = ModelOptimizer.Read,
        ["gptq"] = PackedGroups.Gptq,
        ["awq"] = PackedGroups.Awq,
        ["auto-round"] = AutoRound.Read,
        ["bitsandbytes"] = BitsAndBytes.Read,
        ["quark"] = Quark.Read,
        ["hqq"] = HalfQuadratic.Read,
        ["torchao"] = TorchAo.Read,
        ["aqlm"] = FurtherMethods.Codebooks,
        ["quanto"] = FurtherMethods.Quanto,
        ["eetq"] = FurtherMethods.Eetq,
        ["fp_quant"] = FurtherMethods.FloatingPoint,
        ["bitnet"] = FurtherMethods.Ternary,
        ["mxfp8"] = ByteFormats.MicroscaledBytes,
        ["blockwise_int8"] = ByteFormats.IntegerBlocks,
        ["w8a8_fp8"] = ByteFormats.Channels,
        ["w8a8_int8"] = ByteFormats.IntegerChannels,
        ["ptpc_fp8"] = ByteFormats.Channels,
        ["w4afp8"] = ByteFormats.FourBitExperts,
    };

    /// <summary>Other names of the same.</summary>
    private static readonly Dictionary<string, string> Aliases = new(StringComparer.Ordinal)
    {
        ["compressed_tensors"] = "compressed-tensors",
        ["modelopt_fp4"] = "modelopt",
        ["modelopt_mixed"] = "modelopt",
        ["modelopt_mxfp8"] = "modelopt",
        ["gptq_marlin"] = "gptq",
        ["awq_marlin"] = "awq",
        ["auto_round"] = "auto-round",
        ["intel/auto-round"] = "auto-round",
        ["inc"] = "auto-round",
    };

    /// <summary>Fields that say which quantizer wrote a section that does not name it.</summary>
    private static readonly (string Field, string Method)[] Signs =
    [
        ("quant_algo", "modelopt"),
        ("quantization", "modelopt"),
        ("config_groups", "compressed-tensors"),
        ("load_in_4bit", "bitsandbytes"),
        ("load_in_8bit", "bitsandbytes"),
        ("w_bit", "awq"),
        ("global_quant_config", "quark"),
        ("packing_format", "auto-round"),
        ("checkpoint_format", "gptq"),
        ("desc_act", "gptq"),
    ];

    /// <summary>Reads a section.</summary>
    public static QuantizationScheme Read(JsonValue section, Findings findings)
    {
        JsonObject quantization = JsonObject.Of(section, Kind);
        string name = NameOf(section);
        if (!Readers.TryGetValue(name, out Func<JsonObject, Findings, QuantizationScheme>? reader))
        {
            throw quantization[Method].Complaint(Expected, NearestName.Of(name, [.. Readers.Keys, .. Aliases.Keys]));
        }

        QuantizationScheme scheme = reader(quantization, findings);
        bool isOfOptimizer = name == ModelOptimizer.Name;
        JsonObject inner = isOfOptimizer ? ModelOptimizer.SectionOf(quantization) : quantization;
        return scheme with { CachesInEightBits = StoredCache.IsEightBits(inner, findings), IsOfOptimizer = isOfOptimizer };
    }

    /// <summary>The quantizer that wrote a section, by the first of its names.</summary>
    public static string NameOf(JsonValue section)
    {
        JsonObject quantization = JsonObject.Of(section, Kind);
        string name = quantization.Has(Method) || !Array.Exists(Signs, sign => Says(quantization, sign.Field))
            ? quantization[Method].Text(Expected)
            : Array.Find(Signs, sign => Says(quantization, sign.Field)).Method;
        return Aliases.GetValueOrDefault(name, name);
    }

    private static string Expected => $"a quantization: {string.Join(", ", Readers.Keys)}";

    private static bool Says(JsonObject quantization, string field) => quantization.Keys.Contains(field);
}
