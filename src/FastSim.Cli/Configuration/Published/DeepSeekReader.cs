using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Latent attention with experts after the first dense blocks: DeepSeek V2, V3, R1 and V3.2, Kimi K2, GLM-5.</summary>
internal static class DeepSeekReader
{
    private const string QueryRank = "q_lora_rank";

    /// <summary>Plain attention, router without a shift (DeepSeek-MoE).</summary>
    public static ModelDraft Version1(PublishedConfig config) => Plain(config);

    /// <summary>Router without a shift of its choice.</summary>
    public static ModelDraft Version2(PublishedConfig config) =>
        config.Switch("use_mla", missing: true) ? Read(config, BlockExtras.None, indexer: null) : Plain(config);

    /// <summary>Router with a shift an expert.</summary>
    public static ModelDraft Version3(PublishedConfig config) => Read(config, BlockExtras.RouterBias, indexer: null);

    /// <summary>The same where the embedding table projects to the logits unless the file says otherwise (Youtu).</summary>
    public static ModelDraft Tied(PublishedConfig config) => Version3(config) with { TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config, missing: true) };

    /// <summary>The same; a width of values that is not stated is the hidden size over the heads (MiniCPM3).</summary>
    public static ModelDraft MiniCpm(PublishedConfig config)
    {
        int heads = config.Count("num_attention_heads");
        config.Count("v_head_dim", missing: config.Count("hidden_size") / heads, least: 1);
        return Tied(config);
    }

    /// <summary>The same with sparse attention on the tokens that an indexer selects.</summary>
    public static ModelDraft Sparse(PublishedConfig config)
    {
        if (!config.Has(QueryRank) && !(config.LeavesOut(QueryRank) && config.ClassDefaults.ContainsKey(QueryRank)))
        {
            config.Refuse(QueryRank, "a compressed query: the indexer's queries are projected from it");
        }

        return Read(
            config,
            BlockExtras.RouterBias,
            new SparseIndexer(config.Count("index_n_heads"), config.Count("index_head_dim"), config.Count("index_topk")));
    }

    /// <summary>Widths of latent attention, by their usual names; a query is not compressed where the file says null, or leaves it to a class that has no rank.</summary>
    public static LatentDimensions Widths(PublishedConfig config) => new(
        config.Has(QueryRank) ? config.Count(QueryRank)
            : config.LeavesOut(QueryRank) && config.ClassDefaults.TryGetValue(QueryRank, out int ofClass) ? config.Count(QueryRank, missing: ofClass, least: 1)
            : 0,
        config.Count("kv_lora_rank"),
        config.Count("qk_rope_head_dim"),
        config.Count("qk_nope_head_dim"),
        config.Count("v_head_dim"));

    /// <summary>A norm more after each expert feed-forward, which is not worth a kernel of its own here (A.X-K1).</summary>
    public static ModelDraft NormedExperts(PublishedConfig config)
    {
        config.Remark("a norm of what each block's experts yield");
        return Version3(config);
    }

    /// <summary>The same blocks with plain attention in place of latent: models whose file switches that off (DeepSeek-OCR).</summary>
    private static ModelDraft Plain(PublishedConfig config)
    {
        foreach (string field in (ReadOnlySpan<string>)["kv_lora_rank", QueryRank, "qk_nope_head_dim", "qk_rope_head_dim", "v_head_dim", "head_dim"])
        {
            config.Skip(field);
        }

        int heads = config.Count("num_attention_heads");
        int hidden = config.Count("hidden_size");
        if (hidden % heads != 0)
        {
            config.Refuse("num_attention_heads", $"a divisor of hidden_size, {hidden}");
        }

        MixtureOfExperts? experts = Experts(config);
        bool shifts = config.Has("topk_method") && config["topk_method"].Text("how experts are chosen") == "noaux_tc";
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = hidden / heads,
            Extras = GroupQueryFields.Biases(config) | (experts is not null && shifts ? BlockExtras.RouterBias : BlockExtras.None),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Experts = experts,
            HasExperts = ExpertFields.AfterFirstDense(config),
        };
    }

    private static ModelDraft Read(PublishedConfig config, BlockExtras extras, SparseIndexer? indexer)
    {
        LatentDimensions latent = Widths(config);
        int queryWidth = latent.PlainHeadSize + latent.RotaryHeadSize;
        if (config.Has("qk_head_dim") && config.Count("qk_head_dim") != queryWidth)
        {
            config.Refuse("qk_head_dim", $"qk_nope_head_dim and qk_rope_head_dim together, {queryWidth}");
        }

        int heads = config.Count("num_attention_heads");
        bool[]? borrows = indexer is null ? null : SharedSelections.Read(config);

        // Configurations carry these along; latent attention has no use for them.
        config.Skip("head_dim");
        config.Skip("num_key_value_heads");
        MixtureOfExperts? experts = Experts(config);
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = heads,
            Latent = latent,
            Forms = borrows is null
                ? null
                : Array.ConvertAll(borrows, isBorrowed => isBorrowed
                    ? AttentionForm.OfLatent(heads, latent) with { Indexer = indexer! with { IsBorrowed = true } }
                    : null),
            DraftBlock = borrows is null ? null : new BlockKind(AttentionReach.Whole, experts is not null),
            Indexer = indexer,
            Extras = GroupQueryFields.Biases(config) | (experts is null ? BlockExtras.None : extras),
            TiedEmbeddings = config.Switch("tie_word_embeddings", missing: false),
            Reaches = LayerReaches.Read(config),
            Experts = experts,
            HasExperts = ExpertFields.AfterFirstDense(config),
        };
    }

    /// <summary>Routed and shared experts; DeepSeek's own configurations leave the count out of, or null in, a dense model.</summary>
    private static MixtureOfExperts? Experts(PublishedConfig config)
    {
        if (!ExpertFields.AreCounted(config))
        {
            return null;
        }

        int count = ExpertFields.Count(config, "n_routed_experts");
        return ExpertFields.Usual(config, count);
    }
}
