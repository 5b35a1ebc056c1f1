using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>
/// Boxes that others of the space beat without any being answered: where at every variant of a box the one some steps beside it (less of one axis,
/// more of another) has no number of its chip that is worse, is at least as good in every objective and better in one, no variant of the box is on a front. So
/// of all chips of much the same rates only those are looked at that make them nearly as cheaply as can be. Serves one thread.
/// </summary>
internal sealed class Exchanges
{
    private const int MostSteps = 48;

    private readonly SweepPlan plan;
    private readonly StepMoves moves;
    private readonly ObjectiveMoves objectives;
    private readonly int[] asked;
    private readonly bool[] all;
    private readonly List<(int Axis, int Sign)> singles = [];
    private readonly Dictionary<(int Axis, int Sign), Sense> senses = [];
    private SweepGroup? known;
    private (int Source, int Direction)[] sources = [];
    private bool[] drivers = [];

    /// <summary>What a step along one axis does to a box.</summary>
    private sealed record Sense(int[] Sources, bool IsWorse);

    private Exchanges(SweepPlan plan, SearchQuestion question, StepMoves moves, ObjectiveMoves objectives)
    {
        this.plan = plan;
        this.moves = moves;
        this.objectives = objectives;
        asked = [.. Enumerable.Range(0, question.IsAsked.Length).Where(job => question.IsAsked[job])];
        all = new bool[plan.Space.Derived.Count];
        Array.Fill(all, true);
    }

    /// <summary>Exchanges that decide a question; null where none do (<see cref="ObjectiveMoves.Of"/>).</summary>
    public static Exchanges? Of(SweepPlan plan, SearchQuestion question, BoxValues values)
    {
        StepMoves moves = new(plan);
        return ObjectiveMoves.Of(plan, question, values, moves) is { } objectives ? new Exchanges(plan, question, moves, objectives) : null;
    }

    /// <summary>Whether some steps beside every variant of a box there is one that beats it.</summary>
    /// <param name="box">The box.</param>
    /// <param name="values">Its numbers.</param>
    /// <param name="group">Its group.</param>
    public bool Beat(Box box, BoundTable values, SweepGroup group)
    {
        if (group != known)
        {
            Take(group);
        }

        if (!moves.Begin(box, values))
        {
            return false;
        }

        senses.Clear();
        foreach ((int axis, int sign) in singles)
        {
            if (!moves.HasRoom(axis, sign))
            {
                continue;
            }

            moves.Take(axis, sign, axis, 0, all);
            int[] moved = Array.ConvertAll(sources, source => Sign(moves.Table.Of(source.Source).By) * source.Direction);
            bool isWorse = objectives.IsWorse();
            if (Array.TrueForAll(moved, each => each >= 0) && objectives.AreBetter() && moves.Passes())
            {
                return true;
            }

            senses[(axis, sign)] = new Sense(moved, isWorse);
        }

        foreach (((int axis, int sign), Sense sense) in senses)
        {
            // What helps the objectives is paid for by rates, which something else gives back.
            if (sense.IsWorse || Array.TrueForAll(sense.Sources, each => each >= 0))
            {
                continue;
            }

            foreach (((int other, int otherSign), Sense back) in senses)
            {
                if (other != axis && GivesBack(sense.Sources, back.Sources) && Beats(axis, sign, other, otherSign))
                {
                    return true;
                }
            }
        }

        return false;
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
        for (int steps = 1; steps <= MostSteps && moves.HasRoom(axis, sign * steps); steps += Math.Max(1, steps / 3))
        {
            least = LeastBack(axis, sign * steps, other, otherSign, least);
            if (least == 0)
            {
                return false;
            }

            moves.Take(axis, sign * steps, other, otherSign * least, all);
            if (objectives.AreBetter() && moves.Passes())
            {
                return true;
            }

            if (objectives.IsWorse())
            {
                return false;
            }
        }

        return false;
    }

    /// <summary>The fewest steps along an axis that give back what was taken of the rates; 0 where none do.</summary>
    private int LeastBack(int axis, int steps, int other, int otherSign, int from)
    {
        int low = from;
        int high = from;
        while (!Keeps(high))
        {
            (low, high) = (high + 1, high * 2);
            if (!moves.HasRoom(other, otherSign * high))
            {
                // The last that there is room for, if any.
                while (high >= low && !moves.HasRoom(other, otherSign * high))
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

        bool Keeps(int back)
        {
            if (!moves.HasRoom(other, otherSign * back))
            {
                return false;
            }

            moves.Take(axis, steps, other, otherSign * back, drivers);
            foreach ((int source, int direction) in sources)
            {
                Interval by = moves.Table.Of(source).By;
                if (!((direction > 0 ? by.Low : -by.High) >= 0))
                {
                    return false;
                }
            }

            return true;
        }
    }

    private static int Sign(Interval by) => by.Low == 0 && by.High == 0 ? 0 : by.Low >= 0 ? 1 : -1;

    private void Take(SweepGroup group)
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

        singles.Clear();
        for (int axis = 0; axis < space.Axes.Count; axis++)
        {
            if (space.IsLane[axis] && moves.IsWhole(axis))
            {
                singles.AddRange([(axis, 1), (axis, -1)]);
            }
        }
    }
}
