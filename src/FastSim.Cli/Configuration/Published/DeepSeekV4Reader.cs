using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// DeepSeek-V4: windows with compressed entries beside them, several residual streams, experts in all blocks, of which the first choose theirs by a table.
/// Source: transformers' and vLLM's <c>deepseek_v4</c>, and the reference that is published with the checkpoint.
/// </summary>
internal static class DeepSeekV4Reader
{
    private const string Ratios = "compress_ratios";
    private const int Window = 0;
    private const int Sparse = 4;
    private const int Heavy = 128;
    private const int Rounds = 20;

    private static readonly Dictionary<string, int> Kinds = new()
    {
        ["sliding_attention"] = Window,
        ["compressed_sparse_attention"] = Sparse,
        ["heavily_compressed_attention"] = Heavy,
    };

    /// <summary>Fields of residual streams and compressed attention that are read here.</summary>
    public static string[] Understood { get; } = ["hc_mult", Ratios];

    public static ModelDraft Read(PublishedConfig config)
    {
        RefuseOthers(config);
        config.Skip("intermediate_size");
        config.Skip("hc_eps");
        config.Skip("compress_rope_theta");
        int heads = config.Count("num_attention_heads");
        AttentionReach window = LayerReaches.Window(config);
        Dictionary<int, AttentionForm> forms = new[] { Window, Sparse, Heavy }.ToDictionary(ratio => ratio, ratio => Form(config, heads, ratio));
        int blocks = config.Blocks;
        int[] ratios = BlockRatios(config);
        int count = ExpertFields.Count(config, "n_routed_experts");
        return new ModelDraft
        {
            RefusesUnknown = true,
            KeyValueHeads = 1,
            HeadSize = config.Count("head_dim"),
            Extras = BlockExtras.RouterBias,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Reaches = [.. Enumerable.Repeat(window, blocks)],
            Forms = [.. ratios.Take(blocks).Select(ratio => forms[ratio])],
            DraftBlock = new BlockKind(window, HasExperts: true) { Form = forms[ratios.Length > blocks ? ratios[blocks] : Window] },
            Streams = new HyperConnections(config.Count("hc_mult"), config.Count("hc_sinkhorn_iters", missing: Rounds, least: 0)),
            Experts = ExpertFields.Usual(config, count),
        };
    }

    private static AttentionForm Form(PublishedConfig config, int heads, int ratio)
    {
        int headSize = config.Count("head_dim");
        int rotary = config.Count("qk_rope_head_dim");
        if (rotary > headSize)
        {
            config.Refuse("qk_rope_head_dim", $"at most head_dim, {headSize}");
        }

        int groups = config.Count("o_groups");
        if (heads % groups != 0)
        {
            config.Refuse("o_groups", $"a divisor of num_attention_heads, {heads}");
        }

        return AttentionForm.OfCompressed(heads, new CompressedDimensions(headSize, rotary, config.Count("q_lora_rank"), groups, config.Count("o_lora_rank"), ratio)
        {
            Indexer = ratio == Sparse
                ? new SparseIndexer(config.Count("index_n_heads"), config.Count("index_head_dim"), config.Count("index_topk"))
                : null,
        });
    }

    private static void RefuseOthers(PublishedConfig config)
    {
        if (config.Switch("attention_bias", missing: false))
        {
            config.Refuse("attention_bias", "false: this architecture has no biases here");
        }

        if (config.Count("num_key_value_heads", missing: 1, least: 1) != 1)
        {
            config.Refuse("num_key_value_heads", "1: keys and values have one head");
        }

        if (config.Has("vision_n_layers") && config.Count("vision_n_layers", least: 0) > 0)
        {
            config.Refuse("vision_n_layers", "0 or no such field: an encoder of images within the model has no operators here");
        }

        if (config.Has("index_topk_freq") && config.Count("index_topk_freq") > 1)
        {
            config.Refuse("index_topk_freq", "1 or no such field: selections that blocks share have no operators here");
        }

        // Blocks that choose experts by a table have experts all the same.
        int byTable = config.Has("num_hash_layers") ? config.Count("num_hash_layers", least: 0) : 0;
        if (byTable > 0)
        {
            config.Remark($"tables by which {byTable} layers choose a token's experts (num_hash_layers)");
        }

        if (config.Has("mlp_layer_types"))
        {
            foreach (JsonValue type in config["mlp_layer_types"].List("a list of feed-forward kinds, one a layer"))
            {
                type.Word("a feed-forward kind of this architecture", new Dictionary<string, bool> { ["hash_moe"] = true, ["moe"] = false });
            }
        }
    }

    /// <summary>Tokens an entry of each block, those of draft blocks behind; a file that does not say it would be read by a guess.</summary>
    private static int[] BlockRatios(PublishedConfig config)
    {
        int blocks = config.Blocks;
        bool isListed = config.Has(Ratios) || !config.Has("layer_types");
        JsonValue list = config[isListed ? Ratios : "layer_types"];
        JsonValue[] entries = list.List("tokens that a compressed entry of each layer stands for, 0, 4 or 128");
        if (entries.Length < blocks)
        {
            throw list.Complaint($"at least as many entries as num_hidden_layers, {blocks}, not {entries.Length}");
        }

        if (isListed)
        {
            config.Skip("layer_types");
            config.Skip("compress_rates");
            return Array.ConvertAll(entries, entry => entry.Integer(0, Heavy) is (Window or Sparse or Heavy) and var ratio
                ? ratio
                : throw entry.Complaint("0, 4 or 128: entries of other numbers of tokens have no public description"));
        }

        if (config.Has("compress_rates"))
        {
            JsonObject rates = JsonObject.Of(config["compress_rates"], "tokens an entry by attention kind: an object");
            foreach (string kind in rates.Keys)
            {
                if (!Kinds.TryGetValue(kind, out int known) || rates.Integer(kind, 0) != known)
                {
                    throw rates[kind].Complaint("4 of compressed_sparse_attention or 128 of heavily_compressed_attention: others have no public description");
                }
            }
        }

        return Array.ConvertAll(entries, entry => entry.Word("an attention kind of this architecture", Kinds));
    }
}
