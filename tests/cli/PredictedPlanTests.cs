using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A row that <c>predict</c> answers, and a run whose plan is pinned to what the row states, are one.</summary>
public sealed class PredictedPlanTests
{
    /// <summary>Figures differ by their units' conversions alone.</summary>
    private const double Rounding = 1e-14;

    private const string Dense =
        """
        "hidden": 1024, "feedforward": 4096, "num_blocks": 4, "attn_type": "group-query", "attn_heads": 8, "kv_heads": 2,
        "attn_size": 128, "use_flash_attn": true, "vocab_size": 32000
        """;

    private static readonly Dictionary<string, string> Models = new()
    {
        ["Dense"] = $$"""{"model": "dense", {{Dense}} }""",
        ["Experts"] = $$"""{"model": "experts", {{Dense}}, "num_experts": 16, "moe_intermediate_size": 512, "top_experts_activation": 2}""",
        ["Latent"] =
            """
            {"model": "latent", "hidden": 1024, "feedforward": 4096, "num_blocks": 4, "attn_type": "mla-absorb", "attn_heads": 16, "kv_heads": 16,
             "q_lora_rank": 256, "kv_lora_rank": 512, "qk_nope_head_dim": 128, "qk_rope_head_dim": 64, "v_head_dim": 128,
             "use_flash_attn": true, "vocab_size": 32000}
            """,
    };

    [Theory]
    [InlineData("Dense", 1, 1, 1, 1)]
    [InlineData("Dense", 4, 1, 1, 1)]
    [InlineData("Experts", 1, 4, 1, 4)]
    [InlineData("Experts", 2, 2, 1, 4)]
    [InlineData("Experts", 4, 1, 2, 2)]
    [InlineData("Latent", 4, 1, 1, 1)]
    public void A_row_is_what_a_run_pinned_to_its_plan_finds(string model, int tensor, int data, int expertTensor, int expert)
    {
        using TemporaryFolder folder = new();
        Directory.CreateDirectory(folder.PathOf("models"));
        folder.Write(Path.Combine("models", $"owner--{model}.json"), Models[model]);
        foreach (string engine in new[] { "trtllm", "vllm", "sglang" })
        {
            foreach (string precision in new[] { "bfloat16", "fp8" })
            {
                foreach (int batch in new[] { 1, 17 })
                {
                    double[] predicted = Predict(folder, $"a,owner/{model},H100_SXM,{engine},{precision},agg,1500,300,{batch},{tensor},{data},{expertTensor},{expert}");
                    double[] found = Run(folder, Runtime(folder, model, engine, precision, batch, tensor, data, expertTensor, expert));
                    Assert.All(predicted.Zip(found), pair => Assert.True(
                        Math.Abs(pair.First - pair.Second) <= Rounding * pair.Second, $"{engine} {precision} {batch}: {pair.First} predicted, {pair.Second} found"));
                }
            }
        }
    }

    private static double[] Predict(TemporaryFolder folder, string row)
    {
        const string Header = "id,model_path,system,backend,precision,mode,isl,osl,batch_size,tp_size,attention_dp_size,moe_tp_size,moe_ep_size";
        string table = folder.Write("table.csv", $"{Header}\n{row}\n");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "predict", "-t", table, "-o", folder.PathOf("rows.csv"), "--models", folder.PathOf("models"), "--systems", Repository.PathOf("data", "systems"));
        CsvTable result = CsvTable.Load(folder.PathOf("rows.csv"));
        string Cell(string column) => result.Rows[0][result.Header.ToList().IndexOf(column)];
        Assert.True(outcome.ExitCode == 0, outcome.Error + Cell("not_covered"));
        return Array.ConvertAll(
            ["predicted_ttft_ms", "predicted_tpot_ms", "predicted_tokens_per_second"],
            (string column) => double.Parse(Cell(column), CultureInfo.InvariantCulture));
    }

    private static double[] Run(TemporaryFolder folder, string runtime)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.Write("runtime.json", runtime), "--json");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        JsonElement job = json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0];
        JsonElement decode = job.GetProperty("decode");
        return
        [
            job.GetProperty("prefill").GetProperty("latencyMilliseconds").GetDouble(),
            decode.GetProperty("latencyMilliseconds").GetDouble(),
            decode.GetProperty("tokensPerSecond").GetDouble(),
        ];
    }

    /// <summary>The data types of a row: of eight bits the weights, and the cache where the engine keeps that so.</summary>
    private static string Runtime(
        TemporaryFolder folder, string model, string engine, string precision, int batch, int tensor, int data, int expertTensor, int expert)
    {
        bool isEightBit = precision == "fp8";
        bool cachesInEightBits = isEightBit && engine == "trtllm";
        string bytes = $"[{(isEightBit ? "1, 1" : "2, 2")}, {(cachesInEightBits ? 1 : 2)}, 2]";
        string types = $"[\"{(isEightBit ? "float8" : "bfloat16")}\", \"{(cachesInEightBits ? "float8" : "bfloat16")}\", \"bfloat16\"]";
        string experts = model == "Experts" ? $"\"moe_parallel_config\": [[{expert}, {expertTensor}, 1]]," : "";
        return $$"""
            {"pd-fusion": {
              "model_list": ["{{folder.PathOf("models", $"owner--{model}.json")}}"], "sequence_length_list": [[1500, 300]],
              "num_procs_list": [{{tensor * data}}], "wac_bytes_list": [{{bytes}}], "flops_type_list": [{{types}}], "time_limit_list": [[null, null]],
              "sys_list": ["{{Repository.PathOf("data", "systems", "H100_SXM.json")}}"], "parallel_config": [[{{data}}, 1, {{tensor}}]], {{experts}}
              "batch_config": [[{{batch}}, 1, {{batch}}]], "accounting": "physical", "engine": "{{engine}}", "output": "{{folder.PathOf("out")}}"} }
            """;
    }
}
