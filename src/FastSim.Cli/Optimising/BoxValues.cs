using FastSim.Cli.Configuration;
using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>Bounds of what the axes of a box say, and of what is derived from them. Serves one thread.</summary>
internal sealed class BoxValues
{
    private readonly AxisBounds[] columns;
    private readonly FormulaBounds[] derived;
    private readonly FormulaBounds? filter;

    /// <summary>Bounds of a sweep's boxes.</summary>
    /// <param name="plan">The sweep.</param>
    /// <exception cref="ConfigurationException">An expression has no bounds.</exception>
    public BoxValues(SweepPlan plan)
    {
        Table = new BoundTable(NamesOf(plan));
        FirstLawful = plan.AxisNames.Count;
        columns = AxisBounds.Of(plan.Space);
        derived = [.. plan.Space.DerivedFormulas().Select(formula => new FormulaBounds(formula, Table))];
        filter = plan.Filter() is { } stated ? new FormulaBounds(stated, Table) : null;
    }

    /// <summary>Names of a sweep's numbers, in their order: of axes and what is derived, then those of answers.</summary>
    /// <param name="plan">The sweep.</param>
    public static string[] NamesOf(SweepPlan plan) => [.. plan.AxisNames, .. LawfulColumns.Names, "cost", "score"];

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
}
