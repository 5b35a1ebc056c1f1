using FastSim.Kernels.Chips;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>
/// Cost model A1 and B5: the inner tier joins 4 cards at 256 B/s and 0.25 s a hop, the outer 64 cards at 64 B/s and 1 s a hop;
/// 3 sequences of h = 8 and u = 3 bytes are a message of 72 bytes.
/// </summary>
public sealed class CommunicationTests
{
    private const double Sequences = 3;

    /// <summary>
    /// all_reduce [2, -1] puts 2·72·(1 - 1/n) on the wire; a 2dfm takes 1 hop for two cards, else 2, twice for an all-reduce.
    /// </summary>
    [Theory]
    [InlineData(2, (2 * 0.25) + (72 / 256d))]
    [InlineData(4, (4 * 0.25) + (108 / 256d))]
    public void An_all_reduce_inside_a_tier(int cards, double seconds) =>
        Relative.Equal(seconds, AllReduce(ToyChip.Balanced, cards));

    /// <summary>Four cards where the inner tier joins two: the outer tier carries it all.</summary>
    [Fact]
    public void A_group_uses_the_innermost_tier_that_holds_it() =>
        Relative.Equal((4 * 1) + (108 / 64d), AllReduce(With(ToyChip.Inner with { Size = 2 }), 4));

    [Fact]
    public void A_group_larger_than_every_tier_cannot_be_reached()
    {
        Chip small = ToyChip.Balanced with { Networks = [ToyChip.Inner with { Size = 2 }] };
        Assert.False(StageTime.IsReachable(DenseOn(4).Table, small.Rates()));
        Assert.True(StageTime.IsReachable(DenseOn(2).Table, small.Rates()));
    }

    [Theory]
    [InlineData(Topology.TwoDimensionalFullMesh, Collective.AllGather, 2, 1)]
    [InlineData(Topology.TwoDimensionalFullMesh, Collective.AllGather, 3, 2)]
    [InlineData(Topology.TwoDimensionalFullMesh, Collective.AllToAll, 60, 2)]
    [InlineData(Topology.TwoDimensionalFullMesh, Collective.AllReduce, 60, 4)]
    [InlineData(Topology.Ring, Collective.ReduceScatter, 5, 4)]
    [InlineData(Topology.Ring, Collective.AllReduce, 5, 8)]
    [InlineData(Topology.FullMesh, Collective.AllToAll, 9, 1)]
    [InlineData(Topology.Switch, Collective.AllReduce, 9, 2)]
    [InlineData(Topology.Ring, Collective.PointToPoint, 5, 1)]
    [InlineData(Topology.TwoDimensionalFullMesh, Collective.PointToPoint, 5, 1)]
    public void Hops_follow_the_topology(Topology topology, Collective collective, int cards, int hops) =>
        Assert.Equal(hops, (ToyChip.Inner with { Topology = topology }).Hops(collective, cards));

    [Fact]
    public void The_wire_carries_what_op_scalar_says()
    {
        // 72·(2 + 2·-1/4), 72·(3 + 3·0.5/2), 72·1.
        Relative.Equal(108, new CollectiveRate(2, -1, [2], [1]).WireBytes(72, 4));
        Relative.Equal(270, new CollectiveRate(3, 0.5, [2], [1]).WireBytes(72, 2));
        Relative.Equal(72, new CollectiveRate(1, 0, [2], [1]).WireBytes(72, 7));
    }

    [Theory]
    [InlineData(2, 0.9)]
    [InlineData(8, 0.7)]
    [InlineData(3, 0.5)]
    [InlineData(100, 0.5)]
    public void Bandwidth_efficiency_is_the_groups_own_else_the_lowest(int cards, double efficiency) =>
        Assert.Equal(efficiency, new CollectiveRate(1, 0, [2, 4, 8], [0.9, 0.5, 0.7]).Efficiency(cards));

    /// <summary>From 100 bytes on full speed, below a quarter: two cards put 72 bytes on the wire, four 108, of the same message.</summary>
    [Fact]
    public void Size_efficiency_is_looked_up_by_bytes_on_the_wire()
    {
        Chip chip = With(ToyChip.Inner with { SizeEfficiency = EfficiencyTable.BySize([100 * ToyChip.Kibibyte, 0], [1, 0.25]) });
        Relative.Equal((2 * 0.25) + (72 / 64d), AllReduce(chip, 2));
        Relative.Equal((4 * 0.25) + (108 / 256d), AllReduce(chip, 4));
    }

    /// <summary>b = 2 a card: b·k·h·u = 2·2·8·3 = 96 bytes, of which 3/4 leave the card; 2 hops.</summary>
    [Fact]
    public void An_all_to_all_inside_a_tier() =>
        Relative.Equal((2 * 0.25) + (72 / 256d), AllToAll(ToyChip.Balanced, ep: 4, mtp: 1));

    /// <summary>Of eight ranks a card reaches 3 others inside, 96·3/8 = 36 bytes, and 4 outside, 48 bytes.</summary>
    [Fact]
    public void An_all_to_all_over_two_tiers_takes_as_long_as_the_slower()
    {
        // Inside 2·0.25 + 36/256 = 0.640625; outside 2·1 + 48/64 = 2.75.
        Relative.Equal(2.75, AllToAll(ToyChip.Balanced, ep: 8, mtp: 1));

        // With 5 s a hop inside: 10 + 36/256.
        Relative.Equal(10.140625, AllToAll(With(ToyChip.Inner with { LatencySeconds = 5 }), ep: 8, mtp: 1));
    }

    /// <summary>MTP = 2 puts two ranks of four on the inner tier: one destination inside, two outside with 96·2/4 = 48 bytes.</summary>
    [Fact]
    public void Expert_shards_widen_the_span_of_an_all_to_all() =>
        Relative.Equal(2 + (48 / 64d), AllToAll(ToyChip.Balanced, ep: 4, mtp: 2));

    /// <summary>A message of b·MTP·h·u = 2·2·8·3 = 96 bytes before the experts and after (inferred).</summary>
    [Theory]
    [InlineData("moe/moe_tp_all_gather")]
    [InlineData("moe/moe_tp_reduce_scatter")]
    public void Expert_shards_gather_tokens_and_scatter_results(string path) =>
        Relative.Equal(0.25 + (96 / 256d), Seconds(ToyChip.Balanced, ExpertsOn(4, 2), path, sequences: 4));

    [Fact]
    public void Nothing_is_exchanged_with_oneself()
    {
        Assert.False(ExpertsOn(8, 1).Has("moe/moe_tp_all_gather"));
        Assert.Equal(0, AllToAll(ToyChip.Balanced, ep: 1, mtp: 1));
    }

    [Fact]
    public void Tensor_parallel_blocks_reduce_twice_and_expert_blocks_once()
    {
        Assert.True(DenseOn(2).Has("attention/tp_all_reduce"));
        Assert.True(DenseOn(2).Has("mlp/tp_all_reduce"));
        Assert.True(ExpertsOn(4, 1).Has("attention/tp_all_reduce"));
        Assert.False(ExpertsOn(4, 1).Has("moe/tp_all_reduce"));
    }

    private static ToyStage DenseOn(int tp) => new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: tp)));

    /// <summary>Eight cards, TP = 2, so that 4 sequences a rank are b = 2 a card.</summary>
    private static ToyStage ExpertsOn(int ep, int mtp)
    {
        ParallelLayout layout = ToyModel.Cards(new(Dp: 4, Pp: 1, Tp: 2), ep, mtp, mdp: 8 / ep / mtp, redundant: 6);
        return new ToyStage(ToyModel.Decode(ToyModel.LatentExperts, layout));
    }

    private static double AllReduce(Chip chip, int tp) => Seconds(chip, DenseOn(tp), "attention/tp_all_reduce", Sequences);

    private static double AllToAll(Chip chip, int ep, int mtp)
    {
        ToyStage stage = ExpertsOn(ep, mtp);
        double dispatch = Seconds(chip, stage, "moe/ep_dispatch", sequences: 4);
        Relative.Equal(dispatch, Seconds(chip, stage, "moe/ep_combine", sequences: 4));
        return dispatch;
    }

    private static double Seconds(Chip chip, ToyStage stage, string path, double sequences) =>
        ExchangeCost.Of(stage.Exchange(path), chip.Rates(), sequences).Seconds;

    private static Chip With(NetworkTier inner) => ToyChip.Balanced with { Networks = [inner, ToyChip.Outer] };
}
