using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>Bounds of a column of an axis over ranges of its steps.</summary>
/// <param name="axis">The axis.</param>
/// <param name="column">The column.</param>
internal sealed class AxisBounds(int axis, AxisColumn column)
{
    private readonly double?[] values = column.Values;
    private readonly bool isRising = IsOrdered(column.Values, (before, after) => before <= after);
    private readonly bool hasZeroBelow = column.Values.Any(value => value == 0 && double.IsNegative(value.Value));
    private readonly bool isFalling = IsOrdered(column.Values, (before, after) => before >= after);

    /// <summary>The axis.</summary>
    public int Axis => axis;

    /// <summary>Whether every step has a number.</summary>
    public bool IsWhole { get; } = !column.Values.Contains(null);

    /// <summary>Those of all columns of a sweep, in their order.</summary>
    public static AxisBounds[] Of(SweepSpace space) =>
        [.. space.Axes.SelectMany((axis, index) => axis.Columns.Select(column => new AxisBounds(index, column)))];

    /// <summary>Bounds over a range of steps, both ends among them.</summary>
    public (Interval Bound, Presence Presence) Over(int low, int high)
    {
        if (isRising || isFalling)
        {
            (double one, double other) = (values[low]!.Value, values[high]!.Value);
            (double least, double most) = isRising ? (one, other) : (other, one);
            return hasZeroBelow ? (new Interval(least, most).WithEitherZero(), Presence.Always) : (new Interval(least, most), Presence.Always);
        }

        Interval? bound = null;
        bool isMissing = false;
        for (int step = low; step <= high; step++)
        {
            isMissing |= values[step] is null;
            bound = values[step] is { } value ? bound?.Hull(Interval.Of(value)) ?? Interval.Of(value) : bound;
        }

        return bound is { } found ? (found, isMissing ? Presence.Maybe : Presence.Always) : (Interval.Any, Presence.Never);
    }

    /// <summary>How the number moves from a range of steps, both ends among them, to as many some steps on; the column is whole.</summary>
    public Move Moved(int low, int high, int by)
    {
        (double least, double most) = (double.PositiveInfinity, double.NegativeInfinity);
        bool isStill = true;
        for (int step = low; step <= high; step++)
        {
            isStill &= BitConverter.DoubleToInt64Bits(values[step + by]!.Value) == BitConverter.DoubleToInt64Bits(values[step]!.Value);
            double added = values[step + by]!.Value - values[step]!.Value;
            (least, most) = (Math.Min(least, added), Math.Max(most, added));
        }

        Interval from = Over(low, high).Bound;
        return isStill ? Move.Still(from) : Move.Rounded(from, Over(low + by, high + by).Bound, new Interval(least, most));
    }

    private static bool IsOrdered(double?[] values, Func<double, double, bool> inOrder)
    {
        for (int step = 0; step < values.Length; step++)
        {
            if (values[step] is not { } value || (step > 0 && !inOrder(values[step - 1]!.Value, value)))
            {
                return false;
            }
        }

        return true;
    }
}
