using System.Globalization;
using System.Text.Json;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Mixtures of experts with group-query attention whose files have parts or names of their own: DBRX, Command A+, Arctic, Grok. Source: transformers' <c>dbrx</c>
/// and <c>cohere2_moe</c>; Snowflake's own for <c>arctic</c>; SGLang's <c>Grok1ForCausalLM</c>.
/// </summary>
internal static class NamedExpertsReader
{
    private const int CommandWholeEvery = 4;
    private const int CommandWindow = 4096;
    private const int GrokHeadSize = 128;
    private const string Window = "sliding_window";
    private const string WindowSize = "sliding_window_size";
    private const string ExpertWidth = "moe_intermediate_size";
    private const string DenseWidth = "intermediate_size";

    /// <summary>Attention and experts each have a part of the file; norms have no shift.</summary>
    public static ModelDraft Dbrx(PublishedConfig config)
    {
        foreach ((string field, string here) in (ReadOnlySpan<(string, string)>)
            [("hidden_size", "d_model"), ("num_hidden_layers", "n_layers"), ("num_attention_heads", "n_heads"), ("max_position_embeddings", "max_seq_len")])
        {
            config.Call(field, here);
        }

        JsonObject attention = JsonObject.Of(config["attn_config"], "attention: an object");
        JsonObject feedForward = JsonObject.Of(config["ffn_config"], "the feed-forward: an object");
        int heads = config.Count("num_attention_heads");
        int keyValueHeads = attention.Integer("kv_n_heads", 1, heads);
        if (heads % keyValueHeads != 0)
        {
            throw attention["kv_n_heads"].Complaint($"a divisor of n_heads, {heads}");
        }

        int count = feedForward.Integer("moe_num_experts", 1, PublishedConfig.MostOfAnything);
        return new ModelDraft
        {
            KeyValueHeads = keyValueHeads,
            HeadSize = GroupQueryFields.HeadSize(config),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Experts = ModelDraft.ExpertsOf(
                feedForward.Integer("ffn_hidden_size", 1, PublishedConfig.MostOfAnything), count, feedForward.Integer("moe_top_k", 1, count), sharedPerToken: 0),
        };
    }

    /// <summary>Attention beside experts behind one norm; dense blocks first, of a width and windows of their own.</summary>
    public static ModelDraft Command(PublishedConfig config)
    {
        const string PrefixWidth = "prefix_dense_intermediate_size";
        int count = ExpertFields.Count(config, "num_experts");
        int width = config.Count("intermediate_size");
        Func<int, bool> hasExperts = ExpertFields.AfterFirstDense(config);
        int prefix = Enumerable.Range(0, config.Blocks).TakeWhile(block => !hasExperts(block)).Count();
        config.Count(Window, missing: CommandWindow, least: 1);
        config.Skip("shared_expert_combination_strategy");
        config.Skip(PrefixWidth);
        return new ModelDraft
        {
            FeedForward = prefix > 0 ? config.Count(PrefixWidth) : 0,
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            NormsPerBlock = 1,
            IsParallel = true,
            Extras = GroupQueryFields.Biases(config),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config, missing: true),
            Reaches = CommandReaches(config, prefix),
            Experts = ModelDraft.ExpertsOf(width, count, ExpertFields.Active(config, "num_experts_per_tok", count), ExpertFields.Shared(config)),
            HasExperts = hasExperts,
        };
    }

    /// <summary>A dense feed-forward as wide as the hidden state beside the experts of every block.</summary>
    public static ModelDraft Arctic(PublishedConfig config)
    {
        foreach (string field in (ReadOnlySpan<string>)["use_residual", "parallel_attn_mlp_res"])
        {
            if (!config.Switch(field, missing: false))
            {
                config.Refuse(field, "true: models of this architecture without cannot be represented");
            }
        }

        if (config.Count("moe_layer_frequency", missing: 2, least: 1) != 1)
        {
            config.Refuse("moe_layer_frequency", "1: blocks without experts have a feed-forward of another width than those with, which cannot be represented");
        }

        foreach (string field in (ReadOnlySpan<string>)["enable_expert_tensor_parallelism", "moe_eval_capacity_factor", "moe_min_capacity", "moe_token_dropping", "moe_train_capacity_factor"])
        {
            config.Skip(field);
        }

        int count = ExpertFields.Count(config, "num_local_experts");
        return new ModelDraft
        {
            FeedForward = config.Count("hidden_size"),
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Reaches = LayerReaches.Everywhere(config),
            Experts = ModelDraft.ExpertsOf(
                config.Count("intermediate_size"), count, ExpertFields.Active(config, "num_experts_per_tok", count), sharedPerToken: 0),
            HasDenseBesides = _ => true,
        };
    }

    /// <summary>Grok 2: norms before and after attention and feed-forward, and a dense feed-forward beside the experts of every block, behind the same norms, where <c>residual_moe</c> says so.</summary>
    public static ModelDraft Grok(PublishedConfig config)
    {
        const string Classes = "architectures";
        JsonValue classes = config[Classes];
        if (classes.IsNull || !Array.Exists(classes.List("a list of classes"), item => item.Element.ValueKind == JsonValueKind.String && item.Element.ValueEquals("Grok1ForCausalLM")))
        {
            config.Refuse(Classes, "Grok1ForCausalLM: no other model of the name git can be represented");
        }

        foreach ((string field, int usual) in (ReadOnlySpan<(string, int)>)[(WindowSize, -1), ("global_attn_every_n", 1)])
        {
            if (config.Has(field) && config[field].Integer(-1) != usual)
            {
                config.Refuse(field, string.Create(CultureInfo.InvariantCulture, $"{usual} or no such field: all of its blocks attend to every token here"));
            }
        }

        foreach (string field in (ReadOnlySpan<string>)["embedding_multiplier_scale", "router_logit_softcapping", "scaling_factor", "extrapolation_factor", "attn_factor"])
        {
            config.Skip(field);
        }

        int count = ExpertFields.Count(config, "num_local_experts");
        int width = config.Count(config.Has(ExpertWidth) ? ExpertWidth : DenseWidth);
        int beside = config.Switch("residual_moe", missing: false) ? ExpertFields.SharedOfWidth(config, DenseWidth, width) : 0;
        config.Skip(DenseWidth);
        return new ModelDraft
        {
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = config.Count("head_dim", missing: GrokHeadSize, least: 1),
            NormsPerBlock = 4,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Experts = ModelDraft.ExpertsOf(width, count, ExpertFields.Active(config, "num_experts_per_tok", count), beside),
        };
    }

    private static AttentionReach[]? CommandReaches(PublishedConfig config, int prefix)
    {
        int ofPrefix = config.Has("prefix_dense_sliding_window_pattern") ? config.Count("prefix_dense_sliding_window_pattern") : 1;
        int every = config.Has("sliding_window_pattern") ? config.Count("sliding_window_pattern") : CommandWholeEvery;
        return LayerReaches.Read(config, block => block < prefix ? (block + 1) % ofPrefix != 0 : (block - prefix + 1) % every != 0);
    }
}
