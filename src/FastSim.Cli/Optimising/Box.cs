using FastSim.Cli.Sweeps;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>What is known of a box.</summary>
internal enum BoxFate
{
    /// <summary>It may hold something better.</summary>
    Open,

    /// <summary>The filter leaves all of it out.</summary>
    Filtered,

    /// <summary>None of its variants has a plan or a score.</summary>
    Planless,

    /// <summary>Something better is known than all of it.</summary>
    Outbid,

    /// <summary>All of its variants have one score: the first of them stand for it.</summary>
    Tied,

    /// <summary>Beside each of its variants there is one that is no worse in any objective and better in one (<see cref="Exchanges"/>).</summary>
    Exchanged,
}

/// <summary>Variants whose steps lie in a range of each axis.</summary>
/// <param name="low">First step of each axis.</param>
/// <param name="high">Last step of each axis.</param>
internal sealed class Box(int[] low, int[] high)
{
    private const double LeastSlope = 0.01;
    private const double MostSlope = 2;

    /// <summary>First step of each axis.</summary>
    public int[] Low => low;

    /// <summary>Last step of each axis.</summary>
    public int[] High => high;

    /// <summary>What is known of it.</summary>
    public BoxFate Fate { get; set; }

    /// <summary>Losses that none of its variants falls below, an objective each (less is better); nothing before it is bounded.</summary>
    public double[] Corner { get; set; } = [];

    /// <summary>What the box that it was cut from reaches, a job each; none of the first boxes.</summary>
    public VariantReach[] Reaches { get; set; } = [];

    /// <summary>The best ends of the numbers that its chips go by, where it was bounded by its own best chip.</summary>
    public double[]? Ends { get; set; }

    /// <summary>Those of the box that it was cut from, at which <see cref="Reaches"/> was searched; null where that is not known.</summary>
    public double[]? ParentEnds { get; init; }

    /// <summary>Variants of a box that is not cut any more which are left to be answered.</summary>
    public List<long> Left { get; set; } = [];

    /// <summary>How much of what is served each number that drives the chips is worth hereabouts, by logarithms; nothing where that is not known. Decides where boxes are cut.</summary>
    public double[] Slopes { get; set; } = [];

    /// <summary>The other half of what it was cut from, until both are bounded.</summary>
    public Box? Other { get; set; }

    /// <summary>Axis along which it is best cut.</summary>
    public int Cut { get; set; }

    /// <summary>Variants.</summary>
    public long Count
    {
        get
        {
            long count = 1;
            for (int axis = 0; axis < low.Length; axis++)
            {
                count *= high[axis] - low[axis] + 1;
            }

            return count;
        }
    }

    /// <summary>Number of its first variant.</summary>
    public long First(SweepSpace space)
    {
        long variant = 0;
        for (int axis = 0; axis < low.Length; axis++)
        {
            variant += low[axis] * space.StrideOf(axis);
        }

        return variant;
    }

    /// <summary>The box of one variant.</summary>
    public static Box Of(SweepSpace space, long variant)
    {
        int[] steps = new int[space.Axes.Count];
        for (int axis = 0; axis < steps.Length; axis++)
        {
            steps[axis] = space.StepOf(variant, axis);
        }

        return new Box(steps, steps);
    }

    /// <summary>Its first variants, rising.</summary>
    /// <param name="space">The variants.</param>
    /// <param name="most">How many at most.</param>
    public List<long> Variants(SweepSpace space, long most)
    {
        List<long> variants = [];
        int[] steps = [.. low];
        long variant = First(space);
        while (variants.Count < most)
        {
            variants.Add(variant);
            int axis = steps.Length - 1;
            while (axis >= 0 && steps[axis] == high[axis])
            {
                variant -= (steps[axis] - low[axis]) * space.StrideOf(axis);
                steps[axis] = low[axis];
                axis--;
            }

            if (axis < 0)
            {
                break;
            }

            steps[axis]++;
            variant += space.StrideOf(axis);
        }

        return variants;
    }

    /// <summary>Its halves along <see cref="Cut"/>.</summary>
    public (Box Lower, Box Upper) Halves()
    {
        int middle = low[Cut] + ((high[Cut] - low[Cut]) / 2);
        int[] lowerHigh = [.. high];
        int[] upperLow = [.. low];
        lowerHigh[Cut] = middle;
        upperLow[Cut] = middle + 1;
        Box lower = new(low, lowerHigh) { Reaches = Reaches, ParentEnds = Ends, Slopes = Slopes };
        Box upper = new(upperLow, high) { Reaches = Reaches, ParentEnds = Ends, Slopes = Slopes };
        (lower.Other, upper.Other) = (upper, lower);
        return (lower, upper);
    }

    /// <summary>Corrects the slopes by how much the halves differ in what they reach, where both were bounded.</summary>
    public void Learn()
    {
        if (Other is not { } other)
        {
            return;
        }

        (Other, other.Other) = (null, null);
        if (Ends is not { } ends || other.Ends is not { } otherEnds)
        {
            return;
        }

        double[] slopes = Slopes.Length > 0 ? [.. Slopes] : [.. Enumerable.Repeat(1.0, ends.Length)];
        double foreseen = 0;
        for (int driver = 0; driver < slopes.Length; driver++)
        {
            foreseen += slopes[driver] * Math.Abs(Apart(ends[driver], otherEnds[driver]));
        }

        double share = Math.Abs(Apart(Reaches[0].RequestsPerCardSecond, other.Reaches[0].RequestsPerCardSecond)) / foreseen;
        if (!double.IsFinite(share))
        {
            return;
        }

        for (int driver = 0; driver < slopes.Length; driver++)
        {
            slopes[driver] = ends[driver] == otherEnds[driver] ? slopes[driver] : Math.Clamp(slopes[driver] * share, LeastSlope, MostSlope);
        }

        (Slopes, other.Slopes) = (slopes, slopes);

        static double Apart(double one, double other) => one == other ? 0 : Math.Log(one / other);
    }
}
