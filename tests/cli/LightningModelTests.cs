using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Linear attention with a fixed decay a head, as MiniMax-01 and Ling 2.5 have it in most blocks: counted by hand.</summary>
public sealed class LightningModelTests
{
    /// <summary>Two tables of 10 rows, and a norm's scale, 8 wide.</summary>
    private const int Ends = 168;

    /// <summary>A router of 32, a norm, four experts of 6.</summary>
    private const int Experts = 32 + 8 + (4 * 144);

    private const string Older = """
        { "model_type": "minimax_text_01", "hidden_size": 8, "intermediate_size": 6, "num_hidden_layers": 2, "num_attention_heads": 4, "num_key_value_heads": 2,
          "head_dim": 2, "num_local_experts": 4, "num_experts_per_tok": 2, "attn_type_list": [0, 1], "postnorm": true, "shared_intermediate_size": 0, "vocab_size": 10 }
        """;

    private const string Bailing = """
        { "model_type": "bailing_moe_linear", "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6, "num_hidden_layers": 2, "num_attention_heads": 4,
          "num_key_value_heads": 2, "head_dim": 2, "layer_group_size": 2, "first_k_dense_replace": 1, "num_experts": 4, "num_experts_per_tok": 2, "num_shared_experts": 1,
          "use_qk_norm": true, "moe_router_enable_expert_bias": true, "group_norm_size": 4, "vocab_size": 10 }
        """;

    [Fact]
    public void MiniMax_01()
    {
        // Queries, keys and values 192, gate 64, output 64, norms 8 and 8: 336. Attention 64 + 32 + 32 + 64 and its norm: 200.
        string[] lines = Show(Older);
        Assert.Contains($"parameters total    0.000 billion ({336 + 200 + (2 * Experts) + Ends:N0})", lines);
        Assert.Contains("lightning attention in 1 blocks: 4 heads of 2, chunks of 256", lines);

        // Keys and values of one block, 2·2·2 elements; a state of 4·2·2 in 4 bytes.
        Assert.Contains("KV bytes per token  16 at 2 bytes an element, 8 at 1", lines);
        Assert.Contains("state per sequence  64 bytes, however long the context", lines);

        // The library's class has words, and every other block where there are none.
        string words = Older.Replace("minimax_text_01", "minimax", StringComparison.Ordinal)
            .Replace("\"attn_type_list\": [0, 1]", "\"layer_types\": [\"linear_attention\", \"full_attention\"]", StringComparison.Ordinal);
        Assert.Equal(lines.Skip(2), Show(words).Skip(2));
        Assert.Contains("lightning attention in 1 blocks: 4 heads of 2, chunks of 256", Show(words.Replace("\"layer_types\": [\"linear_attention\", \"full_attention\"], ", "", StringComparison.Ordinal)));
    }

    [Fact]
    public void Ring_and_Ling()
    {
        // Norms of queries and keys 4 besides: 340; the whole block 204. Dense 384 and its norm; experts with shifts of 4, and a shared one of 144.
        string[] lines = Show(Bailing);
        Assert.Contains($"parameters total    0.000 billion ({340 + 204 + 392 + Experts + 4 + 144 + Ends:N0})", lines);

        // Latent attention in its place: 40 + 5, 50, 48 + 4, 48, 48, norm 8, with the widths below; its cache is a latent and a rotary key.
        string[] latent = Show(Bailing.Replace("bailing_moe_linear", "bailing_moe_v2_5", StringComparison.Ordinal).Replace(
            "\"head_dim\": 2", "\"head_dim\": 2, \"q_lora_rank\": 5, \"kv_lora_rank\": 4, \"qk_nope_head_dim\": 3, \"qk_rope_head_dim\": 2, \"v_head_dim\": 3", StringComparison.Ordinal));
        int ofLatent = 40 + 5 + 100 + 48 + 4 + 96 + 96 + 8;
        Assert.Contains($"parameters total    0.000 billion ({340 + ofLatent + 392 + Experts + 4 + 144 + Ends:N0})", latent);
        Assert.Contains("KV bytes per token  12 at 2 bytes an element, 6 at 1", latent);
    }

    [Fact]
    public void Quantized_by_name()
    {
        string spared = Older.Replace("\"vocab_size\"", "\"quantization_config\": { \"quant_method\": \"fp8\", \"modules_to_not_convert\": [\"output_gate\", \"block_sparse_moe\"] }, \"vocab_size\"", StringComparison.Ordinal);

        // Two bytes a weight but for 192 + 64 and 192 of attention.
        long parameters = 336 + 200 + (2 * Experts) + Ends;
        Assert.Contains(Show(spared), line => line.StartsWith($"weight bytes        {(2 * parameters) - 256 - 192:N0} ", StringComparison.Ordinal));
    }

    /// <summary>Configuration, message.</summary>
    public static TheoryData<string, string> Refusals { get; } = new()
    {
        { Older.Replace("[0, 1]", "[0, 2]", StringComparison.Ordinal), "attn_type_list[1]: found 2" },
        { Older.Replace("\"attn_type_list\": [0, 1], ", "", StringComparison.Ordinal), "attn_type_list: found nothing; expected a list of 0, lightning attention, and 1, softmax attention" },
        { PublishedConfigs.MiniMax.Replace("[1, 1]", "[0, 1]", StringComparison.Ordinal), "attn_type_list[0]: found 0; expected 1, softmax attention: this architecture has no other" },
        { Bailing.Replace("\"layer_group_size\": 2", "\"layer_group_size\": 3", StringComparison.Ordinal), "layer_group_size: found 3; expected a divisor of num_hidden_layers, 2" },
        { Bailing.Replace("\"group_norm_size\"", "\"use_qkv_bias\": true, \"group_norm_size\"", StringComparison.Ordinal), "use_qkv_bias: found true" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void What_cannot_be_represented_is_refused_by_its_field(string config, string message)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    private static string[] Show(string config)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(config);
        Assert.Equal("", outcome.Error);
        return outcome.Output.Split('\n');
    }
}
