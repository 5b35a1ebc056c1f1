using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Published models whose blocks differ in more than reach: parameters, cache and state counted by hand, refusals by their field.</summary>
public sealed class HybridModelTests
{
    /// <summary>Table 80, logits 80, last norm 8 stand beside the blocks of all of them.</summary>
    private const int Ends = 168;

    [Fact]
    public void Gated_delta_rule_and_gated_attention()
    {
        // Linear: qkvz (24 + 8)·8 = 256, ba 64, convolution 24·4 = 96, decays and biases 8, norm 2, output 64, norm 8: 498, three times 1,494.
        // Whole: query and gate 2·8·8 = 128, key and value 64, output 64, q/k norm 4, norm 8: 268. Feed-forward 3·8·16 + 8 = 392, four times 1,568.
        string[] lines = Show(PublishedConfigs.QwenHybrid);
        Assert.Contains("described by        a published configuration, qwen3_5_text", lines);
        Assert.Contains("gated delta rule    in 3 blocks: 4 heads of 2, 2 key heads of 4; convolution over 4, chunks of 64", lines);
        Assert.Contains("attention           in 1 blocks: group-query, 4 heads, 2 key-value heads, 2 wide; query and key normalised head by head; gated output", lines);
        Assert.Contains($"parameters total    0.000 billion ({1494 + 268 + 1568 + Ends:N0})", lines);
        Assert.Contains("KV bytes per token  16 at 2 bytes an element, 8 at 1", lines);

        // A state of 4·2·4 in 4 bytes and 24·3 in 2: 272, three times.
        Assert.Contains("state per sequence  816 bytes, however long the context", lines);
    }

    [Fact]
    public void Kimi_delta_attention_and_experts_in_a_width_of_their_own()
    {
        // Delta: q, k, v 192, decay 32 + 32, strength 16, gate 32 + 32, convolution 96, decays 2 + 8, norm 4, output 64, norm 8: 518.
        // Latent: q 80, kv_a 48 + 4, kv_b 48, gate 48, output 48, norm 8: 284. Dense 392.
        // Experts: router 32 + 4, norm 8, width 64 + norm 4, routed 4·3·4·6 = 288, shared 144: 544.
        string[] lines = Show(PublishedConfigs.KimiLinear);
        Assert.Contains($"parameters total    0.000 billion ({518 + 284 + 392 + 544 + Ends:N0})", lines);

        // Half of the routed experts, no table: 1,906 - 144 - 80.
        Assert.Contains("parameters active   0.000 billion (1,682): what a token is multiplied with", lines);
        Assert.Contains("KV bytes per token  12 at 2 bytes an element, 6 at 1", lines);
        Assert.Contains("state per sequence  272 bytes, however long the context", lines);
        Assert.Contains(lines, line => line.EndsWith("routed ones work in a width of 4", StringComparison.Ordinal));
    }

    [Fact]
    public void Blocks_of_one_part()
    {
        // State space: (8 + 24 + 4)·8 = 288, convolution and bias 120, 12, norm 8, output 64, norm 8: 500. Attention 64 + 64 + 64 + 8 = 200.
        // Feed-forward 2·8·16 + 8 = 264. Experts: router 36, norm 8, width 64, routed 4·2·4·6 = 192, shared 96: 396.
        string[] lines = Show(PublishedConfigs.Nemotron);
        Assert.Contains("blocks              4: 1 dense, 1 with experts, 2 without feed-forward", lines);
        Assert.Contains("no attention        in 2 blocks: a feed-forward alone", lines);
        Assert.Contains($"parameters total    0.000 billion ({500 + 200 + 264 + 396 + Ends:N0})", lines);
        Assert.Contains("parameters active   0.000 billion (1,352): what a token is multiplied with", lines);
        Assert.Contains("state per sequence  272 bytes, however long the context", lines);
    }

    [Fact]
    public void Windows_with_heads_and_widths_of_their_own()
    {
        // Whole: 96 + 24 + 16 + 64 + 8 = 208; window: 96 + 48 + 32 + 64 + sinks 4 + 8 = 252; dense 392; experts 36 + 8 + 576 = 620.
        string[] lines = Show(PublishedConfigs.MiMo);
        Assert.Contains($"parameters total    0.000 billion ({208 + 252 + 392 + 620 + Ends:N0})", lines);

        // 1·(3 + 2) and 2·(3 + 2).
        Assert.Contains("KV bytes per token  30 at 2 bytes an element, 15 at 1", lines);
        Assert.Contains("of which limited    20 at 2 bytes, in blocks that keep only what is within reach", lines);
    }

    [Fact]
    public void Gates_a_head()
    {
        // Whole: 64 + 64 + gate 32 + 64 + 4 + 8 = 236; six heads in the window: 96 + 64 + 48 + 96 + 4 + 8 = 316; dense 392; experts 620 + 144.
        string[] lines = Show(PublishedConfigs.Step);
        Assert.Contains($"parameters total    0.000 billion ({236 + 316 + 392 + 764 + Ends:N0})", lines);
        FastSimProgram.Outcome silent = PublishedConfigs.Show(PublishedConfigs.Step.Replace("\"num_sliding_attention_heads\": 6,", "", StringComparison.Ordinal));
        Assert.StartsWith(
            "warning: config.json: no attention_other_setting and no num_sliding_attention_heads: blocks with a window are read with the 4 heads of the others",
            silent.Error,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Caches_shared_between_blocks_of_different_heads()
    {
        // Window: q 64, k 32, v 32, output 64, norms 4 and 2·8: 212; whole: 128 + 32 + 128 + 8 + 16 = 312; readers of their caches: 64 + 64 + 2 + 16 = 146
        // and 128 + 128 + 4 + 16 = 276. Dense 384 + 16, twice as wide 768 + 16: 2·400 + 2·784. Experts: router 32, scales 12, norms 3·8, 4·3·8·6 = 576: 4·644.
        // Inputs a block: 24 + 24 + 8 = 56; once 12·8 + 3 = 99 and a table of 5·12 = 60. Table 80, last norm 8.
        string[] lines = Show(PublishedConfigs.Gemma4);
        const int Total = 212 + 312 + 146 + 276 + 800 + 1568 + 2576 + 224 + 99 + 60 + 88;
        Assert.Contains($"parameters total    0.000 billion ({Total:N0})", lines);

        // Half of the experts, 4·288, and not the table of the blocks' inputs.
        Assert.Contains($"parameters active   0.000 billion ({Total - 1152 - 60:N0}): what a token is multiplied with", lines);
        Assert.Contains("blocks              4, all with experts beside a dense feed-forward", lines);
        Assert.Contains("feed-forward        16 wide, twice as wide in 2 blocks, gated", lines);
        Assert.Contains("inputs per block    3 wide, from a table of 5 rows", lines);

        // 2·2·2 of the window, 2·1·4 of the whole context; the other two keep nothing.
        Assert.Contains("KV bytes per token  32 at 2 bytes an element, 16 at 1", lines);
        Assert.Contains("of which limited    16 at 2 bytes, in blocks that keep only what is within reach", lines);
        Assert.Contains("not counted         what the file describes beside its text_config, such as a vision encoder", lines);
    }

    [Fact]
    public void Compressed_entries_and_several_streams()
    {
        // Attention: q 24 + 3 + 48, key 32 + 4, output 2·5·8 + 80, sinks 4, norm 8: 283. Streams: (8·16 + 8 + 3) twice: 278. Experts: 36 + 8 + 576 + 144 = 764.
        // Sparse: compressor 128 + 32 + 4, index query 12, weights 16, compressor 64 + 16 + 2: 274. Heavy: 64 + 512 + 4 = 580. The streams' end 32 + 3.
        string[] lines = Show(PublishedConfigs.DeepSeekV4);
        const int Total = (3 * (283 + 278 + 764)) + 274 + 580 + 35 + Ends;
        Assert.Contains($"parameters total    0.000 billion ({Total:N0})", lines);
        Assert.Contains($"parameters active   0.000 billion ({Total - 864 - 80:N0}): what a token is multiplied with", lines);
        Assert.Contains("residual streams    2", lines);

        // Windows of 4, three times, and (4 + 2)/4 + 4/128 of every token: 13.53 elements, 27.06 bytes. In one byte an
        // entry is 2 + 2·2 and a scale, 7, aligned to 8, an index key 2 and a scale of 4: 3·8 + (8 + 6)/4 + 8/128 = 27.56.
        Assert.Contains("KV bytes per token  27 at 2 bytes an element, 28 at 1", lines);
        Assert.Contains("of which limited    24 at 2 bytes, in blocks that keep only what is within reach", lines);

        // Two windows of 4 tokens, values and weights of 8 + 4 in 4 bytes: 768; one of 128 of 4: 4,096.
        Assert.Contains("state per sequence  4,864 bytes, however long the context", lines);
        Assert.Contains(lines, line => line.EndsWith("an entry for 4 tokens, 3 selected by 2 index heads, 2 wide", StringComparison.Ordinal));
        Assert.Contains("not counted         tables by which 1 layers choose a token's experts (num_hash_layers)", lines);
    }

    [Fact]
    public void Compressed_attention_listed_by_its_names_is_the_same()
    {
        const string Numbers = "\"compress_ratios\": [0, 4, 128, 0]";
        const string Names = "\"layer_types\": [\"sliding_attention\", \"compressed_sparse_attention\", \"heavily_compressed_attention\"], \"compress_rates\": { \"compressed_sparse_attention\": 4 }";
        Assert.Equal(Show(PublishedConfigs.DeepSeekV4), Show(PublishedConfigs.DeepSeekV4.Replace(Numbers, Names, StringComparison.Ordinal)));
    }

    [Fact]
    public void A_selection_that_a_block_borrows()
    {
        // 96 weights of an indexer fewer than where each block has one, and 4 elements of cache.
        string[] lines = Show(PublishedConfigs.DeepSeekSparse.Replace(
            "\"index_topk\": 16", "\"index_topk\": 16, \"indexer_types\": [\"full\", \"shared\", \"full\"]", StringComparison.Ordinal));
        Assert.Contains("parameters total    0.000 billion (4,305)", lines);
        Assert.Contains("KV bytes per token  52 at 2 bytes an element, 26 at 1", lines);
    }

    public static TheoryData<string, string, string, string> Refusals { get; } = new()
    {
        { PublishedConfigs.QwenHybrid, "\"linear_num_value_heads\": 4", "\"linear_num_value_heads\": 3", "text_config.linear_num_value_heads: found 3; expected a multiple of linear_num_key_heads, 2" },
        { PublishedConfigs.QwenHybrid, "\"full_attention_interval\": 4", "\"layer_types\": [\"linear_attention\", \"full_attention\", \"linear_atention\", \"full_attention\"]", "text_config.layer_types[2]: found \"linear_atention\"; expected an attention kind of this architecture: linear_attention, full_attention; did you mean \"linear_attention\"?" },
        { PublishedConfigs.QwenHybrid, "\"float32\"", "\"float8\"", "text_config.mamba_ssm_dtype: found \"float8\"; expected a data type of the state: float32, bfloat16, float16; did you mean \"float32\"?" },
        { PublishedConfigs.KimiLinear, "\"kda_layers\": [1]", "\"kda_layers\": [1, 2]", "linear_attn_config.full_attn_layers[0]: found 2; expected a layer that no list names yet" },
        { PublishedConfigs.KimiLinear, "\"full_attn_layers\": [2]", "\"full_attn_layers\": []", "linear_attn_config.full_attn_layers: found []; expected layer 2 here or in kda_layers: every layer has either attention" },
        { PublishedConfigs.Nemotron, "\"M*-E\"", "\"M*-X\"", "hybrid_override_pattern: found \"M*-X\"; expected M, *, - or E for each layer, not X" },
        { PublishedConfigs.Nemotron, "\"M*-E\"", "\"M*-\"", "hybrid_override_pattern: found \"M*-\"; expected as many entries as num_hidden_layers, 4, not 3" },
        { PublishedConfigs.MiMo, "\"hybrid_layer_pattern\": [0, 1]", "\"hybrid_layer_pattern\": [0]", "hybrid_layer_pattern: found [0]; expected as many entries as num_hidden_layers, 2, not 1" },
        { PublishedConfigs.Gemma4, "\"num_kv_shared_layers\": 2", "\"num_kv_shared_layers\": 3", "text_config.num_kv_shared_layers: found 3; expected a number that leaves, of the 4 layers, one of each kind to read from" },
        { PublishedConfigs.Gemma4, "\"sliding_attention\", \"full_attention\"]", "\"full_attention\", \"sliding_attention\"]", "text_config.layer_types[3]: found \"sliding_attention\"; expected full_attention: the last layer of this architecture has no other" },
        { PublishedConfigs.Gemma4, "\"num_global_key_value_heads\": 1", "\"num_global_key_value_heads\": 3", "text_config.num_global_key_value_heads: found 3; expected a divisor of num_attention_heads, 4" },
        { PublishedConfigs.Gemma4, "\"vocab_size\": 10", "\"vocab_size\": 10, \"use_bidirectional_attention\": \"all\"", "text_config.use_bidirectional_attention: found \"all\"; expected vision, or no such field: attention to later tokens has no operators here" },
        { PublishedConfigs.Gemma4, "\"vocab_size\": 10", "\"vocab_size\": 10, \"laurel_rank\": 64", "text_config.laurel_rank: found 64; expected no such field: what it changes in a model of this architecture is not known here" },
        { PublishedConfigs.Llama, "\"vocab_size\": 10", "\"vocab_size\": 10, \"num_kv_shared_layers\": 4", "num_kv_shared_layers: found 4; expected 0 or no such field: blocks that share another block's keys and values cannot be represented" },
        { PublishedConfigs.DeepSeekV4, "[0, 4, 128, 0]", "[0, 8, 128, 0]", "compress_ratios[1]: found 8; expected 0, 4 or 128: entries of other numbers of tokens have no public description" },
        { PublishedConfigs.DeepSeekV4, "[0, 4, 128, 0]", "[0, 4]", "compress_ratios: found [0, 4]; expected at least as many entries as num_hidden_layers, 3, not 2" },
        { PublishedConfigs.DeepSeekV4, "\"o_groups\": 2", "\"o_groups\": 3", "o_groups: found 3; expected a divisor of num_attention_heads, 4" },
        { PublishedConfigs.DeepSeekV4, "\"num_key_value_heads\": 1", "\"num_key_value_heads\": 2", "num_key_value_heads: found 2; expected 1: keys and values have one head" },
        { PublishedConfigs.DeepSeekV4, "\"vocab_size\": 10", "\"vocab_size\": 10, \"vision_n_layers\": 4", "vision_n_layers: found 4; expected 0 or no such field: an encoder of images within the model has no operators here" },
        { PublishedConfigs.DeepSeekV4, "\"vocab_size\": 10", "\"vocab_size\": 10, \"hc_gate\": true", "hc_gate: found true; expected no such field: what it changes in a model of this architecture is not known here" },
        { PublishedConfigs.DeepSeekV4, "\"vocab_size\": 10", "\"vocab_size\": 10, \"expert_dtype\": \"fp4\"", "expert_dtype: found \"fp4\"; expected a quantization_config beside it: the format of experts in a checkpoint whose other weights are quantized" },
        { PublishedConfigs.Llama, "\"vocab_size\": 10", "\"vocab_size\": 10, \"hc_mult\": 4", "hc_mult: found 4; expected no such field: several residual streams have no operators here" },
        { PublishedConfigs.Llama, "\"vocab_size\": 10", "\"vocab_size\": 10, \"mamba_num_heads\": 4", "mamba_num_heads: found 4; expected no such field: state-space blocks have no operators here" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_read_is_refused_with_its_field(string config, string text, string replacement, string message)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config.Replace(text, replacement, StringComparison.Ordinal));
        Assert.Equal($"error: config.json: {message}\n", outcome.Error);
        Assert.Equal(2, outcome.ExitCode);
    }

    private static string[] Show(string config)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
        return outcome.Output.Split('\n');
    }
}
