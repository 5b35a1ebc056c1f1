using System.Globalization;
using System.Net;
using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Cli.Tests;

/// <summary>Texts of pictures lie inside them, and none on another, by the widths of DejaVu Sans, about: 0.62 of their size a letter, bold ones 0.64.</summary>
public sealed partial class PictureGeometryTests
{
    private const string Memory = """{"name": "gib", "path": "system.mem1.GiB", "values": [36, 50, 72, 90, 110, 144]}""";
    private const string Bandwidth = """{"name": "gbps", "path": "system.mem1.GBps", "geometric": [500, 16000, 12]}""";

    [Theory]
    [InlineData("gib")]
    [InlineData("a_name_of_an_axis_that_nobody_would_write_on_a_blackboard_but_a_script_may_very_well_write_on_one_for_all_that")]
    public void Texts_are_inside_and_apart(string name)
    {
        using SweepFiles files = new();
        string memory = Memory.Replace("\"gib\"", $"\"{name}\"", StringComparison.Ordinal);
        FastSimProgram.Outcome outcome = files.Sweep($"{Bandwidth}, {memory}", "", "--plots");
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        string[] pictures = Directory.GetFiles(files.PathOf("out", "plots"), "*.svg");
        Assert.NotEmpty(pictures);
        Assert.All(pictures, Check);
    }

    /// <summary>Its titles have 93 letters; they stand on two lines, whole.</summary>
    [Fact]
    public void A_long_title_stands_on_two_lines()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, FastSimProgram.Run("sweep", "-c", Repository.PathOf("examples", "torus-or-switch.json"), "-o", folder.PathOf("out"), "--plots", "-q").ExitCode);
        string lines = folder.PathOf("out", "plots", "lines_job0.svg");
        string[] title = [.. TextsOf(File.ReadAllText(lines)).Where(text => text.Kind == "title").Select(text => text.Words)];
        Assert.Equal(2, title.Length);
        Assert.Equal("Which runtime.d_moe_parallel_config[0][0] / [2] wins from where, job 0: deepseek-v3-mla-absorb", string.Join(' ', title));
        Assert.All(Directory.GetFiles(folder.PathOf("out", "plots"), "*.svg"), Check);
    }

    /// <summary>Lines crowd where the rate is low, and each has room for its name somewhere along it: the names are the numbers at the scale of colours.</summary>
    [Fact]
    public void Each_level_is_named_once()
    {
        using TemporaryFolder folder = new();
        Assert.Equal(0, FastSimProgram.Run("sweep", "-c", Repository.PathOf("examples", "float4-turning-point.json"), "-o", folder.PathOf("out"), "--plots", "-q").ExitCode);
        Text[] texts = [.. TextsOf(File.ReadAllText(folder.PathOf("out", "plots", "throughput.svg")))];
        Text[] ticks = [.. texts.Where(text => text.Kind.StartsWith("tick", StringComparison.Ordinal))];
        string[] levels = [.. ticks.Where(tick => tick.Top == ticks.Max(other => other.Top)).Select(tick => tick.Words)];
        Assert.True(levels.Length > 4, string.Join(' ', levels));
        Assert.Equal(levels, texts.Where(text => text.Kind.StartsWith("contour", StringComparison.Ordinal)).Select(text => text.Words));
    }

    private static void Check(string file)
    {
        string svg = File.ReadAllText(file);
        Match box = ViewBox().Match(svg);
        (double wide, double tall) = (Number(box, 1), Number(box, 2));
        Text[] texts = [.. TextsOf(svg)];
        Assert.NotEmpty(texts);
        Assert.All(texts, text => Assert.True(
            text.Left >= 0 && text.Right <= wide && text.Top >= 0 && text.Bottom <= tall, $"{Path.GetFileName(file)}: \"{text.Words}\" from {text.Left} to {text.Right} of {wide}"));
        foreach ((Text one, int place) in texts.Select((text, place) => (text, place)))
        {
            Assert.All(texts.Skip(place + 1), other => Assert.True(
                one.Right <= other.Left || other.Right <= one.Left || one.Bottom <= other.Top || other.Bottom <= one.Top, $"{Path.GetFileName(file)}: \"{one.Words}\" lies on \"{other.Words}\""));
        }
    }

    private static IEnumerable<Text> TextsOf(string svg)
    {
        foreach (Match match in Written().Matches(svg))
        {
            string words = WebUtility.HtmlDecode(match.Groups["words"].Value);
            double size = Number(match, "size");
            double wide = words.Length * size * (match.Value.Contains("font-weight", StringComparison.Ordinal) ? 0.64 : 0.62);
            double left = Number(match, "x") - (match.Groups["anchor"].Value switch
            {
                "middle" => wide / 2,
                "end" => wide,
                _ => 0,
            });

            // Letters reach about three quarters of their size above the base line, and a fifth below.
            yield return new Text(words, match.Groups["kind"].Value, left, left + wide, Number(match, "y") - (0.75 * size), Number(match, "y") + (0.2 * size));
        }
    }

    private static double Number(Match match, string group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    private static double Number(Match match, int group) => double.Parse(match.Groups[group].Value, CultureInfo.InvariantCulture);

    [GeneratedRegex("viewBox=\"0 0 ([0-9.]+) ([0-9.]+)\"")]
    private static partial Regex ViewBox();

    [GeneratedRegex("<text x=\"(?<x>[^\"]*)\" y=\"(?<y>[^\"]*)\" text-anchor=\"(?<anchor>[^\"]*)\" font-size=\"(?<size>[^\"]*)\"[^>]*?(class=\"(?<kind>[^\"]*)\")?>(?<words>[^<]*)</text>")]
    private static partial Regex Written();

    private sealed record Text(string Words, string Kind, double Left, double Right, double Top, double Bottom);
}
