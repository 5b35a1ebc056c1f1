using FastSim.Cli.Configuration;
using FastSim.Kernels.Models;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What a <c>quantization_config</c> says of a checkpoint's bytes: bits, scales, and what it spares.</summary>
public sealed class QuantizationTests
{
    private const string Everything = "attention, dense feed-forward, routed experts, shared experts";

    public static TheoryData<string, string> Schemes { get; } = new()
    {
        // One byte; with a 32-bit scale for each block of 128 · 128.
        { """{ "quant_method": "fp8" }""", $"1 bytes a weight in {Everything}, 2 elsewhere" },
        { """{ "quant_method": "fp8", "weight_block_size": [128, 128] }""", $"1.00024 bytes a weight in {Everything}, 2 elsewhere" },

        // Layer 1 of 3 is the middle one: what is spared there is spared.
        { """{ "quant_method": "fbgemm_fp8", "modules_to_not_convert": ["model.layers.1.self_attn", "lm_head"] }""", "1 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },
        { """{ "quant_method": "fp8", "modules_to_not_convert": ["model.layers.0.self_attn"] }""", $"1 bytes a weight in {Everything}, 2 elsewhere" },

        // Half a byte, and a 16-bit scale and a 4-bit zero point for 128.
        { """{ "quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": false }""", $"0.51953 bytes a weight in {Everything}, 2 elsewhere" },
        { """{ "quant_method": "awq", "bits": 8, "group_size": -1, "modules_to_not_convert": ["self_attn"] }""", "1 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },

        // Half a byte and a 16-bit scale for 32, in the routed experts alone.
        {
            """
            {
              "quant_method": "compressed-tensors", "format": "pack-quantized",
              "config_groups": { "group_0": { "targets": ["Linear"], "weights": { "num_bits": 4, "type": "int", "group_size": 32 } } },
              "ignore": ["lm_head", "re:.*self_attn.*", "re:.*shared_experts.*", "re:.*mlp\\.(gate|up|gate_up|down)_proj.*"]
            }
            """,
            "0.5625 bytes a weight in routed experts, 2 elsewhere"
        },

        // Half a byte and an 8-bit scale for 16.
        { """{ "quant_method": "modelopt", "quant_algo": "NVFP4", "exclude_modules": ["*self_attn*", "lm_head"] }""", "0.5625 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },
        { """{ "quant_method": "compressed-tensors", "config_groups": { "g": { "weights": { "num_bits": 4, "type": "float", "group_size": 16 } } } }""", $"0.5625 bytes a weight in {Everything}, 2 elsewhere" },

        // Half a byte and a 32-bit scale for 64.
        { """{ "quant_method": "bitsandbytes", "load_in_4bit": true }""", $"0.5625 bytes a weight in {Everything}, 2 elsewhere" },
        { """{ "quant_method": "mxfp4" }""", $"0.53125 bytes a weight in {Everything}, 2 elsewhere" },
    };

    [Theory]
    [MemberData(nameof(Schemes))]
    public void A_scheme_has_its_bytes_and_spares_what_it_names(string quantization, string stored)
    {
        FastSimProgram.Outcome outcome = PublishedConfigs.Show(With(quantization));
        Assert.Equal("", outcome.Error);
        string line = outcome.Output.Split('\n').Single(line => line.StartsWith("weight bytes", StringComparison.Ordinal));
        Assert.EndsWith(stored, line, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{ "quant_method": "compressed-tensors", "config_groups": { "a": { "weights": { "num_bits": 8 } }, "b": { "weights": { "num_bits": 4 } } } }""", "quantization_config.config_groups.b.weights.num_bits: found 4; expected the same bytes a weight in every group: mixed ones cannot be represented")]
    [InlineData("""{ "quant_method": "compressed-tensors", "config_groups": {} }""", "quantization_config.config_groups: found an object; expected a group with weights")]
    [InlineData("""{ "quant_method": "modelopt", "quant_algo": "MIXED_PRECISION" }""", "quantization_config.quant_algo: found \"MIXED_PRECISION\"; expected a quantization algorithm: FP8, FP8_PB_WO, NVFP4, W4A16_AWQ, W8A8_SQ_PER_CHANNEL")]
    [InlineData("""{ "bits": 4 }""", "quantization_config.quant_method: found nothing; expected a quantization: fp8, fbgemm_fp8, mxfp4, compressed-tensors, modelopt, gptq, awq, auto-round, bitsandbytes")]
    [InlineData("""{ "quant_method": "fp8", "modules_to_not_convert": ["re:("] }""", "quantization_config.modules_to_not_convert[0]: found \"re:(\"; expected a module name, or re: and a regular expression")]
    public void A_scheme_that_cannot_be_represented_is_refused_with_its_field(string quantization, string message) =>
        Assert.Equal($"error: config.json: {message}\n", PublishedConfigs.Show(With(quantization)).Error);

    [Fact]
    public void The_unit_of_quantized_weights_is_known_by_role()
    {
        StoredWeights storage = Load(With("""{ "quant_method": "fp8", "weight_block_size": [128, 64], "modules_to_not_convert": ["self_attn"] }"""));
        Assert.Equal(new WeightBlock(Outputs: 128, Inputs: 64), storage.BlockOf(WeightRoles.RoutedExperts));
        Assert.Equal(WeightBlock.None, storage.BlockOf(WeightRoles.Attention));
        Assert.Equal(WeightBlock.None, Load(With("""{ "quant_method": "fp8" }""")).Block);
    }

    private static StoredWeights Load(string config)
    {
        using TemporaryFolder folder = new();
        return ModelFile.Load(folder.Write("config.json", config), new Findings(allowUnknownKeys: false)).Structure!.Storage;
    }

    private static string With(string quantization)
    {
        int place = PublishedConfigs.DeepSeek.IndexOf("\"quantization_config\"", StringComparison.Ordinal);
        return $"{PublishedConfigs.DeepSeek[..place]} \"quantization_config\": {quantization} }}";
    }
}
