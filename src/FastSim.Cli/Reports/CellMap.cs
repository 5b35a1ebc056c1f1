namespace FastSim.Cli.Reports;

/// <summary>A cell of a map.</summary>
/// <param name="Colour">Its colour; null where it has no figure.</param>
/// <param name="Tip">Number of its tip; null for none.</param>
/// <param name="HasDot">Whether it carries a dot.</param>
/// <param name="IsBest">Whether it is the best of all.</param>
internal readonly record struct MapCell(string? Colour, int? Tip, bool HasDot, bool IsBest);

/// <summary>A map of cells: one panel, or small multiples of a third axis.</summary>
internal static class CellMap
{
    private const double Width = 640;
    private const double Left = 76;
    private const double Right = 14;
    private const double Top = 66;
    private const double Bottom = 64;
    private const double PanelMargin = 14;
    private const double PanelName = 22;
    private const double Slope = 0.62;
    private const double ScaleHeight = 44;
    private const int MostColumns = 3;
    private const int LabelsOnePanel = 10;
    private const int LabelsManyPanels = 3;

    /// <summary>Draws a map.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="view">The axes.</param>
    /// <param name="cell">A cell: across, up, panel.</param>
    /// <param name="scale">Its colours; null where the legend names them.</param>
    /// <param name="legend">What colours and marks mean.</param>
    /// <param name="contours">Lines of equal figures; null for none.</param>
    public static string Draw(
        string title, ReportView view, Func<int, int, int, MapCell> cell, ColourScale? scale, IReadOnlyList<LegendEntry> legend, MapContours? contours = null)
    {
        int panels = view.Panels;
        int columns = Math.Min(panels, MostColumns);
        int rows = (panels + columns - 1) / columns;
        double side = ((Width - Left - Right + PanelMargin) / columns) - PanelMargin;
        double tall = side * Slope;
        double rowHeight = tall + PanelMargin + (panels > 1 ? PanelName : 0);
        double bottom = Top + (rows * rowHeight) - PanelMargin;
        SvgCanvas canvas = new(Width, bottom + Bottom + (scale is null ? 0 : ScaleHeight) + ChartLegend.HeightOf(legend), title);
        canvas.Title(14, 22);
        for (int panel = 0; panel < panels; panel++)
        {
            double left = Left + (panel % columns * (side + PanelMargin));
            double top = Top + (panel / columns * rowHeight);
            if (panels > 1)
            {
                canvas.Text(left, top + SvgCanvas.TextSize, $"{view.NameOf(2)} = {view.LabelOf(2, panel)}", size: SvgCanvas.TickSize);
                top += PanelName;
            }

            DrawCells(canvas, left, top, side, tall, view, (x, y) => cell(x, y, panel));
            contours?.Draw(canvas, panel, left, top + tall, side / view.Steps[0].Length, tall / view.Steps[1].Length, isNamed: columns < MostColumns);
            int most = panels == 1 ? LabelsOnePanel : LabelsManyPanels;
            DrawLabels(canvas, view, left, top, side, tall, panel % columns == 0, panel + columns >= panels, most);
        }

        canvas.AxisName(14, Top - 14, view.UnitNameOf(1));
        canvas.AxisName((Left + Width - Right) / 2, bottom + 40, view.UnitNameOf(0), TextAnchor.Middle);
        if (scale is not null)
        {
            DrawScale(canvas, bottom + Bottom, scale);
        }

        ChartLegend.Draw(canvas, Left, bottom + Bottom - 4 + (scale is null ? 0 : ScaleHeight), Width - Left - Right, legend);
        return canvas.ToString();
    }

    private static void DrawCells(SvgCanvas canvas, double left, double top, double width, double height, ReportView view, Func<int, int, MapCell> cell)
    {
        double cellWidth = width / view.Steps[0].Length;
        double cellHeight = height / view.Steps[1].Length;
        double gap = Math.Min(1, Math.Min(cellWidth, cellHeight) / 8);
        (double X, double Y)? best = null;
        for (int y = 0; y < view.Steps[1].Length; y++)
        {
            for (int x = 0; x < view.Steps[0].Length; x++)
            {
                MapCell each = cell(x, y);
                double cellLeft = left + (x * cellWidth);
                double cellTop = top + height - ((y + 1) * cellHeight);
                canvas.Rectangle(cellLeft, cellTop, cellWidth - gap, cellHeight - gap, each.Colour ?? Palette.Missing, each.Tip, each.Colour is null ? "missing" : null);
                if (each.HasDot)
                {
                    canvas.Circle(cellLeft + (cellWidth / 2), cellTop + (cellHeight / 2), Math.Min(cellWidth, cellHeight) / 7, "#ffffff", kind: "dot");
                }

                best = each.IsBest ? (cellLeft, cellTop) : best;
            }
        }

        if (best is { } corner)
        {
            canvas.Outline(corner.X - gap - 1, corner.Y - gap - 1, cellWidth + gap + 2, cellHeight + gap + 2, Palette.Best, 3, "best");
        }
    }

    private static void DrawLabels(
        SvgCanvas canvas, ReportView view, double left, double top, double width, double height, bool onLeft, bool below, int most)
    {
        int number = 0;
        foreach ((double place, string label) in below ? StepTicks.Of(view, 0, most) : [])
        {
            canvas.Tick(left + ((place + 0.5) * width / view.Steps[0].Length), top + height + 17, label, TextAnchor.Middle, number++);
        }

        number = 0;
        foreach ((double place, string label) in onLeft ? StepTicks.Of(view, 1, most) : [])
        {
            int parity = view.Steps[1].Length > LabelsManyPanels ? number++ : 0;
            canvas.Tick(left - 6, top + height - ((place + 0.5) * height / view.Steps[1].Length) + 4, TextRoom.Fit(label, SvgCanvas.TickSize, Left - 8), TextAnchor.End, parity);
        }
    }

    private static void DrawScale(SvgCanvas canvas, double top, ColourScale scale)
    {
        const int Steps = 60;
        const double Height = 12;
        const double Nearest = 46;
        double width = Width - Left - Right;
        if (!scale.HasFigures)
        {
            canvas.Text(Left, top + Height, "no variant has a plan");
            return;
        }

        for (int step = 0; step < Steps; step++)
        {
            canvas.Rectangle(Left + (step * width / Steps), top, (width / Steps) + 0.5, Height, Palette.Of((step + 0.5) / Steps));
        }

        int number = 0;
        double last = double.NegativeInfinity;
        foreach ((double share, string label) in scale.Ticks)
        {
            double at = Left + (share * width);
            if (at - last >= Nearest)
            {
                TextAnchor anchor = share < 0.03 ? TextAnchor.Start : share > 0.97 ? TextAnchor.End : TextAnchor.Middle;
                canvas.Tick(at, top + Height + 16, label, anchor, number++);
                last = at;
            }
        }
    }
}
