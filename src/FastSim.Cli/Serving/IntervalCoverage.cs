namespace FastSim.Cli.Serving;

/// <summary>How many measured times per output token lie within the predicted intervals.</summary>
/// <param name="Kind">The kind of rows.</param>
/// <param name="Rows">Rows whose time was measured.</param>
/// <param name="Within">Those of them within.</param>
internal sealed record IntervalCoverage(string Kind, int Rows, int Within)
{
    /// <summary>The share within.</summary>
    public double Share => Within / (double)Rows;

    /// <summary>Coverage by kind of rows.</summary>
    public static IReadOnlyList<IntervalCoverage> Of(IEnumerable<ValidatedRow> rows) =>
    [
        .. rows.Where(row => !double.IsNaN(row.MeasuredPerToken))
            .GroupBy(row => row.Kind)
            .OrderBy(kind => kind.Key, StringComparer.Ordinal)
            .Select(kind => new IntervalCoverage(kind.Key, kind.Count(), kind.Count(row => row.Prediction.Interval.Holds(row.MeasuredPerToken)))),
    ];
}
