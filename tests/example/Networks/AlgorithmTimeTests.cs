using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Reference;

namespace FastSim.Example.Tests.Networks;

/// <summary>
/// Times by algorithm, by hand (docs/cost-model.md, "Collectives by algorithm"), physical accounting: 1e-6 GB/s · 0.5 · 0.5 are 250 B/s inside, 0.25 s a hop; a quarter of the rate outside, 1 s a hop.
/// </summary>
public sealed class AlgorithmTimeTests
{
    private static readonly NetworkTier Ring = ToyChip.Inner with
    {
        GigabytesPerSecond = 1e-6,
        Topology = Topology.Torus,
        Dimensions = [4],
        Algorithms = CollectiveAlgorithms.OfCards,
    };

    /// <summary>
    /// Four cards around: three blocks of a quarter, half of them each way over half of the rate, are 0.75 of a message at the whole rate in 2 hops; twice for an all-reduce, 4·0.25 + 1000·1.5/250.
    /// </summary>
    [Fact]
    public void A_large_message_goes_around() => Relative.Equal(7, AllReduce(Ring, 1000));

    /// <summary>
    /// A way of the ring carries 4²/8 = 2 of the 12 pairs' messages, over half the rate: 4 messages at the whole rate, in 2 hops, 2·0.25 + 10·4/250. Around it takes 1 + 10·1.5/250 = 1.06.
    /// </summary>
    [Fact]
    public void A_small_message_goes_in_one_step_to_each()
    {
        Relative.Equal(0.66, AllReduce(Ring, 10));
        Relative.Equal(1.06, AllReduce(Ring with { Algorithms = CollectiveAlgorithms.Ring }, 10));
    }

    /// <summary>Four steps of 0.1 s, and three quarters of the message added up at 1000 B/s.</summary>
    [Fact]
    public void Steps_and_sums_take_time_where_a_tier_says_so() =>
        Relative.Equal(7 + 0.4 + 0.75, AllReduce(Ring with { StepSeconds = 0.1, ReductionGigabytesPerSecond = 1e-6, Algorithms = CollectiveAlgorithms.Ring }, 1000));

    /// <summary>Switches add up: a hop, one message each way.</summary>
    [Fact]
    public void A_switch_that_adds_up_takes_one_message() => Relative.Equal(
        0.25 + (1000 / 250d),
        AllReduce(Ring with { Topology = Topology.Switch, Dimensions = [], Algorithms = CollectiveAlgorithms.InNetwork | CollectiveAlgorithms.OfCards }, 1000));

    /// <summary>
    /// 1200 bytes of 16 cards, four a torus of 2·2: a fifth stays inside, 2·0.25 + 240·(4/3)/250 (2 of 12 pairs a link and way, over half the rate); four fifths cross a tree oversubscribed twice, three
    /// switches, 3·1 + 960·2/62.5, which is longer.
    /// </summary>
    [Fact]
    public void Each_tier_carries_its_part_of_an_all_to_all_by_its_own_form()
    {
        NetworkTier inner = Ring with { Dimensions = [2, 2] };
        NetworkTier outer = ToyChip.Outer with
        {
            GigabytesPerSecond = 2.5e-7,
            Topology = Topology.FatTree,
            Dimensions = [4, 16],
            Oversubscription = [2],
        };
        Exchange exchange = new(ExchangeGroup.ExpertParallel, Collective.AllToAll, 16, 16, 1200, Exchange.BySpan);
        Relative.Equal(33.72, Seconds(ToyChip.Balanced with { Networks = [inner, outer] }, exchange));
        Relative.Equal(1.78, Seconds(ToyChip.Balanced with { Networks = [inner, outer with { GigabytesPerSecond = 1, LatencySeconds = 0 }] }, exchange));
    }

    /// <summary>Seed accounting takes the hops of the box, 2·3·0.25, and the bytes of op_scalar, 1000·2·3/4, as if no algorithm were stated.</summary>
    [Fact]
    public void Seed_accounting_knows_no_algorithms()
    {
        Exchange exchange = new(ExchangeGroup.TensorParallel, Collective.AllReduce, 4, 4, 1000, Exchange.BySpan);
        double seconds = ExchangeCost.Of(exchange, (ToyChip.Balanced with { Networks = [Ring with { GigabytesPerSecond = ToyChip.Kibibyte }] }).Rates(), 1).Seconds;
        Relative.Equal((6 * 0.25) + (1500 / ToyChip.InnerRate), seconds);
    }

    private static double AllReduce(NetworkTier tier, double bytes) => Seconds(
        ToyChip.Balanced with { Networks = [tier] },
        new Exchange(ExchangeGroup.TensorParallel, Collective.AllReduce, 4, 4, bytes, Exchange.BySpan));

    private static double Seconds(Chip chip, Exchange exchange) => ExchangeCost.Of(exchange, chip.Rates(Accounting.Physical), 1).Seconds;
}
