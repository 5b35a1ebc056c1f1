using FastSim.Kernels.Chips;
using FastSim.Kernels.Networks;

namespace FastSim.Example.Tests.Networks;

/// <summary>The closed forms of docs/cost-model.md, "Collectives by algorithm", against a simulator of steps.</summary>
public sealed class NetworkFormTests
{
    /// <summary>Extents of one to three dimensions, odd and even, with 2 among them.</summary>
    public static TheoryData<int[]> Grids { get; } = new((int[][])
    [
        [2], [3], [4], [5], [8], [9],
        [2, 2], [2, 3], [3, 3], [3, 4], [4, 4], [5, 3], [8, 2], [2, 8], [7, 4],
        [2, 2, 2], [2, 3, 4], [3, 3, 3], [4, 4, 2], [4, 4, 4], [5, 3, 2], [3, 4, 6],
    ]);

    [Theory]
    [MemberData(nameof(Grids))]
    public void A_torus_takes_what_its_steps_take(int[] sides) =>
        Grid(Tier(Topology.Torus, sides), sides, Array.ConvertAll(sides, side => side > 2));

    [Theory]
    [MemberData(nameof(Grids))]
    public void A_mesh_takes_what_its_steps_take(int[] sides) => Grid(Tier(Topology.Mesh, sides), sides, new bool[sides.Length]);

    /// <summary>A box of a larger torus has no way around, but where a side is a multiple of what optical switches join.</summary>
    [Fact]
    public void A_box_of_a_torus_closes_where_it_is_said_to()
    {
        NetworkTier pod = Tier(Topology.Torus, [8, 8, 8]);
        Grid(pod, [4, 4, 4], [false, false, false], members: 64);
        Grid(pod with { WrapMultiple = 4 }, [4, 4, 4], [true, true, true], members: 64);
        Grid(pod with { WrapMultiple = 4 }, [2, 2, 2], [false, false, false], members: 8);
    }

    /// <summary>Switches: 2 to 16 cards of one; trees of two and three levels, whole and in part; rails.</summary>
    [Theory]
    [InlineData(2)]
    [InlineData(7)]
    [InlineData(16)]
    public void A_switch_takes_what_its_steps_take(int cards) =>
        Tree(Tier(Topology.Switch, [], cards), new TreeNetwork(cards, [cards], []), Enumerable.Range(0, cards).ToArray());

    [Theory]
    [InlineData(32, new[] { 4, 8 }, new[] { 2.0 })]
    [InlineData(16, new[] { 4, 8 }, new[] { 3.0 })]
    [InlineData(12, new[] { 8, 4 }, new[] { 2.0 })]
    [InlineData(4, new[] { 4, 8 }, new[] { 3.0 })]
    [InlineData(15, new[] { 5, 8 }, new[] { 7.0 })]
    [InlineData(32, new[] { 4, 4, 2 }, new[] { 2.0, 1.5 })]
    [InlineData(64, new[] { 2, 4, 8 }, new[] { 1.0, 6.0 })]
    [InlineData(27, new[] { 3, 3, 3 }, new[] { 2.0, 2.0 })]
    public void A_fat_tree_takes_what_its_steps_take(int cards, int[] dims, double[] oversubscription) => Tree(
        Tier(Topology.FatTree, dims) with { Oversubscription = oversubscription },
        new TreeNetwork(cards, dims, oversubscription),
        Enumerable.Range(0, cards).ToArray());

    /// <summary>The ring goes along one rail after another.</summary>
    [Theory]
    [InlineData(4, 8, 3.0)]
    [InlineData(8, 2, 1.0)]
    [InlineData(8, 1, 4.0)]
    [InlineData(2, 16, 32.0)]
    public void Rails_take_what_their_steps_take(int rails, int servers, double oversubscription)
    {
        int cards = rails * servers;
        Tree(
            Tier(Topology.Rails, [rails, servers]) with { Oversubscription = [oversubscription] },
            new TreeNetwork(cards, [rails, servers], [oversubscription], rails),
            [.. Enumerable.Range(0, cards).Select(place => (place % servers * rails) + (place / servers))],
            inside: rails);
    }

    [Theory]
    [InlineData(4, 4)]
    [InlineData(4, 8)]
    [InlineData(7, 8)]
    public void A_full_mesh_takes_what_its_steps_take(int cards, int inTier)
    {
        NetworkTier tier = Tier(Topology.FullMesh, [], inTier);
        MeshOfAllNetwork network = new(cards, inTier);
        Agree(tier, CollectiveAlgorithms.Ring, cards, new StepSimulator(network).Ring([.. Enumerable.Range(0, cards)]));
        Spread(tier, cards, new StepSimulator(network).Spread());
        AgreeTree(tier, cards, new StepSimulator(network).Tree());
        if ((cards & (cards - 1)) == 0)
        {
            Agree(tier, CollectiveAlgorithms.Halving, cards, new StepSimulator(network).Halving());
        }
    }

    /// <summary>The balanced dragonfly of two cards a router, a = 2h = 4, nine groups; more links than that; a part of the groups, one group, one router.</summary>
    [Theory]
    [InlineData(72, 2, 4, 9, 2)]
    [InlineData(40, 2, 4, 5, 2)]
    [InlineData(40, 2, 4, 5, 8)]
    [InlineData(24, 2, 4, 9, 2)]
    [InlineData(32, 2, 4, 4, 3)]
    [InlineData(16, 2, 4, 9, 2)]
    [InlineData(8, 2, 4, 9, 2)]
    [InlineData(2, 2, 4, 9, 2)]
    [InlineData(64, 4, 8, 3, 16)]
    public void A_dragonfly_takes_what_its_steps_take(int cards, int atRouter, int routers, int groups, int globalLinks)
    {
        NetworkTier tier = Tier(Topology.Dragonfly, [atRouter, routers, groups]) with { GlobalLinks = globalLinks };
        DragonflyNetwork network = new(cards, atRouter, routers, groups, globalLinks);
        Agree(tier, CollectiveAlgorithms.Ring, cards, new StepSimulator(network).Ring([.. Enumerable.Range(0, cards)]));
        Spread(tier, cards, new StepSimulator(network).Spread());
        if ((cards & (cards - 1)) == 0)
        {
            AgreeTree(tier, cards, new StepSimulator(network).Tree());
            Agree(tier, CollectiveAlgorithms.Halving, cards, new StepSimulator(network).Halving());
        }
    }

    private static void Grid(NetworkTier tier, int[] sides, bool[] wraps, int? members = null)
    {
        int cards = sides.Aggregate(1, (product, side) => product * side);
        int ports = tier.Dimensions.Sum(extent => Math.Min(2, extent - 1));
        GridNetwork network = new(sides, wraps, ports);
        int[] order = [.. Enumerable.Range(0, sides.Length).OrderBy(d => wraps[d])];
        SimulatedCost oneByOne = new StepSimulator(network).RingsOfGrid(network, [order]);
        AlgorithmCost[] rings = Ways(tier, Collective.AllGather, CollectiveAlgorithms.Ring, members ?? cards);
        int[][] turned = [.. order.Select((_, first) => order.Select((_, stage) => order[(first + stage) % order.Length]).ToArray())];
        SimulatedCost atOnce = new StepSimulator(network).RingsOfGrid(network, turned);
        Assert.All(rings, ring => Assert.True(IsAlike(ring, oneByOne) || IsAlike(ring, atOnce), $"{ring} is neither {oneByOne} nor {atOnce}"));
        Assert.Contains(rings, ring => IsWithin(ring, oneByOne));
        Assert.Contains(rings, ring => IsWithin(ring, atOnce));
        Spread(tier, cards, new StepSimulator(network).Spread());
        AgreeTree(tier, cards, new StepSimulator(network).Tree());
        if (Array.TrueForAll(sides, side => (side & (side - 1)) == 0))
        {
            Agree(tier, CollectiveAlgorithms.Halving, cards, new StepSimulator(network).Halving());
        }
    }

    private static void Tree(NetworkTier tier, TreeNetwork network, int[] ringOrder, int inside = 1)
    {
        int cards = network.Cards;
        Agree(tier, CollectiveAlgorithms.Ring, cards, new StepSimulator(network).Ring(ringOrder));
        Spread(tier, cards, new StepSimulator(network).Spread());
        if (inside > 1 && cards > inside)
        {
            SimulatedCost outside = new StepSimulator(network).Spread(inside);
            AlgorithmCost cost = Assert.Single(new AlgorithmChoice(tier).Of(new GroupPlace(Collective.AllToAll, cards, cards, inside)));
            Relative.Equal(outside.Load, cost.Load);
        }

        // Of other numbers the form takes every step for one across the highest switch.
        if ((cards & (cards - 1)) == 0)
        {
            AgreeTree(tier, cards, new StepSimulator(network).Tree());
            if (tier.Dimensions.Count == 0 || tier.Topology == Topology.Rails || (tier.Dimensions[0] & (tier.Dimensions[0] - 1)) == 0)
            {
                Agree(tier, CollectiveAlgorithms.Halving, cards, new StepSimulator(network).Halving());
            }
        }
    }

    /// <summary>An all-gather is as simulated; a reduce-scatter is the same backwards, an all-reduce both, adding up all but a block.</summary>
    private static void Agree(NetworkTier tier, CollectiveAlgorithms algorithm, int cards, SimulatedCost simulated)
    {
        AlgorithmCost gather = Assert.Single(Ways(tier, Collective.AllGather, algorithm, cards));
        Assert.True(IsAlike(gather, simulated), $"{gather}, not {simulated}");
        AlgorithmCost scatter = Assert.Single(Ways(tier, Collective.ReduceScatter, algorithm, cards));
        AlgorithmCost both = Assert.Single(Ways(tier, Collective.AllReduce, algorithm, cards));
        double reduced = (cards - 1d) / cards;
        Assert.Equal(gather with { Reduced = reduced }, scatter);
        Assert.Equal(new AlgorithmCost(algorithm, 2 * gather.Hops, 2 * gather.Steps, 2 * gather.Load, reduced), both);
    }

    private static void AgreeTree(NetworkTier tier, int cards, SimulatedCost broadcast)
    {
        AlgorithmCost tree = Assert.Single(Ways(tier, Collective.AllReduce, CollectiveAlgorithms.Tree, cards));
        Assert.Equal((2 * broadcast.Hops, 2 * broadcast.Steps, broadcast.Steps), (tree.Hops, tree.Steps, tree.Reduced));
        Relative.Equal(2 * broadcast.Load, tree.Load);
    }

    /// <summary>An all-to-all; gathering directly sends all but a block of a byte so, and reducing in one step a byte to each.</summary>
    private static void Spread(NetworkTier tier, int cards, SimulatedCost simulated)
    {
        AlgorithmCost all = Assert.Single(Ways(tier, Collective.AllToAll, CollectiveAlgorithms.Direct, cards));
        Assert.True(IsAlike(all, simulated), $"{all}, not {simulated}");
        AlgorithmCost gather = Assert.Single(Ways(tier, Collective.AllGather, CollectiveAlgorithms.Direct, cards));
        Assert.True(IsAlike(gather, simulated with { Load = simulated.Load * (cards - 1) / cards }));
        AlgorithmCost[] reduce = Ways(tier, Collective.AllReduce, CollectiveAlgorithms.Direct, cards);
        Assert.Contains(reduce, way => IsAlike(way, simulated with { Load = simulated.Load * (cards - 1) }) && way.Reduced == cards - 1);
    }

    private static AlgorithmCost[] Ways(NetworkTier tier, Collective collective, CollectiveAlgorithms algorithm, int cards) =>
        [.. new AlgorithmChoice(tier with { Algorithms = algorithm }).Of(new GroupPlace(collective, cards, cards, 1))];

    private static NetworkTier Tier(Topology topology, int[] dims, int size = 0) => ToyChip.Inner with
    {
        Topology = topology,
        Dimensions = dims,
        Size = size > 0 ? size : dims.Aggregate(1, (cards, side) => cards * side),
    };

    private static bool IsAlike(AlgorithmCost cost, SimulatedCost simulated) =>
        cost.Hops == simulated.Hops && cost.Steps == simulated.Steps && Math.Abs(cost.Load - simulated.Load) <= 1e-12 * simulated.Load;

    private static bool IsWithin(AlgorithmCost cost, SimulatedCost simulated) =>
        cost.Hops <= simulated.Hops && cost.Load <= simulated.Load * (1 + 1e-12);
}
