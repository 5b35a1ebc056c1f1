using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Granite 4 and Bamba: Mamba-2 or attention, then experts beside a shared feed-forward, or that alone where no experts are counted. Source: transformers'
/// <c>granitemoehybrid</c> and <c>bamba</c>.
/// </summary>
internal static class GraniteHybridReader
{
    private const string SharedWidth = "shared_intermediate_size";

    private static readonly Dictionary<string, bool> Kinds = new() { ["mamba"] = true, ["attention"] = false, ["full_attention"] = false };

    /// <summary>Fields of state spaces that are read here.</summary>
    public static string[] Understood { get; } = ["mamba_d_state", "layers_block_type", "attn_layer_indices"];

    /// <summary>Bamba: a list says which blocks have attention, all have a dense feed-forward.</summary>
    public static ModelDraft Bamba(PublishedConfig config)
    {
        const string Attending = "attn_layer_indices";
        DenseReader.RefuseTrue(config, "mamba_proj_bias");
        config.Skip("attention_bias");
        config.Skip("mlp_bias");
        config.Skip("mamba_dt_rank");
        int blocks = config.Blocks;
        HashSet<int> attending = config.Has(Attending)
            ? [.. config[Attending].List("a list of layers with attention").Select(layer => layer.Integer(0, blocks - 1))]
            : [];
        AttentionForm whole = GroupQueryFields.Form(config);
        AttentionForm mamba = AttentionForm.OfState(AttentionKind.StateSpace, State(config));
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = [.. Enumerable.Range(0, blocks).Select(block => attending.Contains(block) ? whole : mamba)],
        };
    }

    public static ModelDraft Read(PublishedConfig config)
    {
        foreach (string field in (ReadOnlySpan<string>)["mamba_proj_bias", "attention_bias"])
        {
            DenseReader.RefuseTrue(config, field);
        }

        bool[] isMamba = Blocks(config);
        AttentionForm whole = GroupQueryFields.Form(config);
        foreach (string field in (ReadOnlySpan<string>)["mamba_n_heads", "mamba_n_groups", "mamba_d_state", "mamba_d_conv", "mamba_d_head", "mamba_expand", "mamba_chunk_size", "mamba_conv_bias"])
        {
            // Models of attention alone carry them along.
            config.Skip(field);
        }

        AttentionForm? mamba = isMamba.Contains(true) ? AttentionForm.OfState(AttentionKind.StateSpace, State(config)) : null;
        bool hasExperts = config.Has("num_local_experts") && config.Count("num_local_experts", least: 0) > 0;
        if (!hasExperts)
        {
            config.Skip("num_experts_per_tok");
            config.Skip("intermediate_size");
        }

        return new ModelDraft
        {
            FeedForward = hasExperts ? 0 : config.Count(SharedWidth),
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = mamba is null ? null : Array.ConvertAll(isMamba, isState => isState ? mamba : whole),
            Experts = hasExperts ? Experts(config) : null,
        };
    }

    private static bool[] Blocks(PublishedConfig config)
    {
        int blocks = config.Blocks;
        JsonValue value = config[config.Has("layers_block_type") ? "layers_block_type" : "layer_types"];
        return Array.ConvertAll(LayerList.Of(value, blocks, "a list of block kinds, one a layer"), word => word.Word("a block kind", Kinds));
    }

    private static StateDimensions State(PublishedConfig config) => StateOf(config, StateFields.InnerWidth(config));

    /// <summary>A state space whose heads are <paramref name="inner"/> wide together.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="inner">Width of all heads.</param>
    public static StateDimensions StateOf(PublishedConfig config, int inner)
    {
        const string Size = "mamba_d_head";
        int heads = config.Count("mamba_n_heads");
        int groups = config.Count("mamba_n_groups");
        if (heads % groups != 0)
        {
            config.Refuse("mamba_n_groups", $"a divisor of mamba_n_heads, {heads}");
        }

        bool isAutomatic = config[Size].Element.ValueKind == System.Text.Json.JsonValueKind.String && config[Size].Text("auto") == "auto";
        int size = isAutomatic ? inner / heads : config.Count(Size);
        if ((long)heads * size != inner)
        {
            config.Refuse(Size, $"what mamba_n_heads of it are {inner} wide together");
        }

        return new StateDimensions(
            groups,
            heads,
            config.Count("mamba_d_state"),
            size,
            config.Count("mamba_d_conv"),
            config.Count("mamba_chunk_size", missing: 256, least: 1),
            StateFields.Bytes(config, "mamba_ssm_cache_dtype"))
        {
            HasConvolutionBias = config.Switch("mamba_conv_bias", missing: true),
        };
    }

    private static MixtureOfExperts Experts(PublishedConfig config)
    {
        int width = config.Count("intermediate_size");
        int count = ExpertFields.Count(config, "num_local_experts");
        return ModelDraft.ExpertsOf(
            width,
            count,
            ExpertFields.Active(config, "num_experts_per_tok", count),
            ExpertFields.SharedOfWidth(config, SharedWidth, width));
    }
}
