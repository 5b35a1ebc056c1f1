using System.Globalization;
using FastSim.Cli.Configuration;

namespace FastSim.Cli.Sweeps;

/// <summary>The one score of a suite of jobs.</summary>
internal static class SuiteScore
{
    /// <summary>Name of its column.</summary>
    public const string Column = "suite";

    /// <summary>
    /// The mean of a variant's scores: geometric <c>exp(Σ w·ln(s/r) / Σ w)</c>, harmonic <c>Σ w / Σ (w·r/s)</c>, or the least <c>s/r</c>, with weights
    /// <c>w</c> and references <c>r</c> of 1 where none are stated.
    /// </summary>
    /// <param name="file">The sweep; has a mix.</param>
    /// <param name="scores">A score a job; NaN where it has none.</param>
    /// <returns>The mean; NaN where some job has no score, 0 where a mean has one of 0.</returns>
    /// <exception cref="FormulaException">A mean is asked of a score below 0.</exception>
    public static double Of(SweepFile file, ReadOnlySpan<double> scores)
    {
        SuiteMix mix = file.Mix!;
        double sum = 0;
        double weights = 0;
        double least = double.PositiveInfinity;
        for (int job = 0; job < scores.Length; job++)
        {
            if (double.IsNaN(scores[job]))
            {
                return double.NaN;
            }

            if (scores[job] < 0 && mix.Mean != SuiteMean.Worst)
            {
                throw new FormulaException(string.Create(
                    CultureInfo.InvariantCulture, $"{file.File}: mix: found a score of {scores[job]:R} of job {job}; expected scores of at least 0 for a {mix.Mean.ToString().ToLowerInvariant()} mean"));
            }

            double weight = mix.Weights?[job] ?? 1;
            double score = scores[job] / (mix.References?[job] ?? 1);
            least = Math.Min(least, score);
            sum += mix.Mean == SuiteMean.Harmonic ? weight / score : weight * Math.Log(score);
            weights += weight;
        }

        return mix.Mean switch
        {
            SuiteMean.Worst => least,
            SuiteMean.Harmonic => weights / sum,
            _ => Math.Exp(sum / weights),
        };
    }
}
