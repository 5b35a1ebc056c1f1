using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>Bounds of what the axes of a box say, and of what is derived from them. Serves one thread.</summary>
internal sealed class BoxValues
{
    private readonly Column[] columns;
    private readonly FormulaBounds[] derived;
    private readonly FormulaBounds? filter;

    /// <summary>Bounds of a sweep's boxes.</summary>
    /// <param name="plan">The sweep.</param>
    /// <exception cref="ConfigurationException">An expression has no bounds.</exception>
    public BoxValues(SweepPlan plan)
    {
        Table = new BoundTable([.. plan.AxisNames, .. LawfulColumns.Names, "cost", "score"]);
        FirstLawful = plan.AxisNames.Count;
        columns = [.. plan.Space.Axes.SelectMany((axis, index) => axis.Columns.Select(column => new Column(index, column)))];
        derived = [.. plan.Space.DerivedFormulas().Select(formula => new FormulaBounds(formula, Table))];
        filter = plan.Filter() is { } stated ? new FormulaBounds(stated, Table) : null;
    }

    /// <summary>The bounds: those of <see cref="SweepPlan.AxisNames"/>, then of the lawful columns, the cost and the score.</summary>
    public BoundTable Table { get; }

    /// <summary>Place of the first lawful column.</summary>
    public int FirstLawful { get; }

    /// <summary>Place of the cost.</summary>
    public int Cost => FirstLawful + LawfulColumns.Names.Count;

    /// <summary>Place of the score.</summary>
    public int Score => Cost + 1;

    /// <summary>Takes a box.</summary>
    public void Load(ReadOnlySpan<int> low, ReadOnlySpan<int> high)
    {
        for (int place = 0; place < columns.Length; place++)
        {
            (Interval bound, Presence presence) = columns[place].Over(low[columns[place].Axis], high[columns[place].Axis]);
            Table.Set(place, bound, presence);
        }

        for (int number = 0; number < derived.Length; number++)
        {
            (Interval bound, Presence presence) = derived[number].Evaluate();
            Table.Set(columns.Length + number, bound, presence);
        }
    }

    /// <summary>Whether variants of the box that was taken pass the filter: none, some or all.</summary>
    public Presence Passing()
    {
        if (filter is null)
        {
            return Presence.Always;
        }

        (Interval bound, Presence presence) = filter.Evaluate();
        return presence == Presence.Never || !bound.MayBeTrue ? Presence.Never
            : presence == Presence.Always && !bound.MayBeFalse ? Presence.Always
            : Presence.Maybe;
    }

    /// <summary>A column of an axis.</summary>
    private sealed class Column(int axis, AxisColumn column)
    {
        private readonly double?[] values = column.Values;
        private readonly bool isRising = IsOrdered(column.Values, (before, after) => before <= after);
        private readonly bool isFalling = IsOrdered(column.Values, (before, after) => before >= after);

        public int Axis => axis;

        /// <summary>Bounds over a range of steps, both ends among them.</summary>
        public (Interval Bound, Presence Presence) Over(int low, int high)
        {
            if (isRising || isFalling)
            {
                (double one, double other) = (values[low]!.Value, values[high]!.Value);
                return (isRising ? new Interval(one, other) : new Interval(other, one), Presence.Always);
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
}
