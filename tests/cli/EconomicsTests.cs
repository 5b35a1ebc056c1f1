using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What a chip's file states of cost and energy, in what runs and sweeps write.</summary>
public sealed class EconomicsTests
{
    private const string Card = "\"type\": \"gpu\", \"price_per_hour\": 2.5, \"board_watts\": 300, \"idle_watts\": 50,";

    [Fact]
    public void Figures_that_no_chip_states_are_in_no_output()
    {
        using TemporaryFolder folder = EditedInputs.Inputs();
        FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "split.json", "--json");
        Assert.Equal(0, outcome.ExitCode);
        string[] files = Directory.GetFiles(folder.PathOf("out"), "*.csv");
        Assert.NotEmpty(files);
        Assert.All([outcome.Output, .. files.Select(File.ReadAllText)], text => Assert.DoesNotMatch("(?i)dollars|joules|watt", text));
        Assert.DoesNotContain("cost:", EditedInputs.Run(folder, "split.json").Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_states_dollars_and_joules_as_far_as_they_are_known()
    {
        using TemporaryFolder folder = EditedInputs.Inputs();
        EditedInputs.Edit(folder, "chip.json", "\"type\": \"gpu\",", Card);
        FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "fusion.json", "--json");
        Assert.Equal(0, outcome.ExitCode);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        JsonElement job = json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0];
        double tokens = job.GetProperty("decode").GetProperty("tokensPerSecond").GetDouble();
        JsonElement figures = job.GetProperty("economics");

        // Eight cards at $2.5 and 300 W.
        Assert.Equal(8 * 2.5 / (3600 * tokens) * 1e6, figures.GetProperty("dollarsPerMillionTokens").GetDouble(), 1e-12 * 8 * 2.5 / (3600 * tokens) * 1e6);
        Assert.Equal(8 * 300 / tokens, figures.GetProperty("joulesPerTokenAtBoardWatts").GetDouble(), 1e-12 * 8 * 300 / tokens);
        Assert.False(figures.TryGetProperty("joulesPerToken", out _), "no energy is stated");
        CsvTable table = CsvTable.Load(folder.PathOf("out", "pd-fusion_result_best.csv"));
        string[] fields = [.. table.Rows.Select(row => row[0])];
        Assert.Equal(
            ["dollars_per_million_tokens", "dollars_per_million_input_tokens", "joules_per_token_at_board_watts", "tokens_per_second_per_megawatt_at_board_watts"],
            fields[^4..]);
        string text = EditedInputs.Run(folder, "fusion.json").Output;
        Assert.Contains("run_0 cost: $", text, StringComparison.Ordinal);
        Assert.Contains("; at board watts ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_split_states_its_phases_apart_too()
    {
        using TemporaryFolder folder = Stated();
        Assert.Equal(0, EditedInputs.Run(folder, "split.json").ExitCode);
        string[] Fields(string part) => [.. CsvTable.Load(folder.PathOf("out", $"pd-split-request-optimal_{part}_best.csv")).Rows.Select(row => row[0])];
        Assert.Contains("joules_per_token", Fields("result"));
        Assert.Contains("prefill_joules_per_token", Fields("result"));
        Assert.Contains("decoder_dollars_per_million_tokens", Fields("decoder"));
        Assert.DoesNotContain("joules_per_token", Fields("decoder"));
        Assert.Contains("prefill_card_watts", Fields("prefill"));
    }

    [Fact]
    public void System_show_prints_what_is_stated()
    {
        using TemporaryFolder folder = Stated();
        string sheet = SheetText.Unfold(FastSimProgram.Run("system", "show", folder.PathOf("chip.json")).Output);
        Assert.Contains("$2.5 an hour, 300 W of its board, 50 W idle", sheet, StringComparison.Ordinal);
        Assert.Contains("; 1 pJ a FLOP", sheet, StringComparison.Ordinal);
        Assert.Contains("; 50 pJ a byte", sheet, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(FastSimProgram.Run("system", "show", folder.PathOf("chip.json"), "--json").Output);
        Assert.Equal(2.5, json.RootElement.GetProperty("pricePerHour").GetDouble());
        Assert.Equal(5e-11, json.RootElement.GetProperty("memory").GetProperty("joulesPerByte").GetDouble());
        Assert.Equal(1e-12, json.RootElement.GetProperty("matrix")[0].GetProperty("joulesPerFlop").GetDouble());
        Assert.Equal(3e-11, json.RootElement.GetProperty("networks")[0].GetProperty("joulesPerByte").GetDouble());
    }

    /// <summary>A second memory's price comes on top of the card's, stated or varied: 2.5 + 0.5 and 2.5 + 1 dollars of each of 8 cards.</summary>
    [Fact]
    public void A_second_memory_has_a_price_of_its_own()
    {
        using TemporaryFolder folder = Stated();
        EditedInputs.Edit(folder, "chip.json", "\"mem2\": {", "\"mem2\": {\"price_per_hour\": 0.5, ");
        CsvTable rows = Sweep(folder, """
            "axes": [{"name": "extra", "path": "system.mem2.price_per_hour", "values": [0.5, 1]}]
            """);
        double[] tokens = Column(rows, "tokens_per_second");
        double[] dollars = Column(rows, "dollars_per_million_tokens");
        double[] extra = Column(rows, "extra");
        Assert.All(
            Enumerable.Range(0, tokens.Length), row => Assert.Equal(8 * (2.5 + extra[row]) / (3600 * tokens[row]) * 1e6, dollars[row], 1e-12 * dollars[row]));
        FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "fusion.json", "--json");
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        double ofRun = json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0].GetProperty("economics").GetProperty("dollarsPerMillionTokens").GetDouble();
        Assert.Equal(dollars[0], ofRun, 1e-12 * ofRun);
        Assert.Contains(
            "$0.5 an hour on top of the card", SheetText.Unfold(FastSimProgram.Run("system", "show", folder.PathOf("chip.json")).Output), StringComparison.Ordinal);
        using JsonDocument shown = JsonDocument.Parse(FastSimProgram.Run("system", "show", folder.PathOf("chip.json"), "--json").Output);
        Assert.Equal(0.5, shown.RootElement.GetProperty("secondMemory").GetProperty("pricePerHour").GetDouble());
        EditedInputs.Edit(folder, "chip.json", "\"price_per_hour\": 0.5", "\"price_per_hour\": -1");
        Assert.Contains("mem2.price_per_hour: found -1", EditedInputs.Run(folder, "fusion.json").Error, StringComparison.Ordinal);
    }

    /// <summary>What nothing can come on top of is said, not dropped.</summary>
    [Fact]
    public void A_second_memory_s_price_without_the_card_s_is_noticed()
    {
        using TemporaryFolder folder = EditedInputs.Inputs();
        EditedInputs.Edit(folder, "chip.json", "\"mem2\": {", "\"mem2\": {\"price_per_hour\": 0.5, ");
        FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "fusion.json");
        Assert.Equal(0, outcome.ExitCode);
        Assert.Contains("chip.json: mem2.price_per_hour: counts on top of the card's price_per_hour, which the system does not state", outcome.Error, StringComparison.Ordinal);
        EditedInputs.Edit(folder, "chip.json", "\"type\": \"gpu\",", "\"type\": \"gpu\", \"price_per_hour\": 2,");
        Assert.DoesNotContain("mem2.price_per_hour", EditedInputs.Run(folder, "fusion.json").Error, StringComparison.Ordinal);
    }

    /// <summary>A price that the file does not have, varied: the expression sees what it makes of a million tokens, and null is unknown.</summary>
    [Fact]
    public void A_sweep_s_expressions_see_the_columns()
    {
        using TemporaryFolder folder = EditedInputs.Inputs();
        CsvTable rows = Sweep(folder, """
            "axes": [{"name": "price", "path": "system.price_per_hour", "values": [1, 2, null]}], "cost": "2 * dollars_per_million_tokens", "score": "0 - cost",
            "pareto": [{"minimise": "dollars_per_million_input_tokens"}, {"maximise": "tokens_per_second"}]
            """);
        double[] dollars = Column(rows, "dollars_per_million_tokens");
        double[] tokens = Column(rows, "tokens_per_second");
        double[] cost = Column(rows, "cost");
        for (int row = 0; row < rows.Rows.Count; row++)
        {
            double price = row / 2 + 1;
            Assert.Equal(price < 3 ? 8 * price / (3600 * tokens[row]) * 1e6 : double.NaN, dollars[row], price < 3 ? 1e-12 * dollars[row] : 0);
            Assert.Equal(2 * dollars[row], cost[row]);
        }

        Assert.Equal(6, rows.Rows.Count);
        Assert.DoesNotContain("joules_per_token", rows.Header);
        Assert.True(File.Exists(folder.PathOf("swept", "pareto.csv")));
    }

    /// <summary>Energies and watts, each varied, as a run of its own has them: to the bit.</summary>
    [Theory]
    [InlineData("mem1.joules_per_byte", "\"joules_per_byte\": 5e-11, \"GBps\"", "\"joules_per_byte\": 2e-11, \"GBps\"", "2e-11")]
    [InlineData("matrix.float16.joules_per_flop", "\"joules_per_flop\": 1e-12", "\"joules_per_flop\": 3e-12", "3e-12")]
    [InlineData("networks[0].joules_per_byte", "\"joules_per_byte\": 3e-11, \"bandwidth\": 50,", "\"joules_per_byte\": 7e-11, \"bandwidth\": 50,", "7e-11")]
    [InlineData("board_watts", "\"board_watts\": 300", "\"board_watts\": 400", "400")]
    [InlineData("idle_watts", "\"idle_watts\": 50", "\"idle_watts\": 20", "20")]
    [InlineData("power_cap", "\"idle_watts\": 50", "\"idle_watts\": 50, \"power_cap\": 55", "55")]
    public void A_variant_has_what_a_run_of_its_own_has(string path, string text, string replacement, string value)
    {
        using TemporaryFolder folder = Stated();
        CsvTable rows = Sweep(folder, $$"""
            "axes": [{"name": "x", "path": "system.{{path}}", "values": [{{value}}]}]
            """);
        EditedInputs.Edit(folder, "chip.json", text, replacement);
        FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "fusion.json", "--json");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        using JsonDocument json = JsonDocument.Parse(outcome.Output);
        JsonElement[] jobs = [.. json.RootElement.GetProperty("modes")[0].GetProperty("jobs").EnumerateArray()];
        foreach ((string column, string name) in new[]
        {
            ("joules_per_token", "joulesPerToken"), ("card_watts", "cardWatts"), ("tokens_per_second_per_watt", "tokensPerSecondPerWatt"),
            ("joules_per_token_at_board_watts", "joulesPerTokenAtBoardWatts"), ("dollars_per_million_tokens", "dollarsPerMillionTokens"),
        })
        {
            Assert.Equal(jobs.Select(job => job.GetProperty("economics").GetProperty(name).GetDouble()), Column(rows, column));
        }
    }

    [Fact]
    public void A_power_cap_slows_a_run_down_and_says_so()
    {
        using TemporaryFolder folder = Stated();
        double Tokens(bool isCapped)
        {
            FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "fusion.json", "--json");
            Assert.True(outcome.ExitCode == 0, outcome.Error);
            Assert.DoesNotContain("power_cap", outcome.Error, StringComparison.Ordinal);
            using JsonDocument json = JsonDocument.Parse(outcome.Output);
            JsonElement job = json.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0];
            Assert.Equal(isCapped, job.GetProperty("decode").GetProperty("boundBy").GetString() == "power cap");
            Assert.Equal(isCapped, job.GetProperty("economics").GetProperty("cardWatts").GetDouble() <= 51 * (1 + 1e-12));
            return job.GetProperty("decode").GetProperty("tokensPerSecond").GetDouble();
        }

        double free = Tokens(isCapped: false);
        EditedInputs.Edit(folder, "chip.json", "\"idle_watts\": 50", "\"idle_watts\": 50, \"power_cap\": 51");
        Assert.True(Tokens(isCapped: true) < free);
        string[] details = [.. Directory.GetFiles(folder.PathOf("out", "op_details")).Select(File.ReadAllText)];
        Assert.Contains(details, text => text.Contains("\nstage,power_cap,", StringComparison.Ordinal));
    }

    /// <summary>A cap without the energy of a type that a job computes in would cap nothing.</summary>
    [Fact]
    public void A_power_cap_needs_the_energies_of_a_job_s_types()
    {
        using TemporaryFolder folder = Stated();
        EditedInputs.Edit(folder, "chip.json", "\"idle_watts\": 50", "\"idle_watts\": 50, \"power_cap\": 100");
        EditedInputs.Edit(folder, "chip.json", "\"joules_per_flop\": 1e-12, ", "");
        FastSimProgram.Outcome outcome = EditedInputs.Run(folder, "fusion.json");
        Assert.Equal(2, outcome.ExitCode);
        Assert.EndsWith(
            "fusion.json: pd-fusion.flops_type_list[0][0]: found \"float16\"; expected a type whose joules_per_flop tiny-chip states, without which its power_cap caps nothing\n",
            outcome.Error,
            StringComparison.Ordinal);
    }

    /// <summary>The small inputs on a chip that states every figure.</summary>
    private static TemporaryFolder Stated()
    {
        TemporaryFolder folder = EditedInputs.Inputs();
        EditedInputs.Edit(folder, "chip.json", "\"type\": \"gpu\",", Card);
        EditedInputs.Edit(folder, "chip.json", "\"tflops\": 10,", "\"joules_per_flop\": 1e-12, \"tflops\": 10,");
        EditedInputs.Edit(folder, "chip.json", "\"tflops\": 20,", "\"joules_per_flop\": 5e-13, \"tflops\": 20,");
        EditedInputs.Edit(folder, "chip.json", "\"tflops\": 1,", "\"joules_per_flop\": 4e-12, \"tflops\": 1,");
        EditedInputs.Edit(folder, "chip.json", "\"GBps\": 100,", "\"joules_per_byte\": 5e-11, \"GBps\": 100,");
        EditedInputs.Edit(folder, "chip.json", "\"bandwidth\": 50,", "\"joules_per_byte\": 3e-11, \"bandwidth\": 50,");
        EditedInputs.Edit(folder, "chip.json", "\"bandwidth\": 5,", "\"joules_per_byte\": 3e-10, \"bandwidth\": 5,");
        return folder;
    }

    private static CsvTable Sweep(TemporaryFolder folder, string rest)
    {
        string sweep = folder.Write("sweep.json", $$"""{"runtime": "fusion.json", "output": "{{folder.PathOf("swept")}}", {{rest}}}""");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-c", sweep);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        return CsvTable.Load(folder.PathOf("swept", "sweep_result.csv"));
    }

    private static double[] Column(CsvTable table, string name)
    {
        int column = table.Header.ToList().IndexOf(name);
        Assert.True(column >= 0, $"no column {name}");
        return [.. table.Rows.Select(row => row[column].Length == 0 ? double.NaN : double.Parse(row[column], CultureInfo.InvariantCulture))];
    }
}
