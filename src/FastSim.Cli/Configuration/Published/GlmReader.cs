using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>GLM-4.5 to 4.7: group-query attention, experts after the first dense blocks.</summary>
internal static class GlmReader
{
    public static ModelDraft Read(PublishedConfig config)
    {
        int count = ExpertFields.Count(config, "n_routed_experts");

        // The bias is one of query, key and value; the output projection has none.
        BlockExtras bias = config.Switch("attention_bias", missing: false) ? BlockExtras.QueryKeyValueBias : BlockExtras.None;
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            QueryKeyNorm = config.Switch("use_qk_norm", missing: false) ? QueryKeyNorm.PerHead : QueryKeyNorm.None,
            Extras = bias | BlockExtras.RouterBias,
            TiedEmbeddings = config.Switch("tie_word_embeddings", missing: false),
            Reaches = LayerReaches.Read(config),
            Experts = ExpertFields.Usual(config, count),
            HasExperts = ExpertFields.AfterFirstDense(config),
        };
    }
}
