using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration;

/// <summary>What drafts tokens, in words (docs/cost-model.md, "Drafts").</summary>
internal enum DraftKind
{
    /// <summary>The model's own blocks.</summary>
    Prediction,

    /// <summary>Lookups in the text so far.</summary>
    Lookup,

    /// <summary>An EAGLE head.</summary>
    Eagle,

    /// <summary>An EAGLE-3 head.</summary>
    Eagle3,

    /// <summary>A model of its own.</summary>
    Model,
}

/// <summary>Reads what drafts tokens.</summary>
internal static class DraftReader
{
    private const int MostWidth = 1 << 24;

    private const string Expected = "what drafts tokens: mtp, ngram, eagle, eagle3, or an object with kind";

    private static readonly Dictionary<string, DraftKind> Kinds = new()
    {
        ["mtp"] = DraftKind.Prediction,
        ["ngram"] = DraftKind.Lookup,
        ["eagle"] = DraftKind.Eagle,
        ["eagle3"] = DraftKind.Eagle3,
        ["model"] = DraftKind.Model,
    };

    /// <summary>Words that say all by themselves: those but <c>model</c>.</summary>
    public static IEnumerable<string> Words => Kinds.Where(kind => kind.Value != DraftKind.Model).Select(kind => kind.Key);

    /// <summary>What a word means; null where it is none.</summary>
    public static DraftKind? KindOf(string word) => Kinds.TryGetValue(word, out DraftKind kind) && kind != DraftKind.Model ? kind : null;

    /// <summary>Reads what a runtime states.</summary>
    /// <param name="value">It; nothing stands for the model's own blocks.</param>
    /// <param name="models">Model files.</param>
    /// <param name="findings">Receives what is to be known.</param>
    /// <returns>What drafts for a model; null for its own blocks.</returns>
    public static Func<TransformerModel, DraftModel?> Read(JsonValue value, InputFiles<TransformerModel> models, Findings findings)
    {
        if (value.IsNull)
        {
            return _ => null;
        }

        if (value.Element.ValueKind == System.Text.Json.JsonValueKind.String)
        {
            DraftKind word = value.Word("what drafts tokens", Kinds);
            return word == DraftKind.Model
                ? throw value.Complaint("an object with kind and the model's file: {\"kind\": \"model\", \"model\": \"draft.json\"}")
                : model => Fitting(value, Of(word, model, null, null));
        }

        JsonObject json = JsonObject.Of(value, Expected);
        DraftKind kind = json["kind"].Word("what drafts tokens", Kinds);
        json.Know(findings, kind switch
        {
            DraftKind.Eagle => ["kind", "feedforward"],
            DraftKind.Eagle3 => ["kind", "feedforward", "vocab_size"],
            DraftKind.Model => ["kind", "model"],
            _ => ["kind"],
        });
        if (kind == DraftKind.Model)
        {
            TransformerModel own = models.Get(json["model"]);
            return Obstacle(own) is { } unfit ? throw json["model"].Complaint(unfit) : model =>
            {
                DraftModel draft = new(own);
                if (draft.OtherVocabulary(model) is { } words)
                {
                    findings.Warn($"{json["model"].File}: {json["model"].Path}: {words}");
                }

                return draft;
            };
        }

        int? feedForward = json.Has("feedforward") ? json.Integer("feedforward", 1, MostWidth) : null;
        int? vocabulary = json.Has("vocab_size") ? json.Integer("vocab_size", 1, MostWidth) : null;
        return model => Fitting(value, Of(kind, model, feedForward, vocabulary));
    }

    /// <summary>What drafts for a model, or why it cannot.</summary>
    /// <param name="kind">What drafts; not a model of its own.</param>
    /// <param name="model">The model.</param>
    /// <param name="feedForward">Width of a head's feed-forward; null for the model's own.</param>
    /// <param name="vocabulary">Tokens that a head chooses from; null for the model's own.</param>
    public static (DraftModel? Draft, string? Obstacle) Of(DraftKind kind, TransformerModel model, int? feedForward, int? vocabulary)
    {
        if (kind is DraftKind.Prediction or DraftKind.Lookup)
        {
            return (kind == DraftKind.Lookup ? DraftModel.Lookup : null, null);
        }

        if (model.Attention != AttentionKind.GroupQuery)
        {
            return (null, $"mtp, ngram or a draft model: an EAGLE head is counted with group-query attention, which {model.Name} does not have");
        }

        int width = feedForward ?? model.FeedForward;
        if (width == 0)
        {
            return (null, $"an object with feedforward, the width of the head's: {model.Name} has no dense feed-forward to take it from");
        }

        return (kind == DraftKind.Eagle ? DraftModel.Eagle(model, width) : DraftModel.Eagle3(model, width, vocabulary ?? model.Vocabulary), null);
    }

    /// <summary>What a draft model must be; null where it is.</summary>
    public static string? Obstacle(TransformerModel draft) =>
        draft is { Experts: null, Attention: AttentionKind.GroupQuery or AttentionKind.LatentAbsorbed }
        && draft.Structure is not ({ Indexer: not null } or { Pattern.HasForms: true })
            ? null
            : "a dense model with group-query or latent attention in every block";

    private static DraftModel? Fitting(JsonValue value, (DraftModel? Draft, string? Obstacle) read) =>
        read.Obstacle is { } obstacle ? throw value.Complaint(obstacle) : read.Draft;
}
