using System.Globalization;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration;

/// <summary>What does not go together between a model and what drafts for it, in words: the cost model prices it, engines do not start it.</summary>
internal static class DraftChecks
{
    /// <summary>
    /// Whether a draft model chooses from another vocabulary than the model that verifies its tokens; null where both are the same, or one is not known. Heads have theirs by design.
    /// </summary>
    /// <param name="draft">What drafts.</param>
    /// <param name="model">What verifies.</param>
    public static string? OtherVocabulary(this DraftModel draft, TransformerModel model) =>
        draft is { FusedStates: 0, Model: { Vocabulary: > 0 } own } && model.Vocabulary > 0 && own.Vocabulary != model.Vocabulary
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"the draft model {own.Name} has a vocabulary of {own.Vocabulary:N0} tokens, {model.Name} of {model.Vocabulary:N0}; engines take drafts of the model's own vocabulary")
            : null;

    /// <summary>Whether a model is to draft by blocks that its configuration does not have; null where it has some, or says nothing.</summary>
    /// <param name="prediction">How it drafts.</param>
    /// <param name="model">The model.</param>
    public static string? MissingBlocks(MultiTokenPrediction prediction, TransformerModel model) =>
        prediction is { DraftTokens: > 0, Draft: null } && model.PredictionBlocks == 0
            ? $"the configuration of {model.Name} has no blocks that draft tokens (num_nextn_predict_layers): mtp is counted with blocks like its last, and engines need a checkpoint that has them; ngram, eagle3 or a draft model do without"
            : null;
}
