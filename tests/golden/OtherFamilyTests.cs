using System.Globalization;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>
/// Published models of blocks, fields and ages of their own, by what their configurations say of their size, against the parameters of their checkpoints
/// (<see cref="PublishedFamilyTests"/> says how they were written down), to the last weight.
/// </summary>
public sealed class OtherFamilyTests
{
    /// <summary>Softmax attention in every eighth block.</summary>
    private static readonly string MiniMax = $$"""
        { "model_type": "minimax_text_01", "attn_type_list": [{{string.Join(", ", Enumerable.Range(1, 80).Select(block => block % 8 == 0 ? 1 : 0))}}], "head_dim": 128,
        "hidden_size": 6144, "intermediate_size": 9216, "num_attention_heads": 64, "num_experts_per_tok": 2, "num_hidden_layers": 80, "num_key_value_heads": 8,
        "num_local_experts": 32, "postnorm": true, "rotary_dim": 64, "shared_intermediate_size": 0, "tie_word_embeddings": false, "vocab_size": 200064 }
        """;

    /// <summary>Model, parameters, configuration.</summary>
    public static TheoryData<string, long, string> Totals { get; } = new()
    {
        {
            "xai-org--grok-2", 269_515_497_472, """
            { "model_type": "git", "architectures": ["Grok1ForCausalLM"], "attn_logit_softcapping": 30.0, "attn_temperature_len": 1024,
            "embedding_multiplier_scale": 90.50966799187809, "final_logit_softcapping": 50, "global_attn_every_n": 1, "head_dim": 128, "hidden_size": 8192,
            "intermediate_size": 32768, "max_position_embeddings": 131072, "moe_intermediate_size": 16384, "num_attention_heads": 64,
            "num_experts_per_tok": 2, "num_hidden_layers": 64, "num_key_value_heads": 8, "num_local_experts": 8, "output_multiplier_scale": 0.5,
            "residual_moe": true, "rms_norm_eps": 1e-05, "rope_theta": 208533496, "router_logit_softcapping": 30.0, "sliding_window_size": -1,
            "vocab_size": 131072 }
            """
        },
        {
            "LGAI-EXAONE--EXAONE-3.5-7.8B", 7_818_448_896, """
            { "model_type": "exaone", "head_dim": 128, "hidden_size": 4096, "intermediate_size": 14336, "max_position_embeddings": 32768,
            "num_attention_heads": 32, "num_key_value_heads": 8, "num_layers": 32, "tie_word_embeddings": false, "vocab_size": 102400 }
            """
        },
        {
            "THUDM--glm-4-9b-chat", 9_399_951_360, """
            { "model_type": "chatglm", "add_bias_linear": false, "add_qkv_bias": true, "apply_residual_connection_post_layernorm": false, "ffn_hidden_size": 13696,
            "hidden_size": 4096, "kv_channels": 128, "multi_query_attention": true, "multi_query_group_num": 2, "num_attention_heads": 32, "num_hidden_layers": 40,
            "num_layers": 40, "padded_vocab_size": 151552, "post_layer_norm": true, "rmsnorm": true, "seq_length": 131072, "tie_word_embeddings": false }
            """
        },
        {
            "THUDM--chatglm3-6b", 6_243_584_000, """
            { "model_type": "chatglm", "add_bias_linear": false, "add_qkv_bias": true, "apply_residual_connection_post_layernorm": false, "ffn_hidden_size": 13696,
            "hidden_size": 4096, "kv_channels": 128, "multi_query_attention": true, "multi_query_group_num": 2, "num_attention_heads": 32, "num_layers": 28,
            "padded_vocab_size": 65024, "post_layer_norm": true, "rmsnorm": true, "seq_length": 8192, "tie_word_embeddings": false }
            """
        },
        {
            "baichuan-inc--Baichuan2-7B", 7_505_973_248, """
            { "model_type": "baichuan", "hidden_size": 4096, "intermediate_size": 11008, "num_attention_heads": 32, "num_hidden_layers": 32, "vocab_size": 125696,
            "tie_word_embeddings": false, "model_max_length": 4096 }
            """
        },
        {
            "allenai--OLMo-7B", 6_888_095_744, """
            { "model_type": "olmo", "attention_bias": false, "clip_qkv": null, "hidden_size": 4096, "intermediate_size": 11008, "num_attention_heads": 32,
            "num_hidden_layers": 32, "num_key_value_heads": 32, "vocab_size": 50304, "tie_word_embeddings": false }
            """
        },
        {
            "karpathy--nanochat-d32", 1_879_048_192, """
            { "model_type": "nanochat", "attention_bias": false, "hidden_size": 2048, "intermediate_size": 8192, "num_attention_heads": 16,
            "num_hidden_layers": 32, "num_key_value_heads": 16, "vocab_size": 65536, "tie_word_embeddings": false }
            """
        },
        {
            "openai-community--gpt2", 124_439_808, """
            { "model_type": "gpt2", "n_ctx": 1024, "n_embd": 768, "n_head": 12, "n_layer": 12, "n_positions": 1024, "vocab_size": 50257 }
            """
        },
        {
            "bigcode--starcoder", 15_517_456_384, """
            { "model_type": "gpt_bigcode", "multi_query": true, "n_embd": 6144, "n_head": 48, "n_inner": 24576, "n_layer": 40, "n_positions": 8192,
            "vocab_size": 49152 }
            """
        },
        {
            "facebook--opt-6.7b", 6_658_473_984, """
            { "model_type": "opt", "do_layer_norm_before": true, "ffn_dim": 16384, "hidden_size": 4096, "max_position_embeddings": 2048, "num_attention_heads": 32,
            "num_hidden_layers": 32, "vocab_size": 50272, "word_embed_proj_dim": 4096 }
            """
        },
        {
            "bigscience--bloom-7b1", 7_069_016_064, """
            { "model_type": "bloom", "apply_residual_connection_post_layernorm": false, "n_embed": 4096, "n_inner": null, "n_layer": 30, "num_attention_heads": 32,
            "pretraining_tp": 1, "seq_length": 2048, "skip_bias_add": true, "skip_bias_add_qkv": false, "vocab_size": 250880 }
            """
        },
        {
            "mosaicml--mpt-7b", 6_649_286_656, """
            { "model_type": "mpt", "attn_config": {"alibi": true, "alibi_bias_max": 8, "attn_impl": "torch", "attn_pdrop": 0, "attn_type": "multihead_attention",
            "attn_uses_sequence_id": false, "clip_qkv": null, "prefix_lm": false, "qk_ln": false, "softmax_scale": null}, "d_model": 4096, "expansion_ratio": 4,
            "learned_pos_emb": true, "logit_scale": null, "max_seq_len": 2048, "n_heads": 32, "n_layers": 32, "no_bias": true, "vocab_size": 50432 }
            """
        },
        {
            "EleutherAI--gpt-j-6b", 6_050_882_784, """
            { "model_type": "gptj", "n_embd": 4096, "n_head": 16, "n_inner": null, "n_layer": 28, "n_positions": 2048, "rotary": true, "rotary_dim": 64,
            "tie_word_embeddings": false, "vocab_size": 50400 }
            """
        },
        {
            "MiniMaxAI--MiniMax-Text-01", 456_089_655_296, MiniMax
        },
        {
            "deepseek-ai--deepseek-moe-16b-base", 16_375_728_128, """
            { "model_type": "deepseek", "attention_bias": false, "first_k_dense_replace": 1, "hidden_size": 2048, "intermediate_size": 10944,
            "moe_intermediate_size": 1408, "moe_layer_freq": 1, "n_routed_experts": 64, "n_shared_experts": 2, "num_attention_heads": 16, "num_experts_per_tok": 6,
            "num_hidden_layers": 28, "num_key_value_heads": 16, "tie_word_embeddings": false, "vocab_size": 102400 }
            """
        },
        {
            "Qwen--Qwen-7B", 7_721_324_544, """
            { "model_type": "qwen", "hidden_size": 4096, "intermediate_size": 22016, "kv_channels": 128, "no_bias": true, "num_attention_heads": 32,
            "num_hidden_layers": 32, "seq_length": 8192, "tie_word_embeddings": false, "vocab_size": 151936 }
            """
        },
        {
            "microsoft--phi-2", 2_779_683_840, """
            { "model_type": "phi", "hidden_size": 2560, "intermediate_size": 10240, "max_position_embeddings": 2048, "num_attention_heads": 32,
            "num_hidden_layers": 32, "num_key_value_heads": 32, "partial_rotary_factor": 0.4, "qk_layernorm": false, "tie_word_embeddings": false,
            "vocab_size": 51200 }
            """
        },
        {
            "Salesforce--codegen-350M-mono", 356_712_448, """
            { "model_type": "codegen", "n_ctx": 2048, "n_embd": 1024, "n_head": 16, "n_inner": null, "n_layer": 20, "n_positions": 2048, "rotary_dim": 32,
            "tie_word_embeddings": false, "vocab_size": 51200 }
            """
        },
        {
            "EleutherAI--gpt-neo-2.7B", 2_651_307_520, """
            { "model_type": "gpt_neo", "attention_types": [[["global", "local"], 16]], "hidden_size": 2560, "intermediate_size": null,
            "max_position_embeddings": 2048, "num_heads": 20, "num_layers": 32, "vocab_size": 50257, "window_size": 256 }
            """
        },
        {
            "LiquidAI--LFM2-1.2B", 1_170_340_608, """
            { "model_type": "lfm2", "block_auto_adjust_ff_dim": true, "block_dim": 2048, "block_ff_dim": 12288, "block_ffn_dim_multiplier": 1.0,
            "block_multiple_of": 256, "conv_L_cache": 3, "conv_bias": false, "conv_dim": 2048, "conv_dim_out": 2048, "full_attn_idxs": [2, 5, 8, 10, 12, 14],
            "hidden_size": 2048, "max_position_embeddings": 128000, "num_attention_heads": 32, "num_heads": 32, "num_hidden_layers": 16, "num_key_value_heads": 8,
            "vocab_size": 65536 }
            """
        },
        {
            "LiquidAI--LFM2-8B-A1B", 8_339_930_560, """
            { "model_type": "lfm2_moe", "conv_L_cache": 3, "conv_bias": false, "hidden_size": 2048, "intermediate_size": 7168, "layer_types": ["conv", "conv",
            "full_attention", "conv", "conv", "conv", "full_attention", "conv", "conv", "conv", "full_attention", "conv", "conv", "conv", "full_attention", "conv",
            "conv", "conv", "full_attention", "conv", "conv", "full_attention", "conv", "conv"], "max_position_embeddings": 128000, "moe_intermediate_size": 1792,
            "norm_topk_prob": true, "num_attention_heads": 32, "num_dense_layers": 2, "num_experts": 32, "num_experts_per_tok": 4, "num_hidden_layers": 24,
            "num_key_value_heads": 8, "routed_scaling_factor": 1.0, "use_expert_bias": true, "vocab_size": 65536 }
            """
        },
        {
            "ai21labs--Jamba-v0.1", 51_570_323_328, """
            { "model_type": "jamba", "attn_layer_offset": 4, "attn_layer_period": 8, "expert_layer_offset": 1, "expert_layer_period": 2, "mamba_conv_bias": true,
            "mamba_d_conv": 4, "mamba_d_state": 16, "mamba_expand": 2, "mamba_inner_layernorms": true, "mamba_proj_bias": false, "num_experts": 16,
            "num_experts_per_tok": 2, "num_key_value_heads": 8, "sliding_window": null, "tie_word_embeddings": false, "use_mamba_kernels": true,
            "vocab_size": 65536, "mamba_dt_rank": 256, "hidden_size": 4096, "intermediate_size": 14336, "num_attention_heads": 32, "num_hidden_layers": 32 }
            """
        },
        {
            "ibm-ai-platform--Bamba-9B", 9_780_235_392, """
            { "model_type": "bamba", "attention_bias": false, "attn_layer_indices": [9, 18, 27], "attn_rotary_emb": 64, "hidden_size": 4096,
            "intermediate_size": 14336, "mamba_chunk_size": 256, "mamba_conv_bias": true, "mamba_d_conv": 4, "mamba_d_head": 64, "mamba_d_state": 128,
            "mamba_dt_rank": 256, "mamba_expand": 2, "mamba_n_groups": 1, "mamba_n_heads": 128, "mamba_proj_bias": false, "mlp_bias": false,
            "num_attention_heads": 32, "num_hidden_layers": 32, "num_key_value_heads": 8, "tie_word_embeddings": false, "use_mamba_kernels": true,
            "vocab_size": 128256 }
            """
        },
        {
            "tiiuae--Falcon-H1-0.5B", 521_411_104, """
            { "model_type": "falcon_h1", "attention_bias": false, "attention_in_multiplier": 1.0, "attn_layer_indices": null, "mamba_chunk_size": 128,
            "mamba_conv_bias": true, "mamba_d_conv": 4, "mamba_d_head": 64, "mamba_expand": 2, "mamba_n_groups": 1, "mamba_norm_before_gate": false,
            "mamba_proj_bias": false, "mamba_rms_norm": false, "mamba_use_mlp": true, "mlp_bias": false, "mlp_expansion_factor": 8, "mlp_multipliers": [1, 1],
            "projectors_bias": false, "ssm_multipliers": [1, 1, 1, 1, 1], "head_dim": 64, "hidden_size": 1024, "intermediate_size": 2048, "mamba_d_ssm": 1536,
            "mamba_d_state": 128, "mamba_n_heads": 24, "num_attention_heads": 8, "num_hidden_layers": 36, "num_key_value_heads": 2, "tie_word_embeddings": false,
            "vocab_size": 32784 }
            """
        },
        {
            "databricks--dbrx", 131_596_523_520, """
            { "model_type": "dbrx", "attn_config": {"clip_qkv": 8, "kv_n_heads": 8, "model_type": "", "rope_theta": 500000.0}, "d_model": 6144,
            "ffn_config": {"ffn_hidden_size": 10752, "model_type": "", "moe_jitter_eps": 0, "moe_loss_weight": 0.05, "moe_num_experts": 16, "moe_top_k": 4},
            "max_seq_len": 32768, "n_heads": 48, "n_layers": 40, "tie_word_embeddings": false, "vocab_size": 100352 }
            """
        },
    };

    /// <summary>Models whose totals are known as a publisher prints them: total and active, in billions, to half a percent and to what is printed.</summary>
    public static TheoryData<string, double, double, double, string> Printed { get; } = new()
    {
        {
            "stepfun-ai--step3", 316, 38, 1, """
            { "model_type": "step3_text", "head_dim": 256, "hidden_size": 7168, "intermediate_size": 18432, "moe_intermediate_size": 5120,
            "moe_layers_enum": "4,5,6,7,8,9,10,11,12,13,14,15,16,17,18,19,20,21,22,23,24,25,26,27,28,29,30,31,32,33,34,35,36,37,38,39,40,41,42,43,44,45,46,47,48,49,50,51,52,53,54,55,56,57,58,59",
            "moe_num_experts": 48, "moe_top_k": 3, "num_attention_groups": 1, "num_attention_heads": 64, "num_hidden_layers": 61, "share_expert_dim": 5120,
            "share_q_dim": 2048, "vocab_size": 128815 }
            """
        },
        {
            "XiaomiMiMo--MiMo-V2.5-Pro", 1021, 42, 1, $$"""
            { "model_type": "mimo_v2", "attention_projection_layout": "fused_qkv", "add_full_attention_sink_bias": false, "add_swa_attention_sink_bias": true,
            "attention_bias": false, "head_dim": 192, "hidden_size": 6144, "hybrid_layer_pattern": [{{string.Join(", ", Enumerable.Range(0, 70).Select(block => block % 7 == 0 ? 0 : 1))}}],
            "intermediate_size": 16384, "moe_intermediate_size": 2048, "moe_layer_freq": [0{{string.Concat(Enumerable.Repeat(", 1", 69))}}], "n_group": 1,
            "n_routed_experts": 384, "num_attention_heads": 128, "num_experts_per_tok": 8, "num_hidden_layers": 70, "num_key_value_heads": 8,
            "sliding_window": 128, "swa_head_dim": 192, "swa_num_attention_heads": 128, "swa_num_key_value_heads": 8, "swa_v_head_dim": 128,
            "tie_word_embeddings": false, "topk_group": 1, "v_head_dim": 128, "vocab_size": 152576 }
            """
        },
        {
            "meituan-longcat--LongCat-Flash", 560.7, 27, 1, """
            { "model_type": "longcat_flash", "attention_bias": false, "attention_method": "MLA", "expert_ffn_hidden_size": 2048, "ffn_hidden_size": 12288,
            "hidden_size": 6144, "kv_lora_rank": 512, "moe_topk": 12, "n_routed_experts": 512, "num_attention_heads": 64, "num_layers": 28,
            "q_lora_rank": 1536, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "router_bias": false, "v_head_dim": 128, "vocab_size": 131072,
            "zero_expert_num": 256, "zero_expert_type": "identity" }
            """
        },
        {
            "ai21labs--Jamba-1.7-Large", 398.6, 94, 1, """
            { "model_type": "jamba", "attn_layer_offset": 4, "attn_layer_period": 8, "expert_layer_offset": 1, "expert_layer_period": 2, "hidden_size": 8192,
            "intermediate_size": 24576, "mamba_conv_bias": true, "mamba_d_conv": 4, "mamba_d_state": 16, "mamba_dt_rank": 512, "mamba_expand": 2,
            "mamba_proj_bias": false, "num_attention_heads": 64, "num_experts": 16, "num_experts_per_tok": 2, "num_hidden_layers": 72,
            "num_key_value_heads": 8, "sliding_window": null, "tie_word_embeddings": false, "vocab_size": 65536 }
            """
        },
        {
            "Snowflake--arctic", 478.6, 17, 1, """
            { "model_type": "arctic", "hidden_size": 7168, "intermediate_size": 4864, "moe_layer_frequency": 1, "num_attention_heads": 56,
            "num_experts_per_tok": 2, "num_hidden_layers": 35, "num_key_value_heads": 8, "num_local_experts": 128, "parallel_attn_mlp_res": true,
            "use_residual": true, "sliding_window": null, "tie_word_embeddings": false, "vocab_size": 32000 }
            """
        },
        {
            "skt--A.X-K1", 519, 33, 2, """
            { "model_type": "AXK1", "hidden_size": 7168, "intermediate_size": 18432, "moe_intermediate_size": 2048, "num_hidden_layers": 61,
            "num_attention_heads": 64, "num_key_value_heads": 64, "n_routed_experts": 192, "num_experts_per_tok": 8, "n_shared_experts": 1,
            "first_k_dense_replace": 1, "q_lora_rank": 1536, "kv_lora_rank": 512, "qk_rope_head_dim": 64, "qk_nope_head_dim": 128, "v_head_dim": 128,
            "n_group": 8, "topk_group": 4, "vocab_size": 163840, "tie_word_embeddings": false }
            """
        },
        {
            "allenai--Olmo-Hybrid-7B", 7.43, 7.05, 0.05, """
            { "model_type": "olmo_hybrid", "attention_bias": false, "hidden_size": 3840, "intermediate_size": 11008, "num_hidden_layers": 32,
            "num_attention_heads": 30, "num_key_value_heads": 30, "vocab_size": 100352, "tie_word_embeddings": false }
            """
        },
        {
            "tiiuae--Falcon-H1-34B", 33.6, 32.3, 0.1, """
            { "model_type": "falcon_h1", "attention_bias": false, "head_dim": 128, "hidden_size": 5120, "intermediate_size": 21504, "mamba_chunk_size": 128,
            "mamba_conv_bias": true, "mamba_d_conv": 4, "mamba_d_head": 128, "mamba_d_ssm": 4096, "mamba_d_state": 256, "mamba_expand": 2,
            "mamba_n_groups": 2, "mamba_n_heads": 32, "mamba_proj_bias": false, "mamba_rms_norm": false, "mlp_bias": false, "num_attention_heads": 20,
            "num_hidden_layers": 72, "num_key_value_heads": 4, "projectors_bias": false, "tie_word_embeddings": false, "vocab_size": 261120 }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Totals))]
    public void A_model_has_as_many_parameters_as_its_checkpoint(string name, long total, string config)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal((name, ""), (name, outcome.Error));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $" billion ({total:N0})\n"), outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Printed))]
    public void A_model_is_as_large_as_its_publisher_says(string name, double totalBillions, double activeBillions, double printed, string config)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal((name, ""), (name, outcome.Error));
        Assert.InRange(Billions(outcome, "parameters total"), totalBillions * 0.995, totalBillions * 1.005);
        Assert.InRange(Billions(outcome, "parameters active"), activeBillions - (2 * printed), activeBillions + (2 * printed));
    }

    private static double Billions(FastSimProgram.Outcome outcome, string line) => double.Parse(
        outcome.Output.Split('\n').Single(each => each.StartsWith(line, StringComparison.Ordinal))[line.Length..].Trim().Split(' ')[0], CultureInfo.InvariantCulture);
}
