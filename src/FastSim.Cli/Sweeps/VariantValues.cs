namespace FastSim.Cli.Sweeps;

/// <summary>What a variant's axes say, and what is derived from them, by place: the axes' columns, then the derived numbers. Serves one thread.</summary>
internal sealed class VariantValues
{
    /// <summary>A variant after which none comes.</summary>
    private const long NotLoaded = long.MaxValue;

    private readonly SweepSpace space;
    private readonly Formula[] derived;
    private readonly Dictionary<string, int> places;
    private readonly double[] values;
    private readonly int[] steps;
    private readonly int[] counts;
    private readonly int[] axisOfColumn;
    private readonly double[][] columns;
    private readonly Func<string, double> valueOf;
    private int known;
    private long loaded = NotLoaded;

    /// <summary>Values of a space's variants.</summary>
    public VariantValues(SweepSpace space)
    {
        this.space = space;
        derived = space.DerivedFormulas();
        places = space.Names.Select((name, place) => (name, place)).ToDictionary(pair => pair.name, pair => pair.place, StringComparer.Ordinal);
        values = new double[space.Names.Count];
        steps = new int[space.Axes.Count];
        counts = [.. space.Axes.Select(axis => axis.Count)];
        axisOfColumn = [.. space.Axes.SelectMany((axis, index) => axis.Columns.Select(_ => index))];
        columns = [.. space.Axes.SelectMany(axis => axis.Columns).Select(column => Array.ConvertAll(column.Values, value => value ?? double.NaN))];
        valueOf = ValueOf;
    }

    /// <summary>Takes a variant.</summary>
    public void Load(long variant)
    {
        if (variant - 1 == loaded)
        {
            Advance();
        }
        else
        {
            for (int axis = 0; axis < steps.Length; axis++)
            {
                steps[axis] = space.StepOf(variant, axis);
            }
        }

        loaded = variant;
        LoadColumns();
    }

    /// <summary>Takes the first variant of a group.</summary>
    public void LoadGroup(long group)
    {
        for (int axis = 0; axis < steps.Length; axis++)
        {
            steps[axis] = space.GroupStepOf(group, axis);
        }

        loaded = NotLoaded;
        LoadColumns();
    }

    /// <summary>Step of an axis.</summary>
    public int StepOf(int axis) => steps[axis];

    /// <summary>The number at a place; NaN where it is null, or lacks a number that it is derived from.</summary>
    public double At(int place)
    {
        while (known <= place)
        {
            values[known] = derived[known - space.ColumnCount].Value(valueOf);
            known++;
        }

        return values[place];
    }

    /// <summary>Whether there is a number of a name.</summary>
    public bool Has(string name) => places.ContainsKey(name);

    /// <summary>The number of a name.</summary>
    public double ValueOf(string name) => At(places[name]);

    /// <summary>What the axes say, for messages.</summary>
    public string Describe() => string.Join(", ", space.Axes.Select((axis, index) => axis.Describe(steps[index])));

    /// <summary>Goes on to the next variant: the last axis is innermost.</summary>
    private void Advance()
    {
        for (int axis = steps.Length - 1; axis >= 0; axis--)
        {
            steps[axis]++;
            if (steps[axis] < counts[axis])
            {
                return;
            }

            steps[axis] = 0;
        }
    }

    private void LoadColumns()
    {
        for (int column = 0; column < columns.Length; column++)
        {
            values[column] = columns[column][steps[axisOfColumn[column]]];
        }

        known = columns.Length;
    }
}
