using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Sweeps;

/// <summary>Reads the runtime of a sweep for one group of variants after another, and checks what its axes say.</summary>
internal sealed class SweepInputs
{
    private const long MostCheckedGroups = 4096;
    private const long MostCheckedValues = 65_536;

    private readonly SweepFile sweep;
    private readonly SweepSpace space;
    private readonly RuntimeOverrides overrides;
    private readonly Findings findings;
    private readonly Dictionary<string, JsonElement> cache = new(StringComparer.Ordinal);
    private readonly VariantValues values;
    private readonly Lock gate = new();
    private IReadOnlyList<ModeRun>? unedited;

    public SweepInputs(SweepFile sweep, SweepSpace space, RuntimeOverrides overrides, Findings findings)
    {
        this.sweep = sweep;
        this.space = space;
        this.overrides = overrides;
        this.findings = findings;
        values = new VariantValues(space);
    }

    /// <summary>Documents read so far, in the order of their names.</summary>
    public IEnumerable<string> Documents => cache.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{Path.GetFileName(pair.Key)}\0{pair.Value.GetRawText()}");

    /// <summary>Whether some group that was read prefills in a phase of its own.</summary>
    public bool HasPrefill { get; private set; }

    /// <summary>Whether some group that was read decodes.</summary>
    public bool HasDecode { get; private set; }

    /// <summary>Dimensions of layouts that some group that was read asks for.</summary>
    public AskedDimensions Asked { get; private set; }

    /// <summary>
    /// Checks what the axes say, so that a long run does not end at a bad value: every combination of the axes that make groups, as far as
    /// some variant passes the filter, up to a number; each value by itself beyond that. Values of lanes are checked one by one.
    /// </summary>
    /// <param name="passes">Whether some variant of a group passes the filter.</param>
    /// <exception cref="ConfigurationException">A value cannot be used.</exception>
    public void Check(Func<long, bool> passes)
    {
        for (int axis = 0; axis < space.Axes.Count; axis++)
        {
            for (int step = 0; space.IsLane[axis] && step < space.Axes[axis].Count; step++)
            {
                CheckLane(axis, step);
            }
        }

        for (int number = 0; number < space.Derived.Count; number++)
        {
            CheckDerived(number);
        }

        bool checksGroups = space.Groups <= MostCheckedGroups;
        for (long group = 0; checksGroups && group < space.Groups; group++)
        {
            if (passes(group))
            {
                Load(GroupEdits(group), GroupValues(group));
            }
        }

        for (int axis = 0; !checksGroups && axis < space.Axes.Count; axis++)
        {
            for (int step = 0; !space.IsLane[axis] && step < space.Axes[axis].Count; step++)
            {
                Load([.. Edits(axis, step)], space.Axes[axis].Describe(step));
            }
        }

        // Places of lanes are looked for once, of all axes together; where that fails one axis at a time, so that a message names the right one.
        int[] lanes = [.. Enumerable.Range(0, space.Axes.Count).Where(axis => space.IsLane[axis])];
        try
        {
            Load([.. lanes.SelectMany(axis => Edits(axis, 0))], "");
        }
        catch (ConfigurationException) when (lanes.Length > 0)
        {
            Array.ForEach(lanes, axis => Load([.. Edits(axis, 0)], space.Axes[axis].Describe(0)));
        }

        for (int number = 0; number < space.Derived.Count; number++)
        {
            // Every field of lanes takes a 1, whatever the number derived for it.
            Load([.. space.Derived[number].Targets.Where(_ => space.IsDerivedLane[number]).Select(target => new InputEdit(target.Path, 1))], space.Derived[number].Name);
        }

        IdleAxes.Warn(sweep.File, space, [.. Load([], "").SelectMany(run => run.Jobs)], HasPrefill, HasDecode, findings);
    }

    /// <summary>Reads and lowers a group.</summary>
    /// <exception cref="ConfigurationException">Its values cannot be used.</exception>
    public SweepGroup Group(long group)
    {
        return SweepGroup.Of(space, Load(GroupEdits(group), GroupValues(group)));
    }

    private IEnumerable<int> GroupAxes => Enumerable.Range(0, space.Axes.Count).Where(axis => !space.IsLane[axis]);

    private List<InputEdit> GroupEdits(long group)
    {
        List<InputEdit> edits = [.. GroupAxes.SelectMany(axis => Edits(axis, space.GroupStepOf(group, axis)))];
        lock (gate)
        {
            values.LoadGroup(group);
            edits.AddRange(DerivedEdits(number => !space.IsDerivedLane[number]));
        }

        return edits;
    }

    /// <summary>What derived numbers write at the variant that the values hold.</summary>
    private List<InputEdit> DerivedEdits(Func<int, bool> isWanted) =>
    [
        .. Enumerable.Range(0, space.Derived.Count).Where(isWanted).SelectMany(number => space.Derived[number].Targets.Select(target =>
        {
            double value = values.At(space.ColumnCount + number) * target.Factor;
            return new InputEdit(target.Path, double.IsNaN(value) ? null : value);
        })),
    ];

    private string GroupValues(long group) => string.Join(", ", GroupAxes.Select(axis => space.Axes[axis].Describe(space.GroupStepOf(group, axis))));

    /// <summary>The runtime of one variant, as a run of its own would read it.</summary>
    public IReadOnlyList<ModeRun> Variant(long variant)
    {
        List<InputEdit> edits = [.. space.Axes.Select((_, axis) => axis).SelectMany(axis => Edits(axis, space.StepOf(variant, axis)))];
        lock (gate)
        {
            values.Load(variant);
            edits.AddRange(DerivedEdits(_ => true));
        }

        return Load(edits, string.Join(", ", space.Axes.Select((each, axis) => each.Describe(space.StepOf(variant, axis)))));
    }

    private IReadOnlyList<ModeRun> Load(List<InputEdit> edits, string values)
    {
        lock (gate)
        {
            if (edits.Count == 0 && unedited is not null)
            {
                return unedited;
            }

            try
            {
                IReadOnlyList<ModeRun> runs = RuntimeFile.Load(sweep.RuntimeFile, overrides, findings, new InputDocuments(edits, cache));
                unedited = edits.Count == 0 ? runs : unedited;
                Note(runs);
                return runs;
            }
            catch (ConfigurationException exception) when (edits.Count > 0)
            {
                throw new ConfigurationException($"{sweep.File}: {values}: {exception.Message}", exception);
            }
        }
    }

    private IEnumerable<InputEdit> Edits(int axis, int step) =>
        space.Axes[axis].Targets.Select(target => new InputEdit(target.Path, space.Axes[axis].ValueOf(target, step)));

    private void CheckLane(int axis, int step)
    {
        foreach (AxisTarget target in space.Axes[axis].Targets)
        {
            LaneField field = LaneField.Of(target.Path)!;
            double value = space.Axes[axis].ValueOf(target, step) ?? double.NaN;
            if (!field.Accepts(value))
            {
                throw new ConfigurationException($"{sweep.File}: {space.Axes[axis].Describe(step)}: {target.Path.Text}: {field.Complaint(value)}");
            }
        }
    }

    /// <summary>
    /// Checks a number derived for lanes at every combination of the axes that it follows, where they are few and none is filtered out; where they
    /// are many each value is checked when its variant is answered.
    /// </summary>
    private void CheckDerived(int number)
    {
        int[] axes = [.. Enumerable.Range(0, space.Axes.Count).Where(axis => space.Follows(number, axis))];
        double combinations = axes.Aggregate(1.0, (product, axis) => product * space.Axes[axis].Count);
        if (!space.IsDerivedLane[number] || sweep.Filter is not null || combinations > MostCheckedValues)
        {
            return;
        }

        for (long combination = 0; combination < (long)combinations; combination++)
        {
            long variant = 0;
            long rest = combination;
            foreach (int axis in axes)
            {
                variant += rest % space.Axes[axis].Count * space.StrideOf(axis);
                rest /= space.Axes[axis].Count;
            }

            values.Load(variant);
            foreach (AxisTarget target in space.Derived[number].Targets)
            {
                LaneField field = LaneField.Of(target.Path)!;
                double value = values.At(space.ColumnCount + number) * target.Factor;
                if (!field.Accepts(value))
                {
                    string where = string.Join(", ", axes.Select(axis => space.Axes[axis].Describe(values.StepOf(axis))));
                    throw new ConfigurationException($"{sweep.File}: {where}: {target.Path.Text}: {field.Complaint(value)}");
                }
            }
        }
    }

    private void Note(IReadOnlyList<ModeRun> runs)
    {
        foreach (Job job in runs.SelectMany(run => run.Jobs))
        {
            HasPrefill |= job.Mode == ServingMode.Split && (job.Splits is null || job.Splits.Any(split => split.PrefillCards > 0));
            Asked |= AskedDimensions.Of(job);
            HasDecode |= job.Mode == ServingMode.Fusion || job.Splits is null || job.Splits.Any(split => split.DecodeCards > 0);
        }
    }
}
