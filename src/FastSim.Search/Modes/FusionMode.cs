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
        SearchTally tally = new();
        FusionFactory factory = new(job);
        PlanChoice<FusionPlan>? best = PhaseSearch.BestPerCardCount<FusionPlan, FusionFactory>(
            job, Phase.Decode, factory, job.Decode, [job.Cards], settings, tally)[0];
        if (best is not { } choice)
        {
            return new JobResult(job, null, null, null, tally);
        }

        (PhaseWinner? prefill, PhaseWinner? decode) = factory.Explain(choice.Plan, choice.Sequences);
        return new JobResult(job, prefill, decode, null, tally);
    }
}
