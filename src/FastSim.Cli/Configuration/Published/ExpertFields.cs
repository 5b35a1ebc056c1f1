namespace FastSim.Cli.Configuration.Published;

/// <summary>Fields of experts that several architectures share.</summary>
internal static class ExpertFields
{
    /// <summary>Experts a token visits, of <paramref name="count"/>.</summary>
    public static int Active(PublishedConfig config, string field, int count)
    {
        int active = config.Count(field);
        return active <= count ? active : throw config[field].Complaint($"an integer of at most the number of experts, {count}");
    }

    /// <summary>A shared feed-forward of some width as shared experts of the routed ones' width: the same weights and the same work.</summary>
    public static int SharedOfWidth(PublishedConfig config, string field, int expertWidth)
    {
        int width = config.Count(field, missing: 0, least: 0);
        return width % expertWidth == 0
            ? width / expertWidth
            : throw config[field].Complaint($"a multiple of the routed experts' width, {expertWidth}: other widths cannot be represented");
    }

    /// <summary>Which blocks have experts where <c>first_k_dense_replace</c> and <c>moe_layer_freq</c>, or <c>mlp_layer_types</c>, decide.</summary>
    public static Func<int, bool> AfterFirstDense(PublishedConfig config)
    {
        int blocks = config.Blocks;
        if (config.Has("mlp_layer_types"))
        {
            bool[] sparse = FeedForwardTypes(config["mlp_layer_types"], blocks);
            return block => sparse[block];
        }

        int dense = config.Count("first_k_dense_replace", missing: 0, least: 0);
        if (dense > blocks)
        {
            throw config["first_k_dense_replace"].Complaint($"an integer of at most num_hidden_layers, {blocks}");
        }

        int every = config.Has("moe_layer_freq") ? config.Count("moe_layer_freq") : 1;
        return block => block >= dense && block % every == 0;
    }

    /// <summary>Which blocks have experts where <c>decoder_sparse_step</c> and <c>mlp_only_layers</c> decide.</summary>
    public static Func<int, bool> EverySparseStep(PublishedConfig config)
    {
        int every = config.Has("decoder_sparse_step") ? config.Count("decoder_sparse_step") : 1;
        int blocks = config.Blocks;
        HashSet<int> denseOnly = config.Has("mlp_only_layers")
            ? [.. config["mlp_only_layers"].List("a list of layers without experts").Select(layer => layer.Integer(0, blocks - 1))]
            : [];
        return block => (block + 1) % every == 0 && !denseOnly.Contains(block);
    }

    private static bool[] FeedForwardTypes(JsonValue list, int blocks)
    {
        Dictionary<string, bool> words = new() { ["dense"] = false, ["sparse"] = true };
        JsonValue[] types = list.List("a list of feed-forward kinds, one a layer");
        return types.Length == blocks
            ? Array.ConvertAll(types, type => type.Word("a feed-forward kind", words))
            : throw list.Complaint($"as many entries as num_hidden_layers, {blocks}, not {types.Length}");
    }
}
