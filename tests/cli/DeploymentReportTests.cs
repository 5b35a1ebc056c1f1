using System.Globalization;
using System.Text.Json;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>The pages of <c>plan</c> and <c>run --report</c>: their figures are the tables' and JSON's, and their texts are no markup.</summary>
public sealed class DeploymentReportTests
{
    private static readonly string Experts = Repository.PathOf("examples", "published", "models", "qwen3_30b_a3b.json");
    private static readonly string Dense = Repository.PathOf("examples", "published", "models", "qwen3_8b_fp8.json");

    [Theory]
    [InlineData("pd-fusion")]
    [InlineData("pd-split-request-optimal")]
    public void Every_figure_is_that_of_the_json(string mode)
    {
        using TemporaryFolder folder = new();
        string output = folder.PathOf("out");
        using JsonDocument document = Json([.. Arguments(mode == "pd-fusion" ? Experts : Dense, "8", mode == "pd-fusion" ? ["--ttft", "2000", "--tpot", "30"] : ["--ttft", "200", "--tpot", "30"]), "-o", output, "--json"]);
        JsonElement chip = document.RootElement.GetProperty("chips")[0];
        JsonElement best = chip.GetProperty("best");
        Assert.Equal(mode, best.GetProperty("mode").GetString());
        ReportPage page = ReportPage.Load(Path.Combine(output, "report.html"));
        string[] figures = ["requestsPerSecond", "tokensPerSecondPerCard", "tokensPerSecondPerUser", "firstTokenMilliseconds", "perTokenMilliseconds"];
        string[] economics = ["dollarsPerMillionTokens", "joulesPerToken", "tokensPerSecondPerWatt"];
        Assert.Equal([.. figures.Select(figure => best.GetProperty(figure).GetDouble()), .. economics.Select(figure => best.GetProperty("economics").GetProperty(figure).GetDouble())], page.Tiles);

        string[] ranked = [figures[0], figures[1], figures[3], figures[4]];
        Assert.Equal(chip.GetProperty("ranking").EnumerateArray().Select(each => ranked.Select(figure => each.GetProperty(figure).GetDouble())), page.TableOf("ranking"));
        string plain = System.Net.WebUtility.HtmlDecode(page.Html);
        Assert.All(chip.GetProperty("ranking").EnumerateArray().Skip(1), each => Assert.Contains(each.GetProperty("why").GetString()!, plain, StringComparison.Ordinal));

        Assert.Equal(
            chip.GetProperty("tenPercent").EnumerateArray().Select(each => new[] { each.GetProperty("more"), each.GetProperty("less") }.Where(change => change.ValueKind == JsonValueKind.Number).Select(change => change.GetDouble())),
            page.TableOf("effects"));
        Assert.Equal(
            best.GetProperty("pools").EnumerateArray().Select(pool => new[] { "weightBytes", "cacheBytes", "workingBytes", "freeBytes" }.Select(part => pool.GetProperty(part).GetDouble())),
            page.TableOf("memory"));

        // The front is the JSON's, thinned out where it is long.
        HashSet<(double, double)> front = [.. chip.GetProperty("front").EnumerateArray().Select(each => (each.GetProperty("requestsPerSecond").GetDouble(), each.GetProperty("perTokenMilliseconds").GetDouble()))];
        Assert.NotEmpty(page.TableOf("front"));
        Assert.All(page.TableOf("front"), row => Assert.Contains((row[0], row[^1]), front));
    }

    [Fact]
    public void Batches_are_those_of_the_table()
    {
        using TemporaryFolder folder = new();
        Run([.. Arguments(Experts, "8", "--tpot", "30"), "-q", "-o", folder.PathOf("out")]);
        ReportPage page = ReportPage.Load(folder.PathOf("out/report.html"));
        CsvTable batches = CsvTable.Load(folder.PathOf("out/batches.csv"));
        double[] Column(string name) => [.. batches.Rows.Select(row => double.Parse(row[batches.Header.ToList().IndexOf(name)], CultureInfo.InvariantCulture))];
        Assert.Equal(Column("in_flight_per_card").Zip(Column("tokens_per_second_per_card")), page.TableOf("throughput").Select(row => (row[0], row[1])));
        Assert.Equal(Column("tpot_ms"), page.TableOf("tpot").Select(row => row[1]));
        Assert.Equal(Column("ttft_ms"), page.TableOf("ttft").Select(row => row[1]));
    }

    [Theory]
    [InlineData("vllm")]
    [InlineData("none")]
    public void The_parts_of_a_pass_add_up_to_it(string engine)
    {
        using TemporaryFolder folder = new();
        Run([.. Arguments(Experts, "8", "--tpot", "30"), "--engine", engine, "-q", "-o", folder.PathOf("out")]);
        ReportPage page = ReportPage.Load(folder.PathOf("out/report.html"));
        foreach (string pass in new[] { "pass-decode", "pass-prefill" })
        {
            double[][] launches = page.TableOf(pass);
            Assert.Equal(100, launches.Sum(row => row[2]), 1e-6);
            Assert.All(launches, row => Assert.InRange(row[3], 0, 100 + 1e-9));
        }

        // No launch is above its roof.
        Assert.All(page.TableOf("roofline-decode"), row => Assert.InRange(row[3], 0, 100 + 1e-6));
    }

    /// <summary>What a cap makes a pass longer is a bar of its own, of neither launches nor exchanges, and all bars add up to the pass.</summary>
    [Theory]
    [InlineData("vllm")]
    [InlineData("none")]
    public void Time_lost_to_a_power_cap_is_a_part_of_its_own(string engine)
    {
        using TemporaryFolder folder = new();
        string chip = folder.Write("chip.json", File.ReadAllText(Chip("H100_SXM")).Replace("\"idle_watts\": 70,", "\"idle_watts\": 70, \"power_cap\": 150,", StringComparison.Ordinal));
        Run("plan", Experts, "--chip", chip, "--cards", "8", "--in", "4000", "--out", "1000", "--tpot", "30", "--engine", engine, "-q", "-o", folder.PathOf("out"));
        ReportPage page = ReportPage.Load(folder.PathOf("out/report.html"));
        foreach (string pass in new[] { "pass-decode", "pass-prefill" })
        {
            Assert.Equal(100, page.TableOf(pass).Sum(row => row[2]), 1e-6);
        }

        Assert.Equal(2, page.Html.Split("<td>clocked down by the power cap</td><td>power cap</td><td>power cap</td>").Length - 1);
        Assert.DoesNotContain("exchanges that no work hides", page.Html, StringComparison.Ordinal);
        Assert.Contains("clocked down by the power cap</td></tr>", page.Html, StringComparison.Ordinal);
    }

    /// <summary>A chip that states neither price nor watts has no line of cost.</summary>
    [Fact]
    public void Cost_that_is_unknown_is_not_on_the_page()
    {
        using TemporaryFolder folder = new();
        Run("plan", Dense, "--chip", Chip("910C"), "--cards", "2", "--in", "1000", "--out", "100", "--precision", "bf16", "-q", "-o", folder.PathOf("out"));
        ReportPage page = ReportPage.Load(folder.PathOf("out/report.html"));
        Assert.Equal(5, page.Tiles.Length);
        Assert.DoesNotContain(">cost<", page.Html, StringComparison.Ordinal);
    }

    [Fact]
    public void The_page_holds_the_runtime_and_the_command()
    {
        using TemporaryFolder folder = new();
        string[] arguments = [.. Arguments(Dense, "2", "--tpot", "30"), "-q", "-o", folder.PathOf("a folder's")];
        Run(arguments);
        ReportPage page = ReportPage.Load(folder.PathOf("a folder's/report.html"));
        Assert.Equal(File.ReadAllText(folder.PathOf("a folder's/runtime.json")), page.TextOf("runtime"));
        Assert.Equal($"fastsim {string.Join(' ', arguments[..^1])} '{arguments[^1].Replace("'", @"'\''", StringComparison.Ordinal)}'", page.TextOf("command"));

        // The same question gives the same bytes.
        string first = page.Html;
        Run(arguments);
        Assert.Equal(first, File.ReadAllText(folder.PathOf("a folder's/report.html")));
    }

    [Fact]
    public void Names_are_no_markup()
    {
        const string Name = "<script>alert(1)</script>\"'&";
        using TemporaryFolder folder = new();
        string model = folder.Write("<b>&'.json", File.ReadAllText(Dense));
        string chip = folder.Write("chip.json", File.ReadAllText(Chip("H100_SXM")).Replace("\"H100_SXM\"", $"\"{JsonEncodedText.Encode(Name)}\"", StringComparison.Ordinal));
        Assert.Contains(JsonEncodedText.Encode(Name).ToString(), File.ReadAllText(chip), StringComparison.Ordinal);
        Run("plan", model, "--chip", chip, "--cards", "2", "--in", "1000", "--out", "100", "-q", "-o", folder.PathOf("out"));
        string html = ReportPage.Load(folder.PathOf("out/report.html")).Html;
        Assert.DoesNotContain("<script>alert", html, StringComparison.Ordinal);
        Assert.DoesNotContain("<b>&", html, StringComparison.Ordinal);
        Assert.Contains("&lt;b&gt;&amp;&#39;", html, StringComparison.Ordinal);
        Assert.Contains("&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;", html, StringComparison.Ordinal);
    }

    [Fact]
    public void Nothing_is_read_from_elsewhere()
    {
        using TemporaryFolder folder = new();
        Run([.. Arguments(Dense, "2", "--tpot", "30"), "-q", "-o", folder.PathOf("out")]);
        string html = ReportPage.Load(folder.PathOf("out/report.html")).Html.Replace("http://www.w3.org/2000/svg", "", StringComparison.Ordinal);
        Assert.All(new[] { "http:", "https:", "//cdn", "url(", "@import", "src=" }, word => Assert.DoesNotContain(word, html, StringComparison.Ordinal));
    }

    [Fact]
    public void Several_chips_have_a_page_each_and_no_plan_says_so()
    {
        using TemporaryFolder folder = new();
        Run([.. Arguments(Dense, "1", "--tpot", "4"), "--chip", Chip("B200"), "-q", "-o", folder.PathOf("out")]);
        Assert.True(File.Exists(folder.PathOf("out/report-B200.html")));
        Assert.Equal(3, FastSimProgram.Run([.. Arguments(Experts, "1", "--tpot", "0.5"), "-q", "-o", folder.PathOf("none")]).ExitCode);
        string none = ReportPage.Load(folder.PathOf("none/report.html")).Html;
        Assert.Contains("No deployment meets the limits.", none, StringComparison.Ordinal);
        Assert.Contains("time per output token", none, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("[[0, 36]]")]
    [InlineData("[[36, 0]]")]
    [InlineData("[[18, 18]]")]
    public void A_run_writes_a_page_a_job(string splits)
    {
        using SweepFiles files = new();
        string runtime = files.Write("runtime.json", SweepFiles.Runtime(splits, "\"systems/SOW-U1-POR.json\", \"systems/SOW-U1-POR.json\""));
        string plain = files.PathOf("plain");
        string reported = files.PathOf("reported");
        Run("run", "-c", runtime, "-q", "-o", plain);
        Run("run", "-c", runtime, "-q", "-o", reported, "--report");
        string report = Path.Combine(reported, "report_pd-split-request-optimal_run_0.html");
        Assert.Equal(
            Directory.GetFiles(plain, "*", SearchOption.AllDirectories).Select(file => (Path.GetRelativePath(plain, file), File.ReadAllText(file))).Order(),
            Directory.GetFiles(reported, "*", SearchOption.AllDirectories).Where(file => file != report).Select(file => (Path.GetRelativePath(reported, file), File.ReadAllText(file))).Order());

        ReportPage page = ReportPage.Load(report);
        Assert.Equal(File.ReadAllText(runtime), page.TextOf("runtime"));
        using JsonDocument document = Json("run", "-c", runtime, "-o", plain, "--json");
        JsonElement job = document.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0];
        double requests = new[] { "prefill", "decode" }.Where(phase => job.TryGetProperty(phase, out _)).Min(phase => job.GetProperty(phase).GetProperty("requestsPerSecond").GetDouble());
        Assert.Equal(requests, page.Tiles[0], requests * 1e-12);
        Assert.Contains("memory", page.Pictures);
    }

    private static string[] Arguments(string model, string cards, params string[] more) =>
        ["plan", model, "--chip", Chip("H100_SXM"), "--cards", cards, "--in", "4000", "--out", "1000", .. more];

    private static void Run(params string[] arguments)
    {
        FastSimProgram.Outcome outcome = FastSimProgram.Run(arguments);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
    }

    private static JsonDocument Json(params string[] arguments) => JsonDocument.Parse(FastSimProgram.Run(arguments).Output);

    private static string Chip(string name) => Repository.PathOf("data", "systems", $"{name}.json");
}
