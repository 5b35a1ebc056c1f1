using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// MiniMax-M2: experts in every block, softmax attention. Its forerunners, MiniMax-01 and M1, have lightning attention in most blocks. Source: transformers'
/// and vLLM's <c>minimax_m2</c> and <c>minimax</c>.
/// </summary>
internal static class MiniMaxReader
{
    private const string Marks = "attn_type_list";
    private const string Kinds = "layer_types";
    private const int Chunk = 256;

    private static readonly Dictionary<string, bool> Words = new() { ["linear_attention"] = true, ["full_attention"] = false };

    /// <summary>Query and key are normalised unless the configuration says otherwise.</summary>
    public static ModelDraft Version2(PublishedConfig config)
    {
        foreach (JsonValue kind in config.Has(Marks) ? LayerList.Of(config[Marks], config.Blocks, "a list of attention kinds, one a layer") : [])
        {
            if (kind.Integer(0) != 1)
            {
                throw kind.Complaint("1, softmax attention: this architecture has no other");
            }
        }

        return Read(config, config.Switch("use_routing_bias", missing: true) ? BlockExtras.RouterBias : BlockExtras.None) with
        {
            QueryKeyNorm = Norm(config, missing: true),
            Reaches = LayerReaches.Read(config),
        };
    }

    /// <summary>The library's class: every other block has lightning attention, beginning with the second, where no list says it.</summary>
    public static ModelDraft Library(PublishedConfig config) => Lightning(
        config, config.Has(Marks) || config.Has(Kinds) ? Listed(config) : [.. Enumerable.Range(0, config.Blocks).Select(block => block % 2 != 0)]);

    /// <summary>The publisher's: a list says which blocks have which attention.</summary>
    public static ModelDraft Older(PublishedConfig config) => Lightning(config, Listed(config));

    private static ModelDraft Lightning(PublishedConfig config, bool[] isLinear)
    {
        foreach (string field in (ReadOnlySpan<string>)["postnorm", "full_attn_alpha_factor", "full_attn_beta_factor", "linear_attn_alpha_factor", "linear_attn_beta_factor", "mlp_alpha_factor", "mlp_beta_factor"])
        {
            // Factors of what joins the residual stream.
            config.Skip(field);
        }

        AttentionForm whole = GroupQueryFields.Form(config) with { QueryKeyNorm = Norm(config, missing: false) };
        AttentionForm linear = OfHeads(config, whole.Heads, whole.HeadSize, config.Count("block_size", missing: Chunk, least: 1));
        return Read(config, config.Switch("use_routing_bias", missing: false) ? BlockExtras.RouterBias : BlockExtras.None) with
        {
            QueryKeyNorm = whole.QueryKeyNorm,
            Forms = Array.ConvertAll(isLinear, linearly => linearly ? linear : whole),
        };
    }

    /// <summary>Lightning attention of some heads, each with a state of its own.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="size">Width of a head.</param>
    /// <param name="chunk">Tokens that prefill works off at once.</param>
    public static AttentionForm OfHeads(PublishedConfig config, int heads, int size, int chunk) => AttentionForm.OfState(
        AttentionKind.Lightning, new StateDimensions(heads, heads, size, size, Convolution: 1, chunk, StateFields.Bytes(config, "mamba_ssm_cache_dtype")));

    /// <summary>Which blocks have lightning attention: 0 in the publisher's list, a word in the library's.</summary>
    private static bool[] Listed(PublishedConfig config) => config.Has(Marks) || !config.Has(Kinds)
        ? Array.ConvertAll(LayerList.Of(config[Marks], config.Blocks, "a list of 0, lightning attention, and 1, softmax attention, one a layer"), kind => kind.Integer(0, 1) == 0)
        : Array.ConvertAll(LayerList.Of(config[Kinds], config.Blocks, "a list of attention kinds, one a layer"), kind => kind.Word("an attention kind of this architecture", Words));

    private static ModelDraft Read(PublishedConfig config, BlockExtras extras)
    {
        int width = config.Count("intermediate_size");
        int count = ExpertFields.Count(config, "num_local_experts");
        return new ModelDraft
        {
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            Extras = extras,
            TiedEmbeddings = config.Switch("tie_word_embeddings", missing: false),
            Experts = ModelDraft.ExpertsOf(
                width,
                count,
                ExpertFields.Active(config, "num_experts_per_tok", count),
                ExpertFields.SharedOfWidth(config, "shared_intermediate_size", width)),
        };
    }

    private static QueryKeyNorm Norm(PublishedConfig config, bool missing)
    {
        if (!config.Switch("use_qk_norm", missing))
        {
            return QueryKeyNorm.None;
        }

        return config.Has("qk_norm_type")
            ? config["qk_norm_type"].Word(
                "a normalisation of query and key",
                new Dictionary<string, QueryKeyNorm> { ["per_layer"] = QueryKeyNorm.AllHeads, ["per_head"] = QueryKeyNorm.PerHead })
            : QueryKeyNorm.AllHeads;
    }
}
