namespace FastSim.Cli.Reports;

/// <summary>
/// Lines of equal figures over a map's cells, at round numbers, named where there is room (<see cref="ContourNames"/>). They are drawn where both axes are numbers that rise or fall steadily:
/// across names nothing lies between two cells.
/// </summary>
/// <param name="view">The axes.</param>
/// <param name="scale">The map's colours.</param>
/// <param name="figure">Figure of a cell: across, up, panel; NaN for none.</param>
internal sealed class MapContours(ReportView view, ColourScale scale, Func<int, int, int, double> figure)
{
    private const int FewestSteps = 3;
    private const double Line = 1.1;
    private const double Halo = 2.8;
    private const double HaloOpacity = 0.55;

    /// <summary>Whether there are lines to draw.</summary>
    public bool Has => scale.Levels.Count > 0 && IsSteady(0) && IsSteady(1);

    /// <summary>Draws the lines of a panel.</summary>
    /// <param name="canvas">Where to.</param>
    /// <param name="panel">The panel.</param>
    /// <param name="left">Its left edge.</param>
    /// <param name="bottom">Its lower edge.</param>
    /// <param name="cellWidth">Width of a cell.</param>
    /// <param name="cellHeight">Height of a cell.</param>
    /// <param name="isNamed">Whether there is room for their numbers.</param>
    public void Draw(SvgCanvas canvas, int panel, double left, double bottom, double cellWidth, double cellHeight, bool isNamed)
    {
        double[,] figures = new double[view.Steps[0].Length, view.Steps[1].Length];
        for (int y = 0; y < figures.GetLength(1); y++)
        {
            for (int x = 0; x < figures.GetLength(0); x++)
            {
                figures[x, y] = scale.PlaceOf(figure(x, y, panel));
            }
        }

        List<(double Level, IReadOnlyList<(double X, double Y)[]> Lines)> named = [];
        foreach (double level in scale.Levels)
        {
            (double X, double Y)[][] lines =
            [
                .. ContourLines.Of(figures, scale.PlaceOf(level)).Select(line => line.Select(point => (left + ((point.X + 0.5) * cellWidth), bottom - ((point.Y + 0.5) * cellHeight))).ToArray()),
            ];
            foreach ((double X, double Y)[] line in lines)
            {
                canvas.Contour(line, "#ffffff", Halo, HaloOpacity, "halo");
                canvas.Contour(line, SvgCanvas.Ink, Line, 1, "contour");
            }

            named.Add((level, [.. lines.OrderByDescending(Length)]));
        }

        if (isNamed)
        {
            ContourNames names = new(left, bottom - (figures.GetLength(1) * cellHeight), left + (figures.GetLength(0) * cellWidth), bottom);
            foreach ((double level, IReadOnlyList<(double X, double Y)[]> lines) in named)
            {
                names.Write(canvas, Labels.Of(level), lines);
            }
        }
    }

    /// <summary>Length of a line.</summary>
    internal static double Length((double X, double Y)[] line)
    {
        double length = 0;
        for (int point = 1; point < line.Length; point++)
        {
            length += Math.Sqrt(Math.Pow(line[point].X - line[point - 1].X, 2) + Math.Pow(line[point].Y - line[point - 1].Y, 2));
        }

        return length;
    }

    private bool IsSteady(int place)
    {
        int steps = view.Steps[place].Length;
        if (!view.IsNumeric(place) || steps < FewestSteps)
        {
            return false;
        }

        int[] signs = [.. Enumerable.Range(1, steps - 1).Select(step => Math.Sign(view.PositionOf(place, step) - view.PositionOf(place, step - 1))).Distinct()];
        return signs is [not 0];
    }
}
