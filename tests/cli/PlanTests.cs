using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using FastSim.Cli.Commands;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary><c>plan</c> and <c>init</c>: what they say, that it is what <c>run</c> says, and what they refuse.</summary>
public sealed class PlanTests
{
    private static readonly string Experts = Repository.PathOf("examples", "published", "models", "qwen3_30b_a3b.json");
    private static readonly string Dense = Repository.PathOf("examples", "published", "models", "qwen3_8b_fp8.json");
    private static readonly ConcurrentDictionary<string, JsonElement> Plans = new();

    [Fact]
    public void The_plan_in_the_readme_is_what_the_command_prints()
    {
        string readme = File.ReadAllText(Repository.PathOf("README.md"));
        string[] blocks = readme.Split("```");
        int command = Array.FindIndex(blocks, block => block.Contains("-- plan ", StringComparison.Ordinal));
        string[] words = blocks[command].Trim().Split("-- ", 2)[1].Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries);
        FastSimProgram.Outcome outcome = FastSimProgram.Run([.. words.Select(word => word.StartsWith("examples/", StringComparison.Ordinal) ? Repository.PathOf(word.Split('/')) : Chip(word))]);
        Assert.Equal((0, ""), (outcome.ExitCode, outcome.Error));
        Assert.Equal(Lines(blocks[command + 2]), Lines(outcome.Output));
    }

    [Theory]
    [InlineData("throughput")]
    [InlineData("latency")]
    [InlineData("ttft")]
    [InlineData("tpot")]
    public void The_runtime_it_saves_says_the_same(string objective)
    {
        using TemporaryFolder folder = new();
        string saved = folder.PathOf("runtime.json");
        JsonElement best = Plan(Dense, "4", "--tpot", "30", "--objective", objective, "--prefix-hit", "0.25", "--save", saved).GetProperty("best");
        JsonElement run = Json("run", "-c", saved, "-o", folder.PathOf("out"), "--json");
        JsonElement mode = run.GetProperty("modes").EnumerateArray().Single(each => each.GetProperty("mode").GetString() == best.GetProperty("mode").GetString());
        JsonElement decode = mode.GetProperty("jobs")[0].GetProperty("decode");
        Assert.Equal(best.GetProperty("perTokenMilliseconds").GetDouble(), decode.GetProperty("latencyMilliseconds").GetDouble(), 1e-9);
        Assert.Equal(best.GetProperty("decode").GetProperty("tensorParallel").GetInt32(), decode.GetProperty("layout").GetProperty("tensorParallel").GetInt32());
    }

    [Fact]
    public void Answers_of_one_token_have_no_further_ones()
    {
        string[] asked = ["plan", Dense, "--chip", Chip("H100_SXM"), "--cards", "2", "--in", "400", "--out"];
        Assert.Contains("warning: --out: found 1; no token follows an answer's first", FastSimProgram.Run([.. asked, "1"]).Error, StringComparison.Ordinal);
        Assert.DoesNotContain("--out", FastSimProgram.Run([.. asked, "2"]).Error, StringComparison.Ordinal);
    }

    /// <summary>
    /// Many short prompts share a pass and its weights: 8B weights of 16 bits, read anew for each of more than 200 prompts of 200 tokens that a card prefills a second, would alone be more than its memory moves.
    /// </summary>
    [Theory]
    [InlineData("sglang")]
    [InlineData("vllm")]
    [InlineData("trtllm")]
    public void No_more_than_the_peaks_is_used(string engine)
    {
        using TemporaryFolder folder = new();
        string model = folder.Write("config.json", """
            {"architectures": ["LlamaForCausalLM"], "model_type": "llama", "hidden_size": 4096, "intermediate_size": 14336, "num_hidden_layers": 32, "num_attention_heads": 32, "num_key_value_heads": 8, "vocab_size": 128256, "torch_dtype": "bfloat16"}
            """);
        JsonElement best = Json("plan", model, "--chip", Chip("H100_SXM"), "--cards", "2", "--in", "200", "--out", "4", "--engine", engine, "--json").GetProperty("chips")[0].GetProperty("best");
        JsonElement pool = best.GetProperty("pools")[0];
        Assert.True(best.GetProperty("requestsPerSecond").GetDouble() > 400);
        Assert.InRange(pool.GetProperty("flopUtilisation").GetDouble(), 0.4, 1);
        Assert.InRange(pool.GetProperty("bandwidthUtilisation").GetDouble(), 0.05, 0.5);
    }

    /// <summary>Prompts beyond those that a step takes wait for the next one and make none faster: without a limit of the first token a pool serves as many as within one, and as soon.</summary>
    [Theory]
    [InlineData("vllm")]
    [InlineData("sglang")]
    public void A_pool_that_prefills_takes_no_more_prompts_than_its_steps(string engine)
    {
        (double Requests, double FirstToken) Split(params string[] limit)
        {
            JsonElement plan = Json(["plan", Dense, "--chip", Chip("H100_SXM"), "--cards", "2", "--in", "1000", "--out", "20", "--engine", engine, "--json", .. limit]).GetProperty("chips")[0];
            JsonElement split = plan.GetProperty("ranking").EnumerateArray().First(each => each.GetProperty("mode").GetString() == "pd-split-request-optimal");
            return (split.GetProperty("requestsPerSecond").GetDouble(), split.GetProperty("firstTokenMilliseconds").GetDouble());
        }

        (double free, double firstToken) = Split();
        (double limited, double within) = Split("--ttft", "500");
        Assert.Equal(limited, free, limited * 1e-9);
        Assert.Equal(within, firstToken, 1e-9);
    }

    [Fact]
    public void An_engine_is_taken_by_the_name_that_it_is_known_by()
    {
        string Screen(string engine) => FastSimProgram.Run(Arguments(Dense, "4", "--engine", engine)).Output;
        Assert.Contains("trtllm", Screen("trtllm"), StringComparison.Ordinal);
        Assert.Equal(Screen("trtllm"), Screen("TensorRT-LLM"));
        Assert.Equal(Screen("vllm"), Screen("vLLM"));
    }

    [Fact]
    public void A_screen_fits_80_columns()
    {
        foreach (string model in new[] { Experts, Dense })
        {
            FastSimProgram.Outcome outcome = FastSimProgram.Run(Arguments(model, "8", "--ttft", "1000", "--tpot", "30"));
            Assert.Equal(0, outcome.ExitCode);
            Assert.All(outcome.Output.Split('\n'), line => Assert.InRange(line.Length, 0, 80));
        }
    }

    [Fact]
    public void Tables_hold_the_front_the_ranking_and_the_batches()
    {
        using TemporaryFolder folder = new();
        JsonElement plan = Plan(Experts, "8", "--tpot", "30", "-o", folder.PathOf("out"));
        CsvTable front = CsvTable.Load(folder.PathOf("out/front.csv"));
        CsvTable ranking = CsvTable.Load(folder.PathOf("out/ranking.csv"));
        CsvTable batches = CsvTable.Load(folder.PathOf("out/batches.csv"));
        double best = plan.GetProperty("best").GetProperty("requestsPerSecond").GetDouble();
        Assert.Equal(best, Column(front, "requests_per_second").Max(Number));
        Assert.Equal(best, Number(Column(ranking, "requests_per_second")[0]));
        Assert.Equal(plan.GetProperty("ranking").GetArrayLength(), Column(ranking, "run").Length);
        Assert.All(Column(front, "tpot_ms"), cell => Assert.InRange(Number(cell), 0, 30));

        // Throughput and latency of a layout never fall with the batch; what is beyond the limit is there, too.
        foreach (IGrouping<string, int> phase in Enumerable.Range(0, Column(batches, "phase").Length).GroupBy(row => Column(batches, "phase")[row]))
        {
            double[] rates = [.. phase.Select(row => Number(Column(batches, "tokens_per_second")[row]))];
            Assert.All(Enumerable.Range(1, rates.Length - 1), row => Assert.True(rates[row] >= rates[row - 1] * (1 - 1e-12)));
        }
    }

    [Fact]
    public void A_run_writes_the_same_front()
    {
        using TemporaryFolder folder = new();
        Plan(Dense, "2", "--tpot", "30", "-o", folder.PathOf("plan"));
        FastSimProgram.Outcome run = FastSimProgram.Run("run", "-c", folder.PathOf("plan/runtime.json"), "-o", folder.PathOf("run"), "--front", "-q");
        Assert.Equal(0, run.ExitCode);
        string[] fronts =
        [
            .. File.ReadAllLines(folder.PathOf("run/pd-fusion_front.csv")), .. File.ReadAllLines(folder.PathOf("run/pd-split-request-optimal_front.csv")).Skip(1),
        ];
        Assert.Equal(File.ReadAllLines(folder.PathOf("plan/front.csv")), fronts);
        Assert.True(File.Exists(folder.PathOf("run/pd-fusion_batches.csv")));

        // Where there is no plan the tables have their columns and nothing else.
        Plan(Dense, "2", "--tpot", "30", "--save", folder.PathOf("saved.json"));
        string impossible = File.ReadAllText(folder.PathOf("saved.json")).Replace("30", "0.001", StringComparison.Ordinal);
        File.WriteAllText(folder.PathOf("impossible.json"), impossible);
        FastSimProgram.Run("run", "-c", folder.PathOf("impossible.json"), "-o", folder.PathOf("none"), "--front", "-q");
        foreach (string table in new[] { "front", "batches" })
        {
            Assert.Equal([File.ReadLines(folder.PathOf($"run/pd-fusion_{table}.csv")).First()], File.ReadAllLines(folder.PathOf($"none/pd-fusion_{table}.csv")));
        }
    }

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

        JsonElement modes = Json("run", "-c", saved, "-o", folder.PathOf("out"), "--json").GetProperty("modes");
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
        JsonElement modes = Json("run", "-c", saved, "-o", folder.PathOf("out"), "--json").GetProperty("modes");
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
        string warning = Assert.Single(Json([.. asked, "--json"]).GetProperty("warnings").EnumerateArray().Select(each => each.GetString()!), each => each.Contains("the best by the objective", StringComparison.Ordinal));
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
        JsonElement modes = Json("run", "-c", saved, "-o", folder.PathOf("out"), "--json").GetProperty("modes");
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

    [Fact]
    public void Layouts_that_an_engine_cannot_run_are_left_out_and_counted()
    {
        using TemporaryFolder folder = new();
        FastSimProgram.Outcome some = FastSimProgram.Run(Arguments(Experts, "4", "--tpot", "30", "--launch", folder.PathOf("launch")));
        FastSimProgram.Outcome all = FastSimProgram.Run(Arguments(Experts, "4", "--tpot", "30", "--any-layout"));
        Assert.Contains("left out       layouts that vllm cannot run: ", some.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("left out", all.Output, StringComparison.Ordinal);
        JsonElement[] leftOut = [.. Plan(Experts, "4", "--tpot", "30").GetProperty("leftOut").EnumerateArray()];
        string counted = string.Join(", ", leftOut.Select(each => string.Create(CultureInfo.InvariantCulture, $"{each.GetProperty("reason").GetString()} {each.GetProperty("plans").GetInt64():N0}")));
        Assert.Contains($"cannot run: {counted} (--any-layout", string.Join(' ', some.Output.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries)), StringComparison.Ordinal);
        Assert.Empty(Plan(Experts, "4", "--tpot", "30", "--any-layout").GetProperty("leftOut").EnumerateArray());
        Assert.True(File.Exists(folder.PathOf("launch/vllm/start.sh")) || File.Exists(folder.PathOf("launch/vllm/start-prefill.sh")));
        Assert.False(File.Exists(folder.PathOf("launch/vllm/NOT-SUPPORTED.txt")));
    }

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
        JsonElement plan = Json("plan", Dense, "--chip", Chip("GB200"), "--cards", "5..9", "--rate", "0.001", "--in", "4000", "--out", "1000", "--json").GetProperty("chips")[0];
        Assert.Equal(8, plan.GetProperty("cards").GetInt32());
    }

    [Fact]
    public void Two_chips_are_compared()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run([.. Arguments(Dense, "4", "--tpot", "30"), "--chip", Chip("B200"), "-q", "--json"]);
        using JsonDocument document = JsonDocument.Parse(outcome.Output);
        Assert.Equal(["H100_SXM", "B200"], document.RootElement.GetProperty("chips").EnumerateArray().Select(chip => chip.GetProperty("chip").GetString()));
    }

    [Fact]
    public void What_has_no_plan_says_what_is_nearest()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(Arguments(Experts, "1", "--tpot", "0.5"));
        Assert.Equal(3, outcome.ExitCode);
        Assert.Contains("No plan, every card does both", outcome.Output, StringComparison.Ordinal);
        Assert.Contains("nearest miss: time per output token", outcome.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_phase_without_a_plan_is_named()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(Arguments(Experts, "2", "--tpot", "0.5"));
        Assert.Equal(3, outcome.ExitCode);
        string[] lines = outcome.Output.Split('\n');
        int split = Array.IndexOf(lines, "No plan, prefill and decode apart:");
        Assert.StartsWith("  prefill: ", lines[split + 1], StringComparison.Ordinal);
        Assert.StartsWith("  decode: ", lines[split + 2], StringComparison.Ordinal);
        Assert.StartsWith("    nearest miss: time per output token", lines[split + 3], StringComparison.Ordinal);
    }

    [Fact]
    public void A_name_of_a_hub_is_said_to_be_none_that_is_downloaded()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(Arguments("Nobody/No-Such-Model", "8"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("nothing is downloaded: save config.json of huggingface.co/Nobody/No-Such-Model", outcome.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--chip: found H1000; expected the name of a chip", "--chip", "H1000")]
    [InlineData("--cards: found eight", "--cards", "eight")]
    [InlineData("--cards: found 16..8", "--cards", "16..8")]
    [InlineData("--cards: found a range, 8..16, without --rate", "--cards", "8..16")]
    [InlineData("--in: found 0; expected an integer from 1", "--in", "0")]
    [InlineData("--ttft: found 0; expected a number above 0", "--ttft", "0")]
    [InlineData("--prefix-hit: found 1; expected a number from 0 to below 1", "--prefix-hit", "1")]
    [InlineData("--engine: found sglagn; expected none, trtllm, vllm, sglang, or the file of a record; did you mean \"sglang\"?", "--engine", "sglagn")]
    [InlineData("--acceptance: found no --drafts", "--acceptance", "0.8")]
    [InlineData("--mean-length: found no --drafts", "--mean-length", "2.27")]
    [InlineData("--acceptance: found 0.8,1.2; expected a number from 0 to 1, or one for each draft token", "--acceptance", "0.8,1.2")]
    [InlineData("--top: found 0", "--top", "0")]
    [InlineData("--systems: found no-such-folder, which is no folder", "--systems", "no-such-folder")]
    [InlineData("error: --in, --out: found [ 500000, 1000 ]; expected input and output tokens that", "--in", "500000")]
    public void Bad_input_is_refused_in_a_line(string message, string option, string value)
    {
        List<string> arguments = [.. Arguments(Dense, "8")];
        int place = arguments.IndexOf(option);
        if (place >= 0)
        {
            arguments[place + 1] = value;
        }
        else
        {
            arguments.AddRange([option, value]);
        }

        if (option == "--systems")
        {
            arguments[arguments.IndexOf("--chip") + 1] = "H100_SXM";
        }

        FastSimProgram.Outcome outcome = FastSimProgram.Run([.. arguments]);
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains(message, outcome.Error, StringComparison.Ordinal);
        Assert.Single(outcome.Error.TrimEnd().Split('\n'));
    }

    [Fact]
    public void Init_asks_again_for_what_it_cannot_use_and_writes_what_run_takes()
    {
        using TemporaryFolder folder = new();
        string runtime = folder.PathOf("runtime.json");
        (int exitCode, string output, string error) = Init(runtime, $"nope.json\n{Dense}\n{Chip("H100_SXM")}\nfour\n4\n\n100\n\n30\nvllm\n");
        Assert.Equal(0, exitCode);
        Assert.Contains("nope.json: found no such file", error, StringComparison.Ordinal);
        Assert.Contains("found four; expected an integer", error, StringComparison.Ordinal);
        Assert.Contains("tokens of a prompt [4000]: ", output, StringComparison.Ordinal);
        Assert.Equal(0, FastSimProgram.Run("run", "-c", runtime, "-o", folder.PathOf("out"), "-q").ExitCode);
    }

    [Fact]
    public void Init_without_answers_writes_nothing()
    {
        using TemporaryFolder folder = new();
        (int exitCode, _, string error) = Init(folder.PathOf("runtime.json"), $"{Dense}\n");
        Assert.Equal(2, exitCode);
        Assert.Contains("init: found the end of the answers; expected one to: chip", error, StringComparison.Ordinal);
        Assert.False(File.Exists(folder.PathOf("runtime.json")));
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

        JsonElement run = Json("run", "-c", saved, "-o", folder.PathOf("out"), "--json");
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

    /// <summary>A precision that the chip has no units for is not run in a wider one without a word.</summary>
    [Theory]
    [InlineData("H100_SXM", "fp4", "warning: --precision: found fp4; H100_SXM has no units for it: weights of 4 bits are widened, and products run in float8\n")]
    [InlineData("A100_SXM_80GB", "fp8", "warning: --precision: found fp8; A100_SXM_80GB has no units for it: weights of 8 bits are widened, and products run in bfloat16\n")]
    [InlineData("H100_SXM", "fp8", "")]
    [InlineData("B200", "fp4", "")]
    [InlineData("A100_SXM_80GB", "bf16", "")]
    public void A_precision_that_the_chip_has_no_units_for_is_named(string chip, string precision, string warning)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run("plan", Repository.PathOf("examples", "published", "models", "llama_2_13b.json"), "--chip", Chip(chip), "--cards", "2", "--in", "400", "--out", "100", "--precision", precision, "--top", "1");
        Assert.Equal((0, warning), (outcome.ExitCode, outcome.Error.ReplaceLineEndings("\n")));
    }

    private static (int ExitCode, string Output, string Error) Init(string file, string answers)
    {
        using StringWriter output = new();
        using StringWriter error = new();
        int exitCode = CommandLine.Invoke(["init", file], new Terminal(output, error, isInteractive: false) { Input = new StringReader(answers) });
        return (exitCode, output.ToString(), error.ToString());
    }

    private static string Chip(string word) => File.Exists(Repository.PathOf("data", "systems", $"{word}.json")) ? Repository.PathOf("data", "systems", $"{word}.json") : word;

    private static string[] Arguments(string model, string cards, params string[] more) =>
        ["plan", model, "--chip", Chip("H100_SXM"), "--cards", cards, "--in", "4000", "--out", "1000", .. more];

    /// <summary>A plan, asked once of what several tests ask, if no file is to be written.</summary>
    private static JsonElement Plan(string model, string cards, params string[] more)
    {
        string[] arguments = [.. Arguments(model, cards, more), "--json"];
        return more.Contains("--save") || more.Contains("-o")
            ? Json(arguments).GetProperty("chips")[0]
            : Plans.GetOrAdd(string.Join('\n', arguments), _ => Json(arguments).GetProperty("chips")[0]);
    }

    private static JsonElement Json(params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        using JsonDocument document = JsonDocument.Parse(outcome.Output);
        return document.RootElement.Clone();
    }

    private static string[] Column(CsvTable table, string name)
    {
        int place = table.Header.ToList().IndexOf(name);
        return [.. table.Rows.Select(row => row[place])];
    }

    private static double Number(string cell) => double.Parse(cell, CultureInfo.InvariantCulture);

    private static string[] Lines(string text) => [.. text.Split('\n').Select(line => line.TrimEnd()).Where(line => line.Length > 0)];
}
