using System.Globalization;
using System.Text.Json;
using FastSim.Tests;
using static FastSim.Cli.Tests.EditedInputs;

namespace FastSim.Cli.Tests;

/// <summary>What a run says of whole deployments: of a split, both phases together; of split and fusion, one beside the other.</summary>
public sealed class DeploymentTests
{
    private const string Result = "pd-split-request-optimal_result_best.csv";

    [Fact]
    public void A_split_is_summed_up_by_the_phase_that_binds()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "split.json", "\"num_procs_list\": [12]", "\"num_procs_list\": [15]");
        CsvTable table = Table(folder, "split.json", out FastSimProgram.Outcome outcome);
        JsonElement job = Job(folder, "split.json");
        JsonElement whole = job.GetProperty("deployment");

        // A request takes 64 prompt tokens and 32 generated ones.
        double prefill = table.Number("prefill_throughput(token/s)", 0) / 64;
        double decode = table.Number("decoder_throughput(token/s)", 0) / 32;
        double requests = Math.Min(prefill, decode);
        Assert.Equal(requests, Number(whole, "requestsPerSecond"), 1e-12 * requests);
        Assert.Equal(96 * requests, Number(whole, "tokensPerSecond"), 1e-10 * requests);
        Assert.Equal(96 * requests / 12, Number(whole, "tokensPerSecondPerCard"), 1e-10 * requests);
        Assert.Equal((12, 3), (whole.GetProperty("cards").GetInt32(), whole.GetProperty("idleCards").GetInt32()));
        Assert.Equal(prefill < decode ? "prefill" : "decode", whole.GetProperty("bindingPhase").GetString());
        string binding = prefill < decode ? "prefill binds, decode could serve " : "decode binds, prefill could serve ";
        Assert.Contains(
            string.Create(CultureInfo.InvariantCulture, $"run_0 split: {requests:G4} requests/s, {96 * requests:N0} tokens/s in and out, "),
            outcome.Output,
            StringComparison.Ordinal);
        Assert.Contains($"{binding}{Math.Max(prefill, decode).ToString("G4", CultureInfo.InvariantCulture)}; 3 of 15 cards idle", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_phase_alone_is_no_whole_deployment()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "split.json", "[[4, 8]]", "[[0, 8]]");
        Assert.False(Job(folder, "split.json").TryGetProperty("deployment", out _));
        Table(folder, "split.json", out FastSimProgram.Outcome outcome);
        Assert.DoesNotContain(" split: ", outcome.Output, StringComparison.Ordinal);
    }

    /// <summary>The same cards and rate; decode, which prefill holds back, waits less. Physical accounting balances unless it is told otherwise.</summary>
    [Theory]
    [InlineData("seed", null, false)]
    [InlineData("seed", "balanced", true)]
    [InlineData("physical", null, true)]
    [InlineData("physical", "throughput", false)]
    public void Split_choice_picks_the_phase_that_waits(string accounting, string? choice, bool isBalanced)
    {
        using TemporaryFolder folder = Inputs();
        string key = choice is null ? "" : $"\"split_choice\": \"{choice}\", ";
        Edit(folder, "split.json", "\"output\"", $"{key}\"accounting\": \"{accounting}\", \"output\"");
        CsvTable chosen = Table(folder, "split.json", out _);
        Edit(folder, "split.json", key + "\"accounting\"", "\"split_choice\": \"throughput\", \"accounting\"");
        CsvTable most = Table(folder, "split.json", out _);
        Assert.Equal(most.Number("prefill_throughput(token/s)", 0), chosen.Number("prefill_throughput(token/s)", 0));
        Assert.True(most.Number("decoder_throughput(token/s)", 0) / 32 > most.Number("prefill_throughput(token/s)", 0) / 64);
        Assert.True(chosen.Number("decoder_throughput(token/s)", 0) / 32 >= most.Number("prefill_throughput(token/s)", 0) / 64);
        Assert.Equal(isBalanced, chosen.Number("decoder_time_per_token(s)", 0) < most.Number("decoder_time_per_token(s)", 0) * 0.9);
    }

    /// <summary>Limits that the deployment's rate does not need do not move the latency of the phase that waits.</summary>
    [Fact]
    public void Looser_limits_do_not_make_a_balanced_split_wait_longer()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "split.json", "\"output\"", "\"accounting\": \"physical\", \"output\"");
        Edit(folder, "split.json", "[[null, 50]]", "[[null, 30], [null, 40], [null, 50]]");
        CsvTable table = Table(folder, "split.json", out _);
        string[] latencies = table.Field("decoder_time_per_token(s)")[..3];
        Assert.Single(latencies.Distinct());
    }

    [Fact]
    public void Another_word_is_refused_with_the_words_there_are()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "split.json", "\"output\"", "\"split_choice\": \"balance\", \"output\"");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", folder.PathOf("split.json"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("split_choice: found \"balance\"", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("balanced", outcome.Error, StringComparison.Ordinal);
        Assert.Contains("throughput", outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Split_and_fusion_of_one_question_stand_side_by_side()
    {
        using TemporaryFolder folder = Inputs();
        Edit(folder, "fusion.json", "\"num_procs_list\": [8]", "\"num_procs_list\": [8, 12]");
        Edit(folder, "fusion.json", "[[2, 2, 2, 2]]", "[[1, 1, 1, 2]]");
        Edit(folder, "fusion.json", "[[\"float16\", \"float16\", \"float16\"]]", "[[\"float8\", \"float16\", \"float16\"]]");
        string fusion = File.ReadAllText(folder.PathOf("fusion.json")).Trim();
        folder.Write("both.json", fusion[..^1] + "," + File.ReadAllText(folder.PathOf("split.json")).Trim()[1..]);
        FastSimProgram.Outcome outcome = Run(folder, "both.json");

        // On 8 cards fusion alone was asked; on 12 both were, of both models.
        string[] lines = outcome.Output[outcome.Output.IndexOf("split and fusion side by side", StringComparison.Ordinal)..].Trim().Split('\n');
        Assert.Equal(7, lines.Length);
        Assert.Equal("tiny-dense, 64 + 32 tokens, 12 cards, TPOT 50 ms at most:", lines[1]);
        Assert.StartsWith("  split  run_0, tiny-chip: ", lines[2], StringComparison.Ordinal);
        Assert.StartsWith("  fusion run_1, tiny-chip: ", lines[3], StringComparison.Ordinal);
        Assert.Equal("tiny-experts, 64 + 32 tokens, 12 cards, TPOT 50 ms at most:", lines[4]);
        using JsonDocument summary = JsonDocument.Parse(Run(folder, "both.json", "--json").Output);
        JsonElement pairs = summary.RootElement.GetProperty("sideBySide");
        Assert.Equal(
            [("tiny-dense", 0, 1), ("tiny-experts", 1, 3)],
            pairs.EnumerateArray().Select(pair => (
                pair.GetProperty("model").GetString()!, pair.GetProperty("splitRuns")[0].GetInt32(), pair.GetProperty("fusionRuns")[0].GetInt32())));
    }

    private static double Number(JsonElement element, string name) => element.GetProperty(name).GetDouble();

    private static JsonElement Job(TemporaryFolder folder, string runtime) =>
        JsonDocument.Parse(Run(folder, runtime, "--json").Output).RootElement.GetProperty("modes")[0].GetProperty("jobs")[0];

    private static CsvTable Table(TemporaryFolder folder, string runtime, out FastSimProgram.Outcome outcome)
    {
        outcome = Run(folder, runtime);
        Assert.Equal(0, outcome.ExitCode);
        return CsvTable.Load(folder.PathOf("out", Result));
    }
}
