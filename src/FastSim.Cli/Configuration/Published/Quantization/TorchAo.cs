using System.Text.Json;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>torchao: a type by name with its arguments, or the library's own configuration written out, for all modules or by name.</summary>
internal static class TorchAo
{
    private const int UsualGroup = 128;
    private const string ByName = "module_fqn_to_config";
    private const string Default = "_default";

    private static readonly Dictionary<string, Func<JsonObject, WeightFormat>> Types = new()
    {
        ["int4_weight_only"] = FourBits,
        ["int8_weight_only"] = EightBits,
        ["int8_dynamic_activation_int8_weight"] = arguments => EightBits(arguments).By(ActivationFormat.EightBitInteger),
        ["float8_weight_only"] = EightBitFloats,
        ["float8_dynamic_activation_float8_weight"] = arguments => EightBitFloats(arguments).By(ActivationFormat.EightBit),
        ["Int4WeightOnlyConfig"] = FourBits,
        ["Int8WeightOnlyConfig"] = EightBits,
        ["Int8DynamicActivationInt8WeightConfig"] = arguments => EightBits(arguments).By(ActivationFormat.EightBitInteger),
        ["Float8WeightOnlyConfig"] = EightBitFloats,
        ["Float8DynamicActivationFloat8WeightConfig"] = arguments => EightBitFloats(arguments).By(ActivationFormat.EightBit),
        ["NVFP4InferenceConfig"] = _ => ByteFormats.Nvidia,
    };

    private static readonly string[] Arguments =
    [
        "group_size", "inner_k_tiles", "layout", "use_hqq", "zero_point_domain", "set_inductor_config", "preserve_zero", "packing_format",
        "int4_packing_format", "int4_choose_qparams_algorithm", "granularity", "mm_config", "activation_dtype", "weight_dtype", "kernel_preference",
        "version", "act_mapping_type", "weight_only_decode", "activation_value_lb", "activation_value_ub", "use_dynamic_per_tensor_scale",
        "use_triton_kernel", "TENSOR_IMPL_DEFAULT",
    ];

    /// <summary>Reads it.</summary>
    public static QuantizationScheme Read(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings,
            [
                "quant_method", "quant_type", "quant_type_kwargs", "include_input_output_embeddings", "untie_embedding_weights", "modules_to_not_convert",
            ]);
        List<NamedFormat> named = [.. Spared.In(quantization)];
        bool hasEnds = quantization.Boolean("include_input_output_embeddings", false);
        JsonValue type = quantization["quant_type"];
        WeightFormat? rest;
        if (type.Element.ValueKind == JsonValueKind.Object)
        {
            JsonValue whole = JsonObject.Of(type, "a configuration: an object").Know(findings, "default")["default"];
            rest = Written(whole, named, findings);
        }
        else
        {
            JsonObject arguments = quantization.Has("quant_type_kwargs")
                ? quantization.Object("quant_type_kwargs", "arguments: an object").Know(findings, Arguments)
                : JsonObject.Of(type with { Element = JsonText.Parse(type.File, "{}") }, "");
            rest = type.Word("a type of weights that can be represented", Types)(arguments);
        }

        return new QuantizationScheme(named, rest) { RestHasLogits = hasEnds, Embedding = hasEnds ? rest : null };
    }

    /// <summary>A configuration as the library writes it: <c>_type</c>, and <c>_data</c> with its arguments.</summary>
    private static WeightFormat? Written(JsonValue value, List<NamedFormat> named, Findings findings)
    {
        if (value.IsNull)
        {
            return null;
        }

        JsonValue type = Member(value, "_type");
        JsonValue data = Member(value, "_data");
        if (data.Element.ValueKind == JsonValueKind.Object && data.Element.TryGetProperty(ByName, out JsonElement byName))
        {
            JsonValue modules = new(data.File, $"{data.Path}.{ByName}", byName);
            foreach (JsonProperty module in byName.EnumerateObject().Where(module => module.Name != Default))
            {
                JsonValue own = Member(modules, module.Name);
                named.Add(new NamedFormat(ModuleMatcher.Of(NameMeaning.Whole, own, module.Name), Written(own, [], findings)));
            }

            return Written(Member(modules, Default), [], findings);
        }

        return type.Word("a type of weights that can be represented", Types)(JsonObject.Of(data, "arguments: an object").Know(findings, Arguments));
    }

    /// <summary>A member by any name: those with a leading underscore are comments elsewhere.</summary>
    private static JsonValue Member(JsonValue value, string name) => new(
        value.File,
        $"{value.Path}.{name}",
        value.Element.ValueKind == JsonValueKind.Object && value.Element.TryGetProperty(name, out JsonElement found) ? found : default);

    /// <summary>A 16-bit scale and zero point a group.</summary>
    private static WeightFormat FourBits(JsonObject arguments) =>
        WeightFormat.Groups(bits: 4, arguments.Integer("group_size", 1, missing: UsualGroup), 2 * WeightFormat.Half);

    private static WeightFormat EightBits(JsonObject arguments) =>
        WeightFormat.Groups(bits: 8, arguments.Has("group_size") ? arguments.Integer("group_size", 1) : 0, WeightFormat.Half);

    private static WeightFormat EightBitFloats(JsonObject arguments) => WeightFormat.Plain(8);
}
