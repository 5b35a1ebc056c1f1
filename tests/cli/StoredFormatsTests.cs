using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Roles of one checkpoint run in formats of their own: what <c>plan</c> finds is what <c>predict</c> answers, and no product is faster than its own format.</summary>
public sealed class StoredFormatsTests
{
    private const double Rounding = 1e-13;

    private const string Experts =
        """
        "model_type": "qwen2_moe", "hidden_size": 2048, "intermediate_size": 4096, "num_hidden_layers": 8, "num_attention_heads": 16, "num_key_value_heads": 4,
        "num_experts": 16, "num_experts_per_tok": 2, "moe_intermediate_size": 1024, "shared_expert_intermediate_size": 1024, "vocab_size": 32000,
        "max_position_embeddings": 8192, "tie_word_embeddings": false
        """;

    /// <summary>Experts alone in 4 bits; attention spared of 4 bits; all but some blocks in 8 bits; experts in 4 bits beside the rest in 8.</summary>
    [Theory]
    [InlineData("B200", """{ "quant_method": "modelopt", "quant_algo": "NVFP4", "exclude_modules": ["*self_attn*", "*shared_expert*", "lm_head"] }""")]
    [InlineData("B200", """{ "quant_method": "modelopt", "quant_algo": "NVFP4", "exclude_modules": ["*self_attn*", "lm_head"], "kv_cache_quant_algo": "FP8" }""")]
    [InlineData("H100_SXM", """{ "quant_method": "fp8", "weight_block_size": [128, 128], "modules_to_not_convert": ["model.layers.0", "lm_head"] }""")]
    [InlineData("B200", """{ "quant_method": "compressed-tensors", "ignore": ["lm_head"], "config_groups": { "a": { "targets": ["re:.*self_attn.*", "re:.*shared_expert\\..*"], "weights": { "num_bits": 8, "type": "float" }, "input_activations": { "num_bits": 8, "type": "float" } }, "b": { "targets": ["re:.*mlp\\.experts.*"], "weights": { "num_bits": 4, "type": "float", "group_size": 16 }, "input_activations": { "num_bits": 4, "type": "float", "group_size": 16 } } } }""")]
    public void What_a_plan_finds_a_row_is_answered(string chip, string quantization)
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.PathOf("models"));
        string model = folder.Write(Path.Combine("models", "owner--mixed.json"), $$"""{ {{Experts}}, "quantization_config": {{quantization}} }""");
        FastSimProgram.Outcome planned = FastSimProgram.Run("plan", model, "--chip", chip, "--cards", "2", "--in", "1500", "--out", "300", "--top", "20", "--json");
        Assert.True(planned.ExitCode == 0, planned.Error);
        Assert.DoesNotContain("disagree", planned.Error, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(planned.Output);
        JsonElement best = json.RootElement.GetProperty("chips")[0].GetProperty("ranking").EnumerateArray().First(
            plan => plan.GetProperty("mode").GetString() == "pd-fusion" && plan.GetProperty("decode").GetProperty("pipelineParallel").GetInt32() == 1);
        JsonElement decode = best.GetProperty("decode");
        int Of(string name) => decode.GetProperty(name).GetInt32();
        string table = folder.Write(
            "table.csv",
            "id,model_path,system,backend,mode,isl,osl,batch_size,tp_size,attention_dp_size,moe_tp_size,moe_ep_size\n"
            + $"a,owner/mixed,{chip},vllm,agg,1500,300,{Of("sequences")},{Of("tensorParallel")},{Of("dataParallel") / Of("expertDataParallel")},{Of("expertTensorParallel")},{Of("expertParallel")}\n");
        FastSimProgram.Outcome predicted = FastSimProgram.Run(
            "predict", "-t", table, "-o", folder.PathOf("rows.csv"), "--models", folder.PathOf("models"), "--systems", Repository.PathOf("data", "systems"));
        CsvTable rows = CsvTable.Load(folder.PathOf("rows.csv"));
        string Cell(string column) => rows.Rows[0][rows.Header.ToList().IndexOf(column)];
        Assert.True(predicted.ExitCode == 0, predicted.Error + Cell("not_covered"));
        foreach ((string found, string answered) in new[] { ("firstTokenMilliseconds", "predicted_ttft_ms"), ("perTokenMilliseconds", "predicted_tpot_ms") })
        {
            double expected = double.Parse(Cell(answered), CultureInfo.InvariantCulture);
            Assert.Equal(expected, best.GetProperty(found).GetDouble(), expected * Rounding);
        }
    }

    /// <summary>The checkpoint's own precision is as silence on a chip that widens it, and warned of no more; another that the chip has no units for is.</summary>
    [Theory]
    [InlineData("fp4", null)]
    [InlineData("bf16", null)]
    [InlineData("fp4", "A100_SXM_80GB")]
    public void The_checkpoints_own_precision_is_warned_of_no_more_than_silence(string precision, string? withoutNarrowUnits)
    {
        using TemporaryFolder folder = new();
        string model = folder.Write("model.json", $$"""{ {{Experts}}, "quantization_config": { "quant_method": "modelopt", "quant_algo": "NVFP4", "exclude_modules": ["lm_head"] } }""");
        FastSimProgram.Outcome planned = FastSimProgram.Run(
            "plan", model, "--chip", withoutNarrowUnits ?? "H100_SXM", "--cards", "1", "--in", "1500", "--out", "300", "--top", "1", "--precision", precision);
        Assert.True(planned.ExitCode == 0, planned.Error);
        Assert.DoesNotContain("has no units", planned.Error, StringComparison.Ordinal);
    }

    /// <summary>
    /// By the roofline products of weights in 16 bits take as long where the matrix type is of 8 as where it is of 16, and less where weights are of 8, too: 4,096 rows are some ten times what the memory
    /// is matched to, so that the 733 TFLOP/s of L40S show for its 362 but in attention, the router and passes.
    /// </summary>
    [Fact]
    public void Products_of_wide_weights_compute_at_their_own_peak()
    {
        using TemporaryFolder folder = new();
        string model = folder.Write("model.json", $$"""{ {{Experts}} }""");
        double Prompt(string matrix, int weightBytes)
        {
            string runtime = folder.Write("runtime.json", $$"""
                {"pd-fusion": {
                  "model_list": ["{{model}}"], "sequence_length_list": [[4096, 16]], "num_procs_list": [1], "wac_bytes_list": [[{{weightBytes}}, 2, 2, 2]],
                  "flops_type_list": [["{{matrix}}", "bfloat16", "bfloat16"]], "time_limit_list": [[null, null]], "sys_list": ["{{Repository.PathOf("data", "systems", "L40S.json")}}"],
                  "batch_config": [[1, 1, 1]], "accounting": "physical", "engine": "vllm", "timing": "roofline", "output": "{{folder.PathOf("out")}}"} }
                """);
            FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", runtime, "--json");
            Assert.True(outcome.ExitCode == 0, outcome.Error);
            using JsonDocument json = JsonDocument.Parse(outcome.Output);
            return json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0].GetProperty("prefill").GetProperty("latencyMilliseconds").GetDouble();
        }

        double wide = Prompt("bfloat16", 2);
        Assert.Equal(wide, Prompt("float8", 2), wide * Rounding);
        Assert.InRange(Prompt("float8", 1), wide / 2, wide * 0.9);
    }

    /// <summary>
    /// Integers compute at their own peak where floats are faster, whether attention's products are of integers, too, or spared of them: a request of 1,500 and 300 tokens takes 1.01e13 FLOP in
    /// feed-forwards alone, which the 150 TFLOP/s of B300 do 14.8 times a second, whatever a network makes of them. So they do in a sweep over that peak.
    /// </summary>
    [Theory]
    [InlineData("")]
    [InlineData(""", "re:.*self_attn.*" """)]
    [InlineData("", "--timing", "learned,roofline", "--efficiency-model")]
    public void Integers_compute_at_their_own_peak(string spared, params string[] learned)
    {
        const double FeedForwardFlops = 2d * (1500 + 300) * 3 * 4096 * 14336 * 16;
        const double PeakFlopsPerSecond = 150e12;
        using TemporaryFolder folder = new();
        string model = folder.Write("model.json", $$"""
            { "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,
              "max_position_embeddings": 8192, "tie_word_embeddings": false, "quantization_config": { "quant_method": "compressed-tensors", "ignore": ["lm_head" {{spared}}],
              "config_groups": { "a": { "targets": ["Linear"], "weights": { "num_bits": 8, "type": "int" }, "input_activations": { "num_bits": 8, "type": "int" } } } } }
            """);
        string[] clocks = learned.Length > 0 ? [.. learned, Repository.PathOf("data", "surrogates", "limits.onnx")] : [];
        FastSimProgram.Outcome planned = FastSimProgram.Run(
            ["plan", model, "--chip", "B300", "--cards", "1", "--in", "1500", "--out", "300", "--top", "1", "--json", "--save", folder.PathOf("runtime.json"), .. clocks]);
        Assert.True(planned.ExitCode == 0, planned.Error);
        using JsonDocument json = JsonDocument.Parse(planned.Output);
        double found = json.RootElement.GetProperty("chips")[0].GetProperty("best").GetProperty("requestsPerSecond").GetDouble();
        Assert.InRange(found, 1, PeakFlopsPerSecond / FeedForwardFlops);

        if (learned.Length > 0)
        {
            return;
        }

        string sweep = folder.Write("sweep.json", """{"runtime": "runtime.json", "output": "swept", "axes": [{"name": "int8", "path": "decode.system.matrix.int8.tflops", "values": [150, 300]}]}""");
        Assert.Equal(0, FastSimProgram.Run("sweep", "-c", sweep, "-o", folder.PathOf("swept"), "-q").ExitCode);
        CsvTable swept = CsvTable.Load(Directory.EnumerateFiles(folder.PathOf("swept"), "*.csv").First(file => CsvTable.Load(file).Header.Contains("requests_per_second")));
        double[] requests = [.. swept.Rows.Select(row => double.Parse(row[swept.Header.ToList().IndexOf("requests_per_second")], CultureInfo.InvariantCulture))];
        Assert.Equal(found, requests[0], found * Rounding);
        Assert.InRange(requests[1], found * 1.5, found * 2);
    }

    /// <summary>
    /// A network that says 5 us of every product makes none faster than its own format: feed-forwards that a checkpoint in 8 bits spares take 8.47e12 FLOP of a request of 1,500 and 2 tokens in 16 bits,
    /// which the 989.4 TFLOP/s of H100 do 116.9 times a second.
    /// </summary>
    [Fact]
    public void Products_that_a_network_times_compute_at_their_own_peak()
    {
        const double FeedForwardFlops = 2d * (1500 + 2) * 3 * 4096 * 14336 * 16;
        const double PeakFlopsPerSecond = 989.4e12;
        using TemporaryFolder folder = new();
        string model = folder.Write("model.json", """
            { "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 16, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256,
              "max_position_embeddings": 8192, "tie_word_embeddings": false, "quantization_config": { "quant_method": "compressed-tensors", "ignore": ["lm_head", "re:.*mlp.*"],
              "config_groups": { "a": { "targets": ["Linear"], "weights": { "num_bits": 8, "type": "float" }, "input_activations": { "num_bits": 8, "type": "float" } } } } }
            """);
        string network = folder.PathOf("network.onnx");
        File.WriteAllBytes(network, new HandmadeOnnx
        {
            Efficiency = 1.6094379f,
            FloorMicroseconds = 0.3f,
            Metadata = [("fastsim.features", "2.4"), ("fastsim.range.Product", "-20 60 0 60")],
        }.ToArray());
        FastSimProgram.Outcome planned = FastSimProgram.Run(
            "plan", model, "--chip", "H100_SXM", "--cards", "1", "--in", "1500", "--out", "2", "--top", "1", "--json", "--timing", "learned,roofline", "--efficiency-model", network);
        Assert.True(planned.ExitCode == 0, planned.Error);
        using JsonDocument json = JsonDocument.Parse(planned.Output);
        Assert.InRange(json.RootElement.GetProperty("chips")[0].GetProperty("best").GetProperty("requestsPerSecond").GetDouble(), 1, PeakFlopsPerSecond / FeedForwardFlops);
    }
}
