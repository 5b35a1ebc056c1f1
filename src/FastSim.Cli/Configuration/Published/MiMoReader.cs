using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// MiMo-V2-Flash, V2.5 and V2.5-Pro: blocks with a window have heads, widths and sinks of their own, values are narrower than keys. Source: transformers' and vLLM's
/// <c>mimo_v2_flash</c>.
/// </summary>
internal static class MiMoReader
{
    private static readonly Dictionary<int, bool> Marks = new() { [0] = false, [1] = true };

    /// <summary>Fields of blocks whose widths differ that are read here.</summary>
    public static string[] Understood { get; } = ["swa_head_dim", "swa_num_attention_heads"];

    public static ModelDraft Read(PublishedConfig config)
    {
        // The window stands twice; chunks are not what its name says, and no block has them.
        config.Skip("sliding_window_size");
        config.Skip("attention_chunk_size");

        // One matrix or three of as many weights.
        config.Skip("attention_projection_layout");
        AttentionForm whole = Form(config, "", "add_full_attention_sink_bias");
        AttentionForm windowed = Form(config, "swa_", "add_swa_attention_sink_bias");
        AttentionReach window = LayerReaches.Window(config);
        bool[] hasWindow = Marked(config, "hybrid_layer_pattern");
        bool[] hasExperts = Marked(config, "moe_layer_freq");
        int count = ExpertFields.Count(config, "n_routed_experts");
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            Extras = BlockExtras.RouterBias | (config.Switch("attention_bias", missing: false) ? BlockExtras.QueryKeyValueBias : BlockExtras.None),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Reaches = Array.ConvertAll(hasWindow, isWindow => isWindow ? window : AttentionReach.Whole),
            Forms = Array.ConvertAll(hasWindow, isWindow => isWindow ? windowed : whole),
            DraftBlock = new BlockKind(window, HasExperts: false) { Form = windowed },
            Experts = ExpertFields.Usual(config, count),
            HasExperts = block => hasExperts[block],
        };
    }

    private static AttentionForm Form(PublishedConfig config, string prefix, string sinks)
    {
        int heads = config.Count($"{prefix}num_attention_heads");
        int keyValueHeads = config.Count($"{prefix}num_key_value_heads");
        if (heads % keyValueHeads != 0)
        {
            config.Refuse($"{prefix}num_key_value_heads", $"a divisor of {prefix}num_attention_heads, {heads}");
        }

        int headSize = config.Count($"{prefix}head_dim");
        return new AttentionForm(AttentionKind.GroupQuery)
        {
            Heads = heads,
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            ValueHeadSize = config.Has($"{prefix}v_head_dim") ? config.Count($"{prefix}v_head_dim") : headSize,
            HasSinks = config.Switch(sinks, missing: false),
        };
    }

    /// <summary>A list of 0 and 1, one a layer.</summary>
    private static bool[] Marked(PublishedConfig config, string field)
    {
        int blocks = config.Blocks;
        return Array.ConvertAll(LayerList.Of(config[field], blocks, "a list of 0 and 1, one a layer"), mark => Marks[mark.Integer(0, 1)]);
    }
}
