using System.Globalization;
using System.Text.Json;
using FastSim.Tests;
using static FastSim.Cli.Tests.PlannedRuns;

namespace FastSim.Cli.Tests;

/// <summary><c>plan</c>: what it says, and that it is what <c>run</c> says.</summary>
public sealed class PlanTests
{
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
        JsonElement run = AnswerOf("run", "-c", saved, "-o", folder.PathOf("out"), "--json");
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
        JsonElement best = AnswerOf("plan", model, "--chip", Chip("H100_SXM"), "--cards", "2", "--in", "200", "--out", "4", "--engine", engine, "--json").GetProperty("chips")[0].GetProperty("best");
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
            JsonElement plan = AnswerOf(["plan", Dense, "--chip", Chip("H100_SXM"), "--cards", "2", "--in", "1000", "--out", "20", "--engine", engine, "--json", .. limit]).GetProperty("chips")[0];
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
    public void Two_chips_are_compared()
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run([.. Arguments(Dense, "4", "--tpot", "30"), "--chip", Chip("B200"), "-q", "--json"]);
        using JsonDocument document = JsonDocument.Parse(outcome.Output);
        Assert.Equal(["H100_SXM", "B200"], document.RootElement.GetProperty("chips").EnumerateArray().Select(chip => chip.GetProperty("chip").GetString()));
    }
}
