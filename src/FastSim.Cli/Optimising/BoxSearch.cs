using System.Runtime.InteropServices;
using FastSim.Cli.Sweeps;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>
/// Branch and bound over boxes of variants: a box that something known beats whole is left out, any other is cut in two, and what is small enough
/// is answered variant by variant. Rounds have a fixed size, and what a round finds counts from the next: so everything is the same on any number of
/// threads, and a search that goes on from the end of a round ends as if it had not been stopped.
/// </summary>
/// <param name="plan">The sweep.</param>
/// <param name="question">What is asked.</param>
/// <param name="goal">What is kept.</param>
/// <param name="pool">Shares the work.</param>
/// <param name="tally">Where to count boxes.</param>
internal sealed class BoxSearch(SweepPlan plan, SearchQuestion question, ISearchGoal goal, SolverPool pool, BoxTally tally)
{
    private const int BoxesPerRound = 512;
    private const int BoxesPerChunk = 128;
    private const int VariantsPerChunk = 64;

    private List<Box> stack = [];

    /// <summary>What is kept, best first.</summary>
    public IReadOnlyList<KeptVariants> Kept => goal.Kept;

    /// <summary>Whether it was stopped.</summary>
    public bool IsStopped => pool.IsStopped;

    /// <summary>Whether its first boxes were bounded, so that there is something to go on with.</summary>
    public bool IsBegun { get; private set; }

    /// <summary>Boxes that wait to be cut, as of the end of a round.</summary>
    public IReadOnlyList<Box> Waiting => stack;

    /// <summary>Goes on where an earlier search was stopped.</summary>
    /// <param name="kept">What it kept.</param>
    /// <param name="waiting">Its boxes.</param>
    public void GoOnWith(IReadOnlyList<KeptVariants> kept, IEnumerable<Box> waiting)
    {
        goal.AddKept(kept);
        stack = [.. waiting];
        IsBegun = true;
    }

    /// <summary>Searches.</summary>
    /// <param name="shard">The part of the variants that is searched.</param>
    /// <param name="passes">Whether some variant of a group passes the filter.</param>
    /// <param name="tell">Told after each round.</param>
    /// <returns>Whether it came to its end.</returns>
    public bool Run(Shard shard, Func<long, bool> passes, Action tell)
    {
        if (!IsBegun)
        {
            Begin(shard, passes);
        }

        while (stack.Count > 0 && !IsStopped)
        {
            Round();
            tally.Waiting = stack.Count;
            tell();
        }

        return IsBegun && !IsStopped;
    }

    /// <summary>Asks for losses of variants, and keeps what counts.</summary>
    /// <returns>Losses, the objectives of a variant one after another; NaN where one has none, and of all where it was stopped.</returns>
    public double[] Answer(IReadOnlyList<long> variants)
    {
        if (Answer(variants, new Box?[variants.Count]) is { } losses)
        {
            return losses;
        }

        double[] none = new double[variants.Count * question.Objectives.Count];
        Array.Fill(none, double.NaN);
        return none;
    }

    private void Begin(Shard shard, Func<long, bool> passes)
    {
        long[] counts = tally.Counts;
        if (question.IsFront)
        {
            new FrontWalk(plan.Space, this).Start();
        }
        else
        {
            new Climb(plan.Space, this).Start();
        }

        long known = -1;
        bool passed = false;
        List<Box> whole = [];
        foreach (Box box in IsStopped ? [] : FirstBoxes.Of(plan.Space, shard))
        {
            if (IsStopped)
            {
                break;
            }

            long group = GroupOf(box);
            passed = group == known ? passed : passes(group);
            known = group;
            if (passed)
            {
                whole.Add(box);
            }
            else
            {
                tally.CountEnd(BoxFate.Filtered, box.Count);
            }
        }

        // The first of the boxes lies at the end, as of those that are cut.
        whole.Reverse();
        IsBegun = !IsStopped && Take(whole);
        if (!IsBegun)
        {
            tally.Counts = counts;
        }
    }

    /// <summary>The same of variants that stand for boxes; null, and nothing is kept, where it was stopped.</summary>
    private double[]? Answer(IReadOnlyList<long> variants, IReadOnlyList<Box?> tied)
    {
        int objectives = question.Objectives.Count;
        double[] losses = new double[variants.Count * objectives];
        int chunks = (variants.Count + VariantsPerChunk - 1) / VariantsPerChunk;
        pool.Share<double[]>(
            chunks,
            (solver, chunk) =>
            {
                int first = chunk * VariantsPerChunk;
                return solver.Losses([.. variants.Skip(first).Take(VariantsPerChunk)], new SweepTally());
            },
            (chunk, found) => found.CopyTo(losses, chunk * VariantsPerChunk * objectives));
        if (IsStopped)
        {
            return null;
        }

        goal.Add(variants, losses, tied);
        tally.Answered += variants.Count;
        return losses;
    }

    /// <summary>Cuts the boxes on top of the stack; where it is stopped everything is as before.</summary>
    private void Round()
    {
        long[] counts = tally.Counts;
        int first = Math.Max(0, stack.Count - BoxesPerRound);
        List<Box> top = stack[first..];
        List<Box> cut = [];
        foreach (Box box in top)
        {
            // What is known may have become better since the box was bounded.
            if (goal.Excludes(box.Corner, box.First(plan.Space)))
            {
                tally.CountEnd(BoxFate.Outbid, box.Count);
                continue;
            }

            (Box lower, Box upper) = box.Halves();
            cut.Add(lower);
            cut.Add(upper);
        }

        stack.RemoveRange(first, stack.Count - first);
        if (!Take(cut))
        {
            stack.AddRange(top);
            tally.Counts = counts;
        }
    }

    /// <summary>Bounds boxes; what is left of them goes on the stack, the most promising last, or is answered.</summary>
    /// <returns>Whether it was not stopped.</returns>
    private bool Take(List<Box> boxes)
    {
        List<(int First, int Count)> chunks = Chunks(boxes);
        pool.Share(
            chunks.Count,
            (solver, chunk) =>
            {
                solver.Bound(CollectionsMarshal.AsSpan(boxes).Slice(chunks[chunk].First, chunks[chunk].Count), goal);
                return true;
            },
            (_, _) => { });
        if (IsStopped)
        {
            return false;
        }

        List<long> answered = [];
        List<Box?> tied = [];
        List<Box> open = [];
        foreach (Box box in boxes)
        {
            tally.CountBounded();
            switch (box.Fate)
            {
                case BoxFate.Open when box.Count > BoxSolver.FewVariants:
                    open.Add(box);
                    continue;
                case BoxFate.Open:
                    answered.AddRange(box.Left);
                    break;
                case BoxFate.Tied:
                    answered.AddRange(box.Variants(plan.Space, goal.TiedVariants));
                    break;
            }

            tied.AddRange(Enumerable.Repeat(box.Fate == BoxFate.Tied ? box : null, answered.Count - tied.Count));
            tally.CountEnd(box.Fate, box.Count);
        }

        if (Answer(answered, tied) is null)
        {
            return false;
        }

        stack.AddRange(open.OrderByDescending(box => box.Corner[0]));
        return true;
    }

    /// <summary>Runs of boxes of one group.</summary>
    private List<(int First, int Count)> Chunks(List<Box> boxes)
    {
        List<(int, int)> chunks = [];
        int first = 0;
        for (int index = 1; index <= boxes.Count; index++)
        {
            if (index == boxes.Count || index - first == BoxesPerChunk || GroupOf(boxes[index]) != GroupOf(boxes[first]))
            {
                chunks.Add((first, index - first));
                first = index;
            }
        }

        return chunks;
    }

    private long GroupOf(Box box) => plan.Space.GroupOf(box.First(plan.Space));
}
