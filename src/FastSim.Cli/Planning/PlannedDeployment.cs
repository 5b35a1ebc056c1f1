using FastSim.Kernels.Models;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Cli.Planning;

/// <summary>A deployment that a plan names, and what is known of it.</summary>
/// <param name="Job">The job that it answers.</param>
/// <param name="Point">The deployment.</param>
/// <param name="Result">Its phases, explained.</param>
internal sealed record PlannedDeployment(Job Job, FrontPoint Point, JobResult Result)
{
    /// <summary>Explains a deployment of a job.</summary>
    public static PlannedDeployment Of(Job job, FrontPoint point, EngineSettings settings) =>
        new(job, point, JobSolver.Solve(PinnedJob.Of(job, point), settings));

    /// <summary>Whether prefill has cards of its own.</summary>
    public bool IsSplit => Job.Mode == ServingMode.Split;

    /// <summary>Requests it completes a second.</summary>
    public double RequestsPerSecond => Point.RequestsPerSecond(Job.Lengths);

    /// <summary>Cards at hand that it leaves idle.</summary>
    public int IdleCards => Job.Cards - Point.Cards;

    /// <summary>Generated tokens/s of a card that it takes.</summary>
    public double TokensPerCardSecond => Point.TokensPerCardSecond;

    /// <summary>The phase that holds the other back; decode where neither does, or where cards do both; the only one where there is one.</summary>
    public PhaseWinner Limiting => IsSplit && Result.Prefill is { } prefill && !(prefill.RequestsPerSecond >= Result.Decode?.RequestsPerSecond) ? prefill : Result.Decode!;

    /// <summary>The phase that a winner is of, in words.</summary>
    public static string PhaseOf(PhaseWinner winner) => winner.Shape.Phase == Phase.Decode ? "decode" : "prefill";
}
