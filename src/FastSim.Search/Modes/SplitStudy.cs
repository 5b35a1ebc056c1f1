using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Search.Engines;
using FastSim.Search.Fronts;
using FastSim.Search.Jobs;

namespace FastSim.Search.Modes;

/// <summary>Deployments whose cards are split between prefill and decode.</summary>
internal static class SplitStudy
{
    /// <summary>
    /// Layouts that are looked at on each number of cards, however few are ranked: where more of them keep up than are looked at, one that does not, and so differs, may stay unseen,
    /// and a shorter ranking is to be the beginning of a longer.
    /// </summary>
    private const int LeastRanked = 10;

    public static JobStudy Of(JobResult result, int ranked, EngineSettings settings) => result.Job.Engine is null
        ? Of<PrefillPlan, PrefillFactory, DecodePlan, DecodeFactory>(result, new PrefillFactory(result.Job), new DecodeFactory(result.Job), ranked, settings)
        : Of<ServingPlan, ServingFactory, ServingPlan, ServingFactory>(
            result, new ServingFactory(result.Job, ServingRole.Prefill), new ServingFactory(result.Job, ServingRole.Decode), ranked, settings);

    private static JobStudy Of<TPrefill, TPrefillFactory, TDecode, TDecodeFactory>(
        JobResult result, TPrefillFactory prefillFactory, TDecodeFactory decodeFactory, int ranked, EngineSettings settings)
        where TPrefill : struct, IBatchPlan
        where TPrefillFactory : struct, IPlanFactory<TPrefill>
        where TDecode : struct, IBatchPlan
        where TDecodeFactory : struct, IPlanFactory<TDecode>
    {
        if (!result.HasPlan)
        {
            return new JobStudy(result, [], []);
        }

        Job job = result.Job;
        SplitChoice choice = new(job.Splits, job.Cards);
        PhaseFront<TPrefill, TPrefillFactory> prefill = new(job, Phase.Prefill, prefillFactory, job.Prefill, choice.PrefillCards, settings);
        PhaseFront<TDecode, TDecodeFactory> decode = new(job, Phase.Decode, decodeFactory, job.Decode, choice.DecodeCards, settings);
        (FrontLine<FrontPlan>[] prefillLines, FrontLine<FrontPlan>[] decodeLines) = (prefill.Lines(), decode.Lines());
        FrontPoint? cheapest = job.Objective == PlanObjective.Cost ? Cheapest(job, choice, new Halves(job, prefillLines, decodeLines, new DeploymentLimits(job, null, null))) : null;

        // What a deployment costs and draws depends on how many cards it takes: under a limit each number of cards is looked at by itself, without idle ones.
        bool isLimited = job.HasEconomicLimit;
        DeploymentLimits limits = new(job, prefill.Pools(), decode.Pools());
        Halves halves = isLimited ? new(job, prefillLines, decodeLines, limits) : new(job, Reached(job, prefillLines), Reached(job, decodeLines), limits);
        (int Prefill, int Decode)[] splits = isLimited ? [.. AllSplits(job, choice)] : Splits(job, choice);
        FrontLine<FrontPoint> front = new(FrontPoint.Order);
        foreach ((int Prefill, int Decode) split in splits)
        {
            front.Add(halves.Best(split).Where(point => !front.Beats(point.Merit) && halves.IsAllowed(point)).Select(point => (point.Merit, point)));
        }

        FrontPoint best = halves.Pair(prefill.Of(result.Prefill), decode.Of(result.Decode));
        front.Add([(best.Merit, best)]);
        JobResult? frugal = job.Objective == PlanObjective.Energy ? EnergyLimit.Least(result, settings) : null;
        FrontPoint[] ranking = ranked == 0 ? [] : Ranking(job, halves, splits, prefill.Ranked(Math.Max(ranked, LeastRanked)), decode.Ranked(Math.Max(ranked, LeastRanked)), best, ranked);
        return new JobStudy(result, [.. front.Points.Select(point => limits.Drawn(point.Deployment))], [.. ranking.Select(limits.Drawn)])
        {
            Best = limits.Drawn(best),
            Thriftiest = frugal is null ? cheapest : limits.Drawn(halves.Pair(prefill.Of(frugal.Prefill), decode.Of(frugal.Decode))),
        };
    }

    /// <summary>
    /// The best deployments that differ in the layout of the phase that holds the other back. The job's plan comes first and stands for its layout. To each other belongs, as in
    /// that plan, of the other phase the fewest cards that keep up, and on them the plan of least latency: how the other is laid out makes no difference to how much they serve.
    /// </summary>
    private static FrontPoint[] Ranking(
        Job job, Halves halves, (int Prefill, int Decode)[] splits, FrontPlan[][] prefill, FrontPlan[][] decode, FrontPoint best, int count)
    {
        Dictionary<(bool, LayoutKind), FrontPoint> byLayout = [];
        IEnumerable<FrontPoint> points = job.Splits is null && !job.HasEconomicLimit ? halves.Leanest(prefill, decode) : splits.SelectMany(split => halves.Of(split, prefill, decode));
        foreach (FrontPoint point in points.Where(halves.IsAllowed))
        {
            (bool, LayoutKind) key = LayoutsOf(point);
            if (!byLayout.TryGetValue(key, out FrontPoint? known) || Compare(point, known) < 0)
            {
                byLayout[key] = point;
            }
        }

        // Of equal throughput it is the search that says which plan is meant.
        byLayout.Remove(LayoutsOf(best));
        List<FrontPoint> others = [.. byLayout.Values];
        others.Sort(Compare);
        return [.. others.Prepend(best).Take(count)];

        (bool, LayoutKind) LayoutsOf(FrontPoint point)
        {
            bool isPrefill = point.Decode is null || (point.Prefill is { } first && halves.HoldsBack(first, point.Decode.Value));
            return (isPrefill, LayoutKind.Of((isPrefill ? point.Prefill : point.Decode)!.Value.Layout));
        }
    }

    /// <summary>Of all splits, also of fewer cards than there are, the one that serves a request for the least price; null where prices are not known.</summary>
    private static FrontPoint? Cheapest(Job job, SplitChoice choice, Halves halves)
    {
        if (job.PrefillChip.DollarsPerHour is not { } prefillPrice || job.DecodeChip.DollarsPerHour is not { } decodePrice)
        {
            return null;
        }

        (int Prefill, int Decode)? cheapest = null;
        double least = double.PositiveInfinity;
        foreach ((int Prefill, int Decode) split in AllSplits(job, choice))
        {
            double hours = (split.Prefill < 0 ? 0 : choice.PrefillCards[split.Prefill] * prefillPrice) + (split.Decode < 0 ? 0 : choice.DecodeCards[split.Decode] * decodePrice);
            double requests = halves.MostRequests(split);
            if (requests > 0 && hours / requests < least)
            {
                (cheapest, least) = (split, hours / requests);
            }
        }

        return cheapest is { } found ? halves.Best(found).MaxBy(point => point.Merit.TokensPerSecond) : null;
    }

    private static int Compare(FrontPoint one, FrontPoint other)
    {
        int by = other.Merit.TokensPerSecond.CompareTo(one.Merit.TokensPerSecond);
        return by != 0 ? by : FrontPoint.Order(one, other);
    }

    /// <summary>Fronts of as many cards or fewer, where every split is open: cards that a phase cannot use may idle.</summary>
    private static FrontLine<FrontPlan>[] Reached(Job job, FrontLine<FrontPlan>[] lines)
    {
        for (int count = 1; job.Splits is null && count < lines.Length; count++)
        {
            lines[count].Add(lines[count - 1].Points);
        }

        return lines;
    }

    /// <summary>The splits, as places in the lists of card counts; -1 for a phase that does not run.</summary>
    private static (int Prefill, int Decode)[] Splits(Job job, SplitChoice choice) => job.Splits is { } given
        ? [.. given.Select(split => (Array.IndexOf(choice.PrefillCards, split.PrefillCards), Array.IndexOf(choice.DecodeCards, split.DecodeCards)))]
        : [.. choice.PrefillCards.Select(cards => (cards - 1, job.Cards - cards - 1))];

    /// <summary>The splits, also of fewer cards than there are where they are not given.</summary>
    internal static IEnumerable<(int Prefill, int Decode)> AllSplits(Job job, SplitChoice choice) => job.Splits is null
        ? choice.PrefillCards.SelectMany(prefill => choice.DecodeCards.TakeWhile(decode => prefill + decode <= job.Cards).Select(decode => (prefill - 1, decode - 1)))
        : Splits(job, choice);

    /// <summary>Plans of both phases on each card count, and what they do together.</summary>
    private sealed class Halves(Job job, FrontLine<FrontPlan>[] prefill, FrontLine<FrontPlan>[] decode, DeploymentLimits limits)
    {
        /// <summary>Requests/s that a split serves at most; 0 where a phase has no plan.</summary>
        public double MostRequests((int Prefill, int Decode) split) => Math.Min(
            Most(prefill, split.Prefill, job.Lengths.Input), Most(decode, split.Decode, job.Lengths.Output));

        /// <summary>Deployments of a split of which every other is beaten: each plan with the other phase's of least latency that keeps up.</summary>
        public IEnumerable<FrontPoint> Best((int Prefill, int Decode) split)
        {
            if (split.Prefill < 0)
            {
                return decode[split.Decode].Points.Select(point => Pair(null, point.Deployment));
            }

            if (split.Decode < 0)
            {
                return prefill[split.Prefill].Points.Select(point => Pair(point.Deployment, null));
            }

            return decode[split.Decode].Points.Select(point => KeepingUp(prefill[split.Prefill], job.Lengths.Input, Requests(point, job.Lengths.Output)) is { } kept ? Pair(kept, point.Deployment) : null)
                .Concat(prefill[split.Prefill].Points.Select(point => KeepingUp(decode[split.Decode], job.Lengths.Output, Requests(point, job.Lengths.Input)) is { } kept ? Pair(point.Deployment, kept) : null))
                .OfType<FrontPoint>();
        }

        /// <summary>Ranked plans of each phase on a split, each with the other phase's of least latency that keeps up, if any does.</summary>
        public IEnumerable<FrontPoint> Of((int Prefill, int Decode) split, FrontPlan[][] ofPrefill, FrontPlan[][] ofDecode)
        {
            foreach (FrontPlan plan in split.Decode >= 0 ? ofDecode[split.Decode] : [])
            {
                if (split.Prefill < 0)
                {
                    yield return Pair(null, plan);
                }
                else if (KeepingUp(prefill[split.Prefill], job.Lengths.Input, RequestsOf(plan, job.Lengths.Output)) is { } kept)
                {
                    yield return Pair(kept, plan);
                }
            }

            foreach (FrontPlan plan in split.Prefill >= 0 ? ofPrefill[split.Prefill] : [])
            {
                if (split.Decode < 0)
                {
                    yield return Pair(plan, null);
                }
                else if (KeepingUp(decode[split.Decode], job.Lengths.Output, RequestsOf(plan, job.Lengths.Input)) is { } kept)
                {
                    yield return Pair(plan, kept);
                }
            }
        }

        /// <summary>Ranked plans of each phase, each with the other phase's of least latency on the fewest cards that keep up, if as many are left: of splits that are free.</summary>
        public IEnumerable<FrontPoint> Leanest(FrontPlan[][] ofPrefill, FrontPlan[][] ofDecode)
        {
            foreach (FrontPlan plan in ofDecode.SelectMany(plans => plans))
            {
                if (KeepingUp(prefill, job.Cards - plan.Layout.Cards, job.Lengths.Input, RequestsOf(plan, job.Lengths.Output)) is { } kept)
                {
                    yield return Pair(kept, plan);
                }
            }

            foreach (FrontPlan plan in ofPrefill.SelectMany(plans => plans))
            {
                if (KeepingUp(decode, job.Cards - plan.Layout.Cards, job.Lengths.Output, RequestsOf(plan, job.Lengths.Input)) is { } kept)
                {
                    yield return Pair(plan, kept);
                }
            }
        }

        /// <summary>Whether a deployment meets the limits of cost and energy.</summary>
        public bool IsAllowed(FrontPoint point) => limits.Allow(point);

        /// <summary>Whether prefill serves fewer requests than decode.</summary>
        public bool HoldsBack(FrontPlan prefilling, FrontPlan decoding) =>
            prefilling.Merit.TokensPerSecond / job.Lengths.Input < decoding.Merit.TokensPerSecond / job.Lengths.Output;

        /// <summary>What two plans do together: as many requests as the slower serves.</summary>
        public FrontPoint Pair(FrontPlan? prefilling, FrontPlan? decoding)
        {
            if (prefilling is not { } first || decoding is not { } second)
            {
                return new FrontPoint(prefilling, decoding, (decoding ?? prefilling)!.Value.Merit);
            }

            double requests = first.Merit.TokensPerSecond / job.Lengths.Input;
            double tokens = second.Merit.TokensPerSecond / job.Lengths.Output <= requests ? second.Merit.TokensPerSecond : requests * job.Lengths.Output;
            return new FrontPoint(first, second, new Merit(tokens, first.Merit.FirstTokenSeconds, second.Merit.PerTokenSeconds));
        }

        private static double Most(FrontLine<FrontPlan>[] lines, int place, int tokens) => place < 0
            ? double.PositiveInfinity
            : lines[place].Points is [var first, ..] ? Requests(first, tokens) : 0;

        private static double Requests((Merit Merit, FrontPlan Plan) point, int tokens) => point.Merit.TokensPerSecond / tokens;

        private static double RequestsOf(FrontPlan plan, int tokens) => plan.Merit.TokensPerSecond / tokens;

        /// <summary>The plan of least latency on the fewest cards that serve as many requests; null where none of at most some cards does.</summary>
        private static FrontPlan? KeepingUp(FrontLine<FrontPlan>[] lines, int mostCards, int tokens, double requests)
        {
            for (int place = 0; place < mostCards; place++)
            {
                if (KeepingUp(lines[place], tokens, requests) is { } kept)
                {
                    return kept;
                }
            }

            return null;
        }

        /// <summary>The plan of least latency that serves as many requests; null where none does.</summary>
        private static FrontPlan? KeepingUp(FrontLine<FrontPlan> line, int tokens, double requests)
        {
            int place = line.LastWith(requests * tokens * Slack.Below);
            while (place >= 0 && Requests(line.Points[place], tokens) < requests)
            {
                place--;
            }

            return place >= 0 ? line.Points[place].Deployment : null;
        }
    }
}
