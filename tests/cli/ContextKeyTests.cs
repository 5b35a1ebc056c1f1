using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>context_parallel</c>, <c>context_exchange</c> and <c>sequence_parallel</c>: what results say of them, and what is refused.</summary>
public sealed class ContextKeyTests
{
    [Fact]
    public void One_card_a_sequence_is_what_stands_without_the_key()
    {
        (FastSimProgram.Outcome without, string table, _) = Run("\"accounting\": \"physical\"", "--json");
        (FastSimProgram.Outcome with, string same, _) = Run("\"accounting\": \"physical\", \"context_parallel\": 1, \"sequence_parallel\": false", "--json");
        Assert.Equal(0, without.ExitCode);
        Assert.Equal(table, same);
        Assert.DoesNotContain("contextParallel", with.Output, StringComparison.Ordinal);
        Assert.Equal(Layout(without), Layout(with));
    }

    [Fact]
    public void Results_name_the_cards_that_share_a_sequence()
    {
        (FastSimProgram.Outcome outcome, _, CsvTable? rows) = Run("\"accounting\": \"physical\", \"context_parallel\": [2]", "--json");
        Assert.Equal(0, outcome.ExitCode);
        CsvTable table = rows!;
        Assert.Equal(["2", "2"], table.Field("decoder_cp"));
        Assert.Equal(["2", "2"], table.Field("prefill_cp"));
        Assert.True(table.Number("decoder_cp_comm_time(s)", 0) > 0 && table.Number("prefill_cp_comm_mem_size(Gib)", 0) > 0);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        Assert.All(
            json.RootElement.GetProperty("modes")[0].GetProperty("jobs").EnumerateArray(),
            job => Assert.Equal(2, job.GetProperty("decode").GetProperty("layout").GetProperty("contextParallel").GetInt32()));
        Assert.Contains(" CP2 TP", Run("\"accounting\": \"physical\", \"context_parallel\": 2").Outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Rows_in_turn_show_in_their_own_rows()
    {
        const string Two = "\"accounting\": \"physical\", \"parallel_config\": [[4, 1, 2]], ";
        CsvTable summed = Run(Two + "\"sequence_parallel\": false").Rows!;
        CsvTable table = Run(Two + "\"sequence_parallel\": true").Rows!;
        Assert.Equal(["1", "1"], summed.Field("decoder_sp"));
        Assert.Equal(["2", "2"], table.Field("decoder_sp"));
        Assert.True(summed.Number("decoder_tp_comm_time(s)", 0) > 0 && summed.Number("decoder_sp_comm_time(s)", 0) == 0);
        Assert.True(table.Number("decoder_tp_comm_time(s)", 0) == 0 && table.Number("decoder_sp_comm_time(s)", 0) > 0);
        Assert.True(table.Number("prefill_sp_comm_mem_size(Gib)", 0) > 0);
    }

    /// <summary>A stated layout times the cards that share a sequence is the card count: 1·1·2·4 and 2·1·2·2 are 8.</summary>
    [Theory]
    [InlineData("\"parallel_config\": [[1, 1, 2]], \"context_parallel\": \"search\"", "4")]
    [InlineData("\"parallel_config\": [[2, 1, 2]], \"context_parallel\": [1, 2]", "2")]
    public void A_stated_layout_is_shared_out(string keys, string expected) =>
        Assert.Equal([expected, expected], Run("\"accounting\": \"physical\", " + keys).Rows!.Field("decoder_cp"));

    [Theory]
    [InlineData("\"context_parallel\": 2", "context_parallel: found 2; expected 1 in seed accounting, which knows no context parallelism; \"accounting\": \"physical\" does\n")]
    [InlineData("\"accounting\": \"physical\", \"context_parallel\": 3", "context_parallel: found 3; expected a number that divides the cards of a phase: 8\n")]
    [InlineData("\"accounting\": \"physical\", \"context_parallel\": [2, 0]", "context_parallel[1]: found 0; expected an integer of at least 1\n")]
    [InlineData("\"accounting\": \"physical\", \"context_parallel\": \"serch\"", "expected a number of cards that share a sequence's tokens, a list of such numbers, or \"search\": search; did you mean \"search\"?\n")]
    [InlineData("\"accounting\": \"physical\", \"context_parallel\": true", "context_parallel: found true; expected a number of cards that share a sequence's tokens, a list of such numbers, or \"search\"\n")]
    [InlineData("\"accounting\": \"physical\", \"context_parallel\": 2, \"context_exchange\": \"rings\"", "did you mean \"ring\"?\n")]
    [InlineData("\"accounting\": \"physical\", \"context_parallel\": 2, \"engine\": \"vllm\"", "context_parallel: found 2; expected 1 where an engine (here vllm, tiny-chip) prefills and decodes in the same steps")]
    [InlineData("\"accounting\": \"physical\", \"context_paralel\": 2", "did you mean \"context_parallel\"?\n")]
    [InlineData("\"accounting\": \"physical\", \"parallel_config\": [[1, 1, 2]], \"context_parallel\": 2", "parallel_config[0]: found [1, 1, 2]; expected three numbers whose product, here 4, is the card count: 8\n")]
    [InlineData("\"sequence_parallel\": true", "sequence_parallel: found true; expected false in seed accounting")]
    [InlineData("\"accounting\": \"physical\", \"sequence_parallel\": 2", "sequence_parallel: found 2; expected true, false, a list of both, or \"search\"\n")]
    [InlineData("\"accounting\": \"physical\", \"sequence_parallel\": [true, 1]", "sequence_parallel[1]: found 1; expected true or false\n")]
    [InlineData("\"accounting\": \"physical\", \"sequence_parallel\": \"both\"", "expected true, false, a list of both, or \"search\"")]
    public void What_cannot_be_is_refused(string keys, string message)
    {
        FastSimProgram.Outcome outcome = Run(keys).Outcome;
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_exchange_without_anything_to_exchange_is_a_warning() => Assert.Contains(
        "context_exchange: context_parallel shares no prompts out; it is not used",
        Run("\"accounting\": \"physical\", \"context_exchange\": \"ring\"").Outcome.Error,
        StringComparison.Ordinal);

    private static string Layout(FastSimProgram.Outcome outcome)
    {
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        return json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0].GetProperty("decode").GetProperty("layout").GetRawText();
    }

    private static (FastSimProgram.Outcome Outcome, string Table, CsvTable? Rows) Run(string keys, params string[] options)
    {
        using TemporaryFolder folder = new();
        folder.CopyFrom(Repository.PathOf("tests", "cli", "inputs"));
        string runtime = folder.Write("contexts.json", $$"""
            {
              "pd-fusion": {
                "model_list": ["dense.json", "experts.json"], "sequence_length_list": [[64, 32]], "num_procs_list": [8], "wac_bytes_list": [[2, 2, 2, 2]],
                "flops_type_list": [["float16", "float16", "float16"]], "time_limit_list": [[null, null]], "sys_list": ["chip.json"],
                {{keys}}, "output": "out"
              }
            }
            """);
        string output = folder.PathOf("out");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(["run", "-c", runtime, "-o", output, .. options]);
        string file = Path.Combine(output, "pd-fusion_result_best.csv");
        return File.Exists(file) ? (outcome, File.ReadAllText(file), CsvTable.Load(file)) : (outcome, "", null);
    }
}
