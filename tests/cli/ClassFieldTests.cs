using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Fields that an architecture's class does not go by, or has a value of its own for where a file leaves them out: counted as the class does, by hand.</summary>
public sealed class ClassFieldTests
{
    /// <summary>Two tables of 10 rows, and a norm's scale, 8 wide.</summary>
    private const int Ends = 168;

    /// <summary>Four products of 8 by 8, and two norms' scales.</summary>
    private const int Attention = 272;

    /// <summary>A feed-forward 16 wide with a gate.</summary>
    private const int Gated = 384;

    private const string LatentExperts = "\"kv_lora_rank\": 4, \"qk_rope_head_dim\": 2, \"qk_nope_head_dim\": 2, \"v_head_dim\": 2, \"n_routed_experts\": 2, \"num_experts_per_tok\": 1, \"moe_intermediate_size\": 16";

    /// <summary>Architecture, what its file says besides, parameters.</summary>
    public static TheoryData<string, string, int> Counts { get; } = new()
    {
        // Biases of the logits: shifts of three norms 24, attention 32, feed-forward 16 + 8, logits 10; one norm of the block, no gate.
        { "phi", "", Ends + Attention - 8 + 256 + (2 * 8) + 32 + 24 + 10 },

        // The same without biases of the attention.
        { "gptj", "\"n_embd\": 8, \"n_layer\": 1, \"n_head\": 4, \"n_inner\": 16", Ends + Attention - 8 + 256 + 16 + 24 + 10 },
        { "codegen", "\"n_embd\": 8, \"n_layer\": 1, \"n_head\": 4, \"n_inner\": 16", Ends + Attention - 8 + 256 + 16 + 24 + 10 },

        // Two experts, a router of 16, shifts of three norms 24; the logits' biases by a field.
        { "phimoe", "\"num_local_experts\": 2, \"num_experts_per_tok\": 1, \"num_key_value_heads\": 4", Ends + Attention + (2 * Gated) + 16 + 24 },
        { "phimoe", "\"num_local_experts\": 2, \"num_experts_per_tok\": 1, \"num_key_value_heads\": 4, \"lm_head_bias\": true", Ends + Attention + (2 * Gated) + 16 + 24 + 10 },

        // GPT-Neo: one table, 6 positions, biases of output and feed-forward, shifts of three norms.
        { "gpt_neo", "\"attention_types\": [[[\"local\"], 1]], \"max_position_embeddings\": 6", Ends - 80 + 48 + Attention + 256 + 8 + 24 + 24 },

        // OPT without biases, and without weights of its norms: a table, 8 positions.
        { "opt", "\"ffn_dim\": 16, \"max_position_embeddings\": 6, \"enable_bias\": false", 80 + 64 + 48 + 256 + 256 },
        { "opt", "\"ffn_dim\": 16, \"max_position_embeddings\": 6, \"layer_norm_elementwise_affine\": false", 80 + 64 + 256 + 256 + 32 + 24 },

        // StableLM's norms of queries and keys: a scale an element of each head. Shifts of three norms.
        { "stablelm", "\"num_key_value_heads\": 4", Ends + Attention + Gated + 24 },
        { "stablelm", "\"num_key_value_heads\": 4, \"qk_layernorm\": true", Ends + Attention + Gated + 24 + 16 },

        // Heads of a width that the class has: 4 of 128 and as many of keys and values.
        { "helium", "\"num_key_value_heads\": 4", Ends + (4 * 8 * 512) + 16 + Gated },
        { "helium", "\"num_key_value_heads\": 4, \"head_dim\": null", Ends + Attention + Gated },

        // ERNIE 4.5 has a dense block first and two shared experts where its file does not say: here no expert at all.
        { "ernie4_5_moe", "\"num_key_value_heads\": 4, \"moe_num_experts\": 2, \"moe_k\": 1, \"moe_intermediate_size\": 16", Ends - 80 + Attention + Gated },

        // From the first block on: router 16 and shifts 2, two routed and two shared.
        {
            "ernie4_5_moe", "\"num_key_value_heads\": 4, \"moe_num_experts\": 2, \"moe_k\": 1, \"moe_intermediate_size\": 16, \"moe_layer_start_index\": 0",
            Ends - 80 + Attention + 18 + (4 * Gated)
        },

        // GLM-4.5 has a shared expert unless its file says none.
        { "glm4_moe", "\"num_key_value_heads\": 4, \"first_k_dense_replace\": 0, \"n_routed_experts\": 2, \"num_experts_per_tok\": 1, \"moe_intermediate_size\": 16", Ends + Attention + 18 + (3 * Gated) },
        {
            "glm4_moe", "\"num_key_value_heads\": 4, \"first_k_dense_replace\": 0, \"n_routed_experts\": 2, \"num_experts_per_tok\": 1, \"moe_intermediate_size\": 16, \"n_shared_experts\": null",
            Ends + Attention + 18 + (2 * Gated)
        },

        // And its first block has none where the file does not say.
        { "glm4_moe", "\"num_key_value_heads\": 4, \"n_routed_experts\": 2, \"num_experts_per_tok\": 1, \"moe_intermediate_size\": 16", Ends + Attention + Gated },

        // DeepSeek-V3's first three blocks, here the only one, and a query by way of a rank of 1536: 8·1536 and its norm, 1536·(4·(2 + 2)); 8·(4 + 2) and a norm of 4, 4·(4·(2 + 2)), 8·8, two norms.
        { "deepseek_v3", LatentExperts, Ends + (1536 * 8) + 1536 + (1536 * 16) + 48 + 4 + 64 + 64 + 16 + Gated },
        { "glm4_moe_lite", $"{LatentExperts}, \"q_lora_rank\": 4", Ends + 32 + 4 + 64 + 48 + 4 + 64 + 64 + 16 + Gated },

        // What a file says, null too, stands: no rank, 8·16; a router of 16 and shifts of 2, two routed and a shared expert.
        { "deepseek_v3", $"{LatentExperts}, \"q_lora_rank\": null", Ends + 128 + 48 + 4 + 64 + 64 + 16 + Gated },
        { "deepseek_v3", $"{LatentExperts}, \"q_lora_rank\": null, \"first_k_dense_replace\": 0", Ends + 128 + 48 + 4 + 64 + 64 + 16 + 18 + (3 * Gated) },
    };

    /// <summary>Architecture, what its file says besides, what the field that is not used says, parameters.</summary>
    public static TheoryData<string, string, string, int> Ignored { get; } = new()
    {
        { "baichuan", "\"num_key_value_heads\": 2", "num_key_value_heads: not used: models of this architecture have 4 whatever it says", Ends + Attention + Gated },
        { "internlm", "\"bias\": false, \"num_key_value_heads\": 2", "num_key_value_heads: not used", Ends + Attention + Gated },
        { "gpt_neox", "\"attention_bias\": false, \"num_key_value_heads\": 2", "num_key_value_heads: not used", Ends + Attention + 256 + 24 + 24 },
        { "gpt_neox", "\"attention_bias\": false, \"head_dim\": 4", "head_dim: not used: models of this architecture have 2", Ends + Attention + 256 + 24 + 24 },
        { "phi3", "\"num_key_value_heads\": 4, \"attention_bias\": true", "attention_bias: not used: models of this architecture have none", Ends + Attention + Gated },
        { "cohere2", "\"num_key_value_heads\": 4, \"layer_types\": [\"full_attention\"], \"use_qk_norm\": true", "use_qk_norm: not used: models of this architecture have none", Ends - 80 + Attention - 8 + Gated },

        // Parts that a class has by itself, or has not: MiMo's biases of 8 + 2·4, Qwen3-Coder's norm of queries and keys of 2·2, Mistral's none.
        { "mimo", "\"num_key_value_heads\": 2, \"attention_bias\": false", "attention_bias: not used: models of this architecture always have biases of query, key and value, whatever it says", Ends + 64 + 32 + 32 + 64 + 16 + 16 + Gated },
        { "qwen3", "\"num_key_value_heads\": 4, \"head_dim\": 2, \"use_qk_norm\": false", "use_qk_norm: not used: models of this architecture always have a norm of queries and keys, whatever it says", Ends + Attention + 4 + Gated },
        { "mistral", "\"num_key_value_heads\": 4, \"attention_bias\": true", "attention_bias: not used: models of this architecture never have biases of query, key and value, whatever it says", Ends + Attention + Gated },

        // BLOOM's feed-forward is four times as wide as the hidden state: 2·8·32 + 32 + 8; a norm of the embedding, shifts of three.
        { "bloom", "\"n_layer\": 1", "intermediate_size: not used: models of this architecture have 32", Ends - 80 + 16 + Attention + 32 + 552 + 24 },
        { "gpt2", "\"n_embd\": 8, \"n_layer\": 1, \"n_head\": 4, \"n_positions\": 6", "intermediate_size: not used", Ends - 80 + 48 + Attention + 32 + 552 + 24 },
    };

    [Theory]
    [MemberData(nameof(Counts))]
    public void What_a_class_has_is_counted(string architecture, string fields, int parameters)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(Config(architecture, fields));
        Assert.Equal("", outcome.Error);
        Assert.Contains($"parameters total    0.000 billion ({parameters:N0})\n", outcome.Output, StringComparison.Ordinal);
    }

    [Theory]
    [MemberData(nameof(Ignored))]
    public void What_a_class_does_not_go_by_is_named_and_not_counted(string architecture, string fields, string message, int parameters)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(Config(architecture, fields));
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        Assert.Contains($"parameters total    0.000 billion ({parameters:N0})\n", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void What_says_the_same_as_the_class_is_no_warning()
    {
        Assert.Equal("", PublishedConfigs.Show(Config("baichuan", "\"num_key_value_heads\": 4, \"head_dim\": 2")).Error);
        Assert.Equal("", PublishedConfigs.Show(Config("phi3", "\"num_key_value_heads\": 4, \"attention_bias\": false")).Error);
        Assert.Equal("", PublishedConfigs.Show(Config("mimo", "\"num_key_value_heads\": 4, \"attention_bias\": true")).Error);
        Assert.Equal("", PublishedConfigs.Show(Config("apertus", "\"num_key_value_heads\": 4, \"qk_norm\": true")).Error);
        Assert.Equal("", PublishedConfigs.Show(Config("qwen3", "\"num_key_value_heads\": 4, \"head_dim\": 2, \"use_qk_norm\": true")).Error);
        Assert.Equal("", PublishedConfigs.Show(Config("mistral", "\"num_key_value_heads\": 4, \"attention_bias\": false")).Error);
    }

    [Fact]
    public void Windows_by_a_list_of_lists()
    {
        const string Neo = """
            { "model_type": "gpt_neo", "hidden_size": 8, "num_layers": 4, "num_heads": 4, "attention_types": [[["global", "local"], 2]], "window_size": 3,
              "max_position_embeddings": 6, "vocab_size": 10 }
            """;
        Assert.Contains("sliding window      3 tokens in 2 blocks\n", PublishedConfigs.Show(Neo).Output, StringComparison.Ordinal);
        foreach ((string types, string message) in (ReadOnlySpan<(string, string)>)
            [("[[[\"global\"], 3]]", "attention_types: found [[[\"global\"], 3]]; expected as many blocks as num_layers, 4, not 3"), ("[[[\"global\"]]]", "attention_types[0]: found [[\"global\"]]; expected a list of pairs")])
        {
            FastSimProgram.Outcome outcome = PublishedConfigs.Show(Neo.Replace("[[[\"global\", \"local\"], 2]]", types, StringComparison.Ordinal));
            Assert.Equal(2, outcome.ExitCode);
            Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        }
    }

    private static string Config(string architecture, string fields)
    {
        bool namesWidths = fields.Contains("n_embd", StringComparison.Ordinal);
        string widths = namesWidths ? "" : "\"hidden_size\": 8, \"num_attention_heads\": 4, ";
        string blocks = fields.Contains("n_layer", StringComparison.Ordinal) ? "" : "\"num_hidden_layers\": 1, ";
        string width = fields.Contains("n_inner", StringComparison.Ordinal) || fields.Contains("ffn_dim", StringComparison.Ordinal) ? "" : "\"intermediate_size\": 16, ";
        string besides = fields.Length > 0 ? fields + ", " : "";
        return $$"""{ "model_type": "{{architecture}}", {{widths}}{{blocks}}{{width}}{{besides}}"sliding_window": null, "vocab_size": 10 }""";
    }
}
