using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>
/// A few variants of a box at which an exchange is tried before bounds are asked of all: what holds of every variant holds of these, so that most of what
/// does not is known by some arithmetic. Serves one thread.
/// </summary>
internal sealed class Witnesses
{
    private const int Most = 3;

    private readonly SweepSpace space;
    private readonly int[] axisOfColumn;
    private readonly double[][] columns;
    private readonly FormulaProgram?[] derived;
    private readonly bool[][] follows;
    private readonly bool[] decisive;
    private readonly FormulaProgram? cost;
    private readonly int costPlace;
    private readonly (int Place, int Sign)[] objectives;
    private readonly int[][] steps = new int[Most][];
    private readonly double[][] from = new double[Most][];
    private readonly double[] to;
    private int count;

    /// <summary>Witnesses of a sweep's boxes.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="objectives">Place of each objective, and 1 where more of it is better, -1 where less is.</param>
    /// <param name="costPlace">Place of the cost.</param>
    public Witnesses(SweepPlan plan, IEnumerable<(int Place, int Sign)> objectives, int costPlace)
    {
        space = plan.Space;
        this.objectives = [.. objectives];
        this.costPlace = costPlace;
        axisOfColumn = [.. space.Axes.SelectMany((axis, index) => axis.Columns.Select(_ => index))];
        columns = [.. space.Axes.SelectMany(axis => axis.Columns).Select(column => Array.ConvertAll(column.Values, value => value ?? double.NaN))];
        string[] names = [.. plan.AxisNames];
        derived = [.. space.DerivedFormulas().Select(Program)];
        follows = [.. Enumerable.Range(0, derived.Length).Select(number => Enumerable.Range(0, space.Axes.Count).Select(axis => space.Follows(number, axis)).ToArray())];
        cost = this.objectives.Any(objective => objective.Place == costPlace) ? Program(plan.Cost()!) : null;
        IsAble = Array.TrueForAll(derived, program => program is not null) && (cost is not null || this.objectives.All(objective => objective.Place != costPlace));
        decisive = Decisive(plan, names);
        to = new double[names.Length];
        for (int witness = 0; witness < Most; witness++)
        {
            steps[witness] = new int[space.Axes.Count];
            from[witness] = new double[names.Length];
        }

        FormulaProgram? Program(Formula formula) => FormulaProgram.Of(formula.Tree, name => Array.IndexOf(names, name));
    }

    /// <summary>Whether every number that decides can be computed so.</summary>
    public bool IsAble { get; }

    /// <summary>Takes a box: its middle, its first and its last variant.</summary>
    public void Begin(Box box)
    {
        int[] middle = steps[0];
        bool isOne = true;
        for (int axis = 0; axis < middle.Length; axis++)
        {
            middle[axis] = box.Low[axis] + ((box.High[axis] - box.Low[axis]) / 2);
            steps[1][axis] = box.Low[axis];
            steps[2][axis] = box.High[axis];
            isOne &= box.Low[axis] == box.High[axis];
        }

        count = isOne ? 1 : Most;
        for (int witness = 0; witness < count; witness++)
        {
            double[] values = from[witness];
            for (int column = 0; column < columns.Length; column++)
            {
                values[column] = columns[column][steps[witness][axisOfColumn[column]]];
            }

            for (int number = 0; number < derived.Length; number++)
            {
                values[columns.Length + number] = derived[number]!.Value(values);
            }
        }
    }

    /// <summary>Whether nothing that chips go by becomes worse at any of them; true where that is not known.</summary>
    /// <param name="move">The exchange.</param>
    /// <param name="sources">Places of those numbers, and which way they are better.</param>
    /// <param name="wanted">Derived numbers among them, and what those follow from.</param>
    public bool Keep(Exchange move, (int Source, int Direction)[] sources, bool[] wanted)
    {
        for (int witness = 0; witness < count; witness++)
        {
            Take(witness, move, wanted);
            foreach ((int source, int direction) in sources)
            {
                if ((direction > 0 ? to[source] - from[witness][source] : from[witness][source] - to[source]) < 0)
                {
                    return false;
                }
            }
        }

        return true;
    }

    /// <summary>Whether all objectives become as good, and one better, at every one of them; true where that is not known.</summary>
    /// <param name="move">The exchange.</param>
    public bool Gain(Exchange move)
    {
        for (int witness = 0; witness < count; witness++)
        {
            Take(witness, move, decisive);
            bool isBetter = false;
            foreach ((int place, int sign) in objectives)
            {
                double gain = sign * (place == costPlace ? cost!.Value(to) - cost.Value(from[witness]) : to[place] - from[witness][place]);
                if (gain < 0)
                {
                    return false;
                }

                isBetter |= gain > 0 || double.IsNaN(gain);
            }

            if (!isBetter)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Derived numbers that objectives are, or follow from.</summary>
    private bool[] Decisive(SweepPlan plan, string[] names)
    {
        bool[] wanted = new bool[derived.Length];
        if (cost is not null)
        {
            Want(plan.Cost()!.Names);
        }

        foreach ((int place, _) in objectives)
        {
            if (place < names.Length)
            {
                Want([names[place]]);
            }
        }

        Formula[] formulas = space.DerivedFormulas();
        for (int number = derived.Length - 1; number >= 0; number--)
        {
            if (wanted[number])
            {
                Want(formulas[number].Names);
            }
        }

        return wanted;

        void Want(IEnumerable<string> used)
        {
            foreach (int place in used.Select(name => Array.IndexOf(names, name)).Where(place => place >= columns.Length))
            {
                wanted[place - columns.Length] = true;
            }
        }
    }

    private void Take(int witness, Exchange move, bool[] wanted)
    {
        double[] values = from[witness];
        values.AsSpan().CopyTo(to);
        for (int column = 0; column < columns.Length; column++)
        {
            int axis = axisOfColumn[column];
            int by = axis == move.Axis ? move.Steps : axis == move.Other ? move.Back : 0;
            if (by != 0)
            {
                to[column] = columns[column][steps[witness][axis] + by];
            }
        }

        for (int number = 0; number < derived.Length; number++)
        {
            if (wanted[number] && (follows[number][move.Axis] || follows[number][move.Other]))
            {
                to[columns.Length + number] = derived[number]!.Value(to);
            }
        }
    }
}
