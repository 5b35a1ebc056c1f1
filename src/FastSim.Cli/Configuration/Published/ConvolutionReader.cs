using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// LFM2: most blocks have a short convolution between two gates, the others group-query attention; dense or with experts. Source: transformers'
/// <c>lfm2</c> and <c>lfm2_moe</c>.
/// </summary>
internal static class ConvolutionReader
{
    private const string Taps = "conv_L_cache";
    private const string Width = "intermediate_size";
    private const string Kinds = "layer_types";
    private const string Whole = "full_attn_idxs";
    private const string Multiple = "block_multiple_of";
    private const string Multiplier = "block_ffn_dim_multiplier";

    private static readonly Dictionary<string, bool> Words = new() { ["conv"] = true, ["full_attention"] = false };

    /// <summary>Fields of convolutions that are read here.</summary>
    public static string[] Understood { get; } = [Taps];

    public static ModelDraft Dense(PublishedConfig config) => Read(config) with { FeedForward = FeedForward(config) };

    /// <summary>Experts after the first dense blocks.</summary>
    public static ModelDraft WithExperts(PublishedConfig config)
    {
        int dense = ExpertFields.FirstDense(config, "num_dense_layers");
        int count = ExpertFields.Count(config, "num_experts");
        ModelDraft draft = Read(config);
        return draft with
        {
            FeedForward = config.Count(Width),
            Extras = draft.Extras | (config.Switch("use_expert_bias", missing: true) ? BlockExtras.RouterBias : BlockExtras.None),
            Experts = ModelDraft.ExpertsOf(
                config.Count("moe_intermediate_size"), count, ExpertFields.Active(config, "num_experts_per_tok", count), sharedPerToken: 0),
            HasExperts = block => block >= dense,
        };
    }

    private static ModelDraft Read(PublishedConfig config)
    {
        DenseReader.RefuseTrue(config, "conv_bias");
        AttentionForm whole = GroupQueryFields.Form(config) with
        {
            QueryKeyNorm = QueryKeyNorm.PerHead,
        };
        AttentionForm convolution = AttentionForm.OfConvolution(config.Count("hidden_size"), config.Count(Taps));

        // What other names of the same widths, and of the embedding's, say.
        foreach (string field in (ReadOnlySpan<string>)["block_dim", "conv_dim", "conv_dim_out", "num_heads", "block_mlp_init_scale", "block_norm_eps", "block_out_init_scale", "block_use_swiglu", "block_use_xavier_init", "conv_use_xavier_init", "use_pos_enc"])
        {
            config.Skip(field);
        }

        const string Tied = "tie_embedding";
        return new ModelDraft
        {
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            QueryKeyNorm = QueryKeyNorm.PerHead,
            TiedEmbeddings = config.Has(Tied) ? config.Switch(Tied, missing: true) : GroupQueryFields.TiedEmbeddings(config, missing: true),
            Forms = Array.ConvertAll(IsConvolution(config), convolves => convolves ? convolution : whole),
        };
    }

    private static bool[] IsConvolution(PublishedConfig config)
    {
        int blocks = config.Blocks;
        if (config.Has(Kinds))
        {
            config.Skip(Whole);
            return Array.ConvertAll(LayerList.Of(config[Kinds], blocks, "a list of block kinds, one a layer"), word => word.Word("a block kind", Words));
        }

        HashSet<int> whole = [.. config[Whole].List("a list of layers with attention").Select(layer => layer.Integer(0, blocks - 1))];
        return [.. Enumerable.Range(0, blocks).Select(block => !whole.Contains(block))];
    }

    /// <summary>Two thirds of what the file says, times a factor, up to a multiple, unless it switches that off.</summary>
    private static int FeedForward(PublishedConfig config)
    {
        const string Stated = "block_ff_dim";
        config.Skip(Width);
        int width = config.Count(config.Has(Stated) ? Stated : Width);
        config.Skip(Multiple);
        config.Skip(Multiplier);
        if (!config.Switch("block_auto_adjust_ff_dim", missing: true))
        {
            return width;
        }

        int multiple = config.Count(Multiple, missing: 256, least: 1);
        width = 2 * width / 3;
        if (config.Has(Multiplier))
        {
            width = (int)Math.Min(PublishedConfig.MostOfAnything, config[Multiplier].Number(NumberRule.Positive) * width);
        }

        return Math.Max(1, (width + multiple - 1) / multiple) * multiple;
    }
}
