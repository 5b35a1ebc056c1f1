using FastSim.Cli.Configuration;

namespace FastSim.Cli.Sweeps;

/// <summary>
/// The variants of a sweep, numbered: the first axis is outermost. Tells axes that change rates alone, through derived numbers too, from those that
/// make groups.
/// </summary>
internal sealed class SweepSpace
{
    private readonly long[] strides;
    private readonly long[] groupStrides;
    private readonly string file;
    private readonly bool[][] axesOfDerived;

    public SweepSpace(SweepFile sweep)
    {
        file = sweep.File;
        Axes = sweep.Axes;
        Derived = sweep.Derived;
        Names = [.. Axes.SelectMany(axis => axis.Columns).Select(column => column.Name), .. Derived.Select(number => number.Name)];
        ColumnCount = Names.Count - Derived.Count;
        axesOfDerived = AxesOfDerived();
        IsDerivedLane = [.. Derived.Select(number => IsLanes(number.Targets))];
        IsLane =
        [
            .. Axes.Select((axis, index) => IsLanes(axis.Targets)
                && !Derived.Where((_, number) => !IsDerivedLane[number] && axesOfDerived[number][index]).Any()),
        ];
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

    /// <summary>Numbers derived from the axes.</summary>
    public IReadOnlyList<DerivedNumber> Derived { get; }

    /// <summary>Names of the axes' columns, then of the derived numbers.</summary>
    public IReadOnlyList<string> Names { get; }

    /// <summary>Columns of the axes: as many of <see cref="Names"/>.</summary>
    public int ColumnCount { get; }

    /// <summary>Every place that an axis or a derived number drives.</summary>
    public IEnumerable<SweepPath> Paths =>
        Axes.SelectMany(axis => axis.Targets).Concat(Derived.SelectMany(number => number.Targets)).Select(target => target.Path);

    /// <summary>Whether a derived number changes rates alone.</summary>
    public IReadOnlyList<bool> IsDerivedLane { get; }

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

    /// <summary>Whether a derived number follows an axis, by way of others too.</summary>
    public bool Follows(int derived, int axis) => axesOfDerived[derived][axis];

    /// <summary>The expressions of the derived numbers, of a thread's own.</summary>
    /// <exception cref="ConfigurationException">One is none, or uses a name that is not an axis's or of a number before it.</exception>
    public Formula[] DerivedFormulas() =>
        [.. Derived.Select((number, index) => Formula.Of(file, number.Key, number.Expression, [.. Names.Take(ColumnCount + index)])!)];

    private bool[][] AxesOfDerived()
    {
        Dictionary<string, bool[]> axesOf = new(StringComparer.Ordinal);
        for (int axis = 0; axis < Axes.Count; axis++)
        {
            foreach (AxisColumn column in Axes[axis].Columns)
            {
                axesOf[column.Name] = new bool[Axes.Count];
                axesOf[column.Name][axis] = true;
            }
        }

        Formula[] formulas = DerivedFormulas();
        for (int number = 0; number < formulas.Length; number++)
        {
            bool[] own = new bool[Axes.Count];
            foreach (string name in formulas[number].Names)
            {
                for (int axis = 0; axis < own.Length; axis++)
                {
                    own[axis] |= axesOf[name][axis];
                }
            }

            axesOf[Derived[number].Name] = own;
        }

        return [.. Derived.Select(number => axesOf[number.Name])];
    }

    private static bool IsLanes(IReadOnlyList<AxisTarget> targets) => targets.All(target => LaneField.Of(target.Path) is not null);
}
