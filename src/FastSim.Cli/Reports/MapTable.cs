namespace FastSim.Cli.Reports;

/// <summary>A map as a table: steps across and up as the map has them, evenly thinned out where they are many.</summary>
internal static class MapTable
{
    private const int MostAcross = 16;
    private const int MostUp = 30;

    /// <summary>The table.</summary>
    /// <param name="title">What it holds.</param>
    /// <param name="view">The axes.</param>
    /// <param name="cell">A cell: across, up, panel.</param>
    public static PageTable Of(string title, ReportView view, Func<int, int, int, PageCell> cell)
    {
        int[] across = [.. Labels.Spread(view.Steps[0].Length, MostAcross)];
        int[] up = [.. Labels.Spread(view.Steps[1].Length, MostUp)];
        bool isThinned = across.Length < view.Steps[0].Length || up.Length < view.Steps[1].Length;
        string[] panel = view.Panels > 1 ? [view.UnitNameOf(2)] : [];
        return new PageTable(
            $"{title}; across {view.UnitNameOf(0)}, down {view.UnitNameOf(1)}{(isThinned ? "; evenly spread steps" : "")}",
            [.. panel, view.NameOf(1), .. across.Select(x => view.LabelOf(0, x))],
            [
                .. from which in Enumerable.Range(0, view.Panels)
                   from y in up
                   select (IReadOnlyList<PageCell>)
                   [
                       .. view.Panels > 1 ? (PageCell[])[view.LabelOf(2, which)] : [], view.LabelOf(1, y), .. across.Select(x => cell(x, y, which)),
                   ],
            ]);
    }
}
