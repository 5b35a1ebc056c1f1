using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Sweeps of runtimes whose best is best in something else than throughput.</summary>
public sealed class SweepObjectiveTests
{
    private static readonly string Dense = Repository.PathOf("examples", "published", "models", "qwen3_8b_fp8.json");

    private static readonly string Cards = TestLength.IsLong ? "4" : "2";

    /// <summary>Each variant's row has the figures of a run of its own, to the bit, in both modes.</summary>
    [Theory]
    [InlineData("latency")]
    [InlineData("ttft")]
    [InlineData("tpot")]
    [InlineData("cost")]
    [InlineData("energy")]
    public void A_variant_has_what_a_run_of_its_own_has(string objective)
    {
        using TemporaryFolder folder = new();
        string chip = folder.Write("chip.json", File.ReadAllText(Repository.PathOf("data", "systems", "H100_SXM.json")));
        string runtime = folder.PathOf("runtime.json");
        Run("plan", Dense, "--chip", chip, "--cards", Cards, "--in", "1000", "--out", "100", "--tpot", "30", "--objective", objective, "--save", runtime, "-q");
        folder.Write("sweep.json", """{"runtime": "runtime.json", "output": "out", "axes": [{"name": "gbps", "path": "system.mem1.GBps", "values": [2500, 3350, 40]}]}""");
        Run("sweep", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("out"), "-q", "--threads", "1");
        byte[] one = File.ReadAllBytes(folder.PathOf("out", "sweep_result.csv"));
        Run("sweep", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("out"), "-q", "--threads", "3");
        Assert.Equal(one, File.ReadAllBytes(folder.PathOf("out", "sweep_result.csv")));
        CsvTable rows = CsvTable.Load(folder.PathOf("out", "sweep_result.csv"));
        string Cell(int row, string column) => rows.Rows[row][rows.Header.ToList().IndexOf(column)];
        foreach ((int bandwidth, int variant) in new[] { (2500, 0), (3350, 1) })
        {
            folder.Write("chip.json", File.ReadAllText(chip).Replace(variant == 0 ? "\"GBps\": 3350" : "\"GBps\": 2500", $"\"GBps\": {bandwidth}", StringComparison.Ordinal));
            using JsonDocument document = JsonDocument.Parse(FastSimProgram.Run("run", "-c", runtime, "-o", folder.PathOf("alone"), "--json").Output);
            JsonElement[] jobs = [.. document.RootElement.GetProperty("modes").EnumerateArray().Select(mode => mode.GetProperty("jobs")[0])];
            Assert.Equal(2, jobs.Length);
            for (int job = 0; job < jobs.Length; job++)
            {
                JsonElement decode = jobs[job].GetProperty("decode");
                int row = (variant * jobs.Length) + job;
                Assert.Equal(decode.GetProperty("latencyMilliseconds").GetDouble(), Number(Cell(row, "tpot_ms")));
                Assert.Equal(jobs[job].GetProperty("prefill").GetProperty("latencyMilliseconds").GetDouble(), Number(Cell(row, "ttft_ms")));
                Assert.Equal(decode.GetProperty("layout").GetProperty("tensorParallel").GetInt32(), Number(Cell(row, "decoder_tp")));
                Assert.Equal(decode.GetProperty("tokensPerSecond").GetDouble(), Number(Cell(row, "decoder_tokens_per_second")));
                Assert.Equal(decode.GetProperty("memoryGibibytes").GetDouble(), Number(Cell(row, "decoder_memory_gib")), 1e-9);
                Assert.Contains(Cell(row, "batch_bound"), (string[])["objective", "capacity", "latency limit", "rate"]);
            }
        }

        // At 40 GB/s no plan meets 30 ms a token: the row says so as any sweep's does.
        Assert.All(new[] { 4, 5 }, row => Assert.StartsWith("latency: TPOT ", Cell(row, "reason"), StringComparison.Ordinal));
    }

    /// <summary>Under a limit each variant's row has the figures of a run of its own; a variant that no deployment is within it on says by how much.</summary>
    [Theory]
    [InlineData("--max-cost", "0.43", "dollarsPerMillionTokens", "cost: ", " dollars a million tokens of 0.43")]
    [InlineData("--max-energy", "0.078", "joulesPerToken", "energy: ", " J a token of 0.078")]
    public void A_limit_of_cost_or_energy_is_each_variant_s(string option, string limit, string figure, string reason, string than)
    {
        using TemporaryFolder folder = new();
        string chip = folder.Write("chip.json", File.ReadAllText(Repository.PathOf("data", "systems", "H100_SXM.json")));
        string runtime = folder.PathOf("runtime.json");
        Run("plan", Dense, "--chip", chip, "--cards", Cards, "--in", "1000", "--out", "100", "--tpot", "30", option, limit, "--save", runtime, "-q");
        folder.Write("sweep.json", """{"runtime": "runtime.json", "output": "out", "axes": [{"name": "gbps", "path": "system.mem1.GBps", "values": [2500, 3350, 300]}]}""");
        Run("sweep", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("out"), "-q");
        CsvTable rows = CsvTable.Load(folder.PathOf("out", "sweep_result.csv"));
        string Cell(int row, string column) => rows.Rows[row][rows.Header.ToList().IndexOf(column)];
        foreach ((int bandwidth, int variant) in new[] { (2500, 0), (3350, 1) })
        {
            folder.Write("chip.json", File.ReadAllText(chip).Replace(variant == 0 ? "\"GBps\": 3350" : "\"GBps\": 2500", $"\"GBps\": {bandwidth}", StringComparison.Ordinal));
            using JsonDocument document = JsonDocument.Parse(FastSimProgram.Run("run", "-c", runtime, "-o", folder.PathOf("alone"), "--json").Output);
            JsonElement[] jobs = [.. document.RootElement.GetProperty("modes").EnumerateArray().Select(mode => mode.GetProperty("jobs")[0])];
            for (int job = 0; job < jobs.Length; job++)
            {
                int row = (variant * jobs.Length) + job;
                if (!jobs[job].TryGetProperty("decode", out JsonElement decode) || decode.ValueKind == JsonValueKind.Null)
                {
                    Assert.StartsWith(reason, Cell(row, "reason"), StringComparison.Ordinal);
                    continue;
                }

                Assert.Equal(decode.GetProperty("tokensPerSecond").GetDouble(), Number(Cell(row, "decoder_tokens_per_second")));
                Assert.InRange(jobs[job].GetProperty("economics").GetProperty(figure).GetDouble(), 0, Number(limit));
            }
        }

        string[] reasons = [.. Enumerable.Range(0, rows.Rows.Count).Select(row => Cell(row, "reason"))];
        Assert.Contains(reasons, each => each.Length == 0);
        Assert.Contains(reasons, each => each.StartsWith(reason, StringComparison.Ordinal) && each.EndsWith(than, StringComparison.Ordinal));
    }

    [Fact]
    public void A_limit_is_refused_where_laws_of_chips_bound()
    {
        using TemporaryFolder folder = new();
        string Named(params string[] path) => Repository.PathOf(["data", .. path]).Replace('\\', '/');
        folder.Write("runtime.json", """
            {"pd-fusion": {"model_list": ["MODEL"], "sequence_length_list": [[1000, 100]], "num_procs_list": [2], "wac_bytes_list": [[2, 2, 2, 2]], "flops_type_list": [["float16", "float16", "float16"]],
            "time_limit_list": [[null, null]], "sys_list": ["CHIP"], "accounting": "physical", "timing": "roofline", "energy_limit": 5, "output": "out"}}
            """.Replace("MODEL", Named("models", "llama_3_8b.json"), StringComparison.Ordinal).Replace("CHIP", Named("systems", "H100_SXM.json"), StringComparison.Ordinal));
        folder.Write("sweep.json", """{"runtime": "runtime.json", "output": "out", "axes": [{"path": "system.mem1.GBps", "values": [2500, 3000]}], "score": "requests_per_second"}""");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("out"), "--optimise");
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("found a limit of energy, under which a faster chip may serve less; expected for --optimise", outcome.Error, StringComparison.Ordinal);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static void Run(params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
    }
}
