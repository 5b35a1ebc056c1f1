using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;
using FastSim.Search.Sweeps;

namespace FastSim.Cli.Sweeps;

/// <summary>Where an axis writes in the numbers of a job's chips.</summary>
/// <param name="Axis">The axis.</param>
/// <param name="Target">Which of its targets.</param>
/// <param name="Place">Place among the numbers.</param>
/// <param name="OnPrefill">Whether it writes on the prefill chip.</param>
/// <param name="OnDecode">Whether it writes on the decode chip.</param>
internal readonly record struct LaneWrite(int Axis, AxisTarget Target, int Place, bool OnPrefill, bool OnDecode);

/// <summary>The variants that share everything but rates: their jobs, lowered once.</summary>
internal sealed class SweepGroup
{
    private SweepGroup(IReadOnlyList<ModeRun> runs, SweepJob[] jobs, LaneWrite[][] writes)
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
    public LaneWrite[][] Writes { get; }

    /// <summary>Reads and lowers a group.</summary>
    /// <exception cref="ConfigurationException">Its values cannot be used; the message names them.</exception>
    public static SweepGroup Of(SweepSpace space, IReadOnlyList<ModeRun> runs)
    {
        SweepJob[] jobs = [.. runs.SelectMany(run => run.Jobs).Select(job => new SweepJob(job))];
        return new SweepGroup(runs, jobs, Array.ConvertAll(jobs, job => WritesOf(space, job.Job)));
    }

    private static LaneWrite[] WritesOf(SweepSpace space, Job job)
    {
        List<LaneWrite> writes = [];
        for (int axis = 0; axis < space.Axes.Count; axis++)
        {
            if (!space.IsLane[axis])
            {
                continue;
            }

            foreach (AxisTarget target in space.Axes[axis].Targets)
            {
                LaneField field = LaneField.Of(target.Path)!;
                int[] prefill = field.Places(job, job.PrefillChip);
                int[] decode = field.Places(job, job.DecodeChip);
                foreach (int place in prefill.Union(decode))
                {
                    writes.Add(new LaneWrite(
                        axis,
                        target,
                        place,
                        job.Mode == ServingMode.Split && target.Path.Concerns(InputRole.PrefillSystem) && prefill.Contains(place),
                        target.Path.Concerns(InputRole.DecodeSystem) && decode.Contains(place)));
                }
            }
        }

        return [.. writes];
    }
}
