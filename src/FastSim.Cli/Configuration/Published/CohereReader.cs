using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Command R, R+, R7B and A, Aya: attention and feed-forward stand beside each other behind one norm, the embedding table projects to the logits.
/// Source: transformers' <c>cohere</c> and <c>cohere2</c>.
/// </summary>
internal static class CohereReader
{
    private const int WholeEvery = 4;
    private const string Norms = "use_qk_norm";

    /// <summary>Every block reaches the whole context.</summary>
    public static ModelDraft Command(PublishedConfig config) => Read(
        config, LayerReaches.Read(config), config.Switch(Norms, missing: false) ? QueryKeyNorm.AllHeads : QueryKeyNorm.None);

    /// <summary>Every fourth block reaches the whole context; queries and keys are never normalised.</summary>
    public static ModelDraft Command2(PublishedConfig config)
    {
        foreach (string field in (ReadOnlySpan<string>)["order_of_interleaved_layers", "use_embedding_sharing", "use_gated_activation", "use_parallel_block"])
        {
            bool isUsual = !config.Has(field)
                || (config[field].Element.ValueKind == System.Text.Json.JsonValueKind.String
                    ? config[field].Text("local_attn_first") == "local_attn_first"
                    : config[field].Boolean());
            if (!isUsual)
            {
                config.Refuse(field, "what other models of this architecture say, local_attn_first or true");
            }
        }

        config.Skip("use_parallel_embedding");
        config.Ignore(Norms);
        if (config.Has("layer_types"))
        {
            config.Skip("sliding_window_pattern");
            return Read(config, LayerReaches.Read(config), QueryKeyNorm.None);
        }

        int every = config.Count("sliding_window_pattern", missing: WholeEvery, least: 1);
        return Read(config, LayerReaches.Read(config, block => (block + 1) % every != 0), QueryKeyNorm.None);
    }

    /// <summary>Where query and key are normalised, each element of each head has a scale of its own.</summary>
    private static ModelDraft Read(PublishedConfig config, AttentionReach[]? reaches, QueryKeyNorm norm) => new()
    {
        FeedForward = config.Count("intermediate_size"),
        KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
        HeadSize = GroupQueryFields.HeadSize(config),
        QueryKeyNorm = norm,
        NormsPerBlock = 1,
        IsParallel = true,
        Extras = GroupQueryFields.Biases(config),
        TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config, missing: true),
        Reaches = reaches,
    };
}
