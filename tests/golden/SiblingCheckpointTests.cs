using FastSim.Cli.Configuration;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>
/// Checkpoints whose files are not at hand, by the fields that their public descriptions give: parameters against counts made apart from this program, matrix by
/// matrix; names say 31, 26 with 4 active and 4 effective billion.
/// </summary>
public sealed class SiblingCheckpointTests
{
    /// <summary>DeepSeek-V4 has no router biases in the few layers that choose experts by a table; they are counted all the same.</summary>
    private const double Tolerance = 1e-7;

    private const string Gemma4 = """{ "model_type": "gemma4_text", "head_dim": 256, "global_head_dim": 512, "vocab_size": 262144, "tie_word_embeddings": true""";

    /// <summary>Fields, total and active parameters in millions, cached elements a token in whole and in windowed blocks.</summary>
    public static TheoryData<string, double, double, double, double> Counts { get; } = new()
    {
        // 10 whole blocks of 2·4·512, 50 windows of 2·16·256.
        {
            $$"""
            {{Gemma4}}, "sliding_window": 1024, "hidden_size": 5376, "num_hidden_layers": 60, "intermediate_size": 21504, "num_attention_heads": 32,
            "num_key_value_heads": 16, "num_global_key_value_heads": 4, "attention_k_eq_v": true, "hidden_size_per_layer_input": 0 }
            """, 30_697.34528, 30_697.34528, 40_960, 409_600
        },

        // 5 of 2·2·512, 25 of 2·8·256.
        {
            $$"""
            {{Gemma4}}, "sliding_window": 1024, "hidden_size": 2816, "num_hidden_layers": 30, "intermediate_size": 2112, "num_attention_heads": 16,
            "num_key_value_heads": 8, "num_global_key_value_heads": 2, "attention_k_eq_v": true, "hidden_size_per_layer_input": null,
            "enable_moe_block": true, "num_experts": 128, "top_k_experts": 8, "moe_intermediate_size": 704 }
            """, 25_233.14176, 3822.53056, 10_240, 102_400
        },

        // Of 24 own caches 4 of 2·2·512 and 20 of 2·2·256; the last 18 blocks read theirs.
        {
            $$"""
            {{Gemma4}}, "sliding_window": 512, "hidden_size": 2560, "num_hidden_layers": 42, "intermediate_size": 10240, "num_attention_heads": 8,
            "num_key_value_heads": 2, "num_kv_shared_layers": 18, "hidden_size_per_layer_input": 256 }
            """, 7463.013376, 4644.441088, 8192, 20_480
        },

        // 61 windows of one head of 512; what compressed entries keep stands beside. The name says 1.6 T and 49 active.
        {
            $$"""
            { "model_type": "deepseek_v4", "hidden_size": 7168, "num_hidden_layers": 61, "num_attention_heads": 128, "head_dim": 512, "qk_rope_head_dim": 64,
            "q_lora_rank": 1536, "o_groups": 16, "o_lora_rank": 1024, "index_n_heads": 64, "index_head_dim": 128, "index_topk": 1024, "sliding_window": 128,
            "hc_mult": 4, "num_hash_layers": 3, "n_routed_experts": 384, "num_experts_per_tok": 6, "n_shared_experts": 1, "moe_intermediate_size": 3072,
            "vocab_size": 129280, "tie_word_embeddings": false, "compress_ratios": [128, {{string.Join(", ", Enumerable.Repeat("128, 4", 30))}}, 0] }
            """, 1_572_997.201763, 48_852.402019, 0, 31_232
        },
    };

    [Theory]
    [MemberData(nameof(Counts))]
    public void A_sibling_is_counted_right(string fields, double totalMillions, double activeMillions, double wholeElements, double windowedElements)
    {
        using TemporaryFolder folder = new();
        folder.Write("config.json", fields);
        TransformerModel model = ModelFile.Load(folder.PathOf("config.json"), new Findings(allowUnknownKeys: false));
        ParameterCount count = ParameterCount.Of(model, 2);
        Assert.InRange(count.Total / 1e6 / totalMillions, 1 - Tolerance, 1 + Tolerance);
        Assert.InRange(count.Active / 1e6 / activeMillions, 1 - Tolerance, 1 + Tolerance);
        double Elements(ReachKind kind) => model.Structure!.Pattern.Blocks.Where(block => block.Reach.Kind == kind)
            .Sum(block => CacheWidth.Of(model.Seen(block.Form), tensorParallel: 1));
        Assert.Equal(wholeElements, Elements(ReachKind.Whole));
        Assert.Equal(windowedElements, Elements(ReachKind.Window));
    }
}
