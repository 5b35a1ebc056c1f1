using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Reads how far the attention of each block reaches back.</summary>
internal static class LayerReaches
{
    private const string Known =
        "full_attention, sliding_attention or chunked_attention: other kinds have no operators here";

    /// <summary>As <c>layer_types</c> lists it; otherwise block by block as <paramref name="slides"/> says, null where none does.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="slides">Whether a block has a sliding window, by index; null where the architecture has none of its own.</param>
    public static AttentionReach[]? Read(PublishedConfig config, Func<int, bool>? slides = null)
    {
        int blocks = config.Blocks;
        if (config.Has("layer_types"))
        {
            return Array.ConvertAll(LayerList.Of(config["layer_types"], blocks, "a list of attention kinds, one a layer"), type => Reach(config, type));
        }

        return slides is null
            ? null
            : [.. Enumerable.Range(0, blocks).Select(block => slides(block) ? Window(config) : AttentionReach.Whole)];
    }

    /// <summary>Refuses a window without the list of the blocks that have it: a pattern beside it is written in more ways than one.</summary>
    public static void RequireList(PublishedConfig config)
    {
        config.Skip("sliding_window_pattern");
        if (config.Has("sliding_window") && !config.Has("layer_types"))
        {
            config.Refuse("layer_types", "a list of attention kinds, one a layer, since sliding_window is given");
        }
    }

    /// <summary>The window that a file, or its architecture's class where the file leaves it out, has in every block; a list decides where there is one.</summary>
    public static AttentionReach[]? Everywhere(PublishedConfig config)
    {
        bool slides = config.Has("sliding_window") || (config.LeavesOut("sliding_window") && config.ClassDefaults.ContainsKey("sliding_window"));
        if (slides)
        {
            config.ClassCount("sliding_window", otherwise: 1);
        }

        return Read(config, slides ? _ => true : null);
    }

    /// <summary>The sliding window that a configuration states.</summary>
    public static AttentionReach Window(PublishedConfig config) => AttentionReach.Window(config.Count("sliding_window"));

    private static AttentionReach Reach(PublishedConfig config, JsonValue type) => type.Text(Known) switch
    {
        "full_attention" => AttentionReach.Whole,
        "sliding_attention" => Window(config),
        "chunked_attention" => AttentionReach.Chunk(config.Count("attention_chunk_size")),
        _ => throw type.Complaint(Known),
    };
}
