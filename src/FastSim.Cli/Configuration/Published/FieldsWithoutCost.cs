namespace FastSim.Cli.Configuration.Published;

/// <summary>Fields of published configurations that do not change what a token costs: numerics, training, generation, bookkeeping.</summary>
internal static class FieldsWithoutCost
{
    /// <summary>First words of whole groups: rotary embedding, special tokens, initialisation, losses, remote code.</summary>
    private static readonly string[] Groups =
    [
        "rope_", "rotary_", "partial_rotary", "original_max_position", "initializer_", "router_aux", "aux_loss", "auto_map", "image_", "video_",
        "audio_", "vision_", "boi_", "eoi_", "mm_", "attn_temperature", "output_", "use_bidirectional", "mtp_", "num_mtp", "use_mtp",
        "layernorm_", "transformers", "summary_",
    ];

    private static readonly HashSet<string> Fields = new(StringComparer.Ordinal)
    {
        "architectures", "model_type", "torch_dtype", "dtype", "bos_token_id", "eos_token_id", "pad_token_id", "bos_token", "eos_token",
        "attention_dropout", "embd_pdrop", "resid_pdrop", "hidden_dropout", "hidden_act", "hidden_activation", "max_position_embeddings",
        "max_sequence_length", "model_max_length", "max_window_layers", "initial_context_length", "rms_norm_eps", "norm_eps", "use_cache",
        "pretraining_tp", "ep_size", "n_group", "topk_group", "topk_method", "scoring_func", "norm_topk_prob", "routed_scaling_factor",
        "seq_aux", "router_jitter_noise", "router_z_loss_coef", "swiglu_limit", "swiglu_alpha", "query_pre_attn_scalar",
        "attn_logit_softcapping", "final_logit_softcapping", "logit_softcapping", "attn_scale", "floor_scale", "for_llm_compressor",
        "qk_rope_head_interleaved", "indexer_rope_interleave", "cache_implementation", "is_decoder", "is_encoder_decoder",
        "num_nextn_predict_layers", "text_config", "tokenizer_class", "tokenizer_vocab_size", "unsloth_fixed", "unsloth_version",
        "name_or_path", "id2label", "label2id", "problem_type", "chunk_size_feed_forward", "add_cross_attention", "torchscript",
        "return_dict", "return_dict_in_generate", "diversity_penalty", "early_stopping", "encoder_no_repeat_ngram_size", "length_penalty", "max_length",
        "min_length", "no_repeat_ngram_size", "num_beam_groups", "num_beams", "num_return_sequences", "remove_invalid_values", "repetition_penalty",
        "tf_legacy_loss", "tie_encoder_decoder", "typical_p", "use_bfloat16", "_name_or_path", "swa_rope_theta", "attention_value_scale",
        "activation_situ_beta", "activation_situ_linear_beta", "moe_renormalize", "moe_router_activation_func", "moe_router_scaling_factor",
        "layer_norm_epsilon", "mamba_hidden_act", "mlp_hidden_act", "num_logits_to_keep", "rescale_prenorm_residual", "residual_in_fp32",
        "time_step_floor", "time_step_limit", "time_step_max", "time_step_min", "time_step_rank", "use_mamba_kernels", "moe_shared_expert_overlap",
        "index_share_for_mtp_iteration", "gradient_checkpointing", "bad_words_ids", "temperature", "top_k", "top_p", "do_sample", "license", "moe_router_dtype",
        "keys_to_ignore_at_inference", "ignore_keys_at_rope_validation", "scale_attn_by_inverse_layer_idx", "v_head_dim_padded", "use_flash_attn",
        "qk_layernorm_eps", "head_dim_padded", "vocab_padding", "pad_vocab_size_multiple", "media_placeholder_token_id", "use_unified_vision_chunk",
        "shared_moe_mode", "mlp_intermediate_size", "ignore_index", "projector_hidden_act", "multimodal_projector_bias", "vision_feature_layer", "beta_fast", "beta_slow",
        "attention_multiplier", "embedding_multiplier", "residual_multiplier", "logits_scaling", "interpolate_factor", "full_attn_mod", "clip_qkv",
        "residual_dropout", "reorder_and_qk_norm", "cla_share_factor", "norm_head", "norm_softmax", "score_function", "normalization_function", "init_method",
        "position_embedding_type", "org_vocab_size", "llama_4_scaling", "logit_scale", "layer_norm_eps", "moe_routed_scaling_factor", "route_scale", "route_norm", "mup_enabled",
        "attention_probs_dropout_prob", "hidden_dropout_prob", "classifier_dropout", "scale_emb", "scale_depth", "dim_model_base", "post_norm", "score_func", "load_balance_coeff", "use_grouped_mm",
        "moe_apply_router_weight_on_input", "moe_router_logit_softcapping", "activation_function", "activation_dropout", "embed_dropout", "embedding_dropout",
        "emb_pdrop", "attn_pdrop", "reorder_and_upcast_attn", "scale_attn_weights", "scale_attention_softmax_in_fp32", "attention_softmax_in_fp32", "init_std",
        "init_device", "init_config", "is_composition", "mla_scale_kv_lora", "mla_scale_q_lora", "router_dtype", "use_rmsnorm", "mamba_inner_layernorms",
        "attn_rotary_emb", "rotary", "apply_query_key_layer_scaling", "attn_implementation", "bias_dropout_fusion", "fp32_residual_connection", "original_rope",
        "masked_softmax_fusion", "slow_but_exact", "offset_alibi", "unk_token_id", "norm_type", "embedding_fraction", "verbose", "layerdrop", "prefix",
        "task_specific_params", "z_loss_weight", "layer_switch", "moe_multimodal_paired_experts", "compression_ratio", "freq_allocation", "scale_qk_coeff",
        "fuse_rope", "sliding_window_size", "pre_seq_len", "prefix_projection", "quantization_bit",
    };

    /// <summary>Whether a field is one of them.</summary>
    public static bool Has(string field) =>
        Fields.Contains(field) || Array.Exists(Groups, group => field.StartsWith(group, StringComparison.Ordinal));
}
