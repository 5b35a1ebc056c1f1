using FastSim.Cli.Serving;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Timing;

namespace FastSim.Cli.Calibration;

/// <summary>A kind's fitted parameters, and how far off they are.</summary>
/// <param name="Kind">The kind.</param>
/// <param name="Parameters">The parameters, in the form's order.</param>
/// <param name="Fitted">Errors on the cases that may be fitted to.</param>
/// <param name="HeldOut">Errors on those that may not.</param>
/// <param name="All">Errors on all.</param>
/// <param name="Flat">Errors of the roofline times one best constant, on all.</param>
/// <param name="Ratios">Predicted over measured of all cases.</param>
/// <param name="FlatRatios">The same of the roofline.</param>
internal sealed record KindFit(
    OperatorKind Kind,
    double[] Parameters,
    ErrorStatistics Fitted,
    ErrorStatistics HeldOut,
    ErrorStatistics All,
    ErrorStatistics Flat,
    double[] Ratios,
    double[] FlatRatios)
{
    private const int Iterations = 60;
    private const uint HeldOutOfThousand = 200;
    private const int SignificantDigits = 6;

    /// <summary>Fits a kind: to a fixed sample of four in five cases, from every start of its form.</summary>
    /// <param name="kind">The kind.</param>
    /// <param name="most">Cases to fit to at most.</param>
    public static KindFit Of(OperatorKind kind, int most)
    {
        TimingForm form = OperatorTimings.Forms[kind.Family];
        bool[] isHeldOut = [.. kind.Cases.Select(each => Mark(each.Inputs, 0) % 1000 < HeldOutOfThousand)];
        OperatorCase[] sample =
        [
            .. kind.Cases.Where((_, index) => !isHeldOut[index]).OrderBy(each => Mark(each.Inputs, 7)).Take(most),
        ];
        double[] measured = [.. sample.Select(each => each.Microseconds)];
        double[] least = [.. form.Parameters.Select(parameter => parameter.Least)];
        double[] highest = [.. form.Parameters.Select(parameter => parameter.Most)];
        int frozen = kind.Family == ExpertTiming.Form.Family ? ExpertTiming.Choice : -1;
        (double[] Parameters, double Loss) best = ([], double.PositiveInfinity);
        foreach (double[] start in form.OtherStarts.Prepend(form.Start))
        {
            (double[] Parameters, double Loss) found = RobustFit.Fit(
                (parameters, index) => kind.Timing(parameters, sample[index].Inputs), measured, start, least, highest, frozen, Iterations);
            best = found.Loss < best.Loss ? found : best;
        }

        // What is written is what is judged.
        double[] rounded = Array.ConvertAll(best.Parameters, Round);
        double[] ratios = [.. kind.Cases.Select(each => kind.Timing(rounded, each.Inputs) / each.Microseconds)];
        double[] flat = FlatRoofline([.. kind.Cases.Select(each => kind.Roofline(each.Inputs) / each.Microseconds)]);
        return new KindFit(
            kind,
            rounded,
            ErrorStatistics.Of(ratios.Where((_, index) => !isHeldOut[index])),
            ErrorStatistics.Of(ratios.Where((_, index) => isHeldOut[index])),
            ErrorStatistics.Of(ratios),
            ErrorStatistics.Of(flat),
            ratios,
            flat);
    }

    /// <summary>A roofline's ratios times the constant that makes their median error least.</summary>
    private static double[] FlatRoofline(double[] ratios)
    {
        const int Steps = 100;
        double[] sorted = [.. ratios.Where(ratio => ratio > 0).Order()];
        double center = sorted[sorted.Length / 2];
        double best = 1 / center;
        double least = double.PositiveInfinity;
        for (int step = -Steps / 2; step <= Steps / 2; step++)
        {
            double constant = Math.Exp(step * 0.02) / center;
            double[] errors = [.. ratios.Select(ratio => Math.Abs((ratio * constant) - 1)).Order()];
            if (errors[errors.Length / 2] < least)
            {
                (least, best) = (errors[errors.Length / 2], constant);
            }
        }

        return Array.ConvertAll(ratios, ratio => ratio * best);
    }

    private static double Round(double value)
    {
        double scale = Math.Pow(10, SignificantDigits - 1 - Math.Floor(Math.Log10(Math.Abs(value))));
        return double.IsFinite(scale) ? Math.Round(value * scale) / scale : value;
    }

    /// <summary>A mark that scatters cases evenly and always alike (FNV-1a).</summary>
    private static ulong Mark(double[] inputs, ulong salt)
    {
        ulong mark = 1469598103934665603 ^ salt;
        foreach (double input in inputs)
        {
            mark = (mark ^ BitConverter.DoubleToUInt64Bits(input)) * 1099511628211;
            mark ^= mark >> 29;
        }

        return mark ^ (mark >> 32);
    }
}
