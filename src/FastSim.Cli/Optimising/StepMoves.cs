using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>How axes, and what is derived from them, move from the variants of a box to those some steps of one or two axes beside them. Serves one thread.</summary>
internal sealed class StepMoves
{
    private readonly AxisBounds[] columns;
    private readonly FormulaMoves[] derived;
    private readonly FormulaBounds? filter;
    private readonly SweepSpace space;
    private readonly int[] places;
    private readonly int count;
    private Box box = null!;
    private int moved;

    /// <summary>Moves of a sweep's numbers.</summary>
    /// <param name="plan">The sweep.</param>
    /// <exception cref="Configuration.ConfigurationException">An expression has no bounds.</exception>
    public StepMoves(SweepPlan plan)
    {
        space = plan.Space;
        Table = new MoveTable(BoxValues.NamesOf(plan));
        columns = AxisBounds.Of(space);
        derived = [.. space.DerivedFormulas().Select(formula => new FormulaMoves(formula, Table))];
        filter = plan.Filter() is { } stated ? new FormulaBounds(stated, Table.To) : null;
        count = plan.AxisNames.Count;
        places = new int[count];
    }

    /// <summary>The moves, at the places of <see cref="BoxValues.Table"/>.</summary>
    public MoveTable Table { get; }

    /// <summary>Whether every step of an axis has a number, so that it may be moved along.</summary>
    public bool IsWhole(int axis) => Array.TrueForAll(columns, column => column.Axis != axis || column.IsWhole);

    /// <summary>Takes a box.</summary>
    /// <param name="box">The box.</param>
    /// <param name="values">Its numbers.</param>
    /// <returns>Whether all of them are there at all of its variants.</returns>
    public bool Begin(Box box, BoundTable values)
    {
        this.box = box;
        moved = 0;
        Table.Begin(values);
        return !values.Presences.AsSpan(0, count).ContainsAnyExcept(Presence.Always);
    }

    /// <summary>Whether a box lies within the space some steps on.</summary>
    public bool HasRoom(int axis, int by) => box.Low[axis] + by >= 0 && box.High[axis] + by < space.Axes[axis].Count;

    /// <summary>Moves along one axis, or two, and nothing but what those drive.</summary>
    /// <param name="axis">The axis.</param>
    /// <param name="by">Steps.</param>
    /// <param name="other">Another.</param>
    /// <param name="byOther">Its steps; 0 where it stays.</param>
    /// <param name="wanted">Derived numbers that are wanted; those that others follow from among them.</param>
    public void Take(int axis, int by, int other, int byOther, bool[] wanted)
    {
        Table.Still(places.AsSpan(0, moved));
        moved = 0;
        for (int place = 0; place < columns.Length; place++)
        {
            int steps = columns[place].Axis == axis ? by : columns[place].Axis == other ? byOther : 0;
            if (steps != 0)
            {
                Set(place, columns[place].Moved(box.Low[columns[place].Axis], box.High[columns[place].Axis], steps));
            }
        }

        for (int number = 0; number < derived.Length; number++)
        {
            if (wanted[number] && (space.Follows(number, axis) || (byOther != 0 && space.Follows(number, other))))
            {
                Set(columns.Length + number, derived[number].Evaluate());
            }
        }
    }

    /// <summary>Whether the filter leaves none out of what was moved to.</summary>
    public bool Passes() => filter is null || (filter.Evaluate() is var (bound, presence) && presence == Presence.Always && !bound.MayBeFalse);

    private void Set(int place, Move move)
    {
        Table.Set(place, move);
        places[moved++] = place;
    }
}
