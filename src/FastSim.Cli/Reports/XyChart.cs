namespace FastSim.Cli.Reports;

/// <summary>A point of a chart.</summary>
/// <param name="X">Across.</param>
/// <param name="Y">Up.</param>
/// <param name="Tip">Number of its tip; null for none.</param>
/// <param name="Radius">Radius; 0 for that of its series.</param>
internal readonly record struct ChartPoint(double X, double Y, int? Tip = null, double Radius = 0);

/// <summary>Points of one name in an x-y chart.</summary>
/// <param name="Name">The name; empty for none.</param>
/// <param name="Points">The points.</param>
/// <param name="Colour">Colour.</param>
/// <param name="IsJoined">Whether a line joins them.</param>
/// <param name="Radius">Radius of a point; 0 for none.</param>
internal sealed record Series(string Name, IReadOnlyList<ChartPoint> Points, string Colour, bool IsJoined, double Radius)
{
    /// <summary>What it is, for the colours of a page; null where its own is right everywhere.</summary>
    public string? Kind { get; init; }

    /// <summary>Whether its points are stars.</summary>
    public bool IsStarred { get; init; }

    /// <summary>Whether its line is dashed.</summary>
    public bool IsDashed { get; init; }
}

/// <summary>A line across a chart: a limit, or where something stands.</summary>
/// <param name="Name">What is written at it.</param>
/// <param name="At">Where.</param>
/// <param name="IsUpright">Whether it is a place across, and not a height.</param>
internal readonly record struct ChartMark(string Name, double At, bool IsUpright);

/// <summary>A chart of points over two numbers.</summary>
/// <param name="title">What it shows.</param>
/// <param name="xName">Name of the axis across.</param>
/// <param name="yName">Name of the axis up.</param>
internal sealed class XyChart(string title, string xName, string yName)
{
    private const double Width = 640;
    private const double PlotHeight = 330;
    private const double Left = 76;
    private const double Top = 66;
    private const double Right = 24;
    private const double Bottom = 64;
    private const int MostNames = 7;
    private const double MarkRoom = 16;

    /// <summary>The points.</summary>
    public required IReadOnlyList<Series> Series { get; init; }

    /// <summary>Names of places across, where they are names and not numbers.</summary>
    public IReadOnlyDictionary<double, string>? Names { get; init; }

    /// <summary>Lines across it; those beyond its axes are left out.</summary>
    public IReadOnlyList<ChartMark> Marks { get; init; } = [];

    /// <summary>Whether both axes are logarithmic however little they span.</summary>
    public bool IsLogarithmic { get; init; }

    /// <summary>What is said where there are no points.</summary>
    public string Nothing { get; init; } = "no variant has a plan";

    /// <summary>Draws the chart; an axis whose values span much is logarithmic.</summary>
    public string Draw()
    {
        LegendEntry[] legend = [.. Series.Where(each => each.Name.Length > 0 && each.Points.Count > 0).Select(Entry)];
        SvgCanvas canvas = new(Width, Top + PlotHeight + Bottom + ChartLegend.HeightOf(legend), title);
        canvas.Title(14, 22);
        ChartPoint[] points = [.. Series.SelectMany(each => each.Points)];
        if (points.Length == 0)
        {
            canvas.Text(Left, Top + (PlotHeight / 2), Nothing);
            return canvas.ToString();
        }

        ChartScale across = Names is null
            ? ChartScale.Of([.. points.Select(point => point.X)], Left, Width - Right, IsLogarithmic)
            : ChartScale.OfNames([.. Names.Keys], Left, Width - Right);
        ChartScale up = ChartScale.Of([.. points.Select(point => point.Y)], Top + PlotHeight, Top, IsLogarithmic);
        DrawAxes(canvas, across, up);
        foreach (Series each in Series)
        {
            DrawSeries(canvas, each, across, up);
        }

        DrawMarks(canvas, across, up);
        ChartLegend.Draw(canvas, Left, Top + PlotHeight + Bottom - 6, Width - Left - Right, legend);
        return canvas.ToString();
    }

    private void DrawAxes(SvgCanvas canvas, ChartScale across, ChartScale up)
    {
        int number = 0;
        foreach (double tick in Names is null ? across.Ticks : Labels.Spread(Names.Count, MostNames).Select(step => Names.Keys.Order().ElementAt(step)))
        {
            canvas.GridLine(across.At(tick), Top, across.At(tick), Top + PlotHeight);
            canvas.Tick(across.At(tick), Top + PlotHeight + 17, Names is null ? Labels.Of(tick) : Names[tick], TextAnchor.Middle, number++);
        }

        foreach (double tick in up.Ticks)
        {
            canvas.GridLine(Left, up.At(tick), Width - Right, up.At(tick));
            canvas.Tick(Left - 6, up.At(tick) + 4, Labels.Of(tick), TextAnchor.End, 0);
        }

        canvas.AxisName(14, Top - 14, yName + up.Note);
        canvas.AxisName((Left + Width - Right) / 2, Top + PlotHeight + 42, xName + across.Note, TextAnchor.Middle);
    }

    private static void DrawSeries(SvgCanvas canvas, Series each, ChartScale across, ChartScale up)
    {
        if (each.IsJoined)
        {
            canvas.Path(each.Points.Select(point => (across.At(point.X), up.At(point.Y))), each.Colour, each.IsDashed, each.Kind);
        }

        foreach (ChartPoint point in each.Points.Where(point => each.Radius > 0 || point.Radius > 0))
        {
            double radius = point.Radius > 0 ? point.Radius : each.Radius;
            if (each.IsStarred)
            {
                canvas.Star(across.At(point.X), up.At(point.Y), radius, each.Colour, point.Tip, each.Kind);
            }
            else
            {
                canvas.Circle(across.At(point.X), up.At(point.Y), radius, each.Colour, point.Tip, each.Kind);
            }
        }
    }

    private void DrawMarks(SvgCanvas canvas, ChartScale across, ChartScale up)
    {
        int uprights = 0;
        foreach (ChartMark mark in Marks)
        {
            ChartScale scale = mark.IsUpright ? across : up;
            double at = scale.At(mark.At);
            if (!(at >= Math.Min(scale.From, scale.To) - 0.5 && at <= Math.Max(scale.From, scale.To) + 0.5))
            {
                continue;
            }

            if (mark.IsUpright)
            {
                // Texts of several lines stand below one another, on the side that has room.
                bool isRight = at > (Left + Width - Right) / 2;
                canvas.Path([(at, Top), (at, Top + PlotHeight)], SvgCanvas.Ink, isDashed: true, "mark");
                canvas.Text(
                    at + (isRight ? -5 : 5), Top + PlotHeight - 8 - (uprights * MarkRoom * 1.4), mark.Name, isRight ? TextAnchor.End : TextAnchor.Start, SvgCanvas.TickSize, kind: "mark");
                uprights++;
            }
            else
            {
                canvas.Path([(Left, at), (Width - Right, at)], SvgCanvas.Ink, isDashed: true, "mark");
                canvas.Text(Left + 5, at < Top + MarkRoom ? at + MarkRoom : at - 5, mark.Name, size: SvgCanvas.TickSize, kind: "mark");
            }
        }
    }

    private static LegendEntry Entry(Series each) =>
        each.IsStarred ? LegendEntry.Star(each.Name, each.Colour) : LegendEntry.Dot(each.Name, each.Colour, each.Kind);
}
