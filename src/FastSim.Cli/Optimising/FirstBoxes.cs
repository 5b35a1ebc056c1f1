using FastSim.Cli.Sweeps;

namespace FastSim.Cli.Optimising;

/// <summary>The boxes that a search begins with: a group each, or those of a shard.</summary>
internal static class FirstBoxes
{
    private const int PiecesPerShard = 16;

    /// <summary>Those of a sweep, or of a shard: each variant is in a box of one shard.</summary>
    /// <param name="space">The variants.</param>
    /// <param name="shard">The shard.</param>
    /// <returns>The boxes, by group.</returns>
    public static IEnumerable<Box> Of(SweepSpace space, Shard shard)
    {
        IEnumerable<Box> boxes = Groups(space);
        if (shard.Count == 1)
        {
            return boxes;
        }

        // The best of a space lies somewhere in it: every shard has pieces from all over.
        long pieces = space.Groups;
        while (pieces < (long)PiecesPerShard * shard.Count)
        {
            List<Box> halves = [.. boxes.SelectMany(Halves)];
            boxes = halves;
            if (halves.Count == pieces)
            {
                break;
            }

            pieces = halves.Count;
        }

        return boxes.Where((_, index) => index % shard.Count == shard.Index - 1);
    }

    private static IEnumerable<Box> Groups(SweepSpace space)
    {
        for (long group = 0; group < space.Groups; group++)
        {
            int[] low = new int[space.Axes.Count];
            int[] high = new int[low.Length];
            for (int axis = 0; axis < low.Length; axis++)
            {
                bool isLane = space.IsLane[axis];
                low[axis] = isLane ? 0 : space.GroupStepOf(group, axis);
                high[axis] = isLane ? space.Axes[axis].Count - 1 : low[axis];
            }

            yield return new Box(low, high);
        }
    }

    private static IEnumerable<Box> Halves(Box box)
    {
        int longest = 0;
        for (int axis = 1; axis < box.Low.Length; axis++)
        {
            longest = box.High[axis] - box.Low[axis] > box.High[longest] - box.Low[longest] ? axis : longest;
        }

        if (box.Low[longest] == box.High[longest])
        {
            return [box];
        }

        box.Cut = longest;
        (Box lower, Box upper) = box.Halves();
        (lower.Other, upper.Other) = (null, null);
        return [lower, upper];
    }
}
