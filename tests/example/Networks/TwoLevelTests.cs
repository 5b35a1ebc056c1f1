using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Reference;

namespace FastSim.Example.Tests.Networks;

/// <summary>
/// Collectives over two levels (docs/cost-model.md, "Collectives over two levels") against every block's way over the links of servers and what joins them, and by hand.
/// </summary>
public sealed class TwoLevelTests
{
    private const double Inside = 250;
    private const double Across = 62.5;
    private const double InsideHop = 0.25;
    private const double AcrossHop = 1;

    /// <summary>Cards a server, servers, what the tree between them is oversubscribed by.</summary>
    public static TheoryData<int, int, double> Clusters { get; } = new()
    {
        { 4, 4, 1 },
        { 4, 2, 2 },
        { 2, 8, 3 },
        { 8, 3, 1 },
        { 3, 5, 4 },
    };

    [Theory]
    [MemberData(nameof(Clusters))]
    public void An_all_reduce_takes_what_its_blocks_take(int cards, int servers, double oversubscription) =>
        Agree(Collective.AllReduce, cards, servers, oversubscription, cluster => cluster.AllReduce());

    [Theory]
    [MemberData(nameof(Clusters))]
    public void An_all_gather_takes_what_its_blocks_take(int cards, int servers, double oversubscription) =>
        Agree(Collective.AllGather, cards, servers, oversubscription, cluster => cluster.AllGather());

    [Theory]
    [MemberData(nameof(Clusters))]
    public void A_reduce_scatter_takes_what_its_blocks_take(int cards, int servers, double oversubscription) =>
        Agree(Collective.ReduceScatter, cards, servers, oversubscription, cluster => cluster.ReduceScatter());

    /// <summary>
    /// 1000 bytes of 16 cards, four a server, one switch each way. Around all sixteen: 30 hops of 1 s and 30/16·1000 bytes at 62.5 B/s, 60 s. Two levels: inside 3 hops of 0.25 s and three quarters
    /// of 1000 bytes at 250 B/s, 3.75 s, twice; across 6 hops and 6/4 of a quarter, 375/62.5 = 6: 12 s. 19.5 in all.
    /// </summary>
    [Fact]
    public void Servers_add_up_before_they_send()
    {
        Exchange exchange = Of(Collective.AllReduce, 16, 16);
        Relative.Equal(60, Seconds(Outer(CollectiveAlgorithms.Ring), exchange));
        Relative.Equal(19.5, Seconds(Outer(CollectiveAlgorithms.Ring | CollectiveAlgorithms.TwoLevel), exchange));
        Relative.Equal(60, Seconds(Outer(CollectiveAlgorithms.Ring | CollectiveAlgorithms.TwoLevel), exchange with { GroupSize = 16, Span = 16, Tier = 1 }));
    }

    /// <summary>Switches between servers add up: a hop and a quarter of the bytes, 1 + 250/62.5, in place of 12 s.</summary>
    [Fact]
    public void Between_servers_switches_may_add_up() => Relative.Equal(
        12.5,
        Seconds(
            Outer(CollectiveAlgorithms.InNetwork | CollectiveAlgorithms.TwoLevel) with { GigabytesPerSecond = 2.5e-7 },
            Of(Collective.AllReduce, 16, 16)));

    /// <summary>
    /// Members two apart: two of a server, eight servers. Inside twice 0.25 + 500/250; across 14 hops and 14/8 of half the bytes at 62.5 B/s. Three a server do not part sixteen: one group alone.
    /// </summary>
    [Fact]
    public void Members_apart_have_fewer_in_a_server()
    {
        NetworkTier outer = Outer(CollectiveAlgorithms.Ring | CollectiveAlgorithms.TwoLevel);
        Relative.Equal(4.5 + 14 + 14, Seconds(outer, Of(Collective.AllReduce, 16, 32)));
        Exchange whole = Of(Collective.AllReduce, 16, 48);
        Relative.Equal(60, Seconds(outer, whole));
    }

    /// <summary>
    /// Rails: 960 of each card's 1200 bytes leave its server. In one group, those to another rail (9 of 12) cross the layer between rails, oversubscribed by 8: 3 hops and 960·(9/12)·8/62.5 = 95.16. Two
    /// levels bring them to their rail first, 960 bytes inside at 250 B/s (0.25 + 3.84), then along it, 1 + 960/62.5.
    /// </summary>
    [Fact]
    public void An_all_to_all_takes_its_rail()
    {
        NetworkTier rails = Outer(CollectiveAlgorithms.Direct | CollectiveAlgorithms.TwoLevel) with { Topology = Topology.Rails, Dimensions = [4, 16], Oversubscription = [8] };
        Exchange exchange = Of(Collective.AllToAll, 16, 16) with { MessageBytes = 1200 };
        Relative.Equal(95.16, Seconds(rails with { Algorithms = CollectiveAlgorithms.Direct }, exchange));
        Relative.Equal(4.09 + 16.36, Seconds(rails, exchange));
    }

    /// <summary>
    /// Levels of one tree: six cards, three a switch (a number that halving cannot take). Around: 10 hops of 3 switches. Two levels: inside 2·2 hops of one switch, across 2 of 3, and 4/3 of the bytes
    /// inside, a third across at full rate: 4·0.25 + 2·0.75 + 1000·(4/3 + 1/3)/250.
    /// </summary>
    [Fact]
    public void Switches_of_one_tier_are_levels_too()
    {
        NetworkTier tree = ToyChip.Inner with
        {
            GigabytesPerSecond = 1e-6,
            Topology = Topology.FatTree,
            Dimensions = [3, 2],
            Size = 6,
            Algorithms = CollectiveAlgorithms.Ring,
        };
        Exchange exchange = Of(Collective.AllReduce, 6, 6);
        Relative.Equal(7.5 + (1000 * (10d / 6) / 250), Seconds(exchange, tree));
        Relative.Equal(2.5 + (1000 * (5d / 3) / 250), Seconds(exchange, tree with { Algorithms = CollectiveAlgorithms.Ring | CollectiveAlgorithms.TwoLevel }));
    }

    /// <summary>Seed accounting knows no algorithm, whatever is stated.</summary>
    [Fact]
    public void Seed_accounting_has_one_level()
    {
        Exchange exchange = Of(Collective.AllReduce, 16, 16);
        Chip stated = ToyChip.Balanced with { Networks = [ToyChip.Inner, ToyChip.Outer with { Topology = Topology.Switch, Algorithms = CollectiveAlgorithms.OfCards }] };
        Chip plain = ToyChip.Balanced with { Networks = [ToyChip.Inner, ToyChip.Outer with { Topology = Topology.Switch }] };
        Assert.Equal(ExchangeCost.Of(exchange, plain.Rates(), 1), ExchangeCost.Of(exchange, stated.Rates(), 1));
    }

    private static void Agree(Collective collective, int cards, int servers, double oversubscription, Func<ServersInSteps, double> simulated)
    {
        NetworkTier inner = Inner(cards);
        NetworkTier outer = Outer(CollectiveAlgorithms.Ring) with { Topology = Topology.FatTree, Dimensions = [cards, servers], Oversubscription = [oversubscription], Size = cards * servers };
        Exchange exchange = Of(collective, cards * servers, cards * servers) with { MessageBytes = 1e6 };
        double flat = Seconds(exchange, inner, outer);
        double twoLevel = simulated(new ServersInSteps(cards, servers, oversubscription, 1e6, (Inside, InsideHop), (Across, AcrossHop)));
        double either = Seconds(exchange, inner, outer with { Algorithms = CollectiveAlgorithms.Ring | CollectiveAlgorithms.TwoLevel });
        Relative.Equal(Math.Min(flat, twoLevel), either);
        Assert.True(oversubscription > 1 || twoLevel < flat);
    }

    private static Exchange Of(Collective collective, int members, int span) => new(ExchangeGroup.TensorParallel, collective, members, span, 1000, Exchange.BySpan);

    private static NetworkTier Inner(int cards) => ToyChip.Inner with { GigabytesPerSecond = 1e-6, Topology = Topology.Switch, Size = cards, Algorithms = CollectiveAlgorithms.Ring };

    /// <summary>A switch between servers of four: 2.5e-7 GB/s · 0.5 · 0.5 are 62.5 B/s, 1 s a hop.</summary>
    private static NetworkTier Outer(CollectiveAlgorithms algorithms) => ToyChip.Outer with { GigabytesPerSecond = 2.5e-7, Topology = Topology.Switch, Algorithms = algorithms };

    private static double Seconds(NetworkTier outer, Exchange exchange) => Seconds(exchange, Inner(4), outer);

    private static double Seconds(Exchange exchange, params NetworkTier[] tiers) =>
        ExchangeCost.Of(exchange, (ToyChip.Balanced with { Networks = tiers }).Rates(Accounting.Physical), 1).Seconds;
}
