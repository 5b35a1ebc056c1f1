using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Trinity: norms before and after, a gate an element, windows in most blocks, experts after the first dense blocks. Source: transformers' <c>afmoe</c>.</summary>
internal static class TrinityReader
{
    private const int WholeEvery = 4;

    public static ModelDraft Read(PublishedConfig config)
    {
        int blocks = config.Blocks;
        int dense = ExpertFields.FirstDense(config, "num_dense_layers");

        // Two more names of what n_group and topk_group say.
        foreach (string field in (ReadOnlySpan<string>)["num_expert_groups", "num_limited_groups"])
        {
            if (config.Has(field) && config.Count(field) != 1)
            {
                config.Refuse(field, "1 or no such field: groups of experts under this name are not known here");
            }
        }

        int count = ExpertFields.Count(config, "num_experts");
        int every = config.Count("global_attn_every_n_layers", missing: WholeEvery, least: 1);
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            QueryKeyNorm = QueryKeyNorm.PerHead,
            NormsPerBlock = 4,
            AttentionGate = true,
            Extras = BlockExtras.RouterBias,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Reaches = LayerReaches.Read(config, block => (block + 1) % every != 0),
            Experts = ExpertFields.Usual(config, count),
            HasExperts = block => block >= dense,
        };
    }
}
