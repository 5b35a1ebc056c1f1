using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>A job's best plan among its others: what no deployment beats, and what comes next.</summary>
/// <param name="Result">The best plan.</param>
/// <param name="Front">
/// All deployments that no other beats in throughput, time per output token and time to first token, most throughput first; the best plan is one of
/// them, unless a smaller batch yields as much and is ahead of it by rounding. Batches are those of <see cref="FrontBatches"/>.
/// </param>
/// <param name="Ranking">The best of deployments that differ in how decoding (or, where nothing decodes, prefill) is laid out, most throughput first, the best plan's included.</param>
public sealed record JobStudy(JobResult Result, IReadOnlyList<FrontPoint> Front, IReadOnlyList<FrontPoint> Ranking)
{
    /// <summary>The best plan as a point of the front; null where there is none.</summary>
    public FrontPoint? Best { get; init; }

    /// <summary>
    /// The deployment of least price (of a split) or energy a token, where that is the objective: it may use fewer cards than there are, and need not be of the front; null under others.
    /// </summary>
    public FrontPoint? Thriftiest { get; init; }

    /// <summary>The best under the job's objective; null where there is none.</summary>
    public FrontPoint? BestOf(PlanObjective objective) => objective switch
    {
        PlanObjective.Throughput => Best,
        PlanObjective.Energy => Thriftiest,
        _ => ObjectiveCost.Best(objective, Result.Job, Thriftiest is null ? Front : [.. Front, Thriftiest]),
    };

    /// <summary>Studies a job.</summary>
    /// <param name="job">The question.</param>
    /// <param name="ranked">Deployments to rank; 0 for none.</param>
    /// <param name="settings">The engine; the answer does not depend on it.</param>
    public static JobStudy Of(Job job, int ranked, EngineSettings settings)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(settings);
        return Of(JobSolver.Solve(job with { Objective = PlanObjective.Throughput }, settings) with { Job = job }, ranked, settings);
    }

    /// <summary>Studies a job whose plan of most throughput is known.</summary>
    /// <param name="result">The plan.</param>
    /// <param name="ranked">Deployments to rank; 0 for none.</param>
    /// <param name="settings">The engine.</param>
    public static JobStudy Of(JobResult result, int ranked, EngineSettings settings)
    {
        ArgumentNullException.ThrowIfNull(result);
        ArgumentNullException.ThrowIfNull(settings);
        return result.Job.Mode == ServingMode.Fusion ? FusionStudy.Of(result, ranked, settings) : SplitStudy.Of(result, ranked, settings);
    }
}
