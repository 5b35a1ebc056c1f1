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
        PlanChoice<TPlan>? best = PhaseSearch.BestPerCardCount<TPlan, TFactory>(
            job, Phase.Decode, factory, job.Decode, [job.Cards], settings, tally)[0];
        if (best is not { } choice)
        {
            return new JobResult(job, null, null, null, tally);
        }

        (PhaseWinner? prefill, PhaseWinner? decode) = factory.Explain(choice.Plan, choice.Sequences);
        JobResult result = new(job, prefill, decode, null, tally);

        // All cards are used, so that the plan of most throughput is the cheapest: where it costs too much every plan does.
        return job.CostLimit is { } most && DeploymentEconomics.Of(result).DollarsPerMillionTokens is var dollars && !(dollars <= most)
            ? new JobResult(job, null, null, null, tally) { NearestCost = dollars }
            : result;
    }
}
