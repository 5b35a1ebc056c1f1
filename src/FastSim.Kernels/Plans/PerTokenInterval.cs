using System.Runtime.CompilerServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Plans;

/// <summary>
/// The interval that a time per output token lies in four times of five. Errors are log-normal. Each part of the decode step is off by the
/// calibration error of its operators' family, parts independently of each other; all of them together are off by what a composition
/// leaves out (docs/validation.md, "Intervals").
/// </summary>
/// <param name="LowMilliseconds">Its lower end, ms.</param>
/// <param name="HighMilliseconds">Its upper end, ms.</param>
public readonly record struct PerTokenInterval(double LowMilliseconds, double HighMilliseconds)
{
    /// <summary>How often a time lies inside.</summary>
    public const double Probability = 0.8;

    /// <summary>Median error of operators that the chip's file states none of: elementwise kernels, and families whose error is unknown.</summary>
    public const double UnstatedError = 0.15;

    /// <summary>How many times the error of where they were measured timings have on a chip that they are carried to.</summary>
    public const double CarriedFactor = 2;

    /// <summary>
    /// Standard deviation of the log of what all parts share: the host, scheduling, launches. Measured: with it four of five of every other
    /// group of measured deployments lie inside; it is judged on the groups between (docs/validation.md, "Intervals").
    /// </summary>
    public const double CompositionDeviation = 0.1;

    /// <summary>Standard deviations of a normal law between its middle and either end of the interval: its quantile of 0.9.</summary>
    private const double DeviationsToEnd = 1.2815515655446004;

    /// <summary>Standard deviations of a normal law that half of its draws lie within: its quantile of 0.75.</summary>
    private const double DeviationsToMedianError = 0.6744897501960817;

    private static readonly double[][] Unstated = ErrorsOf(null);
    private static readonly ConditionalWeakTable<OperatorTimings, double[][]> OfTimings = [];

    /// <summary>The interval around a prediction.</summary>
    /// <param name="figures">What is predicted.</param>
    /// <param name="timings">The chip's timings, with their errors.</param>
    /// <param name="isLatent">Whether the model's attention is latent.</param>
    public static PerTokenInterval Of(in ServingFigures figures, OperatorTimings? timings, bool isLatent) =>
        Of(figures.PerTokenMilliseconds, figures.DecodeParts, timings, isLatent);

    /// <summary>The interval around a time per output token.</summary>
    /// <param name="perTokenMilliseconds">The time, ms.</param>
    /// <param name="decodeParts">Microseconds of a decode step, by part.</param>
    /// <param name="timings">The chip's timings, with their errors.</param>
    /// <param name="isLatent">Whether the model's attention is latent.</param>
    public static PerTokenInterval Of(double perTokenMilliseconds, in StepParts decodeParts, OperatorTimings? timings, bool isLatent)
    {
        double factor = Math.Exp(DeviationsToEnd * Deviation(perTokenMilliseconds, decodeParts, timings, isLatent));
        return new PerTokenInterval(perTokenMilliseconds / factor, perTokenMilliseconds * factor);
    }

    /// <summary>Whether a time lies inside.</summary>
    /// <param name="milliseconds">The time, ms.</param>
    public bool Holds(double milliseconds) => milliseconds >= LowMilliseconds && milliseconds <= HighMilliseconds;

    /// <summary>Standard deviation of the log of the time per output token.</summary>
    private static double Deviation(double perTokenMilliseconds, in StepParts decodeParts, OperatorTimings? timings, bool isLatent)
    {
        double[] errors = Errors(timings, isLatent);
        double step = decodeParts.Total;
        double token = perTokenMilliseconds * 1000;
        double whole = Math.Max(step, token);
        double variance = CompositionDeviation * CompositionDeviation;
        for (int part = 0; part < StepParts.Count; part++)
        {
            if (decodeParts[part] == 0 && whole > 0)
            {
                continue;
            }

            double deviation = decodeParts[part] / whole * errors[part] / DeviationsToMedianError;
            variance += deviation * deviation;
        }

        // What a token waits for beyond its decode step are prompts that join it.
        double prompts = (whole - step) / whole * Math.Max(errors[(int)StepPart.PrefillAttention], errors[(int)StepPart.FeedForward]) / DeviationsToMedianError;
        return Math.Sqrt(variance + (prompts * prompts));
    }

    /// <summary>Errors of a step's parts, in their order: the same of every row of a chip.</summary>
    private static double[] Errors(OperatorTimings? timings, bool isLatent)
    {
        double[][] ofBoth = timings is null ? Unstated : OfTimings.GetValue(timings, ErrorsOf);
        return ofBoth[isLatent ? 1 : 0];
    }

    private static double[][] ErrorsOf(OperatorTimings? timings) => Array.ConvertAll(
        [false, true], isLatent => Array.ConvertAll(Enum.GetValues<StepPart>(), part => Error(part, timings, isLatent)));

    private static double Error(StepPart part, OperatorTimings? timings, bool isLatent)
    {
        string? family = part switch
        {
            // The host runs no operator: its error is the composition's.
            StepPart.Host => null,
            StepPart.AttentionProducts or StepPart.FeedForward or StepPart.Router or StepPart.SharedExperts or StepPart.Logits => GemmTiming.Form.Family,
            StepPart.LatentProducts => LatentProductTiming.Form.Family,
            StepPart.DecodeAttention => isLatent ? TimingForms.DecodeLatentAttention : DecodeAttentionTiming.Form.Family,
            StepPart.PrefillAttention => isLatent ? TimingForms.PrefillLatentAttention : PrefillAttentionTiming.Form.Family,
            StepPart.Experts => ExpertTiming.Form.Family,
            StepPart.AllReduce or StepPart.AllToAll => CollectiveTiming.Form.Family,
            _ => "",
        };
        return family is null ? 0
            : timings?.MedianError(family) is not { } error ? UnstatedError
            : error * (timings.CarriedFrom is null ? 1 : CarriedFactor);
    }
}
