using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>attention_data_parallel</c> and a searched <c>sequence_parallel</c>: what results say of them, and what is refused.</summary>
public sealed class RankKeyTests
{
    private const string Physical = "\"accounting\": \"physical\", ";

    [Fact]
    public void One_rank_is_what_stands_without_the_key()
    {
        (FastSimProgram.Outcome without, string table, _) = Run("\"accounting\": \"physical\"", "--json");
        (FastSimProgram.Outcome with, string same, _) = Run(Physical + "\"attention_data_parallel\": 1, \"sequence_parallel\": [false]", "--json");
        Assert.Equal(0, without.ExitCode);
        Assert.Equal(table, same);
        Assert.DoesNotContain("attentionDataParallel", with.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("sequenceParallel", with.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Results_name_the_ranks_that_share_a_feed_forward()
    {
        (FastSimProgram.Outcome outcome, _, CsvTable? rows) = Run(Physical + "\"attention_data_parallel\": 4", "--json");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Equal(["4"], rows!.Field("decoder_attention_data_parallel"));
        Assert.Equal(["4"], rows.Field("prefill_attention_data_parallel"));
        Assert.True(rows.Number("decoder_tp_comm_time(s)", 0) > 0 && rows.Number("decoder_tp_comm_mem_size(Gib)", 0) > 0);
        Assert.Equal(4, Layout(outcome).GetProperty("attentionDataParallel").GetInt32());
        Assert.Contains(" ADP4", Run(Physical + "\"attention_data_parallel\": [4]").Outcome.Output, StringComparison.Ordinal);
    }

    /// <summary>A dimension that is searched is named where it is 1, too.</summary>
    [Fact]
    public void What_is_searched_is_named()
    {
        (FastSimProgram.Outcome outcome, _, CsvTable? rows) = Run(
            Physical + "\"parallel_config\": [[8, 1, 1]], \"attention_data_parallel\": \"search\", \"sequence_parallel\": \"search\", \"context_parallel\": [1]", "--json");
        Assert.Equal(0, outcome.ExitCode);
        JsonElement layout = Layout(outcome);
        Assert.Equal(rows!.Number("decoder_attention_data_parallel", 0), layout.GetProperty("attentionDataParallel").GetInt32());
        Assert.False(layout.GetProperty("sequenceParallel").GetBoolean());
        Assert.False(layout.TryGetProperty("contextParallel", out _));
        Assert.Equal(
            1, Layout(Run(Physical + "\"parallel_config\": [[8, 1, 1]], \"context_parallel\": [1, 2]", "--json").Outcome).GetProperty("contextParallel").GetInt32());
    }

    [Theory]
    [InlineData("\"attention_data_parallel\": 2", "attention_data_parallel: found 2; expected 1 in seed accounting")]
    [InlineData("\"accounting\": \"physical\", \"attention_data_parallel\": 3", "attention_data_parallel: found 3; expected a number that divides the cards of a phase: 8\n")]
    [InlineData("\"accounting\": \"physical\", \"attention_data_parallel\": [2, 0]", "attention_data_parallel[1]: found 0; expected an integer of at least 1\n")]
    [InlineData("\"accounting\": \"physical\", \"attention_data_parallel\": \"serch\"", "did you mean \"search\"?\n")]
    [InlineData("\"accounting\": \"physical\", \"attention_data_paralel\": 2", "did you mean \"attention_data_parallel\"?\n")]
    [InlineData("\"accounting\": \"physical\", \"attention_data_parallel\": 2, \"engine\": \"vllm\"", "attention_data_parallel: found 2; expected 1 where an engine (here vllm, tiny-chip) prefills and decodes in the same steps")]
    [InlineData("\"accounting\": \"physical\", \"parallel_config\": [[1, 1, 8]], \"attention_data_parallel\": [2, 4]", "parallel_config[0]: found [1, 1, 8]; expected a DP, here 1, that attention_data_parallel divides: 2 or 4\n")]
    public void What_cannot_be_is_refused(string keys, string message)
    {
        FastSimProgram.Outcome outcome = Run(keys).Outcome;
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("\"weight_gathered\"", "1", "8")]
    [InlineData("[\"two_dimensional\"]", "4", "1")]
    public void Results_name_what_a_feed_forward_exchanges(string exchange, string hidden, string gathered)
    {
        (FastSimProgram.Outcome outcome, _, CsvTable? rows) = Run(
            Physical + $"\"parallel_config\": [[1, 1, 8]], \"feed_forward_exchange\": {exchange}", "--json");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains(rows!.Field("prefill_ffn_hidden")[0], new[] { hidden, "2" });
        Assert.Contains(rows.Field("prefill_ffn_gathered")[0], new[] { gathered, "2", "4" });
        Assert.Equal(exchange.Trim('[', ']', '"'), Layout(outcome).GetProperty("feedForwardExchange").GetString());
        Assert.True(Layout(outcome).GetProperty("feedForwardWays").GetInt32() > 1);
    }

    [Theory]
    [InlineData("\"feed_forward_exchange\": \"weight_gathered\"", "feed_forward_exchange: found \"weight_gathered\"; expected rows in seed accounting")]
    [InlineData("\"accounting\": \"physical\", \"feed_forward_exchange\": \"weights\"", "expected what the cards of a dense feed-forward exchange")]
    [InlineData("\"accounting\": \"physical\", \"feed_forward_exchange\": 2", "feed_forward_exchange: found 2; expected what the cards of a dense feed-forward exchange")]
    [InlineData("\"accounting\": \"physical\", \"feed_forward_exchange\": \"search\", \"engine\": \"vllm\"", "feed_forward_exchange: found \"search\"; expected rows where an engine (here vllm, tiny-chip) runs the instances")]
    public void Other_exchanges_are_refused_where_they_cannot_be(string keys, string message)
    {
        FastSimProgram.Outcome outcome = Run(keys).Outcome;
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Experts_have_expert_parallelism()
    {
        FastSimProgram.Outcome outcome = Run(Physical + "\"attention_data_parallel\": 2", model: "experts.json").Outcome;
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("attention data parallel 2 shares dense feed-forwards out; of tiny-experts, which has experts, expert parallelism does", outcome.Error, StringComparison.Ordinal);
        Assert.Equal(0, Run(Physical + "\"attention_data_parallel\": \"search\"", model: "experts.json").Outcome.ExitCode);
    }

    private static JsonElement Layout(FastSimProgram.Outcome outcome)
    {
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        return json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0].GetProperty("decode").GetProperty("layout").Clone();
    }

    private static (FastSimProgram.Outcome Outcome, string Table, CsvTable? Rows) Run(string keys, string? option = null, string model = "dense.json")
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        string runtime = folder.Write("ranks.json", $$"""
            {
              "pd-fusion": {
                "model_list": ["{{model}}"], "sequence_length_list": [[64, 32]], "num_procs_list": [8], "wac_bytes_list": [[2, 2, 2, 2]],
                "flops_type_list": [["float16", "float16", "float16"]], "time_limit_list": [[null, null]], "sys_list": ["chip.json"],
                {{keys}}, "output": "out"
              }
            }
            """);
        string output = folder.PathOf("out");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(["run", "-c", runtime, "-o", output, .. option is null ? Array.Empty<string>() : [option]]);
        string file = Path.Combine(output, "pd-fusion_result_best.csv");
        return File.Exists(file) ? (outcome, File.ReadAllText(file), CsvTable.Load(file)) : (outcome, "", null);
    }
}
