namespace FastSim.Cli.Reports;

/// <summary>What a colour or mark of a chart stands for.</summary>
/// <param name="Name">The name.</param>
/// <param name="Draw">Draws the mark in the square of a side that begins at a point.</param>
internal readonly record struct LegendEntry(string Name, Action<SvgCanvas, double, double, double> Draw)
{
    /// <summary>A coloured square.</summary>
    public static LegendEntry Square(string name, string colour, string? kind = null) =>
        new(name, (canvas, x, y, side) => canvas.Rectangle(x, y, side, side, colour, kind: kind));

    /// <summary>A coloured dot.</summary>
    public static LegendEntry Dot(string name, string colour, string? kind = null) =>
        new(name, (canvas, x, y, side) => canvas.Circle(x + (side / 2), y + (side / 2), side / 2.6, colour, kind: kind));

    /// <summary>A star.</summary>
    public static LegendEntry Star(string name, string colour) =>
        new(name, (canvas, x, y, side) => canvas.Star(x + (side / 2), y + (side / 2), side / 1.8, colour, kind: "best"));
}

/// <summary>A chart's legend, below it: in two columns where the names are short, so that it stays readable when the chart is scaled down.</summary>
internal static class ChartLegend
{
    private const double LineHeight = 22;
    private const double Side = 13;
    private const double TextOffset = 22;
    private const int LongestOfColumn = 22;

    /// <summary>Height of a legend.</summary>
    public static double HeightOf(IReadOnlyCollection<LegendEntry> entries) => LinesOf(entries) * LineHeight;

    /// <summary>Draws a legend.</summary>
    /// <param name="canvas">Where.</param>
    /// <param name="left">Its left edge.</param>
    /// <param name="top">Its top.</param>
    /// <param name="width">Its width.</param>
    /// <param name="entries">What it says.</param>
    public static void Draw(SvgCanvas canvas, double left, double top, double width, IReadOnlyList<LegendEntry> entries)
    {
        int lines = LinesOf(entries);
        for (int entry = 0; entry < entries.Count; entry++)
        {
            double x = left + (entry / lines * width / 2);
            double y = top + (entry % lines * LineHeight);
            entries[entry].Draw(canvas, x, y + 2, Side);
            canvas.Text(x + TextOffset, y + Side, TextRoom.Fit(entries[entry].Name, SvgCanvas.TextSize, (entries.Count > lines ? width / 2 : width) - TextOffset));
        }
    }

    private static int LinesOf(IReadOnlyCollection<LegendEntry> entries) =>
        entries.All(entry => entry.Name.Length <= LongestOfColumn) ? (entries.Count + 1) / 2 : entries.Count;
}
