using System.Text.Json;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>AMD Quark: a quantization for all, others by shell pattern, and what is excluded.</summary>
internal static class Quark
{
    private const double ByteBits = 8;
    private const string Linear = "Linear";
    private const string SharedExponent = "e8m0";
    private const string ExpectedType = "a data type of quantized numbers";

    private static readonly string[] SectionKeys = ["weight", "input_tensors", "output_tensors", "bias", "target_device"];

    private static readonly string[] TensorKeys =
    [
        "dtype", "qscheme", "group_size", "block_size", "ch_axis", "symmetric", "scale_format", "scale_type", "mx_element_dtype", "is_dynamic",
        "observer_cls", "round_method", "scale_calculation_mode", "is_scale_quant", "enable_buffer_reuse", "max_input_numel", "zero_point_type",
        "qat_spec", "device", "percentile",
    ];

    /// <summary>Bits of an element; 16 is the model's own type.</summary>
    private static readonly Dictionary<string, int> Types = new()
    {
        ["fp8_e4m3"] = 8,
        ["fp8_e5m2"] = 8,
        ["int8"] = 8,
        ["uint8"] = 8,
        ["mxfp8"] = 8,
        ["mxfp8_e4m3"] = 8,
        ["mxfp8_e5m2"] = 8,
        ["fp6_e2m3"] = 6,
        ["fp6_e3m2"] = 6,
        ["mxfp6_e2m3"] = 6,
        ["mxfp6_e3m2"] = 6,
        ["fp4"] = 4,
        ["fp4_e2m1"] = 4,
        ["mxfp4"] = 4,
        ["int4"] = 4,
        ["uint4"] = 4,
        ["int3"] = 3,
        ["int2"] = 2,
        ["bfloat16"] = 16,
        ["float16"] = 16,
    };

    /// <summary>Reads it.</summary>
    public static QuantizationScheme Read(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings,
            [
                "quant_method", "global_quant_config", "layer_quant_config", "layer_type_quant_config", "exclude", "export", "algo_config", "quant_mode",
                "kv_cache_quant_config", "kv_cache_post_rope", "kv_cache_group", "softmax_quant_spec", "log_severity_level", "version", "min_kv_scale",
            ]);
        WeightFormat? all = Section(quantization.Object("global_quant_config", "a quantization: an object"), findings);
        List<NamedFormat> named = [new NamedFormat(ModuleMatcher.Of(NameMeaning.Parts, quantization["exclude"]), null)];
        if (quantization.Has("layer_quant_config"))
        {
            JsonObject layers = quantization.Object("layer_quant_config", "modules and their quantization: an object");
            foreach (string key in layers.Keys)
            {
                WeightFormat? own = layers.Has(key) ? Section(layers.Object(key, "a quantization: an object"), findings) : null;
                named.Add(new NamedFormat(ModuleMatcher.Of(NameMeaning.Parts, layers[key], key), own));
            }
        }

        if (quantization.Has("layer_type_quant_config"))
        {
            JsonObject types = quantization.Object("layer_type_quant_config", "classes of modules and their quantization: an object");
            foreach (string key in types.Keys)
            {
                // Quark writes a class by its bare name.
                bool isLinear = key is Linear or "<class 'torch.nn.modules.linear.Linear'>";
                all = isLinear ? Section(types.Object(key, "a quantization: an object"), findings) : throw OtherClass(quantization["layer_type_quant_config"], key);
            }
        }

        return new QuantizationScheme(named, all)
        {
            RestHasLogits = quantization.Has("exclude"),
        };
    }

    private static ConfigurationException OtherClass(JsonValue types, string name) => ConfigurationException.At(
        types.File,
        types.Path,
        $"\"{OneLine.Of(name)}\"",
        $"{Linear} alone, as Quark writes that class: quantizations of other classes cannot be represented",
        name.EndsWith($".{Linear}", StringComparison.Ordinal) ? Linear : null);

    private static WeightFormat? Section(JsonObject section, Findings findings)
    {
        section.Know(findings, SectionKeys);
        foreach (string key in SectionKeys.Where(key => section[key].Element.ValueKind == JsonValueKind.Object))
        {
            section.Object(key, "a quantization: an object").Know(findings, TensorKeys);
        }

        JsonValue weight = section["weight"];
        if (weight.IsNull)
        {
            return null;
        }

        // Two quantizations one after the other: the narrower is what is stored, the other its scales'.
        JsonValue[] steps = weight.Element.ValueKind == JsonValueKind.Array ? weight.Items("quantizations of weights") : [weight];
        JsonObject[] specs = Array.ConvertAll(steps, step => JsonObject.Of(step, "a quantization of weights: an object").Know(findings, TensorKeys));
        JsonObject stored = specs.MinBy(Bits)!;
        return Format(stored, hasEightBitScales: specs.Length > 1)?.By(Activations(section["input_tensors"]));
    }

    /// <summary>What inputs are quantized to; where they are twice, to the narrower.</summary>
    private static ActivationFormat Activations(JsonValue inputs)
    {
        if (inputs.IsNull)
        {
            return ActivationFormat.Own;
        }

        JsonValue[] steps = inputs.Element.ValueKind == JsonValueKind.Array ? inputs.Items("quantizations of inputs") : [inputs];
        JsonObject tensor = Array.ConvertAll(steps, step => JsonObject.Of(step, "a quantization of inputs: an object")).MinBy(Bits)!;
        string type = tensor["dtype"].Text(ExpectedType);
        return Bits(tensor) switch
        {
            >= 16 => ActivationFormat.Own,
            < 8 => ActivationFormat.FourBit,
            _ when type.Contains("int", StringComparison.Ordinal) => ActivationFormat.EightBitInteger,
            _ => tensor.Has("group_size") || type.StartsWith("mx", StringComparison.Ordinal) ? ActivationFormat.EightBitBlock : ActivationFormat.EightBit,
        };
    }

    private static int Bits(JsonObject tensor)
    {
        return tensor["dtype"].Text(ExpectedType) == "mx"
            ? tensor["mx_element_dtype"].Word(ExpectedType, Types)
            : tensor["dtype"].Word(ExpectedType, Types);
    }

    private static WeightFormat? Format(JsonObject tensor, bool hasEightBitScales)
    {
        int bits = Bits(tensor);
        if (bits >= 16)
        {
            return null;
        }

        string type = tensor["dtype"].Text(ExpectedType);
        bool isShared = type.StartsWith("mx", StringComparison.Ordinal)
            || (tensor.Has("scale_format") && tensor["scale_format"].Text("a type of scales") == SharedExponent);
        double scale = isShared || hasEightBitScales ? 1 : WeightFormat.Half;
        double zero = tensor.Boolean("symmetric", true) || type.StartsWith("fp", StringComparison.Ordinal) ? 0 : bits / ByteBits;
        Dictionary<string, Func<WeightFormat>> schemes = new()
        {
            ["per_tensor"] = () => WeightFormat.Plain(bits),
            ["per_channel"] = () => WeightFormat.Plain(bits),
            ["per_group"] = () => WeightFormat.Groups(bits, tensor.Integer("group_size", 1), scale + zero),
            ["per_block"] = () => ByteFormats.Tile(tensor["block_size"], bits, WeightFormat.Single),
        };
        if (!tensor.Has("qscheme"))
        {
            return tensor.Has("group_size") ? schemes["per_group"]() : WeightFormat.Plain(bits);
        }

        return tensor["qscheme"].Word("what shares a scale", schemes)();
    }
}
