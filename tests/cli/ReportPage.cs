using System.Globalization;
using System.Net;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace FastSim.Cli.Tests;

/// <summary>A report as a program reads it: its tables with the numbers behind their cells, its tips, its texts.</summary>
public sealed partial class ReportPage
{
    private readonly string html;

    private ReportPage(string html) => this.html = html;

    /// <summary>The page.</summary>
    public string Html => html;

    /// <summary>What marks say.</summary>
    public string[] Tips => JsonSerializer.Deserialize<string[]>(Between("<script type=\"application/json\" id=\"tips\">", "</script>"))!;

    /// <summary>Figures that stand out.</summary>
    public double[] Tiles => Numbers(Between("<ul class=\"tiles\">", "</ul>"));

    public static ReportPage Load(string path) => new(File.ReadAllText(path));

    /// <summary>Text of an element by its name.</summary>
    public string TextOf(string id) => WebUtility.HtmlDecode(Between($"id=\"{id}\">", "</pre>"));

    /// <summary>Numbers behind the cells of a table, row by row; <paramref name="id"/> is its own or its picture's.</summary>
    public double[][] TableOf(string id)
    {
        string from = html[html.IndexOf($" id=\"{id}\"", StringComparison.Ordinal)..];
        return [.. Row().Matches(from[..from.IndexOf("</table>", StringComparison.Ordinal)]).Skip(1).Select(row => Numbers(row.Value))];
    }

    /// <summary>The pictures.</summary>
    public string[] Pictures => [.. Picture().Matches(html).Select(match => match.Groups[1].Value)];

    private static double[] Numbers(string part) => [.. Data().Matches(part).Select(match => double.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture))];

    private string Between(string start, string end)
    {
        int from = html.IndexOf(start, StringComparison.Ordinal) + start.Length;
        return html[from..html.IndexOf(end, from, StringComparison.Ordinal)];
    }

    [GeneratedRegex("<data value=\"([^\"]*)\">")]
    private static partial Regex Data();

    [GeneratedRegex("<tr.*?</tr>")]
    private static partial Regex Row();

    [GeneratedRegex("<figure id=\"([^\"]*)\">")]
    private static partial Regex Picture();
}
