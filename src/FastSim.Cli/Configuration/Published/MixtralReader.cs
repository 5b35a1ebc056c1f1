namespace FastSim.Cli.Configuration.Published;

/// <summary>Mixtral: every block has experts, as wide as <c>intermediate_size</c> says.</summary>
internal static class MixtralReader
{
    public static ModelDraft Read(PublishedConfig config)
    {
        int count = ExpertFields.Count(config, "num_local_experts");
        return new ModelDraft
        {
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            TiedEmbeddings = config.Switch("tie_word_embeddings", missing: false),
            Reaches = LayerReaches.Read(config, config.Has("sliding_window") ? _ => true : null),
            Experts = ModelDraft.ExpertsOf(
                config.Count("intermediate_size"), count, ExpertFields.Active(config, "num_experts_per_tok", count), sharedPerToken: 0),
        };
    }
}
