using System.Collections.Concurrent;
using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Networks;

/// <summary>
/// What a tier's collectives take by each algorithm that it may run. An exchange takes the fastest, so that more bandwidth or less latency never makes it slower. Serves any number of threads.
/// </summary>
/// <param name="tier">The tier; it states algorithms, or its wiring is one that only they price.</param>
public sealed class AlgorithmChoice(NetworkTier tier)
{
    /// <summary>Ways of one collective at most: a ring two, all-gather's and all-reduce's others one each, directly two.</summary>
    public const int MostWays = 7;

    private readonly ConcurrentDictionary<GroupPlace, AlgorithmCost[]> known = new();

    /// <summary>Whether a tier's collectives go by algorithm: where it states some, and where its wiring has no other form.</summary>
    public static bool Holds(NetworkTier tier)
    {
        ArgumentNullException.ThrowIfNull(tier);
        return tier.Algorithms != CollectiveAlgorithms.None || tier.Topology is Topology.Mesh or Topology.FatTree or Topology.Rails or Topology.Dragonfly;
    }

    /// <summary>Algorithms a tier may run: those that it states, else all that cards run by themselves.</summary>
    public static CollectiveAlgorithms Admitted(NetworkTier tier)
    {
        ArgumentNullException.ThrowIfNull(tier);
        return tier.Algorithms == CollectiveAlgorithms.None ? CollectiveAlgorithms.OfCards : tier.Algorithms;
    }

    /// <summary>Whether a group may be cut into two levels, each of which goes by the algorithms of its own tier.</summary>
    public bool AdmitsTwoLevels { get; } = Admitted(tier).HasFlag(CollectiveAlgorithms.TwoLevel);

    /// <summary>The ways of a collective of which none is slower than another in everything; at least one.</summary>
    /// <param name="place">The group.</param>
    /// <exception cref="InvalidOperationException">The tier's topology has no algorithms.</exception>
    public AlgorithmCost[] Of(GroupPlace place) => known.TryGetValue(place, out AlgorithmCost[]? costs) ? costs : known.GetOrAdd(place, Ways(place));

    private static AlgorithmCost Gather(CollectiveAlgorithms algorithm, Collective collective, Pass pass, int members)
    {
        double reduced = collective == Collective.AllGather ? 0 : (members - 1d) / members;
        int times = collective == Collective.AllReduce ? 2 : 1;
        return new AlgorithmCost(algorithm, times * pass.Hops, times * pass.Steps, times * pass.Load, reduced);
    }

    private AlgorithmCost[] Ways(GroupPlace place)
    {
        int stride = Math.Max(1, place.Span / Math.Max(1, place.Members));
        Wiring wiring = tier.Topology switch
        {
            Topology.Ring or Topology.Torus or Topology.Mesh => new GridWiring(tier, Math.Max(2, place.Span), place.Collective == Collective.PointToPoint ? Math.Max(1, place.Apart) : stride),
            Topology.Switch or Topology.FatTree or Topology.Rails => new SwitchWiring(tier, place.Members, place.Span, stride),
            Topology.FullMesh => new MeshOfAllWiring(tier.Size, place.Members),
            Topology.Dragonfly => new DragonflyWiring(tier, place.Members, place.Span, stride),
            _ => throw new InvalidOperationException($"collectives of {tier.Topology} have no algorithms"),
        };
        if (place.Collective is Collective.PointToPoint or Collective.AllToAll)
        {
            Pass pass = place.Collective == Collective.PointToPoint ? wiring.Send() : wiring.Spread(place.Inside);
            return [new AlgorithmCost(CollectiveAlgorithms.Direct, pass.Hops, pass.Steps, pass.Load, 0)];
        }

        List<AlgorithmCost> ways = [];
        AddWays(ways, wiring, Admitted(tier), place.Collective);
        if (ways.Count == 0)
        {
            AddWays(ways, wiring, CollectiveAlgorithms.Direct, place.Collective);
        }

        List<AlgorithmCost> best = [];
        foreach (AlgorithmCost way in ways)
        {
            if (!best.Exists(other => other.IsAtLeast(way)))
            {
                best.RemoveAll(other => way.IsAtLeast(other));
                best.Add(way);
            }
        }

        return [.. best];
    }

    private static void AddWays(List<AlgorithmCost> ways, Wiring wiring, CollectiveAlgorithms admitted, Collective collective)
    {
        int members = wiring.Members;
        if (admitted.HasFlag(CollectiveAlgorithms.Ring))
        {
            ways.AddRange(wiring.Rings().Select(pass => Gather(CollectiveAlgorithms.Ring, collective, pass, members)));
        }

        if (admitted.HasFlag(CollectiveAlgorithms.Halving) && wiring.Halving() is { } halving)
        {
            ways.Add(Gather(CollectiveAlgorithms.Halving, collective, halving, members));
        }

        if (admitted.HasFlag(CollectiveAlgorithms.Direct))
        {
            Pass spread = wiring.Spread(inside: 1);
            ways.Add(Gather(CollectiveAlgorithms.Direct, collective, spread with { Load = spread.Load * (members - 1) / members }, members));
            if (collective == Collective.AllReduce)
            {
                ways.Add(new AlgorithmCost(CollectiveAlgorithms.Direct, spread.Hops, 1, spread.Load * (members - 1), members - 1));
            }
        }

        if (collective != Collective.AllReduce)
        {
            return;
        }

        if (admitted.HasFlag(CollectiveAlgorithms.Tree))
        {
            Pass tree = wiring.Tree();
            ways.Add(new AlgorithmCost(CollectiveAlgorithms.Tree, 2 * tree.Hops, 2 * tree.Steps, 2 * tree.Load, tree.Steps));
        }

        if (admitted.HasFlag(CollectiveAlgorithms.InNetwork) && wiring.InNetwork() is { } inNetwork)
        {
            ways.Add(new AlgorithmCost(CollectiveAlgorithms.InNetwork, inNetwork.Hops, inNetwork.Steps, inNetwork.Load, 0));
        }
    }
}
