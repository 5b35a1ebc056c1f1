using FastSim.Cli.Configuration;

namespace FastSim.Cli.Sweeps;

/// <summary>
/// Elasticity of a throughput to an axis at a variant: <c>d log y / d log x</c>, from the neighbours on both sides of the axis, or on the
/// one side that has a plan.
/// </summary>
/// <param name="table">The rows; holds the throughput.</param>
/// <param name="space">The variants.</param>
/// <param name="jobs">Jobs of a variant.</param>
/// <param name="throughput">The throughput, by row.</param>
internal sealed class Sensitivity(SweepTable table, SweepSpace space, int jobs, double[] throughput)
{
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
        (double X, double Y) self = (column.Values[step]!.Value, here);
        (double X, double Y) below = Neighbour(row, axis, step - 1, column) ?? self;
        (double X, double Y) above = Neighbour(row, axis, step + 1, column) ?? self;
        return below.X == above.X ? double.NaN : Math.Log(above.Y / below.Y) / Math.Log(above.X / below.X);
    }

    private (double X, double Y)? Neighbour(int row, int axis, int step, AxisColumn column)
    {
        if (step < 0 || step >= space.Axes[axis].Count)
        {
            return null;
        }

        long variant = table.Variants[row];
        long other = variant + ((step - space.StepOf(variant, axis)) * space.StrideOf(axis));
        int found = table.RowOf(other, table.Jobs[row], jobs);
        return found >= 0 && !double.IsNaN(throughput[found]) ? (column.Values[step]!.Value, throughput[found]) : null;
    }
}
