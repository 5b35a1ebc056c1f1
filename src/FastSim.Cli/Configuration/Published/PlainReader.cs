using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Dense decoders whose feed-forward has no gate, of attention beside it (Falcon, GPT-NeoX, Phi 1 and 2) or before it (StarCoder2, Nemotron-4, Arcee, Apertus, Jais 2).
/// Source: transformers' <c>falcon</c>, <c>gpt_neox</c>, <c>phi</c>, <c>starcoder2</c>, <c>nemotron</c>, <c>arcee</c>, <c>apertus</c> and <c>jais2</c>.
/// </summary>
internal static class PlainReader
{
    private const string Parallel = "use_parallel_residual";
    private const string NormsBeside = "num_ln_in_parallel_attn";
    private const string HiddenSize = "hidden_size";
    private const int FalconWidening = 4;

    private const BlockExtras AllBiases =
        BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias | BlockExtras.FeedForwardBias | BlockExtras.NormBias;

    /// <summary>Fields of attention beside the feed-forward that are read here.</summary>
    public static string[] Understood { get; } = [Parallel];

    /// <summary>
    /// One key-value head in the older form, groups of them in the newer, whose attention and feed-forward have a norm each. The oldest may state neither and
    /// have attention before the feed-forward.
    /// </summary>
    public static ModelDraft Falcon(PublishedConfig config)
    {
        bool isNewer = config.Switch("new_decoder_architecture", missing: false);
        bool isMultiQuery = config.Switch("multi_query", missing: true);
        bool isParallel = config.Switch("parallel_attn", missing: true) || isNewer;
        int heads = config.Count("num_attention_heads");
        config.Skip("alibi");
        config.Skip("apply_residual_connection_post_layernorm");
        int keyValueHeads = heads;
        if (isNewer)
        {
            keyValueHeads = config.Count("num_kv_heads", missing: heads, least: 1);
            if (heads % keyValueHeads != 0)
            {
                config.Refuse("num_kv_heads", $"a divisor of num_attention_heads, {heads}");
            }
        }
        else
        {
            // The older form has its field say the heads of queries, and does not go by it.
            config.Skip("num_kv_heads");
            keyValueHeads = isMultiQuery ? 1 : heads;
        }

        int norms = config.Has(NormsBeside) ? config.Count(NormsBeside, least: 1) : isNewer ? 2 : 1;
        if (norms > 2)
        {
            config.Refuse(NormsBeside, "1, for attention and feed-forward at once, or 2, for one each");
        }

        return new ModelDraft
        {
            FeedForward = config.Count("ffn_hidden_size", missing: FalconWidening * config.Count(HiddenSize), least: 1),
            HasPlainFeedForward = true,
            KeyValueHeads = keyValueHeads,
            HeadSize = GroupQueryFields.EvenHeadSize(config),
            NormsPerBlock = isParallel ? norms : 2,
            IsParallel = isParallel,
            Extras = BlockExtras.NormBias | (config.Switch("bias", missing: false)
                ? BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias | BlockExtras.FeedForwardBias
                : BlockExtras.None),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config, missing: true),
        };
    }

    /// <summary>As many key-value heads as heads; a norm each.</summary>
    public static ModelDraft Neox(PublishedConfig config) => new()
    {
        FeedForward = config.Count("intermediate_size"),
        HasPlainFeedForward = true,
        KeyValueHeads = GroupQueryFields.EveryHead(config),
        HeadSize = GroupQueryFields.EvenHeadSize(config),
        Extras = BlockExtras.FeedForwardBias | BlockExtras.NormBias | GroupQueryFields.Biases(config, missing: true),
        TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
        IsParallel = config.Switch(Parallel, missing: true),
    };

    /// <summary>One norm for attention and feed-forward; the logits have biases.</summary>
    public static ModelDraft Phi(PublishedConfig config)
    {
        if (config.Switch("qk_layernorm", missing: false))
        {
            config.Refuse("qk_layernorm", "false or no such field: norms of queries and keys with a shift cannot be represented");
        }

        return Read(config, AllBiases) with { NormsPerBlock = 1, IsParallel = true, LookedUpElements = config.Count("vocab_size") };
    }

    /// <summary>Attention before the feed-forward, biases by one field; every block has the sliding window, where one is stated.</summary>
    public static ModelDraft StarCoder(PublishedConfig config) => Read(
        config,
        config.Switch("use_bias", missing: true) ? AllBiases : BlockExtras.NormBias,
        tied: true,
        LayerReaches.Read(config, config.Has("sliding_window") ? _ => true : null));

    /// <summary>Attention before the feed-forward; norms are shifted, too.</summary>
    public static ModelDraft Nemotron(PublishedConfig config) => Read(
        config,
        BlockExtras.NormBias | GroupQueryFields.Biases(config)
            | GroupQueryFields.FeedForwardBias(config));

    /// <summary>Attention as Llama's.</summary>
    public static ModelDraft Arcee(PublishedConfig config) => Read(
        config, GroupQueryFields.Biases(config) | GroupQueryFields.FeedForwardBias(config));

    /// <summary>Query and key are normalised head by head; the activation's two numbers are not counted.</summary>
    public static ModelDraft Apertus(PublishedConfig config)
    {
        DenseReader.RefuseTrue(config, "mlp_bias");
        return Read(config, GroupQueryFields.Biases(config)) with { QueryKeyNorm = QueryKeyNorm.PerHead };
    }

    /// <summary>Biases everywhere unless two fields say otherwise.</summary>
    public static ModelDraft Jais(PublishedConfig config) => Read(
        config,
        BlockExtras.NormBias | GroupQueryFields.Biases(config, missing: true)
            | GroupQueryFields.FeedForwardBias(config, missing: true));

    private static ModelDraft Read(PublishedConfig config, BlockExtras extras, bool tied = false, AttentionReach[]? reaches = null) =>
        DenseReader.Read(config, extras, reaches: reaches, tied: tied) with { HasPlainFeedForward = true };
}
