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
}

/// <summary>Variants whose steps lie in a range of each axis.</summary>
/// <param name="low">First step of each axis.</param>
/// <param name="high">Last step of each axis.</param>
internal sealed class Box(int[] low, int[] high)
{
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
        return (new Box(low, lowerHigh) { Reaches = Reaches }, new Box(upperLow, high) { Reaches = Reaches });
    }
}
