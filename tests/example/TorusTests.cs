using FastSim.Kernels.Chips;

namespace FastSim.Example.Tests;

/// <summary>Hops of a torus (docs/cost-model.md, "Communication"): around each dimension of the smallest box that holds the group.</summary>
public sealed class TorusTests
{
    private static readonly NetworkTier Pod = ToyChip.Inner with { Topology = Topology.Torus, Dimensions = [16, 20, 28], Size = 8960 };

    /// <summary>
    /// 64 cards are 4·4·4: 3·3 steps, where a ring takes 63; 32 are 4·4·2, 3 + 3 + 1; 7 fit into 2·2·2; 2 into a pair; the whole pod 15 + 19 + 27.
    /// </summary>
    [Theory]
    [InlineData(64, 9)]
    [InlineData(32, 7)]
    [InlineData(7, 3)]
    [InlineData(2, 1)]
    [InlineData(1, 0)]
    [InlineData(8960, 61)]
    public void A_group_takes_the_smallest_box(int cards, int steps)
    {
        Assert.Equal(steps, Pod.Hops(Collective.AllGather, cards));
        Assert.Equal(2 * steps, Pod.Hops(Collective.AllReduce, cards));
        Assert.Equal(1, Pod.Hops(Collective.PointToPoint, cards));
    }

    /// <summary>A side of 2 is no longer than a step: 2·2·16 holds 64 cards in 1 + 1 + 15 only where the others allow no more.</summary>
    [Fact]
    public void No_side_is_longer_than_its_dimension() =>
        Assert.Equal(17, (Pod with { Dimensions = [2, 2, 16], Size = 64 }).Hops(Collective.AllToAll, 64));

    [Theory]
    [InlineData(2)]
    [InlineData(5)]
    [InlineData(64)]
    public void One_dimension_is_a_ring(int cards) => Assert.Equal(
        (Pod with { Topology = Topology.Ring }).Hops(Collective.AllReduce, cards),
        (Pod with { Dimensions = [64], Size = 64 }).Hops(Collective.AllReduce, cards));
}
