using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using FastSim.Tests;

namespace FastSim.Golden.Tests;

/// <summary>Figures that others published, as docs/published.md lists them: the program, asked by the file of a row, says what the page says it does, within the row's band.</summary>
public sealed partial class PublishedFigureTests
{
    private const int PublishedCell = 3;
    private const int SaidCell = 4;
    private const int BandCell = 5;
    private const int AskedCell = 6;
    private const int Cells = 8;

    /// <summary>The page rounds to three digits or more.</summary>
    private const double Rounding = 0.005;

    /// <summary>A row of the page.</summary>
    /// <param name="Line">Its line, from 1.</param>
    /// <param name="Published">What was published.</param>
    /// <param name="Unit">Of what: <c>ms</c>, <c>tokens/s a card</c>, <c>sequences</c>, <c>µs dispatch</c>, <c>µs combine</c>.</param>
    /// <param name="Said">What the page says that FastSim says.</param>
    /// <param name="Least">The least that this may be of the published figure, less 1.</param>
    /// <param name="Most">The most.</param>
    /// <param name="Variant">Of a sweep: columns and their values.</param>
    private sealed record Row(int Line, double Published, string Unit, double Said, double Least, double Most, IReadOnlyList<(string Column, double Value)> Variant);

    /// <summary>What the program is asked: a file and the options after it.</summary>
    public static TheoryData<string> Questions { get; } = [.. RowsByQuestion().Select(rows => rows.Key)];

    [Fact]
    public void Every_file_is_asked_by_a_row()
    {
        string[] asked = [.. RowsByQuestion().Select(rows => rows.Key.Split(' ')[0])];
        string[] sweeps = [.. asked.Where(file => !file.EndsWith(".runtime.json", StringComparison.Ordinal)).Select(file => file.Replace(".json", ".runtime.json", StringComparison.Ordinal))];
        IEnumerable<string?> files = Directory.EnumerateFiles(Repository.PathOf("examples", "published"), "*.json").Select(Path.GetFileName);
        Assert.Equal(files.Order(StringComparer.Ordinal), asked.Concat(sweeps).Distinct().Order(StringComparer.Ordinal));
    }

    [Theory]
    [MemberData(nameof(Questions))]
    public void A_published_figure_is_met_as_the_page_says(string question)
    {
        using TemporaryFolder folder = new();
        string[] words = question.Split(' ');
        bool isSweep = !words[0].EndsWith(".runtime.json", StringComparison.Ordinal);
        string output = folder.PathOf("out");
        FastSimProgram.Outcome outcome = FastSimProgram.Run(
            [isSweep ? "sweep" : "run", "-q", "-c", Repository.PathOf("examples", "published", words[0]), "-o", output, "--json", .. words[1..]]);
        Assert.True(outcome.ExitCode == 0, outcome.Error);
        foreach (Row row in RowsByQuestion()[question])
        {
            double found = isSweep ? OfSweep(output, row) : OfRun(outcome.Output, output, row);
            string told = string.Create(CultureInfo.InvariantCulture, $"docs/published.md, line {row.Line}: FastSim says {found:G5}, {(found / row.Published) - 1:P1} off");
            Assert.True(Math.Abs((found / row.Said) - 1) <= Rounding, told);
            Assert.True((found / row.Published) - 1 >= row.Least && (found / row.Published) - 1 <= row.Most, told);
        }
    }

    private static double OfRun(string json, string output, Row row)
    {
        if (row.Unit.StartsWith("µs ", StringComparison.Ordinal))
        {
            CsvTable details = CsvTable.Load(Directory.EnumerateFiles(Path.Combine(output, "op_details")).Single());
            int name = details.Header.ToList().IndexOf("name");
            int time = details.Header.ToList().IndexOf("process_time");
            string seconds = details.Rows.Single(launch => launch[name] == "expert_" + row.Unit[3..])[time];
            return double.Parse(seconds, CultureInfo.InvariantCulture) * 1e6;
        }

        using JsonDocument document = JsonDocument.Parse(json);
        JsonElement job = document.RootElement.GetProperty("modes")[0].GetProperty("jobs")[0];
        JsonElement phase = job.TryGetProperty("decode", out JsonElement decode) ? decode : job.GetProperty("prefill");
        return phase.GetProperty(row.Unit == "ms" ? "latencyMilliseconds" : "tokensPerSecondPerCard").GetDouble();
    }

    private static double OfSweep(string output, Row row)
    {
        CsvTable table = CsvTable.Load(Path.Combine(output, "sweep_result.csv"));
        List<string> header = [.. table.Header];
        double Number(string[] cells, string column) => double.Parse(cells[header.IndexOf(column)], CultureInfo.InvariantCulture);
        string[] found = table.Rows.Single(cells => row.Variant.All(place => Number(cells, place.Column) == place.Value));
        string latency = found[header.IndexOf("tpot_ms")].Length > 0 ? "tpot_ms" : "ttft_ms";
        return Number(found, row.Unit switch { "ms" => latency, "sequences" => "decoder_microbatch", _ => "tokens_per_second_per_card" });
    }

    private static ILookup<string, Row> RowsByQuestion()
    {
        List<(string Question, Row Row)> rows = [];
        int line = 0;
        foreach (string text in File.ReadLines(Repository.PathOf("docs", "published.md")))
        {
            line++;
            string[] cells = Array.ConvertAll(text.Split('|'), cell => cell.Trim());
            if (cells.Length != Cells || !cells[AskedCell].StartsWith('`'))
            {
                continue;
            }

            string[] asked = cells[AskedCell].Trim('`').Split(": ");
            string[] published = cells[PublishedCell].Split(' ', 2);
            (double least, double most) = Band(cells[BandCell]);
            (string, double)[] variant = asked.Length == 1 ? [] : Array.ConvertAll(asked[1].Split(", "), place => (place.Split(' ')[0], Number(place.Split(' ')[1])));
            rows.Add((asked[0], new Row(line, Number(published[0]), published[1], Number(cells[SaidCell]), least, most, variant)));
        }

        return rows.ToLookup(row => row.Question, row => row.Row);
    }

    private static (double Least, double Most) Band(string cell)
    {
        double[] percents = [.. Percent().Matches(cell).Select(match => Number(match.Value) / 100)];
        return cell.StartsWith('±') ? (-percents[0], percents[0]) : (percents[0], percents[1]);
    }

    private static double Number(string text) => double.Parse(text, NumberStyles.Float | NumberStyles.AllowThousands, CultureInfo.InvariantCulture);

    [GeneratedRegex(@"-?\d+")]
    private static partial Regex Percent();
}
