using System.Globalization;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Families that differ from their better known relatives in small things, counted by hand.</summary>
public sealed class FurtherFamilyTests
{
    private const string Tied = "\"tie_word_embeddings\": false";

    private const string Experts = """
        {
          "model_type": "TYPE", "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6, "num_hidden_layers": BLOCKS,
          "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2, "vocab_size": 10, MORE
        }
        """;

    /// <summary>Some classes have a head size of their own where a file says none.</summary>
    private static readonly string Llama = PublishedConfigs.Llama.Replace("\"vocab_size\"", "\"head_dim\": 2, \"vocab_size\"", StringComparison.Ordinal);

    internal const string GraniteHybrid = """
        {
          "model_type": "granitemoehybrid", "hidden_size": 8, "intermediate_size": 6, "shared_intermediate_size": 12, "num_hidden_layers": 2,
          "num_attention_heads": 4, "num_key_value_heads": 2, "num_local_experts": 4, "num_experts_per_tok": 2, "vocab_size": 10,
          "layer_types": ["mamba", "attention"], "mamba_n_heads": 4, "mamba_d_head": 4, "mamba_n_groups": 1, "mamba_d_state": 3, "mamba_d_conv": 4,
          "mamba_expand": 2, "mamba_conv_bias": true, "mamba_proj_bias": false, "attention_bias": false, "tie_word_embeddings": true
        }
        """;

    /// <summary>
    /// The dense model of <see cref="PublishedModelTests"/> has 1,352: two blocks of 592, 168 besides. Biases of query, key and value are 8 + 4 + 4 a
    /// block, that of the output 8, those of the feed-forward 16 + 16 + 8; two more norms 16; q/k norm over all heads 8 + 4, by head 2 + 2. The
    /// projection to the logits, where it is not the table, is 80. Attention beside the feed-forward may share its norm: 16 fewer. Without a gate the
    /// feed-forward is 2·8·16 in place of 3·8·16: 256 fewer, its biases 16 + 8; norms with a shift are twice as large, the last, too.
    /// </summary>
    [Theory]
    [InlineData("phi3", Tied, 1352)]
    [InlineData("granite", Tied, 1352)]
    [InlineData("gemma", Tied, 1352)]
    [InlineData("smollm3", "\"no_rope_layers\": [1, 0]", 1272)]
    [InlineData("ministral3", "\"tie_word_embeddings\": true", 1272)]
    [InlineData("seed_oss", Tied, 1384)]
    [InlineData("seed_oss", "\"attention_out_bias\": true", 1400)]
    [InlineData("internlm3", "\"qkv_bias\": true", 1384)]
    [InlineData("internlm3", "\"bias\": true", 1448)]
    [InlineData("ernie4_5", "\"tie_word_embeddings\": false, \"use_bias\": true", 1480)]
    [InlineData("glm", "\"attention_bias\": true", 1384)]
    [InlineData("glm4", "\"attention_bias\": false", 1384)]
    [InlineData("olmo2", Tied, 1376)]
    [InlineData("exaone4", Tied, 1360)]
    [InlineData("cohere", "\"use_qk_norm\": false", 1256)]
    [InlineData("cohere", "\"use_qk_norm\": true", 1280)]
    [InlineData("cohere2", "\"sliding_window\": 16", 1256)]
    [InlineData("hunyuan_v1_dense", Tied, 1360)]

    // Two norms of 16 a block, biases 24 and 24; keys and values of all heads, 64 and 8 more a block, whatever the file says.
    [InlineData("gpt_neox", Tied, 1376)]
    [InlineData("gpt_neox", "\"use_parallel_residual\": false, \"attention_bias\": false", 1312)]

    // One norm of 16; ten biases of the logits.
    [InlineData("phi", Tied, 1210)]
    [InlineData("glm4v_text", Tied, 1416)]
    [InlineData("glm_ocr_text", Tied, 1384)]
    [InlineData("helium", "\"mlp_bias\": true", 1432)]
    [InlineData("cwm", Tied, 1352)]
    [InlineData("ministral", "\"sliding_window\": 16", 1352)]
    [InlineData("minicpm", "\"scale_depth\": 1.4", 1272)]
    [InlineData("internlm2", "\"bias\": false", 1352)]
    [InlineData("hyperclovax", "\"use_post_norm\": true", 1384)]

    // Four sinks a block.
    [InlineData("granite_swa", "\"attention_bias\": false", 1280)]
    [InlineData("vaultgemma", "\"sliding_window\": 16", 1272)]

    // Norms with a shift: 5·8 more.
    [InlineData("stablelm", Tied, 1392)]
    [InlineData("stablelm", "\"use_parallel_residual\": true", 1360)]
    [InlineData("arcee", Tied, 1096)]
    [InlineData("apertus", Tied, 1104)]
    [InlineData("jais2", Tied, 1232)]

    // The table projects to the logits.
    [InlineData("starcoder2", "\"sliding_window\": 16", 1152)]
    [InlineData("nemotron", Tied, 1136)]
    public void A_dense_model(string type, string fields, int total) => Holds(Dense(type, fields), total);

    /// <summary>
    /// Query 8·4 and 4·8, its norm 4; key and value 8·6 and 4·2·(2 + v), the norm 4; output 2·v·8; norms 16; feed-forward 384: 584 with v = 2, 632 with v = 4.
    /// Two blocks; table and last norm 88.
    /// </summary>
    [Theory]
    [InlineData("youtu", "\"v_head_dim\": 2", 1256)]
    [InlineData("minicpm3", "\"v_head_dim\": 2", 1256)]
    [InlineData("minicpm3", "\"rope_theta\": 10000", 1352)]
    public void Latent_attention_without_experts(string type, string fields, int total) => Holds(
        $$"""
        {
          "model_type": "{{type}}", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 2, "vocab_size": 10,
          "q_lora_rank": 4, "kv_lora_rank": 4, "qk_nope_head_dim": 2, "qk_rope_head_dim": 2, {{fields}}
        }
        """,
        total);

    /// <summary>A language model within a larger one: at the usual place, deeper, elsewhere, or beside the other parts.</summary>
    [Theory]
    [InlineData("{ \"model_type\": \"glm4v\", \"text_config\": LLAMA }", "glm4v_text", 1416)]
    [InlineData("{ \"model_type\": \"qwen2_5_omni\", \"thinker_config\": { \"audio_config\": {}, \"text_config\": LLAMA } }", "qwen2_5_omni_text", 1384)]
    [InlineData("{ \"model_type\": \"internvl_chat\", \"llm_config\": LLAMA, \"vision_config\": {} }", "llama", 1352)]
    public void Parts_of_larger_models(string file, string type, int total) => Holds(
        file.Replace("LLAMA", PublishedConfigs.Llama.Replace("\"llama\"", $"\"{type}\"", StringComparison.Ordinal), StringComparison.Ordinal), total);

    [Fact]
    public void A_language_model_beside_an_encoder_in_one_object()
    {
        // As Qwen2: biases of 16 a block. The encoder is not counted, and a warning says so.
        string flat = Dense("qwen2_vl", "\"tie_word_embeddings\": false, \"vision_config\": { \"depth\": 2 }");
        Holds(flat, 1384);
        Assert.Contains("vision_config: neither weights nor time of the encoder are counted", PublishedConfigs.Show(flat).Error, StringComparison.Ordinal);
        Refuses("{ \"model_type\": \"internvl_chat\", \"llm_config\": {} }", "llm_config.model_type: found nothing; expected the architecture of the language model");
    }

    /// <summary>
    /// Query 8·8, key and value 8·2 each with one head, output 8·8: 160; up and down 2·8·32 unless the width is stated; norms 16; table and last norm 96.
    /// </summary>
    [Theory]

    // One norm: 2·(160 + 512 + 16) + 96.
    [InlineData("\"multi_query\": true, \"parallel_attn\": true, \"num_kv_heads\": 4", 1472)]

    // Attention before the feed-forward, biases of 8 + 2 + 2, 8, 32 and 8: 2·(160 + 512 + 32 + 60) + 96.
    [InlineData("\"multi_query\": true, \"parallel_attn\": false, \"bias\": true", 1624)]

    // Two key-value heads, two norms, a width of 16: 2·(192 + 256 + 32) + 96.
    [InlineData("\"new_decoder_architecture\": true, \"num_kv_heads\": 2, \"ffn_hidden_size\": 16", 1056)]
    [InlineData("\"new_decoder_architecture\": true, \"num_kv_heads\": 2, \"num_ln_in_parallel_attn\": 1, \"ffn_hidden_size\": 16", 1024)]
    public void Falcon(string fields, int total) => Holds(FalconOf(fields), total);

    /// <summary>
    /// A block's attention is 200: norm 8, 128, 64. Four experts are 4·144, one shared 144, router 32, its shift 4, norm 8; a dense feed-forward is 392.
    /// Embedding table and last norm are 88, logits 80 more.
    /// </summary>
    [Theory]

    // From block 1 on every other of 4 has experts: 800 + 2·392 + 2·(576 + 144 + 36 + 8) + 88.
    [InlineData("ernie4_5_moe", 4, "\"moe_num_experts\": 4, \"moe_k\": 2, \"moe_num_shared_experts\": 1, \"moe_layer_start_index\": 1, \"moe_layer_end_index\": -1, \"moe_layer_interval\": 2", 3200)]

    // Up to block 1: 800 + 3·392 + 764 + 88.
    [InlineData("ernie4_5_moe", 4, "\"moe_num_experts\": 4, \"moe_k\": 2, \"moe_num_shared_experts\": 1, \"moe_layer_start_index\": 1, \"moe_layer_end_index\": 2, \"moe_layer_interval\": 2", 2828)]

    // 2·(200 + 4) + 2·(576 + 144 + 32 + 8) + 88.
    [InlineData("hunyuan_v1_moe", 2, "\"num_experts\": 4, \"moe_topk\": [2, 2], \"num_shared_expert\": [1, 1], \"tie_word_embeddings\": true", 2016)]

    // 2·(200 + 4 + 16) + 392 + 764 + 168.
    [InlineData("bailing_moe_v2", 2, "\"num_experts\": 4, \"num_experts_per_tok\": 2, \"num_shared_experts\": 1, \"first_k_dense_replace\": 1, \"use_qkv_bias\": true, \"use_qk_norm\": true, \"moe_router_enable_expert_bias\": true", 1764)]

    // 2·(200 + 4) + 392 + 764 + 168.
    [InlineData("dots1", 2, "\"n_routed_experts\": 4, \"num_experts_per_tok\": 2, \"n_shared_experts\": 1, \"first_k_dense_replace\": 1", 1732)]

    // 2·(200 + 16) + 392 + 764 + 168.
    [InlineData("glm4v_moe_text", 2, "\"n_routed_experts\": 4, \"num_experts_per_tok\": 2, \"n_shared_experts\": 1, \"first_k_dense_replace\": 1", 1756)]

    // Norms with a shift: 208 + 16 + 1,536 + 32 + 176.
    [InlineData("phimoe", 1, "\"num_local_experts\": 4, \"num_experts_per_tok\": 2", 1968)]

    // 200 + 764 + 168.
    [InlineData("solar_open", 1, "\"n_routed_experts\": 4, \"num_experts_per_tok\": 2, \"n_shared_experts\": 1", 1132)]
    [InlineData("exaone_moe", 2, "\"num_experts\": 4, \"num_experts_per_tok\": 2, \"num_shared_experts\": 1", 1732)]
    [InlineData("hy_v3", 2, "\"num_experts\": 4, \"num_experts_per_tok\": 2, \"num_shared_experts\": 1", 1732)]

    // Norms of queries and keys, 4; a list that says what the number of dense blocks does.
    [InlineData("solar_open", 1, "\"n_routed_experts\": 4, \"num_experts_per_tok\": 2, \"n_shared_experts\": 1, \"use_qk_norm\": true", 1136)]
    [InlineData("exaone_moe", 2, "\"num_experts\": 4, \"num_experts_per_tok\": 2, \"num_shared_experts\": 1, \"is_moe_layer\": [false, true]", 1732)]

    // 200 + 576 + 144 + 32 + 8 + 168.
    [InlineData("aria_text", 1, "\"moe_num_experts\": 4, \"moe_topk\": 2, \"moe_num_shared_experts\": 1", 1128)]

    // 204 + 576 + 32 + 8 + 168.
    [InlineData("mellum", 1, "\"num_experts\": 4, \"num_experts_per_tok\": 2", 988)]
    [InlineData("flex_olmo", 1, "\"num_experts\": 4, \"num_experts_per_tok\": 2", 1956)]

    // As wide as a dense feed-forward, 4·384: 200 + 12 + 1,536 + 32 + 8 + 168.
    [InlineData("olmoe", 1, "\"num_experts\": 4, \"num_experts_per_tok\": 2", 1956)]

    // 200 + 1,536 + 32 + 8 + 88.
    [InlineData("granitemoe", 1, "\"num_local_experts\": 4, \"num_experts_per_tok\": 2, \"tie_word_embeddings\": true", 1864)]

    // The same with four sinks, and a shared feed-forward of 384.
    [InlineData("granitemoe_swa", 1, "\"num_local_experts\": 4, \"num_experts_per_tok\": 2, \"layer_rope_theta\": [0], \"tie_word_embeddings\": true", 1868)]
    [InlineData("granitemoe_swa", 1, "\"num_local_experts\": 4, \"num_experts_per_tok\": 2, \"shared_intermediate_size\": 16, \"tie_word_embeddings\": true", 2252)]

    // A gate a head, four heads and six: 236 + 392, 316 + 764, 168.
    [InlineData("laguna", 2, "\"num_experts\": 4, \"num_experts_per_tok\": 2, \"shared_expert_intermediate_size\": 6, \"num_attention_heads_per_layer\": [4, 6], \"gating\": true", 1876)]

    // Two norms more, q/k norm 4, a gate an element 64: 2·276 + 400 + 772 + 168.
    [InlineData("afmoe", 2, "\"num_experts\": 4, \"num_experts_per_tok\": 2, \"num_shared_experts\": 1, \"num_dense_layers\": 1, \"sliding_window\": 16", 1892)]
    public void A_mixture_of_experts(string type, int blocks, string fields, int total) => Holds(Mixture(type, blocks, fields), total);

    [Fact]
    public void Mamba_beside_attention_with_experts_or_without()
    {
        // Mamba, inner width 16: norm 8, input 8·(16 + 22 + 4) = 336, convolution 22·4 + 22, three numbers a head 12, norm 16, output 128: 610.
        // Attention 200. Twice experts 576, two shared 288, router 32, norm 8. Table and last norm 88: 610 + 200 + 1,808 + 88.
        string[] lines = Holds(GraniteHybrid, 2706);
        Assert.Contains("KV bytes per token  16 at 2 bytes an element, 8 at 1", lines);

        // Twice the shared feed-forward alone, 3·8·12 and norm 8: 610 + 200 + 592 + 88.
        Holds(GraniteHybrid.Replace("\"num_local_experts\": 4", "\"num_local_experts\": 0", StringComparison.Ordinal), 1490);
    }

    [Fact]
    public void What_cannot_be_known_is_refused_by_its_field()
    {
        Refuses(Dense("ministral3", "\"max_position_embeddings\": 64"), "tie_word_embeddings: found nothing; expected true or false: models of this architecture differ in it");
        Refuses(
            Dense("exaone4", "\"sliding_window\": 16"),
            "layer_types: found nothing; expected a list of attention kinds, one a layer, since sliding_window is given");
        Refuses(
            FalconOf("\"new_decoder_architecture\": true, \"num_kv_heads\": 3"), "num_kv_heads: found 3; expected a divisor of num_attention_heads, 4");
        Refuses(
            Dense("llama", "\"use_parallel_residual\": true"),
            "use_parallel_residual: found true; expected false or no such field: attention beside the feed-forward is not known of this architecture");
        Refuses(
            Dense("phi3", "\"lm_head_bias\": true"),
            "lm_head_bias: found true; expected false or no such field: these biases cannot be represented");
        Refuses(
            Dense("hunyuan_v1_dense", "\"use_cla\": true"),
            "use_cla: found true; expected false or no such field: blocks that share another block's keys and values cannot be represented");
        Refuses(
            Mixture("hunyuan_v1_moe", 2, "\"num_experts\": 4, \"moe_topk\": [2, 1], \"num_shared_expert\": 1"),
            "moe_topk[1]: found 1; expected the same as in the first layer, 2: experts that differ from layer to layer cannot be represented");
        Refuses(
            Mixture("laguna", 1, "\"gating\": \"per-element\""), "gating: found \"per-element\"; expected true or \"per-head\": other gates are not known here");
        Refuses(
            Mixture("exaone_moe", 2, "\"num_experts\": 4, \"num_experts_per_tok\": 2, \"num_shared_experts\": 1, \"is_moe_layer\": [true, true]"),
            "is_moe_layer[0]: found true; expected false, as first_k_dense_replace or mlp_layer_types have it");
        Refuses(
            Dense("qwen3", "\"num_attention_heads_per_layer\": [4, 6]"),
            "num_attention_heads_per_layer: found [4, 6]; expected no such field: blocks whose widths differ cannot be represented");
        Refuses(
            GraniteHybrid.Replace("\"mamba_d_head\": 4", "\"mamba_d_head\": 8", StringComparison.Ordinal),
            "mamba_d_head: found 8; expected what mamba_n_heads of it are 16 wide together");
    }

    private static string FalconOf(string fields) =>
        $$"""{ "model_type": "falcon", "hidden_size": 8, "num_hidden_layers": 2, "num_attention_heads": 4, "vocab_size": 10, {{fields}} }""";

    private static string Dense(string type, string fields) => Llama
        .Replace("\"model_type\": \"llama\"", $"\"model_type\": \"{type}\"", StringComparison.Ordinal)
        .Replace(Tied, fields, StringComparison.Ordinal);

    private static string Mixture(string type, int blocks, string fields) => Experts
        .Replace("TYPE", type, StringComparison.Ordinal)
        .Replace("BLOCKS", blocks.ToString(CultureInfo.InvariantCulture), StringComparison.Ordinal)
        .Replace("MORE", fields, StringComparison.Ordinal);

    private static string[] Holds(string config, int total)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.DoesNotContain("error", outcome.Error, StringComparison.Ordinal);
        string[] lines = outcome.Output.Split('\n');
        Assert.Contains(string.Create(CultureInfo.InvariantCulture, $"parameters total    0.000 billion ({total:N0})"), lines);
        return lines;
    }

    private static void Refuses(string config, string message)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal($"error: config.json: {message}\n", outcome.Error);
        Assert.Equal(2, outcome.ExitCode);
    }
}
