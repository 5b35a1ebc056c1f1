namespace FastSim.Cli.Reports;

/// <summary>What something does to a figure: changes to either side of zero.</summary>
/// <param name="Name">What changes.</param>
/// <param name="Changes">The figure's changes, one a series; NaN where there is none to draw.</param>
/// <param name="Tip">Number of its tip; null for none.</param>
internal sealed record Effect(string Name, IReadOnlyList<double> Changes, int? Tip);

/// <summary>Effects as bars to either side of zero, their names above them.</summary>
internal static class EffectBars
{
    private const double Width = 640;
    private const double Left = 30;
    private const double Right = 40;
    private const double Top = 40;
    private const double Bottom = 66;
    private const double BarTop = 24;
    private const double BarHeight = 14;
    private const double RowSpare = 10;

    /// <summary>Draws the effects.</summary>
    /// <param name="title">What they show.</param>
    /// <param name="xName">Name of the axis.</param>
    /// <param name="series">Names and colours of the changes of each.</param>
    /// <param name="effects">The effects.</param>
    /// <param name="missing">What is written where a change is none.</param>
    public static string Draw(
        string title, string xName, IReadOnlyList<(string Name, string Colour)> series, IReadOnlyList<Effect> effects, string missing)
    {
        LegendEntry[] legend = series.Count == 1 ? [] : [.. series.Select(each => LegendEntry.Square(each.Name, each.Colour))];
        double rowHeight = BarTop + (series.Count * (BarHeight + 2)) + RowSpare;
        double bottom = Top + (effects.Count * rowHeight);
        SvgCanvas canvas = new(Width, bottom + Bottom + ChartLegend.HeightOf(legend), title);
        canvas.Title(14, 22);
        double[] known = [0, .. effects.SelectMany(effect => effect.Changes).Where(double.IsFinite)];
        (double least, double most) = (known.Min(), known.Max());
        ChartScale scale = least == most ? new(-1, 1, Left, Width - Right, false) : new(least, most, Left, Width - Right, false);
        int number = 0;
        foreach (double tick in scale.Ticks)
        {
            for (int row = 0; row < effects.Count; row++)
            {
                // Names stand between the lines, not on them.
                double end = Top + ((row + 1) * rowHeight);
                canvas.GridLine(scale.At(tick), end - rowHeight + BarTop - 2, scale.At(tick), row + 1 == effects.Count ? end : end - RowSpare + 2);
            }

            canvas.Tick(scale.At(tick), bottom + 17, Labels.Of(tick), TextAnchor.Middle, number++);
        }

        for (int row = 0; row < effects.Count; row++)
        {
            double top = Top + (row * rowHeight);
            canvas.Text(14, top + BarTop - 5, TextRoom.Fit(effects[row].Name, SvgCanvas.TextSize, Width - (2 * 14)));
            double end = top + BarTop + (series.Count * (BarHeight + 2));
            canvas.Line(scale.At(0), top + BarTop - 2, scale.At(0), end, SvgCanvas.Ink, kind: "axis");
            for (int bar = 0; bar < series.Count; bar++)
            {
                DrawBar(canvas, scale, effects[row], bar, top + BarTop + (bar * (BarHeight + 2)), series[bar].Colour, missing);
            }
        }

        canvas.AxisName((Left + Width - Right) / 2, bottom + 40, xName, TextAnchor.Middle);
        ChartLegend.Draw(canvas, Left, bottom + Bottom - 6, Width - Left - Right, legend);
        return canvas.ToString();
    }

    private static void DrawBar(SvgCanvas canvas, ChartScale scale, Effect effect, int bar, double top, string colour, string missing)
    {
        double change = effect.Changes[bar];
        if (!double.IsFinite(change))
        {
            canvas.Text(scale.At(0) + 5, top + BarHeight - 3, missing, size: SvgCanvas.TickSize);
            return;
        }

        // A change of nothing shows as a hair, so that a pointer finds it.
        const double Hair = 1.5;
        double from = Math.Min(scale.At(0), scale.At(change));
        canvas.Rectangle(from, top, Math.Max(Hair, Math.Abs(scale.At(change) - scale.At(0))), BarHeight, colour, effect.Tip);
    }
}
