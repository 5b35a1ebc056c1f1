using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>No plan that cannot exist: expert groups within pipeline stages, whole quantization blocks, contexts that a model has positions for.</summary>
public sealed class DeploymentLimitTests
{
    /// <summary>Two blocks of two experts, 1024 by 4096.</summary>
    private const string Experts = """
        {
          "model": "toy", "hidden": 1024, "num_blocks": 2, "attn_heads": 8, "kv_heads": 8, "attn_size": 128, "attn_type": "group-query",
          "use_flash_attn": true, "num_experts": 2, "moe_intermediate_size": 4096, "top_experts_activation": 1
        }
        """;

    [Fact]
    public void A_stated_expert_group_across_stages_is_refused()
    {
        FastSimProgram.Outcome outcome = Run(
            Experts, "\"parallel_config\": [[1, 2, 1]], \"moe_parallel_config\": [[2, 1, 1]], \"batch_config\": [[2, 2, 1]]", out _);
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith(
            "pd-fusion.moe_parallel_config[0]: found [2, 1, 1]; expected EP x MoE-TP that divides DP x TP, so that expert groups lie inside pipeline stages: "
            + "an expert group of 2 cards (EP 2 x MoE-TP 1) does not divide the 1 cards of a pipeline stage (DP 1 x TP 1, at PP 2)\n",
            outcome.Error,
            StringComparison.Ordinal);
    }

    /// <summary>Another stated layout of as many cards may go with the expert group; the one that goes with none is named.</summary>
    [Fact]
    public void A_stated_layout_that_no_expert_group_goes_with_is_refused()
    {
        FastSimProgram.Outcome outcome = Run(Experts, "\"parallel_config\": [[2, 1, 1], [1, 2, 1]], \"moe_parallel_config\": [[2, 1, 1]]", out _);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("pd-fusion.parallel_config[1]: found [1, 2, 1]; expected EP x MoE-TP that divides DP x TP", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>A stage of one card holds a block with both experts: 2·3·1024·4096 + 2·1024 + 2·1024 bytes, 0.0234 GiB.</summary>
    [Fact]
    public void A_stage_of_one_card_holds_every_expert_of_its_block()
    {
        FastSimProgram.Outcome outcome = Run(Experts, "\"parallel_config\": [[1, 2, 1]]", out CsvTable? table);
        Assert.Equal(0, outcome.ExitCode);
        double expected = ((2 * 3 * 1024 * 4096) + (2 * 1024) + (2 * 1024)) / (double)(1 << 30);
        Assert.Equal(expected, table!.Number("decoder_instance_mlp_weight_space(Gib)", 0), 1e-9);
        Assert.Equal("1", table.Field("decoder_ep")[0]);
    }

    /// <summary>60 tokens are asked for, and the model has positions for 59, or for 30 that a scaling stretches to twice as many.</summary>
    [Theory]
    [InlineData("\"max_position_embeddings\": 59", false)]
    [InlineData("\"max_position_embeddings\": 60", true)]
    [InlineData("\"max_position_embeddings\": 30, \"rope_scaling\": {\"rope_type\": \"yarn\", \"factor\": 2.0, \"original_max_position_embeddings\": 30}", true)]
    [InlineData("\"max_position_embeddings\": 30, \"rope_scaling\": {\"type\": \"linear\", \"factor\": 2.0}", true)]
    [InlineData("\"max_position_embeddings\": 59, \"rope_scaling\": {\"rope_type\": \"llama3\", \"factor\": 8.0, \"original_max_position_embeddings\": 8}", false)]
    [InlineData("\"max_position_embeddings\": 59, \"rope_scaling\": null", false)]
    public void A_context_beyond_the_models_positions_is_refused(string fields, bool isReached)
    {
        string model = PublishedConfigs.Llama.Replace("\"vocab_size\": 10,", $"\"vocab_size\": 10, {fields},", StringComparison.Ordinal);
        FastSimProgram.Outcome outcome = Run(model, "\"batch_config\": null", out _);
        Assert.Equal(isReached ? 0 : 2, outcome.ExitCode);
        if (!isReached)
        {
            Assert.Contains(
                "pd-fusion.sequence_length_list[0]: found [40, 20]; expected input and output tokens that model has positions for, 59 together (max_position_embeddings); "
                + "--beyond-context asks all the same",
                outcome.Error,
                StringComparison.Ordinal);
            Assert.Equal(0, Run(model, "\"batch_config\": null", out _, "--beyond-context").ExitCode);
        }
    }

    /// <summary>
    /// Blocks of 4 by 4: a feed-forward of 16 is whole at TP 2 and 4; a head is 2 wide, so that 2 heads of TP 2 are one block and the 1 of TP 4 is half of one.
    /// </summary>
    [Fact]
    public void A_shard_of_half_a_block_is_removed_under_its_own_reason()
    {
        string model = PublishedConfigs.Llama.Replace(
            "\"vocab_size\": 10,",
            "\"vocab_size\": 10, \"quantization_config\": { \"quant_method\": \"fp8\", \"fmt\": \"e4m3\", \"weight_block_size\": [4, 4] },",
            StringComparison.Ordinal).Replace("\"num_key_value_heads\": 2", "\"num_key_value_heads\": 4", StringComparison.Ordinal);
        FastSimProgram.Outcome outcome = Run(model, "\"batch_config\": null", out _, "--json");
        Assert.Equal(0, outcome.ExitCode);
        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(outcome.Output);
        System.Text.Json.JsonElement plans = json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0].GetProperty("decodePlans");

        // Six layouts of four cards; PP 4 has more stages than there are blocks, TP 4 halves a block.
        Assert.Equal(6, plans.GetProperty("covered").GetInt64());
        Assert.Equal(1, plans.GetProperty("removedByDivisibility").GetInt64());
        Assert.Equal(1, plans.GetProperty("removedByQuantizationBlocks").GetInt64());

        outcome = Run(model, "\"parallel_config\": [[1, 1, 4]]", out _);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(
            "a shard of query heads, 1/4 of it or 2 elements, is no whole number of the 4 that share a quantization scale", outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>30 of 40 prompt tokens are cached: of the tokens served a quarter is computed.</summary>
    [Fact]
    public void A_cached_prompt_says_what_is_served_and_what_is_computed()
    {
        string model = Experts.Replace("\"use_flash_attn\": true", "\"use_flash_attn\": true, \"cache_len\": 30", StringComparison.Ordinal);
        FastSimProgram.Outcome outcome = Run(model, "\"batch_config\": null", out _, "--json");
        using System.Text.Json.JsonDocument json = System.Text.Json.JsonDocument.Parse(outcome.Output);
        System.Text.Json.JsonElement prefill = json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0].GetProperty("prefill");
        double served = prefill.GetProperty("tokensPerSecond").GetDouble();
        Assert.Equal(served / 4, prefill.GetProperty("computedTokensPerSecond").GetDouble(), served * 1e-12);
        Assert.Matches("[0-9.,]+ served, [0-9.,]+ computed", Run(model, "\"batch_config\": null", out _).Output);
    }

    private static FastSimProgram.Outcome Run(string model, string keys, out CsvTable? table, params string[] options)
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        folder.Write("model.json", model);
        int cards = keys.Contains("[1, 2, 1]", StringComparison.Ordinal) ? 2 : 4;
        string runtime = folder.Write("limits.json", $$"""
            {
              "pd-fusion": {
                "model_list": ["model.json"], "sequence_length_list": [[40, 20]], "num_procs_list": [{{cards}}], "wac_bytes_list": [[1, 1, 1, 1]],
                "flops_type_list": [["float8", "float8", "float16"]], "time_limit_list": [[null, null]], "sys_list": ["chip.json"],
                {{keys}}, "output": "out"
              }
            }
            """);
        string output = folder.PathOf("out");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(["run", "-c", runtime, "-o", output, .. options]);
        string file = Path.Combine(output, "pd-fusion_result_best.csv");
        table = File.Exists(file) ? CsvTable.Load(file) : null;
        return outcome;
    }
}
