using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The front of <c>sweep --optimise</c>, where it is known by hand, and what it refuses.</summary>
public sealed class OptimiseFrontTests
{
    private const string Axis = """{"name": "gib", "path": "system.mem1.GiB", "values": [72, 144]}""";

    /// <summary>
    /// A clock is none of the numbers of which more never serves less: it makes groups, and neither a chip of a higher one nor one of a lower is taken for better, be the higher cheaper or dearer.
    /// </summary>
    [Theory]
    [InlineData("5 - clock")]
    [InlineData("1 + clock")]
    [InlineData("4 + (clock - 1.75) * (clock - 1.75)")]
    public void A_clock_is_never_taken_for_better(string price)
    {
        Assert.Null(LaneField.Of(SweepPath.Parse("prefill.system.clock_GHz")!));
        using SweepFiles files = DrawnSpaces.Files();
        string axes = """{"name": "clock", "path": "system.clock_GHz", "range": [1, 3, 0.25]}, {"name": "gbps", "path": "system.mem1.GBps", "range": [1000, 9850, 150]}""";
        string more = $$"""
            , "derive": [{"name": "dollars", "path": "system.price_per_hour", "value": "{{price}} + gbps / 4000"}], "score": "1 / dollars_per_million_tokens", "best": 3,
            "pareto": [{"maximise": "tokens_per_second"}, {"minimise": "dollars"}]
            """;
        FastSimProgram.Outcome all = files.Sweep(axes, more, "-q", "-o", files.PathOf("all"));
        Assert.True(all.ExitCode == 0, all.Error);
        FastSimProgram.Outcome found = files.Sweep(axes, more, "--optimise", "-q", "-o", files.PathOf("found"));
        Assert.True(found.ExitCode == 0, found.Error);
        foreach (string table in (ReadOnlySpan<string>)["best.csv", "pareto.csv"])
        {
            Assert.Equal(File.ReadAllText(files.PathOf("all", table)), File.ReadAllText(files.PathOf("found", table)));
        }
    }

    /// <summary>
    /// Worth a·b against cost a + 2b, over a of 1 to 4 and b of 1 to 3, with c that changes nothing: of worth 12, 9, 8, 6, 4, 3, 2, 1 the least costs are
    /// 10, 9, 8, 7, 6, 5, 4, 3, each of one pair but worth 4 at cost 6, which is (2, 2) and (4, 1). Variant 2,000·(3·(a − 1) + b − 1) + c.
    /// </summary>
    [Fact]
    public void A_front_that_is_known_by_hand_has_its_ties_in_order()
    {
        using SweepFiles files = new();
        FastSimProgram.Outcome found = files.Sweep(
            """{"name": "a", "values": [1, 2, 3, 4]}, {"name": "b", "values": [1, 2, 3]}, {"name": "c", "range": [0, 1999, 1]}""",
            """
            , "derive": [{"name": "worth", "value": "a * b"}], "cost": "a + 2 * b", "filter": "c >= 0",
            "pareto": [{"maximise": "worth"}, {"minimise": "cost"}]
            """,
            "--optimise",
            "--json");
        Assert.True(found.ExitCode == 0, found.Error);
        (int A, int B, int Worth, int Cost)[] pairs = [(4, 3, 12, 10), (3, 3, 9, 9), (4, 2, 8, 8), (3, 2, 6, 7), (2, 2, 4, 6), (4, 1, 4, 6), (3, 1, 3, 5), (2, 1, 2, 4), (1, 1, 1, 3)];
        string[] expected =
        [
            "variant,job,a,b,c,worth,cost",
            .. pairs.SelectMany(pair => Enumerable.Range(0, 2000).Select(c => FormattableString.Invariant($"{(2000 * ((3 * (pair.A - 1)) + pair.B - 1)) + c},0,{pair.A},{pair.B},{c},{pair.Worth},{pair.Cost}"))),
        ];
        Assert.Equal(expected, File.ReadAllLines(files.PathOf("out", "pareto.csv")));
        using JsonDocument json = JsonDocument.Parse(found.Output);
        Assert.Equal(18_000, json.RootElement.GetProperty("frontVariants").GetInt32());
        Assert.InRange(json.RootElement.GetProperty("variantsAnswered").GetInt64(), 1, 6_000);
    }

    [Theory]
    [InlineData("ttft_ms", "", "pareto: found ttft_ms; expected with --optimise a number that has a bound over many variants")]
    [InlineData("decoder_tp", "", "pareto: found decoder_tp; expected with --optimise a number")]
    [InlineData("score", ", \"best\": 0, \"score\": \"tokens_per_second / tpot_ms\"", "score: found tpot_ms; expected with --optimise a number")]
    [InlineData("cost", ", \"cost\": \"Sin(gib)\"", "cost: found Sin; expected with --optimise operations that have bounds")]
    public void What_has_no_bound_is_refused_by_name(string objective, string more, string message)
    {
        using SweepFiles files = new();
        string pareto = $$""", "pareto": [{"maximise": "tokens_per_second_per_card"}, {"minimise": "{{objective}}"}]""";
        FastSimProgram.Outcome outcome = files.Sweep(Axis, pareto + more, "--optimise");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        Assert.Equal(0, files.Sweep(Axis, pareto + more.Replace("Sin", "Sqrt", StringComparison.Ordinal), "-q").ExitCode);
    }

    /// <summary>A cost alone asks a sweep of all for a front; of a search for the best it does not, which would take longer than what was asked for.</summary>
    [Fact]
    public void Only_a_stated_front_is_searched()
    {
        using SweepFiles files = new();
        Assert.Equal(0, files.Sweep(Axis, ", \"cost\": \"ttft_ms + tpot_ms\"", "--optimise", "-q").ExitCode);
        Assert.False(File.Exists(files.PathOf("out", "pareto.csv")));
        const string Stated = """, "best": 0, "pareto": [{"maximise": "tokens_per_second_per_card"}, {"minimise": "gib"}]""";
        FastSimProgram.Outcome front = files.Sweep(Axis, Stated, "--optimise");
        Assert.True(front.ExitCode == 0, front.Error);
        Assert.Contains($"front: 2 variants in {files.PathOf("out", "pareto.csv")}", front.Output, StringComparison.Ordinal);
        Assert.False(File.Exists(files.PathOf("out", "best.csv")));
    }

    /// <summary>1 or 2 GiB hold no plan: the front is a header, as of a sweep of all.</summary>
    [Fact]
    public void Without_a_plan_the_front_is_a_header()
    {
        using SweepFiles files = new();
        const string Pareto = """, "pareto": [{"maximise": "tokens_per_second_per_card"}, {"minimise": "gib"}]""";
        Assert.Equal(3, files.Sweep(Axis.Replace("72, 144", "1, 2", StringComparison.Ordinal), Pareto, "--optimise", "-q").ExitCode);
        Assert.Equal("variant,job,gib,tokens_per_second_per_card\n", File.ReadAllText(files.PathOf("out", "pareto.csv")));
    }
}
