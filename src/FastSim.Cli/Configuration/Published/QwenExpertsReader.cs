using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Mixtures of experts of Qwen 2 and 3.</summary>
internal static class QwenExpertsReader
{
    /// <summary>Biases of query, key and value; a gated shared expert.</summary>
    public static ModelDraft Qwen2(PublishedConfig config)
    {
        int width = config.Count("moe_intermediate_size");
        _ = config.Count("shared_expert_intermediate_size", least: 0);
        int shared = ExpertFields.SharedOfWidth(config, "shared_expert_intermediate_size", width);
        return Read(
            config,
            width,
            shared,
            QueryKeyNorm.None,
            (config.Switch("qkv_bias", missing: true) ? BlockExtras.QueryKeyValueBias : BlockExtras.None)
                | (shared > 0 ? BlockExtras.SharedExpertGate : BlockExtras.None));
    }

    /// <summary>Query and key normalised head by head; no shared expert.</summary>
    public static ModelDraft Qwen3(PublishedConfig config) =>
        Read(config, config.Count("moe_intermediate_size"), 0, QueryKeyNorm.PerHead, GroupQueryFields.Biases(config));

    private static ModelDraft Read(PublishedConfig config, int width, int shared, QueryKeyNorm norm, BlockExtras extras)
    {
        int count = ExpertFields.Count(config, "num_experts");
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            QueryKeyNorm = norm,
            Extras = extras,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Reaches = LlamaReader.QwenReaches(config),
            Experts = ModelDraft.ExpertsOf(width, count, ExpertFields.Active(config, "num_experts_per_tok", count), shared),
            HasExperts = ExpertFields.EverySparseStep(config),
        };
    }
}
