using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Mixtures of experts with group-query attention of 2024 to 2026: GLM-4.5V, Phi-3.5-MoE, Solar-Open, K-EXAONE, Hy3, Mellum. Source: transformers' classes of
/// the same names.
/// </summary>
internal static class RecentExpertsReader
{
    /// <summary>GLM-4.5V's language model: biases of query, key and value unless it says otherwise, no q/k norm.</summary>
    public static ModelDraft Glm(PublishedConfig config) => Read(
        config,
        ExpertFields.Usual(config, ExpertFields.Count(config, "n_routed_experts")),
        BlockExtras.RouterBias | (config.Switch("attention_bias", missing: true) ? BlockExtras.QueryKeyValueBias : BlockExtras.None),
        QueryKeyNorm.None,
        ExpertFields.AfterFirstDense(config)) with
    {
        FeedForward = config.Count("intermediate_size"),
    };

    /// <summary>Experts in every block, as wide as <c>intermediate_size</c> says; norms have a shift, the logits by a field.</summary>
    public static ModelDraft Phi(PublishedConfig config)
    {
        int count = ExpertFields.Count(config, "num_local_experts");
        return Read(
            config,
            ModelDraft.ExpertsOf(config.Count("intermediate_size"), count, ExpertFields.Active(config, "num_experts_per_tok", count), sharedPerToken: 0),
            BlockExtras.NormBias | GroupQueryFields.Biases(config),
            QueryKeyNorm.None,
            _ => true) with
        {
            LookedUpElements = config.Switch("lm_head_bias", missing: false) ? config.Count("vocab_size") : 0,
            Reaches = LayerReaches.Read(config, config.Has("sliding_window") ? _ => true : null),
        };
    }

    /// <summary>Experts in every block, whatever a file says of dense ones.</summary>
    public static ModelDraft Solar(PublishedConfig config)
    {
        config.Skip("first_k_dense_replace");
        config.Skip("intermediate_size");
        return Read(
            config,
            ExpertFields.Usual(config, ExpertFields.Count(config, "n_routed_experts")),
            BlockExtras.RouterBias | (config.Switch("attention_bias", missing: false) ? BlockExtras.QueryKeyValueBias : BlockExtras.None),
            config.Switch("use_qk_norm", missing: false) ? QueryKeyNorm.PerHead : QueryKeyNorm.None,
            _ => true);
    }

    /// <summary>No biases; which blocks have a window stands in a list.</summary>
    public static ModelDraft Exaone(PublishedConfig config)
    {
        const string Listed = "is_moe_layer";
        LayerReaches.RequireList(config);
        ModelDraft draft = OfFirstDense(config, BlockExtras.RouterBias);
        if (config.Has(Listed))
        {
            JsonValue[] listed = LayerList.Of(config[Listed], config.Blocks, "a list of true and false, one a layer");
            int other = Enumerable.Range(0, listed.Length).FirstOrDefault(block => listed[block].Boolean() != draft.HasExperts(block), -1);
            if (other >= 0)
            {
                throw listed[other].Complaint($"{(draft.HasExperts(other) ? "true" : "false")}, as first_k_dense_replace or mlp_layer_types have it");
            }
        }

        return draft;
    }

    /// <summary>Hy3.</summary>
    public static ModelDraft Hunyuan3(PublishedConfig config) => OfFirstDense(config, BlockExtras.RouterBias | GroupQueryFields.Biases(config));

    /// <summary>No shared expert and no shift; a list says which blocks are dense.</summary>
    public static ModelDraft Mellum(PublishedConfig config)
    {
        bool hasDense = config.Has("mlp_layer_types");
        return Read(
            config,
            ExpertFields.Usual(config, ExpertFields.Count(config, "num_experts")),
            GroupQueryFields.Biases(config),
            QueryKeyNorm.PerHead,
            hasDense ? ExpertFields.AfterFirstDense(config) : _ => true) with
        {
            FeedForward = config.Count("intermediate_size", missing: 0, least: hasDense ? 1 : 0),
        };
    }

    /// <summary>One dense block where neither a number nor a list says otherwise; query and key are normalised head by head.</summary>
    private static ModelDraft OfFirstDense(PublishedConfig config, BlockExtras extras)
    {
        const string FirstDense = "first_k_dense_replace";
        int dense = config.Has("mlp_layer_types") || config.Has(FirstDense) ? 0 : config.Count(FirstDense, missing: 1, least: 0);
        return Read(
            config,
            ExpertFields.Usual(config, ExpertFields.Count(config, "num_experts")),
            extras,
            QueryKeyNorm.PerHead,
            dense > 0 ? block => block >= dense : ExpertFields.AfterFirstDense(config)) with
        {
            FeedForward = config.Count("intermediate_size"),
        };
    }

    private static ModelDraft Read(PublishedConfig config, MixtureOfExperts experts, BlockExtras extras, QueryKeyNorm norm, Func<int, bool> hasExperts) => new()
    {
        KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
        HeadSize = GroupQueryFields.HeadSize(config),
        QueryKeyNorm = norm,
        Extras = extras,
        TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
        Reaches = LayerReaches.Read(config),
        Experts = experts,
        HasExperts = hasExperts,
    };
}
