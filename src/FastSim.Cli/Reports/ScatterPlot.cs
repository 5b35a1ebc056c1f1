using FastSim.Cli.Serving;

namespace FastSim.Cli.Reports;

/// <summary>Predicted against measured time per output token, a colour a system.</summary>
internal static class ScatterPlot
{
    /// <summary>Draws the rows of a validation.</summary>
    public static string Draw(Validation validation)
    {
        ValidatedRow[] rows = [.. validation.Covered.Where(row => !double.IsNaN(row.MeasuredPerToken))];
        List<Series> series =
        [
            .. rows.GroupBy(row => row.Row.Text("system"))
                .OrderBy(group => group.Key, StringComparer.Ordinal)
                .Select((group, index) => new Series(
                    group.Key,
                    [.. group.Select(row => new ChartPoint(row.MeasuredPerToken, row.Prediction.Figures.PerTokenMilliseconds))],
                    Palette.Kind(index),
                    false,
                    2.5)),
        ];
        if (rows.Length > 0)
        {
            double least = rows.Min(row => row.MeasuredPerToken);
            double most = rows.Max(row => row.MeasuredPerToken);
            series.Insert(0, new Series("equal", [new(least, least), new(most, most)], "#999999", true, 0));
        }

        return new XyChart("Time per output token, ms", "measured, ms", "predicted, ms") { Series = series, Nothing = "no row has a measured time" }.Draw();
    }
}
