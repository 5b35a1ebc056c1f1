using FastSim.Cli.Configuration;
using FastSim.Cli.Output;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.Planning;

/// <summary>Fronts of a mode's jobs, and what their best layouts do over the batch, as its jobs are answered.</summary>
/// <param name="run">The mode.</param>
/// <param name="settings">The engine.</param>
internal sealed class FrontOutput(ModeRun run, EngineSettings settings)
{
    private readonly List<(Job Job, FrontPoint Point)> front = [];
    private readonly List<(Job Job, FrontPoint Point)> best = [];

    /// <summary>Makes sure that the files can be written.</summary>
    /// <exception cref="ConfigurationException">One would take the place of an input.</exception>
    public void Prepare()
    {
        OutputFile.Check(PathOf("front"));
        OutputFile.Check(PathOf("batches"));
    }

    /// <summary>Takes the next answers.</summary>
    public void Add(IEnumerable<JobResult> results)
    {
        foreach (JobResult result in results.Where(result => result.HasPlan))
        {
            Job job = result.Job;
            JobStudy study = job.Objective == PlanObjective.Throughput ? JobStudy.Of(result, 0, settings) : JobStudy.Of(job, 0, settings);
            front.AddRange(study.Front.Select(point => (job, point)));
            best.AddRange(study.BestOf(job.Objective) is { } point ? [(job, point)] : []);
        }
    }

    /// <summary>Writes the files.</summary>
    /// <exception cref="ConfigurationException">One cannot be written.</exception>
    public void Finish()
    {
        OutputFile.Write(PathOf("front"), writer => PlanTables.WriteFront(front, writer));
        OutputFile.Write(PathOf("batches"), writer => PlanTables.WriteBatches(best, writer));
    }

    private string PathOf(string what) => Path.Combine(run.OutputFolder, $"{run.Name}_{what}.csv");
}
