namespace FastSim.Cli.Serving;

/// <summary>How predictions compare with measurements.</summary>
/// <param name="Count">Rows.</param>
/// <param name="MedianError">Median of |predicted/measured - 1|.</param>
/// <param name="MeanError">Mean of the same (MAPE).</param>
/// <param name="Bias">Median of predicted/measured, less 1.</param>
/// <param name="WithinTenth">Share of rows within ±10 %.</param>
/// <param name="WithinFifth">Share within ±20 %.</param>
internal sealed record ErrorStatistics(int Count, double MedianError, double MeanError, double Bias, double WithinTenth, double WithinFifth)
{
    /// <summary>Compares.</summary>
    /// <param name="ratios">Predicted over measured.</param>
    public static ErrorStatistics Of(IEnumerable<double> ratios)
    {
        double[] sorted = [.. ratios.Order()];
        double[] errors = [.. sorted.Select(ratio => Math.Abs(ratio - 1)).Order()];
        return sorted.Length == 0
            ? new ErrorStatistics(0, double.NaN, double.NaN, double.NaN, double.NaN, double.NaN)
            : new ErrorStatistics(
                sorted.Length,
                Median(errors),
                errors.Average(),
                Median(sorted) - 1,
                errors.Count(error => error <= 0.1) / (double)errors.Length,
                errors.Count(error => error <= 0.2) / (double)errors.Length);
    }

    private static double Median(double[] sorted) => sorted.Length % 2 == 1
        ? sorted[sorted.Length / 2]
        : (sorted[(sorted.Length / 2) - 1] + sorted[sorted.Length / 2]) / 2;
}
