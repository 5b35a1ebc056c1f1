using FastSim.Kernels.Models;
using FastSim.Kernels.Reference;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary><c>pd-split-request-optimal</c>: the split of the cards that serves the most requests (cost model B3).</summary>
internal static class SplitMode
{
    public static JobResult Solve(Job job, EngineSettings settings)
    {
        SplitChoice choice = new(job.Splits, job.Cards);
        SearchTally? prefillTally = choice.PrefillCards.Length > 0 ? new SearchTally() : null;
        SearchTally? decodeTally = choice.DecodeCards.Length > 0 ? new SearchTally() : null;
        PrefillFactory prefillFactory = new(job);
        DecodeFactory decodeFactory = new(job);
        PlanChoice<PrefillPlan>?[] prefill = prefillTally is null
            ? []
            : PhaseSearch.BestPerCardCount<PrefillPlan, PrefillFactory>(
                job, Phase.Prefill, prefillFactory, job.Prefill, choice.PrefillCards, settings, prefillTally);
        PlanChoice<DecodePlan>?[] decode = decodeTally is null
            ? []
            : PhaseSearch.BestPerCardCount<DecodePlan, DecodeFactory>(
                job, Phase.Decode, decodeFactory, job.Decode, choice.DecodeCards, settings, decodeTally);

        (int Prefill, int Decode)? best = choice.Best(RequestsPerSecond(prefill, job.Lengths.Input), RequestsPerSecond(decode, job.Lengths.Output));
        PhaseWinner? prefillWinner = best is { Prefill: >= 0 } withPrefill && prefill[withPrefill.Prefill] is { } prefillChoice
            ? prefillFactory.Explain(prefillChoice.Plan, prefillChoice.Sequences).Prefill
            : null;
        PhaseWinner? decodeWinner = best is { Decode: >= 0 } withDecode && decode[withDecode.Decode] is { } decodeChoice
            ? decodeFactory.Explain(decodeChoice.Plan, decodeChoice.Sequences).Decode
            : null;
        return new JobResult(job, prefillWinner, decodeWinner, prefillTally, decodeTally);
    }

    /// <summary>Requests/s of a phase on each card count: 0 without a plan.</summary>
    private static double[] RequestsPerSecond<TPlan>(PlanChoice<TPlan>?[] best, int tokensPerRequest)
        where TPlan : struct, IBatchPlan =>
        Array.ConvertAll(best, choice => choice is { } found ? found.Figures.TokensPerSecond / tokensPerRequest : 0);
}
