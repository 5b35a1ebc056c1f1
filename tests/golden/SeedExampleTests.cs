using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>The seed's own examples: pasted as printed they load, and its example runtime runs.</summary>
public sealed class SeedExampleTests
{
    private static readonly string[] Modes = ["pd-split-request-optimal", "pd-fusion"];

    [Fact]
    public void The_example_runtime_pasted_as_printed_runs()
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("data"));
        string runtime = folder.Write("pasted.json", PrintedBlock("// example_config.json"));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", runtime, "-o", folder.PathOf("out"), "-q");
        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
    }

    /// <summary>The printed system and models against the shipped ones: the same bytes come out.</summary>
    [Fact]
    public void The_example_system_and_models_pasted_as_printed_are_the_shipped_ones()
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("data"));
        string runtime = folder.Write(
            "runtime.json",
            """
            {
              "pd-split-request-optimal": {
                "model_list": ["models/deepseek_v3_flash_mla_absorb.json", "models/qwen3_32b_flash.json"],
                "sequence_length_list": [[2048, 512]], "num_procs_list": [16], "pd_num_procs_list": null,
                "wac_bytes_list": [[1, 1, 1, 1]], "flops_type_list": [["float8", "float8", "float16"]],
                "time_limit_list": [[2000, 50]], "sys_list": [["systems/SOW-S1.json", "systems/SOW-S1.json"]], "output": "unused"
              }
            }
            """);
        string shipped = ResultOf(folder, runtime);
        folder.Write(Path.Combine("systems", "SOW-S1.json"), PrintedBlock("\"SOW-S1\""));
        folder.Write(Path.Combine("models", "qwen3_32b_flash.json"), PrintedBlock("\"qwen3-32B-flash\""));
        folder.Write(Path.Combine("models", "deepseek_v3_flash_mla_absorb.json"), PrintedBlock("\"deepseek-v3-mla-absorb\""));
        string printed = ResultOf(folder, runtime);
        Assert.Equal(shipped, printed);
        Assert.Contains("decoder_system_name,SOW-S1,SOW-S1", printed, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_job_of_the_example_that_can_have_a_plan_has_one()
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "run", "-c", Repository.PathOf("data", "seed_example.json"), "-o", folder.Root, "--json");
        Assert.Equal(0, outcome.ExitCode);

        using JsonDocument summary = JsonDocument.Parse(outcome.Output);
        JsonElement[] modes = [.. summary.RootElement.GetProperty("modes").EnumerateArray()];
        Assert.Equal(Modes, modes.Select(mode => mode.GetProperty("mode").GetString()));
        JsonElement[] split = [.. modes[0].GetProperty("jobs").EnumerateArray()];
        Assert.Equal(8, split.Length);
        Assert.All(split, job => Assert.True(job.GetProperty("hasPlan").GetBoolean()));

        // Fusion fixes [8, 1, 4] and 32 sequences a rank. GPT-3 then keeps 2·24·128 cache bytes a token and block on a card:
        // 32 · 5120 · 96 · 6144 = 90 GiB, more than the 61 GiB of the chip, whatever the rest takes.
        JsonElement[] fusion = [.. modes[1].GetProperty("jobs").EnumerateArray()];
        Assert.Equal(8, fusion.Length);
        foreach (JsonElement job in fusion)
        {
            bool isTooLarge = job.GetProperty("model").GetString() == "gpt-3-175b";
            Assert.Equal(!isTooLarge, job.GetProperty("hasPlan").GetBoolean());
        }
    }

    private static string PrintedBlock(string mark)
    {
        string seed = File.ReadAllText(Repository.SharedOrSkip("seed", "seed.md"));
        string block = seed.Split("```").Where((_, index) => index % 2 == 1).First(text => text.Contains(mark, StringComparison.Ordinal));

        // The model examples carry a heading line above the brace.
        return mark.StartsWith("//", StringComparison.Ordinal) ? block : block[block.IndexOf('{', StringComparison.Ordinal)..];
    }

    private static string ResultOf(TemporaryFolder folder, string runtime)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", runtime, "-o", folder.PathOf("out"), "-q");
        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
        return File.ReadAllText(folder.PathOf("out", "pd-split-request-optimal_result_best.csv"));
    }
}
