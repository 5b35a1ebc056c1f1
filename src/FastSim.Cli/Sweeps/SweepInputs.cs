using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Sweeps;

/// <summary>Reads the runtime of a sweep for one group of variants after another, and checks what its axes say.</summary>
internal sealed class SweepInputs
{
    private readonly SweepFile sweep;
    private readonly SweepSpace space;
    private readonly RuntimeOverrides overrides;
    private readonly Findings findings;
    private readonly Dictionary<string, JsonElement> cache = new(StringComparer.Ordinal);
    private readonly Lock gate = new();

    public SweepInputs(SweepFile sweep, SweepSpace space, RuntimeOverrides overrides, Findings findings)
    {
        this.sweep = sweep;
        this.space = space;
        this.overrides = overrides;
        this.findings = findings;
    }

    /// <summary>Documents read so far, in the order of their names.</summary>
    public IEnumerable<string> Documents => cache.OrderBy(pair => pair.Key, StringComparer.Ordinal).Select(pair => $"{Path.GetFileName(pair.Key)}\0{pair.Value.GetRawText()}");

    /// <summary>Checks every value of every axis, with the others at their first step, so that a long run does not end at a bad one.</summary>
    /// <exception cref="ConfigurationException">A value cannot be used.</exception>
    public void Check()
    {
        for (int axis = 0; axis < space.Axes.Count; axis++)
        {
            for (int step = 0; step < space.Axes[axis].Count; step++)
            {
                if (space.IsLane[axis])
                {
                    CheckLane(axis, step);
                }

                if (!space.IsLane[axis] || step == 0)
                {
                    Load([.. Edits(axis, step)], space.Axes[axis].Describe(step));
                }
            }
        }

        WarnOfIdleAxes(Load([.. space.Axes.Select((_, axis) => axis).SelectMany(axis => Edits(axis, 0))], ""));
    }

    /// <summary>Reads and lowers a group.</summary>
    /// <exception cref="ConfigurationException">Its values cannot be used.</exception>
    public SweepGroup Group(long group)
    {
        List<InputEdit> edits = [];
        List<string> values = [];
        for (int axis = 0; axis < space.Axes.Count; axis++)
        {
            if (!space.IsLane[axis])
            {
                int step = space.GroupStepOf(group, axis);
                edits.AddRange(Edits(axis, step));
                values.Add(space.Axes[axis].Describe(step));
            }
        }

        return SweepGroup.Of(space, Load(edits, string.Join(", ", values)));
    }

    /// <summary>The runtime of one variant, as a run of its own would read it.</summary>
    public IReadOnlyList<ModeRun> Variant(long variant) => Load(
        [.. space.Axes.Select((_, axis) => axis).SelectMany(axis => Edits(axis, space.StepOf(variant, axis)))],
        string.Join(", ", space.Axes.Select((each, axis) => each.Describe(space.StepOf(variant, axis)))));

    private IReadOnlyList<ModeRun> Load(List<InputEdit> edits, string values)
    {
        lock (gate)
        {
            try
            {
                return RuntimeFile.Load(sweep.RuntimeFile, overrides, findings, new InputDocuments(edits, cache));
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
            NumberRule rule = LaneField.Of(target.Path)!.Rule;
            double? value = space.Axes[axis].ValueOf(target, step);
            if (value is not { } number || !JsonValue.IsWithinRange(number) || !rule.Accepts(number))
            {
                throw new ConfigurationException(
                    $"{sweep.File}: {space.Axes[axis].Describe(step)}: {target.Path.Text}: found {(value is { } found ? found.ToString("R", System.Globalization.CultureInfo.InvariantCulture) : "null")}; expected {rule.Expected}");
            }
        }
    }

    private void WarnOfIdleAxes(IReadOnlyList<ModeRun> runs)
    {
        Job[] jobs = [.. runs.SelectMany(run => run.Jobs)];
        bool hasPrefill = Array.Exists(jobs, job => job.Mode == ServingMode.Split && (job.Splits is null || job.Splits.Any(split => split.PrefillCards > 0)));
        bool hasDecode = Array.Exists(jobs, job => job.Mode == ServingMode.Fusion || job.Splits is null || job.Splits.Any(split => split.DecodeCards > 0));
        foreach (SweepPath path in space.Axes.SelectMany(axis => axis.Targets).Select(target => target.Path))
        {
            if (LaneField.Of(path) is { } field && Array.TrueForAll(jobs, job => field.Places(job.Types).Length == 0))
            {
                findings.Warn($"{sweep.File}: {path.Text} changes nothing: no job computes in that data type");
            }
            else if (path.IsOfSystem && !(path.Concerns(InputRole.PrefillSystem) && hasPrefill) && !(path.Concerns(InputRole.DecodeSystem) && hasDecode))
            {
                findings.Warn($"{sweep.File}: {path.Text} changes nothing: that phase does not run");
            }
        }
    }
}
