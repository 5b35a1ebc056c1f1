using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Gemma 4: windowed and whole blocks differ in head size and key-value heads, the last ones may read others' caches, blocks may have inputs of their own,
/// experts run beside a dense feed-forward. Source: transformers' <c>gemma4</c>.
/// </summary>
internal static class Gemma4Reader
{
    private const int WindowedHeadSize = 256;
    private const int WholeHeadSize = 512;
    private const int WholeEvery = 6;
    private const int LayerInputWidth = 256;
    private const int LayerInputVocabulary = 262_144;

    /// <summary>Fields of blocks whose widths differ that are read here.</summary>
    public static string[] Understood { get; } = ["num_kv_shared_layers", "global_head_dim", "num_global_key_value_heads", "use_double_wide_mlp"];

    public static ModelDraft Read(PublishedConfig config)
    {
        RefuseOthers(config);
        int blocks = config.Blocks;
        int heads = config.Count("num_attention_heads");
        int keyValueHeads = GroupQueryFields.KeyValueHeads(config);
        int headSize = config.Count("head_dim", missing: WindowedHeadSize, least: 1);
        bool valuesAreKeys = config.Switch("attention_k_eq_v", missing: false);
        AttentionForm windowed = Form(heads, keyValueHeads, headSize);
        AttentionForm whole = Form(
            heads, WholeKeyValueHeads(config, valuesAreKeys, keyValueHeads), config.Count("global_head_dim", missing: WholeHeadSize, least: 1)) with
        {
            ValuesAreKeys = valuesAreKeys,
        };
        AttentionReach[] reaches = Reaches(config);
        int firstBorrower = FirstBorrower(config, reaches);
        bool doubles = config.Switch("use_double_wide_mlp", missing: false);
        bool hasExperts = config.Switch("enable_moe_block", missing: false);
        return new ModelDraft
        {
            RefusesUnknown = true,
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            QueryKeyNorm = QueryKeyNorm.PerHeadAndValue,
            NormsPerBlock = 4,
            Extras = GroupQueryFields.Biases(config) | (hasExperts ? BlockExtras.RouterScale : BlockExtras.None),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config, missing: true),
            Reaches = reaches,
            Forms = [.. Enumerable.Range(0, blocks).Select(block =>
            {
                AttentionForm form = reaches[block].Kind == ReachKind.Whole ? whole : windowed;
                return block < firstBorrower ? form : form with { BorrowsCache = true };
            })],
            LayerInputs = Inputs(config),
            OwnFeedForward = block => doubles && block >= firstBorrower ? 2 * config.Count("intermediate_size") : 0,
            HasDenseBesides = _ => hasExperts,
            Experts = hasExperts ? Experts(config) : null,
        };
    }

    private static AttentionForm Form(int heads, int keyValueHeads, int headSize) => new(AttentionKind.GroupQuery)
    {
        Heads = heads,
        KeyValueHeads = keyValueHeads,
        HeadSize = headSize,
        QueryKeyNorm = QueryKeyNorm.PerHeadAndValue,
    };

    private static void RefuseOthers(PublishedConfig config)
    {
        const string Bidirectional = "use_bidirectional_attention";
        if (config.Has(Bidirectional) && config[Bidirectional].Element.ValueKind != System.Text.Json.JsonValueKind.False
            && config[Bidirectional].Text("vision, or no such field") != "vision")
        {
            config.Refuse(Bidirectional, "vision, or no such field: attention to later tokens has no operators here");
        }

        if (config.Has("per_layer_config"))
        {
            config.Refuse("per_layer_config", "no such field: blocks described one by one cannot be represented");
        }
    }

    /// <summary>Whole blocks have heads of their own only where their values are their keys.</summary>
    private static int WholeKeyValueHeads(PublishedConfig config, bool valuesAreKeys, int windowed)
    {
        const string Field = "num_global_key_value_heads";
        if (!config.Has(Field) || !valuesAreKeys)
        {
            return windowed;
        }

        int heads = config.Count("num_attention_heads");
        int own = config.Count(Field);
        return heads % own == 0 ? own : throw config[Field].Complaint($"a divisor of num_attention_heads, {heads}");
    }

    /// <summary>Five windows, then a whole block, where the file does not list them; the class makes the last block a whole one whatever the file says.</summary>
    private static AttentionReach[] Reaches(PublishedConfig config)
    {
        AttentionReach[] reaches = LayerReaches.Read(config, block => (block + 1) % WholeEvery != 0)!;
        if (Array.FindIndex(reaches, reach => reach.Kind == ReachKind.Chunk) is >= 0 and var chunked)
        {
            throw config["layer_types"].List("a list of attention kinds")[chunked].Complaint("sliding_attention or full_attention: this architecture has no chunks");
        }

        if (reaches[^1].Kind != ReachKind.Whole)
        {
            if (config.Has("layer_types"))
            {
                throw config["layer_types"].List("a list of attention kinds")[^1].Complaint("full_attention: the last layer of this architecture has no other");
            }

            config.Default("layer_types", "full_attention of the last layer");
            reaches[^1] = AttentionReach.Whole;
        }

        return reaches;
    }

    /// <summary>The first block that reads another's keys and values; each reads the last block of its own kind that has some.</summary>
    private static int FirstBorrower(PublishedConfig config, AttentionReach[] reaches)
    {
        const string Field = "num_kv_shared_layers";
        int borrowers = config.Count(Field, missing: 0, least: 0);
        int first = reaches.Length - borrowers;
        for (int block = Math.Max(0, first); borrowers > 0 && block < reaches.Length; block++)
        {
            if (first <= 0 || Array.IndexOf(reaches, reaches[block], 0, first) < 0)
            {
                config.Refuse(Field, $"a number that leaves, of the {reaches.Length} layers, one of each kind to read from");
            }
        }

        return first;
    }

    /// <summary>A field that is null, or 0, says that there are none; one that is missing is the class's.</summary>
    private static LayerInputs? Inputs(PublishedConfig config)
    {
        const string Field = "hidden_size_per_layer_input";
        int width = config[Field].Element.ValueKind == System.Text.Json.JsonValueKind.Null ? 0 : config.Count(Field, missing: LayerInputWidth, least: 0);
        int vocabulary = config.Count("vocab_size_per_layer_input", missing: LayerInputVocabulary, least: 1);
        return width == 0 ? null : new LayerInputs(width, vocabulary);
    }

    private static MixtureOfExperts Experts(PublishedConfig config)
    {
        int count = ExpertFields.Count(config, "num_experts");
        return ModelDraft.ExpertsOf(config.Count("moe_intermediate_size"), count, ExpertFields.Active(config, "top_k_experts", count), sharedPerToken: 0);
    }
}
