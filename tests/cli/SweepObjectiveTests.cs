using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Sweeps of runtimes whose best is best in something else than throughput.</summary>
public sealed class SweepObjectiveTests
{
    private static readonly string Dense = Repository.PathOf("examples", "published", "models", "qwen3_8b_fp8.json");

    /// <summary>Each variant's row has the figures of a run of its own, to the bit, in both modes.</summary>
    [Theory]
    [InlineData("latency")]
    [InlineData("ttft")]
    [InlineData("tpot")]
    [InlineData("cost")]
    public void A_variant_has_what_a_run_of_its_own_has(string objective)
    {
        using TemporaryFolder folder = new();
        string chip = folder.Write("chip.json", File.ReadAllText(Repository.PathOf("data", "systems", "H100_SXM.json")));
        string runtime = folder.PathOf("runtime.json");
        Run("plan", Dense, "--chip", chip, "--cards", "4", "--in", "1000", "--out", "100", "--tpot", "30", "--objective", objective, "--save", runtime, "-q");
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

    [Fact]
    public void A_limit_of_cost_is_refused()
    {
        using TemporaryFolder folder = new();
        Run("plan", Dense, "--chip", Repository.PathOf("data", "systems", "H100_SXM.json"), "--cards", "2", "--in", "1000", "--out", "100", "--max-cost", "2.5", "--save", folder.PathOf("runtime.json"), "-q");
        folder.Write("sweep.json", """{"runtime": "runtime.json", "output": "out", "axes": [{"path": "system.mem1.GBps", "values": [2500]}]}""");
        FastSimProgram.Outcome outcome = FastSimProgram.Run("sweep", "-c", folder.PathOf("sweep.json"), "-o", folder.PathOf("out"));
        Assert.Equal(2, outcome.ExitCode);
        Assert.Contains("pd-fusion.cost_limit: found 2.5; expected null: a sweep's rows say what each variant costs", outcome.Error, StringComparison.Ordinal);
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);

    private static void Run(params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
    }
}
