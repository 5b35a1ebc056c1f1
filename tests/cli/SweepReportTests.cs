using System.Globalization;
using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>What the page of a sweep says: its title, its best, what it is sensitive to, which wins from where.</summary>
public sealed partial class SweepReportTests
{
    private const string Memory = """{"name": "gib", "path": "system.mem1.GiB", "values": [36, 72, 144]}""";
    private const string Bandwidth = """{"name": "gbps", "path": "system.mem1.GBps", "geometric": [2000, 16000, 12]}""";

    [Fact]
    public void A_title_is_in_words_or_the_users_own()
    {
        using SweepFiles files = new();
        files.Sweep($"{Memory}, {Bandwidth}");
        string page = File.ReadAllText(files.PathOf("out", "report.html"));
        Assert.Contains("<h1>Throughput of deepseek-v3-mla-absorb over gib and gbps</h1>", page, StringComparison.Ordinal);
        Assert.Contains("Variants of SOW-U1-POR, from decode.json: 36 answers", page, StringComparison.Ordinal);
        files.Sweep($"{Memory}, {Bandwidth}", "", "--title", "More <b> & more");
        page = File.ReadAllText(files.PathOf("out", "report.html"));
        Assert.Contains("<h1>More &lt;b&gt; &amp; more</h1>", page, StringComparison.Ordinal);
        Assert.DoesNotContain("<b> & more", page, StringComparison.Ordinal);
    }

    [Fact]
    public void The_best_is_marked_and_axes_have_units_and_round_numbers()
    {
        using SweepFiles files = new();
        files.Sweep($"{Bandwidth}, {Memory}", "", "--plots");
        string map = File.ReadAllText(files.PathOf("out", "plots", "throughput.svg"));

        // Once in the map, once in the legend.
        Assert.Equal(2, Best().Count(map));
        Assert.Contains(">gbps, GB/s<", map, StringComparison.Ordinal);
        Assert.Contains(">gib, GiB<", map, StringComparison.Ordinal);
        Assert.Equal(["2000", "4000", "6000", "8000", "10000", "12000", "14000", "16000"], Ticks().Matches(map).Select(tick => tick.Groups[1].Value).Where(tick => tick.EndsWith("000", StringComparison.Ordinal)).Take(8));
    }

    /// <summary>Lines of equal figures over two axes of numbers, at round numbers that each is named by once; names, or figures that are all alike, have none.</summary>
    [Fact]
    public void Maps_of_numbers_have_lines_at_round_numbers()
    {
        using SweepFiles files = new();
        files.Sweep($"{Bandwidth}, {Memory}", "", "--plots");
        string map = File.ReadAllText(files.PathOf("out", "plots", "throughput.svg"));
        string[] names = [.. Regex.Matches(map, "<text [^>]*class=\"contour\">([^<]*)</text>").Select(match => match.Groups[1].Value)];
        Assert.NotEmpty(names);
        Assert.Equal(names.Distinct(), names);
        Assert.All(names, name => Assert.Matches("^[1-9][0-9]?[05]*0*$", name));
        Assert.True(Regex.Count(map, "<polyline [^>]*class=\"contour\"") >= names.Length);
        Assert.Contains("pointer-events=\"none\"", map, StringComparison.Ordinal);
        Assert.Contains("Lines join equal throughput, at round numbers.", File.ReadAllText(files.PathOf("out", "report.html")), StringComparison.Ordinal);

        files.Sweep($$"""{{Bandwidth}}, {"name": "gib", "path": "system.mem1.GiB", "values": [72, 36, 144]}""", "", "--plots");
        Assert.DoesNotContain("class=\"contour\"", File.ReadAllText(files.PathOf("out", "plots", "throughput.svg")), StringComparison.Ordinal);
    }

    /// <summary>The same picture as SVG and as PNG, of twice its pixels each way; what it shows is where it stands in the SVG.</summary>
    [Fact]
    public void Plots_are_PNG_too()
    {
        Assert.SkipUnless(OperatingSystem.IsLinux(), "Skia's library comes with the program on Linux");
        using SweepFiles files = new();
        files.Sweep($"{Bandwidth}, {Memory}", "", "--plots");
        string svg = File.ReadAllText(files.PathOf("out", "plots", "throughput.svg"));
        byte[] png = File.ReadAllBytes(files.PathOf("out", "plots", "throughput.png"));
        Assert.Equal("PNG"u8.ToArray(), png[1..4]);
        int Whole(int from) => System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(png.AsSpan(from, 4));
        int Size(string name) => int.Parse(Regex.Match(svg, $" {name}=\"([0-9]+)\"").Groups[1].Value, CultureInfo.InvariantCulture);
        Assert.Equal((2 * Size("width"), 2 * Size("height")), (Whole(16), Whole(20)));
        Assert.Equal(
            Directory.GetFiles(files.PathOf("out", "plots"), "*.svg").Select(Path.GetFileNameWithoutExtension).Order(),
            Directory.GetFiles(files.PathOf("out", "plots"), "*.png").Select(Path.GetFileNameWithoutExtension).Order());

        // A sweep without plots leaves none of an earlier one.
        files.Sweep($"{Bandwidth}, {Memory}");
        Assert.Empty(Directory.GetFiles(files.PathOf("out", "plots")));
    }

    [Fact]
    public void What_the_best_is_sensitive_to_is_what_the_table_says()
    {
        using SweepFiles files = new();
        files.Sweep($"{Memory}, {Bandwidth}");
        CsvTable best = files.Result("best.csv");
        CsvTable sensitivity = files.Result("sensitivity.csv");
        string[] row = sensitivity.Rows.Single(row => row[0] == best.Field("sweep_variant")[0]);
        double[] expected = [.. sensitivity.Header.Select((name, column) => (name, column)).Where(each => each.name.StartsWith("elasticity_", StringComparison.Ordinal)).Select(each => double.Parse(row[each.column], CultureInfo.InvariantCulture))];
        double[] shown = [.. ReportPage.Load(files.PathOf("out", "report.html")).TableOf("sensitivity").Select(cells => cells[0])];
        Assert.Equal(expected.OrderByDescending(Math.Abs), shown);
    }

    [Fact]
    public void Figures_that_a_few_would_hide_are_coloured_by_rank()
    {
        using SweepFiles files = new();
        files.Sweep("""
            {"name": "gbps", "path": "system.mem1.GBps", "values": [3000, 8000, 8010, 8020, 8030, 8040, 8050, 8060, 8070, 8080, 8090, 8100]}, {"name": "gib", "path": "system.mem1.GiB", "values": [72, 73]}
            """);
        Assert.Contains("Coloured by rank", File.ReadAllText(files.PathOf("out", "report.html")), StringComparison.Ordinal);
        files.Sweep($"{Bandwidth}, {Memory}");
        Assert.DoesNotContain("Coloured by rank", File.ReadAllText(files.PathOf("out", "report.html")), StringComparison.Ordinal);
    }

    [Fact]
    public void The_lead_changes_where_the_page_says()
    {
        using SweepFiles files = new();
        FastSimProgram.Run("sweep", "-c", Repository.PathOf("examples", "expert-parallel-links.json"), "-o", files.PathOf("out"), "-q");
        CsvTable result = files.Result();
        int Column(string name) => result.Header.ToList().IndexOf(name);
        (double Link, string Experts, double Rate)[] rows =
        [
            .. result.Rows.Select(row => (
                double.Parse(row[Column("link_gbps")], CultureInfo.InvariantCulture), row[Column("decoder_ep")], double.Parse(row[Column("tokens_per_second_per_card")], CultureInfo.InvariantCulture))),
        ];
        string Leader(double link) => rows.Where(row => row.Link == link).MaxBy(row => row.Rate).Experts;
        string note = File.ReadAllText(files.PathOf("out", "report.html")).Split("id=\"lines\"")[1].Split("</figcaption>")[0];
        (double From, string Experts)[] leads = [.. Lead().Matches(note).Select(lead => (double.Parse(lead.Groups[1].Value, CultureInfo.InvariantCulture), lead.Groups[2].Value))];
        Assert.Equal(["16", "32"], leads.Select(lead => lead.Experts));
        foreach ((double from, string experts) in leads)
        {
            double[] links = [.. rows.Select(row => row.Link).Distinct().Order()];
            Assert.NotEqual(experts, Leader(links.Last(link => link < from)));
            Assert.Equal(experts, Leader(links.First(link => link > from)));
        }
    }

    [GeneratedRegex("class=\"best\"")]
    private static partial Regex Best();

    [GeneratedRegex("class=\"tick[^\"]*\">([^<]*)<")]
    private static partial Regex Ticks();

    [GeneratedRegex(@"rom ([\d.]+) on (\d+) / \d+ is the best")]
    private static partial Regex Lead();
}
