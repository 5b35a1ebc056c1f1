using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>prefix_hit</c> as a number and as classes of requests, from the runtime to the result.</summary>
public sealed class PrefixHitTests
{
    /// <summary>A list of one class, or of several that find the same, is the number, to the byte.</summary>
    [Theory]
    [InlineData("[[1, 0.5]]")]
    [InlineData("[[0.25, 0.5], [0.75, 0.5]]")]
    [InlineData("[[0.25, 0.501], [0.75, 0.499]]")]
    public void One_class_is_the_number(string list) => Assert.Equal(Results("0.5"), Results(list));

    /// <summary>Prompts of 64 tokens, of which half find 48: more is served than where none finds anything, less than where all do, and not as much as where all find 24.</summary>
    [Fact]
    public void Classes_are_between_their_extremes()
    {
        double Served(string hit) => Rows(hit).Number("decoder_throughput(token/s)", 0);
        double mixed = Served("[[0.5, 0], [0.5, 0.75]]");
        Assert.InRange(mixed, Served("0") * 1.001, Served("0.75") / 1.001);
        Assert.NotEqual(mixed, Served("0.375"));
    }

    /// <summary>A sweep varies a class's own numbers; a variant has what its own run has.</summary>
    [Fact]
    public void A_sweep_varies_it()
    {
        using TemporaryFolder folder = Inputs("[[0.5, 0], [0.5, 0.25]]");
        folder.Write("sweep.json", """
            {"runtime": "fusion.json", "output": "s", "axes": [{"name": "hit", "path": "runtime.prefix_hit[1][1]", "values": [0, 0.75]}]}
            """);
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-q", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("swept"));
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        CsvTable swept = CsvTable.Load(folder.PathOf("swept/sweep_result.csv"));
        int tokens = swept.Header.ToList().IndexOf("tokens_per_second");
        string[] found = [.. swept.Rows.Select(row => row[tokens])];
        Assert.Equal([.. Rows("0").Field("decoder_throughput(token/s)"), .. Rows("[[0.5, 0], [0.5, 0.75]]").Field("decoder_throughput(token/s)")], found);
    }

    /// <summary>What prices prompts as one kind refuses several.</summary>
    [Fact]
    public void An_engine_refuses_classes()
    {
        using TemporaryFolder folder = Inputs("[[0.5, 0], [0.5, 0.75]], \"engine\": \"vllm\"");
        FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "fusion.json");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("pd-fusion.prefix_hit: found [[0.5, 0], [0.5, 0.75]]; expected one share: prompts of an engine's instances (vllm) are of one kind", outcome.Error, StringComparison.Ordinal);
    }

    private static string Results(string hit)
    {
        using TemporaryFolder folder = Inputs(hit);
        Run(folder);
        return File.ReadAllText(folder.PathOf("out/pd-fusion_result_best.csv"));
    }

    private static CsvTable Rows(string hit)
    {
        using TemporaryFolder folder = Inputs(hit);
        Run(folder);
        return CsvTable.Load(folder.PathOf("out/pd-fusion_result_best.csv"));
    }

    private static void Run(TemporaryFolder folder)
    {
        FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "fusion.json");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
    }

    private static TemporaryFolder Inputs(string hit)
    {
        TemporaryFolder folder = EditedInputs.Inputs();
        EditedInputs.Edit(folder, "dense.json", "\"cache_len\"", "\"_cache_len\"");
        EditedInputs.Edit(folder, "fusion.json", "\"output\"", $"\"accounting\": \"physical\", \"prefix_hit\": {hit}, \"output\"");
        return folder;
    }
}
