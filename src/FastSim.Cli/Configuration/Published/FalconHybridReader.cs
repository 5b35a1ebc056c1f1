using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published;

/// <summary>Falcon-H1: attention and Mamba-2 beside each other in every block, behind one norm. Source: transformers' <c>falcon_h1</c>.</summary>
internal static class FalconHybridReader
{
    private const string Inner = "mamba_d_ssm";

    /// <summary>Fields of state spaces that are read here.</summary>
    public static string[] Understood { get; } = ["mamba_d_state"];

    public static ModelDraft Read(PublishedConfig config)
    {
        foreach (string field in (ReadOnlySpan<string>)["mamba_proj_bias", "projectors_bias"])
        {
            DenseReader.RefuseTrue(config, field);
        }

        // Factors of each output, and a width that no block has.
        foreach (string field in (ReadOnlySpan<string>)[
            "ssm_multipliers", "mlp_multipliers", "mlp_expansion_factor", "mamba_use_mlp", "mamba_norm_before_gate", "key_multiplier", "lm_head_multiplier",
            "attention_in_multiplier", "attention_out_multiplier", "ssm_in_multiplier", "ssm_out_multiplier", "attn_layer_indices"])
        {
            config.Skip(field);
        }

        AttentionForm both = GroupQueryFields.Form(config) with
        {
            Beside = AttentionForm.OfState(AttentionKind.StateSpace, State(config)),
        };
        return new ModelDraft
        {
            FeedForward = config.Count("intermediate_size"),
            KeyValueHeads = both.KeyValueHeads,
            HeadSize = both.HeadSize,
            Extras = GroupQueryFields.Biases(config) | GroupQueryFields.FeedForwardBias(config),
            TiedEmbeddings = GroupQueryFields.TiedEmbeddings(config),
            Forms = [.. Enumerable.Repeat(both, config.Blocks)],
        };
    }

    private static StateDimensions State(PublishedConfig config)
    {
        config.Skip("mamba_expand");
        int inner = config.Has(Inner) ? config.Count(Inner)
            : config.LeavesOut(Inner) ? throw config[Inner].Complaint("the width of all heads that keep a state, or null for mamba_expand times hidden_size")
            : StateFields.InnerWidth(config);
        return GraniteHybridReader.StateOf(config, inner) with { LacksNorm = !config.Switch("mamba_rms_norm", missing: false) };
    }
}
