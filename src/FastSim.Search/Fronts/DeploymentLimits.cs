using FastSim.Search.Jobs;

namespace FastSim.Search.Fronts;

/// <summary>Which deployments a job's limits of cost and energy leave, and what they take.</summary>
/// <param name="job">The job.</param>
/// <param name="prefill">Cards of a plan that prefills, and what they draw; null where none is asked about.</param>
/// <param name="decode">The same of one that decodes, or does both.</param>
internal sealed class DeploymentLimits(Job job, Func<FrontPlan, CardPool>? prefill, Func<FrontPlan, CardPool>? decode)
{
    /// <summary>Whether a deployment meets them.</summary>
    /// <param name="point">The deployment.</param>
    public bool Allow(FrontPoint point) =>
        (job.CostLimit is not { } dollars || ObjectiveCost.DollarsPerMillionTokens(job, point) <= dollars)
        && (job.EnergyLimit is not { } joules || Joules(point) <= joules);

    /// <summary>A deployment with what it takes of energy, where that is what counts.</summary>
    /// <param name="point">The deployment.</param>
    public FrontPoint Drawn(FrontPoint point) => job.Objective == PlanObjective.Energy ? point with { JoulesPerToken = Joules(point) } : point;

    private double Joules(FrontPoint point) => DeploymentEconomics.Of(
        job, point.Prefill is { } first ? prefill!(first) : null, point.Decode is { } second ? decode!(second) : null).JoulesPerToken;
}
