using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Fields of experts that several architectures share.</summary>
internal static class ExpertFields
{
    /// <summary>Names of the count of routed experts; publishers use one for another.</summary>
    private static readonly string[] Counts = ["n_routed_experts", "num_routed_experts", "num_experts", "num_local_experts", "moe_num_experts"];

    private static readonly string[] SharedCounts = ["n_shared_experts", "num_shared_experts"];

    /// <summary>Fields that say there are experts.</summary>
    private static readonly string[] Signs =
    [
        "moe_intermediate_size", "num_experts_per_tok", "num_experts_per_token", "experts_per_token", "shared_expert_intermediate_size", "moe_topk",
        "moe_top_k", .. SharedCounts,
    ];

    /// <summary>Whether the routed experts are counted, under any name.</summary>
    public static bool AreCounted(PublishedConfig config) => Array.Exists(Counts, config.Has);

    /// <summary>Routed experts of a block, under the architecture's own name or another.</summary>
    public static int Count(PublishedConfig config, string own) => OneOf(config, own, Counts);

    /// <summary>Shared experts of a block, 0 where none are stated.</summary>
    public static int Shared(PublishedConfig config) => Array.Exists(SharedCounts, config.Has)
        ? OneOf(config, SharedCounts[0], SharedCounts, least: 0)
        : config.Count(SharedCounts[0], missing: OfClass(config), least: 0);

    /// <summary>
    /// Refuses a configuration that says it has experts where the model has none: it does not count them, or under a name that its
    /// architecture does not have. A count of null or 0 says itself that there are none.
    /// </summary>
    public static void RefuseStray(JsonObject json)
    {
        if (Array.Find(Counts, field => IsPositive(json[field])) is { } counted)
        {
            throw json[counted].Complaint("no such field: blocks of this architecture have no experts here");
        }

        bool saysNone = Array.Exists(Counts, field => json[field].Element.ValueKind != System.Text.Json.JsonValueKind.Undefined);
        if (!saysNone && Array.Find(Signs, field => IsPositive(json[field])) is { } stray)
        {
            throw json[Counts[0]].Complaint($"an integer of at least 1, since {stray} is given", NearestName.Of(Counts[0], json.Keys.Except(Signs)));
        }
    }

    /// <summary>Experts a token visits, of <paramref name="count"/>.</summary>
    public static int Active(PublishedConfig config, string field, int count)
    {
        int active = config.Count(field);
        return active <= count ? active : throw config[field].Complaint($"an integer of at most the number of experts, {count}");
    }

    /// <summary>Groups that the router divides <paramref name="count"/> experts into, and how many of them a token's experts come from: one of one where nothing is stated.</summary>
    public static (int Groups, int PerToken) Routing(PublishedConfig config, int count)
    {
        int groups = config.Count("n_group", missing: 1, least: 1);
        if (count % groups != 0)
        {
            config.Refuse("n_group", $"a divisor of the number of experts, {count}");
        }

        int perToken = config.Count("topk_group", missing: groups, least: 1);
        if (perToken > groups)
        {
            config.Refuse("topk_group", $"an integer of at most n_group, {groups}");
        }

        bool isGreedy = config.Has("topk_method") && config["topk_method"].Text("how experts are chosen") == "greedy";
        return isGreedy || perToken == groups ? (1, 1) : (groups, perToken);
    }

    /// <summary>A mixture whose width, active and shared experts and routing stand in the usual fields.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="count">Routed experts of a block.</param>
    public static MixtureOfExperts Usual(PublishedConfig config, int count) => ModelDraft.ExpertsOf(
        config.Count("moe_intermediate_size"),
        count,
        Active(config, "num_experts_per_tok", count),
        Shared(config),
        Routing(config, count));

    /// <summary>A shared feed-forward of some width as shared experts of the routed ones' width: the same weights and the same work.</summary>
    public static int SharedOfWidth(PublishedConfig config, string field, int expertWidth)
    {
        int width = config.Count(field, missing: 0, least: 0);
        return width % expertWidth == 0
            ? width / expertWidth
            : throw config[field].Complaint($"a multiple of the routed experts' width, {expertWidth}: other widths cannot be represented");
    }

    /// <summary>Dense blocks that a model begins with: at most all that it has.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="field">The field that says so.</param>
    /// <param name="missing">What the architecture has without the field; null where it must be there.</param>
    public static int FirstDense(PublishedConfig config, string field, int? missing = null)
    {
        int dense = missing is { } usual ? config.Count(field, usual, least: 0) : config.Count(field, least: 0);
        return dense <= config.Blocks
            ? dense
            : throw config[field].Complaint($"an integer of at most num_hidden_layers, {config.Blocks}");
    }

    /// <summary>Which blocks have experts where <c>first_k_dense_replace</c> and <c>moe_layer_freq</c>, or <c>mlp_layer_types</c>, decide.</summary>
    public static Func<int, bool> AfterFirstDense(PublishedConfig config)
    {
        int blocks = config.Blocks;
        if (config.Has("mlp_layer_types"))
        {
            // The same in other words.
            config.Skip("first_k_dense_replace");
            config.Skip("moe_layer_freq");
            bool[] sparse = FeedForwardTypes(config["mlp_layer_types"], blocks);
            return block => sparse[block];
        }

        const string Field = "first_k_dense_replace";
        int ofClass = AreCounted(config) && config.LeavesOut(Field) ? Math.Min(blocks, config.ClassDefaults.GetValueOrDefault(Field)) : 0;
        int dense = FirstDense(config, Field, missing: ofClass);
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

    /// <summary>Shared experts that the class has where a file says nothing of them, not even null.</summary>
    private static int OfClass(PublishedConfig config) =>
        Array.TrueForAll(SharedCounts, config.LeavesOut) ? config.ClassDefaults.GetValueOrDefault(SharedCounts[0]) : 0;

    private static int OneOf(PublishedConfig config, string own, string[] names, int least = 1)
    {
        string field = config.Has(own) ? own : Array.Find(names, config.Has) ?? own;
        int count = config.Count(field, least);
        foreach (string other in names.Where(config.Has))
        {
            if (config.Count(other, least) != count)
            {
                config.Refuse(other, $"the same as {field}, {count}");
            }
        }

        return count;
    }

    private static bool IsPositive(JsonValue value) =>
        value.Element.ValueKind == System.Text.Json.JsonValueKind.Number && value.Element.TryGetDouble(out double number) && number > 0;

    private static bool[] FeedForwardTypes(JsonValue list, int blocks)
    {
        Dictionary<string, bool> words = new() { ["dense"] = false, ["sparse"] = true };
        return Array.ConvertAll(LayerList.Of(list, blocks, "a list of feed-forward kinds, one a layer"), type => type.Word("a feed-forward kind", words));
    }
}
