using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Models whose blocks differ in key-value heads and feed-forward, and families near to others, counted by hand; architectures that are refused by what they have.</summary>
public sealed class SearchedBlockTests
{
    /// <summary>Two tables of 10 rows, and a norm's scale, 8 wide.</summary>
    private const int Ends = 168;

    private const string Searched = """
        { "model_type": "nemotron-nas", "hidden_size": 8, "intermediate_size": null, "num_hidden_layers": 4, "num_attention_heads": 4, "num_key_value_heads": null,
          "vocab_size": 10, "block_configs": [
            { "attention": { "n_heads_in_group": 2, "no_op": false, "replace_with_linear": false }, "ffn": { "intermediate_size": 16, "no_op": false } },
            { "attention": { "n_heads_in_group": 4, "no_op": false }, "ffn": { "intermediate_size": 12, "no_op": false, "replace_with_linear": false } },
            { "attention": { "n_heads_in_group": null, "no_op": true }, "ffn": { "intermediate_size": 8, "no_op": false } },
            { "attention": { "n_heads_in_group": 2, "no_op": false }, "ffn": { "ffn_mult": null, "no_op": true } } ] }
        """;

    private const string Step3 = """
        { "model_type": "step3_vl", "text_config": { "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6, "num_hidden_layers": 2,
          "num_attention_heads": 4, "num_attention_groups": 1, "head_dim": 4, "share_q_dim": 6, "share_expert_dim": 6, "moe_num_experts": 4, "moe_top_k": 2,
          "moe_layers_enum": "1", "norm_expert_weight": true, "vocab_size": 10 } }
        """;

    private const string Deci = """
        { "model_type": "deci", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads_per_layer": [1, 4],
          "vocab_size": 10 }
        """;

    [Fact]
    public void Blocks_have_what_their_entries_say()
    {
        // Attention 64 + 32 + 32 + 64 and its norm 8: 200; with one key-value head 64 + 16 + 16 + 64 + 8 = 168; none; 200. Feed-forward 24 an element of its
        // width and its norm 8: 392, 296, 200, none.
        string[] lines = Show(Searched);
        Assert.Contains($"parameters total    0.000 billion ({200 + 392 + 168 + 296 + 200 + 200 + Ends:N0})", lines);
        Assert.Contains("feed-forward        16 wide, 12 in 1 blocks, 8 in 1 blocks, gated", lines);

        // Keys and values of 2, 1 and 2 heads of 2, in 2 bytes.
        Assert.Contains("KV bytes per token  40 at 2 bytes an element, 20 at 1", lines);
        Assert.Contains("\"otherFeedForwards\": [\n    {\n      \"width\": 12,\n      \"blocks\": 1\n    }", Json(Searched), StringComparison.Ordinal);
    }

    [Fact]
    public void A_multiple_of_the_hidden_size_is_rounded_up()
    {
        // 2·1.3125·8/3 is 7, up to 256; attention 192 + 16 of norms.
        const string One = """
            { "model_type": "nemotron-nas", "hidden_size": 8, "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 10,
              "block_configs": [{ "attention": { "n_heads_in_group": 2 }, "ffn": { "ffn_mult": 1.3125 } }] }
            """;
        Assert.Contains("feed-forward        256 wide, gated", Show(One));
        Assert.Contains($"parameters total    0.000 billion ({192 + 16 + (3 * 8 * 256) + Ends:N0})", Show(One));
    }

    [Fact]
    public void Key_value_heads_by_block()
    {
        // 64 + 16 + 16 + 64 and 4·64, feed-forward 384, norms 16.
        string[] lines = Show(Deci);
        Assert.Contains($"parameters total    0.000 billion ({160 + 256 + (2 * 400) + Ends:N0})", lines);
        Assert.Contains("KV bytes per token  40 at 2 bytes an element, 20 at 1", lines);
    }

    [Fact]
    public void Families_near_to_others()
    {
        // DeepSeek-MoE: attention 256, norms 16; dense 384; four experts and two shared of 6, 144 each, and a router of 32.
        Assert.Contains($"parameters total    0.000 billion ({(2 * 272) + 384 + (6 * 144) + 32 + Ends:N0})", Show("""
            { "model_type": "deepseek", "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6, "num_hidden_layers": 2, "num_attention_heads": 4,
              "num_key_value_heads": 4, "first_k_dense_replace": 1, "n_routed_experts": 4, "n_shared_experts": 2, "num_experts_per_tok": 2, "vocab_size": 10 }
            """));

        // Qwen 1: biases of 24, a feed-forward half as wide as the file says.
        Assert.Contains($"parameters total    0.000 billion ({272 + 24 + 384 + Ends:N0})", Show("""
            { "model_type": "qwen", "hidden_size": 8, "intermediate_size": 32, "num_hidden_layers": 1, "num_attention_heads": 4, "kv_channels": 2, "no_bias": true,
              "tie_word_embeddings": false, "vocab_size": 10 }
            """));

        // Phi-4 with pictures and sound: the language model is Phi-3's.
        FastSimProgram.Outcome phi = PublishedConfigs.Show("""
            { "model_type": "phi4mm", "hidden_size": 8, "intermediate_size": 16, "num_hidden_layers": 1, "num_attention_heads": 4, "num_key_value_heads": 4,
              "tie_word_embeddings": true, "img_processor": { "name": "an encoder" }, "embd_layer": { "embedding_cls": "both" }, "vision_lora": { "r": 256 }, "vocab_size": 10 }
            """);
        Assert.Contains("img_processor: neither weights nor time of the encoder are counted", phi.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("not used", phi.Error, StringComparison.Ordinal);
        Assert.Contains($"parameters total    0.000 billion ({272 + 384 + Ends - 80:N0})", phi.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Queries_by_way_of_a_width_that_heads_share()
    {
        // 8·6, its norm 6, 6·4·4; one head of keys and values 8·4 each, output 16·8, norms 16: 358. Dense 384; router 32, four experts and a shared one of 144.
        string[] lines = Show(Step3);
        Assert.Contains($"parameters total    0.000 billion ({(2 * 358) + 384 + 32 + (5 * 144) + Ends:N0})", lines);
        Assert.Contains(lines, line => line.StartsWith("attention           in 2 blocks: group-query, 4 heads, 1 key-value heads, 4 wide; query rank 6", StringComparison.Ordinal));
        Assert.Contains("KV bytes per token  32 at 2 bytes an element, 16 at 1", lines);
    }

    /// <summary>Configuration, message.</summary>
    public static TheoryData<string, string> Refusals { get; } = new()
    {
        { Searched.Replace("\"replace_with_linear\": false }, \"ffn\"", "\"replace_with_linear\": true }, \"ffn\"", StringComparison.Ordinal), "block_configs[0].attention.replace_with_linear: found true; expected false or no such field" },
        { Searched.Replace("\"n_heads_in_group\": 4", "\"n_heads_in_group\": 3", StringComparison.Ordinal), "block_configs[1].attention.n_heads_in_group: found 3; expected a divisor of num_attention_heads, 4" },
        { Searched.Replace("\"n_heads_in_group\": 4", "\"window_length\": 8, \"n_heads_in_group\": 4", StringComparison.Ordinal), "block_configs[1].attention.window_length: found 8" },
        { Searched.Replace("\"num_hidden_layers\": 4", "\"num_hidden_layers\": 5", StringComparison.Ordinal), "block_configs: found" },
        { Searched.Replace("\"intermediate_size\": 12", "\"ffn_mult\": 1e20", StringComparison.Ordinal), "block_configs[1].ffn.ffn_mult: found 1e20; expected a multiple that makes" },
        { Searched.Replace("\"intermediate_size\": 12", "\"width\": 12", StringComparison.Ordinal), "block_configs[1].ffn.intermediate_size: found nothing" },
        { Deci.Replace("[1, 4]", "[1, 3]", StringComparison.Ordinal), "num_key_value_heads_per_layer[1]: found 3; expected a divisor of num_attention_heads, 4" },
        { Deci.Replace("\"deci\"", "\"llama\", \"block_configs\": [{}]", StringComparison.Ordinal), "block_configs: found [{}]; expected no such field: blocks whose widths differ" },
        { """{ "model_type": "mllama", "text_config": { "cross_attention_layers": [3] } }""", "model_type: found \"mllama\"; expected a decoder without cross-attention" },
        { """{ "model_type": "gemma3n", "text_config": { "altup_num_inputs": 4 } }""", "model_type: found \"gemma3n\"; expected a decoder of one residual stream" },
        { Step3.Replace("\"num_attention_groups\": 1", "\"num_attention_groups\": 2", StringComparison.Ordinal), "text_config.num_attention_groups: found 2" },
        { Step3.Replace("\"moe_layers_enum\": \"1\", ", "", StringComparison.Ordinal), "text_config.moe_layers_enum: found nothing" },
        { """{ "model_type": "ernie4_5_vl_moe", "text_config": {} }""", "model_type: found \"ernie4_5_vl_moe\"; expected experts of one set" },
        { """{ "model_type": "mamba2", "hidden_size": 8 }""", "model_type: found \"mamba2\"; expected a decoder with attention in some of its blocks" },
        { """{ "model_type": "llada", "hidden_size": 8 }""", "model_type: found \"llada\"; expected a decoder that yields a token a pass" },
        { """{ "model_type": "inkling_mm_model", "text_config": {} }""", "model_type: found \"inkling_mm_model\"; expected a decoder whose attention and feed-forwards are all that a block has" },
        { """{ "model_type": "axk2", "hidden_size": 8 }""", "model_type: found \"axk2\"; expected a decoder whose norms are weights alone" },
        { """{ "model_type": "ouro", "hidden_size": 8 }""", "model_type: found \"ouro\"; expected a decoder that passes each block once a token" },
        { """{ "model_type": "whisper", "d_model": 8 }""", "model_type: found \"whisper\"; expected a decoder: encoders have no operators here" },
        { """{ "model_type": "llava", "text_config": { "model_type": "llava" } }""", "text_config.model_type: found \"llava\"; expected the architecture of a language model: llava is one of several parts" },
        { """{ "model_type": "qwen", "hidden_size": 8, "intermediate_size": 33, "num_hidden_layers": 1, "num_attention_heads": 4, "vocab_size": 10 }""", "intermediate_size: found 33; expected an even number" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_represented_is_refused_with_its_reason(string config, string message)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("did you mean \"llava\"", outcome.Error, StringComparison.Ordinal);
    }

    private static string Json(string config)
    {
        using TemporaryFolder folder = new();
        return FastSimProgram.Run("model", "show", folder.Write("config.json", config), "--json").Output;
    }

    private static string[] Show(string config)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal("", outcome.Error);
        return outcome.Output.Split('\n');
    }
}
