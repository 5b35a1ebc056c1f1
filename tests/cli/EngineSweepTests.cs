using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Sweeps of systems whose jobs an engine runs.</summary>
public sealed class EngineSweepTests
{
    /// <summary>Attention and logits of an 8-bit job run at the peak of 16 bits, which the job's types do not name.</summary>
    [Fact]
    public void A_peak_that_only_kernels_go_by_varies_as_in_a_run_of_its_own()
    {
        using TemporaryFolder folder = new();
        folder.Write("runtime.json", Runtime(folder, Repository.PathOf("data", "systems", "H100_SXM.json")));
        string sweep = folder.Write("sweep.json", $$"""
            {"runtime": "runtime.json", "output": "{{folder.PathOf("swept")}}",
             "axes": [{"name": "peak", "path": "system.matrix.bfloat16.tflops", "values": [20, 900]}]}
            """);
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-c", sweep);
        Assert.Equal(0, outcome.ExitCode);
        Assert.DoesNotContain("changes nothing", outcome.Error, StringComparison.Ordinal);
        CsvTable rows = CsvTable.Load(folder.PathOf("swept", "sweep_result.csv"));
        int column = rows.Header.ToList().IndexOf("tokens_per_second");
        double[] swept = [.. rows.Rows.Select(row => double.Parse(row[column], CultureInfo.InvariantCulture))];
        Assert.Equal([Run(folder, 20), Run(folder, 900)], swept);
        Assert.True(swept[0] < swept[1]);
    }

    /// <summary>Measured times of exchanges go by the cards that take part alone: the summary says so where the chip states more, once, and the roofline has no need of it.</summary>
    [Fact]
    public void A_summary_says_that_fitted_exchanges_know_no_wiring()
    {
        using TemporaryFolder folder = new();
        const string Said = "fitted times of exchanges know how many cards take part, not topology or collectives of H100_SXM";
        string plain = Text(Repository.PathOf("data", "systems", "H100_SXM.json"));
        string wired = Text(folder.Write(
            "wired.json", $$"""{"extends": "{{Repository.PathOf("data", "systems", "H100_SXM.json")}}", "networks": {"1": {"collectives": ["ring", "two_level"]} } }"""));
        Assert.DoesNotContain(Said, plain, StringComparison.Ordinal);
        Assert.Equal(2, wired.Split(Said).Length);
        Assert.DoesNotContain(Said, Text(folder.PathOf("wired.json"), "--timing", "roofline"), StringComparison.Ordinal);

        string Text(string system, params string[] more)
        {
            string runtime = folder.Write("summed.json", Runtime(folder, system).Replace("\"engine\"", "\"parallel_config\": [[1, 1, 2]], \"engine\"", StringComparison.Ordinal));
            FastSimProgram.Outcome outcome = FastSimProgram.Run(["run", "-c", runtime, .. more]);
            Assert.True(outcome.ExitCode == 0, outcome.Error);
            return outcome.Output;
        }
    }

    private static double Run(TemporaryFolder folder, double teraflops)
    {
        JsonNode system = JsonNode.Parse(File.ReadAllText(Repository.PathOf("data", "systems", "H100_SXM.json")))!;
        system["matrix"]!["bfloat16"]!["tflops"] = teraflops;
        string runtime = folder.Write("one.json", Runtime(folder, folder.Write("system.json", system.ToJsonString())));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", runtime, "--json");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        return json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0].GetProperty("decode").GetProperty("tokensPerSecond").GetDouble();
    }

    private static string Runtime(TemporaryFolder folder, string system) => $$"""
        {"pd-fusion": {
          "model_list": ["{{Repository.PathOf("data", "models", "llama_3_8b.json")}}"], "sequence_length_list": [[1024, 256]],
          "num_procs_list": [2], "wac_bytes_list": [[1, 1, 1, 2]], "flops_type_list": [["float8", "float8", "bfloat16"]],
          "time_limit_list": [[null, null]], "sys_list": ["{{system}}"], "accounting": "physical", "engine": "vllm", "output": "{{folder.PathOf("out")}}"} }
        """;
}
