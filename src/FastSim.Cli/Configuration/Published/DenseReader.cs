using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Dense decoders that differ from Llama in norms, biases, windows and what is tied: Phi-3 and 4, OLMo-2 and 3, Seed-OSS, SmolLM3, EXAONE-4, GLM-4,
/// ERNIE-4.5, InternLM3, Hunyuan, Ministral 3. Source: transformers' classes of the same names; InternLM3's own.
/// </summary>
internal static class DenseReader
{
    /// <summary>Every block has the sliding window, where one is stated.</summary>
    public static ModelDraft Phi(PublishedConfig config)
    {
        foreach (string field in (ReadOnlySpan<string>)["embd_layer", "img_processor", "speech_lora"])
        {
            // Parts beside the language model.
            config.Skip(field);
        }

        RefuseTrue(config, "lm_head_bias");
        RefuseTrue(config, "mlp_bias");

        // The class has none, whatever the field says.
        config.Ignore("attention_bias");
        return Read(
            config, BlockExtras.None, reaches: LayerReaches.Read(config, config.Has("sliding_window") ? _ => true : null));
    }

    /// <summary>Small ones tie their embeddings and large ones do not: a file that does not say which is of either.</summary>
    public static ModelDraft Ministral3(PublishedConfig config)
    {
        const string Tied = "tie_word_embeddings";
        if (!config.Has(Tied) && !config.Outer.Has(Tied))
        {
            config.Refuse(Tied, "true or false: models of this architecture differ in it");
        }

        return Read(
            config, BlockExtras.None, reaches: LayerReaches.Read(config, config.Has("sliding_window") ? _ => true : null));
    }

    /// <summary>Outputs are normalised in place of inputs; query and key over all their heads.</summary>
    public static ModelDraft Olmo2(PublishedConfig config) =>
        Read(config, GroupQueryFields.Biases(config), QueryKeyNorm.AllHeads, LayerReaches.Read(config));

    /// <summary>The same; every fourth block reaches the whole context where no list says otherwise.</summary>
    public static ModelDraft Olmo3(PublishedConfig config) =>
        Read(config, GroupQueryFields.Biases(config), QueryKeyNorm.AllHeads, LayerReaches.Read(config, block => (block + 1) % 4 != 0));

    /// <summary>A field each says whether query, key and value, the output and the feed-forward have biases.</summary>
    public static ModelDraft SeedOss(PublishedConfig config) => Read(
        config,
        If(config.Switch("attention_bias", missing: true), BlockExtras.QueryKeyValueBias)
            | If(config.Switch("attention_out_bias", missing: false), BlockExtras.OutputBias)
            | GroupQueryFields.FeedForwardBias(config));

    /// <summary>Some blocks have no rotary embedding, which costs the same.</summary>
    public static ModelDraft SmolLm3(PublishedConfig config)
    {
        config.Skip("no_rope_layers");
        config.Skip("no_rope_layer_interval");
        return Read(
            config,
            GroupQueryFields.Biases(config) | GroupQueryFields.FeedForwardBias(config),
            reaches: LlamaReader.QwenReaches(config),
            tied: true);
    }

    /// <summary>Outputs are normalised in place of inputs; which blocks have a window stands in a list.</summary>
    public static ModelDraft Exaone4(PublishedConfig config)
    {
        LayerReaches.RequireList(config);
        return Read(config, BlockExtras.None, QueryKeyNorm.PerHead, LayerReaches.Read(config));
    }

    /// <summary>GLM-4 of 2024: norms before attention and feed-forward.</summary>
    public static ModelDraft Glm(PublishedConfig config) => Read(config, InputBias(config));

    /// <summary>GLM-4-0414: norms after them, too.</summary>
    public static ModelDraft Glm4(PublishedConfig config) => Read(config, InputBias(config), norms: 4);

    /// <summary>One field for all biases.</summary>
    public static ModelDraft Ernie(PublishedConfig config) => Read(config, AllBiases(config, "use_bias"), tied: true);

    /// <summary>One field for the biases of query, key and value, one for all others.</summary>
    public static ModelDraft InternLm3(PublishedConfig config) => Read(
        config,
        If(config.Switch("qkv_bias", missing: false), BlockExtras.QueryKeyValueBias)
            | If(config.Switch("bias", missing: false), BlockExtras.OutputBias | BlockExtras.FeedForwardBias));

    /// <summary>Query and key are normalised head by head.</summary>
    public static ModelDraft Hunyuan(PublishedConfig config)
    {
        RefuseTrue(config, "mlp_bias");
        HeadSizeTwice(config);
        return Read(
            config,
            GroupQueryFields.Biases(config),
            config.Switch("use_qk_norm", missing: true) ? QueryKeyNorm.PerHead : QueryKeyNorm.None,
            LayerReaches.Read(config));
    }

    /// <summary>The same where the embedding table projects to the logits unless the file says otherwise.</summary>
    public static ModelDraft HunyuanVision(PublishedConfig config) => Hunyuan(config) with { TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config, missing: true) };

    /// <summary>Biases of query, key, value, output and feed-forward where one field decides about all.</summary>
    public static BlockExtras AllBiases(PublishedConfig config, string field) => If(
        config.Switch(field, missing: false), BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias | BlockExtras.FeedForwardBias);

    /// <summary>Refuses biases that cannot be represented.</summary>
    public static void RefuseTrue(PublishedConfig config, string field)
    {
        if (config.Switch(field, missing: false))
        {
            config.Refuse(field, "false or no such field: these biases cannot be represented");
        }
    }

    /// <summary>Hunyuan's files say the width of a head twice; no block uses another's keys and values where the field for it is off.</summary>
    public static void HeadSizeTwice(PublishedConfig config)
    {
        const string Field = "attention_head_dim";
        config.Skip("use_cla");
        if (config.Has(Field) && config.Count(Field) != GroupQueryFields.HeadSize(config))
        {
            config.Refuse(Field, $"the same as head_dim, {GroupQueryFields.HeadSize(config)}");
        }
    }

    private static BlockExtras InputBias(PublishedConfig config) => If(config.Switch("attention_bias", missing: false), BlockExtras.QueryKeyValueBias);

    private static BlockExtras If(bool has, BlockExtras extras) => has ? extras : BlockExtras.None;

    /// <summary>A dense model whose fields have the usual names.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="extras">Biases and the like.</param>
    /// <param name="norm">How queries and keys are normalised.</param>
    /// <param name="reaches">How far each block reaches; null where a list may say it.</param>
    /// <param name="norms">Norms a block.</param>
    /// <param name="tied">Whether the embedding table projects to the logits where nothing is said.</param>
    public static ModelDraft Read(
        PublishedConfig config,
        BlockExtras extras,
        QueryKeyNorm norm = QueryKeyNorm.None,
        AttentionReach[]? reaches = null,
        int norms = 2,
        bool tied = false) => new()
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            QueryKeyNorm = norm,
            NormsPerBlock = norms,
            Extras = extras,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config, missing: tied),
            Reaches = reaches ?? LayerReaches.Read(config),
        };
}
