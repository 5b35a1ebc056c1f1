using System.Text.Json;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Finds what a checkpoint says of its quantization: in the configuration, or in a file beside it.</summary>
internal static class QuantizationSection
{
    private const string InFolder = "config.json";

    /// <summary>Names of the section; the second is compressed-tensors' own of old.</summary>
    private static readonly string[] Fields = ["quantization_config", "compression_config"];

    /// <summary>Files that quantizers leave beside a configuration, and what wrote them where they do not say.</summary>
    private static readonly string[] Files = ["hf_quant_config.json", "quantize_config.json", "quant_config.json", "quantization_config.json"];

    /// <summary>The section; undefined where there is none.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="file">Its file.</param>
    public static JsonValue Find(PublishedConfig config, string file)
    {
        JsonValue found = default;
        foreach (string field in Fields)
        {
            foreach (JsonValue value in (ReadOnlySpan<JsonValue>)[config[field], config.Outer[field]])
            {
                if (!found.IsNull && !value.IsNull && TextOf(found) != TextOf(value))
                {
                    throw value.Complaint($"the same as {found.Path}: which of the two says how the weights are stored is not known");
                }

                found = found.IsNull ? value : found;
            }
        }

        if (BesideOf(file) is not { } beside)
        {
            return found;
        }

        JsonValue other = new(beside, "", JsonText.Load(beside));
        if (found.IsNull)
        {
            return other;
        }

        // Exporters write both; what says the same in another form is no news.
        if (AlgorithmIn(found) is not { } algorithm || algorithm != AlgorithmIn(other))
        {
            config.Warn($"{beside}: not read, since {found.Path} of the configuration says how the weights are quantized");
        }

        return found;
    }

    private static string? AlgorithmIn(JsonValue section)
    {
        const string Algorithm = "quant_algo";
        JsonElement element = section.Element;
        if (element.ValueKind == JsonValueKind.Object && element.TryGetProperty("quantization", out JsonElement inner))
        {
            element = inner;
        }

        return element.ValueKind == JsonValueKind.Object && element.TryGetProperty(Algorithm, out JsonElement word) ? word.ToString() : null;
    }

    /// <summary>
    /// The file beside a model's <c>config.json</c> that says how its weights are quantized, if it is there; it belongs to the model like
    /// the configuration itself.
    /// </summary>
    /// <param name="file">The configuration; any other name stands for itself alone.</param>
    public static string? BesideOf(string file)
    {
        if (Path.GetFileName(file) != InFolder)
        {
            return null;
        }

        string folder = Path.GetDirectoryName(file) ?? "";
        foreach (string beside in Files.Select(name => Path.Combine(folder, name)))
        {
            if (File.Exists(beside))
            {
                return beside;
            }

            CommandFiles.Current.Missed(beside);
        }

        return null;
    }

    /// <summary>A section's text, to see which names occur in it.</summary>
    public static string TextOf(JsonValue section) => section.Element.ValueKind == JsonValueKind.Undefined ? "" : section.Element.GetRawText();
}
