using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Numbers that a sweep derives from its axes, and chips that are judged over a suite of jobs.</summary>
public sealed class DeriveTests
{
    private const string Stacks = """{"name": "stacks", "values": [2, 3, 6]}, {"name": "pins", "values": [8, 12]}""";

    /// <summary>24 GiB a stack, 128 GB/s a stack and GT/s of its pins: 2 stacks at 8 are 48 GiB and 2,048 GB/s, and so on.</summary>
    [Fact]
    public void A_derived_rate_is_that_rate()
    {
        using SweepFiles files = new();
        Assert.Equal(0, files.Sweep(Stacks, """
            , "derive": [{"name": "gib", "path": "system.mem1.GiB", "value": "24 * stacks"}, {"name": "gbps", "path": "system.mem1.GBps", "value": "128 * stacks * pins"}]
            """, "-q").ExitCode);
        CsvTable derived = files.Result();
        Assert.Equal(["48", "48", "72", "72", "144", "144"], Column(derived, "gib"));
        Assert.Equal(["2048", "3072", "3072", "4608", "6144", "9216"], Column(derived, "gbps"));
        Assert.Equal(["variant", "job", "stacks", "pins", "gib", "gbps", "model"], derived.Header.Take(7));

        files.Write("stated.csv", "system.mem1.GiB,system.mem1.GBps\n48,2048\n48,3072\n72,3072\n72,4608\n144,6144\n144,9216\n");
        Assert.Equal(0, files.Sweep("""{"table": "stated.csv"}""", "", "-q").ExitCode);
        Assert.Equal(Column(derived, "tokens_per_second"), Column(files.Result(), "tokens_per_second"));
        Assert.Equal(Column(derived, "reason"), Column(files.Result(), "reason"));
    }

    /// <summary>Cards make groups: 4 and 5 servers of 9 cards; a third expression follows the second.</summary>
    [Fact]
    public void What_is_derived_may_change_more_than_rates_and_follow_other_numbers()
    {
        using SweepFiles files = new();
        files.Write("decode.json", SweepFiles.Runtime("[[0, 36]]", "\"systems/SOW-U1-POR.json\", \"systems/SOW-U1-POR.json\"").Replace("\"pd_num_procs_list\": [[0, 36]], ", "", StringComparison.Ordinal));
        string axes = """{"name": "servers", "values": [2, 3]}, {"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""";
        Assert.Equal(0, files.Sweep(axes, """
            , "derive": [{"name": "cards", "path": "runtime.num_procs_list[0]", "value": "9 * servers"}, {"name": "all_gib", "value": "cards * gib"}],
            "filter": "all_gib < 3000", "cost": "all_gib / 100"
            """, "-q").ExitCode);
        CsvTable derived = files.Result();
        Assert.Equal(["0", "1", "2"], Column(derived, "variant"));
        Assert.Equal(["18", "18", "27"], Column(derived, "cards"));
        Assert.Equal(["1296", "2592", "1944"], Column(derived, "all_gib"));
        Assert.Equal(["12.96", "25.92", "19.44"], Column(derived, "cost"));
        Assert.Equal(0, files.Sweep("""{"name": "cards", "path": "runtime.num_procs_list[0]", "values": [18, 27]}, {"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""", "", "-q").ExitCode);
        Assert.Equal(Column(derived, "tokens_per_second"), Column(files.Result(), "tokens_per_second").Take(3));
    }

    [Theory]
    [InlineData(Stacks, """[{"path": "system.mem1.GiB", "value": "24 * stack"}]""", "derive[0].value: found stack; expected names among stacks, pins; did you mean \"stacks\"?")]
    [InlineData(Stacks, """[{"path": "system.mem1.GiB", "value": "72 - 24 * stacks"}]""", "stacks = 3: system.mem1.GiB: found 0; expected a number above 0")]
    [InlineData(Stacks, """[{"value": "24 * stacks"}]""", "; expected a path that it drives, or a name by which expressions use it")]
    [InlineData(Stacks, """[{"name": "gib", "value": "24 * stacks"}]""", "axes: found pins, which has no path and which no expression names")]
    [InlineData(Stacks, """[{"name": "pins", "value": "24 * stacks"}]""", "found the name pins twice; expected axes and derived numbers of different names")]
    [InlineData(Stacks, """[{"name": "a", "path": "system.mem1.GiB", "value": "stacks"}, {"name": "b", "path": "decode.system.mem1.GiB", "value": "pins"}]""", "which are one place")]
    [InlineData(Stacks, """[{"name": "a", "path": "system.mem1.GiB", "value": "b"}, {"name": "b", "value": "stacks * pins"}]""", "derive[0].value: found b; expected names among stacks, pins")]
    [InlineData(Stacks, """[{"path": "system.mem1.GB", "value": "stacks * pins"}]""", "GB")]
    [InlineData(Stacks, """[{"path": "system.mem1.GiB", "value": "stacks * pins", "factor": 2}]""", "factor")]
    public void What_cannot_be_derived_is_said(string axes, string derive, string message)
    {
        using SweepFiles files = new();
        FastSimProgram.Outcome outcome = files.Sweep(axes, $", \"derive\": {derive}");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>A filter may keep what cannot be used away; what it lets through is found when it is answered, and nothing of the sweep stays.</summary>
    [Theory]
    [InlineData("stacks < 3", 0)]
    [InlineData("stacks < 4", 2)]
    public void The_filter_is_asked_before_a_value_is_looked_at(string filter, int exitCode)
    {
        using SweepFiles files = new();
        FastSimProgram.Outcome outcome = files.Sweep(
            Stacks, $$""", "filter": "{{filter}} and pins > 0", "derive": [{"path": "system.mem1.GiB", "value": "if(stacks < 3, 72, 0)"}] """, "-q");
        Assert.Equal(exitCode, outcome.ExitCode);
        Assert.Equal(exitCode == 2, outcome.Error.Contains("stacks = 3, pins = 8: system.mem1.GiB: found 0; expected a number above 0", StringComparison.Ordinal));
        Assert.False(File.Exists(files.PathOf("out", "sweep_result.journal")));
    }

    /// <summary>With scores s and t of the two jobs, over references 2 and 5: the weighted geometric mean is exp((3·ln(s/2) + ln(t/5)) / 4), and so on.</summary>
    [Theory]
    [InlineData(""" "mean": "geometric", "weights": [3, 1], "references": [2, 5] """)]
    [InlineData(""" "mean": "harmonic", "weights": [3, 1], "references": [2, 5] """)]
    [InlineData(""" "mean": "worst", "references": [2, 5] """)]
    public void A_suite_has_one_score_and_one_best_chip(string mix)
    {
        using SweepFiles files = new();
        files.Write(
            "decode.json",
            SweepFiles.Runtime("[[0, 36]]", "\"systems/SOW-U1-POR.json\", \"systems/SOW-U1-POR.json\"")
                .Replace("\"models/deepseek_v3_flash_mla_absorb.json\"", "\"models/deepseek_v3_flash_mla_absorb.json\", \"models/qwen3_32b_flash.json\"", StringComparison.Ordinal));
        string axes = """{"name": "gib", "path": "system.mem1.GiB", "values": [1, 36, 72, 144]}, {"name": "gbps", "path": "system.mem1.GBps", "values": [6000, 8000]}""";
        string more = $$""", "mix": { {{mix}} }, "score": "tokens_per_second_per_card / (20 + gib)", "best": 2 """;
        FastSimProgram.Outcome outcome = files.Sweep(axes, more);
        Assert.Equal(0, outcome.ExitCode);
        CsvTable table = files.Result();
        string[] scores = Column(table, "score");
        string[] suites = Column(table, "suite");
        List<(double Suite, int Variant)> ranked = [];
        for (int variant = 0; variant < 8; variant++)
        {
            string[] own = scores[(2 * variant)..((2 * variant) + 2)];
            Assert.Equal(suites[2 * variant], suites[(2 * variant) + 1]);
            if (own.Contains(""))
            {
                Assert.Equal("", suites[2 * variant]);
                continue;
            }

            (double first, double second) = (Number(own[0]) / 2, Number(own[1]) / 5);
            double expected = mix.Contains("worst", StringComparison.Ordinal) ? Math.Min(first, second)
                : mix.Contains("harmonic", StringComparison.Ordinal) ? 4 / ((3 / first) + (1 / second))
                : Math.Exp(((3 * Math.Log(first)) + Math.Log(second)) / 4);
            Assert.Equal(expected, Number(suites[2 * variant]), 1e-12 * expected);
            ranked.Add((Number(suites[2 * variant]), variant));
        }

        Assert.InRange(ranked.Count, 1, 7);
        string[] best = [.. ranked.OrderByDescending(each => each.Suite).ThenBy(each => each.Variant).Take(2).Select(each => $"{each.Variant}")];
        CsvTable explained = files.Result("best.csv");
        Assert.Equal([best[0], best[0], best[1], best[1]], explained.Field("sweep_variant"));
        Assert.Equal(["0", "1", "0", "1"], explained.Field("sweep_job"));
        Assert.Equal(suites[2 * int.Parse(best[0], CultureInfo.InvariantCulture)], explained.Field("sweep_suite")[0]);
        Assert.Contains($"best of the suite: variant {best[0]} with score ", outcome.Output, StringComparison.Ordinal);
        using JsonDocument json = JsonDocument.Parse(files.Sweep(axes, more, "--json").Output);
        Assert.Equal("suite", json.RootElement.GetProperty("rankedBy").GetString());
        Assert.Equal(Number(explained.Field("sweep_suite")[0]), json.RootElement.GetProperty("best")[1].GetProperty("suite").GetDouble());
    }

    [Theory]
    [InlineData("""{"mean": "median"}""", "mix.mean: found \"median\"; expected how a suite's scores make one: geometric, harmonic, worst")]
    [InlineData("""{"mean": "geometric", "weights": [1, 2]}""", "mix.weights: found 2 numbers; expected one of each of the runtime's 1 jobs")]
    [InlineData("""{"mean": "worst", "weights": [1]}""", "mix.weights: found")]
    [InlineData("""{"mean": "geometric", "weights": [0]}""", "expected a number above 0")]
    [InlineData("""{"mean": "geometric", "weight": [1]}""", "did you mean \"weights\"?")]
    public void A_mix_that_is_none_is_refused(string mix, string message)
    {
        using SweepFiles files = new();
        FastSimProgram.Outcome outcome = files.Sweep("""{"name": "gib", "path": "system.mem1.GiB", "values": [72]}""", $", \"mix\": {mix}");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_mean_of_scores_below_0_ends_the_sweep()
    {
        using SweepFiles files = new();
        FastSimProgram.Outcome outcome = files.Sweep(
            """{"name": "gib", "path": "system.mem1.GiB", "values": [72]}""", """, "mix": {"mean": "geometric"}, "score": "-tokens_per_second" """);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("mix: found a score of -", outcome.Error, StringComparison.Ordinal);
    }

    private static string[] Column(CsvTable table, string name) => [.. table.Rows.Select(row => row[table.Header.ToList().IndexOf(name)])];

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}
