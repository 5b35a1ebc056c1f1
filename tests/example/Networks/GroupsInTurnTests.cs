using FastSim.Kernels.Chips;
using FastSim.Kernels.Networks;

namespace FastSim.Example.Tests.Networks;

/// <summary>
/// Groups of a grid whose members stand apart by the sides of a box that others fill, all of them at once: what the closed forms say of one against the bytes over every link.
/// </summary>
public sealed class GroupsInTurnTests
{
    /// <summary>Extents, the box between two members, which is the smallest of as many cards.</summary>
    public static TheoryData<int[], int[]> Groups { get; } = new()
    {
        { [8], [2] },
        { [12], [3] },
        { [8], [4] },
        { [4, 4], [2, 2] },
        { [4, 6], [2, 2] },
        { [4, 4], [2, 1] },
        { [4, 4, 4], [2, 2, 1] },
        { [4, 4, 4], [2, 2, 2] },
        { [6, 4, 4], [1, 1, 1] },
    };

    [Theory]
    [MemberData(nameof(Groups))]
    public void On_a_torus_they_take_what_their_messages_take(int[] sides, int[] between) => Agree(Topology.Torus, sides, between);

    [Theory]
    [MemberData(nameof(Groups))]
    public void On_a_mesh_they_take_what_their_messages_take(int[] sides, int[] between) => Agree(Topology.Mesh, sides, between);

    /// <summary>A row of eight: each second card sends to the next of its own, over two links that the other group's messages take, too; a card has two ports.</summary>
    [Fact]
    public void A_ring_through_cards_in_turn_counts_its_way()
    {
        AlgorithmChoice choice = new(Tier(Topology.Torus, [8]));
        GroupPlace place = new(Collective.PointToPoint, 2, 8, 1);
        Assert.Equal((1, 2), Sent(choice, place));
        Assert.Equal((1, 2), Sent(choice, place with { Apart = 1 }));
        Assert.Equal((2, 4), Sent(choice, place with { Apart = 2 }));

        // A plane of 4 x 4 whose members stand two apart either way: not four, as in a row.
        Assert.Equal((2, 8), Sent(new AlgorithmChoice(Tier(Topology.Torus, [4, 4])), new GroupPlace(Collective.PointToPoint, 2, 16, 1) { Apart = 4 }));

        // Three do not fit evenly into four sides: the distance, as before of all other ways.
        Assert.Equal((3, 12), Sent(new AlgorithmChoice(Tier(Topology.Torus, [4, 4])), new GroupPlace(Collective.PointToPoint, 2, 12, 1) { Apart = 3 }));
    }

    private static (double Hops, double Load) Sent(AlgorithmChoice choice, GroupPlace place)
    {
        AlgorithmCost cost = Assert.Single(choice.Of(place));
        return (cost.Hops, cost.Load);
    }

    private static void Agree(Topology topology, int[] sides, int[] between)
    {
        NetworkTier tier = Tier(topology, sides);
        int cards = Product(sides);
        int stride = Product(between);
        int members = cards / stride;
        bool[] wraps = Array.ConvertAll(sides, side => topology == Topology.Torus && side > 2);
        GridNetwork network = new(sides, wraps, sides.Sum(side => Math.Min(2, side - 1)));
        GroupPlace place = new(Collective.AllToAll, members, cards, 1);

        // Every card to each other member of its own group.
        Dictionary<string, double> spread = [];
        for (int card = 0; card < cards; card++)
        {
            foreach (int other in Members(network, card, between).Where(other => other != card))
            {
                Send(network, spread, card, other, 1d / (members - 1));
            }
        }

        Relative.Equal(Busiest(network, spread), Assert.Single(new AlgorithmChoice(tier).Of(place)).Load);

        // All gather a byte in all, dimension by dimension, halves either way around a ring.
        double gathered = 0;
        double held = 1d / members;
        double hops = 0;
        for (int d = 0; d < sides.Length; d++)
        {
            Dictionary<string, double> loads = [];
            int count = sides[d] / between[d];
            for (int card = 0; card < cards && count > 1; card++)
            {
                Pass(network, loads, card, d, between[d], held);
            }

            gathered += Busiest(network, loads);
            held *= count;
            hops += (wraps[d] ? count / 2 : count - 1) * between[d];
        }

        AlgorithmCost[] rings = new AlgorithmChoice(tier with { Algorithms = CollectiveAlgorithms.Ring }).Of(place with { Collective = Collective.AllGather });
        // Dimension by dimension, unless parts that each begin with another dimension go as far and load less.
        Assert.Contains(rings, ring => ring.Hops == hops && ring.Load <= gathered * (1 + 1e-12));
        if (rings.Length > 1 || sides.Where((side, d) => side > between[d]).Count() == 1)
        {
            Assert.Contains(rings, ring => ring.Hops == hops && Math.Abs(ring.Load - gathered) <= 1e-12 * gathered);
        }
    }

    /// <summary>A card's block along its line: to both ends, or half way around either way.</summary>
    private static void Pass(GridNetwork network, Dictionary<string, double> loads, int card, int d, int apart, double bytes)
    {
        int side = network.Side(d);
        int count = side / apart;
        int at = network.Place(card, d);
        foreach (int way in new[] { 1, -1 })
        {
            int place = at;
            for (int step = 1; step < count; step++)
            {
                bool goesBothWays = network.Wraps(d);
                if (!goesBothWays && (place + (way * apart) < 0 || place + (way * apart) >= side))
                {
                    break;
                }

                // Of an even ring the card half way around gets half from either side.
                double share = !goesBothWays || step * 2 < count ? 1 : step * 2 == count ? 0.5 : 0;
                int next = ((place + (way * apart)) % side + side) % side;
                for (int link = 0; link < apart && share > 0; link++)
                {
                    int from = ((place + (way * link)) % side + side) % side;
                    int to = ((place + (way * (link + 1))) % side + side) % side;
                    Send(network, loads, network.Moved(card, d, from), network.Moved(card, d, to), bytes * share);
                }

                place = next;
            }
        }
    }

    private static IEnumerable<int> Members(GridNetwork network, int card, int[] between) =>
        Enumerable.Range(0, network.Cards).Where(other => between.Select((side, d) => network.Place(card, d) % side == network.Place(other, d) % side).All(same => same));

    private static void Send(GridNetwork network, Dictionary<string, double> loads, int from, int to, double bytes)
    {
        foreach (LinkUse use in network.Route(from, to))
        {
            loads[use.Link] = loads.GetValueOrDefault(use.Link) + (bytes * use.Share);
        }
    }

    private static double Busiest(GridNetwork network, Dictionary<string, double> loads) =>
        loads.Count == 0 ? 0 : loads.Max(load => load.Value / network.Capacity(load.Key));

    private static int Product(int[] sides) => sides.Aggregate(1, (product, side) => product * side);

    private static NetworkTier Tier(Topology topology, int[] sides) => ToyChip.Inner with { Topology = topology, Dimensions = sides, Size = Product(sides) };
}
