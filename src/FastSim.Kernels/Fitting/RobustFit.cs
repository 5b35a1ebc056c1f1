namespace FastSim.Kernels.Fitting;

/// <summary>Microseconds of every measured case under some parameters.</summary>
/// <param name="parameters">The parameters.</param>
/// <param name="microseconds">Receives them, one a case.</param>
public delegate void TimingModel(double[] parameters, Span<double> microseconds);

/// <summary>
/// Fits a timing form to measurements: least sum of smoothed absolute logarithms of predicted over measured, so that a case that is off by
/// half counts like one that is off by two, and few wild cases do not decide. Iteratively reweighted Levenberg–Marquardt; parameters stay
/// within their bounds by a logistic change of variable in the logarithm.
/// </summary>
public static class RobustFit
{
    private const double Smooth = 0.05;
    private const double Difference = 0.01;
    private const double LongestStep = 0.7;
    private const double FirstDamping = 1e-2;
    private const double LeastDamping = 1e-6;
    private const double Enough = 1e-6;
    private const int Attempts = 8;
    private const double Unusable = 5;

    /// <summary>Fits from one start.</summary>
    /// <param name="model">The timing.</param>
    /// <param name="measured">Measured time of each case; above 0.</param>
    /// <param name="start">Where to start.</param>
    /// <param name="least">Least value of each parameter.</param>
    /// <param name="most">Most.</param>
    /// <param name="frozen">Index of a parameter that stays where it starts; -1 for none.</param>
    /// <param name="iterations">Most iterations.</param>
    /// <returns>The parameters and their loss.</returns>
    public static (double[] Parameters, double Loss) Fit(
        TimingModel model, ReadOnlySpan<double> measured, double[] start, double[] least, double[] most, int frozen, int iterations)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(start);
        ArgumentNullException.ThrowIfNull(least);
        ArgumentNullException.ThrowIfNull(most);
        int count = start.Length;
        double[] place = new double[count];
        for (int index = 0; index < count; index++)
        {
            double share = Math.Clamp(Math.Log(start[index] / least[index]) / Math.Log(most[index] / least[index]), 0.02, 0.98);
            place[index] = Math.Log(share / (1 - share));
        }

        double[] residuals = new double[measured.Length];
        Residuals(model, measured, Values(place, least, most), residuals);
        double loss = Loss(residuals);
        double damping = FirstDamping;
        double[][] slopes = new double[count][];
        double[] trial = new double[measured.Length];
        for (int iteration = 0; iteration < iterations; iteration++)
        {
            for (int index = 0; index < count; index++)
            {
                slopes[index] = new double[measured.Length];
                if (index != frozen)
                {
                    double[] moved = [.. place];
                    moved[index] += Difference;
                    Residuals(model, measured, Values(moved, least, most), trial);
                    for (int sample = 0; sample < trial.Length; sample++)
                    {
                        slopes[index][sample] = (trial[sample] - residuals[sample]) / Difference;
                    }
                }
            }

            (double[,] curvature, double[] gradient) = Normal(slopes, residuals);
            bool improved = false;
            for (int attempt = 0; attempt < Attempts && !improved; attempt++)
            {
                double[] step = Solve(curvature, gradient, damping, measured.Length);
                double[] next = new double[count];
                for (int index = 0; index < count; index++)
                {
                    next[index] = place[index] + Math.Clamp(step[index], -LongestStep, LongestStep);
                }

                Residuals(model, measured, Values(next, least, most), trial);
                double nextLoss = Loss(trial);
                if (nextLoss < loss)
                {
                    bool isEnough = loss - nextLoss < Enough;
                    (place, loss) = (next, nextLoss);
                    trial.CopyTo(residuals, 0);
                    damping = Math.Max(damping / 3, LeastDamping);
                    improved = true;
                    iteration = isEnough ? iterations : iteration;
                }
                else
                {
                    damping *= 4;
                }
            }

            if (!improved)
            {
                break;
            }
        }

        double[] fitted = Values(place, least, most);
        if (frozen >= 0)
        {
            fitted[frozen] = start[frozen];
        }

        return (fitted, loss);
    }

    private static double[] Values(double[] place, double[] least, double[] most)
    {
        double[] values = new double[place.Length];
        for (int index = 0; index < place.Length; index++)
        {
            values[index] = least[index] * Math.Pow(most[index] / least[index], 1 / (1 + Math.Exp(-place[index])));
        }

        return values;
    }

    private static void Residuals(TimingModel model, ReadOnlySpan<double> measured, double[] values, double[] residuals)
    {
        model(values, residuals);
        for (int sample = 0; sample < residuals.Length; sample++)
        {
            double time = residuals[sample];
            residuals[sample] = time > 0 && double.IsFinite(time) ? Math.Log(time / measured[sample]) : Unusable;
        }
    }

    private static double Loss(double[] residuals)
    {
        double sum = 0;
        foreach (double residual in residuals)
        {
            sum += Math.Sqrt((residual * residual) + (Smooth * Smooth)) - Smooth;
        }

        return sum / residuals.Length;
    }

    private static (double[,] Curvature, double[] Gradient) Normal(double[][] slopes, double[] residuals)
    {
        int count = slopes.Length;
        double[,] curvature = new double[count, count];
        double[] gradient = new double[count];
        for (int sample = 0; sample < residuals.Length; sample++)
        {
            double weight = 1 / Math.Sqrt((residuals[sample] * residuals[sample]) + (Smooth * Smooth));
            for (int row = 0; row < count; row++)
            {
                double slope = weight * slopes[row][sample];
                gradient[row] += slope * residuals[sample];
                for (int column = 0; column <= row; column++)
                {
                    curvature[row, column] += slope * slopes[column][sample];
                }
            }
        }

        return (curvature, gradient);
    }

    /// <summary>The damped step, by elimination with pivots.</summary>
    private static double[] Solve(double[,] curvature, double[] gradient, double damping, int samples)
    {
        const double Tiny = 1e-30;
        int count = gradient.Length;
        double[,] system = new double[count, count + 1];
        for (int row = 0; row < count; row++)
        {
            for (int column = 0; column < count; column++)
            {
                system[row, column] = row >= column ? curvature[row, column] : curvature[column, row];
            }

            system[row, row] += (damping * curvature[row, row]) + (1e-6 * samples);
            system[row, count] = -gradient[row];
        }

        for (int pivot = 0; pivot < count; pivot++)
        {
            int largest = pivot;
            for (int row = pivot + 1; row < count; row++)
            {
                largest = Math.Abs(system[row, pivot]) > Math.Abs(system[largest, pivot]) ? row : largest;
            }

            for (int column = 0; largest != pivot && column <= count; column++)
            {
                (system[pivot, column], system[largest, column]) = (system[largest, column], system[pivot, column]);
            }

            double divisor = Math.Abs(system[pivot, pivot]) < Tiny ? Tiny : system[pivot, pivot];
            for (int row = pivot + 1; row < count; row++)
            {
                double factor = system[row, pivot] / divisor;
                for (int column = pivot; factor != 0 && column <= count; column++)
                {
                    system[row, column] -= factor * system[pivot, column];
                }
            }
        }

        double[] step = new double[count];
        for (int row = count - 1; row >= 0; row--)
        {
            double sum = system[row, count];
            for (int column = row + 1; column < count; column++)
            {
                sum -= system[row, column] * step[column];
            }

            step[row] = sum / (Math.Abs(system[row, row]) < Tiny ? Tiny : system[row, row]);
        }

        return step;
    }
}
