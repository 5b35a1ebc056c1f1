using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Sweeps;

/// <summary>Axes that are read and move no answer of a sweep: each is named in a warning.</summary>
internal static class IdleAxes
{
    /// <summary>Warns of them.</summary>
    /// <param name="file">The sweep's file.</param>
    /// <param name="space">Its axes.</param>
    /// <param name="jobs">Its jobs before any axis has changed them.</param>
    /// <param name="hasPrefill">Whether prompts have a phase of their own.</param>
    /// <param name="hasDecode">Whether answers are decoded.</param>
    /// <param name="findings">Where the warnings go.</param>
    public static void Warn(string file, SweepSpace space, Job[] jobs, bool hasPrefill, bool hasDecode, Findings findings)
    {
        foreach (SweepPath path in space.Paths)
        {
            bool ofPrefill = path.Concerns(InputRole.PrefillSystem) && hasPrefill;
            bool ofDecode = path.Concerns(InputRole.DecodeSystem) && hasDecode;
            if (LaneField.Of(path) is { } field && Array.TrueForAll(
                jobs, job => field.Places(job, job.PrefillChip).Length == 0 && field.Places(job, job.DecodeChip).Length == 0))
            {
                findings.Warn($"{file}: {path.Text} changes nothing: no job computes in that data type");
            }
            else if (path.IsOfSystem && !ofPrefill && !ofDecode)
            {
                findings.Warn($"{file}: {path.Text} changes nothing: that phase does not run");
            }
            else if (path.IsOfSystem && IsCacheSize(path) && !Array.Exists(jobs, job => (ofPrefill && KeepsActivations(job.PrefillChip)) || (ofDecode && KeepsActivations(job.DecodeChip))))
            {
                findings.Warn($"{file}: {path.Text} changes nothing: other weights pass through the cache between two launches of a deployment, and no roofline counts on it without {StructureReader.Cache}.{StructureReader.InRoofline}");
            }
        }
    }

    private static bool IsCacheSize(SweepPath path) => path.Steps is [StructureReader.Cache, StructureReader.CacheSize];

    private static bool KeepsActivations(Chip chip) => chip.Structure.KeepsActivations;
}
