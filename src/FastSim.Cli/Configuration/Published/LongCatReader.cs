using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// LongCat-Flash: a layer is two blocks of latent attention and a dense feed-forward, with experts beside the first one's feed-forward; some experts compute
/// nothing. Source: transformers' <c>longcat_flash</c>.
/// </summary>
internal static class LongCatReader
{
    private const string Layers = "num_layers";
    private const string Blocks = "num_hidden_layers";
    private const string Zero = "zero_expert_num";
    private const string Visited = "moe_topk";
    private const int BlocksPerLayer = 2;

    /// <summary>Fields of experts that compute nothing, read here.</summary>
    public static string[] Understood { get; } = [Zero];

    public static ModelDraft Read(PublishedConfig config)
    {
        int blocks = BlocksPerLayer * config[Layers].Integer(1, PublishedConfig.MostBlocks / BlocksPerLayer);
        if (config.Has(Blocks) && config.Count(Blocks) != blocks)
        {
            config.Refuse(Blocks, $"{BlocksPerLayer} times num_layers, {blocks}, or no such field");
        }

        config.Count(Blocks, missing: blocks, least: 1);
        config.Call("intermediate_size", "ffn_hidden_size");
        config.Call("moe_intermediate_size", "expert_ffn_hidden_size");
        DenseReader.RefuseTrue(config, "router_bias");
        if (config.Has("zero_expert_type") && config["zero_expert_type"].Text("identity") != "identity")
        {
            config.Refuse("zero_expert_type", "identity: what others compute has no operators here");
        }

        config.Skip("attention_method");
        int heads = config.Count("num_attention_heads");
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = heads,
            Latent = DeepSeekReader.Widths(config),
            Extras = GroupQueryFields.Biases(config) | BlockExtras.RouterBias,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Experts = Experts(config),
            HasExperts = block => block % BlocksPerLayer == 0,
            HasDenseBesides = block => block % BlocksPerLayer == 0,
        };
    }

    /// <summary>Of the experts that a token visits some compute nothing: as many on average as their share, where choices are even.</summary>
    private static MixtureOfExperts Experts(PublishedConfig config)
    {
        int count = ExpertFields.Count(config, "n_routed_experts");
        int zero = config.Count(Zero, missing: 0, least: 0);
        int visited = config.Count(Visited);
        long computing = (long)visited * count;
        if (computing % (count + zero) != 0)
        {
            config.Refuse(Visited, $"a number of which the share of experts that compute, {count} of {count + zero}, is whole: others cannot be represented");
        }

        int active = (int)(computing / (count + zero));
        if (active > count)
        {
            config.Refuse(Visited, $"an integer of at most the number of experts, {count + zero}");
        }

        if (zero > 0)
        {
            config.Remark($"how the experts of a token vary: {active} of its {visited} compute on average, the others are among the {zero} that do not");
        }

        return ModelDraft.ExpertsOf(config.Count("moe_intermediate_size"), count, active, sharedPerToken: 0) with { ZeroExperts = zero };
    }
}
