using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>How far off four ways of timing some measured operators are.</summary>
/// <param name="Group">What they have in common.</param>
/// <param name="Network">Errors of the network.</param>
/// <param name="Calibrated">Errors of calibrated timings: the chip's own, or those fitted on the other chips together.</param>
/// <param name="Table">Errors of an efficiency table by size, fitted where the network was trained.</param>
/// <param name="Flat">Errors of the roofline times one constant.</param>
internal sealed record SurrogateErrors(string Group, FitErrors Network, FitErrors Calibrated, FitErrors Table, FitErrors Flat)
{
    private const int Deciles = 10;

    /// <summary>Judges networks on a chip.</summary>
    /// <param name="networks">Networks by family.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="heldOutAlone">Whether only the fifth that is held out counts.</param>
    /// <param name="parameters">Calibrated parameters of a kind; null where there are none.</param>
    /// <param name="tableOf">Efficiency table of a family.</param>
    public static IEnumerable<SurrogateErrors> Of(
        IReadOnlyDictionary<OperatorFamily, (EfficiencyNetwork Network, float[] Hull)> networks,
        TrainingChip chip,
        bool heldOutAlone,
        Func<MeasuredKind, double[]?> parameters,
        Func<OperatorFamily, SizeTable> tableOf)
    {
        foreach ((OperatorFamily family, (EfficiencyNetwork network, _)) in networks)
        {
            Ratio[] ratios = Ratios(chip, family, network, heldOutAlone, parameters, tableOf(family));
            if (ratios.Length == 0)
            {
                continue;
            }

            yield return Of($"{chip.Name} {family}", ratios);
            Ratio[] bySize = [.. ratios.OrderBy(ratio => ratio.Roofline)];
            for (int decile = 0; decile < Deciles && bySize.Length >= Deciles; decile++)
            {
                int first = decile * bySize.Length / Deciles;
                int last = ((decile + 1) * bySize.Length / Deciles) - 1;
                yield return Of($"  size decile {decile + 1}: {Short(bySize[first].Roofline)} to {Short(bySize[last].Roofline)} us at peak", bySize[first..(last + 1)]);
            }
        }
    }

    private static SurrogateErrors Of(string group, IReadOnlyCollection<Ratio> ratios)
    {
        double factor = FlatRoofline.Factor([.. ratios.Select(ratio => ratio.RooflineOverMeasured)]);
        return new SurrogateErrors(
            group,
            FitErrors.Of(ratios.Select(ratio => ratio.NetworkOverMeasured)),
            FitErrors.Of(ratios.Select(ratio => ratio.CalibratedOverMeasured).Where(ratio => !double.IsNaN(ratio))),
            FitErrors.Of(ratios.Select(ratio => ratio.TableOverMeasured).Where(ratio => !double.IsNaN(ratio))),
            FitErrors.Of(ratios.Select(ratio => ratio.RooflineOverMeasured * factor)));
    }

    private static string Short(double microseconds) => microseconds.ToString("G3", System.Globalization.CultureInfo.InvariantCulture);

    private static Ratio[] Ratios(
        TrainingChip chip, OperatorFamily family, EfficiencyNetwork network, bool heldOutAlone, Func<MeasuredKind, double[]?> parameters, SizeTable table)
    {
        List<Ratio> ratios = [];
        float[] row = new float[OperatorFeatures.Count];
        foreach (IGrouping<MeasuredKind, (MeasuredKind Kind, int Index)> group in chip.Of(family).GroupBy(each => each.Kind))
        {
            MeasuredKind kind = group.Key;
            int[] cases = [.. group.Select(each => each.Index).Where(index => !heldOutAlone || kind.IsHeldOut(index))];
            double[] calibrated = new double[cases.Length];
            if (parameters(kind) is { } own)
            {
                kind.Model(cases)(own, calibrated);
            }
            else
            {
                Array.Fill(calibrated, double.NaN);
            }

            for (int index = 0; index < cases.Length; index++)
            {
                double measured = kind.Measured[cases[index]];
                double roofline = OperatorFeatures.Write(kind.Shape(cases[index])!.Value, chip.Roofline, row);
                ratios.Add(new Ratio(
                    roofline,
                    network.Microseconds(row, roofline) / measured,
                    calibrated[index] / measured,
                    table.Microseconds(kind, roofline) / measured,
                    roofline / measured));
            }
        }

        return [.. ratios];
    }

    private readonly record struct Ratio(double Roofline, double NetworkOverMeasured, double CalibratedOverMeasured, double TableOverMeasured, double RooflineOverMeasured);
}
