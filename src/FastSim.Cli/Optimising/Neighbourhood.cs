using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>Variants from which a search begins, and those that are close to one.</summary>
/// <param name="space">The variants.</param>
internal sealed class Neighbourhood(SweepSpace space)
{
    private const int Scattered = 512;
    private const int LongestPairStep = 4;

    /// <summary>The ends, the middle, and variants all over the space.</summary>
    public List<long> First()
    {
        List<long> first = [0, space.Count - 1, space.Count / 2];
        ulong state = 1;
        for (int index = 0; index < Scattered && space.Count > Scattered; index++)
        {
            // Knuth's linear congruential sequence: scattered, and the same on every machine.
            state = unchecked((state * 6364136223846793005) + 1442695040888963407);
            first.Add((long)(state >> 1) % space.Count);
        }

        return first;
    }

    /// <summary>One axis up or down by powers of two, or two axes by a few steps against each other or together.</summary>
    public List<long> Of(long variant)
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
