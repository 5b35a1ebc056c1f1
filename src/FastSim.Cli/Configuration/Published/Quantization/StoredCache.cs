using System.Text.Json;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>
/// What a checkpoint says of the cache of keys and values: 8-bit floats, whose scales it holds, so that engines keep it so unless they are told otherwise. Any other format is named as having no effect.
/// </summary>
internal static class StoredCache
{
    /// <summary>Where a section says it: an object or a word (compressed-tensors and those after it), a word (the model optimizer), outputs of modules by pattern (Quark).</summary>
    private static readonly string[] Fields = ["kv_cache_scheme", "kv_cache_quant_algo", "kv_cache_quant_config"];

    private const long ByteBits = 8;

    private static readonly string[] EightBitWords = ["FP8", "FLOAT8", "FP8_E4M3", "FP8_E5M2", "FP8_E4M3FN"];
    private static readonly string[] Floats = ["FLOAT"];
    private static readonly string[] NoWords = ["AUTO", "NONE", "NO_QUANT"];

    /// <summary>Whether a section says 8-bit floats.</summary>
    /// <param name="quantization">The section.</param>
    /// <param name="findings">Where other formats go.</param>
    public static bool IsEightBits(JsonObject quantization, Findings findings)
    {
        bool isEightBits = false;
        foreach (string field in Fields)
        {
            JsonValue value = quantization[field];
            if (value.IsNull || IsWord(value.Element, NoWords) || IsEmpty(value.Element))
            {
                continue;
            }

            bool says = IsWord(value.Element, EightBitWords) || IsTensor(value.Element) || IsOfModules(value.Element);
            isEightBits |= says;
            if (!says)
            {
                findings.Warn($"{value.File}: {value.Path}: found a cache in another format than 8-bit floats; it has no effect: state the bytes of the cache");
            }
        }

        return isEightBits;
    }

    private static bool IsEmpty(JsonElement element) => element.ValueKind == JsonValueKind.Object && !element.EnumerateObject().Any();

    private static bool IsWord(JsonElement element, string[] words) =>
        element.ValueKind == JsonValueKind.String && words.Contains(element.GetString(), StringComparer.OrdinalIgnoreCase);

    private static bool IsTensor(JsonElement element) => element.ValueKind == JsonValueKind.Object
        && element.TryGetProperty("num_bits", out JsonElement bits) && bits.ValueKind == JsonValueKind.Number && bits.TryGetInt64(out long number) && number == ByteBits
        && (!element.TryGetProperty("type", out JsonElement type) || IsWord(type, Floats));

    private static bool IsOfModules(JsonElement element) => element.ValueKind == JsonValueKind.Object && element.EnumerateObject().Any()
        && element.EnumerateObject().All(module => module.Value.ValueKind == JsonValueKind.Object
            && module.Value.TryGetProperty("output_tensors", out JsonElement outputs) && outputs.ValueKind == JsonValueKind.Object
            && outputs.TryGetProperty("dtype", out JsonElement type) && IsWord(type, EightBitWords));
}
