using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Dense decoders with a gate in the feed-forward, or of its like, whose files have names or norms of their own: EXAONE 3, ChatGLM 3 and GLM-4-9B of 2024,
/// Baichuan, Qwen 1, InternLM 1, Orion, OLMo 1, nanochat, Muse Glimmer. Source: transformers' classes of the same names; the publishers' own for EXAONE,
/// ChatGLM, Baichuan, Qwen 1, InternLM and Orion.
/// </summary>
internal static class NamedDenseReader
{
    private const string FeedForward = "intermediate_size";
    private const string Blocks = "num_hidden_layers";
    private const int FeedForwardOverHidden = 4;
    private const int GlimmerWindow = 2048;
    private const int WholeEvery = 4;

    /// <summary>No biases.</summary>
    public static ModelDraft Exaone(PublishedConfig config)
    {
        config.Call(Blocks, "num_layers");
        if (!config.Has(FeedForward))
        {
            config.Count(FeedForward, missing: FeedForwardOverHidden * config.Count("hidden_size"), least: 1);
        }

        return DenseReader.Read(config, BlockExtras.None, tied: true);
    }

    /// <summary>Biases of query, key and value by one field, of all products by another; key-value heads are counted in groups.</summary>
    public static ModelDraft ChatGlm(PublishedConfig config)
    {
        foreach ((string field, string here) in (ReadOnlySpan<(string, string)>)
            [(Blocks, "num_layers"), (FeedForward, "ffn_hidden_size"), ("vocab_size", "padded_vocab_size"), ("head_dim", "kv_channels"), ("max_position_embeddings", "seq_length")])
        {
            config.Call(field, here);
        }

        foreach ((string field, bool usual) in (ReadOnlySpan<(string, bool)>)[("rmsnorm", true), ("post_layer_norm", true), ("apply_residual_connection_post_layernorm", false)])
        {
            if (config.Switch(field, usual) != usual)
            {
                config.Refuse(field, $"what other models of this architecture say, {(usual ? "true" : "false")}");
            }
        }

        if (config.Switch("multi_query_attention", missing: false))
        {
            config.Call("num_key_value_heads", "multi_query_group_num");
            _ = config.Count("num_key_value_heads");
        }
        else
        {
            config.Skip("multi_query_group_num");
        }

        BlockExtras all = config.Switch("add_bias_linear", missing: false)
            ? BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias | BlockExtras.FeedForwardBias
            : BlockExtras.None;
        return DenseReader.Read(config, all | (config.Switch("add_qkv_bias", missing: false) ? BlockExtras.QueryKeyValueBias : BlockExtras.None));
    }

    /// <summary>No biases, as many key-value heads as heads.</summary>
    public static ModelDraft Baichuan(PublishedConfig config) => EveryHead(config, BlockExtras.None);

    /// <summary>No biases.</summary>
    public static ModelDraft Xverse(PublishedConfig config) => DenseReader.Read(config, BlockExtras.None);

    /// <summary>Qwen 1: biases of query, key and value, others unless a field says otherwise; gate and up are half as wide each as the file says.</summary>
    public static ModelDraft Qwen(PublishedConfig config)
    {
        const string HeadWidth = "kv_channels";
        foreach (string field in (ReadOnlySpan<string>)["seq_length", "use_dynamic_ntk", "use_logn_attn", "softmax_in_fp32", "use_cache_kernel", "use_cache_quantization", "bf16", "fp16", "fp32"])
        {
            config.Skip(field);
        }

        int both = config.Count(FeedForward);
        if (both % 2 != 0)
        {
            config.Refuse(FeedForward, "an even number: gate and up are half as wide each");
        }

        int headSize = config.Has(HeadWidth) ? config.Count(HeadWidth) : GroupQueryFields.EvenHeadSize(config);
        return EveryHead(config, BlockExtras.QueryKeyValueBias
            | (config.Switch("no_bias", missing: true) ? BlockExtras.None : BlockExtras.OutputBias | BlockExtras.FeedForwardBias)) with
        {
            FeedForward = both / 2,
            HeadSize = headSize,
        };
    }

    /// <summary>One field for the biases of query, key, value and output.</summary>
    public static ModelDraft InternLm(PublishedConfig config) => EveryHead(
        config, config.Switch("bias", missing: true) ? BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias : BlockExtras.None);

    /// <summary>Norms have a shift.</summary>
    public static ModelDraft Orion(PublishedConfig config) => DenseReader.Read(config, BlockExtras.NormBias);

    /// <summary>Norms have no weights.</summary>
    public static ModelDraft Olmo(PublishedConfig config) => DenseReader.Read(config, GroupQueryFields.Biases(config) | BlockExtras.NormsWithoutScale);

    /// <summary>No gate in the feed-forward, no weights of any norm.</summary>
    public static ModelDraft Nanochat(PublishedConfig config)
    {
        config.Call("attention_bias", "qkv_bias");
        return DenseReader.Read(config, GroupQueryFields.Biases(config) | BlockExtras.NormsWithoutScale, QueryKeyNorm.WithoutScale) with { HasPlainFeedForward = true };
    }

    /// <summary>Four norms, a gate an element of the attention's output, windows in all blocks but every fourth from the last one back.</summary>
    public static ModelDraft Glimmer(PublishedConfig config)
    {
        int blocks = config.Blocks;
        config.Count("sliding_window", missing: GlimmerWindow, least: 1);
        return DenseReader.Read(config, GroupQueryFields.Biases(config), QueryKeyNorm.WithoutScale, norms: 4) with
        {
            AttentionGate = true,
            Reaches = LayerReaches.Read(config, block => (blocks - 1 - block) % WholeEvery != 0),
        };
    }

    /// <summary>Keys and values of every head, heads that divide the hidden size, whatever a file says.</summary>
    private static ModelDraft EveryHead(PublishedConfig config, BlockExtras extras) => new()
    {
        FeedForward = config.Count(FeedForward),
        KeyValueHeads = GroupQueryFields.EveryHead(config),
        HeadSize = GroupQueryFields.EvenHeadSize(config),
        Extras = extras,
        TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
    };
}
