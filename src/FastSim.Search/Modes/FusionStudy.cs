using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>Deployments whose cards prefill and decode.</summary>
internal static class FusionStudy
{
    public static JobStudy Of(JobResult result, int ranked, EngineSettings settings) => result.Job.Engine is null
        ? Of<FusionPlan, FusionFactory>(result, new FusionFactory(result.Job), ranked, settings)
        : Of<ServingPlan, ServingFactory>(result, new ServingFactory(result.Job, ServingRole.Both), ranked, settings);

    private static JobStudy Of<TPlan, TFactory>(JobResult result, TFactory factory, int ranked, EngineSettings settings)
        where TPlan : struct, IBatchPlan
        where TFactory : struct, IPlanFactory<TPlan>
    {
        if (!result.HasPlan)
        {
            return new JobStudy(result, [], []);
        }

        PhaseFront<TPlan, TFactory> phase = new(result.Job, Phase.Decode, factory, result.Job.Decode, [result.Job.Cards], settings);
        FrontLine<FrontPlan> line = phase.Lines()[0];
        DeploymentLimits limits = new(result.Job, null, phase.Pools());
        FrontPlan best = phase.Of(result.Decode)!.Value;
        line.Add([(best.Merit, best)]);
        FrontPoint first = limits.Drawn(new FrontPoint(null, best, best.Merit));
        return new JobStudy(
            result,
            [.. line.Points.Select(point => new FrontPoint(null, point.Deployment, point.Merit)).Where(limits.Allow).Select(limits.Drawn)],
            ranked == 0 ? [] : Ranking(phase.Ranked(ranked)[0].Select(plan => new FrontPoint(null, plan, plan.Merit)).Where(limits.Allow).Select(limits.Drawn), first))
        {
            Best = first,
            Thriftiest = result.Job.Objective == PlanObjective.Energy && phase.Of(EnergyLimit.Least(result, settings).Decode) is { } frugal
                ? limits.Drawn(new FrontPoint(null, frugal, frugal.Merit))
                : null,
        };
    }

    /// <summary>What is ranked, the best plan ahead: under a limit of energy its layout need not be among those of most throughput.</summary>
    private static FrontPoint[] Ranking(IEnumerable<FrontPoint> ranked, FrontPoint best) =>
        [.. ranked.Prepend(best).DistinctBy(point => LayoutKind.Of(point.Decode!.Value.Layout))];
}
