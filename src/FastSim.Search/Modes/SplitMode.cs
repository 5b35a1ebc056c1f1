using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary><c>pd-split-request-optimal</c>: the split of the cards that serves the most requests (cost model B3).</summary>
internal static class SplitMode
{
    public static JobResult Solve(Job job, EngineSettings settings) => job.Engine is null
        ? Solve<PrefillPlan, PrefillFactory, DecodePlan, DecodeFactory>(job, new PrefillFactory(job), new DecodeFactory(job), settings)
        : Solve<ServingPlan, ServingFactory, ServingPlan, ServingFactory>(
            job, new ServingFactory(job, ServingRole.Prefill), new ServingFactory(job, ServingRole.Decode), settings);

    private static JobResult Solve<TPrefill, TPrefillFactory, TDecode, TDecodeFactory>(
        Job job, TPrefillFactory prefillFactory, TDecodeFactory decodeFactory, EngineSettings settings)
        where TPrefill : struct, IBatchPlan
        where TPrefillFactory : struct, IPlanFactory<TPrefill>
        where TDecode : struct, IBatchPlan
        where TDecodeFactory : struct, IPlanFactory<TDecode>
    {
        SplitChoice choice = new(job.Splits, job.Cards);
        SearchTally? prefillTally = choice.PrefillCards.Length > 0 ? new SearchTally() : null;
        SearchTally? decodeTally = choice.DecodeCards.Length > 0 ? new SearchTally() : null;
        PlanChoice<TPrefill>?[] prefill = prefillTally is null
            ? []
            : PhaseSearch.BestPerCardCount<TPrefill, TPrefillFactory>(
                job, Phase.Prefill, prefillFactory, job.Prefill, choice.PrefillCards, settings, prefillTally);
        PlanChoice<TDecode>?[] decode = decodeTally is null
            ? []
            : PhaseSearch.BestPerCardCount<TDecode, TDecodeFactory>(
                job, Phase.Decode, decodeFactory, job.Decode, choice.DecodeCards, settings, decodeTally);

        double[] prefillRequests = RequestsPerSecond(prefill, job.Lengths.Input);
        double[] decodeRequests = RequestsPerSecond(decode, job.Lengths.Output);
        double? nearestCost = null;
        (int Prefill, int Decode)? chosen = job.CostLimit is { } most
            ? choice.BestWithin(prefillRequests, decodeRequests, most, Dollars, out nearestCost)
            : choice.Best(prefillRequests, decodeRequests);
        if (chosen is not { } best)
        {
            return new JobResult(job, null, null, prefillTally, decodeTally) { NearestCost = nearestCost };
        }

        PlanChoice<TPrefill>? prefillChoice = best.Prefill >= 0 ? prefill[best.Prefill] : null;
        PlanChoice<TDecode>? decodeChoice = best.Decode >= 0 ? decode[best.Decode] : null;
        if (job.SplitAim == SplitAim.Balanced && prefillChoice is not null && decodeChoice is not null)
        {
            (double prefillRate, double decodeRate) = (prefillRequests[best.Prefill], decodeRequests[best.Decode]);
            if (prefillRate > decodeRate)
            {
                prefillChoice = PhaseSearch.LeastLatency<TPrefill, TPrefillFactory>(
                    job, Phase.Prefill, prefillFactory, job.Prefill, choice.PrefillCards[best.Prefill], new KeptRate(decodeRate, job.Lengths.Input), settings)
                    ?? prefillChoice;
            }
            else if (decodeRate > prefillRate)
            {
                decodeChoice = PhaseSearch.LeastLatency<TDecode, TDecodeFactory>(
                    job, Phase.Decode, decodeFactory, job.Decode, choice.DecodeCards[best.Decode], new KeptRate(prefillRate, job.Lengths.Output), settings)
                    ?? decodeChoice;
            }
        }

        return new JobResult(
            job,
            prefillChoice is { } prefilling ? prefillFactory.Explain(prefilling.Plan, prefilling.Sequences).Prefill : null,
            decodeChoice is { } decoding ? decodeFactory.Explain(decoding.Plan, decoding.Sequences).Decode : null,
            prefillTally,
            decodeTally);

        double Dollars((int Prefill, int Decode) split) => DeploymentEconomics.Of(
            job,
            split.Prefill < 0 ? null : CardPool.Priced(job.PrefillChip, choice.PrefillCards[split.Prefill], prefill[split.Prefill]!.Value.Figures.TokensPerSecond),
            split.Decode < 0 ? null : CardPool.Priced(job.DecodeChip, choice.DecodeCards[split.Decode], decode[split.Decode]!.Value.Figures.TokensPerSecond)).DollarsPerMillionTokens;
    }

    /// <summary>Requests/s of a phase on each card count: 0 without a plan.</summary>
    private static double[] RequestsPerSecond<TPlan>(PlanChoice<TPlan>?[] best, int tokensPerRequest)
        where TPlan : struct, IBatchPlan =>
        Array.ConvertAll(best, choice => choice is { } found ? found.Figures.TokensPerSecond / tokensPerRequest : 0);
}
