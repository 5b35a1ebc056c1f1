using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Published models of short convolutions, Mamba-1, two mixings in a block, experts that compute nothing and tables beside the embedding's: counted by hand, refused by their field.</summary>
public sealed class OtherBlockTests
{
    /// <summary>Table 80, logits 80, last norm 8.</summary>
    private const int Ends = 168;

    private const string Convolutions = """
        { "model_type": "lfm2", "hidden_size": 8, "intermediate_size": 24, "block_multiple_of": 8, "num_hidden_layers": 2, "num_attention_heads": 4,
          "num_key_value_heads": 2, "conv_L_cache": 3, "conv_bias": false, "full_attn_idxs": [1], "vocab_size": 10 }
        """;

    private const string Jamba = """
        { "model_type": "jamba", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "attn_layer_period": 2, "attn_layer_offset": 1, "expert_layer_period": 2, "expert_layer_offset": 1, "num_experts": 4, "num_experts_per_tok": 2,
          "mamba_d_state": 4, "mamba_d_conv": 4, "mamba_expand": 2, "mamba_dt_rank": 2, "vocab_size": 10 }
        """;

    private const string Beside = """
        { "model_type": "falcon_h1", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2,
          "head_dim": 4, "mamba_d_ssm": 8, "mamba_n_heads": 4, "mamba_d_head": 2, "mamba_n_groups": 2, "mamba_d_state": 4, "mamba_d_conv": 4, "vocab_size": 10 }
        """;

    private const string LongCat = """
        { "model_type": "longcat_flash", "hidden_size": 8, "num_layers": 1, "num_attention_heads": 2, "q_lora_rank": 5, "kv_lora_rank": 4,
          "qk_nope_head_dim": 3, "qk_rope_head_dim": 2, "v_head_dim": 3, "ffn_hidden_size": 16, "expert_ffn_hidden_size": 6, "n_routed_experts": 8,
          "zero_expert_num": 4, "zero_expert_type": "identity", "moe_topk": 3, "vocab_size": 10 }
        """;

    private const string BlockSparse = """
        { "model_type": "minimax_m3_vl", "text_config": { "hidden_size": 8, "intermediate_size": 6, "dense_intermediate_size": 12, "shared_intermediate_size": 6,
          "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 2, "num_local_experts": 4, "num_experts_per_tok": 2,
          "moe_layer_freq": [0, 1], "layer_types": ["full_attention", "minimax_m3_sparse"], "index_n_heads": 2, "index_head_dim": 4, "index_block_size": 2,
          "index_topk_blocks": 3, "vocab_size": 10 } }
        """;

    private const string Gpt = """
        { "model_type": "gpt2", "n_embd": 8, "n_layer": 1, "n_head": 4, "n_positions": 6, "vocab_size": 10 }
        """;

    [Fact]
    public void Short_convolutions_between_gates()
    {
        // Convolution: in 8·24 = 192, 8·3 = 24, out 64, norm 8: 288. Attention: 64 + 32 + 32 + 64, q/k norm 4, norm 8: 204.
        // Feed-forward two thirds of 24, 16 wide: 3·8·16 + 8 = 392, twice. Table 80 and last norm 8.
        string[] lines = Show(Convolutions);
        Assert.Contains("short convolution   in 1 blocks: 8 channels, over 3 tokens, between two gates", lines);
        Assert.Contains($"parameters total    0.000 billion ({288 + 204 + 784 + 88:N0})", lines);
        Assert.Contains("KV bytes per token  16 at 2 bytes an element, 8 at 1", lines);

        // Two tokens of 8 channels in 16 bits.
        Assert.Contains("state per sequence  32 bytes, however long the context", lines);
    }

    [Fact]
    public void A_state_a_channel()
    {
        // Mamba-1, 16 channels: in 8·32 = 256, convolution 16·5 = 80, selection 16·10 = 160 and norms 10, steps 2·16 + 16 = 48, decays 64, shares 16, out 128,
        // norm 8: 770; dense 392. Attention 64 + 64 + 64 + 8 = 200; experts: router 32, norm 8, 4·3·8·16 = 1,536.
        string[] lines = Show(Jamba);
        Assert.Contains("Mamba-1             in 1 blocks: 16 channels, a state of 4 each; convolution over 4, steps by way of rank 2", lines);
        Assert.Contains($"parameters total    0.000 billion ({770 + 392 + 200 + 1576 + Ends:N0})", lines);

        // Half of the experts, no table.
        Assert.Contains($"parameters active   0.000 billion ({770 + 392 + 200 + 1576 + Ends - 768 - 80:N0}): what a token is multiplied with", lines);
        Assert.Contains("KV bytes per token  16 at 2 bytes an element, 8 at 1", lines);

        // States 16·4 in 4 bytes, three tokens of 16 channels in 2.
        Assert.Contains("state per sequence  352 bytes, however long the context", lines);
    }

    [Fact]
    public void Attention_and_a_state_space_beside_each_other()
    {
        // Attention 8·16 = 128, 64, 64, 128. State space: in 8·(8 + 24 + 4) = 288, convolution and bias 120, 12, out 64, no norm of its own. One norm of 8; 392.
        string[] lines = Show(Beside);
        Assert.Contains($"parameters total    0.000 billion ({384 + 484 + 8 + 392 + Ends:N0})", lines);
        Assert.Contains(lines, line => line.StartsWith("attention           in 1 blocks: group-query", StringComparison.Ordinal)
            && line.EndsWith("beside it state space, 4 heads of 2, 2 groups of 4; convolution over 4, chunks of 256", StringComparison.Ordinal));
        Assert.Contains("KV bytes per token  32 at 2 bytes an element, 16 at 1", lines);

        // 4·2·4 in 4 bytes and 24·3 in 2.
        Assert.Contains("state per sequence  272 bytes, however long the context", lines);

        // Where the output is normalised, a weight an element.
        Assert.Contains($"parameters total    0.000 billion ({384 + 484 + 8 + 392 + Ends + 8:N0})", Show(With(Beside, "\"mamba_rms_norm\": true")));
    }

    [Fact]
    public void Attention_to_blocks_that_an_indexer_selects()
    {
        // Attention: 64 + 32 + 32 + 64, q/k norm 4, norm 8: 204, twice; in one block index queries 8·2·4 = 64, a key 32, norms 8: 104. Dense 3·8·12 + 8 = 296.
        // Experts: router 32 + 4, norm 8, routed 4·3·8·6 = 576, shared 144: 764.
        string[] lines = Show(BlockSparse);
        Assert.Contains($"parameters total    0.000 billion ({408 + 104 + 296 + 764 + Ends:N0})", lines);
        Assert.Contains(lines, line => line.EndsWith("; 6 tokens in blocks of 2 selected by 2 index heads, 4 wide", StringComparison.Ordinal));

        // Twice 8 elements of keys and values, and an index key of 4.
        Assert.Contains("KV bytes per token  40 at 2 bytes an element, 20 at 1", lines);

        // Older files have a section and flags, and may name another architecture.
        Assert.Equal(lines.Skip(1).Where(line => !line.StartsWith("not counted", StringComparison.Ordinal)), Show(BlockSparse
            .Replace("\"layer_types\": [\"full_attention\", \"minimax_m3_sparse\"]", "\"sparse_attention_config\": { \"sparse_attention_freq\": [0, 1], \"sparse_topk_blocks\": 3 }", StringComparison.Ordinal)
            .Replace("\"index_topk_blocks\": 3, ", "", StringComparison.Ordinal)
            .Replace("{ \"hidden_size\"", "{ \"model_type\": \"minimax_m2\", \"hidden_size\"", StringComparison.Ordinal)).Skip(1).Where(line => !line.StartsWith("not counted", StringComparison.Ordinal)));
    }

    [Fact]
    public void Experts_that_compute_nothing()
    {
        // Latent: 40 + 5, 50, 48 + 4, 48, 48, norm 8: 251, twice; dense 392, twice. Experts: router 12·8 + 12 = 108, norm 8, 8·3·8·6 = 1,152. The norm is that of
        // the feed-forward beside them in truth, and counted twice.
        string[] lines = Show(LongCat);
        Assert.Contains("experts             8 routed, 6 wide, 2 a token on average beside 4 that compute nothing; 0 shared", lines);
        Assert.Contains($"parameters total    0.000 billion ({502 + 784 + 1268 + Ends:N0})", lines);
        Assert.Contains($"parameters active   0.000 billion ({502 + 784 + 1268 + Ends - 864 - 80:N0}): what a token is multiplied with", lines);
        Assert.Contains("KV bytes per token  24 at 2 bytes an element, 12 at 1", lines);
    }

    [Fact]
    public void Learnt_positions_lie_beside_the_embedding_table()
    {
        // Attention 192 + 24 + 64 + 8 = 288, norm 16; feed-forward 2·8·32 + 32 + 8 = 552, norm 16; last norm 16, table 80, positions 6·8.
        string[] lines = Show(Gpt);
        Assert.Contains($"parameters total    0.000 billion ({288 + 16 + 552 + 16 + 16 + 80 + 48:N0})", lines);
        Assert.Contains("feed-forward        32 wide, no gate", lines);
        Assert.Contains("longest context     6 tokens, prompt and answer together", lines);
    }

    [Fact]
    public void A_part_of_a_file_leaves_out_what_its_class_says()
    {
        // Llama's class: 32 blocks of 4·4096² + 3·4096·11008 + 2·4096, twice 32,064 rows of 4096, a norm.
        FastSimProgram.Outcome lean = PublishedConfigs.Show("""{ "model_type": "llava", "text_config": { "model_type": "llama", "vocab_size": 32064 } }""");
        Assert.Equal("", lean.Error);
        long block = (4L * 4096 * 4096) + (3L * 4096 * 11008) + (2 * 4096);
        Assert.Contains($"({(32 * block) + (2L * 32064 * 4096) + 4096:N0})\n", lean.Output, StringComparison.Ordinal);
        Assert.Contains("num_hidden_layers 32", lean.Output, StringComparison.Ordinal);

        // Mistral's has 8 key-value heads and a window, unless the file says null.
        const string Mistral = """{ "model_type": "llava_next", "text_config": { "model_type": "mistral" } }""";
        Assert.Contains("sliding window      4,096 tokens in 32 blocks\n", PublishedConfigs.Show(Mistral).Output, StringComparison.Ordinal);
        string whole = PublishedConfigs.Show(Mistral.Replace("\"mistral\"", "\"mistral\", \"sliding_window\": null", StringComparison.Ordinal)).Output;
        Assert.DoesNotContain("sliding window", whole, StringComparison.Ordinal);
        Assert.Contains("32 heads, 8 key-value heads", whole, StringComparison.Ordinal);

        // A slip is not left out, and a file of its own states its widths.
        Refuses(Mistral.Replace("\"mistral\"", "\"mistral\", \"hidden_sise\": 5120", StringComparison.Ordinal), "text_config.hidden_size: found nothing");
        Refuses("""{ "model_type": "mistral", "hidden_size": 4096 }""", "intermediate_size: found nothing");
    }

    [Fact]
    public void Whether_the_table_projects_to_the_logits_may_stand_beside_the_language_model()
    {
        const string Nested = """
            { "model_type": "qwen2_5_vl", "tie_word_embeddings": true, "text_config": { "model_type": "qwen2_5_vl_text", "hidden_size": 8,
              "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 2, "vocab_size": 10 } }
            """;
        Assert.Contains("the embedding table projects to the logits", PublishedConfigs.Show(Nested).Output, StringComparison.Ordinal);
    }

    /// <summary>Configuration, what is put in its place or besides, message.</summary>
    public static TheoryData<string, string, string> Refusals { get; } = new()
    {
        { LongCat, "\"moe_topk\": 4", "moe_topk: found 4; expected a number of which the share of experts that compute, 8 of 12, is whole" },
        { LongCat, "\"zero_expert_type\": \"copy\"", "zero_expert_type: found \"copy\"; expected identity" },
        { LongCat, "\"num_hidden_layers\": 1", "num_hidden_layers: found 1; expected 2 times num_layers, 2" },
        { Gpt, "\"add_cross_attention\": true", "add_cross_attention: found true" },
        { Gpt, "\"hidden_size\": 9", "hidden_size: found 9; expected the same as n_embd, 8" },
        { Gpt, "\"n_embd\": null", "n_embd: found null" },
        { BlockSparse.Replace("\"moe_layer_freq\": [0, 1], ", "", StringComparison.Ordinal), "\"dtype\": \"bfloat16\"", "text_config.moe_layer_freq: found nothing" },
        { Convolutions, "\"conv_bias\": true", "conv_bias: found true" },
        { Convolutions, "\"layer_types\": [\"conv\", \"sliding_attention\"]", "layer_types[1]: found \"sliding_attention\"" },
        { Convolutions, "\"full_attn_idxs\": [2]", "full_attn_idxs[0]: found 2" },
        { Beside, "\"mamba_d_head\": 3", "mamba_d_head: found 3; expected what mamba_n_heads of it are 8 wide together" },
        { Beside, "\"quantization_config\": { \"quant_method\": \"fp8\", \"modules_to_not_convert\": [\"mamba.out_proj\"] }", "quantization_config: found an object; expected outputs of attention and of what stands beside it in the same format" },
        { Jamba, "\"mamba_expand\": 16777216", "mamba_expand: found 16777216; expected at most 2097152, since hidden_size is 8" },
        { LongCat, "\"num_layers\": 40000", "num_layers: found 40000" },
        { Jamba, "\"sliding_window\": 64", "sliding_window: found 64" },
        { Jamba, "\"num_experts_per_tok\": 5", "num_experts_per_tok: found 5; expected an integer of at most the number of experts, 4" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_represented_is_refused_by_its_field(string config, string field, string message) => Refuses(With(config, field), message);

    private static void Refuses(string config, string message)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>A configuration with a field in place of its own, or besides.</summary>
    private static string With(string config, string field)
    {
        string key = field[..field.IndexOf(':', StringComparison.Ordinal)];
        int at = config.IndexOf(key + ":", StringComparison.Ordinal);
        if (at < 0)
        {
            return config.Replace("{ \"model_type\"", $"{{ {field}, \"model_type\"", StringComparison.Ordinal);
        }

        int end = config.IndexOfAny(config[at..].Contains('[', StringComparison.Ordinal) && config[at + key.Length + 2] == '[' ? [']'] : [',', '\n'], at);
        return config[..at] + field + config[(config[end] == ']' ? end + 1 : end)..];
    }

    private static string[] Show(string config)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal("", outcome.Error);
        return outcome.Output.Split('\n');
    }
}
