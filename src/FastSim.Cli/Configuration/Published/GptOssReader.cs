using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>gpt-oss: attention sinks, alternating windows, biases of attention, router and experts.</summary>
internal static class GptOssReader
{
    public static ModelDraft Read(PublishedConfig config)
    {
        int count = ExpertFields.Count(config, "num_local_experts");
        string active = config.Has("num_experts_per_tok") ? "num_experts_per_tok" : "experts_per_token";
        if (config.Has("experts_per_token") && config.Count("experts_per_token") != config.Count(active))
        {
            config.Refuse("experts_per_token", $"the same as num_experts_per_tok, {config.Count(active)}");
        }

        return new ModelDraft
        {
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            Extras = GroupQueryFields.Biases(config, missing: true) | BlockExtras.RouterBias | BlockExtras.ExpertBias | BlockExtras.AttentionSinks,
            TiedEmbeddings = config.Switch("tie_word_embeddings", missing: false),
            Reaches = LayerReaches.Read(config, block => block % 2 == 0),
            Experts = ModelDraft.ExpertsOf(
                config.Count("intermediate_size"), count, ExpertFields.Active(config, active, count), sharedPerToken: 0),
        };
    }
}
