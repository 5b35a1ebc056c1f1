using System.Globalization;
using System.Text.Json;
using FastSim.Tests;
using static FastSim.Cli.Tests.PlannedRuns;

namespace FastSim.Cli.Tests;

/// <summary>Objectives of <c>plan</c>, and its limits of cost and energy: each is kept, is what it says, or is refused by its option's name.</summary>
public sealed class PlanObjectiveTests
{
    [Fact]
    public void Objectives_order_what_is_found()
    {
        double[] Of(string objective) =>
        [
            .. new[] { "requestsPerSecond", "firstTokenMilliseconds", "perTokenMilliseconds" }.Select(figure =>
                Plan(Dense, "4", "--objective", objective).GetProperty("best").GetProperty(figure).GetDouble()),
        ];
        double[] throughput = Of("throughput");
        double[] latency = Of("latency");
        double[] first = Of("ttft");
        double[] token = Of("tpot");
        Assert.True(throughput[0] > latency[0] && first[1] <= latency[1] && token[2] <= latency[2] && latency[1] + (999 * latency[2]) < throughput[1] + (999 * throughput[2]));
    }

    [Fact]
    public void The_cheapest_may_leave_cards_idle_and_costs_no_more()
    {
        double Dollars(string objective) => Plan(Dense, "16", "--tpot", "30", "--objective", objective)
            .GetProperty("best").GetProperty("economics").GetProperty("dollarsPerMillionTokens").GetDouble();
        Assert.True(Dollars("cost") <= Dollars("throughput"));
        FastSimProgram.Outcome unpriced = FastSimProgram.Run(
            "plan", Dense, "--chip", Chip("SOW-U1-POR"), "--cards", "4", "--in", "400", "--out", "100", "--engine", "none", "--objective", "cost");
        Assert.Equal(2, unpriced.ExitCode);
        Assert.Contains("--objective: found cost; expected a chip whose price is known: SOW-U1-POR states no price_per_hour; state it, dollars of a card and hour, in a copy of ", unpriced.Error, StringComparison.Ordinal);
    }

    /// <summary>What is asked of cost holds for the best, the ranking and the front, and in the runtime that says the same; a limit that is met to the digit is met.</summary>
    [Fact]
    public void A_limit_of_cost_is_kept()
    {
        using TemporaryFolder folder = new();
        static double Dollars(JsonElement plan) => plan.GetProperty("best").GetProperty("economics").GetProperty("dollarsPerMillionTokens").GetDouble();
        static string Exactly(double dollars) => dollars.ToString("R", CultureInfo.InvariantCulture);
        double most = Dollars(Plan(Dense, "6", "--ttft", "200", "--tpot", "30"));
        double least = Dollars(Plan(Dense, "6", "--ttft", "200", "--tpot", "30", "--objective", "cost"));
        Assert.True(least < most);
        Assert.Equal(most, Dollars(Plan(Dense, "6", "--ttft", "200", "--tpot", "30", "--max-cost", Exactly(most))));
        double limit = Math.Sqrt(least * most);
        string saved = folder.PathOf("runtime.json");
        JsonElement plan = Plan(Dense, "6", "--ttft", "200", "--tpot", "30", "--max-cost", Exactly(limit), "--save", saved);
        Assert.InRange(Dollars(plan), least, limit);
        Assert.Equal(least, Dollars(Plan(Dense, "6", "--ttft", "200", "--tpot", "30", "--max-cost", Exactly(least))));
        foreach (JsonElement each in plan.GetProperty("front").EnumerateArray().Concat(plan.GetProperty("ranking").EnumerateArray()))
        {
            // $3.99 an hour and card.
            Assert.InRange(each.GetProperty("cards").GetInt32() * 3.99 / (each.GetProperty("requestsPerSecond").GetDouble() * 1000 * 3600) * 1e6, 0, limit * (1 + 1e-12));
        }

        JsonElement modes = AnswerOf("run", "-c", saved, "-o", folder.PathOf("out"), "--json").GetProperty("modes");
        JsonElement same = modes.EnumerateArray().Single(mode => mode.GetProperty("mode").GetString() == plan.GetProperty("best").GetProperty("mode").GetString()).GetProperty("jobs")[0];
        Assert.Equal(Dollars(plan), same.GetProperty("economics").GetProperty("dollarsPerMillionTokens").GetDouble());

        FastSimProgram.Outcome none = FastSimProgram.Run(Arguments(Dense, "6", "--ttft", "200", "--tpot", "30", "--max-cost", Exactly(least * 0.5)));
        Assert.Equal(3, none.ExitCode);
        Assert.Contains("nearest miss: cost: $", none.Output, StringComparison.Ordinal);
        Assert.All(FastSimProgram.Run(Arguments(Dense, "6", "--ttft", "2000", "--tpot", "30", "--max-cost", Exactly(most * 1.01))).Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
    }

    [Theory]
    [InlineData("throughput", "0", "cost_limit: found 0; expected a number above 0")]
    [InlineData("throughput", "\"cheap\"", "cost_limit: found \"cheap\"; expected a number above 0")]
    [InlineData("latency", "1", "cost_limit: found 1; expected null, or a chip that states price_per_hour: SOW-U1-POR states none")]
    public void A_limit_of_cost_that_cannot_be_kept_is_refused(string objective, string limit, string message)
    {
        using SweepFiles files = new();
        string runtime = files.Write("runtime.json", SweepFiles.Runtime("[[18, 18]]", "\"systems/SOW-U1-POR.json\", \"systems/SOW-U1-POR.json\"")
            .Replace("\"time_limit_list\"", $"\"objective\": \"{objective}\", \"cost_limit\": {limit}, \"time_limit_list\"", StringComparison.Ordinal));
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", runtime, "-o", files.PathOf("out"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("cost", "price_per_hour: SOW-U1-POR states none")]
    [InlineData("energy", "whose energy is known: SOW-U1-POR states no idle_watts")]
    public void An_objective_of_the_command_line_that_cannot_be_had_is_named_as_such(string objective, string why)
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome outcome = FastSimProgram.Run("run", "-c", Repository.PathOf("data", "runtimes", "sample.json"), "--objective", objective, "-o", folder.PathOf("out"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.StartsWith($"error: --objective: found {objective}; expected another objective, or a chip ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(why, outcome.Error, StringComparison.Ordinal);
    }

    /// <summary>What is asked of energy holds for the best, the ranking and the front, and in the runtime that says the same; a limit that is met to the digit is met.</summary>
    [Fact]
    public void A_limit_of_energy_is_kept()
    {
        using TemporaryFolder folder = new();
        static double Joules(JsonElement plan) => plan.GetProperty("best").GetProperty("economics").GetProperty("joulesPerToken").GetDouble();
        static double Requests(JsonElement plan) => plan.GetProperty("best").GetProperty("requestsPerSecond").GetDouble();
        static string Exactly(double joules) => joules.ToString("R", CultureInfo.InvariantCulture);
        JsonElement free = Plan(Dense, "6", "--ttft", "200", "--tpot", "30");
        double most = Joules(free);
        JsonElement met = Plan(Dense, "6", "--ttft", "200", "--tpot", "30", "--max-energy", Exactly(most));
        Assert.Equal(Requests(free), Requests(met));
        Assert.InRange(Joules(met), 0, most);
        double limit = most * 0.97;
        string saved = folder.PathOf("runtime.json");
        JsonElement plan = Plan(Dense, "6", "--ttft", "200", "--tpot", "30", "--max-energy", Exactly(limit), "--save", saved);
        Assert.InRange(Joules(plan), 0, limit);
        Assert.True(Requests(plan) < Requests(free));
        JsonElement modes = AnswerOf("run", "-c", saved, "-o", folder.PathOf("out"), "--json").GetProperty("modes");
        JsonElement same = modes.EnumerateArray().Single(mode => mode.GetProperty("mode").GetString() == plan.GetProperty("best").GetProperty("mode").GetString()).GetProperty("jobs")[0];
        Assert.Equal(Joules(plan), same.GetProperty("economics").GetProperty("joulesPerToken").GetDouble());

        FastSimProgram.Outcome none = FastSimProgram.Run(Arguments(Dense, "6", "--ttft", "200", "--tpot", "30", "--max-energy", "0.001"));
        Assert.Equal(3, none.ExitCode);
        Assert.Contains("nearest miss: energy: ", none.Output, StringComparison.Ordinal);
        Assert.Contains(" J a token of 0.001", none.Output, StringComparison.Ordinal);
    }

    /// <summary>A rate that the cards could serve, and what is best by another objective does not, is said to be just that.</summary>
    [Fact]
    public void A_rate_that_the_objective_leaves_unserved_is_told()
    {
        double most = Plan(Dense, "4").GetProperty("best").GetProperty("requestsPerSecond").GetDouble();
        string[] asked = Arguments(Dense, "1..4", "--objective", "tpot", "--rate", (most * 0.95).ToString("R", CultureInfo.InvariantCulture));
        string words = string.Create(CultureInfo.InvariantCulture, $" requests/s on 4 cards; the most that they serve is {most:G4} (--objective throughput)");
        Assert.Contains(words, FastSimProgram.Run(asked).Output, StringComparison.Ordinal);
        string warning = Assert.Single(AnswerOf([.. asked, "--json"]).GetProperty("warnings").EnumerateArray().Select(each => each.GetString()!), each => each.Contains("the best by the objective", StringComparison.Ordinal));
        Assert.StartsWith("H100_SXM: the best by the objective serves ", warning, StringComparison.Ordinal);
        Assert.EndsWith(words, warning, StringComparison.Ordinal);
        Assert.Contains("\n4 cards do not serve 1000000 requests/s\n", FastSimProgram.Run(Arguments(Dense, "1..4", "--rate", "1e6")).Output.ReplaceLineEndings("\n"), StringComparison.Ordinal);
    }

    /// <summary>The least energy a token is that of the first of a ranking by it, at most that of the most throughput, and what run answers; no limit below it can be met.</summary>
    [Fact]
    public void The_least_energy_a_token_is_found()
    {
        using TemporaryFolder folder = new();
        static double Joules(JsonElement deployment) => deployment.GetProperty("economics").GetProperty("joulesPerToken").GetDouble();
        JsonElement free = Plan(Dense, "6", "--ttft", "200", "--tpot", "30");
        string saved = folder.PathOf("runtime.json");
        JsonElement plan = Plan(Dense, "6", "--ttft", "200", "--tpot", "30", "--objective", "energy", "--save", saved, "-o", folder.PathOf("plan"));
        double least = Joules(plan.GetProperty("best"));
        Assert.InRange(least, 0, Joules(free.GetProperty("best")) * 0.97);
        double[] ranked = [.. plan.GetProperty("ranking").EnumerateArray().Select(deployment => deployment.GetProperty("joulesPerToken").GetDouble())];
        Assert.True(ranked.Length > 2);
        Assert.Equal(ranked.Order(), ranked);
        CsvTable table = CsvTable.Load(Path.Combine(folder.PathOf("plan"), "ranking.csv"));
        Assert.Equal(ranked, table.Rows.Select(row => double.Parse(row[table.Header.ToList().IndexOf("joules_per_token")], CultureInfo.InvariantCulture)));
        JsonElement modes = AnswerOf("run", "-c", saved, "-o", folder.PathOf("out"), "--json").GetProperty("modes");
        Assert.Equal(least, modes.EnumerateArray().Min(mode => Joules(mode.GetProperty("jobs")[0])));
        Assert.Equal(3, FastSimProgram.Run(Arguments(Dense, "6", "--ttft", "200", "--tpot", "30", "--max-energy", (least * (1 - 1e-9)).ToString("R", CultureInfo.InvariantCulture))).ExitCode);
        JsonElement met = Plan(Dense, "6", "--ttft", "200", "--tpot", "30", "--max-energy", (least * (1 + 1e-9)).ToString("R", CultureInfo.InvariantCulture));
        Assert.Equal(least, Joules(met.GetProperty("best")), 1e-9 * least);
    }

    [Theory]
    [InlineData("H100_SXM", "throughput", "0", "--max-energy: found 0; expected a number above 0")]
    [InlineData("H100_SXM", "latency", "3", "--max-energy: found --objective latency, too; expected throughput or energy")]
    [InlineData("SOW-U1-POR", "energy", null, "--objective: found energy; expected a chip whose energy is known: SOW-U1-POR states no idle_watts; state it, watts, in a copy of ")]
    [InlineData("SOW-U1-POR", "throughput", "3", "--max-energy: found 3; expected a chip whose energy is known: SOW-U1-POR states no idle_watts; state it, watts, in a copy of ")]
    public void A_limit_of_energy_that_cannot_be_kept_names_the_option(string chip, string objective, string? limit, string message)
    {
        string[] asked = ["plan", Dense, "--chip", Chip(chip), "--cards", "4", "--in", "400", "--out", "100", "--engine", "none", "--objective", objective];
        FastSimProgram.Outcome outcome = FastSimProgram.Run(limit is null ? asked : [.. asked, "--max-energy", limit]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void A_limit_of_cost_without_a_price_names_the_option()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            "plan", Dense, "--chip", Chip("SOW-U1-POR"), "--cards", "4", "--in", "400", "--out", "100", "--engine", "none", "--max-cost", "2.5");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(
            "--max-cost: found 2.5; expected a chip whose price is known: SOW-U1-POR states no price_per_hour; state it, dollars of a card and hour, in a copy of ", outcome.Error, StringComparison.Ordinal);
        Assert.Contains(", and give that to --chip", outcome.Error, StringComparison.Ordinal);
        Assert.DoesNotContain("cost_limit", outcome.Error, StringComparison.Ordinal);
    }
}
