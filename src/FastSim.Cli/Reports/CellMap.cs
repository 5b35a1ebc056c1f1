namespace FastSim.Cli.Reports;

/// <summary>A map of cells: one panel, or small multiples of a third axis.</summary>
internal static class CellMap
{
    private const double PanelMargin = 16;
    private const double LeftMargin = 74;
    private const double TopMargin = 46;
    private const double BottomMargin = 54;
    private const double LegendWidth = 190;
    private const double OnePanel = 520;
    private const double ManyPanels = 220;
    private const int MostColumns = 4;
    private const int LabelsOnePanel = 12;
    private const int LabelsManyPanels = 4;

    /// <summary>Draws a map.</summary>
    /// <param name="title">What it shows.</param>
    /// <param name="view">The axes.</param>
    /// <param name="fill">Colour and tip of a cell: across, up, panel.</param>
    /// <param name="mark">Whether a cell carries a dot.</param>
    /// <param name="legend">Draws the legend from a point on.</param>
    public static string Draw(
        string title,
        ReportView view,
        Func<int, int, int, (string Colour, int? Tip)> fill,
        Func<int, int, int, bool> mark,
        Action<SvgCanvas, double, double> legend)
    {
        int across = view.Steps[0].Length;
        int up = view.Steps[1].Length;
        int panels = view.Axes.Count > 2 ? view.Steps[2].Length : 1;
        int columns = Math.Min(panels, MostColumns);
        int rows = (panels + columns - 1) / columns;
        double side = panels == 1 ? OnePanel : ManyPanels;
        double panelWidth = side + PanelMargin;
        double panelHeight = (side * 0.75) + PanelMargin + (panels > 1 ? SvgCanvas.TextSize + 6 : 0);
        SvgCanvas canvas = new(
            LeftMargin + (columns * panelWidth) + LegendWidth, TopMargin + (rows * panelHeight) + BottomMargin, title);
        canvas.Text(LeftMargin, 22, title, size: 15, isBold: true);
        for (int panel = 0; panel < panels; panel++)
        {
            double left = LeftMargin + (panel % columns * panelWidth);
            double top = TopMargin + (panel / columns * panelHeight);
            if (panels > 1)
            {
                canvas.Text(left, top + SvgCanvas.TextSize - 2, $"{view.NameOf(2)} = {view.LabelOf(2, panel)}");
                top += SvgCanvas.TextSize + 6;
            }

            DrawPanel(canvas, left, top, side, side * 0.75, across, up, (x, y) => fill(x, y, panel), (x, y) => mark(x, y, panel));
            bool isFirstColumn = panel % columns == 0;
            bool isLastRow = panel + columns >= panels;
            DrawLabels(canvas, view, left, top, side, side * 0.75, isFirstColumn, isLastRow, panels == 1 ? LabelsOnePanel : LabelsManyPanels);
        }

        canvas.Text(LeftMargin + (columns * panelWidth / 2), TopMargin + (rows * panelHeight) + 34, view.NameOf(0), TextAnchor.Middle, isBold: true);
        canvas.Text(18, TopMargin + (rows * panelHeight / 2), view.NameOf(1), TextAnchor.Middle, isBold: true, isUpright: false);
        legend(canvas, LeftMargin + (columns * panelWidth) + PanelMargin, TopMargin);
        return canvas.ToString();
    }

    private static void DrawPanel(
        SvgCanvas canvas,
        double left,
        double top,
        double width,
        double height,
        int across,
        int up,
        Func<int, int, (string Colour, int? Tip)> fill,
        Func<int, int, bool> mark)
    {
        double cellWidth = width / across;
        double cellHeight = height / up;
        double gap = Math.Min(1, Math.Min(cellWidth, cellHeight) / 8);
        for (int y = 0; y < up; y++)
        {
            for (int x = 0; x < across; x++)
            {
                (string colour, int? tip) = fill(x, y);
                double cellLeft = left + (x * cellWidth);
                double cellTop = top + height - ((y + 1) * cellHeight);
                canvas.Rectangle(cellLeft, cellTop, cellWidth - gap, cellHeight - gap, colour, tip);
                if (mark(x, y))
                {
                    canvas.Circle(cellLeft + (cellWidth / 2), cellTop + (cellHeight / 2), Math.Min(cellWidth, cellHeight) / 7, "#ffffff");
                }
            }
        }
    }

    private static void DrawLabels(
        SvgCanvas canvas, ReportView view, double left, double top, double width, double height, bool onLeft, bool below, int most)
    {
        int across = view.Steps[0].Length;
        int up = view.Steps[1].Length;
        if (below)
        {
            foreach (int step in Labels.Spread(across, most))
            {
                canvas.Text(left + ((step + 0.5) * width / across), top + height + 15, view.LabelOf(0, step), TextAnchor.Middle, size: 11);
            }
        }

        if (onLeft)
        {
            foreach (int step in Labels.Spread(up, most))
            {
                canvas.Text(left - 6, top + height - ((step + 0.5) * height / up) + 4, view.LabelOf(1, step), TextAnchor.End, size: 11);
            }
        }
    }
}
