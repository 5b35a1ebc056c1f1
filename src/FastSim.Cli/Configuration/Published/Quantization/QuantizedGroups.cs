using System.Globalization;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary><c>config_groups</c>, as compressed-tensors and the model optimizer write them: modules or classes of modules, and a format for each.</summary>
internal static class QuantizedGroups
{
    private const string Linear = "Linear";
    private const string Embedding = "Embedding";
    private const int PackedBits = 32;
    private const int ByteBits = 8;
    private const string PackedFormat = "pack-quantized";

    private static readonly string[] TensorKeys =
    [
        "num_bits", "type", "symmetric", "group_size", "strategy", "block_structure", "dynamic", "actorder", "observer", "observer_kwargs",
        "scale_dtype", "zp_dtype", "quant_algo",
    ];

    /// <summary>How each layout stores an element: packed into bytes or words, or one a byte.</summary>
    private static readonly Dictionary<string, bool> Layouts = new()
    {
        [PackedFormat] = true,
        ["nvfp4-pack-quantized"] = true,
        ["mxfp4-pack-quantized"] = true,
        ["mxfp8-quantized"] = true,
        ["float-quantized"] = false,
        ["int-quantized"] = false,
        ["naive-quantized"] = false,
        ["mixed-precision"] = true,
    };

    private static readonly Dictionary<string, bool> Types = new() { ["int"] = false, ["float"] = true };

    private static readonly Dictionary<string, double> ScaleTypes = new()
    {
        ["torch.uint8"] = 1,
        ["torch.float8_e4m3fn"] = 1,
        ["torch.float8_e8m0fnu"] = 1,
        ["torch.bfloat16"] = WeightFormat.Half,
        ["torch.float16"] = WeightFormat.Half,
        ["torch.float32"] = WeightFormat.Single,
    };

    private static readonly Dictionary<string, string> Strategies = new()
    {
        ["tensor"] = "whole",
        ["channel"] = "whole",
        ["group"] = "group",
        ["tensor_group"] = "group",
        ["block"] = "block",
    };

    /// <summary>
    /// The groups: those that name modules in order, and the format of the linear modules that none names. A name comes before a class,
    /// as the library has it.
    /// </summary>
    /// <param name="quantization">What holds <c>config_groups</c>.</param>
    /// <param name="ignored">Modules in no group, by name.</param>
    /// <param name="findings">Where unknown keys go.</param>
    public static QuantizationScheme Read(JsonObject quantization, IEnumerable<NamedFormat> ignored, Findings findings)
    {
        string? layout = quantization.Has("format") ? Layout(quantization["format"]) : null;
        JsonObject groups = quantization.Object("config_groups", "groups of modules: an object");
        List<NamedFormat> named = [.. ignored];
        WeightFormat? rest = null;
        WeightFormat? embedding = null;
        bool hasWeights = false;
        bool targetsLinear = false;
        foreach (string key in groups.Keys)
        {
            JsonObject group = groups.Object(key, "a group of modules: an object")
                .Know(findings, ["targets", "weights", "input_activations", "output_activations", "format"]);
            if (group.Has("output_activations"))
            {
                group.Object("output_activations", "a quantization of activations: an object").Know(findings, TensorKeys);
            }

            ActivationFormat activations = group.Has("input_activations")
                ? OfActivations(group.Object("input_activations", "a quantization of activations: an object").Know(findings, TensorKeys))
                : ActivationFormat.Own;

            if (!group.Has("weights"))
            {
                continue;
            }

            hasWeights = true;
            WeightFormat format = OfWeights(
                group.Object("weights", "a quantization of weights: an object"), group.Has("format") ? Layout(group["format"]) : layout, findings);

            // Of 8-bit floats in blocks engines scale activations by groups, whatever else the section says of them.
            format = format.By(activations == ActivationFormat.EightBit && format.Outputs > 1 ? ActivationFormat.EightBitBlock : activations);
            if (!group.Has("targets"))
            {
                rest = rest is null || rest == format
                    ? format
                    : throw group["targets"].Complaint("a list of modules: another group has all that none names");
                continue;
            }

            List<string> names = [];
            foreach (JsonValue target in group["targets"].Items("a list of modules or classes of modules"))
            {
                string name = target.Text("a module, a class of modules, or re: and a regular expression");
                targetsLinear |= name == Linear;
                rest ??= name == Linear ? format : null;
                embedding ??= name == Embedding ? format : null;
                if (name is not (Linear or Embedding))
                {
                    names.Add(IsClass(name) ? throw target.Complaint($"{Linear}, {Embedding}, a module, or re: and a regular expression", NearestName.Of(name, [Linear, Embedding])) : name);
                }
            }

            named.Add(new NamedFormat(ModuleMatcher.Of(NameMeaning.Whole, group["targets"], [.. names]), format));
        }

        return hasWeights
            ? new QuantizationScheme(named, rest) { RestHasLogits = targetsLinear, Embedding = embedding, Scope = rest is null ? quantization["config_groups"] : null }
            : throw quantization["config_groups"].Complaint("a group with weights");
    }

    /// <summary>A class has a capital and no parts; modules are named in small letters.</summary>
    private static bool IsClass(string name) => char.IsAsciiLetterUpper(name[0]) && !name.Contains('.', StringComparison.Ordinal);

    private static string Layout(JsonValue format)
    {
        string name = format.Text("a layout");
        return Layouts.ContainsKey(name)
            ? name
            : throw format.Complaint($"a layout that can be represented: {string.Join(", ", Layouts.Keys)}", NearestName.Of(name, Layouts.Keys));
    }

    private static WeightFormat OfWeights(JsonObject weights, string? layout, Findings findings)
    {
        weights.Know(findings, TensorKeys);
        int bits = weights.Integer("num_bits", 1, 16);
        bool isFloat = weights.Has("type") && weights["type"].Word("a kind of number", Types);
        int group = weights.Has("group_size") ? weights.Integer("group_size", -1) : 0;
        string strategy = weights.Has("strategy")
            ? weights["strategy"].Word("what shares a scale", Strategies)
            : Inferred(weights, group);

        // Integers that do not fill a 32-bit word leave the rest of it empty; some layouts give each element a byte.
        double stored = bits;
        if (layout is not null && !Layouts[layout])
        {
            stored = Math.Ceiling(bits / (double)ByteBits) * ByteBits;
        }
        else if (layout == PackedFormat)
        {
            stored = (double)PackedBits / (PackedBits / bits);
        }

        bool isSmallFloat = isFloat && (bits == 4 || layout == "mxfp8-quantized");
        double scale = weights.Has("scale_dtype")
            ? weights["scale_dtype"].Word("a data type", ScaleTypes)
            : isSmallFloat ? 1 : WeightFormat.Half;

        // Asymmetric groups keep a zero point, packed like the elements or a byte.
        double zero = weights.Boolean("symmetric", true) || isFloat ? 0 : stored / ByteBits;
        return strategy switch
        {
            "whole" => WeightFormat.Plain(stored),
            "block" => ByteFormats.Tile(Structure(weights["block_structure"]), stored, weights.Has("scale_dtype") ? scale : WeightFormat.Single),
            _ => WeightFormat.Groups(stored, group > 0 ? group : weights.Integer("group_size", 1), scale + zero),
        };
    }

    /// <summary>Integers or floats of 8 bits or fewer; of 8-bit floats a scale for some of a row comes with weights in blocks.</summary>
    private static ActivationFormat OfActivations(JsonObject activations)
    {
        const int MostBits = 16;
        int bits = activations.Integer("num_bits", 1, MostBits, missing: ByteBits);
        bool isFloat = activations.Has("type") && activations["type"].Word("a kind of number", Types);
        bool isGroup = activations.Has("group_size") && activations.Integer("group_size", -1) > 0;
        return (bits, isFloat) switch
        {
            ( > ByteBits, _) => ActivationFormat.Own,
            ( < ByteBits, true) => ActivationFormat.FourBit,
            (_, false) => ActivationFormat.EightBitInteger,
            _ => isGroup ? ActivationFormat.EightBitBlock : ActivationFormat.EightBit,
        };
    }

    private static string Inferred(JsonObject weights, int group)
    {
        if (weights.Has("block_structure"))
        {
            return "block";
        }

        return group switch
        {
            > 0 => "group",
            _ => "whole",
        };
    }

    /// <summary><c>[rows, columns]</c>, or the same as text: <c>128x128</c>.</summary>
    private static JsonValue Structure(JsonValue block)
    {
        if (block.Element.ValueKind != System.Text.Json.JsonValueKind.String)
        {
            return block;
        }

        int[] extents = [.. block.Element.GetString()!.Split('x').Select(extent =>
            int.TryParse(extent, NumberStyles.None, CultureInfo.InvariantCulture, out int number) ? number : throw block.Complaint("[rows, columns] of a block"))];
        return block with { Element = JsonText.Parse(block.File, $"[{string.Join(',', extents)}]") };
    }
}
