using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Search.Jobs;

namespace FastSim.Laws.Tests;

/// <summary>
/// Laws of collectives over two levels (docs/cost-model.md, "Collectives over two levels"), of random tiers inside random tiers. No tolerance: each holds operation by operation, but for the last.
/// </summary>
[Laws(Arbitrary = [typeof(RandomJobs)], MaxTest = 300)]
public sealed class TwoLevelLaws
{
    private static readonly Collective[] Collectives = [Collective.AllReduce, Collective.AllGather, Collective.ReduceScatter, Collective.AllToAll];

    /// <summary>One way more to choose from is never slower, and seed accounting knows none.</summary>
    [Law]
    public bool Two_levels_are_never_slower_than_one(Job job, int members, int apart, int message) => Array.TrueForAll(Collectives, collective =>
    {
        Exchange exchange = Of(collective, members, apart, message);
        Chip one = With(job.DecodeChip, tier => Admitting(tier, CollectiveAlgorithms.OfCards & ~CollectiveAlgorithms.TwoLevel));
        Chip two = With(job.DecodeChip, tier => Admitting(tier, CollectiveAlgorithms.OfCards));
        return Seconds(two, job, exchange) <= Seconds(one, job, exchange)
            && Seconds(two, job, exchange, Accounting.Seed) == Seconds(one, job, exchange, Accounting.Seed);
    });

    /// <summary>More bandwidth of either tier, less latency of hops or steps, a faster sum, fewer cards to a link: never slower; more bytes never faster.</summary>
    [Law]
    public bool More_of_either_tier_is_never_slower(Job job, int members, int apart, int message, byte by)
    {
        double factor = 1 + (by / 16d);
        Chip chip = With(job.DecodeChip, tier => Admitting(tier, CollectiveAlgorithms.OfCards));
        return Array.TrueForAll(Collectives, collective =>
        {
            Exchange exchange = Of(collective, members, apart, message);
            double seconds = Seconds(chip, job, exchange);
            return IsNoSlower(tier => tier with { GigabytesPerSecond = tier.GigabytesPerSecond * factor })
                && IsNoSlower(tier => tier with { LatencySeconds = tier.LatencySeconds / factor })
                && IsNoSlower(tier => tier with { StepSeconds = tier.StepSeconds / factor })
                && IsNoSlower(tier => tier with { ReductionGigabytesPerSecond = tier.ReductionGigabytesPerSecond * factor })
                && IsNoSlower(tier => tier with { Oversubscription = [.. tier.Oversubscription.Select(over => Math.Max(1, over / factor))] })
                && Seconds(chip, job, exchange with { MessageBytes = exchange.MessageBytes * factor }) >= seconds;

            bool IsNoSlower(Func<NetworkTier, NetworkTier> change) => Enumerable.Range(0, chip.Networks.Count).All(changed =>
                Seconds(chip with { Networks = [.. chip.Networks.Select((tier, index) => index == changed ? change(tier) : tier)] }, job, exchange) <= seconds);
        });
    }

    /// <summary>
    /// On a single switch inside and one outside, without latencies, an all-reduce takes the sum of its phases by the best cut, <c>2(m-1)/m</c> inside and <c>2(p-1)/(p·m)</c> across, unless one group
    /// is faster.
    /// </summary>
    [Law]
    public bool Switches_without_latency_take_the_shares_of_their_bytes(Job job, int cards, int servers, int message)
    {
        int together = 2 << (int)((uint)cards % 3);
        int places = 2 + (int)((uint)servers % 6);
        NetworkTier[] tiers =
        [
            .. job.DecodeChip.Networks.Take(2).Select((tier, index) => tier with
            {
                Topology = Topology.Switch,
                Dimensions = [],
                Oversubscription = [],
                Size = index == 0 ? together : 64,
                Algorithms = CollectiveAlgorithms.Ring | CollectiveAlgorithms.TwoLevel,
                LatencySeconds = 0,
                StepSeconds = 0,
                ReductionGigabytesPerSecond = double.PositiveInfinity,
            }),
        ];
        int all = together * places;
        double bytes = 1 + Math.Abs((double)message * 997);
        Exchange exchange = new(ExchangeGroup.TensorParallel, Collective.AllReduce, all, all, bytes, Exchange.BySpan);
        double Rate(int tier, Collective collective, int group) =>
            tiers[tier].GigabytesPerSecond * 1e9 * tiers[tier].LinkEfficiency * tiers[tier].Collectives[(int)collective].Efficiency(group);
        double Cut(int within)
        {
            double inside = bytes * (within - 1) / within * ((1 / Rate(0, Collective.ReduceScatter, within)) + (1 / Rate(0, Collective.AllGather, within)));
            return inside + (2 * bytes / within * ((all / within) - 1) / (all / within) / Rate(1, Collective.AllReduce, all / within));
        }

        double one = 2 * bytes * (all - 1) / all / Rate(1, Collective.AllReduce, all);
        double expected = Math.Min(one, Enumerable.Range(2, together - 1).Where(within => together % within == 0).Min(Cut));
        return Math.Abs(Seconds(job.DecodeChip with { Networks = tiers }, job, exchange) - expected) <= 1e-12 * expected;
    }

    private static Exchange Of(Collective collective, int members, int apart, int message)
    {
        int group = 2 + (int)((uint)members % 31);
        int stride = 1 + (int)((uint)apart % (uint)(64 / group));
        return new Exchange(ExchangeGroup.TensorParallel, collective, group, group * stride, 1 + Math.Abs((double)message * 997), Exchange.BySpan);
    }

    private static NetworkTier Admitting(NetworkTier tier, CollectiveAlgorithms algorithms) =>
        tier.Topology == Topology.TwoDimensionalFullMesh ? tier : tier with { Algorithms = algorithms };

    private static Chip With(Chip chip, Func<NetworkTier, NetworkTier> change) => chip with { Networks = [.. chip.Networks.Select(change)] };

    private static double Seconds(Chip chip, Job job, Exchange exchange, Accounting accounting = Accounting.Physical) =>
        ExchangeCost.Of(exchange, new ChipRates(chip, job.Types, accounting, Phase.Decode), 1).Seconds;
}
