using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Laguna: a gate a head, windows in most blocks, heads that differ from block to block, experts where <c>mlp_layer_types</c> says. Source: transformers'
/// <c>laguna</c>.
/// </summary>
internal static class LagunaReader
{
    private const string HeadsPerLayer = "num_attention_heads_per_layer";

    /// <summary>Fields of blocks whose widths differ that are read here.</summary>
    public static string[] Understood { get; } = [HeadsPerLayer];

    public static ModelDraft Read(PublishedConfig config)
    {
        RefuseOtherGates(config);
        int keyValueHeads = config.Count("num_key_value_heads");
        int headSize = GroupQueryFields.HeadSize(config);
        int[] heads = Heads(config, keyValueHeads);
        int width = config.Count("moe_intermediate_size");
        int count = ExpertFields.Count(config, "num_experts");
        bool hasSparse = config.Has("mlp_layer_types");
        Func<int, bool> listed = ExpertFields.AfterFirstDense(config);

        // Carried along from the class that this one is made of, whose lists say the same.
        config.Skip("decoder_sparse_step");
        config.Skip("mlp_only_layers");
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = keyValueHeads,
            HeadSize = headSize,
            QueryKeyNorm = QueryKeyNorm.PerHead,
            AttentionGate = true,
            Extras = GroupQueryFields.Biases(config) | BlockExtras.RouterBias,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Reaches = LayerReaches.Read(config),
            Forms = Array.ConvertAll(heads, ofBlock => new AttentionForm(AttentionKind.GroupQuery)
            {
                Heads = ofBlock,
                KeyValueHeads = keyValueHeads,
                HeadSize = headSize,
                QueryKeyNorm = QueryKeyNorm.PerHead,
                Gate = OutputGate.PerHead,
            }),
            Experts = ModelDraft.ExpertsOf(
                width,
                count,
                ExpertFields.Active(config, "num_experts_per_tok", count),
                ExpertFields.SharedOfWidth(config, "shared_expert_intermediate_size", width)),
            HasExperts = block => hasSparse ? listed(block) : block > 0,
        };
    }

    /// <summary>A gate a head where nothing else is said; other words mean other projections.</summary>
    private static void RefuseOtherGates(PublishedConfig config)
    {
        const string Gate = "gating";
        const string Reason = "true or \"per-head\": other gates are not known here";
        bool isFlag = config[Gate].Element.ValueKind is System.Text.Json.JsonValueKind.True or System.Text.Json.JsonValueKind.False;
        if (config.Has(Gate) && !(isFlag ? config[Gate].Boolean() : config[Gate].Text(Reason) is "per-head" or "per_head"))
        {
            config.Refuse(Gate, Reason);
        }

        JsonValue[] listed = config.Has("gating_types") ? config["gating_types"].List("a list of gates, one a layer") : [];
        foreach (JsonValue type in listed.Where(type => type.Text("per_head") is not ("per_head" or "per-head")))
        {
            throw type.Complaint("per_head: other gates are not known here");
        }
    }

    private static int[] Heads(PublishedConfig config, int keyValueHeads)
    {
        int blocks = config.Blocks;
        if (!config.Has(HeadsPerLayer))
        {
            return [.. Enumerable.Repeat(config.Count("num_attention_heads"), blocks)];
        }

        return Array.ConvertAll(LayerList.Of(config[HeadsPerLayer], blocks, "a list of query heads, one a layer"), entry => entry.Integer(1, PublishedConfig.MostOfAnything) is var heads && heads % keyValueHeads == 0
            ? heads
            : throw entry.Complaint($"a multiple of num_key_value_heads, {keyValueHeads}"));
    }
}
