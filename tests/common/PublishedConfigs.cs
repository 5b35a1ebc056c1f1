namespace FastSim.Tests;

/// <summary>Configurations made by hand, one an architecture, small enough to count on paper.</summary>
public static class PublishedConfigs
{
    public const string Llama = """
        {
          "architectures": ["LlamaForCausalLM"], "model_type": "llama", "torch_dtype": "bfloat16",
          "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "vocab_size": 10, "tie_word_embeddings": false, "rope_theta": 500000.0
        }
        """;

    public const string Qwen3Experts = """
        {
          "model_type": "qwen3_moe", "torch_dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6,
          "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 4, "num_experts": 8,
          "num_experts_per_tok": 2, "decoder_sparse_step": 2, "mlp_only_layers": [3], "norm_topk_prob": true,
          "vocab_size": 10, "tie_word_embeddings": true
        }
        """;

    public const string DeepSeek = """
        {
          "model_type": "deepseek_v3", "torch_dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 18, "moe_intermediate_size": 6,
          "num_hidden_layers": 3, "num_attention_heads": 2, "num_key_value_heads": 2, "q_lora_rank": 5, "kv_lora_rank": 4,
          "qk_nope_head_dim": 3, "qk_rope_head_dim": 2, "v_head_dim": 3, "n_routed_experts": 8, "num_experts_per_tok": 2,
          "n_shared_experts": 1, "first_k_dense_replace": 1, "moe_layer_freq": 1, "num_nextn_predict_layers": 1, "vocab_size": 10,
          "quantization_config": { "quant_method": "fp8", "fmt": "e4m3", "weight_block_size": [128, 128] }
        }
        """;

    public static readonly string DeepSeekSparse = DeepSeek.Replace(
        "\"deepseek_v3\",", "\"deepseek_v32\", \"index_n_heads\": 2, \"index_head_dim\": 4, \"index_topk\": 16,", StringComparison.Ordinal);

    public const string GptOss = """
        {
          "model_type": "gpt_oss", "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 4, "num_attention_heads": 4,
          "num_key_value_heads": 2, "head_dim": 2, "num_local_experts": 4, "num_experts_per_tok": 2, "attention_bias": true,
          "layer_types": ["sliding_attention", "full_attention", "sliding_attention", "full_attention"], "sliding_window": 16,
          "vocab_size": 10, "tie_word_embeddings": false,
          "quantization_config": { "quant_method": "mxfp4", "modules_to_not_convert": ["model.layers.*.self_attn", "model.layers.*.mlp.router", "lm_head"] }
        }
        """;

    public const string Gemma3 = """
        {
          "model_type": "gemma3", "vision_config": { "hidden_size": 3 },
          "text_config": {
            "model_type": "gemma3_text", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 7, "num_attention_heads": 4,
            "num_key_value_heads": 2, "head_dim": 2, "sliding_window": 16, "vocab_size": 10
          },
          "torch_dtype": "bfloat16"
        }
        """;

    public const string Llama4 = """
        {
          "model_type": "llama4",
          "text_config": {
            "model_type": "llama4_text", "torch_dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 6, "intermediate_size_mlp": 16,
            "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2, "num_local_experts": 4,
            "num_experts_per_tok": 1, "interleave_moe_layer_step": 2, "attention_chunk_size": 16, "no_rope_layers": [], "use_qk_norm": true,
            "vocab_size": 10
          }
        }
        """;

    public const string MiniMax = """
        {
          "model_type": "minimax_m2", "dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 2,
          "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2, "num_local_experts": 4, "num_experts_per_tok": 2,
          "attn_type_list": [1, 1], "use_qk_norm": true, "qk_norm_type": "per_layer", "use_routing_bias": true, "vocab_size": 10
        }
        """;

    public const string Glm = """
        {
          "model_type": "glm4_moe", "torch_dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6,
          "num_hidden_layers": 3, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2, "attention_bias": true,
          "use_qk_norm": true, "n_routed_experts": 8, "num_experts_per_tok": 2, "n_shared_experts": 1, "first_k_dense_replace": 1,
          "vocab_size": 10, "tie_word_embeddings": false
        }
        """;

    public const string QwenHybrid = """
        {
          "model_type": "qwen3_5", "tie_word_embeddings": false,
          "text_config": {
            "model_type": "qwen3_5_text", "dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 4,
            "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2, "linear_num_key_heads": 2, "linear_num_value_heads": 4,
            "linear_key_head_dim": 4, "linear_value_head_dim": 2, "linear_conv_kernel_dim": 4, "full_attention_interval": 4,
            "mamba_ssm_dtype": "float32", "attn_output_gate": true, "vocab_size": 10
          }
        }
        """;

    public const string KimiLinear = """
        {
          "model_type": "kimi_linear", "dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6,
          "num_hidden_layers": 2, "num_attention_heads": 2, "q_lora_rank": null, "kv_lora_rank": 4, "qk_nope_head_dim": 3,
          "qk_rope_head_dim": 2, "v_head_dim": 3, "mla_use_output_gate": true, "num_experts": 4, "num_experts_per_token": 2,
          "num_shared_experts": 1, "first_k_dense_replace": 1, "routed_expert_hidden_size": 4, "latent_moe_use_norm": true,
          "linear_attn_config": { "kda_layers": [1], "full_attn_layers": [2], "num_heads": 2, "head_dim": 4, "short_conv_kernel_size": 4 },
          "vocab_size": 10, "tie_word_embeddings": false
        }
        """;

    public const string Nemotron = """
        {
          "model_type": "nemotron_h", "dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6,
          "moe_shared_expert_intermediate_size": 6, "num_hidden_layers": 4, "hybrid_override_pattern": "M*-E", "num_attention_heads": 4,
          "num_key_value_heads": 2, "head_dim": 2, "mamba_num_heads": 4, "mamba_head_dim": 2, "n_groups": 2, "ssm_state_size": 4,
          "conv_kernel": 4, "chunk_size": 64, "mamba_ssm_cache_dtype": "float32", "n_routed_experts": 4, "num_experts_per_tok": 2,
          "n_shared_experts": 1, "moe_latent_size": 4, "time_step_limit": [0.0, Infinity], "vocab_size": 10, "tie_word_embeddings": false
        }
        """;

    public const string MiMo = """
        {
          "model_type": "mimo_v2_flash", "dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6,
          "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 3, "v_head_dim": 2,
          "swa_num_attention_heads": 4, "swa_num_key_value_heads": 2, "swa_head_dim": 3, "swa_v_head_dim": 2, "sliding_window": 16,
          "hybrid_layer_pattern": [0, 1], "moe_layer_freq": [0, 1], "add_swa_attention_sink_bias": true, "n_routed_experts": 4,
          "n_shared_experts": null, "num_experts_per_tok": 2, "vocab_size": 10, "tie_word_embeddings": false
        }
        """;

    public const string Step = """
        {
          "model_type": "step3p7", "dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6,
          "share_expert_dim": 6, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2,
          "num_sliding_attention_heads": 6, "sliding_window": 16, "layer_types": ["full_attention", "sliding_attention"],
          "num_experts": 4, "num_experts_per_tok": 2, "first_k_dense_replace": 1, "vocab_size": 10, "tie_word_embeddings": false
        }
        """;

    public const string Gemma4 = """
        {
          "model_type": "gemma4",
          "text_config": {
            "model_type": "gemma4_text", "dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 4,
            "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2, "global_head_dim": 4, "num_global_key_value_heads": 1,
            "attention_k_eq_v": true, "num_kv_shared_layers": 2, "use_double_wide_mlp": true, "hidden_size_per_layer_input": 3,
            "vocab_size_per_layer_input": 5, "enable_moe_block": true, "num_experts": 4, "top_k_experts": 2, "moe_intermediate_size": 6,
            "layer_types": ["sliding_attention", "full_attention", "sliding_attention", "full_attention"], "sliding_window": 16, "vocab_size": 10
          }
        }
        """;

    public const string DeepSeekV4 = """
        {
          "model_type": "deepseek_v4", "torch_dtype": "bfloat16", "hidden_size": 8, "moe_intermediate_size": 6, "num_hidden_layers": 3,
          "num_attention_heads": 4, "num_key_value_heads": 1, "head_dim": 4, "qk_rope_head_dim": 2, "q_lora_rank": 3, "o_groups": 2,
          "o_lora_rank": 5, "index_n_heads": 2, "index_head_dim": 2, "index_topk": 3, "sliding_window": 16, "compress_ratios": [0, 4, 128, 0],
          "hc_mult": 2, "hc_sinkhorn_iters": 20, "num_hash_layers": 1, "n_routed_experts": 4, "num_experts_per_tok": 2, "n_shared_experts": 1,
          "vocab_size": 10, "tie_word_embeddings": false
        }
        """;

    /// <summary>All of them.</summary>
    public static IReadOnlyList<string> All { get; } =
        [Llama, Qwen3Experts, DeepSeek, DeepSeekSparse, GptOss, Gemma3, Llama4, MiniMax, Glm, QwenHybrid, KimiLinear, Nemotron, MiMo, Step, Gemma4, DeepSeekV4];

    /// <summary>Runs the program on a configuration in the folder of its model.</summary>
    public static FastSimProgram.Outcome Show(string config)
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.PathOf("toy--model"));
        folder.Write(Path.Combine("toy--model", "config.json"), config);
        FastSimProgram.Outcome outcome = FastSimProgram.Run("model", "show", folder.PathOf("toy--model"));
        return outcome with
        {
            Output = SheetText.Unfold(outcome.Output),
            Error = outcome.Error.Replace(folder.PathOf("toy--model", "config.json"), "config.json", StringComparison.Ordinal),
        };
    }
}
