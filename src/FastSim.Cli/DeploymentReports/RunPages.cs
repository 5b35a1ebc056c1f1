using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Cli.Planning;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.DeploymentReports;

/// <summary>A page for each job of a run, as its jobs are answered.</summary>
/// <param name="runtime">The runtime's text.</param>
/// <param name="command">The command that finds the same again.</param>
/// <param name="settings">The engine.</param>
internal sealed class RunPages(string runtime, string command, EngineSettings settings)
{
    private const int Ranked = 10;

    /// <summary>Makes sure that the pages can be written.</summary>
    /// <exception cref="ConfigurationException">One would take the place of an input.</exception>
    public static void Prepare(IReadOnlyList<ModeRun> runs)
    {
        foreach (ModeRun run in runs)
        {
            foreach (Job job in run.Jobs)
            {
                OutputFile.Check(PathOf(run, job));
            }
        }
    }

    /// <summary>Writes the pages of the next answers.</summary>
    /// <param name="run">Their mode.</param>
    /// <param name="results">The answers.</param>
    /// <exception cref="ConfigurationException">A page cannot be written.</exception>
    public void Add(ModeRun run, IEnumerable<JobResult> results)
    {
        foreach (JobResult result in results)
        {
            Job job = result.Job;
            JobStudy study = !result.HasPlan ? new JobStudy(result, [], [])
                : job.Objective == PlanObjective.Throughput ? JobStudy.Of(result, Ranked, settings)
                : JobStudy.Of(job, 0, settings);
            PlanAnswer answer = PlanAnswer.Of(job.DecodeChip, runtime, [study], Ranked, settings);
            OutputFile.Write(PathOf(run, job), new DeploymentPage(answer, command).Write);
        }
    }

    private static string PathOf(ModeRun run, Job job) =>
        Path.Combine(run.OutputFolder, string.Create(CultureInfo.InvariantCulture, $"report_{run.Name}_run_{job.Index}.html"));
}
