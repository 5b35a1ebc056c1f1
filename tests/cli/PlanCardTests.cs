using System.Globalization;
using System.Text.Json;
using FastSim.Tests;
using static FastSim.Cli.Tests.PlannedRuns;

namespace FastSim.Cli.Tests;

/// <summary>Numbers of cards that <c>plan</c> is asked for: the fewest that serve a rate, ranges, and that more are never worse.</summary>
public sealed class PlanCardTests
{
    [Fact]
    public void The_fewest_cards_serve_the_rate_and_fewer_do_not()
    {
        JsonElement plan = Plan(Dense, "1..32", "--tpot", "30", "--rate", "6");
        int cards = plan.GetProperty("cards").GetInt32();
        Assert.InRange(cards, 2, 31);
        Assert.True(plan.GetProperty("best").GetProperty("requestsPerSecond").GetDouble() >= 6);
        Assert.True(Plan(Dense, (cards / 2).ToString(CultureInfo.InvariantCulture), "--tpot", "30").GetProperty("best").GetProperty("requestsPerSecond").GetDouble() < 6);
    }

    /// <summary>The rack of a GB200 has trays of 4: of 5 to 9 cards the first number of whole trays is 8, not the 6 that share 72 out evenly.</summary>
    [Fact]
    public void A_range_goes_by_the_servers_that_launch_files_go_by()
    {
        JsonElement plan = AnswerOf("plan", Dense, "--chip", Chip("GB200"), "--cards", "5..9", "--rate", "0.001", "--in", "4000", "--out", "1000", "--json").GetProperty("chips")[0];
        Assert.Equal(8, plan.GetProperty("cards").GetInt32());
    }

    /// <summary>Nine cards do what eight can and leave one idle, under every objective; tables, launch files, what run and a sweep find for the saved runtime say so, too.</summary>
    [Fact]
    public void More_cards_are_never_worse_than_fewer()
    {
        using TemporaryFolder folder = new();
        static double Requests(JsonElement plan) => plan.GetProperty("best").GetProperty("requestsPerSecond").GetDouble();
        string[] limits = ["--ttft", "2000", "--tpot", "30"];
        (string saved, string written, string launched) = (folder.PathOf("runtime.json"), folder.PathOf("plan"), folder.PathOf("launch"));
        JsonElement nine = Plan(Experts, "9", [.. limits, "--save", saved, "-o", written, "--launch", launched]);
        JsonElement best = nine.GetProperty("best");
        Assert.Equal(Requests(Plan(Experts, "8", limits)), Requests(nine));
        Assert.Equal((9, 8, 1), (nine.GetProperty("cards").GetInt32(), best.GetProperty("cards").GetInt32(), best.GetProperty("idleCards").GetInt32()));
        Assert.Equal("8", Column(CsvTable.Load(Path.Combine(written, "ranking.csv")), "cards")[0]);
        Assert.Contains("8 of 9 cards are in use.", File.ReadAllText(Path.Combine(written, "report.html")), StringComparison.Ordinal);
        Assert.Contains("8 of 9 cards are in use.", File.ReadAllText(Path.Combine(launched, "vllm", "README.txt")), StringComparison.Ordinal);
        Assert.Contains("\nin use         8 of 9 cards\n", FastSimProgram.Run(Arguments(Experts, "9", limits)).Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);

        JsonElement run = AnswerOf("run", "-c", saved, "-o", folder.PathOf("out"), "--json");
        JsonElement job = run.GetProperty("modes").EnumerateArray().Single(mode => mode.GetProperty("mode").GetString() == "pd-fusion").GetProperty("jobs")[0];
        Assert.Equal(Requests(nine), job.GetProperty("deployment").GetProperty("requestsPerSecond").GetDouble(), 1e-12);
        Assert.Contains("run_0 fusion: 1 of 9 cards idle", FastSimProgram.Run("run", "-c", saved, "-o", folder.PathOf("out")).Output, StringComparison.Ordinal);
        File.WriteAllText(folder.PathOf("fusion.json"), $$"""{"pd-fusion": {{nine.GetProperty("runtime").GetProperty("pd-fusion").GetRawText()}}}""");
        File.WriteAllText(folder.PathOf("sweep.json"), """{"runtime": "fusion.json", "output": "swept", "axes": [{"name": "factor", "path": "decode.system.mem1.GBps", "values": [3352, 4000]}]}""");
        Assert.Equal(0, FastSimProgram.Run("sweep", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("swept"), "-q").ExitCode);
        CsvTable swept = CsvTable.Load(Directory.EnumerateFiles(folder.PathOf("swept"), "*.csv").First(file => CsvTable.Load(file).Header.Contains("requests_per_second")));
        Assert.All(Column(swept, "decoder_cards"), cards => Assert.Equal("8", cards));
    }

    /// <summary>So it is under objectives other than throughput.</summary>
    [Theory]
    [InlineData("cost")]
    [InlineData("energy")]
    [InlineData("latency")]
    [InlineData("ttft")]
    [InlineData("tpot")]
    public void More_cards_are_never_worse_under_an_objective(string objective)
    {
        double Cost(string cards)
        {
            JsonElement best = Plan(Dense, cards, "--ttft", "2000", "--tpot", "30", "--objective", objective).GetProperty("best");
            (double first, double each) = (best.GetProperty("firstTokenMilliseconds").GetDouble(), best.GetProperty("perTokenMilliseconds").GetDouble());
            return objective switch
            {
                "cost" => best.GetProperty("economics").GetProperty("dollarsPerMillionTokens").GetDouble(),
                "energy" => best.GetProperty("economics").GetProperty("joulesPerToken").GetDouble(),
                "ttft" => first,
                "tpot" => each,
                _ => first + (999 * each),
            };
        }

        Assert.InRange(Cost("5"), 0, Cost("4") * (1 + 1e-12));
    }
}
