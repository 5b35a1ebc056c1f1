using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>MiniMax-M2: experts in every block, softmax attention. Its forerunners' lightning attention is refused where it is listed.</summary>
internal static class MiniMaxReader
{
    private const string SoftmaxOnly = "1, softmax attention: lightning attention has no operators here";

    /// <summary>Query and key are normalised unless the configuration says otherwise.</summary>
    public static ModelDraft Version2(PublishedConfig config) => Read(config, normalised: true);

    /// <summary>An older model without a list of its layers has lightning attention in seven of eight.</summary>
    public static ModelDraft Older(PublishedConfig config)
    {
        if (!config.Has("attn_type_list") && !config.Has("layer_types"))
        {
            config.Refuse("attn_type_list", "a list of 1, softmax attention, one a layer: without it most layers have lightning attention, which has no operators here");
        }

        return Read(config, normalised: false);
    }

    private static ModelDraft Read(PublishedConfig config, bool normalised)
    {
        int blocks = config.Blocks;
        if (config.Has("attn_type_list"))
        {
            foreach (JsonValue kind in LayerList.Of(config["attn_type_list"], blocks, "a list of attention kinds, one a layer"))
            {
                if (kind.Integer(0) != 1)
                {
                    throw kind.Complaint(SoftmaxOnly);
                }
            }
        }

        int width = config.Count("intermediate_size");
        int count = ExpertFields.Count(config, "num_local_experts");
        return new ModelDraft
        {
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            QueryKeyNorm = Norm(config, normalised),
            Extras = config.Switch("use_routing_bias", missing: true) ? BlockExtras.RouterBias : BlockExtras.None,
            TiedEmbeddings = config.Switch("tie_word_embeddings", missing: false),
            Reaches = LayerReaches.Read(config),
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
