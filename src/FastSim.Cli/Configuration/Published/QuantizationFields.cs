using FastSim.Cli.Configuration.Published.Quantization;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Reads how a checkpoint stores its weights (docs/cost-model.md, "What a checkpoint weighs"): data type, quantization, and what that makes
/// of each projection of each block. What is not a projection stays in the model's own type in every published scheme; so do the
/// embedding table, the logits projection and the router, unless a scheme names them.
/// </summary>
internal static class QuantizationFields
{
    private static readonly Dictionary<string, double> TypeBytes = new()
    {
        ["bfloat16"] = 2,
        ["float16"] = 2,
        ["float32"] = 4,
        ["float8_e4m3fn"] = 1,
    };

    /// <summary>Reads it.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="model">The model, without its storage.</param>
    /// <param name="architecture">Its <c>model_type</c>.</param>
    /// <param name="file">Its file.</param>
    /// <param name="findings">Where unknown keys go.</param>
    public static StoredWeights Read(PublishedConfig config, TransformerModel model, string architecture, string file, Findings findings)
    {
        double own = OwnBytes(config);
        JsonValue section = QuantizationSection.Find(config, file);
        if (section.IsNull && config.Has("expert_dtype"))
        {
            config.Refuse("expert_dtype", "a quantization_config beside it: the format of experts in a checkpoint whose other weights are quantized");
        }

        if (section.IsNull)
        {
            return new StoredWeights(own, own, WeightRoles.None);
        }

        QuantizationScheme scheme = GatheredExperts.In(section, QuantizationMethods.Read(section, findings), architecture, model);
        return CheckpointStorage.Of(
            section,
            scheme with { RoutedExperts = RoutedExperts(config) ?? scheme.RoutedExperts },
            new ModuleNames(architecture, QuantizationSection.TextOf(section)),
            model,
            own);
    }

    /// <summary>DeepSeek-V4 states the format of its experts beside the section: four bits with an 8-bit scale for 32.</summary>
    private static WeightFormat? RoutedExperts(PublishedConfig config) => config.Has("expert_dtype")
        ? config["expert_dtype"].Word("a format of the experts", new Dictionary<string, WeightFormat?> { ["fp4"] = ByteFormats.Microscaling, ["fp8"] = null })
        : null;

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
}
