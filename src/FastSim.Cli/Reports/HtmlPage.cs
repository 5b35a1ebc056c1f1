using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace FastSim.Cli.Reports;

/// <summary>One page that needs nothing but itself. All text is escaped: names of models, chips and axes may hold anything.</summary>
/// <param name="title">What it is about.</param>
internal sealed class HtmlPage(string title)
{
    private readonly StringBuilder body = new();

    /// <summary>A paragraph.</summary>
    /// <param name="text">Its text.</param>
    /// <param name="kind">Its kind; null for an ordinary one.</param>
    public void Paragraph(string text, string? kind = null) => Add($"<p{Class(kind)}>{Escaped(text)}</p>\n");

    /// <summary>A heading.</summary>
    public void Heading(string text) => Add($"<h2>{Escaped(text)}</h2>\n");

    /// <summary>A paragraph that leads to another page.</summary>
    /// <param name="address">The page, relative to this one.</param>
    /// <param name="text">What it is.</param>
    /// <param name="rest">What is said of it.</param>
    public void Link(string address, string text, string rest) =>
        Add($"<p><a href=\"{Escaped(Uri.EscapeDataString(address))}\">{Escaped(text)}</a> {Escaped(rest)}</p>\n");

    /// <summary>Figures that matter most, large.</summary>
    /// <param name="tiles">Each figure and what it is.</param>
    public void Tiles(IEnumerable<(PageCell Figure, string Unit)> tiles) =>
        Add($"<ul class=\"tiles\">\n{string.Concat(tiles.Select(tile => $"<li><b>{Written(tile.Figure)}</b><span>{Escaped(tile.Unit)}</span></li>\n"))}</ul>\n");

    /// <summary>Facts, a line each.</summary>
    public void Facts(IEnumerable<(string Name, string Said)> facts) => Add(
        $"<div class=\"wide facts\"><table>\n{string.Concat(facts.Select(fact => $"<tr><th scope=\"row\">{Escaped(fact.Name)}</th><td>{Escaped(fact.Said)}</td></tr>\n"))}</table></div>\n");

    /// <summary>A table.</summary>
    /// <param name="table">The table.</param>
    /// <param name="id">Its name in links; null for none.</param>
    public void Table(PageTable table, string? id = null)
    {
        Add($"<div class=\"wide\" tabindex=\"0\"><table{(id is null ? "" : $" id=\"{Escaped(id)}\"")}{Class(table.IsStacked ? "stacked" : null)}>\n<caption>{Escaped(table.Caption)}</caption>\n");
        Add($"<tr>{string.Concat(table.Header.Select(name => $"<th scope=\"col\">{Escaped(name)}</th>"))}</tr>\n");
        for (int row = 0; row < table.Rows.Count; row++)
        {
            Add($"<tr{Class(row == table.Best ? "best" : null)}>{string.Concat(table.Rows[row].Select(cell => $"<td{Class(cell.Value is null ? null : "number")}>{Written(cell)}</td>"))}</tr>\n");
        }

        Add("</table></div>\n");
    }

    /// <summary>Pictures, as many beside each other as there is room for.</summary>
    public void Plots(IEnumerable<Plot> plots)
    {
        Add("<div class=\"figures\">\n");
        foreach (Plot plot in plots)
        {
            string note = plot.Note.Length > 0 ? $"<span>{Escaped(plot.Note)}</span>" : "";
            Add($"<figure id=\"{Escaped(plot.Name)}\">\n<figcaption><b>{Escaped(plot.Title)}</b>{note}</figcaption>\n{plot.Svg}<details><summary>The same as a table</summary>\n");
            Table(plot.Table);
            Add("</details>\n</figure>\n");
        }

        Add("</div>\n");
    }

    /// <summary>A text as it stands in a file, behind a line that opens it.</summary>
    /// <param name="summary">The line.</param>
    /// <param name="text">The text.</param>
    /// <param name="id">Its name in links.</param>
    public void Verbatim(string summary, string text, string id) =>
        Add($"<details class=\"said\"><summary>{Escaped(summary)}</summary>\n<pre id=\"{Escaped(id)}\">{Escaped(text)}</pre></details>\n");

    /// <summary>Writes the page.</summary>
    /// <param name="writer">Where.</param>
    /// <param name="tips">What its marks say.</param>
    public void Write(TextWriter writer, string[] tips)
    {
        writer.Write("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        writer.Write($"<title>{Escaped(title)}</title>\n<style>\n{PageStyle.Text}\n</style>\n</head>\n<body>\n<main>\n<h1>{Escaped(title)}</h1>\n");
        writer.Write(body);
        writer.Write("<p class=\"soft hint\" id=\"keys\">Point at a mark, or tap it, for what is behind it; by keyboard, tab to a picture, then go from mark to mark with the arrow keys.</p>\n");
        writer.Write("</main>\n<div id=\"tip\" role=\"status\" aria-live=\"polite\"></div>\n");
        writer.Write($"<script type=\"application/json\" id=\"tips\">{JsonSerializer.Serialize(tips, ReportJson.Default.StringArray)}</script>\n");
        writer.Write($"<script>\n{PageScript.Text}\n</script>\n</body>\n</html>\n");
    }

    private static string Written(PageCell cell) => cell.Value is { } value
        ? string.Create(CultureInfo.InvariantCulture, $"<data value=\"{value:R}\">{Escaped(cell.Text)}</data>")
        : Escaped(cell.Text);

    private static string Class(string? kind) => kind is null ? "" : $" class=\"{kind}\"";

    private static string Escaped(string text) => WebUtility.HtmlEncode(text);

    private void Add(string html) => body.Append(html);
}

/// <summary>Writes what the page's script reads, without reflection.</summary>
[System.Text.Json.Serialization.JsonSerializable(typeof(string[]))]
internal sealed partial class ReportJson : System.Text.Json.Serialization.JsonSerializerContext;
