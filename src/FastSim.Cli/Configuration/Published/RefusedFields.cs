using System.Text.Json;

namespace FastSim.Cli.Configuration.Published;

/// <summary>
/// Fields that say a model has blocks which the cost model has no operators for. Whatever the architecture's name, a model with one of
/// them is refused with the field: leaving it out would be to describe another model.
/// </summary>
internal static class RefusedFields
{
    private const string Linear = "no such field: linear attention has no operators here";
    private const string StateSpace = "no such field: state-space blocks have no operators here";
    private const string BlockSizes = "no such field: blocks whose widths differ cannot be represented";

    private static readonly (string Field, string Expected)[] Reasons =
    [
        ("linear_attn_config", Linear),
        ("linear_num_value_heads", Linear),
        ("linear_num_key_heads", Linear),
        ("lightning_layers", Linear),
        ("mamba_d_state", StateSpace),
        ("mamba_num_heads", StateSpace),
        ("ssm_state_size", StateSpace),
        ("state_size", StateSpace),
        ("ssm_cfg", StateSpace),
        ("hybrid_override_pattern", StateSpace),
        ("attn_layer_period", StateSpace),
        ("attn_layer_indices", StateSpace),
        ("layers_block_type", StateSpace),
        ("conv_L_cache", "no such field: convolution blocks have no operators here"),
        ("cross_attention_layers", "no such field: cross-attention has no operators here"),
        ("altup_num_inputs", "no such field: alternating updates of several residual streams have no operators here"),
        ("num_kv_shared_layers", "0 or no such field: blocks that share another block's keys and values cannot be represented"),
        ("use_cla", "false or no such field: blocks that share another block's keys and values cannot be represented"),
        ("hc_mult", "no such field: several residual streams have no operators here"),
        ("compress_ratios", "no such field: compressed attention has no operators here"),
        ("zero_expert_num", "0 or no such field: experts that compute nothing cannot be represented"),
        ("block_configs", BlockSizes),
        ("global_head_dim", BlockSizes),
        ("swa_head_dim", BlockSizes),
        ("swa_num_attention_heads", BlockSizes),
        ("num_attention_heads_per_layer", BlockSizes),
        ("num_global_key_value_heads", BlockSizes),
        ("use_parallel_residual", "false or no such field: attention beside the feed-forward is not known of this architecture"),
        ("is_encoder_decoder", "false or no such field: an encoder has no operators here"),
        ("use_double_wide_mlp", "false or no such field: feed-forwards whose widths differ cannot be represented"),
    ];

    /// <summary>Refuses a model with one of them.</summary>
    /// <param name="config">The configuration.</param>
    /// <param name="understood">Those that the architecture's own reader reads.</param>
    public static void Check(JsonObject config, IReadOnlyCollection<string> understood)
    {
        foreach ((string field, string expected) in Reasons.Where(reason => !understood.Contains(reason.Field)))
        {
            JsonValue value = config[field];
            bool isOff = value.IsNull
                || value.Element.ValueKind == JsonValueKind.False
                || (value.Element.ValueKind == JsonValueKind.Number && value.Element.GetDouble() == 0)
                || (value.Element.ValueKind == JsonValueKind.Array && value.Element.GetArrayLength() == 0);
            if (!isOff)
            {
                throw value.Complaint(expected);
            }
        }
    }
}
