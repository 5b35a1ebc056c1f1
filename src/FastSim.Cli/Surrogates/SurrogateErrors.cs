using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>A model's answer for an operator.</summary>
/// <param name="Microseconds">Its time.</param>
/// <param name="HalfWidth">By how much its logarithm is off in one case of five; not a number where the model does not say.</param>
internal readonly record struct TimeAnswer(double Microseconds, double HalfWidth);

/// <summary>Answers for operators of a family on a chip; nothing for a family that is not known.</summary>
internal delegate TimeAnswer[] TimeAnswers(OperatorFamily family, IReadOnlyList<OperatorShape> shapes, RooflineChip chip);

/// <summary>What some measured operators are held against beside a model.</summary>
/// <param name="Fitted">Calibrated parameters of a kind; null where there are none.</param>
/// <param name="Carried">Parameters calibrated on other chips; null where there are none.</param>
/// <param name="Table">Efficiency table of a family.</param>
internal sealed record Yardsticks(Func<MeasuredKind, double[]?> Fitted, Func<MeasuredKind, double[]?> Carried, Func<OperatorFamily, SizeTable> Table);

/// <summary>How far off ways of timing some measured operators are.</summary>
/// <param name="Group">What they have in common.</param>
/// <param name="Level">How fine: 0 a family, 1 a kind or size.</param>
/// <param name="Model">Errors of the model.</param>
/// <param name="Within">Share of them within the model's interval; not a number where it states none.</param>
/// <param name="Fitted">Errors of timings calibrated on the chip.</param>
/// <param name="Carried">Errors of timings calibrated on other chips.</param>
/// <param name="Table">Errors of an efficiency table by size.</param>
/// <param name="Flat">Errors of the roofline times one constant.</param>
internal sealed record SurrogateErrors(string Group, int Level, FitErrors Model, double Within, FitErrors Fitted, FitErrors Carried, FitErrors Table, FitErrors Flat)
{
    private const int Deciles = 10;

    /// <summary>Judges a model on a chip: by family, and each by kind and by size.</summary>
    /// <param name="answers">The model.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="heldOutAlone">Whether only the fifth that is held out counts.</param>
    /// <param name="beside">What it is held against.</param>
    public static IEnumerable<SurrogateErrors> Of(TimeAnswers answers, TrainingChip chip, bool heldOutAlone, Yardsticks beside)
    {
        foreach (OperatorFamily family in Enum.GetValues<OperatorFamily>())
        {
            Ratio[] ratios = Ratios(answers, chip, family, heldOutAlone, beside);
            if (ratios.Length == 0)
            {
                continue;
            }

            yield return Of($"{chip.Name} {family}", 0, ratios);
            foreach (IGrouping<string, Ratio> kind in ratios.GroupBy(ratio => ratio.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
            {
                yield return Of($"  {kind.Key}", 1, [.. kind]);
            }

            Ratio[] bySize = [.. ratios.OrderBy(ratio => ratio.Roofline)];
            for (int decile = 0; decile < Deciles && bySize.Length >= Deciles; decile++)
            {
                int first = decile * bySize.Length / Deciles;
                int last = ((decile + 1) * bySize.Length / Deciles) - 1;
                yield return Of(
                    $"  decile {decile + 1}: {Short(bySize[first].Roofline)} to {Short(bySize[last].Roofline)} us", 1, bySize[first..(last + 1)]);
            }
        }
    }

    /// <summary>Judges timing forms on a chip's launches that are of no family of operators: by family of forms, and each by kind.</summary>
    /// <param name="parameters">The forms' parameters; null where there are none of a kind, which is left out.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="fitted">Parameters calibrated on the chip; null where there are none.</param>
    /// <param name="carried">Parameters calibrated on another; null where there are none.</param>
    public static IEnumerable<SurrogateErrors> OfTimings(
        Func<MeasuredKind, double[]?> parameters, TrainingChip chip, Func<MeasuredKind, double[]?> fitted, Func<MeasuredKind, double[]?> carried)
    {
        foreach (IGrouping<string, MeasuredKind> family in chip.Kinds
            .Where(kind => kind.Measured.Count > 0 && kind.Shape(0) is null && parameters(kind) is not null)
            .GroupBy(kind => kind.Form.Family))
        {
            Ratio[] all = [.. family.SelectMany(RatiosOf)];
            yield return Of($"{chip.Name} {family.Key}", 0, all);
            foreach (IGrouping<string, Ratio> kind in all.GroupBy(ratio => ratio.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
            {
                yield return Of($"  {kind.Key}", 1, [.. kind]);
            }
        }

        IEnumerable<Ratio> RatiosOf(MeasuredKind kind)
        {
            int[] cases = [.. Enumerable.Range(0, kind.Measured.Count)];
            double[] model = Times(kind, cases, parameters(kind));
            double[] own = Times(kind, cases, fitted(kind));
            double[] others = Times(kind, cases, carried(kind));
            return cases.Select(index => new Ratio(
                kind.Kind,
                kind.Roofline(index),
                model[index] / kind.Measured[index],
                double.NaN,
                own[index] / kind.Measured[index],
                others[index] / kind.Measured[index],
                double.NaN,
                kind.Roofline(index) / kind.Measured[index]));
        }
    }

    private static SurrogateErrors Of(string group, int level, IReadOnlyCollection<Ratio> ratios)
    {
        double factor = FlatRoofline.Factor([.. ratios.Select(ratio => ratio.RooflineOverMeasured)]);
        Ratio[] stated = [.. ratios.Where(ratio => !double.IsNaN(ratio.HalfWidth))];
        return new SurrogateErrors(
            group,
            level,
            FitErrors.Of(ratios.Select(ratio => ratio.ModelOverMeasured)),
            stated.Length == 0 ? double.NaN : (double)stated.Count(ratio => Math.Abs(Math.Log(ratio.ModelOverMeasured)) <= ratio.HalfWidth) / stated.Length,
            FitErrors.Of(Known(ratios.Select(ratio => ratio.FittedOverMeasured))),
            FitErrors.Of(Known(ratios.Select(ratio => ratio.CarriedOverMeasured))),
            FitErrors.Of(Known(ratios.Select(ratio => ratio.TableOverMeasured))),
            FitErrors.Of(ratios.Select(ratio => ratio.RooflineOverMeasured * factor)));
    }

    private static IEnumerable<double> Known(IEnumerable<double> ratios) => ratios.Where(ratio => !double.IsNaN(ratio));

    private static string Short(double microseconds) => microseconds.ToString("G3", CultureInfo.InvariantCulture);

    private static Ratio[] Ratios(TimeAnswers answers, TrainingChip chip, OperatorFamily family, bool heldOutAlone, Yardsticks beside)
    {
        List<Ratio> ratios = [];
        SizeTable? table = null;
        float[] row = new float[OperatorFeatures.Count];
        foreach (IGrouping<MeasuredKind, (MeasuredKind Kind, int Index)> group in chip.Of(family).GroupBy(each => each.Kind))
        {
            MeasuredKind kind = group.Key;
            int[] cases = [.. group.Select(each => each.Index).Where(index => !heldOutAlone || kind.IsHeldOut(index))];
            OperatorShape[] shapes = Array.ConvertAll(cases, index => chip.ShapeOf(kind, index));
            TimeAnswer[] times = answers(family, shapes, chip.Roofline);
            if (times.Length == 0)
            {
                continue;
            }

            table ??= beside.Table(family);
            double[] fitted = Times(kind, cases, beside.Fitted(kind));
            double[] carried = Times(kind, cases, beside.Carried(kind));
            for (int index = 0; index < cases.Length; index++)
            {
                double measured = kind.Measured[cases[index]];
                double roofline = OperatorFeatures.Write(shapes[index], chip.Roofline, row);
                ratios.Add(new Ratio(
                    kind.Kind,
                    roofline,
                    times[index].Microseconds / measured,
                    times[index].HalfWidth,
                    fitted[index] / measured,
                    carried[index] / measured,
                    table.Microseconds(kind, roofline) / measured,
                    roofline / measured));
            }
        }

        return [.. ratios];
    }

    private static double[] Times(MeasuredKind kind, int[] cases, double[]? parameters)
    {
        double[] times = new double[cases.Length];
        if (parameters is null)
        {
            Array.Fill(times, double.NaN);
        }
        else
        {
            kind.Model(cases)(parameters, times);
        }

        return times;
    }

    private readonly record struct Ratio(
        string Kind,
        double Roofline,
        double ModelOverMeasured,
        double HalfWidth,
        double FittedOverMeasured,
        double CarriedOverMeasured,
        double TableOverMeasured,
        double RooflineOverMeasured);
}
