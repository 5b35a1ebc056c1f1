using FastSim.Search.Jobs;

namespace FastSim.Cli.Planning;

/// <summary>What a plan is asked for, as the command line says it.</summary>
/// <param name="Model">A model file, a Hugging Face <c>config.json</c>, or a folder that holds one.</param>
/// <param name="Input">Tokens of a prompt.</param>
/// <param name="Output">Tokens of an answer.</param>
/// <param name="FirstTokenMilliseconds">Limit of the time to first token; null for none.</param>
/// <param name="PerTokenMilliseconds">Limit of the time per output token; null for none.</param>
/// <param name="Engine">The serving engine: a name, or the file of a record.</param>
/// <param name="Precision">Data type of products; null for the checkpoint's own.</param>
/// <param name="CachePrecision">Data type of keys and values; null for what the checkpoint says, else what the engine keeps them in.</param>
/// <param name="PrefixHit">Share of each prompt that is cached already.</param>
/// <param name="Drafts">Tokens that multi-token prediction drafts a step.</param>
/// <param name="Acceptance">Chance that a draft is accepted: one for all places, or one a place; null for the usual one.</param>
/// <param name="MeanLength">Mean tokens of a step in place of it; null where the chance says them.</param>
/// <param name="Draft">What drafts them: a word of a runtime's <c>draft</c>, or the file of a draft model; null for the model's own blocks.</param>
/// <param name="Objective">What the best is best in.</param>
/// <param name="CostLimit">The most dollars that a million tokens may cost; null for any.</param>
/// <param name="AnyLayout">Whether layouts that the engine cannot run stay.</param>
internal sealed record PlanRequest(
    string Model,
    int Input,
    int Output,
    double? FirstTokenMilliseconds,
    double? PerTokenMilliseconds,
    string Engine,
    string? Precision,
    string? CachePrecision,
    double PrefixHit,
    int Drafts,
    double[]? Acceptance,
    double? MeanLength,
    string? Draft,
    PlanObjective Objective,
    double? CostLimit,
    bool AnyLayout)
{
    /// <summary>The most joules that a token may take; null for any.</summary>
    public double? EnergyLimit { get; init; }

    /// <summary>What may lie in the chip's second memory, a word of a runtime's <c>second_memory</c>; null for nothing.</summary>
    public string? SecondMemory { get; init; }

    /// <summary>Whether tensor parallelism that does not divide the heads pads them.</summary>
    public bool PadHeads { get; init; }

    /// <summary>Images of a request; 0 for none.</summary>
    public int Images { get; init; }

    /// <summary>Tokens of the prompt that each becomes; null for what the model makes of a tile.</summary>
    public int? ImageTokens { get; init; }

    /// <summary>Where cached prefixes are kept, a word of a runtime's <c>prefix_location</c>; null for the first memory.</summary>
    public string? PrefixLocation { get; init; }
}
