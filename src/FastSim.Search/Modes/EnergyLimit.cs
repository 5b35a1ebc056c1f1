using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Search.Modes;

/// <summary>
/// The best deployment within a limit of joules a token, or of the least. What a deployment takes is what its cards draw idle for the time of a request, which falls with the
/// rate, and the work of either phase a request, which does not depend on the rate: so at each rate that a phase's plan has, the plans of least work that keep
/// it are all there is to look at (<see cref="FrugalSearch{TPlan, TFactory}"/>).
/// </summary>
internal static class EnergyLimit
{
    /// <summary>Holds an answer to its job's limit.</summary>
    /// <param name="most">The answer without it.</param>
    /// <param name="settings">The engine; the answer does not depend on it.</param>
    /// <returns>The answer itself where it meets the limit.</returns>
    public static JobResult Hold(JobResult most, EngineSettings settings) =>
        most.Job.EnergyLimit is not { } limit || !most.HasPlan || DeploymentEconomics.Of(most).JoulesPerToken <= limit
            ? most
            : Within(most, limit, settings);

    /// <summary>The deployment of the least joules a token; of those that take as little, but for rounding, the best as under a limit.</summary>
    /// <param name="most">The answer of most throughput within the job's limits; it has a plan.</param>
    /// <param name="settings">The engine; the answer does not depend on it.</param>
    public static JobResult Least(JobResult most, EngineSettings settings) => Within(most, null, settings);

    private static JobResult Within(JobResult most, double? limit, EngineSettings settings)
    {
        Job job = most.Job;
        if (job.Mode == ServingMode.Fusion)
        {
            return job.Engine is null
                ? Fusion<FusionPlan, FusionFactory>(most, new FusionFactory(job), limit, settings)
                : Fusion<ServingPlan, ServingFactory>(most, new ServingFactory(job, ServingRole.Both), limit, settings);
        }

        return job.Engine is null
            ? Split<PrefillPlan, PrefillFactory, DecodePlan, DecodeFactory>(most, new PrefillFactory(job), new DecodeFactory(job), limit, settings)
            : Split<ServingPlan, ServingFactory, ServingPlan, ServingFactory>(
                most, new ServingFactory(job, ServingRole.Prefill), new ServingFactory(job, ServingRole.Decode), limit, settings);
    }

    private static JobResult Fusion<TPlan, TFactory>(JobResult most, TFactory factory, double? limit, EngineSettings settings)
        where TPlan : struct, IBatchPlan
        where TFactory : struct, IPlanFactory<TPlan>
    {
        Job job = most.Job;
        FrugalLine[] lines = Lines<TPlan, TFactory>(job, Phase.Decode, factory, job.Decode, job.FusionCards, settings);
        EnergyChoice choice = EnergyChoice.Of(job, limit, offers =>
        {
            foreach (FrugalPlan plan in lines.SelectMany(line => line.Plans))
            {
                offers.Take(null, plan);
            }
        });
        return choice.Best is { Decode: { } best }
            ? Explained(most, factory.Explain(factory.Create(best.Layout, best.MicroBatches), best.Sequences))
            : Missed(most, choice.Least);
    }

    private static JobResult Split<TPrefill, TPrefillFactory, TDecode, TDecodeFactory>(
        JobResult most, TPrefillFactory prefillFactory, TDecodeFactory decodeFactory, double? limit, EngineSettings settings)
        where TPrefill : struct, IBatchPlan
        where TPrefillFactory : struct, IPlanFactory<TPrefill>
        where TDecode : struct, IBatchPlan
        where TDecodeFactory : struct, IPlanFactory<TDecode>
    {
        Job job = most.Job;
        SplitChoice splits = new(job.Splits, job.Cards);
        FrugalLine[] prefill = Lines<TPrefill, TPrefillFactory>(job, Phase.Prefill, prefillFactory, job.Prefill, splits.PrefillCards, settings);
        FrugalLine[] decode = Lines<TDecode, TDecodeFactory>(job, Phase.Decode, decodeFactory, job.Decode, splits.DecodeCards, settings);
        EnergyChoice choice = EnergyChoice.Of(job, limit, offers =>
        {
            foreach ((int ofPrefill, int ofDecode) in SplitStudy.AllSplits(job, splits))
            {
                Pair(offers, job, ofPrefill < 0 ? null : prefill[ofPrefill], ofDecode < 0 ? null : decode[ofDecode]);
            }
        });

        return choice.Best is { } best
            ? Explained(
                most,
                (best.Prefill is { } first ? prefillFactory.Explain(prefillFactory.Create(first.Layout, first.MicroBatches), first.Sequences).Prefill : null,
                best.Decode is { } second ? decodeFactory.Explain(decodeFactory.Create(second.Layout, second.MicroBatches), second.Sequences).Decode : null))
            : Missed(most, choice.Least);
    }

    /// <summary>At each rate that a plan of either phase has, the plans of least work that keep it.</summary>
    private static void Pair(EnergyChoice choice, Job job, FrugalLine? prefill, FrugalLine? decode)
    {
        foreach (FrugalPlan first in prefill?.Plans ?? [])
        {
            double requests = first.TokensPerSecond / job.Lengths.Input;
            choice.Take(first, decode is null ? null : Keeping(decode, requests, job.Lengths.Output), decode is null);
        }

        foreach (FrugalPlan second in decode?.Plans ?? [])
        {
            double requests = second.TokensPerSecond / job.Lengths.Output;
            choice.Take(prefill is null ? null : Keeping(prefill, requests, job.Lengths.Input), second, prefill is null);
        }
    }

    /// <summary>The plan of least work that serves some requests/s, as the quotient of its tokens says it.</summary>
    private static FrugalPlan? Keeping(FrugalLine line, double requests, int tokens)
    {
        FrugalPlan? kept = null;
        foreach (FrugalPlan plan in line.Plans)
        {
            if (plan.TokensPerSecond / tokens < requests)
            {
                break;
            }

            kept = plan;
        }

        return kept;
    }

    private static FrugalLine[] Lines<TPlan, TFactory>(
        Job job, Phase phase, TFactory factory, PlanRestriction restriction, IReadOnlyList<int> cardCounts, EngineSettings settings)
        where TPlan : struct, IBatchPlan
        where TFactory : struct, IPlanFactory<TPlan> =>
        FrugalSearch<TPlan, TFactory>.Of(factory, job, restriction, [.. cardCounts.Select(cards => PlanSpace.Of(job, phase, cards, restriction))], settings);

    private static JobResult Explained(JobResult most, (PhaseWinner? Prefill, PhaseWinner? Decode) winners) =>
        most with { Prefill = winners.Prefill, Decode = winners.Decode };

    private static JobResult Missed(JobResult most, double least) => most with { Prefill = null, Decode = null, NearestJoules = least };
}
