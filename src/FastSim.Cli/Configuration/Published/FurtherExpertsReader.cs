using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Mixtures of experts with group-query attention whose files have words of their own: OLMoE, Granite 3, dots.llm1, ERNIE-4.5, Hunyuan, Ling and Ring.
/// Source: transformers' classes of the same names; Ling's own.
/// </summary>
internal static class FurtherExpertsReader
{
    private const int ErnieFirst = 1;
    private const int ErnieShared = 2;
    private const int AriaShared = 2;
    private const int DotsWholeBlocks = 62;

    /// <summary>Query and key are normalised over all their heads.</summary>
    public static ModelDraft Olmoe(PublishedConfig config) => OfFeedForwardWidth(config, "num_experts", QueryKeyNorm.AllHeads);

    public static ModelDraft Granite(PublishedConfig config) => OfFeedForwardWidth(config, "num_local_experts", QueryKeyNorm.None);

    /// <summary>The same with a feed-forward of its own width beside the experts.</summary>
    public static ModelDraft GraniteShared(PublishedConfig config)
    {
        ModelDraft draft = Granite(config);
        return draft with
        {
            Experts = draft.Experts! with { SharedExpertsPerToken = ExpertFields.SharedOfWidth(config, "shared_intermediate_size", draft.Experts!.Intermediate) },
        };
    }

    /// <summary>The same with sinks in every block, and windows in all but every fourth, the first one.</summary>
    public static ModelDraft GraniteWindows(PublishedConfig config)
    {
        const int Window = 128;
        const int WholeEvery = 4;
        config.Count("sliding_window", missing: Window, least: 1);
        config.Skip("layer_rope_theta");
        ModelDraft draft = GraniteShared(config);
        return draft with
        {
            Extras = draft.Extras | BlockExtras.AttentionSinks,
            Reaches = LayerReaches.Read(config, block => block % WholeEvery != 0),
        };
    }

    /// <summary>Aria's language model: experts in every block, shared ones as wide.</summary>
    public static ModelDraft Aria(PublishedConfig config)
    {
        int count = ExpertFields.Count(config, "moe_num_experts");
        DenseReader.RefuseTrue(config, "mlp_bias");
        return Read(
            config,
            ModelDraft.ExpertsOf(
                config.Count(config.Has("moe_intermediate_size") ? "moe_intermediate_size" : "intermediate_size"), count, ExpertFields.Active(config, "moe_topk", count), config.Count("moe_num_shared_experts", missing: AriaShared, least: 0)),
            GroupQueryFields.Biases(config),
            QueryKeyNorm.None,
            _ => true);
    }

    /// <summary>Query and key are normalised head by head, a shift an expert, experts after the first dense blocks.</summary>
    public static ModelDraft Dots(PublishedConfig config)
    {
        int count = ExpertFields.Count(config, "n_routed_experts");
        MixtureOfExperts experts = ExpertFields.Usual(config, count);
        return Read(
            config,
            experts,
            GroupQueryFields.Biases(config) | BlockExtras.RouterBias,
            QueryKeyNorm.PerHead,
            ExpertFields.AfterFirstDense(config),
            DotsReaches(config));
    }

    /// <summary>A window that is stated holds from a block on, whatever other fields say.</summary>
    private static AttentionReach[]? DotsReaches(PublishedConfig config)
    {
        config.Skip("use_sliding_window");
        int whole = config.Has("sliding_window") && !config.Has("layer_types") ? config.Count("max_window_layers", missing: DotsWholeBlocks, least: 0) : 0;
        return LayerReaches.Read(config, config.Has("sliding_window") ? block => block >= whole : null);
    }

    /// <summary>Experts from one block to another, every so many.</summary>
    public static ModelDraft Ernie(PublishedConfig config)
    {
        int count = ExpertFields.Count(config, "moe_num_experts");
        int blocks = config.Blocks;
        int first = config.Count("moe_layer_start_index", missing: ErnieFirst, least: 0);
        int every = config.Count("moe_layer_interval", missing: 1, least: 1);
        int last = config.Has("moe_layer_end_index") ? config["moe_layer_end_index"].Integer(-1) : -1;
        config.Skip("moe_capacity");
        config.Skip("moe_gate");
        MixtureOfExperts experts = ModelDraft.ExpertsOf(
            config.Count("moe_intermediate_size"),
            count,
            ExpertFields.Active(config, "moe_k", count),
            config.Count("moe_num_shared_experts", missing: ErnieShared, least: 0));
        DenseReader.RefuseTrue(config, "use_bias");
        return Read(
            config,
            experts,
            config.Switch("moe_use_aux_free", missing: true) ? BlockExtras.RouterBias : BlockExtras.None,
            QueryKeyNorm.None,
            block => (block + 1) % every == 0 && block >= first && block <= (last < 0 ? blocks - 1 : last),
            tied: true);
    }

    /// <summary>Numbers of experts may stand in lists, one a layer.</summary>
    public static ModelDraft Hunyuan(PublishedConfig config)
    {
        if (config.Has("moe_layer_num_skipped") && config.Count("moe_layer_num_skipped", least: 0) > 0)
        {
            config.Refuse("moe_layer_num_skipped", "0 or no such field: which blocks have no experts is not known");
        }

        DenseReader.RefuseTrue(config, "mlp_bias");
        DenseReader.HeadSizeTwice(config);
        int count = ExpertFields.Count(config, "num_experts");
        int active = OfEveryLayer(config, "moe_topk");
        if (active > count)
        {
            config.Refuse("moe_topk", $"an integer of at most the number of experts, {count}");
        }

        MixtureOfExperts experts = ModelDraft.ExpertsOf(
            OfEveryLayer(config, config.Has("moe_intermediate_size") ? "moe_intermediate_size" : "intermediate_size"),
            count,
            active,
            config.Switch("use_mixed_mlp_moe", missing: true) ? OfEveryLayer(config, "num_shared_expert") : 0);
        return Read(
            config,
            experts,
            GroupQueryFields.Biases(config),
            config.Switch("use_qk_norm", missing: true) ? QueryKeyNorm.PerHead : QueryKeyNorm.None,
            _ => true);
    }

    /// <summary>Biases by fields of their own; the second generation has a shift an expert.</summary>
    public static ModelDraft Bailing(PublishedConfig config)
    {
        return Read(
            config,
            BailingExperts(config),
            (config.Switch("use_qkv_bias", missing: false) ? BlockExtras.QueryKeyValueBias : BlockExtras.None)
                | (config.Switch("use_bias", missing: false) ? BlockExtras.OutputBias : BlockExtras.None)
                | (config.Switch("moe_router_enable_expert_bias", missing: false) ? BlockExtras.RouterBias : BlockExtras.None),
            config.Switch("use_qk_norm", missing: false) ? QueryKeyNorm.PerHead : QueryKeyNorm.None,
            ExpertFields.AfterFirstDense(config));
    }

    /// <summary>Routed and shared experts, which have the same width.</summary>
    public static MixtureOfExperts BailingExperts(PublishedConfig config)
    {
        const string SharedWidth = "moe_shared_expert_intermediate_size";
        int count = ExpertFields.Count(config, "num_experts");
        int width = config.Count("moe_intermediate_size");
        if (config.Has(SharedWidth) && config.Count(SharedWidth) != width)
        {
            config.Refuse(SharedWidth, $"the same as moe_intermediate_size, {width}: other widths cannot be represented");
        }

        return ExpertFields.Usual(config, count);
    }

    /// <summary>Experts in every block, as wide as <c>intermediate_size</c> says.</summary>
    private static ModelDraft OfFeedForwardWidth(PublishedConfig config, string field, QueryKeyNorm norm)
    {
        int count = ExpertFields.Count(config, field);
        MixtureOfExperts experts = ModelDraft.ExpertsOf(
            config.Count("intermediate_size"), count, ExpertFields.Active(config, "num_experts_per_tok", count), sharedPerToken: 0);
        return Read(config, experts, GroupQueryFields.Biases(config), norm, _ => true);
    }

    /// <summary>A number, or a list of the same number for each layer.</summary>
    private static int OfEveryLayer(PublishedConfig config, string field)
    {
        JsonValue value = config[field];
        if (value.Element.ValueKind != System.Text.Json.JsonValueKind.Array)
        {
            return config.Count(field);
        }

        JsonValue[] each = LayerList.Of(value, config.Blocks, "a number, or one a layer");
        int first = each[0].Integer(1, PublishedConfig.MostOfAnything);
        return Array.Find(each, entry => entry.Integer(1, PublishedConfig.MostOfAnything) != first) is { Element.ValueKind: not System.Text.Json.JsonValueKind.Undefined } other
            ? throw other.Complaint($"the same as in the first layer, {first}: experts that differ from layer to layer cannot be represented")
            : first;
    }

    private static ModelDraft Read(
        PublishedConfig config,
        MixtureOfExperts experts,
        BlockExtras extras,
        QueryKeyNorm norm,
        Func<int, bool> hasExperts,
        AttentionReach[]? reaches = null,
        bool tied = false) => new()
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            QueryKeyNorm = norm,
            Extras = extras,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config, missing: tied),
            Reaches = reaches ?? LayerReaches.Read(config),
            Experts = experts,
            HasExperts = hasExperts,
        };
}
