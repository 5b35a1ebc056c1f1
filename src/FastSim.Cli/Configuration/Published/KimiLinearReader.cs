using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Kimi-Linear and Kimi-K3: most blocks have delta attention with a decay a channel, every fourth one latent attention; experts may work in a width of
/// their own. Source: transformers' and vLLM's <c>kimi_linear</c> and <c>kimi_k3</c>.
/// </summary>
internal static class KimiLinearReader
{
    private const int Chunk = 64;
    private const double StateBytes = 4;
    private const string Linear = "linear_attn_config";

    /// <summary>Fields of linear attention that are read here.</summary>
    public static string[] Understood { get; } = [Linear];

    public static ModelDraft Read(PublishedConfig config)
    {
        if (config.Has("num_nextn_predict_layers") && config.Count("num_nextn_predict_layers", least: 0) > 0)
        {
            config.Refuse("num_nextn_predict_layers", "0 or no such field: what drafts of this architecture are is not known");
        }

        // Whether latent attention turns queries and keys costs nothing; heads and widths of other attention mean nothing here.
        foreach (string field in (ReadOnlySpan<string>)["mla_use_nope", "head_dim", "num_key_value_heads", "num_expert_group", "topk_group", "use_grouped_topk"])
        {
            config.Skip(field);
        }

        int heads = config.Count("num_attention_heads");
        LatentDimensions latent = new(
            config.Has("q_lora_rank") ? config.Count("q_lora_rank") : 0,
            config.Count("kv_lora_rank"),
            config.Count("qk_rope_head_dim"),
            config.Count("qk_nope_head_dim"),
            config.Count("v_head_dim"));
        bool isGated = config.Switch("mla_use_output_gate", missing: false);
        AttentionForm whole = AttentionForm.OfLatent(heads, latent) with { Gate = isGated ? OutputGate.PerElement : OutputGate.None };
        JsonObject linear = JsonObject.Of(config[Linear], "linear attention: an object");
        AttentionForm delta = AttentionForm.OfState(AttentionKind.KimiDelta, State(linear));
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = heads,
            Latent = latent,
            AttentionGate = isGated,
            Extras = BlockExtras.RouterBias,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = Forms(config, linear, delta, whole),
            ResidualEvery = config.Has("attn_res_block_size") ? config.Count("attn_res_block_size") : 0,
            Experts = Experts(config),
            HasExperts = ExpertFields.AfterFirstDense(config),
        };
    }

    private static StateDimensions State(JsonObject linear)
    {
        int heads = linear.Integer("num_heads", 1);
        int size = linear.Integer("head_dim", 1);
        return new StateDimensions(heads, heads, size, size, linear.Integer("short_conv_kernel_size", 1), Chunk, StateBytes)
        {
            HasNarrowGate = !linear.Boolean("use_full_rank_gate", false),
        };
    }

    /// <summary>Two lists, counted from 1, that say together of every block which attention it has.</summary>
    private static AttentionForm?[] Forms(PublishedConfig config, JsonObject linear, AttentionForm delta, AttentionForm whole)
    {
        int blocks = config.Blocks;
        AttentionForm?[] forms = new AttentionForm?[blocks];
        foreach ((string field, AttentionForm form) in (ReadOnlySpan<(string, AttentionForm)>)[("kda_layers", delta), ("full_attn_layers", whole)])
        {
            foreach (JsonValue layer in linear[field].List("a list of layers, counted from 1"))
            {
                int block = layer.Integer(1, blocks) - 1;
                forms[block] = forms[block] is null ? form : throw layer.Complaint("a layer that no list names yet");
            }
        }

        int open = Array.IndexOf(forms, null);
        return open < 0 ? forms : throw linear["full_attn_layers"].Complaint($"layer {open + 1} here or in kda_layers: every layer has either attention");
    }

    private static MixtureOfExperts? Experts(PublishedConfig config)
    {
        if (!ExpertFields.AreCounted(config))
        {
            return null;
        }

        int count = ExpertFields.Count(config, "num_experts");
        return ModelDraft.ExpertsOf(
            config.Count("moe_intermediate_size"),
            count,
            ExpertFields.Active(config, config.Has("num_experts_per_token") ? "num_experts_per_token" : "num_experts_per_tok", count),
            ExpertFields.Shared(config)) with
        {
            LatentWidth = config.Has("routed_expert_hidden_size") ? config.Count("routed_expert_hidden_size") : 0,
            NormalisesLatent = config.Switch("latent_moe_use_norm", missing: false),
        };
    }
}
