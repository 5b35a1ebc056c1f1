using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>
/// A card of 20,000 GiB holds 1,000 times the batches of one of 20 GiB, 14 billion, and costs a search no more: where efficiencies change with
/// the batch, runs of batches are looked at and not batches.
/// </summary>
public sealed class LargeMemoryTests
{
    private const string Learned = "learned";
    private const string Stepped = "stepped";

    /// <summary>At most two batches a run and one search inside: a learned curve has 143 points, and few tables more than a hundred rows a stage.</summary>
    private const long MostEvaluated = 1000;

    [Theory]
    [InlineData(Learned, null)]
    [InlineData(Learned, 50.0)]
    [InlineData(Learned, 1e-6)]
    [InlineData(Stepped, null)]
    [InlineData(Stepped, 50.0)]
    [InlineData(Stepped, 1e-6)]
    public void Memory_without_end_is_not_searched_batch_by_batch(string kind, double? limit)
    {
        using TemporaryFolder folder = new();
        JsonElement small = Search(folder, kind, 20, limit);
        JsonElement large = Search(folder, kind, 20_000, limit);
        Assert.True(Candidates(large, "covered") > 900 * Candidates(small, "covered"));
        Assert.True(Candidates(small, "evaluated") <= MostEvaluated);
        Assert.True(Candidates(large, "evaluated") <= MostEvaluated);
    }

    private static double Candidates(JsonElement job, string name) =>
        job.GetProperty("decodePlans").GetProperty("candidates").GetProperty(name).GetDouble();

    private static JsonElement Search(TemporaryFolder folder, string kind, int gibibytes, double? limit)
    {
        JsonNode chip = JsonNode.Parse(File.ReadAllText(Repository.PathOf("data", "systems", "H100_SXM.json")))!;
        chip["mem1"]!["GiB"] = gibibytes;
        if (kind == Stepped)
        {
            chip["mem1"]!["MB_efficiency"] = JsonNode.Parse("[[1e6, 0.6], [1e4, 0.9], [100, 0.7], [10, 0.8], [0, 0.3]]");
            chip["matrix"]!["bfloat16"]!["gflops_efficiency"] = JsonNode.Parse("[[1000, 0.5], [100, 0.9], [10, 0.6], [1, 0.7], [0, 0.2]]");
        }

        folder.Write("chip.json", chip.ToJsonString());
        folder.Write(
            "tiny.json",
            """
            {"model": "tiny", "hidden": 64, "feedforward": 256, "num_blocks": 4, "attn_type": "group-query", "attn_heads": 8, "kv_heads": 2,
             "attn_size": 8, "use_flash_attn": true}
            """);
        folder.Write(
            "runtime.json",
            $$"""
            {"pd-fusion": {"model_list": ["tiny.json"], "sequence_length_list": [[1, 1]], "num_procs_list": [1], "wac_bytes_list": [[2, 2, 2, 2]],
              "flops_type_list": [["bfloat16", "bfloat16", "bfloat16"]], "sys_list": ["chip.json"], "output": "o",
              "time_limit_list": [[null, {{limit?.ToString(CultureInfo.InvariantCulture) ?? "null"}}]] } }
            """);
        string[] model = kind == Learned ? ["--efficiency-model", Repository.PathOf("data", "surrogates", "operators.onnx")] : [];
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            ["run", "-c", folder.PathOf("runtime.json"), "-o", folder.PathOf("out"), "--json", .. model]);
        Assert.True(outcome.ExitCode is 0 or 3, outcome.Error);
        return JsonDocument.Parse(outcome.Output).RootElement.GetProperty("modes")[0].GetProperty("jobs")[0];
    }
}
