using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What products of a quantized checkpoint are computed in where nobody says otherwise, and what its weights take then.</summary>
public sealed class StoredProductTests
{
    private const string Groups = """ "quant_method": "compressed-tensors", "config_groups": { "g": { "targets": ["Linear"], "weights": """;
    private const string QuarkBytes = """{ "weight": { "dtype": "fp8_e4m3" }, "input_tensors": { "dtype": "fp8_e4m3" } }""";
    private const string Experts = """ "ignore": ["re:.*self_attn.*", "re:.*shared_experts.*", "re:.*mlp\\.(gate|up|gate_up|down)_proj.*", "lm_head"] """;

    /// <summary>
    /// Quantizations of latent attention with dense feed-forwards, routed and shared experts: attention, feed-forward, experts and cache on a chip with units of 8 and 4 bits, and with units of 16 alone.
    /// </summary>
    public static TheoryData<string, string, string> Checkpoints { get; } = new()
    {
        // 8-bit floats: a scale a matrix, a block or 32; on a chip without units for them weights alone.
        { """{ "quant_method": "fp8" }""", "fp8 fp8 fp8 bfloat16", "int8_wo int8_wo int8_wo bfloat16" },
        { """{ "quant_method": "fp8", "weight_block_size": [128, 128] }""", "fp8_block fp8_block fp8_block bfloat16", "int8_wo int8_wo int8_wo bfloat16" },
        { """{ "quant_method": "mxfp8" }""", "fp8_block fp8_block fp8_block bfloat16", "int8_wo int8_wo int8_wo bfloat16" },
        { """{ "quant_method": "fbgemm_fp8", "modules_to_not_convert": ["self_attn"] }""", "bfloat16 fp8 fp8 bfloat16", "bfloat16 int8_wo int8_wo bfloat16" },
        { """{ "quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "FP8" }""", "fp8 fp8 fp8 fp8", "int8_wo int8_wo int8_wo fp8" },
        { """{ "quantization": { "quant_algo": "FP8", "kv_cache_quant_algo": null } }""", "fp8 fp8 fp8 bfloat16", "int8_wo int8_wo int8_wo bfloat16" },

        // 8-bit integers on both sides; weights alone.
        { """{ "quant_method": "blockwise_int8", "weight_block_size": [128, 128] }""", "sq sq sq bfloat16", "sq sq sq bfloat16" },
        { """{ "quant_method": "auto-round", "bits": 8, "group_size": 32, "data_type": "mx_fp", "act_bits": 8 }""", "fp8_block fp8_block fp8_block bfloat16", "int8_wo int8_wo int8_wo bfloat16" },
        { """{ "quant_method": "auto-round", "bits": 4, "group_size": 128 }""", "int4_wo int4_wo int4_wo bfloat16", "int4_wo int4_wo int4_wo bfloat16" },
        { """{ "quant_method": "w8a8_int8" }""", "sq sq sq bfloat16", "sq sq sq bfloat16" },
        { $$"""{ {{Groups}} { "num_bits": 8, "type": "int" }, "input_activations": { "num_bits": 8, "type": "int" } } } }""", "sq sq sq bfloat16", "sq sq sq bfloat16" },
        {
            $$"""{ {{Groups}} { "num_bits": 8, "type": "float", "strategy": "block", "block_structure": [128, 128] }, "input_activations": { "num_bits": 8, "type": "float" } } } }""",
            "fp8_block fp8_block fp8_block bfloat16",
            "int8_wo int8_wo int8_wo bfloat16"
        },
        { $$"""{ {{Groups}} { "num_bits": 8, "type": "int" } } } }""", "int8_wo int8_wo int8_wo bfloat16", "int8_wo int8_wo int8_wo bfloat16" },
        { """{ "quant_method": "gptq", "bits": 8, "group_size": 128 }""", "int8_wo int8_wo int8_wo bfloat16", "int8_wo int8_wo int8_wo bfloat16" },
        { """{ "quant_method": "awq", "bits": 4, "group_size": 128 }""", "int4_wo int4_wo int4_wo bfloat16", "int4_wo int4_wo int4_wo bfloat16" },

        // 4 bits on both sides, by 8 bits, and weights alone; the cache as the checkpoint says.
        { """{ "quant_method": "modelopt", "quant_algo": "NVFP4", "exclude_modules": ["*self_attn*", "lm_head"], "kv_cache_scheme": { "num_bits": 8, "type": "float" } }""", "bfloat16 nvfp4 nvfp4 fp8", "bfloat16 int4_wo int4_wo fp8" },
        { """{ "quant_method": "modelopt", "quant_algo": "W4A16_NVFP4" }""", "int4_wo int4_wo int4_wo bfloat16", "int4_wo int4_wo int4_wo bfloat16" },
        { """{ "quant_method": "modelopt", "quant_algo": "W4A8_AWQ" }""", "w4a8_mxfp4_mxfp8 w4a8_mxfp4_mxfp8 w4a8_mxfp4_mxfp8 bfloat16", "w4a16_mxfp4 w4a16_mxfp4 w4a16_mxfp4 bfloat16" },
        { $$"""{ {{Groups}} { "num_bits": 4, "type": "float", "group_size": 16 }, "input_activations": { "num_bits": 4, "type": "float", "group_size": 16 } } } }""", "nvfp4 nvfp4 nvfp4 bfloat16", "int4_wo int4_wo int4_wo bfloat16" },

        // Experts alone: in integers, which no kernel of narrow activations takes, and in the format that goes by the chip.
        { $$"""{ {{Groups}} { "num_bits": 4, "type": "int", "group_size": 32 } } }, {{Experts}} }""", "bfloat16 bfloat16 int4_wo bfloat16", "bfloat16 bfloat16 int4_wo bfloat16" },
        { """{ "quant_method": "mxfp4" }""", "bfloat16 bfloat16 w4a8_mxfp4_mxfp8 bfloat16", "bfloat16 bfloat16 w4a16_mxfp4 bfloat16" },
        { """{ "quant_method": "modelopt", "quant_algo": "NVFP4", "exclude_modules": ["*self_attn*", "*shared_experts*", "*layers.0*", "lm_head"] }""", "bfloat16 bfloat16 nvfp4 bfloat16", "bfloat16 bfloat16 int4_wo bfloat16" },
    };

    [Theory]
    [MemberData(nameof(Checkpoints))]
    public void Products_run_in_what_the_checkpoint_has(string quantization, string narrow, string wide)
    {
        TransformerModel model = Model(quantization, new Findings(allowUnknownKeys: false));
        Assert.Equal(narrow, Words(ServingPrecision.Of(model, Engine, null, new NarrowUnits(true, true))));
        Assert.Equal(wide, Words(ServingPrecision.Of(model, Engine, null, default)));
    }

    /// <summary>4-bit integers by 8-bit floats need units of 8 bits, microscaled ones those of 4.</summary>
    [Theory]
    [InlineData("W4A8_AWQ", ServingPrecision.Mxfp4)]
    [InlineData("W4A8_MXFP4_MXFP8", ServingPrecision.PackedMxfp4)]
    [InlineData("NVFP4", "int4_wo")]
    public void Weights_of_4_bits_meet_what_the_chip_computes_in(string algorithm, string word) => Assert.Equal(
        word, ServingPrecision.Of(Model($$"""{ "quant_method": "modelopt", "quant_algo": "{{algorithm}}" }""", new Findings(allowUnknownKeys: false)), Engine, null, new NarrowUnits(true, false)).Experts);

    /// <summary>A word for what the checkpoint is stored in asks for no kernel that was measured, as silence does not; another does.</summary>
    [Theory]
    [InlineData("""{ "quant_method": "awq", "bits": 4, "group_size": 128 }""", "int4_wo", true)]
    [InlineData("""{ "quant_method": "awq", "bits": 4, "group_size": 128 }""", "int8_wo", false)]
    [InlineData("""{ "quant_method": "w8a8_int8" }""", "sq", true)]
    [InlineData("""{ "quant_method": "w8a8_int8" }""", "fp8", false)]
    public void The_checkpoints_own_word_is_as_silence(string quantization, string stated, bool isUnasked) => Assert.Equal(
        isUnasked, ServingPrecision.Of(Model(quantization, new Findings(allowUnknownKeys: false)), Engine, stated, new NarrowUnits(true, true)).Origin.IsUnasked(OperatorFamily.Product));

    /// <summary>The checkpoint's cache is kept where nobody states data types, or its own: of SGLang by the model optimizer's word alone.</summary>
    [Theory]
    [InlineData("""{ "quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "FP8" }""", "sglang", null, "fp8")]
    [InlineData("""{ "quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "FP8" }""", "vllm", "bfloat16", "bfloat16")]
    [InlineData("""{ "quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "FP8" }""", "vllm", "fp8", "fp8")]
    [InlineData("""{ "quant_method": "fp8", "kv_cache_scheme": { "num_bits": 8, "type": "float" } }""", "sglang", null, "bfloat16")]
    [InlineData("""{ "quant_method": "fp8", "kv_cache_scheme": { "num_bits": 8, "type": "float" } }""", "vllm", null, "fp8")]
    [InlineData($$"""{ "quant_method": "quark", "global_quant_config": {{QuarkBytes}}, "kv_cache_quant_config": { "*k_proj": { "output_tensors": { "dtype": "fp8_e4m3" } } } }""", "vllm", null, "fp8")]
    public void A_cache_is_kept_as_the_checkpoint_has_it(string quantization, string engine, string? products, string cache) => Assert.Equal(
        cache, ServingPrecision.Of(Model(quantization, new Findings(allowUnknownKeys: false)), ServingEngine.All[engine], products, new NarrowUnits(true, true)).Cache);

    /// <summary>Of groups and blocks a weight of 8 bits is more than a byte: it is no weight of 16 bits for that.</summary>
    [Theory]
    [InlineData("bfloat16", 1.0234375, NumberKind.EightBitWeights)]
    [InlineData("bfloat16", 1.000244140625, NumberKind.EightBitWeights)]
    [InlineData("bfloat16", 2, NumberKind.SixteenBit)]
    [InlineData("float8", 1.03125, NumberKind.EightBit)]
    [InlineData("float4", 1.03125, NumberKind.EightBit)]
    public void Stored_weights_of_8_bits_are_that_with_their_scales(string type, double bytes, NumberKind kind) =>
        Assert.Equal(kind, NumberKinds.OfStored(type, bytes, hasBlockScales: false));

    [Theory]
    [InlineData("""{ "quant_method": "fp8", "kv_cache_scheme": { "num_bits": 8, "type": 5 } }""", null)]
    [InlineData("""{ "quant_method": "quark", "global_quant_config": { "weight": { "dtype": "fp8_e4m3" }, "input_tensors": { "qscheme": "per_tensor" } } }""", "input_tensors.dtype")]
    public void What_is_no_format_is_named_and_ends_nothing_else(string quantization, string? field)
    {
        if (field is null)
        {
            Assert.False(Model(quantization, new Findings(allowUnknownKeys: false)).Structure!.Storage.CachesInEightBits);
            return;
        }

        ConfigurationException refused = Assert.Throws<ConfigurationException>(() => Model(quantization, new Findings(allowUnknownKeys: false)));
        Assert.Contains(field, refused.Message, StringComparison.Ordinal);
    }

    /// <summary>What is asked for goes before it, but of experts that alone are quantized only where it is asked of them.</summary>
    [Theory]
    [InlineData("""{ "quant_method": "modelopt", "quant_algo": "NVFP4" }""", "fp8", null, "fp8 fp8 fp8 bfloat16")]
    [InlineData("""{ "quant_method": "fp8", "modules_to_not_convert": ["self_attn"] }""", "fp8", null, "bfloat16 fp8 fp8 bfloat16")]
    [InlineData("""{ "quant_method": "fp8", "weight_block_size": [128, 128] }""", "fp8", null, "fp8_block fp8_block fp8_block bfloat16")]
    [InlineData("""{ "quant_method": "fp8", "weight_block_size": [128, 128] }""", null, "nvfp4", "fp8_block fp8_block nvfp4 bfloat16")]
    [InlineData($$"""{ {{Groups}} { "num_bits": 4, "type": "int", "group_size": 32 } } }, {{Experts}} }""", "bfloat16", null, "bfloat16 bfloat16 int4_wo bfloat16")]
    [InlineData($$"""{ {{Groups}} { "num_bits": 4, "type": "int", "group_size": 32 } } }, {{Experts}} }""", "bfloat16", "fp8", "bfloat16 bfloat16 fp8 bfloat16")]
    public void What_is_asked_for_goes_before_it(string quantization, string? products, string? experts, string words) => Assert.Equal(
        words, Words(ServingPrecision.Of(Model(quantization, new Findings(allowUnknownKeys: false)), Engine, products, new NarrowUnits(true, true), experts)));

    /// <summary>What a checkpoint is stored in is asked for as by silence, also on a chip that widens it: its cache is kept, and weights meet what they would.</summary>
    [Theory]
    [InlineData("""{ "quant_method": "modelopt", "quant_algo": "FP8", "kv_cache_quant_algo": "FP8" }""", "fp8")]
    [InlineData("""{ "quant_method": "fp8", "weight_block_size": [128, 128] }""", "fp8")]
    [InlineData("""{ "quant_method": "modelopt", "quant_algo": "NVFP4", "exclude_modules": ["*self_attn*", "lm_head"], "kv_cache_scheme": { "num_bits": 8, "type": "float" } }""", "nvfp4")]
    public void The_checkpoints_own_is_as_silence_on_a_chip_that_widens_it(string quantization, string own)
    {
        TransformerModel model = Model(quantization, new Findings(allowUnknownKeys: false));
        ServingPrecision silent = ServingPrecision.Of(model, Engine, null, default);
        ServingPrecision stated = ServingPrecision.Of(model, Engine, own, default);
        Assert.Equal(Words(silent), Words(stated));
        Assert.Equal((silent.KeepsStoredCache, silent.Kinds.Attention, silent.Kinds.Experts), (stated.KeepsStoredCache, stated.Kinds.Attention, stated.Kinds.Experts));
    }

    /// <summary>Routed experts that alone are quantized are asked for by nobody where products are said of all else.</summary>
    [Theory]
    [InlineData(null, null, true, true)]
    [InlineData("bfloat16", null, true, false)]
    [InlineData("bfloat16", "fp8", false, false)]
    public void What_nobody_asked_for_is_told_from_what_was(string? products, string? experts, bool unaskedExperts, bool unaskedProducts)
    {
        TransformerModel model = Model($$"""{ {{Groups}} { "num_bits": 4, "type": "int", "group_size": 32 } } }, {{Experts}} }""", new Findings(allowUnknownKeys: false));
        ServingPrecision read = ServingPrecision.Of(model, Engine, products, new NarrowUnits(true, true), experts);
        Assert.Equal((unaskedExperts, unaskedProducts), (read.Origin.IsUnasked(OperatorFamily.Experts), read.Origin.IsUnasked(OperatorFamily.Product)));
    }

    /// <summary>A cache in another format than 8-bit floats is named, once.</summary>
    [Theory]
    [InlineData("""{ "quant_method": "modelopt", "quant_algo": "NVFP4", "kv_cache_quant_algo": "NVFP4" }""", "kv_cache_quant_algo")]
    [InlineData("""{ "quant_method": "fp8", "kv_cache_scheme": { "num_bits": 8, "type": "int" } }""", "kv_cache_scheme")]
    public void A_cache_in_another_format_is_named(string quantization, string field)
    {
        Findings findings = new(allowUnknownKeys: false);
        TransformerModel model = Model(quantization, findings);
        Assert.False(model.Structure!.Storage.CachesInEightBits);
        Assert.EndsWith($"{field}: found a cache in another format than 8-bit floats; it has no effect: state the bytes of the cache", Assert.Single(findings.Warnings), StringComparison.Ordinal);
    }

    private static ServingEngine Engine => ServingEngine.All["vllm"];

    private static string Words(ServingPrecision precision) => $"{precision.Attention} {precision.FeedForward} {precision.Experts} {precision.Cache}";

    private static TransformerModel Model(string quantization, Findings findings)
    {
        using TemporaryFolder folder = new();
        int place = PublishedConfigs.DeepSeek.IndexOf("\"quantization_config\"", StringComparison.Ordinal);
        return ModelFile.Load(folder.Write("config.json", $"{PublishedConfigs.DeepSeek[..place]} \"quantization_config\": {quantization} }}"), findings);
    }
}
