using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>
/// Boxes that others of the space beat without any being answered: where at every variant of a box the one some steps beside it (less of one axis,
/// more of another) has no number of its chip that is worse, is at least as good in every objective and better in one, no variant of the box is on a front. So
/// of all chips of much the same rates only those are looked at that make them nearly as cheaply as can be. Serves one thread.
/// </summary>
internal sealed class Exchanges
{
    private const int MostSteps = 64;
    private const int TellingSteps = 4;

    private readonly SweepPlan plan;
    private readonly StepMoves moves;
    private readonly ObjectiveMoves objectives;
    private readonly Witnesses witnesses;
    private readonly int[] asked;
    private readonly bool[] all;
    private readonly Func<Exchange, bool> keepsBox;
    private readonly Func<Exchange, bool> keepsWitnesses;
    private readonly BoxValues values;
    private readonly List<(int Axis, int Sign, Sense? Always)> singles = [];
    private readonly List<(int Axis, int Sign, Sense Sense)> senses = [];
    private SweepGroup? known;
    private (int Source, int Direction)[] sources = [];
    private bool[] drivers = [];

    /// <summary>What a step along one axis does to a box.</summary>
    /// <param name="Sources">1 where a number that chips go by becomes better, 0 where it stays, -1 where it may become worse.</param>
    /// <param name="IsSure">Whether each does so at every variant.</param>
    /// <param name="IsWorse">Whether an objective does not become better anywhere.</param>
    private sealed record Sense(int[] Sources, bool IsSure, bool IsWorse)
    {
        public bool KeepsRates { get; } = Array.TrueForAll(Sources, source => source >= 0);
    }

    private Exchanges(SweepPlan plan, SearchQuestion question, BoxValues values, StepMoves moves, ObjectiveMoves objectives)
    {
        this.plan = plan;
        this.values = values;
        this.moves = moves;
        this.objectives = objectives;
        witnesses = new Witnesses(plan, objectives.Directions, values.Cost);
        asked = [.. Enumerable.Range(0, question.IsAsked.Length).Where(job => question.IsAsked[job])];
        keepsBox = KeepsBox;
        keepsWitnesses = exchange => witnesses.Keep(exchange, sources, drivers);
        all = new bool[plan.Space.Derived.Count];
        Array.Fill(all, true);
    }

    /// <summary>Exchanges that decide a question; null where none do (<see cref="ObjectiveMoves.Of"/>).</summary>
    public static Exchanges? Of(SweepPlan plan, SearchQuestion question, BoxValues values)
    {
        StepMoves moves = new(plan);
        return ObjectiveMoves.Of(plan, question, values, moves) is { } objectives ? new Exchanges(plan, question, values, moves, objectives) : null;
    }

    /// <summary>Whether some steps beside every variant of a box there is one that beats it; its numbers are loaded.</summary>
    /// <param name="box">The box.</param>
    /// <param name="group">Its group.</param>
    public bool Beat(Box box, SweepGroup group)
    {
        if (group != known)
        {
            Take(group, box);
        }

        values.Load(box.Low, box.High);
        if (!moves.Begin(box, values.Table))
        {
            return false;
        }

        if (witnesses.IsAble)
        {
            witnesses.Begin(box);
        }

        senses.Clear();
        foreach ((int axis, int sign, Sense? always) in singles)
        {
            if (!moves.HasRoom(axis, sign))
            {
                continue;
            }

            Sense sense = always ?? SenseOf(axis, sign);
            if (always is null && sense.KeepsRates && objectives.AreBetter() && moves.Passes())
            {
                return true;
            }

            senses.Add((axis, sign, sense));
        }

        foreach ((int axis, int sign, Sense sense) in senses)
        {
            // What helps the objectives is paid for by rates, which something else gives back.
            if (sense.IsWorse || sense.KeepsRates)
            {
                continue;
            }

            foreach ((int other, int otherSign, Sense back) in senses)
            {
                if (other != axis && GivesBack(sense.Sources, back.Sources) && Beats(axis, sign, other, otherSign))
                {
                    return true;
                }
            }
        }

        return false;
    }

    /// <summary>What one step does to the box that was begun.</summary>
    private Sense SenseOf(int axis, int sign)
    {
        moves.Take(axis, sign, axis, 0, all);
        return new Sense(
            Array.ConvertAll(sources, source => Sign(moves.Table.Of(source.Source).By, source.Direction)),
            Array.TrueForAll(sources, source => moves.Table.Of(source.Source).By is { Low: >= 0 } or { High: <= 0 }),
            objectives.IsWorse());
    }

    private static bool GivesBack(int[] taken, int[] given)
    {
        for (int source = 0; source < taken.Length; source++)
        {
            if (given[source] < 0 || (taken[source] < 0 && given[source] <= 0))
            {
                return false;
            }
        }

        return true;
    }

    private bool Beats(int axis, int sign, int other, int otherSign)
    {
        int least = 1;
        for (int steps = 1; steps <= MostSteps && moves.HasRoom(axis, sign * steps); steps *= 2)
        {
            if (witnesses.IsAble)
            {
                least = LeastBack(new Exchange(axis, sign * steps, other, otherSign), least, keepsWitnesses);
                if (least == 0)
                {
                    return false;
                }

                if (!witnesses.Gain(new Exchange(axis, sign * steps, other, otherSign * least)))
                {
                    // Of few steps too many may have been given back.
                    if (steps >= TellingSteps)
                    {
                        return false;
                    }

                    continue;
                }
            }

            least = LeastBack(new Exchange(axis, sign * steps, other, otherSign), least, keepsBox);
            if (least == 0)
            {
                return false;
            }

            moves.Take(axis, sign * steps, other, otherSign * least, all);
            if (objectives.AreBetter() && moves.Passes())
            {
                return true;
            }

            // More of what does not help on the whole helps less still; of few steps too many may have been given back.
            if (objectives.IsWorse() || (steps >= TellingSteps && !objectives.AreBetterMidway()))
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>The fewest steps along an axis that give back what was taken of the rates; 0 where none do.</summary>
    /// <param name="one">What is taken, and one step of what gives it back.</param>
    /// <param name="from">Steps that are known to be needed.</param>
    /// <param name="keeps">Whether an exchange keeps the rates.</param>
    private int LeastBack(Exchange one, int from, Func<Exchange, bool> keeps)
    {
        int low = from;
        int high = from;
        while (!Keeps(high))
        {
            (low, high) = (high + 1, high * 2);
            if (!moves.HasRoom(one.Other, one.Back * high))
            {
                // The last that there is room for, if any.
                while (high >= low && !moves.HasRoom(one.Other, one.Back * high))
                {
                    high--;
                }

                if (high < low || !Keeps(high))
                {
                    return 0;
                }
            }
        }

        while (low < high)
        {
            int middle = (low + high) / 2;
            (low, high) = Keeps(middle) ? (low, middle) : (middle + 1, high);
        }

        return high;

        bool Keeps(int back) => moves.HasRoom(one.Other, one.Back * back) && keeps(one with { Back = one.Back * back });
    }

    /// <summary>Whether an exchange makes no number that chips go by worse at any variant of the box.</summary>
    private bool KeepsBox(Exchange exchange)
    {
        moves.Take(exchange.Axis, exchange.Steps, exchange.Other, exchange.Back, drivers);
        foreach ((int source, int direction) in sources)
        {
            if (Sign(moves.Table.Of(source).By, direction) < 0)
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>1 of a move that makes a number nowhere worse, 0 of none, -1 of any other.</summary>
    private static int Sign(Interval by, int direction) => by.Low == 0 && by.High == 0 ? 0 : (direction > 0 ? by.Low >= 0 : by.High <= 0) ? 1 : -1;

    private void Take(SweepGroup group, Box box)
    {
        known = group;
        sources = ChipDrivers.Of(group, asked).Directions;
        SweepSpace space = plan.Space;
        drivers = new bool[space.Derived.Count];
        foreach ((int source, _) in sources)
        {
            if (source >= space.ColumnCount)
            {
                // What it is derived from is derived before it.
                Array.Fill(drivers, true, 0, source - space.ColumnCount + 1);
            }
        }

        // What a step surely does everywhere it does in every box.
        singles.Clear();
        for (int axis = 0; axis < space.Axes.Count; axis++)
        {
            foreach (int sign in (ReadOnlySpan<int>)[1, -1])
            {
                if (space.IsLane[axis] && moves.IsWhole(axis) && space.Axes[axis].Count > 1)
                {
                    Box whole = Whole(space, box, axis, sign);
                    values.Load(whole.Low, whole.High);
                    Sense? sense = moves.Begin(whole, values.Table) ? SenseOf(axis, sign) : null;
                    singles.Add((axis, sign, sense is { IsSure: true } && (sense.IsWorse || !sense.KeepsRates) ? sense : null));
                }
            }
        }
    }

    /// <summary>All variants of a box's group from which a step leads to others.</summary>
    private static Box Whole(SweepSpace space, Box box, int moved, int sign)
    {
        int[] low = [.. box.Low];
        int[] high = [.. box.High];
        for (int axis = 0; axis < low.Length; axis++)
        {
            (low[axis], high[axis]) = space.IsLane[axis] ? (0, space.Axes[axis].Count - 1) : (low[axis], high[axis]);
        }

        (low[moved], high[moved]) = sign > 0 ? (0, high[moved] - 1) : (1, high[moved]);
        return new Box(low, high);
    }
}
