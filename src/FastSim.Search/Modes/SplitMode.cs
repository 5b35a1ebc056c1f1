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
        IEnumerable<CardSplit> splits = job.Splits ?? EverySplit(job.Cards);
        int[] prefillCards = CardCounts(job, split => split.PrefillCards);
        int[] decodeCards = CardCounts(job, split => split.DecodeCards);
        SearchTally? prefillTally = prefillCards.Length > 0 ? new SearchTally() : null;
        SearchTally? decodeTally = decodeCards.Length > 0 ? new SearchTally() : null;
        PrefillFactory prefillFactory = new(job);
        DecodeFactory decodeFactory = new(job);
        PlanChoice<PrefillPlan>?[] prefill = prefillTally is null
            ? []
            : PhaseSearch.BestPerCardCount<PrefillPlan, PrefillFactory>(
                job, Phase.Prefill, prefillFactory, job.Prefill, prefillCards, settings, prefillTally);
        PlanChoice<DecodePlan>?[] decode = decodeTally is null
            ? []
            : PhaseSearch.BestPerCardCount<DecodePlan, DecodeFactory>(
                job, Phase.Decode, decodeFactory, job.Decode, decodeCards, settings, decodeTally);

        CardSplit? best = null;
        double bestRequests = 0;
        foreach (CardSplit split in splits)
        {
            double requests = Math.Min(
                RequestsPerSecond(prefill, prefillCards, split.PrefillCards, job.Lengths.Input),
                RequestsPerSecond(decode, decodeCards, split.DecodeCards, job.Lengths.Output));
            if (requests > bestRequests || (requests == bestRequests && best is { } known && split.Cards < known.Cards))
            {
                best = split;
                bestRequests = requests;
            }
        }

        PhaseWinner? prefillWinner = best is { PrefillCards: > 0 } withPrefill
            && prefill[Array.BinarySearch(prefillCards, withPrefill.PrefillCards)] is { } prefillChoice
            ? prefillFactory.Explain(prefillChoice.Plan, prefillChoice.Sequences).Prefill
            : null;
        PhaseWinner? decodeWinner = best is { DecodeCards: > 0 } withDecode
            && decode[Array.BinarySearch(decodeCards, withDecode.DecodeCards)] is { } decodeChoice
            ? decodeFactory.Explain(decodeChoice.Plan, decodeChoice.Sequences).Decode
            : null;
        return new JobResult(job, prefillWinner, decodeWinner, prefillTally, decodeTally);
    }

    /// <summary>Requests/s of a phase on some cards: 0 without a plan, no bound on the other phase when the phase does not run.</summary>
    private static double RequestsPerSecond<TPlan>(PlanChoice<TPlan>?[] best, int[] cardCounts, int cards, int tokensPerRequest)
        where TPlan : struct, IBatchPlan
    {
        if (cards == 0)
        {
            return double.PositiveInfinity;
        }

        return best[Array.BinarySearch(cardCounts, cards)] is { } choice ? choice.Figures.TokensPerSecond / tokensPerRequest : 0;
    }

    private static int[] CardCounts(Job job, Func<CardSplit, int> phase) =>
        job.Splits is { } given
            ? given.Select(phase).Where(cards => cards > 0).Distinct().Order().ToArray()
            : Enumerable.Range(1, job.Cards - 1).ToArray();

    private static IEnumerable<CardSplit> EverySplit(int cards)
    {
        for (int prefill = 1; prefill < cards; prefill++)
        {
            for (int decode = 1; prefill + decode <= cards; decode++)
            {
                yield return new CardSplit(prefill, decode);
            }
        }
    }
}
