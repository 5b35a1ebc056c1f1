using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Decoders of before rotary embeddings, and of their like: GPT-2, StarCoder 1, GPT-Neo, OPT, BLOOM, MPT, GPT-J, CodeGen. Norms have a shift, feed-forwards no
/// gate; learnt positions, a norm of the embedding and biases of the logits are weights beside the blocks. As many key-value heads as heads, and heads that
/// divide the hidden size, whatever a file says. Source: transformers' classes of the same names.
/// </summary>
internal static class OlderReader
{
    private const string Hidden = "hidden_size";
    private const string FeedForward = "intermediate_size";
    private const string Positions = "max_position_embeddings";
    private const string Blocks = "num_hidden_layers";
    private const string Heads = "num_attention_heads";
    private const string KeyValueHeads = "num_key_value_heads";
    private const string Vocabulary = "vocab_size";
    private const int FeedForwardOverHidden = 4;
    private const int NeoWindow = 256;

    private const BlockExtras AllBiases =
        BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias | BlockExtras.FeedForwardBias | BlockExtras.NormBias;

    private static readonly Dictionary<string, bool> NeoKinds = new() { ["local"] = true, ["global"] = false };

    /// <summary>Learnt positions; the embedding table projects to the logits.</summary>
    public static ModelDraft Gpt2(PublishedConfig config)
    {
        CallGpt(config);
        return Read(config, AllBiases, Inner(config)) with
        {
            KeyValueHeads = GroupQueryFields.EveryHead(config),
            LookedUpElements = LearntPositions(config),
        };
    }

    /// <summary>The same with one key-value head, unless a field says otherwise.</summary>
    public static ModelDraft BigCode(PublishedConfig config)
    {
        CallGpt(config);
        bool isMultiQuery = config.Switch("multi_query", missing: true);
        config.Ignore(KeyValueHeads, isMultiQuery ? 1 : config.Count(Heads));
        return Read(config, AllBiases, Inner(config)) with
        {
            KeyValueHeads = isMultiQuery ? 1 : config.Count(Heads),
            LookedUpElements = LearntPositions(config),
        };
    }

    /// <summary>Rotary embedding, attention beside the feed-forward behind one norm and without biases; the logits have biases.</summary>
    public static ModelDraft GptJ(PublishedConfig config)
    {
        CallGpt(config);
        return Read(config, BlockExtras.FeedForwardBias | BlockExtras.NormBias, Inner(config), tied: false) with
        {
            KeyValueHeads = GroupQueryFields.EveryHead(config),
            IsParallel = true,
            NormsPerBlock = 1,
            LookedUpElements = config.Count(Vocabulary),
        };
    }

    /// <summary>Learnt positions; the output projection has a bias, query, key and value have none; blocks as a list of lists says, in turn with a window.</summary>
    public static ModelDraft GptNeo(PublishedConfig config)
    {
        config.Call(Blocks, "num_layers");
        config.Call(Heads, "num_heads");
        config.Skip("attention_layers");
        bool[] isLocal = NeoBlocks(config);
        AttentionReach window = AttentionReach.Window(config.Count("window_size", missing: NeoWindow, least: 1));
        int feedForward = config.Count(FeedForward, missing: FeedForwardOverHidden * config.Count(Hidden), least: 1);
        return Read(config, BlockExtras.OutputBias | BlockExtras.FeedForwardBias | BlockExtras.NormBias, feedForward) with
        {
            KeyValueHeads = GroupQueryFields.EveryHead(config),
            Reaches = Array.ConvertAll(isLocal, local => local ? window : AttentionReach.Whole),
            LookedUpElements = LearntPositions(config),
        };
    }

    /// <summary>Learnt positions, two more than the file says.</summary>
    public static ModelDraft Opt(PublishedConfig config)
    {
        const string Embedding = "word_embed_proj_dim";
        const string NormsFirst = "do_layer_norm_before";
        if (!config.Switch(NormsFirst, missing: true))
        {
            config.Refuse(NormsFirst, "true or no such field: models without cannot be represented");
        }

        DenseReader.RefuseTrue(config, "_remove_final_layer_norm");
        int hidden = config.Count(Hidden);
        if (config.Has(Embedding) && config.Count(Embedding) != hidden)
        {
            config.Refuse(Embedding, $"the same as hidden_size, {hidden}: an embedding of another width cannot be represented");
        }

        BlockExtras biases = config.Switch("enable_bias", missing: true)
            ? BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias | BlockExtras.FeedForwardBias
            : BlockExtras.None;
        BlockExtras norms = config.Switch("layer_norm_elementwise_affine", missing: true) ? BlockExtras.NormBias : BlockExtras.NormsWithoutScale;
        int width = config.Count("ffn_dim");
        config.Ignore(FeedForward, width);
        return Read(config, biases | norms, width) with
        {
            KeyValueHeads = GroupQueryFields.EveryHead(config),
            LookedUpElements = (config.Count(Positions) + 2d) * hidden,
        };
    }

    /// <summary>No positions; a norm after the embedding.</summary>
    public static ModelDraft Bloom(PublishedConfig config)
    {
        config.Call(Hidden, "n_embed");
        config.Call(Blocks, "n_layer");
        foreach (string field in (ReadOnlySpan<string>)["seq_length", "skip_bias_add", "skip_bias_add_qkv"])
        {
            config.Skip(field);
        }

        config.Call(Heads, config.Has("n_head") ? "n_head" : Heads);
        DenseReader.RefuseTrue(config, "apply_residual_connection_post_layernorm");
        config.Ignore("n_inner", FeedForwardOverHidden * config.Count(Hidden));
        return Read(config, AllBiases, FourTimes(config)) with
        {
            KeyValueHeads = GroupQueryFields.EveryHead(config),
            LookedUpElements = 2d * config.Count(Hidden),
        };
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

        return Read(config, BlockExtras.None, FourTimes(config)) with { KeyValueHeads = GroupQueryFields.EveryHead(config) };
    }

    private static void CallGpt(PublishedConfig config)
    {
        if (config.Switch("add_cross_attention", missing: false))
        {
            config.Refuse("add_cross_attention", "false or no such field: cross-attention has no operators here");
        }

        config.Call(Hidden, "n_embd");
        config.Call(Blocks, "n_layer");
        config.Call(Heads, "n_head");
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

    private static double LearntPositions(PublishedConfig config) => (double)config.Count(Positions) * config.Count(Hidden);

    /// <summary>The width that <c>n_inner</c> says, four times the hidden size where it says none.</summary>
    private static int Inner(PublishedConfig config)
    {
        int width = config.Count("n_inner", missing: FeedForwardOverHidden * config.Count(Hidden), least: 1);
        config.Ignore(FeedForward, width);
        return width;
    }

    /// <summary>Four times the hidden size, whatever a file says.</summary>
    private static int FourTimes(PublishedConfig config)
    {
        int width = FeedForwardOverHidden * config.Count(Hidden);
        config.Ignore(FeedForward, width);
        return width;
    }

    /// <summary>GPT-Neo's blocks: lists of kinds, each with how often it is repeated.</summary>
    private static bool[] NeoBlocks(PublishedConfig config)
    {
        const string Field = "attention_types";
        const string Expected = "a list of pairs: a list of global and local, and how often it is repeated";
        int blocks = config.Blocks;
        List<bool> isLocal = [];
        foreach (JsonValue entry in config[Field].List(Expected))
        {
            JsonValue[] pair = entry.List(Expected);
            if (pair.Length != 2)
            {
                throw entry.Complaint(Expected);
            }

            bool[] kinds = Array.ConvertAll(pair[0].List(Expected), kind => kind.Word("global or local attention", NeoKinds));
            for (int repeats = pair[1].Integer(0, blocks); repeats > 0 && isLocal.Count <= blocks; repeats--)
            {
                isLocal.AddRange(kinds);
            }
        }

        return isLocal.Count == blocks ? [.. isLocal] : throw config[Field].Complaint($"as many blocks as num_layers, {blocks}, not {isLocal.Count}");
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

    private static ModelDraft Read(PublishedConfig config, BlockExtras extras, int feedForward, bool tied = true) => new()
    {
        FeedForward = feedForward,
        HasPlainFeedForward = true,
        HeadSize = GroupQueryFields.EvenHeadSize(config),
        Extras = extras,
        TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config, missing: tied),
    };
}
