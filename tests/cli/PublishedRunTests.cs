using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>A runtime file may name published configurations: files, or the folders that hold them.</summary>
public sealed class PublishedRunTests
{
    [Theory]
    [InlineData("toy/config.json")]
    [InlineData("toy")]
    [InlineData("toy.json")]
    public void A_model_list_takes_a_published_configuration(string named)
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        Directory.CreateDirectory(folder.PathOf("toy"));
        folder.Write("toy/config.json", PublishedConfigs.Llama);
        folder.Write("toy.json", PublishedConfigs.Llama);
        string runtime = File.ReadAllText(folder.PathOf("fusion.json"));
        int place = runtime.IndexOf("\"dense.json\"", StringComparison.Ordinal);
        Assert.True(place > 0);
        folder.Write("fusion.json", runtime.Replace("\"dense.json\"", $"\"{named}\"", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.PathOf("fusion.json"), "-o", folder.PathOf("out"), "--accounting", "physical");
        Assert.DoesNotContain("error", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("  toy  ", outcome.Output, StringComparison.Ordinal);
        Assert.Equal(0, outcome.ExitCode);
    }

    /// <summary>Every architecture through search and output, in both accountings: nothing but plans comes of it.</summary>
    [Theory]
    [InlineData("seed")]
    [InlineData("physical")]
    public void Every_architecture_is_searched(string accounting)
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        (string Name, string Config)[] configs =
        [
            ("llama", PublishedConfigs.Llama), ("qwen", PublishedConfigs.Qwen3Experts), ("deepseek", PublishedConfigs.DeepSeek),
            ("sparse", PublishedConfigs.DeepSeekSparse), ("gptoss", PublishedConfigs.GptOss), ("gemma", PublishedConfigs.Gemma3.Replace("\"vision_config\": { \"hidden_size\": 3 },", "", StringComparison.Ordinal)),
            ("llama4", PublishedConfigs.Llama4), ("minimax", PublishedConfigs.MiniMax), ("glm", PublishedConfigs.Glm),
            ("gemma4", PublishedConfigs.Gemma4), ("v4", PublishedConfigs.DeepSeekV4),
            ("granite", FurtherFamilyTests.GraniteHybrid),
        ];
        foreach ((string name, string config) in configs)
        {
            folder.Write(name + ".json", config);
        }

        string[] bound = Rows(folder, configs, accounting, "bound");
        Assert.Equal(bound, Rows(folder, configs, accounting, "scalar"));
        Assert.All(configs, config => Assert.Contains(bound, row => row.Contains(config.Name, StringComparison.Ordinal)));
    }

    /// <summary>
    /// Weights of another width than the checkpoint's are a warning; those of its width, with scales or but for the scales of large blocks,
    /// are none, and neither are any of a checkpoint that is not quantized.
    /// </summary>
    [Theory]
    [InlineData("2", true)]
    [InlineData("0.5", true)]
    [InlineData("1", false)]
    [InlineData("1.000244", false)]
    public void Weight_bytes_that_disagree_with_a_checkpoint_are_a_warning(string bytes, bool warns)
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        folder.Write("deepseek.json", PublishedConfigs.DeepSeek);
        folder.Write("llama.json", PublishedConfigs.Llama);
        string runtime = folder.Write("all.json", $$"""
            {
              "pd-fusion": {
                "model_list": ["deepseek.json", "llama.json"], "sequence_length_list": [[40, 20]], "num_procs_list": [4],
                "wac_bytes_list": [[{{bytes}}, 1, 1, 1]], "flops_type_list": [["float8", "float8", "float16"]], "time_limit_list": [[null, null]],
                "sys_list": ["chip.json"], "output": "out"
              }
            }
            """);
        string[] errors = FastSimProgram.Run("run", "-c", runtime, "-o", folder.PathOf("out"), "--accounting", "physical").Error.Split('\n');
        string expected = $"warning: {runtime}: pd-fusion.wac_bytes_list[0][0]: weights of {bytes} bytes disagree with the quantization of deepseek (1.00024 bytes a weight, scales included)";
        Assert.Equal(warns ? [expected] : [], errors.Where(line => line.Contains("disagree", StringComparison.Ordinal)));
    }

    private static string[] Rows(TemporaryFolder folder, (string Name, string Config)[] configs, string accounting, string engine)
    {
        string list = string.Join(", ", configs.Select(config => $"\"{config.Name}.json\""));
        string runtime = folder.Write("all.json", $$"""
            {
              "pd-fusion": {
                "model_list": [{{list}}], "sequence_length_list": [[40, 20]], "num_procs_list": [4], "wac_bytes_list": [[1, 1, 1, 1]],
                "flops_type_list": [["float8", "float8", "float16"]], "time_limit_list": [[null, null]], "sys_list": ["chip.json"],
                "num_redundant_experts_config": [0, 4], "decode_mtp_token_config": 1, "output": "out"
              }
            }
            """);
        string output = folder.PathOf(engine);
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", runtime, "-o", output, "--accounting", accounting, "--engine", engine, "-q");
        Assert.Equal("", outcome.Error);
        Assert.Equal(0, outcome.ExitCode);
        return File.ReadAllLines(Path.Combine(output, "pd-fusion_result_best.csv"));
    }
}
