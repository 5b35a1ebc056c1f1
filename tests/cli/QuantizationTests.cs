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

        // A block of three keeps two bytes: (1 + 1 + 2)/3; all three of them.
        { """{ "quant_method": "fbgemm_fp8", "modules_to_not_convert": ["model.layers.1.self_attn", "lm_head"] }""", "1.33333 bytes a weight in attention; 1 in dense feed-forward, routed experts, shared experts, 2 elsewhere" },
        { """{ "quant_method": "fp8", "modules_to_not_convert": ["self_attn"] }""", "1 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },

        // Names are whole parts: layer 1 is not layer 16, gate is not gate_proj; a pattern may end within a part.
        { """{ "quant_method": "fp8", "modules_to_not_convert": ["layers.0.mlp.gate", "mlp.gate", "self_attn.o"] }""", $"1 bytes a weight in {Everything}, 2 elsewhere" },
        { """{ "quant_method": "fp8", "ignored_layers": ["model.layers.*.self_att*"] }""", "1 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },
        { """{ "quant_method": "fp8", "ignored_layers": ["model.layers.[0-2].self_attn"] }""", "1 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },
        { """{ "quant_method": "fp8", "ignored_layers": ["model.layers.[!0]*"] }""", "1.66667 bytes a weight in attention; 1 in dense feed-forward, 2 elsewhere" },

        // Expressions match from the start and end anywhere, but for a dollar; a point that is not escaped is any character. The last two match
        // nothing: no name ends in self_attn, and none has an x there.
        { """{ "quant_method": "fp8", "modules_to_not_convert": ["re:model.layers\\.[0-9]+\\.self_attn"] }""", "1 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },
        { """{ "quant_method": "fp8", "modules_to_not_convert": ["re:^model\\.layers..\\.self.+"] }""", "1 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },
        { """{ "quant_method": "fp8", "modules_to_not_convert": ["re:self_attn.*", "re:.*\\.self_attn$", "re:.*self\\-attn"] }""", $"1 bytes a weight in {Everything}, 2 elsewhere" },

        // Half a byte, and a 16-bit scale and a 4-bit zero point for 128.
        { """{ "quant_method": "gptq", "bits": 4, "group_size": 128, "desc_act": false }""", $"0.51953 bytes a weight in {Everything}, 2 elsewhere" },
        { """{ "quant_method": "awq", "bits": 8, "group_size": -1, "modules_to_not_convert": ["self_attn"] }""", "1 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },

        // A quarter of the experts, 2 of 8, in half of the expert blocks keeps two bytes: 1 + 1/8; the last line names one projection of one of 8.
        { """{ "quant_method": "fp8", "modules_to_not_convert": ["re:model.layers.1.mlp.experts.[0-1].*"] }""", "1 bytes a weight in attention, dense feed-forward, shared experts; 1.125 in routed experts, 2 elsewhere" },
        { """{ "quant_method": "fp8", "modules_to_not_convert": ["experts.7.down_proj"] }""", "1 bytes a weight in attention, dense feed-forward, shared experts; 1.04167 in routed experts, 2 elsewhere" },

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

        // Half a byte and a 32-bit scale for 64; quantized twice 8 bits and a 32-bit one for 256 of them, 0.5 + 1/64 + 4/16,384.
        { """{ "quant_method": "bitsandbytes", "load_in_4bit": true }""", $"0.5625 bytes a weight in {Everything}, 2 elsewhere" },
        { """{ "load_in_4bit": true, "bnb_4bit_use_double_quant": true }""", $"0.51587 bytes a weight in {Everything}, 2 elsewhere" },
        { """{ "quant_method": "bitsandbytes", "load_in_8bit": true, "llm_int8_skip_modules": ["lm_head", "experts"] }""", "1 bytes a weight in attention, dense feed-forward, shared experts, 2 elsewhere" },

        // MXFP4 has kernels for routed experts alone.
        { """{ "quant_method": "mxfp4" }""", "0.53125 bytes a weight in routed experts, 2 elsewhere" },

        // Half a byte, a 16-bit scale and a 4-bit zero point for 128; 8 bits where an expression says so; none where one excludes.
        { """{ "quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": { "+:.*self_attn.*": { "bits": 8, "group_size": 64 }, "-:.*shared_experts.*": {} } }""", "1.04688 bytes a weight in attention; 0.51953 in dense feed-forward, routed experts, 2 elsewhere" },
        // Of attention's 40 + 50 + 48 + 48 + 48 weights the last 48 are packed: (186·2 + 48·0.51953)/234.
        { """{ "quant_method": "gptq", "bits": 4, "group_size": 128, "lm_head": true, "modules_in_block_to_quantize": [["self_attn.o_proj"], ["mlp.experts"]] }""", "1.69631 bytes a weight in attention; 0.51953 in routed experts, logits projection, 2 elsewhere" },

        // Marlin's layout of GPTQ keeps no zero points.
        { """{ "quant_method": "gptq", "bits": 4, "group_size": 128, "checkpoint_format": "marlin" }""", $"0.51563 bytes a weight in {Everything}, 2 elsewhere" },
        { """{ "w_bit": 4, "q_group_size": 64, "zero_point": true, "version": "GEMM" }""", $"0.53906 bytes a weight in {Everything}, 2 elsewhere" },

        // Exact names come before expressions; 16 bits are the model's own type; blocks that are not named keep theirs.
        {
            """
            {
              "quant_method": "auto-round", "bits": 4, "group_size": 128, "data_type": "int", "block_name_to_quantize": "model.layers",
              "extra_config": { ".*self_attn.*": { "bits": 16 }, "model.layers.0.mlp.gate_proj": { "bits": 8 }, "model.layers.0.mlp.up_proj": { "bits": 8 }, "model.layers.0.mlp.down_proj": { "bits": 8 } }
            }
            """,
            "1.02344 bytes a weight in dense feed-forward; 0.51953 in routed experts, shared experts, 2 elsewhere"
        },
        { """{ "quant_method": "auto-round", "bits": 4, "group_size": 32, "data_type": "mx_fp", "to_quant_block_names": [["model.layers.1", "model.layers.2"]] }""", "1.02083 bytes a weight in attention; 0.53125 in routed experts, shared experts, 2 elsewhere" },

        // Names before classes, groups in order; asymmetric groups keep a zero point: 0.5 + (2 + 0.5)/32.
        {
            """
            {
              "quant_method": "compressed-tensors", "format": "mixed-precision",
              "config_groups": {
                "group_0": { "targets": ["Linear"], "weights": { "num_bits": 4, "type": "int", "symmetric": false, "strategy": "group", "group_size": 32 }, "format": "pack-quantized" },
                "group_1": { "targets": ["re:.*self_attn.*"], "weights": { "num_bits": 8, "type": "float", "strategy": "block", "block_structure": [128, 128] }, "format": "float-quantized" }
              },
              "ignore": ["lm_head"]
            }
            """,
            "1.00024 bytes a weight in attention; 0.57813 in dense feed-forward, routed experts, shared experts, 2 elsewhere"
        },

        // Four-bit integers that the layout gives a byte each; three-bit ones of which ten fill 32 bits; a projection to the logits that nobody ignores.
        { """{ "quant_method": "compressed-tensors", "format": "int-quantized", "config_groups": { "g": { "targets": ["Linear"], "weights": { "num_bits": 4, "type": "int", "strategy": "channel" } } } }""", $"1 bytes a weight in {Everything}, logits projection, 2 elsewhere" },
        { """{ "quant_method": "compressed-tensors", "format": "pack-quantized", "config_groups": { "g": { "targets": ["re:.*mlp.*"], "weights": { "num_bits": 3, "type": "int", "strategy": "channel" } } } }""", "0.4 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },

        // The model optimizer a module at a time; experts by what holds them; what nobody names keeps its own type.
        {
            """
            {
              "quant_method": "modelopt", "quant_algo": "MIXED_PRECISION", "exclude_modules": ["model.layers.2*"],
              "quantized_layers": {
                "model.layers.1.mlp.experts": { "quant_algo": "NVFP4", "group_size": 16 }, "model.layers.2.mlp.experts": { "quant_algo": "NVFP4", "group_size": 16 },
                "lm_head": { "quant_algo": "FP8" }
              }
            }
            """,
            "1.28125 bytes a weight in routed experts; 1 in logits projection, 2 elsewhere"
        },
        { """{ "quant_method": "modelopt", "quant_algo": "W4A8_AWQ", "group_size": 128 }""", $"0.51563 bytes a weight in {Everything}, 2 elsewhere" },
        { """{ "producer": { "name": "modelopt" }, "quantization": { "quant_algo": "fp8_pb_wo", "kv_cache_quant_algo": null, "exclude_modules": ["*self_attn*"] } }""", "1.00024 bytes a weight in dense feed-forward, routed experts, shared experts, 2 elsewhere" },

        // Quark: MXFP4 for all but what is excluded, 8 bits by pattern.
        {
            """
            {
              "quant_method": "quark", "export": { "kv_cache_group": [] }, "exclude": ["lm_head", "*self_attn*"],
              "global_quant_config": { "weight": { "dtype": "fp4", "qscheme": "per_group", "group_size": 32, "scale_format": "e8m0" }, "input_tensors": null },
              "layer_quant_config": { "*shared_experts*": { "weight": { "dtype": "fp8_e4m3", "qscheme": "per_tensor" } } }, "layer_type_quant_config": {}
            }
            """,
            "0.53125 bytes a weight in dense feed-forward, routed experts; 1 in shared experts, 2 elsewhere"
        },

        // Routed experts in 4 bits with a scale of 2 bytes for 128, all else in bytes with one of 4 for a block, said or not.
        { """{ "quant_method": "w4afp8", "activation_scheme": "dynamic", "weight_block_size": [128, 128] }""", "1.00024 bytes a weight in attention, dense feed-forward, shared experts; 0.51563 in routed experts, 2 elsewhere" },
        { """{ "quant_method": "w4afp8", "ignored_layers": ["re:.*self_attn.*"] }""", "1.00024 bytes a weight in dense feed-forward, shared experts; 0.51563 in routed experts, 2 elsewhere" },

        // HQQ: half a byte, scale and zero point of 16 bits for 64. torchao the same for 128.
        { """{ "quant_method": "hqq", "quant_config": { "weight_quant_params": { "nbits": 4, "group_size": 64, "axis": 1, "channel_wise": true }, "scale_quant_params": null }, "skip_modules": ["lm_head"] }""", $"0.5625 bytes a weight in {Everything}, 2 elsewhere" },
        { """{ "quant_method": "hqq", "quant_config": { "mlp.gate_proj": { "weight_quant_params": { "nbits": 8, "group_size": 64 } } }, "skip_modules": ["lm_head"] }""", "1.6875 bytes a weight in dense feed-forward, 2 elsewhere" },
        { """{ "quant_method": "torchao", "quant_type": "int4_weight_only", "quant_type_kwargs": { "group_size": 128 }, "modules_to_not_convert": null }""", $"0.53125 bytes a weight in {Everything}, 2 elsewhere" },
        {
            """
            {
              "quant_method": "torchao", "quant_type": { "default": { "_type": "ModuleFqnToConfig", "_version": 1, "_data": { "module_fqn_to_config": {
                "_default": { "_type": "Int8WeightOnlyConfig", "_data": {} }, "re:.*self_attn.*": { "_type": "Int4WeightOnlyConfig", "_data": { "group_size": 32 } }, "model.layers.0.mlp": null } } } }
            }
            """,
            "0.625 bytes a weight in attention; 1 in routed experts, shared experts, 2 elsewhere"
        },
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
    [InlineData("""{ "quant_method": "compressed-tensors", "config_groups": { "a": { "weights": { "num_bits": 8 } }, "b": { "weights": { "num_bits": 4 } } } }""", "quantization_config.config_groups.b.targets: found nothing; expected a list of modules: another group has all that none names")]
    [InlineData("""{ "quant_method": "compressed-tensors", "config_groups": { "a": { "targets": ["Lineer"], "weights": { "num_bits": 8 } } } }""", "quantization_config.config_groups.a.targets[0]: found \"Lineer\"; expected Linear, Embedding, a module, or re: and a regular expression; did you mean \"Linear\"?")]
    [InlineData("""{ "quant_method": "compressed-tensors", "config_groups": { "a": { "targets": ["re:.*nothing.*"], "weights": { "num_bits": 8 } } } }""", "quantization_config.config_groups: found an object; expected modules that this model has: it names none that is quantized")]
    [InlineData("""{ "quant_method": "compressed-tensors", "sparsity_config": { "format": "sparse-24-bitmask" }, "config_groups": {} }""", "quantization_config.sparsity_config.format: found \"sparse-24-bitmask\"; expected dense: weights that are stored sparse cannot be represented")]
    [InlineData("""{ "quant_method": "compressed-tensors", "format": "marlin-24", "config_groups": {} }""", "quantization_config.format: found \"marlin-24\"; expected a layout that can be represented: pack-quantized, nvfp4-pack-quantized, mxfp4-pack-quantized, mxfp8-quantized, float-quantized, int-quantized, naive-quantized, mixed-precision")]
    [InlineData("""{ "quant_method": "compressed-tensors", "config_groups": { "a": { "targets": ["Linear"], "weights": { "num_bits": 8 }, "input_activations": { "num_bit": 8 } } } }""", "quantization_config.config_groups.a.input_activations.num_bit: found an unknown key; expected a key of this format; did you mean \"num_bits\"?")]
    [InlineData("""{ "quant_method": "gptq", "bits": 4, "grop_size": 128 }""", "quantization_config.grop_size: found an unknown key; expected a key of this format; did you mean \"group_size\"?")]
    [InlineData("""{ "quant_method": "gptq", "bits": 4, "group_size": 128, "dynamic": { "+:x": { "bitz": 8 } } }""", "quantization_config.dynamic.+:x.bitz: found an unknown key; expected a key of this format; did you mean \"bits\"?")]
    [InlineData("""{ "quant_method": "auto-round", "bits": 4, "group_size": 128, "block_name_to_quantize": "thinker.layers" }""", "quantization_config.block_name_to_quantize: found \"thinker.layers\"; expected modules that this model has: it names none that is quantized")]
    [InlineData("""{ "quant_method": "auto-round", "bits": 4, "group_size": 128, "super_bits": 6 }""", "quantization_config.super_bits: found 6; expected no such field: scales that are quantized in groups cannot be represented")]
    [InlineData("""{ "quant_method": "fp9" }""", "quantization_config.quant_method: found \"fp9\"; expected a quantization: fp8, fbgemm_fp8, mxfp4, compressed-tensors, modelopt, gptq, awq, auto-round, bitsandbytes, quark, hqq, torchao, aqlm, quanto, eetq, fp_quant, bitnet, mxfp8, blockwise_int8, w8a8_fp8, w8a8_int8, ptpc_fp8, w4afp8; did you mean \"fp8\"?")]
    [InlineData("""{ "quant_method": "modelopt", "quant_algo": "FP8", "config_groups": { "a": { "targets": ["Linear"], "weights": { "num_bits": 4, "type": "float", "group_size": 16 } } } }""", "quantization_config.config_groups: found an object; expected weights of as many bits as quant_algo says")]
    [InlineData("""{ "quant_method": "compressed-tensors", "config_groups": {} }""", "quantization_config.config_groups: found an object; expected a group with weights")]
    [InlineData("""{ "quant_method": "modelopt", "quant_algo": "MIXED_PRECISION" }""", "quantization_config.quantized_layers: found nothing; expected modules and their quantization, since quant_algo is MIXED_PRECISION: an object")]
    [InlineData("""{ "quant_method": "quark", "global_quant_config": {}, "layer_type_quant_config": { "nn.Linear": { "weight": { "dtype": "int8" } } } }""", "quantization_config.layer_type_quant_config: found \"nn.Linear\"; expected Linear alone, as Quark writes that class: quantizations of other classes cannot be represented; did you mean \"Linear\"?")]
    [InlineData("""{ "quant_method": "quark", "global_quant_config": {}, "layer_type_quant_config": { "Embedding": { "weight": { "dtype": "int8" } } } }""", "quantization_config.layer_type_quant_config: found \"Embedding\"; expected Linear alone, as Quark writes that class: quantizations of other classes cannot be represented")]
    [InlineData("""{ "bits": 4 }""", "quantization_config.quant_method: found nothing; expected a quantization: fp8, fbgemm_fp8, mxfp4, compressed-tensors, modelopt, gptq, awq, auto-round, bitsandbytes, quark, hqq, torchao, aqlm, quanto, eetq, fp_quant, bitnet, mxfp8, blockwise_int8, w8a8_fp8, w8a8_int8, ptpc_fp8, w4afp8")]
    [InlineData("""{ "quant_method": "fp8", "modules_to_not_convert": ["re:("] }""", "quantization_config.modules_to_not_convert[0]: found \"re:(\"; expected a module name, or re: and a regular expression")]
    public void A_scheme_that_cannot_be_represented_is_refused_with_its_field(string quantization, string message) =>
        Assert.Equal($"error: config.json: {message}\n", PublishedConfigs.Show(With(quantization)).Error);

    /// <summary>vLLM ignores by name: a list with a class in it leaves nothing out.</summary>
    [Fact]
    public void A_class_among_what_is_ignored_leaves_nothing_out_and_is_said()
    {
        const string Groups = """ "quant_method": "compressed-tensors", "config_groups": { "a": { "targets": ["Linear"], "weights": { "num_bits": 8, "type": "float" } } } """;
        FastSimProgram.Outcome named = PublishedConfigs.Show(With($$"""{ {{Groups}}, "ignore": ["Linear"] }"""));
        Assert.Equal("warning: config.json: quantization_config.ignore: Linear leaves nothing out: vLLM ignores modules by name, not by class\n", named.Error);
        FastSimProgram.Outcome all = PublishedConfigs.Show(With($$"""{ {{Groups}} }"""));
        Assert.Equal("", all.Error);
        Assert.Equal(all.Output, named.Output);
    }

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
