using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>pad_heads</c> and <c>--pad-heads</c>: layouts that do not divide the heads, and what is refused.</summary>
public sealed class PaddedHeadTests
{
    /// <summary>Four heads in two groups: three cards need padding, 24 of the feed-forward do not.</summary>
    private const string Model = """
        { "model_type": "qwen3", "torch_dtype": "bfloat16", "hidden_size": 512, "intermediate_size": 1536, "num_hidden_layers": 4, "num_attention_heads": 4,
          "num_key_value_heads": 2, "head_dim": 128, "vocab_size": 3000, "tie_word_embeddings": false, "rms_norm_eps": 1e-6 }
        """;

    [Theory]
    [InlineData("seed", "")]
    [InlineData("physical", "")]
    [InlineData("physical", ", \"engine\": \"none\"")]
    public void A_layout_that_does_not_divide_the_heads_is_a_plan_where_they_are_padded(string accounting, string keys)
    {
        string stated = $"{keys}, \"accounting\": \"{accounting}\", \"parallel_config\": [[1, 1, 3]]";
        FastSimProgram.Outcome refused = Run(stated);
        Assert.Equal(2, refused.ExitCode);
        Assert.Contains("tensor parallel 3 does not divide the 4 attention heads", refused.Error, StringComparison.Ordinal);
        FastSimProgram.Outcome padded = Run(stated + ", \"pad_heads\": true", "--json");
        Assert.Equal(0, padded.ExitCode);
        using JsonDocument json = JsonDocument.Parse(padded.Output);
        JsonElement decode = json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0].GetProperty("decode");
        Assert.Equal(3, decode.GetProperty("layout").GetProperty("tensorParallel").GetInt32());
    }

    /// <summary>Where all is searched and nothing needs padding the table is the same, to the byte.</summary>
    [Fact]
    public void Off_is_what_stands_without_the_key()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, Run(folder, "", "without", cards: 4).ExitCode);
        Assert.Equal(0, Run(folder, ", \"pad_heads\": false", "off", cards: 4).ExitCode);
        Assert.Equal(0, Run(folder, ", \"pad_heads\": true", "on", cards: 4).ExitCode);
        string without = File.ReadAllText(folder.PathOf("without", "pd-fusion_result_best.csv"));
        Assert.Equal(without, File.ReadAllText(folder.PathOf("off", "pd-fusion_result_best.csv")));
        Assert.Equal(without, File.ReadAllText(folder.PathOf("on", "pd-fusion_result_best.csv")));
    }

    [Theory]
    [InlineData("\"pad_heads\": \"yes\"", "pd-fusion.pad_heads: found \"yes\"; expected true or false")]
    [InlineData("\"pad_heads\": 1", "pd-fusion.pad_heads: found 1; expected true or false")]
    [InlineData("\"pad_head\": true", "did you mean \"pad_heads\"?")]
    public void What_is_no_switch_is_refused(string key, string message)
    {
        FastSimProgram.Outcome outcome = Run($", {key}");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>Engines pad nothing: their plans leave such layouts out and count them.</summary>
    [Fact]
    public void A_plan_has_them_where_any_layout_may_be()
    {
        Assert.DoesNotContain("TP3", Plan("--engine", "none"), StringComparison.Ordinal);
        Assert.Contains("TP3", Plan("--engine", "none", "--pad-heads"), StringComparison.Ordinal);
        string left = Plan("--pad-heads");
        Assert.DoesNotContain("TP3", left, StringComparison.Ordinal);
        Assert.Contains("heads uneven", left, StringComparison.Ordinal);
        Assert.Contains("TP3", Plan("--pad-heads", "--any-layout"), StringComparison.Ordinal);
    }

    private static string Plan(params string[] options)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            ["plan", folder.Write("model.json", Model), "--chip", "H100_SXM", "--cards", "3", "--in", "256", "--out", "64", "--top", "50", .. options]);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return outcome.Output;
    }

    private static FastSimProgram.Outcome Run(string keys, params string[] options)
    {
        using TemporaryFolder folder = new();
        return Run(folder, keys, "out", cards: 3, options);
    }

    private static FastSimProgram.Outcome Run(TemporaryFolder folder, string keys, string output, int cards, params string[] options)
    {
        string runtime = folder.Write("runtime.json", $$"""
            {
              "pd-fusion": {
                "model_list": ["{{folder.Write("model.json", Model)}}"], "sequence_length_list": [[256, 32]], "num_procs_list": [{{cards}}], "wac_bytes_list": [[2, 2, 2, 2]],
                "flops_type_list": [["bfloat16", "bfloat16", "float16"]], "time_limit_list": [[null, null]],
                "sys_list": ["{{Repository.PathOf("data", "systems", "H100_SXM.json")}}"], "output": "out"{{keys}}
              }
            }
            """);
        return FastSimProgram.Run(["run", "-c", runtime, "-o", folder.PathOf(output), .. options]);
    }
}
