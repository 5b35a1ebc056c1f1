namespace FastSim.Cli.Reports;

/// <summary>
/// What to write along an axis of cells: each step where there are few; where there are many and they are rising numbers, round numbers, which may lie
/// between two steps; else some of the steps.
/// </summary>
internal static class StepTicks
{
    private const double LogarithmFrom = 20;
    private const int FewestTicks = 2;

    /// <summary>Labels and their places, in steps from the first.</summary>
    /// <param name="view">The axes.</param>
    /// <param name="axis">Which axis.</param>
    /// <param name="most">Labels that there is room for.</param>
    public static IReadOnlyList<(double Place, string Label)> Of(ReportView view, int axis, int most)
    {
        int steps = view.Steps[axis].Length;
        (double, string)[] some = [.. Labels.Spread(steps, most).Select(step => ((double)step, view.LabelOf(axis, step)))];
        if (steps <= most || !view.IsNumeric(axis))
        {
            return some;
        }

        double[] values = [.. Enumerable.Range(0, steps).Select(step => view.PositionOf(axis, step))];
        if (!Enumerable.Range(1, steps - 1).All(step => values[step] > values[step - 1]))
        {
            return some;
        }

        bool isLogarithmic = values[0] > 0 && values[^1] / values[0] > LogarithmFrom;
        (double, string)[] round =
        [
            .. (isLogarithmic ? Labels.LogarithmicTicks(values[0], values[^1]) : Spaced(values[0], values[^1], most))
                .Where(tick => tick >= values[0] && tick <= values[^1]).Select(tick => (PlaceOf(values, tick, isLogarithmic), Labels.Of(tick))),
        ];
        return round.Length >= FewestTicks ? round : some;
    }

    /// <summary>Round numbers evenly apart, no more than there is room for.</summary>
    private static IReadOnlyList<double> Spaced(double least, double most, int room) => Enumerable.Range(1, room).Reverse()
        .Select(about => Labels.Ticks(least, most, about))
        .First(ticks => ticks.Count <= room || ticks.Count == 1);

    private static double PlaceOf(double[] values, double tick, bool isLogarithmic)
    {
        int found = Array.BinarySearch(values, tick);
        if (found >= 0)
        {
            return found;
        }

        int above = Math.Clamp(~found, 1, values.Length - 1);
        (double low, double high) = (values[above - 1], values[above]);
        return above - 1 + (isLogarithmic ? Labels.LogarithmOfRatio(tick, low) / Labels.LogarithmOfRatio(high, low) : (tick - low) / (high - low));
    }
}
