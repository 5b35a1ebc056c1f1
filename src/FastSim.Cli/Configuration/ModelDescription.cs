using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration;

/// <summary>A model, and how its file came to describe it.</summary>
/// <param name="Model">The model.</param>
/// <param name="Architecture"><c>model_type</c> of a published configuration; null in the seed's form.</param>
/// <param name="Defaults">Fields that the file leaves to the architecture's defaults, with their values.</param>
/// <param name="Remarks">What of the model is not in the description.</param>
public sealed record ModelDescription(
    TransformerModel Model,
    string? Architecture,
    IReadOnlyList<string> Defaults,
    IReadOnlyList<string> Remarks);
