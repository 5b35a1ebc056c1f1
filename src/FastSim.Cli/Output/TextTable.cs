using System.Text;

namespace FastSim.Cli.Output;

/// <summary>A column of a <see cref="TextTable"/>.</summary>
/// <param name="Name">Its header.</param>
/// <param name="IsNumber">Whether its cells stand on the right.</param>
internal readonly record struct TextColumn(string Name, bool IsNumber = false);

/// <summary>
/// A table for people that fits 80 columns. Where all columns stand side by side they do; else, where the first alone is too wide, its
/// longer cells take a line of their own; else columns are stacked: each row takes as many lines as it needs, indented below its first cell.
/// </summary>
internal sealed class TextTable
{
    private const string Gap = "  ";
    private const int LeastFirst = 12;
    private const int MostIndent = 6;

    private readonly TextColumn[] columns;
    private readonly List<string[]> rows = [];

    /// <summary>An empty table.</summary>
    public TextTable(params ReadOnlySpan<TextColumn> columns) => this.columns = columns.ToArray();

    /// <summary>Adds a row, a cell a column.</summary>
    public void Add(params ReadOnlySpan<string> cells) => rows.Add(cells.ToArray());

    /// <summary>Lines of the header and of the rows; none ends in a blank.</summary>
    public (IReadOnlyList<string> Head, IReadOnlyList<string> Body) Lines()
    {
        int[] widths = [.. columns.Select((column, place) => Math.Max(column.Name.Length, rows.Select(row => row[place].Length).DefaultIfEmpty().Max()))];
        int rest = widths.Skip(1).Sum(width => width + Gap.Length);
        if (widths[0] + rest <= TextLines.Width || TextLines.Width - rest >= LeastFirst)
        {
            widths[0] = Math.Min(widths[0], TextLines.Width - rest);
            return (Hung(Header(), widths), [.. rows.SelectMany(row => Hung(row, widths))]);
        }

        int indent = Math.Min(widths[0], MostIndent) + Gap.Length;
        int[][] groups = Groups(widths, indent);
        return (Stacked(Header(), widths, groups, indent), [.. rows.SelectMany(row => Stacked(row, widths, groups, indent))]);
    }

    private string[] Header() => Array.ConvertAll(columns, column => column.Name);

    /// <summary>A row on a line; a first cell wider than its column goes before it.</summary>
    private List<string> Hung(string[] cells, int[] widths)
    {
        List<string> lines = [];
        string first = cells[0];
        if (first.Length > widths[0])
        {
            lines.AddRange(TextLines.Of(first, TextLines.Width));
            first = "";
        }

        lines.Add(Line([first, .. cells[1..]], widths, [.. Enumerable.Range(0, cells.Length)]));
        return lines;
    }

    /// <summary>Columns that stand side by side: as many to a line as fit, in order.</summary>
    private static int[][] Groups(int[] widths, int indent)
    {
        List<List<int>> groups = [[]];
        int used = 0;
        for (int place = 0; place < widths.Length; place++)
        {
            int most = TextLines.Width - (groups.Count > 1 ? indent : 0);
            int width = Math.Min(widths[place], most);
            if (groups[^1].Count > 0 && used + Gap.Length + width > most)
            {
                groups.Add([]);
                used = 0;
                width = Math.Min(widths[place], TextLines.Width - indent);
            }

            used += (groups[^1].Count > 0 ? Gap.Length : 0) + width;
            groups[^1].Add(place);
            widths[place] = width;
        }

        return [.. groups.Select(group => group.ToArray())];
    }

    private List<string> Stacked(string[] cells, int[] widths, int[][] groups, int indent)
    {
        List<string> lines = [];
        foreach (int[] group in groups)
        {
            string before = lines.Count > 0 ? new string(' ', indent) : "";
            IReadOnlyList<string>[] broken = [.. group.Select(place => TextLines.Of(cells[place], widths[place]))];
            for (int part = 0; part < broken.Max(each => each.Count); part++)
            {
                int line = part;
                string[] own = new string[cells.Length];
                for (int index = 0; index < group.Length; index++)
                {
                    own[group[index]] = line < broken[index].Count ? broken[index][line] : "";
                }

                lines.Add((before + Line(own, widths, group)).TrimEnd());
            }
        }

        // A job without a plan has no figures to show, and no lines for them.
        lines.RemoveAll(line => line.Length == 0);
        return lines;
    }

    private string Line(string[] cells, int[] widths, int[] places)
    {
        StringBuilder line = new();
        foreach (int place in places)
        {
            line.Append(line.Length > 0 || place != places[0] ? Gap : "");
            line.Append(columns[place].IsNumber ? cells[place].PadLeft(widths[place]) : cells[place].PadRight(widths[place]));
        }

        return line.ToString().TrimEnd();
    }
}
