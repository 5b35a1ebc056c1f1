using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// MiniMax-M3: attention to whole blocks of tokens that an indexer selects, in the blocks that a list says, experts in those that another says. Source:
/// transformers' <c>minimax_m3_vl</c>.
/// </summary>
internal static class MiniMaxSparseReader
{
    private const string Section = "sparse_attention_config";
    private const string Kinds = "layer_types";
    private const string ExpertList = "moe_layer_freq";
    private const int BlockTokens = 128;
    private const int SelectedBlocks = 16;
    private const int IndexHeads = 4;
    private const int IndexHeadSize = 128;

    private static readonly Dictionary<string, bool> Words = new() { ["minimax_m3_sparse"] = true, ["sparse_attention"] = true, ["full_attention"] = false };

    public static ModelDraft Read(PublishedConfig config)
    {
        JsonObject? section = config.Has(Section) ? JsonObject.Of(config[Section], "sparse attention: an object") : null;
        AttentionForm whole = GroupQueryFields.Form(config) with
        {
            QueryKeyNorm = config.Switch("use_qk_norm", missing: true) ? QueryKeyNorm.PerHead : QueryKeyNorm.None,
        };
        config.Skip("qk_norm_type");
        int blockTokens = Field(config, section, "index_block_size", "sparse_block_size", BlockTokens);
        AttentionForm sparse = whole with
        {
            Indexer = new SparseIndexer(
                Field(config, section, "index_n_heads", "sparse_num_index_heads", IndexHeads),
                Field(config, section, "index_head_dim", "sparse_index_dim", IndexHeadSize),
                blockTokens * Field(config, section, "index_topk_blocks", "sparse_topk_blocks", SelectedBlocks))
            {
                BlockTokens = blockTokens,
            },
        };
        config.Skip("index_local_blocks");
        Func<int, bool> hasExperts = HasExperts(config);
        bool[] isSparse = IsSparse(config, section);
        return new ModelDraft
        {
            FeedForward = Enumerable.Range(0, config.Blocks).All(hasExperts) ? 0 : config.Count("dense_intermediate_size"),
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            QueryKeyNorm = whole.QueryKeyNorm,
            Extras = config.Switch("use_routing_bias", missing: true) ? BlockExtras.RouterBias : BlockExtras.None,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = Array.ConvertAll(isSparse, selects => selects ? sparse : whole),
            Experts = Experts(config),
            HasExperts = hasExperts,
        };
    }

    private static MixtureOfExperts Experts(PublishedConfig config)
    {
        int width = config.Count("intermediate_size");
        int count = ExpertFields.Count(config, "num_local_experts");
        config.Skip("dense_intermediate_size");
        config.Skip("n_shared_experts");
        return ModelDraft.ExpertsOf(
            width, count, ExpertFields.Active(config, "num_experts_per_tok", count), ExpertFields.SharedOfWidth(config, "shared_intermediate_size", width));
    }

    private static Func<int, bool> HasExperts(PublishedConfig config)
    {
        if (!config.Has(ExpertList) || config.Has("mlp_layer_types"))
        {
            return config.Has("mlp_layer_types")
                ? ExpertFields.AfterFirstDense(config)
                : throw config[ExpertList].Complaint("a list of 0 and 1, one a layer, or mlp_layer_types: which blocks have experts is not known without");
        }

        bool[] listed = Flags(config[ExpertList], config.Blocks);
        return block => listed[block];
    }

    private static bool[] IsSparse(PublishedConfig config, JsonObject? section)
    {
        const string List = "sparse_attention_freq";
        if (config.Has(Kinds))
        {
            return Array.ConvertAll(LayerList.Of(config[Kinds], config.Blocks, "a list of attention kinds, one a layer"), kind => kind.Word("an attention kind of this architecture", Words));
        }

        return section is not null && section.Has(List)
            ? Flags(section[List], config.Blocks)
            : throw config[Kinds].Complaint($"a list of attention kinds, one a layer, or {Section}.{List}: which blocks select is not known without");
    }

    private static bool[] Flags(JsonValue list, int blocks) => Array.ConvertAll(LayerList.Of(list, blocks, "a list of 0 and 1, one a layer"), flag => flag.Integer(0, 1) == 1);

    /// <summary>A number that newer files have beside the others and older ones in a section, under another name.</summary>
    private static int Field(PublishedConfig config, JsonObject? section, string name, string older, int missing) => section is not null && section.Has(older)
        ? section.Integer(older, 1, PublishedConfig.MostOfAnything)
        : config.Count(name, missing, least: 1);
}
