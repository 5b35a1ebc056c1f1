using System.Text.Json;
using FastSim.Cli.Output;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The best of a sweep is the best of each job, in every place that names it.</summary>
public sealed class SweepBestTests
{
    private const string Axes =
        """
        {"name": "gib", "path": "system.mem1.GiB", "values": [36, 72, 144]}, {"name": "gbps", "path": "system.mem1.GBps", "values": [6000, 8000]},
        {"name": "fp8", "path": "system.matrix.float8.tflops", "values": [3000, 4000]}, {"name": "limit", "path": "runtime.time_limit_list[0][1]", "values": [30, 50]}
        """;

    [Fact]
    public void Each_job_has_its_own_best_everywhere()
    {
        using SweepFiles files = TwoModels();
        FastSimProgram.Outcome outcome = files.Sweep(Axes, """, "best": 2, "score": "tokens_per_second_per_card / gib" """);
        Assert.Equal(0, outcome.ExitCode);
        CsvTable table = files.Result();
        string[] Column(string name) => [.. table.Rows.Select(row => row[table.Header.ToList().IndexOf(name)])];
        (string Variant, string Job)[] expected =
        [
            .. Enumerable.Range(0, table.Rows.Count)
                .Where(row => Column("score")[row].Length > 0)
                .GroupBy(row => Column("job")[row])
                .OrderBy(job => job.Key, StringComparer.Ordinal)
                .SelectMany(job => job.OrderByDescending(row => double.Parse(Column("score")[row], System.Globalization.CultureInfo.InvariantCulture)).ThenBy(row => row).Take(2))
                .Select(row => (Column("variant")[row], Column("job")[row])),
        ];
        Assert.Equal(["0", "0", "1", "1"], expected.Select(row => row.Job));

        // The table.
        CsvTable best = files.Result("best.csv");
        Assert.Equal(expected.Select(row => row.Variant), best.Field("sweep_variant"));
        Assert.Equal(expected.Select(row => row.Job), best.Field("sweep_job"));
        Assert.Equal(["deepseek-v3-mla-absorb", "deepseek-v3-mla-absorb", "qwen3-32B-flash", "qwen3-32B-flash"], best.Field("model_name"));

        // The console.
        string[] lines = outcome.Output.Split('\n');
        Assert.Contains(lines, line => line.StartsWith($"best of job 0, deepseek-v3-mla-absorb: variant {expected[0].Variant} with score ", StringComparison.Ordinal));
        Assert.Contains(lines, line => line.StartsWith($"best of job 1, qwen3-32B-flash: variant {expected[2].Variant} with score ", StringComparison.Ordinal));
        Assert.Contains($"report: {files.PathOf("out", "report.html")}", lines);

        // JSON.
        using JsonDocument json = JsonDocument.Parse(files.Sweep(Axes, """, "best": 2, "score": "tokens_per_second_per_card / gib" """, "--json").Output);
        Assert.Equal("score", json.RootElement.GetProperty("rankedBy").GetString());
        Assert.Equal(files.PathOf("out", "report.html"), json.RootElement.GetProperty("report").GetString());
        Assert.Equal(
            expected,
            json.RootElement.GetProperty("best").EnumerateArray().Select(row => (row.GetProperty("variant").GetRawText(), row.GetProperty("job").GetRawText())));
        Assert.Equal(
            best.Field("sweep_gib"),
            json.RootElement.GetProperty("best").EnumerateArray().Select(row => row.GetProperty("axes").GetProperty("gib").GetRawText()));

        // The report: its table, and each job's plots where its own best stands.
        string report = File.ReadAllText(files.PathOf("out", "report.html"));
        Assert.Contains($"<tr><td>0, deepseek-v3-mla-absorb</td><td>{expected[0].Variant}</td>", report, StringComparison.Ordinal);
        Assert.Contains($"<tr><td>1, qwen3-32B-flash</td><td>{expected[2].Variant}</td>", report, StringComparison.Ordinal);
        Assert.Contains($"job 0: deepseek-v3-mla-absorb, limit = {best.Field("sweep_limit")[0]}", report, StringComparison.Ordinal);
        Assert.Contains($"job 1: qwen3-32B-flash, limit = {best.Field("sweep_limit")[2]}", report, StringComparison.Ordinal);
    }

    [Fact]
    public void Further_axes_of_a_jobs_plot_stand_at_that_jobs_best()
    {
        using SweepFiles files = TwoModels();

        // The score likes a loose limit where a token takes long, as the model with experts does, and a tight one elsewhere.
        Assert.Equal(0, files.Sweep(Axes, """, "score": "tokens_per_second_per_card * if(tpot_ms > 25, limit, 100 - limit)" """).ExitCode);
        CsvTable best = files.Result("best.csv");
        string report = File.ReadAllText(files.PathOf("out", "report.html"));
        string[] limits = best.Field("sweep_limit");
        for (int job = 0; job < 2; job++)
        {
            Assert.Contains($"job {job}: {best.Field("model_name")[job]}, limit = {limits[job]}", report, StringComparison.Ordinal);
        }

        Assert.Equal(["50", "30"], limits);
        Assert.Contains($"held at {limits[0]} for job 0, {limits[1]} for job 1, where the best of each is", report, StringComparison.Ordinal);
    }

    [Fact]
    public void One_job_keeps_the_table_it_had()
    {
        using SweepFiles files = new();
        Assert.Equal(0, files.Sweep("""{"name": "gib", "path": "system.mem1.GiB", "values": [36, 72]}""").ExitCode);
        string[] fields = [.. File.ReadAllLines(files.PathOf("out", "best.csv")).Select(line => line.Split(',')[0])];
        Assert.Contains("sweep_variant", fields);
        Assert.DoesNotContain("sweep_job", fields);
    }

    [Fact]
    public void A_pair_shows_both_of_its_values()
    {
        using SweepFiles files = new();
        const string Pair = """{"path": "runtime.time_limit_list[0]", "pair": [[1000, 30], [null, 50], [3000, 20]]}""";
        Assert.Equal(0, files.Sweep(Pair, "", "--plots").ExitCode);
        string line = File.ReadAllText(files.PathOf("out", "plots", "throughput.svg"));
        Assert.All(new[] { ">1000 / 30<", ">none / 50<", ">3000 / 20<", ">ttft_limit_ms / tpot_limit_ms<" }, label => Assert.Contains(label, line, StringComparison.Ordinal));
        Assert.Contains("<td>1000 / 30 … 3000 / 20, 3 steps</td>", File.ReadAllText(files.PathOf("out", "report.html")), StringComparison.Ordinal);

        Assert.Equal(0, files.Sweep($$"""{"name": "gib", "path": "system.mem1.GiB", "values": [36, 72]}, {{Pair}}""", "", "--plots").ExitCode);
        string map = File.ReadAllText(files.PathOf("out", "plots", "throughput.svg"));
        Assert.All(new[] { ">1000 / 30<", ">none / 50<", ">3000 / 20<" }, label => Assert.Contains(label, map, StringComparison.Ordinal));

        Assert.Equal(
            0,
            files.Sweep(
                """{"name": "gib", "path": "system.mem1.GiB", "values": [36, 72]}, {"name": "gbps", "path": "system.mem1.GBps", "values": [6000, 8000]}""",
                """, "combine": "zip" """,
                "--plots").ExitCode);
        string zipped = File.ReadAllText(files.PathOf("out", "plots", "throughput.svg"));
        Assert.All(new[] { ">36 / 6000<", ">72 / 8000<", ">gib / gbps<" }, label => Assert.Contains(label, zipped, StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(0.2, "0 s")]
    [InlineData(8, "8 s")]
    [InlineData(59.7, "1 min")]
    [InlineData(125, "2 min 5 s")]
    [InlineData(3599.9, "1 h")]
    [InlineData((3 * 3600) + (12 * 60), "3 h 12 min")]
    [InlineData((4 * 86400) + (6 * 3600), "4 d 6 h")]
    [InlineData(double.PositiveInfinity, "years")]
    [InlineData(double.NaN, "years")]
    public void Time_left_reads_as_people_say_it(double seconds, string words) => Assert.Equal(words, DurationText.Of(seconds));

    private static SweepFiles TwoModels()
    {
        SweepFiles files = new();
        string runtime = SweepFiles.Runtime("[[0, 36]]", "\"systems/SOW-U1-POR.json\", \"systems/SOW-U1-POR.json\"");
        files.Write(
            "decode.json",
            runtime.Replace("\"models/deepseek_v3_flash_mla_absorb.json\"", "\"models/deepseek_v3_flash_mla_absorb.json\", \"models/qwen3_32b_flash.json\"", StringComparison.Ordinal));
        return files;
    }
}
