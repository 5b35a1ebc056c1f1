using FastSim.Kernels.Lanes;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Engines;
using FastSim.Search.Jobs;
using FastSim.Search.Modes;

namespace FastSim.Search.Sweeps;

/// <summary>Searches a job on many variants of its chips. Serves one thread.</summary>
public sealed class JobSweep
{
    private readonly SweepJob job;
    private readonly IVariantSearch? prefill;
    private readonly IVariantSearch? decode;
    private VariantPlan[] prefillPlans = [];
    private VariantPlan[] decodePlans = [];
    private VariantMiss[] prefillMisses = [];
    private VariantMiss[] decodeMisses = [];
    private readonly Dictionary<(bool IsPrefill, int Chip, ParallelLayout Layout, int MicroBatches, double Sequences), PlanInterval> intervals = [];

    /// <summary>A searcher of its own.</summary>
    /// <param name="job">The job.</param>
    /// <param name="width">Lane width; the results do not depend on it.</param>
    /// <param name="expectedVariants">Variants to make room for at a time; more take turns.</param>
    public JobSweep(SweepJob job, LaneWidth width, int expectedVariants = int.MaxValue)
    {
        ArgumentNullException.ThrowIfNull(job);
        this.job = job;
        prefill = job.Prefill is { } prefills ? Search(prefills, Phase.Prefill, width, expectedVariants) : null;
        decode = job.Decode is { } decodes ? Search(decodes, Phase.Decode, width, expectedVariants) : null;
    }

    /// <summary>Whether the job chooses among several splits of its cards, or numbers of them, so that a better chip may use more of them.</summary>
    public bool ChoosesCards => job.Splits is { } splits ? splits.PrefillCards.Length > 1 || splits.DecodeCards.Length > 1 : job.Job.FusionCards.Count > 1;

    /// <summary>Moves the counts of the candidates searched since the last call to a tally.</summary>
    public void MoveCountsTo(SweepTally tally)
    {
        prefill?.Tally.MoveTo(tally);
        decode?.Tally.MoveTo(tally);
    }

    /// <summary>
    /// Searches. Chips that several variants share are searched once: a variant names its chips by their place among the distinct ones.
    /// </summary>
    /// <param name="prefillChips">Distinct prefill chips; read when the job prefills in a phase of its own.</param>
    /// <param name="decodeChips">Distinct decode chips; read when the job decodes.</param>
    /// <param name="variants">Prefill and decode chip of each variant.</param>
    /// <param name="results">Receives the answer to each.</param>
    /// <param name="every">Places from one answer to the next: between them those of other jobs may stand.</param>
    public void Solve(ChipRows prefillChips, ChipRows decodeChips, ReadOnlySpan<ChipPlaces> variants, Span<VariantResult> results, int every = 1)
    {
        ArgumentNullException.ThrowIfNull(prefillChips);
        ArgumentNullException.ThrowIfNull(decodeChips);
        Find(prefillChips, decodeChips, variants, results, every);
        if (prefill is not { HasIntervals: true } && decode is not { HasIntervals: true })
        {
            return;
        }

        intervals.Clear();
        for (int variant = 0; variant < variants.Length; variant++)
        {
            ref VariantResult result = ref results[variant * every];
            result = result with
            {
                Prefill = WithInterval(prefill, result.Prefill, prefillChips, variants[variant].Prefill),
                Decode = WithInterval(decode, result.Decode, decodeChips, variants[variant].Decode),
            };
        }
    }

    /// <summary>The plan with its interval, where plans have some; variants may share it.</summary>
    private VariantPlan WithInterval(IVariantSearch? search, in VariantPlan plan, ChipRows chips, int chip)
    {
        if (search is not { HasIntervals: true } || !plan.IsFound)
        {
            return plan;
        }

        (bool, int, ParallelLayout, int, double) key = (search == prefill, chip, plan.Layout, plan.MicroBatches, plan.Sequences);
        if (!intervals.TryGetValue(key, out PlanInterval interval))
        {
            interval = search.Interval(chips.Values.Slice(chip * search.NumbersPerVariant, search.NumbersPerVariant), plan);
            intervals[key] = interval;
        }

        return plan with { Interval = interval };
    }

    private void Find(ChipRows prefillChips, ChipRows decodeChips, ReadOnlySpan<ChipPlaces> variants, Span<VariantResult> results, int every)
    {
        if (job.Splits is null)
        {
            int counts = job.Job.FusionCards.Count;
            Solve(decode, decodeChips, counts, ref decodePlans, ref decodeMisses);
            for (int variant = 0; variant < variants.Length; variant++)
            {
                int place = variants[variant].Decode;
                results[variant * every] = new VariantResult(default, PlansByCount.Most(decodePlans.AsSpan(place * counts, counts)), decodeMisses[place], false);
            }

            return;
        }

        int prefillCounts = job.Splits.PrefillCards.Length;
        int decodeCounts = job.Splits.DecodeCards.Length;
        Solve(prefill, prefillChips, prefillCounts, ref prefillPlans, ref prefillMisses);
        Solve(decode, decodeChips, decodeCounts, ref decodePlans, ref decodeMisses);
        double[] prefillRequests = new double[prefillCounts];
        double[] decodeRequests = new double[decodeCounts];
        for (int variant = 0; variant < variants.Length; variant++)
        {
            ChipPlaces places = variants[variant];
            ReadOnlySpan<VariantPlan> prefills = prefillPlans.AsSpan(places.Prefill * prefillCounts, prefillCounts);
            ReadOnlySpan<VariantPlan> decodes = decodePlans.AsSpan(places.Decode * decodeCounts, decodeCounts);
            PlansByCount.Requests(prefills, job.Job.Lengths.Input, prefillRequests);
            PlansByCount.Requests(decodes, job.Job.Lengths.Output, decodeRequests);
            if (job.Splits.Best(prefillRequests, decodeRequests) is not { } best)
            {
                results[variant * every] = Miss(places);
                continue;
            }

            // An answer is large: it is written where it stays, and read again only where a phase is to be chosen anew.
            ref VariantResult answer = ref results[variant * every];
            answer = new VariantResult(best.Prefill >= 0 ? prefills[best.Prefill] : default, best.Decode >= 0 ? decodes[best.Decode] : default, default, false);
            if (job.Job.SplitAim == SplitAim.Balanced && best.Prefill >= 0 && best.Decode >= 0)
            {
                answer = Balanced(best, answer, prefillChips, decodeChips, places);
            }
        }
    }

    /// <summary>Bounds by chips: what no chip that is worse in every number serves more of.</summary>
    /// <param name="prefillChips">Prefill chips; read when the job prefills in a phase of its own.</param>
    /// <param name="decodeChips">Decode chips; as many, read when the job decodes.</param>
    /// <param name="least">Requests/s that every one of the worse chips serves at least, a chip each; a split that does not serve as many is not theirs.</param>
    /// <param name="reaches">Receives the bounds.</param>
    public void Reach(ChipRows prefillChips, ChipRows decodeChips, ReadOnlySpan<double> least, Span<VariantReach> reaches)
    {
        ArgumentNullException.ThrowIfNull(prefillChips);
        ArgumentNullException.ThrowIfNull(decodeChips);
        int prefillCounts = job.Splits?.PrefillCards.Length ?? 0;
        IReadOnlyList<int> fusionCards = job.Job.FusionCards;
        int decodeCounts = job.Splits?.DecodeCards.Length ?? fusionCards.Count;
        Solve(prefillCounts > 0 ? prefill : null, prefillChips, prefillCounts, ref prefillPlans, ref prefillMisses);
        Solve(decode, decodeChips, decodeCounts, ref decodePlans, ref decodeMisses);
        double[] prefillRequests = new double[prefillCounts];
        double[] decodeRequests = new double[decodeCounts];
        for (int chip = 0; chip < reaches.Length; chip++)
        {
            PlansByCount.Requests(prefillPlans.AsSpan(chip * prefillCounts, prefillCounts), job.Job.Lengths.Input, prefillRequests);
            PlansByCount.Requests(decodePlans.AsSpan(chip * decodeCounts, decodeCounts), job.Job.Lengths.Output, decodeRequests);
            reaches[chip] = job.Splits?.Reach(prefillRequests, decodeRequests, least[chip]) is { } most
                ? new VariantReach(most.Requests, most.RequestsPerCard)
                : PlansByCount.Reach(decodeRequests, fusionCards);
        }
    }

    /// <summary>The answer with the phase that does not bind chosen by its latency.</summary>
    private VariantResult Balanced(
        (int Prefill, int Decode) split, in VariantResult answer, ChipRows prefillChips, ChipRows decodeChips, ChipPlaces places)
    {
        KeptRate ofPrefill = new(0, job.Job.Lengths.Input);
        KeptRate ofDecode = new(0, job.Job.Lengths.Output);
        double prefillRate = ofPrefill.RequestsOf(answer.Prefill.Figures);
        double decodeRate = ofDecode.RequestsOf(answer.Decode.Figures);
        if (prefillRate > decodeRate)
        {
            ReadOnlySpan<double> values = prefillChips.Values.Slice(places.Prefill * prefill!.NumbersPerVariant, prefill.NumbersPerVariant);
            return answer with { Prefill = prefill.LeastLatency(values, split.Prefill, ofPrefill with { RequestsPerSecond = decodeRate }) ?? answer.Prefill };
        }

        if (decodeRate > prefillRate)
        {
            ReadOnlySpan<double> values = decodeChips.Values.Slice(places.Decode * decode!.NumbersPerVariant, decode.NumbersPerVariant);
            return answer with { Decode = decode.LeastLatency(values, split.Decode, ofDecode with { RequestsPerSecond = prefillRate }) ?? answer.Decode };
        }

        return answer;
    }

    private IVariantSearch Search(PhaseShapes shapes, Phase phase, LaneWidth width, int expectedVariants)
    {
        Job own = job.Job;
        if (own.Engine is not null)
        {
            ServingRole alone = phase == Phase.Prefill ? ServingRole.Prefill : ServingRole.Decode;
            ServingRole role = job.Splits is null ? ServingRole.Both : alone;
            return Search<ServingPlan, ServingFactory>(each => new ServingFactory(each, role));
        }

        if (job.Splits is null)
        {
            return Search<FusionPlan, FusionFactory>(each => new FusionFactory(each));
        }

        return phase == Phase.Prefill
            ? Search<PrefillPlan, PrefillFactory>(each => new PrefillFactory(each))
            : Search<DecodePlan, DecodeFactory>(each => new DecodeFactory(each));

        VariantSearch<TPlan, TFactory> Search<TPlan, TFactory>(Func<Job, TFactory> factory)
            where TPlan : struct, IBatchPlan
            where TFactory : struct, IPlanFactory<TPlan> =>
            new(shapes, factory(own), [.. job.Ends.Select(factory)], width, expectedVariants);
    }

    private static void Solve(IVariantSearch? search, ChipRows chips, int cardCounts, ref VariantPlan[] plans, ref VariantMiss[] misses)
    {
        if (search is null)
        {
            return;
        }

        if (misses.Length < chips.Count)
        {
            misses = new VariantMiss[chips.Count];
            plans = new VariantPlan[chips.Count * cardCounts];
        }

        search.Solve(chips.Values, chips.Count, plans, misses);
    }

    /// <summary>A split needs both phases: the one that fails is named, decode first.</summary>
    private VariantResult Miss(ChipPlaces places)
    {
        VariantMiss decodeMiss = decode is null ? default : decodeMisses[places.Decode];
        VariantMiss prefillMiss = prefill is null ? default : prefillMisses[places.Prefill];
        if (decodeMiss.Kind != MissKind.None)
        {
            return new VariantResult(default, default, decodeMiss, false);
        }

        // Each phase may have plans on card counts that no split pairs.
        return prefillMiss.Kind != MissKind.None
            ? new VariantResult(default, default, prefillMiss, true)
            : new VariantResult(default, default, new VariantMiss(MissKind.Split, double.NaN, double.NaN), false);
    }
}
