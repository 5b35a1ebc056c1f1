using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Qwen3-Next, Qwen3.5 and 3.6: most blocks have linear attention by the gated delta rule, every fourth one group-query attention with a gate. Source:
/// transformers' <c>qwen3_next</c> and <c>qwen3_5</c>.
/// </summary>
internal static class QwenHybridReader
{
    private const int WholeEvery = 4;
    private const int Chunk = 64;
    private const int NextSharedWidth = 512;
    private const string Linear = "linear_attention";
    private const string Whole = "full_attention";

    /// <summary>Fields of linear attention that are read here.</summary>
    public static string[] Understood { get; } = ["linear_num_key_heads", "linear_num_value_heads"];

    public static ModelDraft Read(PublishedConfig config)
    {
        if (config.Has("mtp_use_dedicated_embeddings") && config["mtp_use_dedicated_embeddings"].Boolean())
        {
            config.Refuse("mtp_use_dedicated_embeddings", "false or no such field: drafts with an embedding table of their own cannot be represented");
        }

        AttentionForm whole = WholeAttention(config);
        AttentionForm linear = AttentionForm.OfState(AttentionKind.GatedDelta, State(config));
        bool[] isLinear = Kinds(config);
        bool hasExperts = ExpertFields.AreCounted(config);
        MixtureOfExperts? experts = hasExperts ? Experts(config) : null;
        return new ModelDraft
        {
            FeedForward = hasExperts && !config.Has("intermediate_size") ? 0 : config.Count("intermediate_size"),
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            QueryKeyNorm = whole.QueryKeyNorm,
            AttentionGate = true,
            Extras = GroupQueryFields.Biases(config) | (experts is { SharedExpertsPerToken: > 0 } ? BlockExtras.SharedExpertGate : BlockExtras.None),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = Array.ConvertAll(isLinear, linearly => linearly ? linear : whole),
            DraftBlock = new BlockKind(AttentionReach.Whole, hasExperts) { Form = whole },
            Experts = experts,
            HasExperts = ExpertFields.EverySparseStep(config),
        };
    }

    /// <summary>The gate comes with the queries, of one matrix; a model that says it has none is read so.</summary>
    private static AttentionForm WholeAttention(PublishedConfig config)
    {
        // A query and a key are turned in part only, which costs the same.
        return GroupQueryFields.Form(config) with
        {
            QueryKeyNorm = QueryKeyNorm.PerHead,
            Gate = config.Switch("attn_output_gate", missing: true) ? OutputGate.PerElementOfQuery : OutputGate.None,
        };
    }

    private static StateDimensions State(PublishedConfig config)
    {
        int keyHeads = config.Count("linear_num_key_heads");
        int valueHeads = config.Count("linear_num_value_heads");
        if (valueHeads % keyHeads != 0)
        {
            config.Refuse("linear_num_value_heads", $"a multiple of linear_num_key_heads, {keyHeads}");
        }

        return new StateDimensions(
            keyHeads,
            valueHeads,
            config.Count("linear_key_head_dim"),
            config.Count("linear_value_head_dim"),
            config.Count("linear_conv_kernel_dim"),
            Chunk,
            StateFields.Bytes(config, "mamba_ssm_dtype"));
    }

    private static bool[] Kinds(PublishedConfig config)
    {
        int blocks = config.Blocks;
        config.Skip("full_attention_interval");
        if (!config.Has("layer_types"))
        {
            int every = config.Count("full_attention_interval", missing: WholeEvery, least: 1);
            return [.. Enumerable.Range(0, blocks).Select(block => (block + 1) % every != 0)];
        }

        return Array.ConvertAll(
            LayerList.Of(config["layer_types"], blocks, "a list of attention kinds, one a layer"),
            type => type.Word("an attention kind of this architecture", new Dictionary<string, bool> { [Linear] = true, [Whole] = false }));
    }

    private static MixtureOfExperts Experts(PublishedConfig config)
    {
        int width = config.Count("moe_intermediate_size");
        int count = ExpertFields.Count(config, "num_experts");
        config.Count("shared_expert_intermediate_size", missing: NextSharedWidth, least: 0);
        return ModelDraft.ExpertsOf(
            width,
            count,
            ExpertFields.Active(config, "num_experts_per_tok", count),
            ExpertFields.SharedOfWidth(config, "shared_expert_intermediate_size", width));
    }
}
