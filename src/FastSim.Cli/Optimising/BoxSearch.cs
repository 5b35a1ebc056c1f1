using System.Collections.Concurrent;
using FastSim.Cli.Sweeps;
using FastSim.Kernels.Lanes;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>
/// Branch and bound over boxes of variants: a box whose bound is below the best known is left out whole, any other is cut in two, and what is small enough
/// is answered variant by variant. Rounds have a fixed size, and what a round finds counts from the next: so everything is the same on any number of
/// threads.
/// </summary>
internal sealed class BoxSearch
{
    private const int BoxesPerRound = 4096;
    private const int BoxesPerChunk = 256;
    private const int VariantsPerChunk = 64;
    private const long FewVariants = 8;

    private readonly SweepPlan plan;
    private readonly GroupCache groups;
    private readonly bool[] isAsked;
    private readonly int threads;
    private readonly LaneWidth width;
    private readonly CancellationToken cancellation;
    private readonly BestList best;
    private readonly ConcurrentBag<BoxSolver> solvers = [];
    private readonly List<Box> stack = [];

    /// <summary>Prepares a search.</summary>
    /// <param name="plan">The sweep.</param>
    /// <param name="groups">Its groups.</param>
    /// <param name="isAsked">The jobs that count: one, or all of a suite.</param>
    /// <param name="wanted">How many of the best are wanted.</param>
    /// <param name="threads">Threads.</param>
    /// <param name="width">Lane width.</param>
    /// <param name="tally">Where to count boxes.</param>
    /// <param name="cancellation">Ends it early.</param>
    public BoxSearch(
        SweepPlan plan, GroupCache groups, bool[] isAsked, int wanted, int threads, LaneWidth width, BoxTally tally, CancellationToken cancellation)
    {
        (this.plan, this.groups, this.isAsked, this.threads, this.width, this.cancellation) = (plan, groups, isAsked, threads, width, cancellation);
        best = new BestList(wanted);
        Tally = tally;
        Wanted = wanted;
    }

    /// <summary>How many of the best are wanted.</summary>
    public int Wanted { get; }

    /// <summary>The best found, best first.</summary>
    public IEnumerable<(double Score, long Variant)> Ranked => best.Ranked;

    /// <summary>What became of the boxes.</summary>
    public BoxTally Tally { get; }

    /// <summary>Searches.</summary>
    /// <param name="passes">Whether some variant of a group passes the filter.</param>
    /// <param name="tell">Told after each round.</param>
    /// <returns>Whether it came to its end.</returns>
    public bool Run(Func<long, bool> passes, Action tell)
    {
        new Climb(plan.Space, this).Start();
        for (long group = 0; group < plan.Space.Groups && !cancellation.IsCancellationRequested; group++)
        {
            Box box = WholeOf(group);
            if (passes(group))
            {
                stack.Add(box);
            }
            else
            {
                Tally.CountEnd(BoxFate.Filtered, box.Count);
            }
        }

        // The first of the boxes lies at the end, as of those that are cut.
        List<Box> whole = [.. stack];
        stack.Clear();
        whole.Reverse();
        Take(whole);
        while (stack.Count > 0 && !cancellation.IsCancellationRequested)
        {
            Round();
            Tally.Waiting = stack.Count;
            tell();
        }

        return !cancellation.IsCancellationRequested;
    }

    /// <summary>Scores variants, and takes those that are among the best.</summary>
    /// <returns>A score each; NaN where one has none.</returns>
    public double[] Answer(IReadOnlyList<long> variants)
    {
        double[] scores = new double[variants.Count];
        int chunks = (variants.Count + VariantsPerChunk - 1) / VariantsPerChunk;
        Share<double[]>(
            chunks,
            (solver, chunk) =>
            {
                int first = chunk * VariantsPerChunk;
                return solver.Scores([.. variants.Skip(first).Take(VariantsPerChunk)], new SweepTally());
            },
            (chunk, found) => found.CopyTo(scores, chunk * VariantsPerChunk));
        if (cancellation.IsCancellationRequested)
        {
            // What was not come to has no score: nothing is found any more, and nobody counts it.
            Array.Fill(scores, double.NaN);
            return scores;
        }

        for (int index = 0; index < scores.Length; index++)
        {
            best.Add(scores[index], variants[index]);
        }

        Tally.Answered += scores.Length;
        return scores;
    }

    /// <summary>Cuts the boxes on top of the stack.</summary>
    private void Round()
    {
        int first = Math.Max(0, stack.Count - BoxesPerRound);
        List<Box> cut = [];
        foreach (Box box in stack[first..])
        {
            // The best may have become better since the box was bounded.
            if (best.Excludes(box.Bound, box.First(plan.Space)))
            {
                Tally.CountEnd(BoxFate.Outbid, box.Count);
                continue;
            }

            (Box lower, Box upper) = box.Halves();
            cut.Add(lower);
            cut.Add(upper);
        }

        stack.RemoveRange(first, stack.Count - first);
        Take(cut);
    }

    /// <summary>Bounds boxes; what is left of them goes on the stack, the most promising last, or is answered.</summary>
    private void Take(List<Box> boxes)
    {
        double threshold = best.Threshold;
        List<(int First, int Count)> chunks = Chunks(boxes);
        Share(
            chunks.Count,
            (solver, chunk) =>
            {
                solver.Bound(System.Runtime.InteropServices.CollectionsMarshal.AsSpan(boxes).Slice(chunks[chunk].First, chunks[chunk].Count), threshold);
                return true;
            },
            (_, _) => { });
        if (cancellation.IsCancellationRequested)
        {
            return;
        }

        List<long> answered = [];
        List<Box> open = [];
        foreach (Box box in boxes)
        {
            Tally.CountBounded();
            switch (box.Fate)
            {
                case BoxFate.Open when box.Count > FewVariants:
                    open.Add(box);
                    continue;
                case BoxFate.Open:
                    answered.AddRange(box.Variants(plan.Space, FewVariants));
                    break;
                case BoxFate.Tied:
                    answered.AddRange(box.Variants(plan.Space, Wanted));
                    break;
            }

            Tally.CountEnd(box.Fate, box.Count);
        }

        Answer(answered);
        stack.AddRange(open.OrderBy(box => box.Bound));
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

    private Box WholeOf(long group)
    {
        int[] low = new int[plan.Space.Axes.Count];
        int[] high = new int[low.Length];
        for (int axis = 0; axis < low.Length; axis++)
        {
            bool isLane = plan.Space.IsLane[axis];
            low[axis] = isLane ? 0 : plan.Space.GroupStepOf(group, axis);
            high[axis] = isLane ? plan.Space.Axes[axis].Count - 1 : low[axis];
        }

        return new Box(low, high);
    }

    /// <summary>Shares work among threads, each with a solver of its own; what comes of it is taken in order. Where it is stopped some of it never is.</summary>
    private void Share<T>(int count, Func<BoxSolver, int, T> work, Action<int, T> take)
    {
        if (count == 0)
        {
            return;
        }

        OrderedBlocks.Run<T>(
            0,
            count,
            threads,
            () =>
            {
                return part =>
                {
                    if (!solvers.TryTake(out BoxSolver? solver))
                    {
                        solver = new BoxSolver(plan, groups, isAsked, width);
                    }

                    T product = work(solver, (int)part);
                    solvers.Add(solver);
                    return product;
                };
            },
            (part, product) => take((int)part, product),
            cancellation);
    }
}
