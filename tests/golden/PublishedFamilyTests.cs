using System.Globalization;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>
/// Published models of many families, by what their configurations say of their size, against the parameters of their checkpoints. Configurations and
/// totals were written down before the models were counted here, not read from the checkpoints; models whose total was not known to the last digit, or
/// did not agree to it (by less than 0.01 %), are left out.
/// </summary>
public sealed class PublishedFamilyTests
{
    private static readonly string GraniteLayers =
        $"[{string.Join(", ", Enumerable.Range(0, 40).Select(layer => layer % 10 == 5 ? "\"attention\"" : "\"mamba\""))}]";

    /// <summary>Model, parameters, configuration.</summary>
    public static TheoryData<string, long, string> Totals { get; } = new()
    {
        {
            "microsoft--Phi-3-mini-4k", 3_821_079_552, """
            { "model_type": "phi3", "hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 32, "num_attention_heads": 32,
            "num_key_value_heads": 32, "sliding_window": 2047, "vocab_size": 32064, "tie_word_embeddings": false, "attention_bias": false,
            "original_max_position_embeddings": 4096 }
            """
        },
        {
            "microsoft--phi-4", 14_659_507_200, """
            { "model_type": "phi3", "hidden_size": 5120, "intermediate_size": 17920, "num_hidden_layers": 40, "num_attention_heads": 40,
            "num_key_value_heads": 10, "vocab_size": 100352, "tie_word_embeddings": false, "attention_bias": false }
            """
        },
        {
            "microsoft--Phi-4-mini", 3_836_021_760, """
            { "model_type": "phi3", "hidden_size": 3072, "intermediate_size": 8192, "num_hidden_layers": 32, "num_attention_heads": 24,
            "num_key_value_heads": 8, "sliding_window": 262144, "vocab_size": 200064, "tie_word_embeddings": true, "attention_bias": false,
            "full_attn_mod": 1, "interpolate_factor": 1, "mlp_bias": false, "lm_head_bias": false, "partial_rotary_factor": 0.75 }
            """
        },
        {
            "allenai--OLMo-2-7B", 7_298_617_344, """
            { "model_type": "olmo2", "hidden_size": 4096, "intermediate_size": 11008, "num_hidden_layers": 32, "num_attention_heads": 32,
            "num_key_value_heads": 32, "vocab_size": 100352, "tie_word_embeddings": false, "attention_bias": false }
            """
        },
        {
            "allenai--OLMoE-1B-7B", 6_919_161_856, """
            { "model_type": "olmoe", "hidden_size": 2048, "intermediate_size": 1024, "num_hidden_layers": 16, "num_attention_heads": 16,
            "num_key_value_heads": 16, "num_experts": 64, "num_experts_per_tok": 8, "vocab_size": 50304, "tie_word_embeddings": false,
            "attention_bias": false, "norm_topk_prob": false }
            """
        },
        {
            "ibm-granite--granite-3.1-8b", 8_170_848_256, """
            { "model_type": "granite", "hidden_size": 4096, "intermediate_size": 12800, "num_hidden_layers": 40, "num_attention_heads": 32,
            "num_key_value_heads": 8, "vocab_size": 49155, "tie_word_embeddings": true, "attention_bias": false, "mlp_bias": false,
            "attention_multiplier": 0.0078125, "embedding_multiplier": 12.0, "residual_multiplier": 0.22, "logits_scaling": 16.0 }
            """
        },
        {
            "ibm-granite--granite-4.0-h-small", 32_207_337_984, """
            { "model_type": "granitemoehybrid", "attention_bias": false, "attention_multiplier": 0.0078125, "embedding_multiplier": 12,
            "residual_multiplier": 0.22, "logits_scaling": 16, "mamba_chunk_size": 256, "mamba_conv_bias": true, "mamba_d_conv": 4,
            "mamba_d_head": 64, "mamba_d_state": 128, "mamba_expand": 2, "mamba_n_groups": 1, "mamba_proj_bias": false,
            "position_embedding_type": "nope", "normalization_function": "rmsnorm", "tie_word_embeddings": true, "vocab_size": 100352,
            "init_method": "mup", "hidden_size": 4096, "intermediate_size": 768, "shared_intermediate_size": 1536, "num_hidden_layers": 40,
            "num_attention_heads": 32, "num_key_value_heads": 8, "num_local_experts": 72, "num_experts_per_tok": 10, "mamba_n_heads": 128,
            "layer_types": LAYERS }
            """
        },
        {
            "ibm-granite--granite-4.0-h-tiny", 6_939_037_248, """
            { "model_type": "granitemoehybrid", "attention_bias": false, "attention_multiplier": 0.0078125, "embedding_multiplier": 12,
            "residual_multiplier": 0.22, "logits_scaling": 6, "mamba_chunk_size": 256, "mamba_conv_bias": true, "mamba_d_conv": 4,
            "mamba_d_head": 64, "mamba_d_state": 128, "mamba_expand": 2, "mamba_n_groups": 1, "mamba_proj_bias": false,
            "position_embedding_type": "nope", "normalization_function": "rmsnorm", "tie_word_embeddings": true, "vocab_size": 100352,
            "init_method": "mup", "hidden_size": 1536, "intermediate_size": 512, "shared_intermediate_size": 1024, "num_hidden_layers": 40,
            "num_attention_heads": 12, "num_key_value_heads": 4, "num_local_experts": 64, "num_experts_per_tok": 6, "mamba_n_heads": 48,
            "layer_types": LAYERS }
            """
        },
        {
            "ibm-granite--granite-4.0-h-micro", 3_191_396_096, """
            { "model_type": "granitemoehybrid", "attention_bias": false, "attention_multiplier": 0.0078125, "embedding_multiplier": 12,
            "residual_multiplier": 0.22, "logits_scaling": 16, "mamba_chunk_size": 256, "mamba_conv_bias": true, "mamba_d_conv": 4,
            "mamba_d_head": 64, "mamba_d_state": 128, "mamba_expand": 2, "mamba_n_groups": 1, "mamba_proj_bias": false,
            "position_embedding_type": "nope", "normalization_function": "rmsnorm", "tie_word_embeddings": true, "vocab_size": 100352,
            "init_method": "mup", "hidden_size": 2048, "intermediate_size": 8192, "shared_intermediate_size": 8192, "num_hidden_layers": 40,
            "num_attention_heads": 32, "num_key_value_heads": 8, "num_local_experts": 0, "num_experts_per_tok": 0, "mamba_n_heads": 64,
            "layer_types": LAYERS }
            """
        },
        {
            "tencent--Hunyuan-A13B", 80_393_183_232, """
            { "model_type": "hunyuan_v1_moe", "hidden_size": 4096, "intermediate_size": 3072, "moe_intermediate_size": 3072,
            "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "attention_head_dim": 128, "head_dim": 128,
            "num_experts": 64, "moe_topk": 8, "num_shared_expert": 1, "use_qk_norm": true, "use_cla": false, "cla_share_factor": 2,
            "use_mixed_mlp_moe": true, "mlp_bias": false, "attention_bias": false, "tie_word_embeddings": true, "vocab_size": 128167,
            "org_vocab_size": 128167 }
            """
        },
        {
            "baidu--ERNIE-4.5-21B-A3B", 21_825_437_888, """
            { "model_type": "ernie4_5_moe", "hidden_size": 2560, "intermediate_size": 12288, "num_hidden_layers": 28, "num_attention_heads": 20,
            "num_key_value_heads": 4, "moe_num_experts": 64, "moe_k": 6, "moe_num_shared_experts": 2, "moe_intermediate_size": 1536,
            "moe_layer_start_index": 1, "moe_layer_end_index": -1, "moe_layer_interval": 1, "moe_use_aux_free": true,
            "moe_capacity": [64, 64, 64], "moe_gate": "topk", "use_bias": false, "vocab_size": 103424, "tie_word_embeddings": true }
            """
        },
        {
            "baidu--ERNIE-4.5-0.3B", 360_748_032, """
            { "model_type": "ernie4_5", "hidden_size": 1024, "intermediate_size": 3072, "num_hidden_layers": 18, "num_attention_heads": 16,
            "num_key_value_heads": 2, "head_dim": 128, "use_bias": false, "vocab_size": 103424, "tie_word_embeddings": true }
            """
        },
        {
            "rednote-hilab--dots.llm1", 142_774_381_696, """
            { "model_type": "dots1", "hidden_size": 4096, "intermediate_size": 10944, "moe_intermediate_size": 1408, "n_routed_experts": 128,
            "n_shared_experts": 2, "num_experts_per_tok": 6, "num_hidden_layers": 62, "first_k_dense_replace": 1, "moe_layer_freq": 1,
            "num_attention_heads": 32, "num_key_value_heads": 32, "n_group": 1, "topk_group": 1, "norm_topk_prob": true,
            "routed_scaling_factor": 2.5, "scoring_func": "noaux_tc", "attention_bias": false, "max_window_layers": 62,
            "use_sliding_window": false, "vocab_size": 152064, "tie_word_embeddings": false }
            """
        },
        {
            "ByteDance-Seed--Seed-OSS-36B", 36_151_104_512, """
            { "model_type": "seed_oss", "hidden_size": 5120, "intermediate_size": 27648, "num_hidden_layers": 64, "num_attention_heads": 80,
            "num_key_value_heads": 8, "head_dim": 128, "vocab_size": 155136, "attention_bias": true, "attention_out_bias": false,
            "mlp_bias": false, "tie_word_embeddings": false, "residual_dropout": 0.1 }
            """
        },
        {
            "HuggingFaceTB--SmolLM3-3B", 3_075_098_624, """
            { "model_type": "smollm3", "hidden_size": 2048, "intermediate_size": 11008, "num_hidden_layers": 36, "num_attention_heads": 16,
            "num_key_value_heads": 4, "vocab_size": 128256, "attention_bias": false, "mlp_bias": false, "no_rope_layer_interval": 4,
            "use_sliding_window": false, "max_window_layers": 28, "tie_word_embeddings": true }
            """
        },
        {
            "internlm--internlm3-8b", 8_804_241_408, """
            { "model_type": "internlm3", "hidden_size": 4096, "intermediate_size": 10240, "num_hidden_layers": 48, "num_attention_heads": 32,
            "num_key_value_heads": 2, "head_dim": 128, "vocab_size": 128512, "qkv_bias": false, "bias": false, "tie_word_embeddings": false }
            """
        },
        {
            "inclusionAI--Ling-lite", 16_801_974_272, """
            { "model_type": "bailing_moe", "hidden_size": 2048, "intermediate_size": 5632, "moe_intermediate_size": 1408, "num_experts": 64,
            "num_shared_experts": 2, "num_experts_per_tok": 6, "num_hidden_layers": 28, "first_k_dense_replace": 0, "num_attention_heads": 16,
            "num_key_value_heads": 4, "head_dim": 128, "use_bias": false, "use_qkv_bias": false, "norm_head": true, "norm_softmax": false,
            "vocab_size": 126464, "tie_word_embeddings": false }
            """
        },
        {
            "zai-org--glm-4-9b-hf", 9_399_951_360, """
            { "model_type": "glm", "hidden_size": 4096, "intermediate_size": 13696, "num_hidden_layers": 40, "num_attention_heads": 32,
            "num_key_value_heads": 2, "head_dim": 128, "vocab_size": 151552, "attention_bias": true, "partial_rotary_factor": 0.5,
            "tie_word_embeddings": false }
            """
        },
        {
            "google--gemma-7b", 8_537_680_896, """
            { "model_type": "gemma", "hidden_size": 3072, "intermediate_size": 24576, "num_hidden_layers": 28, "num_attention_heads": 16,
            "num_key_value_heads": 16, "head_dim": 256, "vocab_size": 256000, "attention_bias": false }
            """
        },
        {
            "Qwen--Qwen1.5-MoE-A2.7B", 14_315_784_192, """
            { "model_type": "qwen2_moe", "hidden_size": 2048, "intermediate_size": 5632, "moe_intermediate_size": 1408,
            "shared_expert_intermediate_size": 5632, "num_experts": 60, "num_experts_per_tok": 4, "num_hidden_layers": 24,
            "num_attention_heads": 16, "num_key_value_heads": 16, "vocab_size": 151936, "decoder_sparse_step": 1, "norm_topk_prob": false,
            "use_sliding_window": false, "sliding_window": 32768, "max_window_layers": 21, "tie_word_embeddings": false }
            """
        },
        {
            "deepseek-ai--DeepSeek-V2-Lite", 15_706_484_224, """
            { "model_type": "deepseek_v2", "hidden_size": 2048, "intermediate_size": 10944, "moe_intermediate_size": 1408,
            "n_routed_experts": 64, "n_shared_experts": 2, "num_experts_per_tok": 6, "num_hidden_layers": 27, "first_k_dense_replace": 1,
            "moe_layer_freq": 1, "num_attention_heads": 16, "num_key_value_heads": 16, "q_lora_rank": null, "kv_lora_rank": 512, "qk_nope_head_dim": 128,
            "qk_rope_head_dim": 64, "v_head_dim": 128, "n_group": 1, "topk_group": 1, "topk_method": "greedy", "scoring_func": "softmax",
            "vocab_size": 102400, "tie_word_embeddings": false, "attention_bias": false }
            """
        },
        {
            "deepseek-ai--DeepSeek-V2", 235_741_434_880, """
            { "model_type": "deepseek_v2", "hidden_size": 5120, "intermediate_size": 12288, "moe_intermediate_size": 1536,
            "n_routed_experts": 160, "n_shared_experts": 2, "num_experts_per_tok": 6, "num_hidden_layers": 60, "first_k_dense_replace": 1,
            "moe_layer_freq": 1, "num_attention_heads": 128, "num_key_value_heads": 128, "kv_lora_rank": 512, "q_lora_rank": 1536,
            "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128, "n_group": 8, "topk_group": 3,
            "topk_method": "group_limited_greedy", "vocab_size": 102400, "tie_word_embeddings": false }
            """
        },
        {
            "google--gemma-2-27b", 27_227_128_320, """
            { "model_type": "gemma2", "hidden_size": 4608, "intermediate_size": 36864, "num_hidden_layers": 46, "num_attention_heads": 32,
            "num_key_value_heads": 16, "head_dim": 128, "sliding_window": 4096, "vocab_size": 256000, "query_pre_attn_scalar": 144 }
            """
        },
        {
            "google--gemma-3-1b", 999_885_952, """
            { "model_type": "gemma3_text", "head_dim": 256, "hidden_size": 1152, "intermediate_size": 6912, "num_attention_heads": 4,
            "num_hidden_layers": 26, "num_key_value_heads": 1, "sliding_window": 512, "sliding_window_pattern": 6, "vocab_size": 262144,
            "attention_bias": false }
            """
        },
        {
            "nvidia--Nemotron-Nano-9B-v2", 8_888_227_328, """
            { "model_type": "nemotron_h", "hidden_size": 4480, "intermediate_size": 15680, "num_hidden_layers": 56, "num_attention_heads": 40,
            "num_key_value_heads": 8, "head_dim": 128, "mamba_num_heads": 128, "mamba_head_dim": 80, "n_groups": 8, "ssm_state_size": 128,
            "conv_kernel": 4, "chunk_size": 128, "expand": 2, "use_conv_bias": true, "vocab_size": 131072,
            "hybrid_override_pattern": "M-M-M-MM-M-M-M*-M-M-M*-M-M-M-M*-M-M-M-M*-M-MM-M-M-M-M-M-", "tie_word_embeddings": false,
            "attention_bias": false, "mlp_bias": false, "use_bias": false, "mamba_proj_bias": false }
            """
        },
        {
            "mistralai--Mixtral-8x22B", 140_620_634_112, """
            { "model_type": "mixtral", "hidden_size": 6144, "intermediate_size": 16384, "num_hidden_layers": 56, "num_attention_heads": 48,
            "num_key_value_heads": 8, "num_local_experts": 8, "num_experts_per_tok": 2, "vocab_size": 32000, "output_router_logits": false,
            "tie_word_embeddings": false }
            """
        },
        {
            "tiiuae--Falcon3-7B", 7_455_550_464, """
            { "model_type": "llama", "hidden_size": 3072, "intermediate_size": 23040, "num_hidden_layers": 28, "num_attention_heads": 12,
            "num_key_value_heads": 4, "head_dim": 256, "vocab_size": 131072, "tie_word_embeddings": false }
            """
        },
        {
            "Qwen--Qwen3-Coder-480B-A35B", 480_154_875_392, """
            { "model_type": "qwen3_moe", "hidden_size": 6144, "intermediate_size": 8192, "moe_intermediate_size": 2560, "num_experts": 160,
            "num_experts_per_tok": 8, "num_hidden_layers": 62, "num_attention_heads": 96, "num_key_value_heads": 8, "head_dim": 128,
            "vocab_size": 151936, "decoder_sparse_step": 1, "mlp_only_layers": [], "tie_word_embeddings": false }
            """
        },
    };

    [Theory]
    [MemberData(nameof(Totals))]
    public void A_model_has_as_many_parameters_as_its_checkpoint(string name, long total, string config)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config.Replace("LAYERS", GraniteLayers, StringComparison.Ordinal));
        Assert.Equal((name, ""), (name, outcome.Error));
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $" billion ({total:N0})\n"), outcome.Output, StringComparison.Ordinal);
    }
}
