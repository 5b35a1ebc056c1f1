using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;

namespace FastSim.Search.Fronts;

/// <summary>How deployments compare under an objective.</summary>
public static class ObjectiveCost
{
    /// <summary>What is to be small, in seconds; of throughput, the seconds that a request stands for; of price, what a token takes of dollars an hour for each token/s; of energy, joules.</summary>
    /// <param name="objective">The objective.</param>
    /// <param name="job">The job.</param>
    /// <param name="point">A deployment of it.</param>
    public static double Of(PlanObjective objective, Job job, FrontPoint point)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(point);
        return objective switch
        {
            PlanObjective.Latency => point.Merit.FirstTokenSeconds + ((job.Lengths.Output - 1) * point.Merit.PerTokenSeconds),
            PlanObjective.FirstToken => point.Merit.FirstTokenSeconds,
            PlanObjective.PerToken => point.Merit.PerTokenSeconds,
            PlanObjective.Cost => DollarsPerHour(job, point) / point.Merit.TokensPerSecond,
            PlanObjective.Energy => point.JoulesPerToken,
            _ => (point.Decode is null ? job.Lengths.Input : job.Lengths.Output) / point.Merit.TokensPerSecond,
        };
    }

    /// <summary>Dollars an hour of the cards that a deployment uses; NaN where a chip does not state its price.</summary>
    /// <param name="job">The job.</param>
    /// <param name="point">A deployment of it.</param>
    public static double DollarsPerHour(Job job, FrontPoint point)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(point);
        return Price(job.PrefillChip, point.Prefill) + Price(job.DecodeChip, point.Decode);
    }

    /// <summary>Dollars that a million tokens of a deployment cost; NaN where a chip does not state its price.</summary>
    /// <param name="job">The job.</param>
    /// <param name="point">A deployment of it.</param>
    public static double DollarsPerMillionTokens(Job job, FrontPoint point)
    {
        ArgumentNullException.ThrowIfNull(job);
        ArgumentNullException.ThrowIfNull(point);
        return DeploymentEconomics.Of(job, Pool(job.PrefillChip, point.Prefill), Pool(job.DecodeChip, point.Decode)).DollarsPerMillionTokens;
    }

    private static CardPool? Pool(Chip chip, FrontPlan? plan) => plan is { } known ? CardPool.Priced(chip, known.Layout.Cards, known.Merit.TokensPerSecond) : null;

    private static double Price(Chip chip, FrontPlan? plan) => plan is { } known ? known.Layout.Cards * (chip.DollarsPerHour ?? double.NaN) : 0;

    /// <summary>The best of some deployments: of least cost, then most throughput, then the first; null where there are none.</summary>
    /// <param name="objective">The objective.</param>
    /// <param name="job">The job.</param>
    /// <param name="points">Deployments of it.</param>
    public static FrontPoint? Best(PlanObjective objective, Job job, IEnumerable<FrontPoint> points) =>
        points.OrderBy(point => Of(objective, job, point)).ThenByDescending(point => point.Merit.TokensPerSecond).FirstOrDefault();
}
