using System.Globalization;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>
/// What whole checkpoints weigh, quantized by scope. Llama-3.1-8B has 8,030,261,248 parameters; of each of its 32 blocks q and o are
/// 4,096² each and k and v 4,096·1,024 each, 41,943,040; gate, up and down 4,096·14,336 each, 176,160,768. All 32: 6,979,321,856.
/// </summary>
public sealed class CheckpointWeightTests
{
    private const double Parameters = 8_030_261_248;
    private const double Attention = 32 * 41_943_040d;
    private const double FeedForward = 32 * 176_160_768d;
    private const double Linear = Attention + FeedForward;

    /// <summary>Four bits with a 16-bit scale and a 4-bit zero point for 128.</summary>
    private const double Packed = 0.5 + (2.5 / 128);

    /// <summary>Four bits with an 8-bit scale for 64 and a 32-bit scale for 256 of those.</summary>
    private const double TwiceQuantized = 0.5 + (1d / 64) + (4d / (64 * 256));

    private const string EightBitFloats = """{ "num_bits": 8, "type": "float", "strategy": "channel", "dynamic": false }""";

    private static readonly string AllButOne =
        string.Join(", ", Enumerable.Range(0, 32).Where(layer => layer != 16).Select(layer => $"\"model.layers.{layer}\""));

    private static readonly string FeedForwardInSixteenBits = string.Join(
        ", ",
        Enumerable.Range(0, 32).SelectMany(layer => new[] { "gate", "up", "down" }.Select(
            name => $$"""
                "model.layers.{{layer}}.mlp.{{name}}_proj": { "bits": 16, "data_type": "float" }
                """)));

    public static TheoryData<string, double, double> Sections { get; } = new()
    {
        // Linear at 1, the rest at 2.
        { Groups("compression_config", "Linear"), 9.08e9, Linear + (2 * (Parameters - Linear)) },
        { """ "quantization_config": { "quant_method": "fp8" } """, 9.08e9, Linear + (2 * (Parameters - Linear)) },
        { """ "quantization_config": { "quant_algo": "FP8", "ignore": ["lm_head"], "config_groups": { "group_0": { "weights": { "num_bits": 8, "type": "float", "dynamic": false } } } } """, 9.08e9, Linear + (2 * (Parameters - Linear)) },

        // The feed-forward at 0.51953, all else at 2: excluded by an expression, or not among what is quantized.
        { """ "quantization_config": { "quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": false, "dynamic": { "-:.*self_attn.*": {} } } """, 7.71e9, (Packed * FeedForward) + (2 * (Parameters - FeedForward)) },
        { """ "quantization_config": { "quant_method": "gptq", "bits": 4, "group_size": 128, "modules_in_block_to_quantize": [["mlp.gate_proj", "mlp.up_proj"], ["mlp.down_proj"]] } """, 7.71e9, (Packed * FeedForward) + (2 * (Parameters - FeedForward)) },

        // The other way round.
        { $$""" "quantization_config": { "quant_method": "auto-round", "bits": 4, "group_size": 128, "block_name_to_quantize": "model.layers", "extra_config": { {{FeedForwardInSixteenBits}} } } """, 14.07e9, (Packed * Attention) + (2 * (Parameters - Attention)) },
        { Groups("quantization_config", "re:.*mlp\\\\..*"), 10.42e9, FeedForward + (2 * (Parameters - FeedForward)) },
        { """ "quantization_config": { "quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_use_double_quant": true, "llm_int8_skip_modules": ["lm_head", "self_attn"] } """, 7.69e9, (TwiceQuantized * FeedForward) + (2 * (Parameters - FeedForward)) },
        { """ "quantization_config": { "quant_method": "bitsandbytes", "load_in_4bit": true, "bnb_4bit_use_double_quant": true, "llm_int8_skip_modules": null } """, 5.70e9, (TwiceQuantized * Linear) + (2 * (Parameters - Linear)) },
        { """ "quantization_config": { "quant_method": "awq", "w_bit": 4, "q_group_size": 128, "zero_point": true, "version": "GEMM" } """, 5.73e9, (Packed * Linear) + (2 * (Parameters - Linear)) },

        // One projection, a third of the feed-forward, keeps 2; one of attention's, a tenth; one block of 32; all but one.
        { """ "quantization_config": { "quant_method": "fp8", "modules_to_not_convert": ["down_proj", "lm_head"] } """, 10.96e9, Linear + (FeedForward / 3) + (2 * (Parameters - Linear)) },
        { """ "quantization_config": { "quant_method": "fp8", "modules_to_not_convert": ["k_proj", "lm_head"] } """, 9.22e9, Linear + (Attention / 10) + (2 * (Parameters - Linear)) },
        { """ "quantization_config": { "quant_method": "fp8", "modules_to_not_convert": ["model.layers.16"] } """, 9.30e9, Linear + (Linear / 32) + (2 * (Parameters - Linear)) },
        { $$""" "quantization_config": { "quant_method": "fp8", "modules_to_not_convert": ["lm_head", {{AllButOne}}] } """, 15.84e9, (Linear / 32) + (2 * (Parameters - (Linear / 32))) },

        // The projection to the logits is packed, too: 128,256·4,096 weights.
        { """ "quantization_config": { "quant_method": "gptq", "bits": 4, "group_size": 128, "lm_head": true } """, 4.95e9, (Packed * (Linear + (128_256d * 4096))) + (2 * (Parameters - Linear - (128_256d * 4096))) },

        // AQLM: two bytes a group of 8 weights, and in each matrix a codebook of 65,536·8 entries of 16 bits, 1,048,576 bytes; 7·32 matrices.
        { """ "quantization_config": { "quant_method": "aqlm", "in_group_size": 8, "out_group_size": 1, "num_codebooks": 1, "nbits_per_codebook": 16, "linear_weights_not_to_quantize": ["lm_head.weight", "model.embed_tokens.weight"] } """, 4.08e9, (0.25 * Linear) + (7 * 32 * 1_048_576d) + (2 * (Parameters - Linear)) },
    };

    [Theory]
    [MemberData(nameof(Sections))]
    public void A_checkpoint_weighs_what_each_of_its_projections_weighs(string section, double rounded, double bytes)
    {
        double found = Bytes(Show(Llama(section)).Output);
        Assert.Equal(bytes, found, tolerance: 1);
        Assert.Equal(rounded, Math.Round(found / 1e7) * 1e7, tolerance: 1);
    }

    /// <summary>Checkpoints as they are published, with <c>hf_quant_config.json</c> beside the configuration.</summary>
    [Theory]
    [InlineData("nvidia--Llama-3.1-70B-Instruct-FP8", 72.66e9)]
    [InlineData("nvidia--Qwen3-235B-A22B-NVFP4", 134.1e9)]
    [InlineData("nvidia--DeepSeek-V3.1-NVFP4", 386.4e9)]
    [InlineData("Qwen--Qwen3-32B-FP8-Static-PerTensor", 34.32e9)]
    [InlineData("moonshotai--Kimi-K2.5", 594.2e9)]
    public void A_published_checkpoint_weighs_what_its_files_do(string name, double bytes)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("model", "show", Repository.SharedOrSkip("data", "published", name));
        Assert.Equal(0, outcome.ExitCode);
        Assert.InRange(Bytes(outcome.Output) / bytes, 0.9995, 1.0005);
    }

    [Fact]
    public void The_file_beside_a_configuration_is_read_and_named()
    {
        using TemporaryFolder folder = new();
        string config = folder.Write("config.json", Llama(null));
        folder.Write("hf_quant_config.json", """{ "producer": { "name": "modelopt" }, "quantization": { "quant_algo": "FP8", "exclude_modules": ["lm_head"] } }""");
        Assert.Equal(Linear + (2 * (Parameters - Linear)), Bytes(FastSimProgram.Run("model", "show", folder.Root).Output), tolerance: 1);

        // A configuration of another name stands for itself; one that says how it is quantized needs no other.
        File.Copy(config, folder.PathOf("other.json"));
        Assert.Equal(2 * Parameters, Bytes(FastSimProgram.Run("model", "show", folder.PathOf("other.json")).Output), tolerance: 1);
        folder.Write("config.json", Llama(""" "quantization_config": { "quant_method": "fp8", "modules_to_not_convert": ["mlp"] } """));
        Assert.Equal(Attention + (2 * (Parameters - Attention)), Bytes(FastSimProgram.Run("model", "show", folder.Root).Output), tolerance: 1);

        folder.Write("config.json", Llama(null));
        folder.Write("hf_quant_config.json", """{ "quantization": { "quant_algo": "FP8", "exclude_module": ["lm_head"] } }""");
        Assert.Equal(
            $"error: {folder.PathOf("hf_quant_config.json")}: quantization.exclude_module: found an unknown key; expected a key of this format; did you mean \"exclude_modules\"?\n",
            FastSimProgram.Run("model", "show", folder.Root).Error);
    }

    /// <summary>Without hashing and blocks' own lists this asks 94 blocks of 384 modules 283 times over.</summary>
    [Fact]
    public void Hundreds_of_names_and_expressions_are_each_heeded()
    {
        // Blocks 0 to 93: each one's router by name, its k_proj by expression, its o_proj by pattern; four of 94·32 k and o remain.
        string[] names =
        [
            .. Enumerable.Range(0, 94).Select(layer => $"\"model.layers.{layer}.mlp.gate\""),
            .. Enumerable.Range(2, 92).Select(layer => $"\"re:.*layers\\\\.{layer}\\\\.self_attn\\\\.k_proj\""),
            .. Enumerable.Range(2, 92).Select(layer => $"\"*.layers.{layer}.self_attn.o*\""),
        ];
        string experts = $$"""
            {
              "model_type": "qwen3_moe", "torch_dtype": "bfloat16", "hidden_size": 8, "intermediate_size": 16, "moe_intermediate_size": 6,
              "num_hidden_layers": 94, "num_attention_heads": 4, "num_key_value_heads": 2, "head_dim": 4, "num_experts": 384, "num_experts_per_tok": 2,
              "vocab_size": 10, "tie_word_embeddings": true, "quantization_config": { "quant_method": "fp8", "modules_to_not_convert": [{{string.Join(", ", names)}}] }
            }
            """;

        // q 128, k and v 64 each, o 128: k and o of 92 blocks keep 2 bytes, so (94·384 + 92·192)/(94·384).
        Assert.Contains("1.48936 bytes a weight in attention; 1 in routed experts, 2 elsewhere", Show(experts).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"n_routed_experts\"", "\"num_routed_experts\"")]
    [InlineData("\"n_shared_experts\"", "\"num_shared_experts\"")]
    [InlineData("\"n_routed_experts\"", "\"num_local_experts\"")]
    public void Experts_are_counted_under_other_names(string own, string other) => Assert.Contains(
        "parameters total    0.000 billion (4,113)",
        Show(PublishedConfigs.DeepSeek.Replace(own, other, StringComparison.Ordinal)).Output,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("\"n_routed_experts\": 8, ", "", "n_routed_experts: found nothing; expected an integer of at least 1, since moe_intermediate_size is given")]
    [InlineData("\"n_routed_experts\": 8", "\"n_routed_exprts\": 8", "n_routed_experts: found nothing; expected an integer of at least 1, since moe_intermediate_size is given; did you mean \"n_routed_exprts\"?")]
    [InlineData("\"n_routed_experts\": 8", "\"n_routed_experts\": 8, \"num_experts\": 9", "num_experts: found 9; expected the same as n_routed_experts, 8")]
    public void Experts_that_are_not_counted_are_refused(string text, string replacement, string message) =>
        Assert.Equal($"error: config.json: {message}\n", Show(PublishedConfigs.DeepSeek.Replace(text, replacement, StringComparison.Ordinal)).Error);

    [Fact]
    public void Experts_of_an_architecture_without_any_are_refused()
    {
        string config = PublishedConfigs.Llama.Replace("\"vocab_size\"", "\"num_local_experts\": 8, \"vocab_size\"", StringComparison.Ordinal);
        Assert.Equal(
            "error: config.json: num_local_experts: found 8; expected no such field: blocks of this architecture have no experts here\n", Show(config).Error);

        // DeepSeek's dense models say that there are none.
        Assert.Equal(0, Show(PublishedConfigs.DeepSeek.Replace("\"n_routed_experts\": 8", "\"n_routed_experts\": null", StringComparison.Ordinal)).ExitCode);
    }

    private static FastSimProgram.Outcome Show(string config) => PublishedConfigs.Show(config);

    private static string Groups(string field, string target) => $$"""
         "{{field}}": { "quant_method": "compressed-tensors", "format": "float-quantized", "ignore": ["lm_head"], "quantization_status": "frozen",
           "config_groups": { "group_0": { "targets": ["{{target}}"], "weights": {{EightBitFloats}}, "input_activations": {{EightBitFloats}} } } }
        """;

    private static string Llama(string? section) => $$"""
        {
          "model_type": "llama", "torch_dtype": "bfloat16", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32,
          "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "tie_word_embeddings": false{{(section is null ? "" : ",")}} {{section}}
        }
        """;

    private static double Bytes(string sheet)
    {
        string line = sheet.Split('\n').Single(line => line.StartsWith("weight bytes", StringComparison.Ordinal));
        return double.Parse(line.Split(' ', StringSplitOptions.RemoveEmptyEntries)[2], NumberStyles.Number, CultureInfo.InvariantCulture);
    }
}
