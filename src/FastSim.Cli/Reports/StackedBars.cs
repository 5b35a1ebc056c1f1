namespace FastSim.Cli.Reports;

/// <summary>A piece of a bar.</summary>
/// <param name="Size">Its length, in the axis's unit.</param>
/// <param name="Colour">Its colour.</param>
/// <param name="Tip">Number of its tip; null for none.</param>
/// <param name="Name">What is written on it where there is room.</param>
/// <param name="Kind">What it is, for the colours of a page.</param>
internal readonly record struct BarPiece(double Size, string Colour, int? Tip, string Name = "", string? Kind = null);

/// <summary>A bar.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Start">Where it starts.</param>
/// <param name="Pieces">Its pieces, from there on.</param>
internal sealed record StackedBar(string Name, double Start, IReadOnlyList<BarPiece> Pieces);

/// <summary>Bars of pieces along one axis, their names above them.</summary>
internal static class StackedBars
{
    private const double Width = 640;
    private const double Left = 14;
    private const double Right = 24;
    private const double Top = 40;
    private const double Bottom = 66;
    private const double RowHeight = 62;
    private const double BarTop = 28;
    private const double BarHeight = 26;
    private const double LetterWidth = 6.6;
    private const double NameMargin = 8;

    /// <summary>Draws the bars.</summary>
    /// <param name="title">What they show.</param>
    /// <param name="xName">Name of the axis.</param>
    /// <param name="bars">The bars.</param>
    /// <param name="legend">What colours mean.</param>
    /// <param name="marks">Lines across all bars.</param>
    public static string Draw(string title, string xName, IReadOnlyList<StackedBar> bars, IReadOnlyList<LegendEntry> legend, params ReadOnlySpan<ChartMark> marks)
    {
        double bottom = Top + (bars.Count * RowHeight) + 6;
        SvgCanvas canvas = new(Width, bottom + Bottom + ChartLegend.HeightOf(legend), title);
        canvas.Title(Left, 22);
        double most = bars.Max(bar => bar.Start + bar.Pieces.Sum(piece => piece.Size));
        foreach (ChartMark mark in marks)
        {
            most = Math.Max(most, mark.At);
        }

        ChartScale scale = new(0, most > 0 ? most : 1, Left, Width - Right, IsLogarithmic: false);
        int number = 0;
        foreach (double tick in scale.Ticks)
        {
            for (int row = 0; row < bars.Count; row++)
            {
                // Names stand between the lines, not on them.
                double top = Top + (row * RowHeight) + BarTop;
                canvas.GridLine(scale.At(tick), top - 2, scale.At(tick), row + 1 == bars.Count ? bottom : top + BarHeight + 2);
            }

            canvas.Tick(scale.At(tick), bottom + 17, Labels.Of(tick), number == 0 ? TextAnchor.Start : TextAnchor.Middle, number++);
        }

        for (int row = 0; row < bars.Count; row++)
        {
            DrawBar(canvas, scale, bars[row], Top + (row * RowHeight));
        }

        foreach (ChartMark mark in marks)
        {
            canvas.Path([(scale.At(mark.At), Top), (scale.At(mark.At), bottom)], SvgCanvas.Ink, isDashed: true, "mark");
        }

        canvas.AxisName((Left + Width - Right) / 2, bottom + 40, xName, TextAnchor.Middle);
        ChartLegend.Draw(canvas, Left, bottom + Bottom - 6, Width - Left - Right, legend);
        return canvas.ToString();
    }

    private static void DrawBar(SvgCanvas canvas, ChartScale scale, StackedBar bar, double top)
    {
        canvas.Text(Left, top + BarTop - 7, TextRoom.Fit(bar.Name, SvgCanvas.TextSize, Width - (2 * Left)));
        double at = bar.Start;
        foreach (BarPiece piece in bar.Pieces)
        {
            double left = scale.At(at);
            double width = scale.At(at + piece.Size) - left;
            at += piece.Size;

            // A hair between pieces, as long as there is more to see than the hair.
            const double Hair = 0.7;
            canvas.Rectangle(left, top + BarTop, width > 3 * Hair ? width - Hair : width, BarHeight, piece.Colour, piece.Tip, piece.Kind);
            if (piece.Name.Length > 0 && (piece.Name.Length * LetterWidth) + NameMargin < width)
            {
                canvas.Text(left + 5, top + BarTop + 17, piece.Name, size: SvgCanvas.TickSize, kind: piece.Kind is null ? "onbar" : "onbar plain", fill: Palette.On(piece.Colour));
            }
        }
    }
}
