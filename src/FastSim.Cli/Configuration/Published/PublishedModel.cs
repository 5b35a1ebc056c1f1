using System.Text.Json;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Reads a model from a Hugging Face <c>config.json</c> (docs/file-formats.md, "Published configurations").</summary>
internal static class PublishedModel
{
    private const string ModelType = "model_type";

    /// <summary>Fields that count blocks for drafting tokens, by the names that architectures give them.</summary>
    private static readonly string[] PredictionFields =
        ["num_nextn_predict_layers", "mtp_num_hidden_layers", "mtp_num_layers", "num_mtp_layers", "num_mtp_modules"];

    /// <summary>Parts of files that describe what sees, hears or speaks beside a language model.</summary>
    private static readonly string[] Encoders =
    [
        "vision_config", "audio_config", "img_processor", "audio_processor", "encoder_config", "audio_encoder_config", "speech_encoder_config", "speech_config", "sound_config",
        "whisper_config", "embd_layer",
    ];

    /// <summary>Stands for the storage until the model that it stores is there.</summary>
    private static readonly StoredWeights Unread = new(0, 0, WeightRoles.None);

    /// <summary>Whether a file is such a configuration and not the seed's form.</summary>
    public static bool IsOne(JsonObject json) => json.Has(ModelType) || json.Has("architectures");

    /// <summary>Reads it.</summary>
    /// <param name="root">The file's value.</param>
    /// <param name="findings">Where to put warnings.</param>
    public static ModelDescription Read(JsonValue root, Findings findings)
    {
        JsonObject outer = JsonObject.Of(root, "a model: an object");
        JsonObject json = outer;
        JsonValue modelType = outer[ModelType];
        string holder = modelType.Element.ValueKind == JsonValueKind.String ? modelType.Element.GetString()! : "";
        Wrapper? wrapper = ModelArchitectures.WrapperOf(holder);
        if (wrapper is not null)
        {
            bool isFlat = wrapper.MayBeFlat && !outer.Has(wrapper.Path[0]);
            foreach (string part in isFlat ? [] : wrapper.Path)
            {
                (outer, json) = (json, json.Object(part, "the language model: an object"));
            }

            modelType = !isFlat && !wrapper.IgnoresName && json.Has(ModelType) ? json[ModelType]
                : wrapper.Within is { } within ? Named(modelType, within)
                : throw json[ModelType].Complaint("the architecture of the language model");
        }

        Func<PublishedConfig, ModelDraft> reader = ModelArchitectures.ReaderOf(modelType);
        RefusedFields.Check(json, ModelArchitectures.UnderstoodBy(modelType));
        PublishedConfig config = new(json, outer, findings) { ClassDefaults = ClassDefaults.Of(modelType) };
        ModelDraft draft = reader(config);
        if (draft.Experts is null && !draft.CountsOneExpert)
        {
            ExpertFields.RefuseStray(json);
        }

        VisionTower? vision = null;
        string? visionObstacle = null;
        if (wrapper is not null)
        {
            vision = VisionTowers.Read(holder, outer, config, findings, out visionObstacle);
            config.Remark($"what the file describes beside its {wrapper.Place}, {(vision is null ? "such as a vision encoder" : "but its vision encoder where a load has images (images)")}");
        }

        WarnOfEncoders(outer, findings, vision is not null);

        foreach (string drafts in (ReadOnlySpan<string>)["num_nextn_predict_layers", "mtp_num_hidden_layers"])
        {
            if (json.Has(drafts) && config.Count(drafts, least: 0) > 0)
            {
                config.Remark($"blocks that draft tokens ({drafts}); decode_mtp_token_config of a runtime adds them");
            }
        }

        string architecture = modelType.Text("an architecture's name");
        TransformerModel model = Build(config, draft, PublishedName.Of(root.File));
        model = model with
        {
            Structure = model.Structure! with { Storage = QuantizationFields.Read(config, model, architecture, root.File, findings) },
            LongestContext = ContextLength.Of(config, architecture),
            Vision = vision,
            VisionObstacle = visionObstacle,
            Architecture = ClassOf(root),
            PredictionBlocks = PredictionFields.Max(field => PredictionBlocks(json, field)),
        };
        if (draft.RefusesUnknown)
        {
            config.RefuseUnread();
        }

        PassOverInherent(config, draft);
        config.WarnOfUnread();
        return new ModelDescription(model, architecture, config.Defaults, config.Remarks);
    }

    /// <summary>Switches of parts that most classes of attention have by themselves or not at all, and that files say all the same.</summary>
    private static void PassOverInherent(PublishedConfig config, ModelDraft draft)
    {
        if (draft.Latent is not null || draft.Forms is not null)
        {
            return;
        }

        foreach (string field in (ReadOnlySpan<string>)["use_qk_norm", "qk_norm"])
        {
            config.Inherent(field, "a norm of queries and keys", draft.QueryKeyNorm != QueryKeyNorm.None);
        }

        foreach (string field in (ReadOnlySpan<string>)["attention_bias", "qkv_bias"])
        {
            config.Inherent(field, "biases of query, key and value", draft.Extras.HasFlag(BlockExtras.QueryKeyValueBias));
        }
    }

    /// <summary>The class that the file names first; a list that is none says nothing, for it costs nothing.</summary>
    private static string? ClassOf(JsonValue root) =>
        root.Element.TryGetProperty("architectures", out JsonElement named) && named.ValueKind == JsonValueKind.Array && named.GetArrayLength() > 0
        && named[0].ValueKind == JsonValueKind.String
            ? named[0].GetString()
            : null;

    private static int PredictionBlocks(JsonObject json, string field) =>
        json[field].Element is { ValueKind: JsonValueKind.Number } number && number.TryGetInt32(out int blocks) ? Math.Max(0, blocks) : 0;

    private static TransformerModel Build(PublishedConfig config, ModelDraft draft, string name)
    {
        int blocks = config.Blocks;
        BlockPattern pattern = new(Enumerable.Range(0, blocks).Select(block => new BlockKind(
            draft.Reaches?[block] ?? AttentionReach.Whole,
            draft.Experts is not null && draft.HasExperts(block))
        {
            Form = draft.Forms?[block],
            LacksFeedForward = !draft.HasFeedForward(block),
            HasDenseBesides = draft.HasDenseBesides(block),
            OwnFeedForward = draft.OwnFeedForward(block),
        }), draft.DraftBlock);
        bool hasExperts = pattern.ExpertBlocks(0, blocks) > 0;
        bool hasDense = pattern.DenseBlocks(0, blocks) > 0;
        return new TransformerModel(
            name,
            config.Count("hidden_size"),
            hasDense ? draft.FeedForward : 0,
            blocks,
            draft.Latent is null ? AttentionKind.GroupQuery : AttentionKind.LatentAbsorbed,
            draft.Heads > 0 ? draft.Heads : config.Count("num_attention_heads"),
            draft.KeyValueHeads,
            draft.HeadSize,
            draft.Latent,
            FlashAttention: true,
            draft.AttentionGate,
            CachedTokens: 0,
            config.Count("vocab_size"),
            hasExperts ? draft.Experts : null)
        {
            Structure = new BlockStructure(
                pattern,
                draft.QueryKeyNorm,
                draft.NormsPerBlock,
                draft.Extras,
                draft.Indexer,
                draft.TiedEmbeddings,
                Unread)
            {
                HasPlainFeedForward = draft.HasPlainFeedForward,
                IsParallel = draft.IsParallel,
                ResidualEvery = draft.ResidualEvery,
                LayerInputs = draft.LayerInputs,
                LookedUpElements = draft.LookedUpElements,
                Streams = draft.Streams,
            },
        };
    }

    /// <summary>A plan of a model that sees or hears lacks what its encoders weigh and take: nobody should find that out by an engine that does not fit.</summary>
    private static void WarnOfEncoders(JsonObject outer, Findings findings, bool readsVision)
    {
        foreach (string encoder in Encoders)
        {
            if (outer[encoder].Element.ValueKind == JsonValueKind.Object)
            {
                findings.Warn(readsVision && encoder == "vision_config"
                    ? $"{outer[encoder].File}: {encoder}: weights and time of the encoder are counted where a load has images (images), the language model alone elsewhere"
                    : $"{outer[encoder].File}: {encoder}: neither weights nor time of the encoder are counted, the language model alone is");
            }
        }
    }

    /// <summary>The architecture within a wrapper that does not say it, at the wrapper's own place in the file.</summary>
    private static JsonValue Named(JsonValue wrapper, string within) => wrapper with
    {
        Element = JsonText.Parse(wrapper.File, $"\"{within}\""),
    };
}
