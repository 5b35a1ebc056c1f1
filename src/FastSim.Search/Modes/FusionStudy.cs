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

        Job job = result.Job;
        IReadOnlyList<int> counts = job.FusionCards;
        PhaseFront<TPlan, TFactory> phase = new(job, Phase.Decode, factory, job.Decode, counts, settings);
        DeploymentLimits limits = new(job, null, phase.Pools());
        FrontPlan best = phase.Of(result.Decode)!.Value;
        FrontPoint first = limits.Drawn(new FrontPoint(null, best, best.Merit));

        // What a deployment costs and draws depends on how many cards it takes: each number of cards is held to the limits by itself.
        FrontLine<FrontPoint> front = new(FrontPoint.Order);
        FrontPoint[][] ofCount = Array.ConvertAll(phase.Lines(), line => line.Points.Select(point => new FrontPoint(null, point.Deployment, point.Merit)).Where(limits.Allow).ToArray());
        front.Add(ofCount.SelectMany(points => points).Append(first).Where(limits.Allow).Select(point => (point.Merit, point)));
        return new JobStudy(
            result,
            [.. front.Points.Select(point => limits.Drawn(point.Deployment))],
            ranked == 0 ? [] : Ranking(phase.Ranked(ranked).SelectMany(plans => plans).Select(plan => new FrontPoint(null, plan, plan.Merit)).Where(limits.Allow).Select(limits.Drawn), first, ranked))
        {
            Best = first,
            Thriftiest = job.Objective switch
            {
                PlanObjective.Energy when phase.Of(EnergyLimit.Least(result, settings).Decode) is { } frugal => limits.Drawn(new FrontPoint(null, frugal, frugal.Merit)),
                PlanObjective.Cost when counts.Count > 1 => Cheapest(job, ofCount),
                _ => null,
            },
        };
    }

    /// <summary>The deployment of least price a token, on any number of cards; of those that cost as little but for rounding, as copies of one do, that of most throughput. Null where prices are not known.</summary>
    private static FrontPoint? Cheapest(Job job, FrontPoint[][] ofCount)
    {
        FrontPoint[] most = [.. ofCount.Where(points => points.Length > 0).Select(points => points[0])];
        double least = most.Length == 0 ? double.NaN : most.Min(point => ObjectiveCost.Of(PlanObjective.Cost, job, point));
        return most.Where(point => ObjectiveCost.Of(PlanObjective.Cost, job, point) <= least * Slack.Above).MaxBy(point => point.Merit.TokensPerSecond);
    }

    /// <summary>What is ranked, the best plan ahead: under a limit of energy its layout need not be among those of most throughput.</summary>
    private static FrontPoint[] Ranking(IEnumerable<FrontPoint> ranked, FrontPoint best, int count)
    {
        List<FrontPoint> others = [.. ranked];
        others.Sort((one, other) => other.Merit.TokensPerSecond.CompareTo(one.Merit.TokensPerSecond) is var by and not 0 ? by : FrontPoint.Order(one, other));
        return [.. others.Prepend(best).DistinctBy(point => LayoutKind.Of(point.Decode!.Value.Layout)).Take(count)];
    }
}
