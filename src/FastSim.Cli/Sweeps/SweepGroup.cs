using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>Where an axis, or a derived number, writes in the numbers of a job's chips.</summary>
/// <param name="Source">Place of the value among a <see cref="VariantValues"/>.</param>
/// <param name="Factor">What it is multiplied by.</param>
/// <param name="Path">The place in the chip's file.</param>
/// <param name="Field">Which values it takes.</param>
/// <param name="Place">Place among the numbers.</param>
/// <param name="OnPrefill">Whether it writes on the prefill chip.</param>
/// <param name="OnDecode">Whether it writes on the decode chip.</param>
internal readonly record struct LaneWrite(int Source, double Factor, SweepPath Path, LaneField Field, int Place, bool OnPrefill, bool OnDecode);

/// <summary>What a sweep writes for a job, and the axes that its chips go by.</summary>
/// <param name="Writes">What is written.</param>
/// <param name="PrefillAxes">Axes by which the prefill chip varies.</param>
/// <param name="DecodeAxes">Axes by which the decode chip varies.</param>
internal sealed record JobWrites(LaneWrite[] Writes, int[] PrefillAxes, int[] DecodeAxes);

/// <summary>The variants that share everything but rates: their jobs, lowered once.</summary>
internal sealed class SweepGroup
{
    private SweepGroup(IReadOnlyList<ModeRun> runs, SweepJob[] jobs, JobWrites[] writes)
    {
        Runs = runs;
        Jobs = jobs;
        Writes = writes;
    }

    /// <summary>The modes of the runtime.</summary>
    public IReadOnlyList<ModeRun> Runs { get; }

    /// <summary>The jobs of all modes.</summary>
    public SweepJob[] Jobs { get; }

    /// <summary>The chips of the jobs.</summary>
    public IEnumerable<Chip> Chips => Jobs.SelectMany(job => new[] { job.Job.PrefillChip, job.Job.DecodeChip });

    /// <summary>What the axes write for each job.</summary>
    public JobWrites[] Writes { get; }

    /// <summary>Reads and lowers a group.</summary>
    /// <exception cref="ConfigurationException">Its values cannot be used; the message names them.</exception>
    public static SweepGroup Of(SweepSpace space, IReadOnlyList<ModeRun> runs)
    {
        SweepJob[] jobs = [.. runs.SelectMany(run => run.Jobs).Select(job => new SweepJob(job))];
        return new SweepGroup(runs, jobs, Array.ConvertAll(jobs, job => WritesOf(space, job.Job)));
    }

    private static JobWrites WritesOf(SweepSpace space, Job job)
    {
        List<LaneWrite> writes = [];
        (SortedSet<int> prefillAxes, SortedSet<int> decodeAxes) = ([], []);
        int column = 0;
        for (int axis = 0; axis < space.Axes.Count; column += space.Axes[axis].Columns.Count, axis++)
        {
            if (space.IsLane[axis])
            {
                int first = writes.Count;
                Add(job, space.Axes[axis].Targets, column, writes);
                Note(writes, first, [axis]);
            }
        }

        for (int number = 0; number < space.Derived.Count; number++)
        {
            if (space.IsDerivedLane[number])
            {
                int first = writes.Count;
                Add(job, space.Derived[number].Targets, space.ColumnCount + number, writes);
                Note(writes, first, Enumerable.Range(0, space.Axes.Count).Where(axis => space.Follows(number, axis)));
            }
        }

        return new JobWrites([.. writes], [.. prefillAxes], [.. decodeAxes]);

        void Note(List<LaneWrite> all, int first, IEnumerable<int> axes)
        {
            prefillAxes.UnionWith(all.Skip(first).Any(write => write.OnPrefill) ? axes : []);
            decodeAxes.UnionWith(all.Skip(first).Any(write => write.OnDecode) ? axes : []);
        }
    }

    private static void Add(Job job, IReadOnlyList<AxisTarget> targets, int source, List<LaneWrite> writes)
    {
        foreach (AxisTarget target in targets)
        {
            LaneField field = LaneField.Of(target.Path)!;
            int[] prefill = field.Places(job, job.PrefillChip);
            int[] decode = field.Places(job, job.DecodeChip);
            foreach (int place in prefill.Union(decode))
            {
                writes.Add(new LaneWrite(
                    source + target.Column,
                    target.Factor,
                    target.Path,
                    field,
                    place,
                    job.Mode == ServingMode.Split && target.Path.Concerns(InputRole.PrefillSystem) && prefill.Contains(place),
                    target.Path.Concerns(InputRole.DecodeSystem) && decode.Contains(place)));
            }
        }
    }
}
