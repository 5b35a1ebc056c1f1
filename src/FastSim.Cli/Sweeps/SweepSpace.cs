using FastSim.Cli.Configuration;

namespace FastSim.Cli.Sweeps;

/// <summary>The variants of a sweep, numbered: the first axis is outermost. Tells axes that change rates alone from those that make groups.</summary>
internal sealed class SweepSpace
{
    private readonly long[] strides;
    private readonly long[] groupStrides;

    public SweepSpace(SweepFile sweep)
    {
        Axes = sweep.Axes;
        IsLane = [.. Axes.Select(axis => axis.Targets.All(target => LaneField.Of(target.Path) is not null))];
        strides = new long[Axes.Count];
        groupStrides = new long[Axes.Count];
        long stride = 1;
        long groupStride = 1;
        for (int axis = Axes.Count - 1; axis >= 0; axis--)
        {
            strides[axis] = stride;
            stride *= Axes[axis].Count;
            groupStrides[axis] = IsLane[axis] ? 0 : groupStride;
            groupStride *= IsLane[axis] ? 1 : Axes[axis].Count;
        }

        Count = stride;
        Groups = groupStride;
    }

    /// <summary>The axes.</summary>
    public IReadOnlyList<SweepAxis> Axes { get; }

    /// <summary>Whether an axis changes rates alone.</summary>
    public IReadOnlyList<bool> IsLane { get; }

    /// <summary>Variants.</summary>
    public long Count { get; }

    /// <summary>Combinations of the axes that make groups.</summary>
    public long Groups { get; }

    /// <summary>Step of an axis at a variant.</summary>
    public int StepOf(long variant, int axis) => (int)(variant / strides[axis] % Axes[axis].Count);

    /// <summary>Variants by which one step of an axis is apart.</summary>
    public long StrideOf(int axis) => strides[axis];

    /// <summary>Group of a variant.</summary>
    public long GroupOf(long variant)
    {
        long group = 0;
        for (int axis = 0; axis < Axes.Count; axis++)
        {
            if (groupStrides[axis] > 0)
            {
                group += StepOf(variant, axis) * groupStrides[axis];
            }
        }

        return group;
    }

    /// <summary>Step of an axis in a group; of an axis that changes rates alone, the first.</summary>
    public int GroupStepOf(long group, int axis) => groupStrides[axis] == 0 ? 0 : (int)(group / groupStrides[axis] % Axes[axis].Count);
}
