using System.Text.Json;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>compressed-tensors: groups of modules, and what is ignored by full name or expression.</summary>
internal static class CompressedTensors
{
    private const string Dense = "dense";

    /// <summary>Reads it.</summary>
    public static QuantizationScheme Read(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings,
            [
                "quant_method", "config_groups", "format", "ignore", "kv_cache_scheme", "quantization_status", "global_compression_ratio",
                "sparsity_config", "transform_config", "version", "run_compressed", "packed_modules_mapping", "provider", "producer",
            ]);
        RefuseSparse(quantization);
        if (quantization.Has("transform_config") && quantization.Object("transform_config", "transforms: an object") is { } transforms
            && transforms.Has("config_groups") && transforms.Object("config_groups", "groups of transforms: an object").Keys.Any())
        {
            throw quantization["transform_config"].Complaint("no transforms: their weights cannot be represented");
        }

        WarnOfClass(quantization["ignore"], findings);
        return QuantizedGroups.Read(quantization, [new NamedFormat(ModuleMatcher.Of(NameMeaning.Whole, quantization["ignore"]), null)], findings);
    }

    /// <summary>Groups name modules by class, too, what is ignored goes by name alone: vLLM compares names, and a class among them leaves nothing out. Source: vLLM's <c>should_ignore_layer</c>.</summary>
    private static void WarnOfClass(JsonValue ignored, Findings findings)
    {
        const string Class = "Linear";
        if (!ignored.IsNull && Array.Exists(ignored.List("a list of module names"), item => item.Element.ValueKind == JsonValueKind.String && item.Element.ValueEquals(Class)))
        {
            findings.Warn($"{ignored.File}: {ignored.Path}: {Class} leaves nothing out: vLLM ignores modules by name, not by class");
        }
    }

    private static void RefuseSparse(JsonObject quantization)
    {
        if (quantization.Has("sparsity_config")
            && quantization.Object("sparsity_config", "a sparsity: an object") is { } sparsity
            && sparsity.Has("format")
            && sparsity["format"].Text("a layout") != Dense)
        {
            throw sparsity["format"].Complaint("dense: weights that are stored sparse cannot be represented");
        }
    }
}
