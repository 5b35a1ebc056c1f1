using FastSim.Cli.Configuration;

namespace FastSim.Cli.Sweeps;

/// <summary>
/// Elasticity of a throughput to an axis at a variant: <c>d log y / d log x</c>, from the neighbours on both sides of the axis, or on the
/// one side that has a plan. Serves one thread.
/// </summary>
/// <param name="table">The rows; holds the throughput.</param>
/// <param name="space">The variants.</param>
/// <param name="jobs">Jobs of a variant.</param>
/// <param name="throughput">The throughput, by row.</param>
internal sealed class Sensitivity(SweepTable table, SweepSpace space, int jobs, double[] throughput)
{
    private readonly double[]?[] ratios = new double[]?[space.Axes.Count];

    /// <summary>The column of an axis whose values the elasticity is taken to: the first that is positive throughout; null when none is, or it has one step.</summary>
    public static AxisColumn? ColumnOf(SweepAxis axis) => axis.Count < 2
        ? null
        : axis.Columns.FirstOrDefault(column => Array.TrueForAll(column.Values, value => value > 0) && column.Values.Distinct().Count() > 1);

    /// <summary>Elasticity at a row; NaN where it has no plan or no neighbour that has one.</summary>
    public double At(int row, int axis, AxisColumn column)
    {
        double here = throughput[row];
        if (double.IsNaN(here))
        {
            return double.NaN;
        }

        long variant = table.Variants[row];
        int step = space.StepOf(variant, axis);
        double? lower = Neighbour(row, axis, step, -1);
        double? upper = Neighbour(row, axis, step, 1);
        int below = lower is null ? step : step - 1;
        int above = upper is null ? step : step + 1;
        double ratio = Ratio(column, axis, below, above);
        return double.IsNaN(ratio) ? double.NaN : Math.Log((upper ?? here) / (lower ?? here)) / ratio;
    }

    /// <summary>Logarithm of an axis's value over another; NaN where they are the same. Steps around one are asked about row after row.</summary>
    private double Ratio(AxisColumn column, int axis, int below, int above)
    {
        double[] known = ratios[axis] ??= Unknown(3 * column.Values.Length);
        ref double ratio = ref known[(3 * below) + above - below];
        if (double.IsNegativeInfinity(ratio))
        {
            (double low, double high) = (column.Values[below]!.Value, column.Values[above]!.Value);
            ratio = low == high ? double.NaN : Math.Log(high / low);
        }

        return ratio;
    }

    private static double[] Unknown(int length)
    {
        double[] unknown = new double[length];
        Array.Fill(unknown, double.NegativeInfinity);
        return unknown;
    }

    /// <summary>Throughput of the neighbour on one side; null where there is none, or it has no plan.</summary>
    private double? Neighbour(int row, int axis, int step, int side)
    {
        if (step + side < 0 || step + side >= space.Axes[axis].Count)
        {
            return null;
        }

        int found = table.RowOf(table.Variants[row] + (side * space.StrideOf(axis)), table.Jobs[row], jobs);
        return found >= 0 && !double.IsNaN(throughput[found]) ? throughput[found] : null;
    }
}
