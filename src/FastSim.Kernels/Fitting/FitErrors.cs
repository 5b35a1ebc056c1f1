namespace FastSim.Kernels.Fitting;

/// <summary>How far timings are off measurements.</summary>
/// <param name="Count">Cases.</param>
/// <param name="Median">Median of |time/measured - 1|; not a number where there is no case.</param>
/// <param name="Mean">Mean of the same.</param>
public readonly record struct FitErrors(int Count, double Median, double Mean)
{
    /// <summary>Errors of some cases.</summary>
    /// <param name="ratios">Time over measured time of each.</param>
    public static FitErrors Of(IEnumerable<double> ratios)
    {
        ArgumentNullException.ThrowIfNull(ratios);
        double[] errors = [.. ratios.Select(ratio => Math.Abs(ratio - 1)).Order()];
        if (errors.Length == 0)
        {
            return new FitErrors(0, double.NaN, double.NaN);
        }

        return new FitErrors(errors.Length, Middle(errors), errors.Average());
    }

    /// <summary>Median of sorted numbers.</summary>
    /// <param name="sorted">The numbers, at least one.</param>
    public static double Middle(double[] sorted)
    {
        ArgumentNullException.ThrowIfNull(sorted);
        return (sorted[(sorted.Length - 1) / 2] + sorted[sorted.Length / 2]) / 2;
    }
}
