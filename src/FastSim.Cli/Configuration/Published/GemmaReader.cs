using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Gemma 1 to 3; from 2 on norms before and after, windows in most blocks, the embedding table projects to the logits.</summary>
internal static class GemmaReader
{
    private const int HeadSize = 256;
    private const int Gemma3Heads = 8;
    private const int Gemma3KeyValueHeads = 4;
    private const int Gemma3Vocabulary = 262_208;
    private const int Gemma3WholeEvery = 6;

    /// <summary>No windows, and norms before attention and feed-forward alone.</summary>
    public static ModelDraft Gemma1(PublishedConfig config) =>
        Read(config, GroupQueryFields.KeyValueHeads(config), QueryKeyNorm.None, LayerReaches.Read(config), norms: 2);

    /// <summary>Every other block has a window, the first one too.</summary>
    public static ModelDraft Gemma2(PublishedConfig config) => Read(
        config,
        GroupQueryFields.KeyValueHeads(config),
        QueryKeyNorm.None,
        LayerReaches.Read(config, block => block % 2 == 0));

    /// <summary>As Gemma 2, without norms after attention and feed-forward.</summary>
    public static ModelDraft Vault(PublishedConfig config) => Gemma2(config) with { NormsPerBlock = 2 };

    /// <summary>Every sixth block reaches the whole context. Small configurations leave out what their class says.</summary>
    public static ModelDraft Gemma3(PublishedConfig config)
    {
        config.Count("vocab_size", missing: Gemma3Vocabulary, least: 1);
        config.Count("num_attention_heads", missing: Gemma3Heads, least: 1);
        AttentionReach[]? reaches;
        if (config.Has("layer_types"))
        {
            reaches = LayerReaches.Read(config);
        }
        else
        {
            int every = config.Count("sliding_window_pattern", missing: Gemma3WholeEvery, least: 1);
            reaches = LayerReaches.Read(config, block => (block + 1) % every != 0);
        }

        return Read(config, config.Count("num_key_value_heads", missing: Gemma3KeyValueHeads, least: 1), QueryKeyNorm.PerHead, reaches);
    }

    private static ModelDraft Read(PublishedConfig config, int keyValueHeads, QueryKeyNorm norm, AttentionReach[]? reaches, int norms = 4) => new()
    {
        FeedForward = config.Count("intermediate_size"),
        KeyValueHeads = keyValueHeads,
        HeadSize = config.Count("head_dim", missing: HeadSize, least: 1),
        QueryKeyNorm = norm,
        NormsPerBlock = norms,
        Extras = GroupQueryFields.Biases(config),
        TiedEmbeddings = config.Switch("tie_word_embeddings", missing: true),
        Reaches = reaches,
    };
}
