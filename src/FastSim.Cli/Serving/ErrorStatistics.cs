using FastSim.Kernels.Fitting;

namespace FastSim.Cli.Serving;

/// <summary>How predictions compare with measurements.</summary>
/// <param name="Errors">Rows, and median and mean of |predicted/measured - 1|.</param>
/// <param name="Bias">Median of predicted/measured, less 1.</param>
/// <param name="WithinTenth">Share of rows within ±10 %.</param>
/// <param name="WithinFifth">Share within ±20 %.</param>
internal sealed record ErrorStatistics(FitErrors Errors, double Bias, double WithinTenth, double WithinFifth)
{
    /// <summary>Rows.</summary>
    public int Count => Errors.Count;

    /// <summary>Compares.</summary>
    /// <param name="ratios">Predicted over measured.</param>
    public static ErrorStatistics Of(IEnumerable<double> ratios)
    {
        double[] sorted = [.. ratios.Order()];
        double Within(double error) => sorted.Count(ratio => Math.Abs(ratio - 1) <= error) / (double)sorted.Length;
        return sorted.Length == 0
            ? new ErrorStatistics(FitErrors.Of(sorted), double.NaN, double.NaN, double.NaN)
            : new ErrorStatistics(FitErrors.Of(sorted), FitErrors.Middle(sorted) - 1, Within(0.1), Within(0.2));
    }
}
