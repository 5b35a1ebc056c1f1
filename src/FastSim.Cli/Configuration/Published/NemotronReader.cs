using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Nemotron-H and Nemotron-3: a block is one thing alone, a state space, attention, a feed-forward without a gate, or experts, which may work in a width
/// of their own. Source: transformers' and vLLM's <c>nemotron_h</c>.
/// </summary>
internal static class NemotronReader
{
    private const string Pattern = "hybrid_override_pattern";
    private const string Kinds = "layers_block_type";
    private const char Mamba = 'M';
    private const char Attention = '*';
    private const char Dense = '-';
    private const char Sparse = 'E';

    private static readonly Dictionary<string, char> Words = new()
    {
        ["mamba"] = Mamba,
        ["linear_attention"] = Mamba,
        ["attention"] = Attention,
        ["full_attention"] = Attention,
        ["mlp"] = Dense,
        ["moe"] = Sparse,
    };

    /// <summary>Fields of state spaces that are read here.</summary>
    public static string[] Understood { get; } = ["mamba_num_heads", "ssm_state_size", Pattern, Kinds];

    public static ModelDraft Read(PublishedConfig config)
    {
        RefuseBiases(config);
        char[] blocks = Blocks(config);
        AttentionForm whole = new(AttentionKind.GroupQuery)
        {
            Heads = config.Count("num_attention_heads"),
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = config.Has("attention_head_dim") ? config.Count("attention_head_dim") : GroupQueryFields.HeadSize(config),
        };
        AttentionForm mamba = AttentionForm.OfState(AttentionKind.StateSpace, State(config));
        bool hasExperts = blocks.Contains(Sparse);

        if (config.Has("head_dim") && config.Count("head_dim") != whole.HeadSize)
        {
            config.Refuse("head_dim", System.FormattableString.Invariant($"{whole.HeadSize}, or no such field: attention_head_dim says how wide heads are"));
        }

        // Models of experts state a width that none of their blocks has.
        config.Skip("intermediate_size");
        return new ModelDraft
        {
            FeedForward = blocks.Contains(Dense) ? config.Count("intermediate_size") : 0,
            HasPlainFeedForward = true,
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            Extras = hasExperts ? BlockExtras.RouterBias : BlockExtras.None,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = Array.ConvertAll(blocks, kind => kind switch { Mamba => mamba, Attention => whole, _ => AttentionForm.None }),
            HasFeedForward = block => blocks[block] is Dense or Sparse,
            DraftBlock = new BlockKind(AttentionReach.Whole, hasExperts) { Form = whole },
            Experts = hasExperts ? Experts(config) : null,
            HasExperts = block => blocks[block] == Sparse,
        };
    }

    private static void RefuseBiases(PublishedConfig config)
    {
        foreach (string field in (ReadOnlySpan<string>)["use_bias", "mlp_bias", "mamba_proj_bias", "attention_bias"])
        {
            if (config.Switch(field, missing: false))
            {
                config.Refuse(field, "false or no such field: biases of these blocks cannot be represented");
            }
        }
    }

    private static StateDimensions State(PublishedConfig config)
    {
        int heads = config.Count("mamba_num_heads");
        int groups = config.Count("n_groups");
        if (heads % groups != 0)
        {
            config.Refuse("n_groups", $"a divisor of mamba_num_heads, {heads}");
        }

        // The inner width is that of the heads; what "expand" says is not used.
        config.Skip("expand");
        return new StateDimensions(
            groups,
            heads,
            config.Count("ssm_state_size"),
            config.Count("mamba_head_dim"),
            config.Count("conv_kernel"),
            config.Count("chunk_size", missing: 128, least: 1),
            StateFields.Bytes(config, "mamba_ssm_cache_dtype"))
        {
            HasConvolutionBias = config.Switch("use_conv_bias", missing: true),
        };
    }

    private static char[] Blocks(PublishedConfig config)
    {
        int blocks = config.Blocks;
        JsonValue value = config.Has(Pattern) ? config[Pattern] : config[config.Has(Kinds) || !config.Has("layer_types") ? Kinds : "layer_types"];
        char[] kinds = config.Has(Pattern)
            ? [.. value.Text("a kind a layer").Select(kind => Words.ContainsValue(kind) ? kind : throw value.Complaint($"{Mamba}, {Attention}, {Dense} or {Sparse} for each layer, not {kind}"))]
            : [.. value.List("a list of block kinds, one a layer").Select(word => word.Word("a block kind", Words))];
        return kinds.Length == blocks ? kinds : throw value.Complaint($"as many entries as num_hidden_layers, {blocks}, not {kinds.Length}");
    }

    private static MixtureOfExperts Experts(PublishedConfig config)
    {
        const string SharedWidth = "moe_shared_expert_intermediate_size";
        int count = ExpertFields.Count(config, "n_routed_experts");
        int width = config.Count("moe_intermediate_size");
        int shared = config.Has("n_shared_experts") && config.Count("n_shared_experts", least: 0) == 0 ? 0 : ExpertFields.SharedOfWidth(config, SharedWidth, width);
        return ModelDraft.ExpertsOf(
            width,
            count,
            ExpertFields.Active(config, "num_experts_per_tok", count),
            shared * Math.Max(1, config.Has("n_shared_experts") ? config.Count("n_shared_experts", least: 0) : 1),
            ExpertFields.Routing(config, count)) with
        {
            IsPlain = true,
            LatentWidth = config.Has("moe_latent_size") ? config.Count("moe_latent_size", least: 0) : 0,
        };
    }
}
