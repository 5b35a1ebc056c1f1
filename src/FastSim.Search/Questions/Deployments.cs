using FastSim.Kernels.Chips;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Search.Questions;

/// <summary>Answers questions of programs that use FastSim as a library (docs/library.md). Everything else that is public may change.</summary>
public static class Deployments
{
    /// <summary>The best deployment.</summary>
    /// <param name="question">The question.</param>
    /// <param name="threads">Threads to use; -1 for one a core. The answer does not depend on it.</param>
    /// <returns>The answer; of one without a plan <see cref="JobResult.HasPlan"/> is false, and the tallies say why.</returns>
    /// <exception cref="ArgumentException">A number of the question is out of range, or its chip lacks a data type.</exception>
    public static JobResult Solve(DeploymentQuestion question, int threads = -1)
    {
        ArgumentNullException.ThrowIfNull(question);
        return JobSolver.Solve(question.ToJob(), EngineSettings.Default with { Threads = threads });
    }

    /// <summary>The best deployment on each of some chips.</summary>
    /// <param name="question">The question; its own chip is not asked.</param>
    /// <param name="chips">The chips.</param>
    /// <param name="threads">Threads to use; -1 for one a core. The answers do not depend on it.</param>
    /// <returns>The answers, in the order of the chips.</returns>
    /// <exception cref="ArgumentException">A number of the question is out of range, or a chip lacks a data type.</exception>
    public static IReadOnlyList<JobResult> Sweep(DeploymentQuestion question, IEnumerable<Chip> chips, int threads = -1)
    {
        ArgumentNullException.ThrowIfNull(question);
        ArgumentNullException.ThrowIfNull(chips);
        Job[] jobs = [.. chips.Select((chip, index) => (question with { Chip = chip }).ToJob() with { Index = index })];
        return JobSolver.SolveAll(jobs, EngineSettings.Default with { Threads = threads }, () => { });
    }
}
