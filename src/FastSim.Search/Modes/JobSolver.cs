using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>Answers a job by searching every deployment plan.</summary>
public static class JobSolver
{
    /// <summary>Searches a job's plans.</summary>
    /// <param name="job">The question.</param>
    /// <param name="settings">The engine; the answer does not depend on it.</param>
    public static JobResult Solve(Job job, EngineSettings settings)
    {
        ArgumentNullException.ThrowIfNull(job);
        return job.Mode == ServingMode.Fusion ? FusionMode.Solve(job, settings) : SplitMode.Solve(job, settings);
    }
}
