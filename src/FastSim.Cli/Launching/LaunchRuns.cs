using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Launching;

/// <summary>Launch files of a run's jobs: in the folder itself where there is one job, else a folder a job, and of two modes a folder each around those.</summary>
internal sealed class LaunchRuns
{
    private const int MostJobs = 1000;

    private readonly string folder;
    private readonly bool hasOneJob;
    private readonly bool hasOneMode;
    private readonly List<string> refusals = [];

    private LaunchRuns(string folder, IReadOnlyList<ModeRun> runs)
    {
        this.folder = folder;
        hasOneMode = runs.Count == 1;
        hasOneJob = runs.Sum(run => run.Jobs.Count) == 1;
    }

    /// <summary>What engines refused, a line each.</summary>
    public IReadOnlyList<string> Refusals => refusals;

    /// <summary>Prepares the folder, so that a place that cannot be written is known before the search.</summary>
    /// <exception cref="ConfigurationException">It cannot be created, or there are too many jobs.</exception>
    public static LaunchRuns Of(string folder, IReadOnlyList<ModeRun> runs)
    {
        int jobs = runs.Sum(run => run.Jobs.Count);
        if (jobs > MostJobs)
        {
            throw new ConfigurationException($"--launch: found {jobs} jobs; expected at most {MostJobs}, each of which has a folder of files");
        }

        OutputFile.CreateFolder(folder);
        return new LaunchRuns(folder, runs);
    }

    /// <summary>Writes the files of some jobs.</summary>
    /// <param name="results">Their results.</param>
    public void Add(IEnumerable<JobResult> results)
    {
        foreach (JobResult result in results.Where(result => result.HasPlan))
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"run_{result.Job.Index}");
            string mode = RuntimeFile.NameOf(result.Job.Mode);
            string place = hasOneJob ? folder : hasOneMode ? Path.Combine(folder, name) : Path.Combine(folder, mode, name);
            OutputFile.CreateFolder(place);
            IReadOnlyList<LaunchOutcome> outcomes = LaunchFiles.Write(place, result, new LaunchRequest());
            refusals.AddRange(outcomes
                .Where(outcome => outcome.Refusal is not null)
                .Select(outcome => $"{(hasOneMode ? "" : mode + " ")}{name}: {outcome.Engine} cannot run the plan: {outcome.Refusal}"));
        }
    }
}
