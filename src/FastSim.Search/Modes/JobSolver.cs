using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>Answers jobs by searching every deployment plan.</summary>
public static class JobSolver
{
    /// <summary>Searches a job's plans.</summary>
    /// <param name="job">The question.</param>
    /// <param name="settings">The engine; the answer does not depend on it.</param>
    public static JobResult Solve(Job job, EngineSettings settings)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(settings);
        JobResult most = EnergyLimit.Hold(job.Mode == ServingMode.Fusion ? FusionMode.Solve(job, settings) : SplitMode.Solve(job, settings), settings);
        return !most.HasPlan ? most : job.Objective switch
        {
            PlanObjective.Throughput => most,
            PlanObjective.Energy => EnergyLimit.Least(most, settings),
            _ => Least(most, settings),
        };
    }

    /// <summary>The best under an objective that is no throughput: of what no deployment beats, since all of them rise or fall with what a front weighs.</summary>
    private static JobResult Least(JobResult most, EngineSettings settings)
    {
        Job job = most.Job;
        FrontPoint best = JobStudy.Of(most, 0, settings).BestOf(job.Objective)!;
        JobResult least = Solve(PinnedJob.Of(job, best), settings);
        return most with { Prefill = least.Prefill, Decode = least.Decode };
    }

    /// <summary>Searches several jobs: side by side when there are enough of them to keep every thread busy, else each on all threads.</summary>
    /// <param name="jobs">The questions.</param>
    /// <param name="settings">The engine; the answers do not depend on it.</param>
    /// <param name="solved">Called once a job, from any thread, when it is done.</param>
    /// <returns>The answers, in the order of the jobs.</returns>
    public static JobResult[] SolveAll(IReadOnlyList<Job> jobs, EngineSettings settings, Action solved)
    {
        ArgumentNullException.ThrowIfNull(jobs);
        ArgumentNullException.ThrowIfNull(settings);
        ArgumentNullException.ThrowIfNull(solved);
        JobResult[] results = new JobResult[jobs.Count];
        bool sideBySide = jobs.Count >= settings.Workers;
        EngineSettings perJob = sideBySide ? settings with { Threads = 1 } : settings;
        Work work = new(jobs, perJob, results, solved);
        if (!sideBySide)
        {
            for (int job = 0; job < jobs.Count; job++)
            {
                work.Invoke(job);
            }

            return results;
        }

        // A thread takes the next job when it is done with one: jobs differ in size by orders of magnitude.
        Parallel.For(0, jobs.Count, new ParallelOptions { MaxDegreeOfParallelism = settings.Workers }, work.Invoke);
        return results;
    }

    /// <summary>One job; fills its own slot.</summary>
    private readonly struct Work(IReadOnlyList<Job> jobs, EngineSettings settings, JobResult[] results, Action solved)
    {
        public void Invoke(int index)
        {
            results[index] = Solve(jobs[index], settings);
            solved();
        }
    }
}
