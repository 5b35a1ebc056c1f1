using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Step-3.5 and 3.7 Flash: a gate a head, windows in most blocks, which may have heads of their own. Source: transformers' <c>step3p7</c> and vLLM's
/// <c>step3p5</c>, and the names that either accepts.
/// </summary>
internal static class StepReader
{
    private const string OtherSetting = "attention_other_setting";
    private const string Listed = "moe_layers_enum";
    private const int FirstDense = 3;

    private static readonly string[] Beside =
    [
        "moe_every_n_layer", "moe_layer_offset", "moe_router_activation", "need_fp32_gate", "norm_expert_weight", "share_expert_dim", "swiglu_limits",
        "swiglu_limits_shared", "yarn_only_types", "zero_centered", "max_seq_len",
    ];

    public static ModelDraft Read(PublishedConfig config)
    {
        Variant(config);
        int heads = config.Count("num_attention_heads");
        int keyValueHeads = config.Count(config.Has("num_attention_groups") ? "num_attention_groups" : "num_key_value_heads");
        int headSize = GroupQueryFields.HeadSize(config);
        AttentionForm whole = Form(heads, keyValueHeads, headSize);
        AttentionForm windowed = Windowed(config, whole);
        AttentionReach[] reaches = Reaches(config);
        MixtureOfExperts experts = Experts(config);
        Func<int, bool> hasExperts = Sparse(config);
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            QueryKeyNorm = QueryKeyNorm.PerHead,
            AttentionGate = true,
            Extras = config.Switch("use_moe_router_bias", missing: true) ? BlockExtras.RouterBias : BlockExtras.None,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Reaches = reaches,
            Forms = Array.ConvertAll(reaches, reach => reach.Kind == ReachKind.Window ? windowed : whole),
            DraftBlock = new BlockKind(LayerReaches.Window(config), HasExperts: false) { Form = windowed },
            Experts = experts,
            HasExperts = hasExperts,
        };
    }

    /// <summary>Passes over what says that a model is as all that are published, and refuses one that says it is not.</summary>
    private static void Variant(PublishedConfig config)
    {
        foreach ((string field, bool usual) in ((string, bool)[])[("use_head_wise_attn_gate", true), ("use_qk_norm", true), ("use_moe", true), ("sink", false)])
        {
            if (config.Switch(field, usual) != usual)
            {
                config.Refuse(field, $"{(usual ? "true" : "false")}, as published models of this architecture have it");
            }
        }

        if (config.Has("att_impl_type") && config["att_impl_type"].Text("a kind of attention") != "GQA")
        {
            config.Refuse("att_impl_type", "GQA, as published models of this architecture have it");
        }

        if (!config.Has(Listed) && config.Has("moe_every_n_layer") && config.Count("moe_every_n_layer") != 1)
        {
            config.Refuse("moe_every_n_layer", $"1, or {Listed} beside it");
        }

        // Of the same experts, by other names; numerics; and what the engine of their publisher chooses by.
        foreach (string field in Beside)
        {
            config.Skip(field);
        }
    }

    /// <summary>Step-3: queries by way of a width that all heads share, one head of keys and values, experts where a list says. Source: vLLM's <c>step3_text</c>.</summary>
    public static ModelDraft Version3(PublishedConfig config)
    {
        const string Groups = "num_attention_groups";
        if (config.Has(Groups) && config.Count(Groups) != 1)
        {
            config.Refuse(Groups, "1: models of this architecture have one head of keys and values");
        }

        if (!config.Has(Listed))
        {
            config.Refuse(Listed, "a list of the layers with experts: which they are without differs from one implementation to another");
        }

        config.Ignore("num_key_value_heads", usual: 1);
        config.Skip("norm_expert_weight");
        config.Skip("max_position_embedding");
        int width = config.Count("moe_intermediate_size");
        int count = ExpertFields.Count(config, "moe_num_experts");
        AttentionForm form = new(AttentionKind.GroupQuery)
        {
            Heads = config.Count("num_attention_heads"),
            HeadSize = config.Count("head_dim"),
            QueryRank = config.Count("share_q_dim"),
        };
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = 1,
            HeadSize = form.HeadSize,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = [.. Enumerable.Repeat(form, config.Blocks)],
            Experts = ModelDraft.ExpertsOf(
                width, count, ExpertFields.Active(config, "moe_top_k", count), ExpertFields.SharedOfWidth(config, "share_expert_dim", width)),
            HasExperts = Sparse(config),
        };
    }

    private static AttentionForm Form(int heads, int keyValueHeads, int headSize) => new(AttentionKind.GroupQuery)
    {
        Heads = heads,
        KeyValueHeads = keyValueHeads,
        HeadSize = headSize,
        QueryKeyNorm = QueryKeyNorm.PerHead,
        Gate = OutputGate.PerHead,
    };

    /// <summary>Blocks with a window, where the file gives them heads of their own; a file that leaves them out may be of a model that has 96.</summary>
    private static AttentionForm Windowed(PublishedConfig config, AttentionForm whole)
    {
        const string Heads = "num_sliding_attention_heads";
        if (config.Has(OtherSetting))
        {
            JsonObject other = JsonObject.Of(config[OtherSetting], "the attention of blocks with a window: an object");
            int Of(string field, int missing) => other.Has(field) ? other.Integer(field, 1) : missing;
            return Form(Of("num_attention_heads", whole.Heads), Of("num_attention_groups", whole.KeyValueHeads), Of("head_dim", whole.HeadSize));
        }

        if (config.Has(Heads))
        {
            return whole with { Heads = config.Count(Heads) };
        }

        config.Warn(
            $"{config[Heads].File}: no {OtherSetting} and no {Heads}: blocks with a window are read with the {whole.Heads} heads of the others; published Step models say 96");
        return whole;
    }

    /// <summary>Lists may go on for the draft blocks.</summary>
    private static AttentionReach[] Reaches(PublishedConfig config)
    {
        JsonValue list = config["layer_types"];
        JsonValue[] types = list.List("a list of attention kinds, one a layer");
        int blocks = config.Blocks;
        if (types.Length < blocks)
        {
            throw list.Complaint($"at least as many entries as num_hidden_layers, {blocks}, not {types.Length}");
        }

        return Array.ConvertAll(types[..blocks], type => type.Word("an attention kind of this architecture", new Dictionary<string, bool>
        {
            ["sliding_attention"] = true,
            ["full_attention"] = false,
        })
            ? LayerReaches.Window(config)
            : AttentionReach.Whole);
    }

    private static MixtureOfExperts Experts(PublishedConfig config)
    {
        int width = config.Count("moe_intermediate_size");
        int count = ExpertFields.Count(config, "num_experts");
        config.Skip("n_shared_experts");
        return ModelDraft.ExpertsOf(
            width,
            count,
            ExpertFields.Active(config, config.Has("moe_top_k") ? "moe_top_k" : "num_experts_per_tok", count),
            ExpertFields.SharedOfWidth(config, config.Has("share_expert_dims") ? "share_expert_dims" : "share_expert_dim", width));
    }

    private static Func<int, bool> Sparse(PublishedConfig config)
    {
        if (!config.Has(Listed))
        {
            config.Count("first_k_dense_replace", missing: FirstDense, least: 0);
            return ExpertFields.AfterFirstDense(config);
        }

        int blocks = config.Blocks;
        JsonValue value = config[Listed];
        HashSet<int> sparse = value.Element.ValueKind == System.Text.Json.JsonValueKind.String
            ? [.. value.Text("layers with experts, between commas").Split(',', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries).Select(
                layer => int.TryParse(layer, out int number) && number >= 0 && number < blocks
                    ? number
                    : throw value.Complaint($"layers with experts between commas, each below num_hidden_layers, {blocks}"))]
            : [.. value.List("a list of layers with experts").Select(layer => layer.Integer(0, blocks - 1))];
        return sparse.Contains;
    }
}
