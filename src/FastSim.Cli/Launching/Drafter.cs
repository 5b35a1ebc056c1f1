using System.Text.Encodings.Web;
using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Launching;

/// <summary>What drafts tokens, as engines are told it.</summary>
/// <param name="Kind">What it is.</param>
/// <param name="Checkpoint">What it is loaded from; empty where it needs nothing of its own.</param>
internal readonly record struct Drafter(DraftKind Kind, string Checkpoint)
{
    /// <summary>What stands for a head's checkpoint, which no plan names.</summary>
    public const string UnknownHead = "EAGLE-HEAD";

    /// <summary>The drafter of a job; of the model's own blocks where nothing drafts.</summary>
    /// <param name="draft">What drafts; null for the model's own blocks.</param>
    public static Drafter Of(DraftModel? draft) => draft switch
    {
        null => new(DraftKind.Prediction, ""),
        { Model: null } => new(DraftKind.Lookup, ""),
        { FusedStates: 0, Model.Name: var name } => new(DraftKind.Model, OneLine.Of(name)),
        { ReadsEmbeddingApart: true } => new(DraftKind.Eagle3, UnknownHead),
        _ => new(DraftKind.Eagle, UnknownHead),
    };

    /// <summary>What a reader has to put in a file's place before it starts; null for nothing.</summary>
    public string? Missing => Checkpoint == UnknownHead
        ? $"The plan does not say which checkpoint the head is: put its identifier or path in the place of {UnknownHead}, one that was trained for this model."
        : Checkpoint.Length > 0 && !Checkpoint.Contains('/', StringComparison.Ordinal)
            ? $"The plan knows the draft model as {Checkpoint}, which is no identifier of a hub: put one, or a path, in its place; its vocabulary must be the model's."
            : null;

    /// <summary>The checkpoint as a text of JSON.</summary>
    public string Json => $"\"{JsonEncodedText.Encode(Checkpoint, JavaScriptEncoder.UnsafeRelaxedJsonEscaping)}\"";
}
