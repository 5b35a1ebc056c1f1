using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Llama 4: chunked attention in the blocks with rotary embedding, a shared expert, dense blocks between in Maverick.</summary>
internal static class Llama4Reader
{
    private const int WholeEvery = 4;
    private const int Shared = 1;

    public static ModelDraft Read(PublishedConfig config)
    {
        int count = ExpertFields.Count(config, "num_local_experts");
        int blocks = config.Blocks;
        HashSet<int> expertBlocks = ExpertBlocks(config, blocks);
        return new ModelDraft
        {
            FeedForward = expertBlocks.Count < blocks || config.Has("intermediate_size_mlp") ? config.Count("intermediate_size_mlp") : 0,
            KeyValueHeads = GroupQueryFields.KeyValueHeads(config),
            HeadSize = GroupQueryFields.HeadSize(config),
            QueryKeyNorm = config.Switch("use_qk_norm", missing: true) ? QueryKeyNorm.WithoutScale : QueryKeyNorm.None,
            Extras = GroupQueryFields.Biases(config),
            TiedEmbeddings = config.Switch("tie_word_embeddings", missing: false),
            Reaches = Reaches(config, blocks),
            Experts = ModelDraft.ExpertsOf(
                config.Count("intermediate_size"), count, ExpertFields.Active(config, "num_experts_per_tok", count), Shared),
            HasExperts = expertBlocks.Contains,
        };
    }

    /// <summary>As <c>moe_layers</c> lists them, else every <c>interleave_moe_layer_step</c>-th.</summary>
    private static HashSet<int> ExpertBlocks(PublishedConfig config, int blocks)
    {
        if (config.Has("moe_layers"))
        {
            // The class lists them by the step where nothing else does.
            config.Skip("interleave_moe_layer_step");
            return [.. config["moe_layers"].List("a list of layers with experts").Select(layer => layer.Integer(0, blocks - 1))];
        }

        int step = config.Count("interleave_moe_layer_step", missing: 1, least: 1);
        return [.. Enumerable.Range(0, blocks).Where(block => (block + 1) % step == 0)];
    }

    /// <summary>Blocks with rotary embedding attend within chunks; <c>no_rope_layers</c> has a 1 for each of them.</summary>
    private static AttentionReach[]? Reaches(PublishedConfig config, int blocks)
    {
        if (config.Has("layer_types"))
        {
            config.Skip("no_rope_layers");
            config.Skip("no_rope_layer_interval");
            return LayerReaches.Read(config);
        }

        int every = config.Count("no_rope_layer_interval", missing: WholeEvery, least: 1);
        JsonValue[] listed = config.Has("no_rope_layers") ? config["no_rope_layers"].List("a list of 0 and 1, one a layer") : [];
        if (listed.Length > 0 && listed.Length != blocks)
        {
            throw config["no_rope_layers"].Complaint($"as many entries as num_hidden_layers, {blocks}, not {listed.Length}");
        }

        AttentionReach chunk = config.Has("attention_chunk_size")
            ? AttentionReach.Chunk(config.Count("attention_chunk_size"))
            : AttentionReach.Whole;
        return [.. Enumerable.Range(0, blocks).Select(block =>
            (listed.Length > 0 ? listed[block].Integer(0, 1) == 1 : (block + 1) % every != 0) ? chunk : AttentionReach.Whole)];
    }
}
