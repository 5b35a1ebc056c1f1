using System.Globalization;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>
/// Quantized checkpoints of blocks that convolve, scan or keep a state, and of names of their own: weights that are quantized take 1 byte and a share of a
/// scale that is none here, all others 2, counted by hand.
/// </summary>
public sealed class QuantizedMixerTests
{
    private const string Convolutions = """
        { "model_type": "lfm2", "hidden_size": 8, "intermediate_size": 24, "block_multiple_of": 8, "num_hidden_layers": 2, "num_attention_heads": 4,
          "num_key_value_heads": 2, "conv_L_cache": 3, "conv_bias": false, "full_attn_idxs": [1], "vocab_size": 10, QUANTIZED }
        """;

    private const string Jamba = """
        { "model_type": "jamba", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "attn_layer_period": 2, "attn_layer_offset": 1, "expert_layer_period": 2, "expert_layer_offset": 1, "num_experts": 4, "num_experts_per_tok": 2,
          "mamba_d_state": 4, "mamba_d_conv": 4, "mamba_expand": 2, "mamba_dt_rank": 2, "vocab_size": 10, QUANTIZED }
        """;

    private const string Beside = """
        { "model_type": "falcon_h1", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
          "head_dim": 4, "mamba_d_ssm": 8, "mamba_n_heads": 4, "mamba_d_head": 2, "mamba_n_groups": 2, "mamba_d_state": 4, "mamba_d_conv": 4, "vocab_size": 10, QUANTIZED }
        """;

    private const string Bamba = """
        { "model_type": "bamba", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "attn_layer_indices": [1], "mamba_n_heads": 4, "mamba_d_head": 4, "mamba_n_groups": 1, "mamba_d_state": 3, "mamba_d_conv": 4, "vocab_size": 10, QUANTIZED }
        """;

    private const string Hybrid = """
        { "model_type": "olmo_hybrid", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 4,
          "layer_types": ["linear_attention"], "linear_key_head_dim": 2, "linear_value_head_dim": 4, "vocab_size": 10, QUANTIZED }
        """;

    private const string LongCat = """
        { "model_type": "longcat_flash", "hidden_size": 8, "num_layers": 1, "num_attention_heads": 2, "q_lora_rank": 5, "kv_lora_rank": 4,
          "qk_nope_head_dim": 3, "qk_rope_head_dim": 2, "v_head_dim": 3, "ffn_hidden_size": 16, "expert_ffn_hidden_size": 6, "n_routed_experts": 8,
          "zero_expert_num": 4, "zero_expert_type": "identity", "moe_topk": 3, "vocab_size": 10, QUANTIZED }
        """;

    private const string Granite = """
        { "model_type": "granitemoehybrid", "hidden_size": 8, "shared_intermediate_size": 12, "num_hidden_layers": 2, "num_attention_heads": 4,
          "num_key_value_heads": 2, "num_local_experts": 0, "vocab_size": 10, "layer_types": ["mamba", "attention"], "mamba_n_heads": 4, "mamba_d_head": 4,
          "mamba_n_groups": 1, "mamba_d_state": 3, "mamba_d_conv": 4, "mamba_expand": 2, QUANTIZED }
        """;

    private const string Falcon = """
        { "model_type": "falcon", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 4, "bias": false, "vocab_size": 10, QUANTIZED }
        """;

    private const string Baichuan = """
        { "model_type": "baichuan", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 10, QUANTIZED }
        """;

    private const string Dbrx = """
        { "model_type": "dbrx", "d_model": 8, "n_heads": 4, "n_layers": 1, "attn_config": { "kv_n_heads": 2 },
          "ffn_config": { "ffn_hidden_size": 6, "moe_num_experts": 4, "moe_top_k": 2 }, "vocab_size": 10, QUANTIZED }
        """;

    private const string Compressed = """
        "quantization_config": { "quant_method": "compressed-tensors", "format": "float-quantized", "ignore": ["SPARED"],
          "config_groups": { "group_0": { "targets": ["Linear"], "weights": { "num_bits": 8, "type": "float", "strategy": "tensor", "symmetric": true } } } }
        """;

    private const string Bits = """
        "quantization_config": { "quant_method": "bitsandbytes", "load_in_8bit": true, "llm_int8_skip_modules": ["SPARED"] }
        """;

    private static readonly string GraniteExperts = Granite.Replace(
        "\"num_local_experts\": 0", "\"num_local_experts\": 4, \"num_experts_per_tok\": 2, \"intermediate_size\": 6", StringComparison.Ordinal);

    /// <summary>Configuration, modules that are not quantized, weights that are.</summary>
    public static TheoryData<string, string, int> Quantized { get; } = new()
    {
        // Convolution 192 + 64, attention 64 + 32 + 32 + 64, two feed-forwards of 384.
        { Convolutions, "", 256 + 192 + 768 },
        { Convolutions, "conv", 192 + 768 },
        { Convolutions, "self_attn.out_proj", 256 + 128 + 768 },
        { Convolutions, "model.layers.1.feed_forward.w2", 256 + 192 + 768 - 128 },

        // Mamba-1: in 256, selection 160, steps 32, out 128. Attention 192; dense 384, four experts as wide. A router stays.
        { Jamba, "", 576 + 192 + 384 + 1536 },
        { Jamba, "mamba", 192 + 384 + 1536 },
        { Jamba, "x_proj", 416 + 192 + 384 + 1536 },
        { Jamba, "re:.*feed_forward\\\\.experts.*", 576 + 192 + 384 },

        // Attention 128 + 64 + 64 + 128, beside it in 288, out 64; 384.
        { Beside, "", 384 + 352 + 384 },
        { Beside, "mamba.in_proj", 384 + 64 + 384 },
        { Beside, "q_proj", 256 + 352 + 384 },
        { Beside, "feed_forward", 384 + 352 },
        { Beside, "self_attn\", \"mamba", 384 },

        // Mamba-2: in 8·(16 + 22 + 4) = 336, out 128; attention 192; 384 twice.
        { Bamba, "", 464 + 192 + 768 },
        { Bamba, "mamba.in_proj", 128 + 192 + 768 },

        // Queries and keys 64 each, values and gate 128 each, out 128; 384. Scalars stay.
        { Hybrid, "", 512 + 384 },
        { Hybrid, "linear_attn.g_proj", 384 + 384 },
        { Hybrid, "linear_attn", 384 },

        // Latent 40 + 50 + 48 + 48 + 48, twice; dense 384 twice; eight experts of 144.
        { LongCat, "", 468 + 768 + 1152 },
        { LongCat, "self_attn.0", 234 + 768 + 1152 },
        { LongCat, "model.layers.0.mlps.1.down_proj", 468 + 640 + 1152 },
        { LongCat, "mlp.experts", 468 + 768 },

        // 464 and 192; gate and up of 12 are one matrix, 192, and down 96, twice.
        { Granite, "", 464 + 192 + 576 },
        { Granite, "shared_mlp.input_linear", 464 + 192 + 192 },

        // Query and output 64 each, one key and value head 16 each, feed-forward 2·8·32.
        { Falcon, "", 160 + 512 },
        { Falcon, "query_key_value", 64 + 512 },
        { Falcon, "transformer.h.0.mlp.dense_4h_to_h", 160 + 256 },

        // Four of 64, and 384.
        { Baichuan, "W_pack", 64 + 384 },
    };

    [Theory]
    [MemberData(nameof(Quantized))]
    public void Modules_are_found_by_their_names(string config, string spared, int weights)
    {
        string list = spared.Length == 0 ? "" : $", \"modules_to_not_convert\": [\"{spared}\"]";
        (double parameters, double bytes) = Sizes(config.Replace("QUANTIZED", $$"""
            "quantization_config": { "quant_method": "fp8"{{list}} }
            """, StringComparison.Ordinal));
        Assert.Equal(weights, (2 * parameters) - bytes);
    }

    /// <summary>
    /// Experts in one tensor: llm-compressor makes them linear modules, bitsandbytes and HQQ leave them alone. Granite: mixers 464 + 192, four experts of 144 in both
    /// blocks, a shared one of 288; DBRX: query, key, value and output 192; MiniMax-M3, whose experts are modules: attention 192 twice, 384, four of 144, one of 144.
    /// </summary>
    [Theory]
    [InlineData(true, Compressed, "lm_head", 656 + 1152 + 576)]
    [InlineData(true, Compressed, "lm_head\", \"re:.*block_sparse_moe.input_linear", 656 + 384 + 576)]
    [InlineData(true, Compressed, "lm_head\", \"re:.*shared_mlp.output_linear", 656 + 1152 + 384)]
    [InlineData(true, Bits, "lm_head", 656 + 576)]
    [InlineData(true, Bits, "lm_head\", \"shared_mlp", 656)]
    [InlineData(false, Bits, "lm_head", 192)]
    [InlineData(false, Bits, "lm_head\", \"Wqkv", 64)]
    public void Experts_in_one_tensor_are_what_the_quantizer_makes_of_them(bool isGranite, string quantized, string spared, int weights)
    {
        (double parameters, double bytes) = Sizes((isGranite ? GraniteExperts : Dbrx).Replace("QUANTIZED", quantized.Replace("SPARED", spared, StringComparison.Ordinal), StringComparison.Ordinal));
        Assert.Equal(weights, (2 * parameters) - bytes);
    }

    [Theory]
    [InlineData("", 384 + 384 + 576 + 144)]
    [InlineData("block_sparse_moe.shared_experts", 384 + 384 + 576)]
    [InlineData("language_model.model.layers.1.block_sparse_moe.experts.0.w2", 384 + 384 + 576 - 48 + 144)]
    [InlineData("mlp.up_proj", 384 + 256 + 576 + 144)]
    public void MiniMax_3_has_names_of_its_own(string spared, int weights)
    {
        string list = spared.Length == 0 ? "" : $", \"modules_to_not_convert\": [\"{spared}\"]";
        (double parameters, double bytes) = Sizes($$"""
            { "model_type": "minimax_m3_vl", "quantization_config": { "quant_method": "fp8"{{list}} }, "torch_dtype": "bfloat16",
              "text_config": { "model_type": "minimax_m3", "hidden_size": 8, "intermediate_size": 6, "dense_intermediate_size": 16, "shared_intermediate_size": 6,
                "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2, "num_local_experts": 4, "num_experts_per_tok": 2,
                "n_shared_experts": 1, "moe_layer_freq": [0, 1], "layer_types": ["full_attention", "full_attention"], "vocab_size": 10 } }
            """);
        Assert.Equal(weights, (2 * parameters) - bytes);
    }

    /// <summary>Of others nobody knows, whichever file says it.</summary>
    [Theory]
    [InlineData("fp8")]
    [InlineData("gptq")]
    public void Experts_in_one_tensor_are_refused_of_other_quantizers(string method)
    {
        string section = $"{{ \"quant_method\": \"{method}\"{(method == "gptq" ? ", \"bits\": 8, \"group_size\": 8" : "")} }}";
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(GraniteExperts.Replace("QUANTIZED", $"\"quantization_config\": {section}", StringComparison.Ordinal));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains($"quantization_config: found an object; expected no such field, or one of bitsandbytes", outcome.Error, StringComparison.Ordinal);
        Assert.Contains($"whether the linear modules of {method} are the experts of this architecture", outcome.Error, StringComparison.Ordinal);
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.PathOf("beside"));
        folder.Write(Path.Combine("beside", "config.json"), GraniteExperts.Replace(", QUANTIZED", "", StringComparison.Ordinal));
        folder.Write(Path.Combine("beside", "quantization_config.json"), section);
        Assert.Equal(2, FastSimProgram.Run("model", "show", folder.PathOf("beside")).ExitCode);
    }

    private static (double Parameters, double Bytes) Sizes(string config)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal("", outcome.Error);
        string[] lines = outcome.Output.Split('\n');
        string total = lines.Single(line => line.StartsWith("parameters total", StringComparison.Ordinal));
        string bytes = lines.Single(line => line.StartsWith("weight bytes", StringComparison.Ordinal));
        return (Number(total[(total.IndexOf('(', StringComparison.Ordinal) + 1)..^1]), Number(bytes.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2]));
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.Number, CultureInfo.InvariantCulture);
}
