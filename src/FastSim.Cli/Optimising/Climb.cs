using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>
/// Finds a good variant before boxes are bounded, so that few of them stay open: from the best of some scattered ones step by step to better ones.
/// What it finds decides nothing but how much is left to look at.
/// </summary>
/// <param name="space">The variants.</param>
/// <param name="search">What answers them.</param>
internal sealed class Climb(SweepSpace space, BoxSearch search)
{
    private const int Scattered = 512;
    private const int Starts = 3;
    private const int MostRounds = 400;
    private const int LongestPairStep = 4;

    private readonly HashSet<long> seen = [];

    /// <summary>Climbs.</summary>
    public void Start()
    {
        List<long> first = [0, space.Count - 1, space.Count / 2];
        ulong state = 1;
        for (int index = 0; index < Scattered && space.Count > Scattered; index++)
        {
            // Knuth's linear congruential sequence: scattered, and the same on every machine.
            state = unchecked((state * 6364136223846793005) + 1442695040888963407);
            first.Add((long)(state >> 1) % space.Count);
        }

        foreach ((double score, long variant) in Better(first, double.NegativeInfinity).Take(Starts))
        {
            Rise(variant, score);
        }
    }

    private void Rise(long from, double score)
    {
        for (int round = 0; round < MostRounds; round++)
        {
            if (Better(Neighbours(from), score) is not [var next, ..])
            {
                return;
            }

            (score, from) = next;
        }
    }

    /// <summary>Variants that were not seen before, of a higher score than some, the best first.</summary>
    private (double Score, long Variant)[] Better(IEnumerable<long> variants, double than)
    {
        long[] fresh = [.. variants.Where(seen.Add)];
        double[] scores = search.Answer(fresh);
        return [.. scores.Select((score, index) => (score, fresh[index])).Where(each => each.score > than).OrderByDescending(each => each.score).ThenBy(each => each.Item2)];
    }

    /// <summary>One axis up or down by powers of two, or two axes by a few steps against each other or together.</summary>
    private List<long> Neighbours(long variant)
    {
        List<long> near = [];
        for (int axis = 0; axis < space.Axes.Count; axis++)
        {
            for (int step = 1; step < space.Axes[axis].Count; step *= 2)
            {
                Add(variant, axis, step);
                Add(variant, axis, -step);
            }

            for (int other = 0; other < axis; other++)
            {
                for (int step = 1; step <= LongestPairStep; step *= 2)
                {
                    foreach (int sign in (ReadOnlySpan<int>)[-1, 1])
                    {
                        if (Moved(variant, axis, step * sign) is { } moved)
                        {
                            Add(moved, other, step);
                            Add(moved, other, -step);
                        }
                    }
                }
            }
        }

        return near;

        void Add(long from, int axis, int by)
        {
            if (Moved(from, axis, by) is { } moved)
            {
                near.Add(moved);
            }
        }
    }

    private long? Moved(long variant, int axis, int by)
    {
        int step = space.StepOf(variant, axis) + by;
        return step >= 0 && step < space.Axes[axis].Count ? variant + (by * space.StrideOf(axis)) : null;
    }
}
