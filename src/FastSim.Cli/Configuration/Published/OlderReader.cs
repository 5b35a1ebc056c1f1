using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Decoders of before rotary embeddings, and of their like: GPT-2, StarCoder 1, OPT, BLOOM, MPT, GPT-J. Norms have a shift, feed-forwards no gate; learnt
/// positions, a norm of the embedding and biases of the logits are weights beside the blocks. Source: transformers' classes of the same names.
/// </summary>
internal static class OlderReader
{
    private const string Hidden = "hidden_size";
    private const string FeedForward = "intermediate_size";
    private const string Positions = "max_position_embeddings";
    private const string Blocks = "num_hidden_layers";
    private const string Heads = "num_attention_heads";
    private const string Vocabulary = "vocab_size";
    private const int FeedForwardOverHidden = 4;

    private const BlockExtras AllBiases =
        BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias | BlockExtras.FeedForwardBias | BlockExtras.NormBias;

    /// <summary>Learnt positions; the embedding table projects to the logits.</summary>
    public static ModelDraft Gpt2(PublishedConfig config)
    {
        if (config.Switch("add_cross_attention", missing: false))
        {
            config.Refuse("add_cross_attention", "false or no such field: cross-attention has no operators here");
        }

        CallGpt(config);
        return Read(config, AllBiases) with { LookedUpElements = (double)config.Count(Positions) * config.Count(Hidden) };
    }

    /// <summary>The same with one key-value head, unless a field says otherwise.</summary>
    public static ModelDraft BigCode(PublishedConfig config)
    {
        bool isMultiQuery = config.Switch("multi_query", missing: true);
        ModelDraft draft = Gpt2(config);
        return draft with { KeyValueHeads = isMultiQuery ? 1 : draft.KeyValueHeads };
    }

    /// <summary>Rotary embedding, attention beside the feed-forward behind one norm and without biases; the logits have biases.</summary>
    public static ModelDraft GptJ(PublishedConfig config)
    {
        CallGpt(config);
        return Read(config, BlockExtras.FeedForwardBias | BlockExtras.NormBias, tied: false) with
        {
            IsParallel = true,
            NormsPerBlock = 1,
            LookedUpElements = config.Count(Vocabulary),
        };
    }

    /// <summary>Learnt positions, two more than the file says.</summary>
    public static ModelDraft Opt(PublishedConfig config)
    {
        const string Embedding = "word_embed_proj_dim";
        config.Call(FeedForward, "ffn_dim");
        _ = config.Count(FeedForward);
        foreach (string field in (ReadOnlySpan<string>)["enable_bias", "layer_norm_elementwise_affine", "do_layer_norm_before"])
        {
            if (!config.Switch(field, missing: true))
            {
                config.Refuse(field, "true or no such field: models without cannot be represented");
            }
        }

        DenseReader.RefuseTrue(config, "_remove_final_layer_norm");
        int hidden = config.Count(Hidden);
        if (config.Has(Embedding) && config.Count(Embedding) != hidden)
        {
            config.Refuse(Embedding, $"the same as hidden_size, {hidden}: an embedding of another width cannot be represented");
        }

        return Read(config, AllBiases) with { LookedUpElements = (config.Count(Positions) + 2d) * hidden };
    }

    /// <summary>No positions; a norm after the embedding.</summary>
    public static ModelDraft Bloom(PublishedConfig config)
    {
        config.Call(Hidden, "n_embed");
        config.Call(Blocks, "n_layer");
        foreach (string field in (ReadOnlySpan<string>)["n_inner", "seq_length", "skip_bias_add", "skip_bias_add_qkv"])
        {
            config.Skip(field);
        }

        config.Call(Heads, config.Has("n_head") ? "n_head" : Heads);
        DenseReader.RefuseTrue(config, "apply_residual_connection_post_layernorm");
        return Read(config, AllBiases) with { LookedUpElements = 2d * config.Count(Hidden) };
    }

    /// <summary>No positions, no biases anywhere.</summary>
    public static ModelDraft Mpt(PublishedConfig config)
    {
        const string Section = "attn_config";
        CallMpt(config);
        config.Skip("learned_pos_emb");
        if (config.Has("expansion_ratio") && config.Count("expansion_ratio") != FeedForwardOverHidden)
        {
            config.Refuse("expansion_ratio", $"{FeedForwardOverHidden} or no such field: the library's class has no other");
        }

        if (!config.Switch("no_bias", missing: true))
        {
            config.Refuse("no_bias", "true or no such field: the library's class has no biases");
        }

        if (config.Has(Section))
        {
            JsonObject attention = JsonObject.Of(config[Section], "attention: an object");
            Require(attention, "attn_type", "multihead_attention");
            Require(attention, "alibi", usual: true);
            Require(attention, "qk_ln", usual: false);
        }

        return Read(config, BlockExtras.None);
    }

    private static void CallGpt(PublishedConfig config)
    {
        config.Call(Hidden, "n_embd");
        config.Call(Blocks, "n_layer");
        config.Call(Heads, "n_head");
        config.Call(FeedForward, "n_inner");
        config.Call(Positions, "n_positions");
        config.Skip("n_ctx");
    }

    private static void CallMpt(PublishedConfig config)
    {
        config.Call(Hidden, "d_model");
        config.Call(Blocks, "n_layers");
        config.Call(Heads, "n_heads");
        config.Call(Positions, "max_seq_len");
    }

    private static void Require(JsonObject attention, string field, string usual)
    {
        if (attention.Has(field) && attention[field].Text(usual) != usual)
        {
            throw attention[field].Complaint($"{usual} or no such field: the library's class has no other");
        }
    }

    private static void Require(JsonObject attention, string field, bool usual)
    {
        if (attention.Has(field) && attention[field].Boolean() != usual)
        {
            throw attention[field].Complaint($"{(usual ? "true" : "false")} or no such field: the library's class has no other");
        }
    }

    /// <summary>A decoder without key-value heads of their own; a width of the feed-forward that is not stated is four times the hidden size.</summary>
    private static ModelDraft Read(PublishedConfig config, BlockExtras extras, bool tied = true)
    {
        int hidden = config.Count(Hidden);
        return new ModelDraft
        {
            FeedForward = config.Count(FeedForward, missing: FeedForwardOverHidden * hidden, least: 1),
            HasPlainFeedForward = true,
            KeyValueHeads = config.Count(Heads),
            HeadSize = GroupQueryFields.HeadSize(config),
            Extras = extras,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config, missing: tied),
        };
    }
}
