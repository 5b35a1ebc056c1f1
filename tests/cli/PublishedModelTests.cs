using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Published configurations: what they are read as, counted by hand, and how they are refused.</summary>
public sealed class PublishedModelTests
{
    [Fact]
    public void A_dense_model()
    {
        // A block: norms 8 + 8, qkv 8·(4 + 2·2)·2 = 128, output 8·8 = 64, gate, up, down 3·8·16 = 384: 592. Two of them, 1,184;
        // table 10·8 and logits 10·8, last norm 8.
        string[] lines = Show(PublishedConfigs.Llama);
        Assert.Contains("model               toy/model", lines);
        Assert.Contains("described by        a published configuration, llama", lines);
        Assert.Contains("blocks              2, dense", lines);
        Assert.Contains("attention           group-query, 4 heads, 2 key-value heads, 2 wide", lines);
        Assert.Contains("parameters total    0.000 billion (1,352)", lines);

        // A token is multiplied with all but the table.
        Assert.Contains("parameters active   0.000 billion (1,272): what a token is multiplied with", lines);
        Assert.Contains("weight bytes        2,704 (0 GiB), 2 bytes a weight", lines);

        // Two blocks, 2·2 heads·2.
        Assert.Contains("KV bytes per token  32 at 2 bytes an element, 16 at 1", lines);
    }

    [Fact]
    public void Dense_blocks_among_experts()
    {
        // Steps of two make blocks 1 and 3 expert blocks, of which 3 is listed as dense: one has experts.
        // Attention: norm 8, q/k norm 2·4, qkv 8·(4 + 2·2)·4 = 256, output 16·8 = 128: 400, four times 1,600.
        // Dense: norm 8, 3·8·16 = 384: 392, three times 1,176. Experts 8·3·8·6 = 1,152, two of them active 288; router 8·8 and norm 8.
        // The table, 80, is the logits projection; last norm 8.
        string[] lines = Show(PublishedConfigs.Qwen3Experts);
        Assert.Contains("blocks              4: 3 dense, 1 with experts", lines);
        Assert.Contains("attention           group-query, 4 heads, 2 key-value heads, 4 wide; query and key normalised head by head", lines);
        Assert.Contains("parameters total    0.000 billion (4,088)", lines);
        Assert.Contains("parameters active   0.000 billion (3,224): what a token is multiplied with", lines);
        Assert.DoesNotContain(lines, line => line.StartsWith("active with table", StringComparison.Ordinal));
        Assert.Contains("vocabulary          10, the embedding table projects to the logits", lines);
    }

    [Fact]
    public void Latent_attention_with_shared_experts_and_quantized_weights()
    {
        // Attention: norm 8, q_a 8·5 + norm 5, q_b 5·2·(3 + 2) = 50, kv_a 8·(4 + 2) = 48 + norm 4, kv_b 4·2·(3 + 3) = 48, output 6·8 = 48:
        // 251, three times 753. Dense: 8 + 3·8·18 = 440. Two expert blocks: experts 8·3·8·6 = 1,152, shared 144, router 8·8 + 8 and norm 8.
        // 753 + 440 + 2·(1,152 + 144 + 80) = 3,945; table 80, logits 80, last norm 8.
        string[] lines = Show(PublishedConfigs.DeepSeek);
        Assert.Contains("blocks              3: 1 dense, 2 with experts", lines);
        Assert.Contains("attention           latent, 2 heads; query rank 5, key-value rank 4; head widths 3 plain, 2 rotary, 3 value", lines);
        Assert.Contains("parameters total    0.000 billion (4,113)", lines);

        // Of 2·1,152 routed a token visits a quarter: 4,113 - 1,728 = 2,385, without the table 2,305.
        Assert.Contains("parameters active   0.000 billion (2,305): what a token is multiplied with", lines);
        Assert.Contains("active with table   0.000 billion (2,385): the embedding table in full besides", lines);

        // Norms stay at 2 bytes: 3·(8 + 5 + 4) + 8 + 2·8 = 75, as do routers, 2·(64 + 8) = 144, and table, logits and last norm, 168.
        // (753 - 51 + 432 + 2·1,296)·(1 + 4/128²) + 2·(75 + 144 + 168) = 3,726.9 + 774.
        Assert.Contains(
            "weight bytes        4,501 (0 GiB), 1.00024 bytes a weight in attention, dense feed-forward, routed experts, shared experts, 2 elsewhere",
            lines);
        Assert.Contains("not counted         blocks that draft tokens (num_nextn_predict_layers); decode_mtp_token_config of a runtime adds them", lines);
        Assert.Contains("KV bytes per token  36 at 2 bytes an element, 18 at 1", lines);
    }

    [Fact]
    public void Selected_tokens()
    {
        // Beside the 4,113: index q 5·2·4 = 40, k 8·4 = 32, layer norm 2·4, weights 8·2 = 16: 96 a block. The index key is cached, too.
        string[] lines = Show(PublishedConfigs.DeepSeekSparse);
        Assert.Contains("sparse attention    16 tokens selected by 2 index heads, 4 wide", lines);
        Assert.Contains("parameters total    0.000 billion (4,401)", lines);
        Assert.Contains("KV bytes per token  60 at 2 bytes an element, 30 at 1", lines);
    }

    [Fact]
    public void Windows_sinks_and_biases()
    {
        // Attention: norm 8, qkv 8·16 + 16, sinks 4, output 8·8 + 8: 228, four times 912. Experts: 4·(8·12 + 12 + 6·8 + 8) = 656, four
        // times 2,624; router 8·4 + 4 and norm 8: 44, four times 176; table, logits, norm 168.
        string[] lines = Show(PublishedConfigs.GptOss);
        Assert.Contains("sliding window      16 tokens in 2 blocks", lines);
        Assert.Contains("whole context       in 2 blocks", lines);
        Assert.Contains("small weights       query, key and value biases; attention output biases; expert biases; router biases; attention sinks", lines);
        Assert.Contains("class defaults      dtype bfloat16", lines);
        Assert.Contains("parameters total    0.000 billion (3,880)", lines);

        // 2,624·(0.5 + 1/32) + 2·1,256.
        Assert.Contains("weight bytes        3,906 (0 GiB), 0.53125 bytes a weight in routed experts, 2 elsewhere", lines);
        Assert.Contains("of which limited    32 at 2 bytes, in blocks that keep only what is within reach", lines);
    }

    [Fact]
    public void A_language_model_within_a_larger_one()
    {
        // Attention: norms 2·8, q/k norm 2·2, qkv 128, output 64: 212; feed-forward: norms 2·8, 384: 400. Seven blocks, 4,284; table 80, norm 8.
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(PublishedConfigs.Gemma3);
        Assert.Equal(
            (0, "warning: config.json: vision_config: neither weights nor time of the encoder are counted, the language model alone is\n"), (outcome.ExitCode, outcome.Error));
        string[] lines = outcome.Output.Split('\n');
        Assert.Contains("described by        a published configuration, gemma3_text", lines);
        Assert.Contains("sliding window      16 tokens in 6 blocks", lines);
        Assert.Contains("class defaults      sliding_window_pattern 6", lines);
        Assert.Contains("parameters total    0.000 billion (4,372)", lines);
        Assert.Contains("not counted         what the file describes beside its text_config, such as a vision encoder", lines);
    }

    /// <summary>Small Gemma 3 configurations leave out what their class says; the sheet says what stood in.</summary>
    [Fact]
    public void Defaults_of_the_class_stand_in_and_are_named()
    {
        // Attention: norms 2·8, q/k norm 2·256, qkv 8·(8 + 2·4)·256 = 32,768, output 16,384: 49,680; feed-forward 400; table 262,208·8, norm 8.
        string[] lines = Show("""
            {
              "model_type": "gemma3_text", "torch_dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1,
              "sliding_window": 16
            }
            """);
        Assert.Contains("class defaults      vocab_size 262208; num_attention_heads 8; sliding_window_pattern 6; num_key_value_heads 4; head_dim 256", lines);
        Assert.Contains("parameters total    0.002 billion (2,147,752)", lines);
    }

    [Fact]
    public void Chunks_and_expert_blocks_in_turn()
    {
        // Attention: norm 8, qkv 128, output 64: 200, four times. Two dense: 8 + 384. Two with experts: 4·144, shared 144, router 32, norm 8.
        // 800 + 784 + 1,520 + 168.
        string[] lines = Show(PublishedConfigs.Llama4);
        Assert.Contains("chunks              16 tokens in 3 blocks", lines);
        Assert.Contains("blocks              4: 2 dense, 2 with experts", lines);
        Assert.Contains("experts             4 routed, 6 wide, 1 a token; 1 shared", lines);
        Assert.Contains("parameters total    0.000 billion (3,272)", lines);
    }

    [Fact]
    public void Query_and_key_normalised_over_all_heads()
    {
        // Attention: norm 8, q/k norm (4 + 2)·2, qkv 128, output 64: 212. Experts 4·144, router 32 + 4, norm 8: 620. Two blocks, and 168.
        string[] lines = Show(PublishedConfigs.MiniMax);
        Assert.Contains("parameters total    0.000 billion (1,832)", lines);
    }

    [Fact]
    public void Biases_of_query_key_and_value_alone()
    {
        // Attention: norm 8, q/k norm 4, qkv 128 + 16, output 64: 220, three times 660. Dense 392. Two: 8·144 + 144 + 64 + 8 + 8 = 1,376. 168.
        string[] lines = Show(PublishedConfigs.Glm);
        Assert.Contains("small weights       query, key and value biases; router biases", lines);
        Assert.Contains("parameters total    0.000 billion (3,972)", lines);
    }

    [Fact]
    public void A_gated_attention_output_has_a_projection()
    {
        // The dense model's 1,352 and two gates of 8·8.
        string[] lines = Show(PublishedConfigs.Llama.Replace("\"vocab_size\"", "\"attn_output_gate\": true, \"vocab_size\"", StringComparison.Ordinal));
        Assert.Contains("attention           group-query, 4 heads, 2 key-value heads, 2 wide; gated output", lines);
        Assert.Contains("parameters total    0.000 billion (1,480)", lines);
    }

    [Theory]
    [InlineData("\"llama\"", "\"lama\"", "model_type: found \"lama\"; expected an architecture that can be represented: docs/file-formats.md lists them; did you mean \"llama\"?")]
    [InlineData("\"hidden_size\"", "\"hiden_size\"", "hidden_size: found nothing; expected an integer of at least 1; did you mean \"hiden_size\"?")]
    [InlineData("\"num_attention_heads\": 4", "\"num_attention_heads\": 3", "num_key_value_heads: found 2; expected a divisor of num_attention_heads, 3")]
    [InlineData("\"vocab_size\": 10", "\"vocab_size\": 10, \"layer_types\": [\"full_attention\", \"linear_attention\"]", "layer_types[1]: found \"linear_attention\"; expected full_attention, sliding_attention or chunked_attention: other kinds have no operators here")]
    [InlineData("\"vocab_size\": 10", "\"vocab_size\": 10, \"layer_types\": [\"full_attention\"]", "layer_types: found [\"full_attention\"]; expected as many entries as num_hidden_layers, 2, not 1")]
    [InlineData("\"vocab_size\": 10", "\"vocab_size\": 10, \"layer_types\": [\"full_attention\", \"sliding_attention\"]", "sliding_window: found nothing; expected an integer of at least 1")]
    [InlineData("\"vocab_size\": 10", "\"vocab_size\": 10, \"linear_num_value_heads\": 32", "linear_num_value_heads: found 32; expected no such field: linear attention has no operators here")]
    [InlineData("\"vocab_size\": 10", "\"vocab_size\": 10, \"quantization_config\": { \"quant_method\": \"aqw\" }", "quantization_config.quant_method: found \"aqw\"; expected a quantization: fp8, fbgemm_fp8, mxfp4, compressed-tensors, modelopt, gptq, awq, auto-round, bitsandbytes, quark, hqq, torchao, aqlm, quanto, eetq, fp_quant, bitnet, mxfp8, blockwise_int8, w8a8_fp8, w8a8_int8, ptpc_fp8, w4afp8; did you mean \"awq\"?")]
    [InlineData("\"bfloat16\"", "\"float12\"", "torch_dtype: found \"float12\"; expected a data type: bfloat16, float16, float32, float8_e4m3fn; did you mean \"float16\"?")]
    public void A_configuration_that_cannot_be_used_is_refused_with_its_field(string text, string replacement, string message)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(PublishedConfigs.Llama.Replace(text, replacement, StringComparison.Ordinal));
        Assert.Equal($"error: config.json: {message}\n", outcome.Error);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Equal("", outcome.Output);
    }

    [Fact]
    public void A_selection_that_unknown_blocks_share_is_refused()
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(
            PublishedConfigs.DeepSeekSparse.Replace("\"index_topk\": 16", "\"index_topk\": 16, \"index_topk_freq\": 4", StringComparison.Ordinal));
        Assert.Equal(
            "error: config.json: index_topk_freq: found 4; expected 1, or index_skip_topk_offset beside it: which blocks share another block's selection is not known\n",
            outcome.Error);
    }

    [Fact]
    public void A_field_that_nobody_knows_is_named_and_not_used()
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(
            PublishedConfigs.Llama.Replace("\"vocab_size\": 10", "\"vocab_size\": 10, \"novel_mixing\": true", StringComparison.Ordinal));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal("warning: config.json: not used, since not known to change what the model costs: novel_mixing\n", outcome.Error);
    }

    private static string[] Show(string config)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
        return outcome.Output.Split('\n');
    }
}
