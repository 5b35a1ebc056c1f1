using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary><c>pd-fusion</c>: every card prefills and decodes (cost model B4).</summary>
internal static class FusionMode
{
    public static JobResult Solve(Job job, EngineSettings settings)
    {
        return job.Engine is null
            ? Solve<FusionPlan, FusionFactory>(job, new FusionFactory(job), settings)
            : Solve<ServingPlan, ServingFactory>(job, new ServingFactory(job, ServingRole.Both), settings);
    }

    private static JobResult Solve<TPlan, TFactory>(Job job, TFactory factory, EngineSettings settings)
        where TPlan : struct, IBatchPlan
        where TFactory : struct, IPlanFactory<TPlan>
    {
        SearchTally tally = new();
        IReadOnlyList<int> counts = job.FusionCards;
        PlanChoice<TPlan>?[] ofCount = PhaseSearch.BestPerCardCount<TPlan, TFactory>(job, Phase.Decode, factory, job.Decode, counts, settings, tally);
        (PlanChoice<TPlan>? best, double? nearestCost) = Best(job, counts, ofCount);
        if (best is not { } choice)
        {
            return new JobResult(job, null, null, null, tally) { NearestCost = nearestCost };
        }

        (PhaseWinner? prefill, PhaseWinner? decode) = factory.Explain(choice.Plan, choice.Sequences);
        return new JobResult(job, prefill, decode, null, tally);
    }

    /// <summary>
    /// Of the best plans of each number of cards the one of most throughput that costs no more than it may, then of fewest cards. On a number of cards the plan of most throughput is the
    /// cheapest: where it costs too much every plan on them does.
    /// </summary>
    private static (PlanChoice<TPlan>? Best, double? NearestCost) Best<TPlan>(Job job, IReadOnlyList<int> counts, PlanChoice<TPlan>?[] ofCount)
        where TPlan : struct, IBatchPlan
    {
        PlanChoice<TPlan>? best = null;
        double? nearest = null;
        for (int count = 0; count < ofCount.Length; count++)
        {
            if (ofCount[count] is not { } choice)
            {
                continue;
            }

            double tokens = choice.Figures.TokensPerSecond;
            if (job.CostLimit is { } most)
            {
                double dollars = DeploymentEconomics.Of(job, null, CardPool.Priced(job.DecodeChip, counts[count], tokens)).DollarsPerMillionTokens;
                nearest = nearest is { } known ? Math.Min(known, dollars) : dollars;
                if (!(dollars <= most))
                {
                    continue;
                }
            }

            if (best is not { } leader || tokens > leader.Figures.TokensPerSecond)
            {
                best = choice;
            }
        }

        return (best, best is null ? nearest : null);
    }
}
