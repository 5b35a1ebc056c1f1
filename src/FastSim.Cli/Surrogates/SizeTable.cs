using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>A calibration table in the seed's form: the efficiency of a kind of operator by its size, a row an octave. The yardstick of what is learned.</summary>
internal sealed class SizeTable
{
    private const int Octaves = 48;
    private const int FirstOctave = -16;

    private readonly Dictionary<string, double[]> rows = [];
    private readonly double[] ofAll;

    private SizeTable(IEnumerable<(string Kind, double Roofline, double Measured)> cases)
    {
        (string Kind, double Roofline, double Measured)[] all = [.. cases];
        ofAll = Rows(all);
        foreach (IGrouping<string, (string Kind, double Roofline, double Measured)> kind in all.GroupBy(each => each.Kind))
        {
            rows[kind.Key] = Rows(kind);
        }
    }

    /// <summary>Fits a family's table on some chips.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="family">The family.</param>
    /// <param name="withHeldOut">Whether the fifth that is held out is fitted to, too.</param>
    public static SizeTable Fit(IEnumerable<TrainingChip> chips, OperatorFamily family, bool withHeldOut)
    {
        float[] row = new float[OperatorFeatures.Count];
        return new SizeTable(
            from chip in chips
            from each in chip.Of(family)
            where withHeldOut || !each.Kind.IsHeldOut(each.Index)
            select (each.Kind.Kind, OperatorFeatures.Write(each.Kind.Shape(each.Index)!.Value, chip.Roofline, row), each.Kind.Measured[each.Index]));
    }

    /// <summary>Microseconds of an operator; a kind that was not measured goes by the rows of all; NaN where nothing was.</summary>
    public double Microseconds(MeasuredKind kind, double roofline) =>
        rows.GetValueOrDefault(kind.Kind, ofAll)[Octave(roofline)] is > 0 and double efficiency ? roofline / efficiency : double.NaN;

    private static int Octave(double roofline) => Math.Clamp((int)Math.Floor(Math.Log2(roofline)) - FirstOctave, 0, Octaves - 1);

    /// <summary>Median efficiency of each octave; an empty one takes that of the nearest below, else above.</summary>
    private static double[] Rows(IEnumerable<(string Kind, double Roofline, double Measured)> cases)
    {
        double[] found = new double[Octaves];
        foreach (IGrouping<int, double> octave in cases.GroupBy(each => Octave(each.Roofline), each => each.Roofline / each.Measured))
        {
            double[] sorted = [.. octave.Order()];
            found[octave.Key] = sorted[sorted.Length / 2];
        }

        for (int octave = 1; octave < Octaves; octave++)
        {
            found[octave] = found[octave] == 0 ? found[octave - 1] : found[octave];
        }

        for (int octave = Octaves - 2; octave >= 0; octave--)
        {
            found[octave] = found[octave] == 0 ? found[octave + 1] : found[octave];
        }

        return found;
    }
}
