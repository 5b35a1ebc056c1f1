using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Ring-linear 2 and Ling and Ring 2.5: lightning attention but for the last block of each group, which has group-query or latent attention; experts after the
/// first dense blocks. Source: the publisher's and vLLM's <c>bailing_moe_linear</c>.
/// </summary>
internal static class BailingLinearReader
{
    private const int Chunk = 256;

    public static ModelDraft Read(PublishedConfig config)
    {
        const string Groups = "layer_group_size";
        foreach (string field in (ReadOnlySpan<string>)["use_bias", "use_qkv_bias"])
        {
            DenseReader.RefuseTrue(config, field);
        }

        // Numerics, but for the norms' groups, which cost the same.
        foreach (string field in (ReadOnlySpan<string>)["group_norm_size", "linear_silu", "use_linear_silu", "linear_rope", "linear_attention_type", "head_dim"])
        {
            config.Skip(field);
        }

        int group = config.Count(Groups);
        if (config.Blocks % group != 0)
        {
            config.Refuse(Groups, $"a divisor of num_hidden_layers, {config.Blocks}: what the blocks of an unfinished group are differs from one implementation to another");
        }

        int heads = config.Count("num_attention_heads");
        QueryKeyNorm norm = config.Switch("use_qk_norm", missing: false) ? QueryKeyNorm.PerHead : QueryKeyNorm.None;
        AttentionForm linear = MiniMaxReader.OfHeads(config, heads, GroupQueryFields.HeadSize(config), Chunk) with { QueryKeyNorm = norm };
        bool isLatent = config.Has("kv_lora_rank");
        LatentDimensions? latent = isLatent ? DeepSeekReader.Widths(config) : null;
        AttentionForm whole = latent is null ? GroupQueryFields.Form(config) with { QueryKeyNorm = norm } : AttentionForm.OfLatent(heads, latent);
        config.Skip("num_key_value_heads");
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = whole.KeyValueHeads,
            HeadSize = whole.HeadSize,
            Latent = latent,
            QueryKeyNorm = whole.QueryKeyNorm,
            Extras = config.Switch("moe_router_enable_expert_bias", missing: false) ? BlockExtras.RouterBias : BlockExtras.None,
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = [.. Enumerable.Range(0, config.Blocks).Select(block => (block + 1) % group == 0 ? whole : linear)],
            Experts = FurtherExpertsReader.BailingExperts(config),
            HasExperts = ExpertFields.AfterFirstDense(config),
        };
    }
}
