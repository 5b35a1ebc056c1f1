using FastSim.Cli.Configuration.Published.Quantization;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Architectures whose experts are parameters of one module that is no linear one: some quantizers take them apart first, some leave them alone, and of others
/// nobody knows. Sources: llm-compressor's Granite 4 example, which makes them linear modules; the replacement of <c>nn.Linear</c> alone by transformers'
/// integrations of bitsandbytes, HQQ, EETQ and Quanto, and by torchao's filter.
/// </summary>
internal static class GatheredExperts
{
    private static readonly string[] LinearAlone = ["bitsandbytes", "hqq", "eetq", "quanto", "torchao"];

    /// <summary>A scheme as it is of an architecture.</summary>
    /// <param name="section">Where it stands.</param>
    /// <param name="scheme">What it says.</param>
    /// <param name="architecture">The <c>model_type</c>.</param>
    /// <param name="model">The model.</param>
    /// <exception cref="ConfigurationException">What it makes of such experts is not known.</exception>
    public static QuantizationScheme In(JsonValue section, QuantizationScheme scheme, string architecture, TransformerModel model)
    {
        bool isGranite = architecture.StartsWith("granitemoe", StringComparison.Ordinal);
        if (model.Experts is null || !(isGranite || architecture == "dbrx"))
        {
            return scheme;
        }

        string method = QuantizationMethods.NameOf(section);
        return LinearAlone.Contains(method) ? scheme with { SparesExperts = true }
            : isGranite && method == "compressed-tensors" ? scheme
            : throw section.Complaint(
                $"no such field, or one of {string.Join(", ", LinearAlone)}{(isGranite ? ", compressed-tensors" : "")}: whether the linear modules of {method} are the experts of this architecture, too, which stand in one tensor, is not known");
    }
}
