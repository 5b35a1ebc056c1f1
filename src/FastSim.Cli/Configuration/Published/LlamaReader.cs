using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Dense decoders with group-query attention: Llama 2 and 3, Mistral, Qwen 2 and 3.</summary>
internal static class LlamaReader
{
    private const int Qwen3HeadSize = 128;

    public static ModelDraft Llama(PublishedConfig config) => new()
    {
        FeedForward = config.Count("intermediate_size"),
        KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
        HeadSize = GroupQueryFields.HeadSize(config),
        Extras = GroupQueryFields.Biases(config) | GroupQueryFields.FeedForwardBias(config),
        AttentionGate = GroupQueryFields.Gate(config),
        TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
        Reaches = LayerReaches.Read(config),
    };

    /// <summary>Every block has the sliding window, where one is stated.</summary>
    public static ModelDraft Mistral(PublishedConfig config) => new()
    {
        FeedForward = config.Count("intermediate_size"),
        KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
        HeadSize = GroupQueryFields.HeadSize(config),
        TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
        Reaches = LayerReaches.Everywhere(config),
    };

    /// <summary>Query, key and value always have biases.</summary>
    public static ModelDraft Qwen2(PublishedConfig config) => new()
    {
        FeedForward = config.Count("intermediate_size"),
        KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
        HeadSize = GroupQueryFields.HeadSize(config),
        Extras = BlockExtras.QueryKeyValueBias,
        TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
        Reaches = QwenReaches(config),
    };

    /// <summary>Query and key are normalised head by head; the head size has a default of its own.</summary>
    public static ModelDraft Qwen3(PublishedConfig config) => new()
    {
        FeedForward = config.Count("intermediate_size"),
        KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
        HeadSize = config.Count("head_dim", missing: Qwen3HeadSize, least: 1),
        QueryKeyNorm = QueryKeyNorm.PerHead,
        Extras = GroupQueryFields.Biases(config),
        AttentionGate = GroupQueryFields.Gate(config),
        TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
        Reaches = QwenReaches(config),
    };

    /// <summary>With <c>use_sliding_window</c> the blocks from <c>max_window_layers</c> on have a window.</summary>
    public static AttentionReach[]? QwenReaches(PublishedConfig config)
    {
        // A window that is stated but not switched on is none.
        config.Skip("sliding_window");
        if (!config.Switch("use_sliding_window", missing: false))
        {
            return LayerReaches.Read(config);
        }

        int wholeBlocks = config.Count("max_window_layers", least: 0);
        return LayerReaches.Read(config, block => block >= wholeBlocks);
    }
}
