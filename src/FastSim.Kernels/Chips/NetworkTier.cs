namespace FastSim.Kernels.Chips;

/// <summary>One tier of a chip's network, innermost first.</summary>
/// <param name="GigabytesPerSecond"><c>bandwidth</c>: per card, one direction, in the accounting's giga.</param>
/// <param name="LinkEfficiency"><c>efficiency</c>.</param>
/// <param name="Topology">Wiring.</param>
/// <param name="SizeEfficiency"><c>DB_efficiency</c>, by megabytes on the wire (unit inferred).</param>
/// <param name="Size">Cards that can be reached within the tier, those of inner tiers included.</param>
/// <param name="LatencySeconds">Latency of one hop.</param>
/// <param name="Collectives">Rate of each <see cref="Collective"/>, in its order.</param>
/// <param name="ProcessorUsage">Share of the compute units that communication occupies while it runs, below 1.</param>
public sealed record NetworkTier(
    double GigabytesPerSecond,
    double LinkEfficiency,
    Topology Topology,
    EfficiencyTable SizeEfficiency,
    int Size,
    double LatencySeconds,
    CollectiveRate[] Collectives,
    double ProcessorUsage)
{
    /// <summary>
    /// <c>dims</c>: cards of a torus or mesh in each dimension; of a fat tree cards a switch of the lowest level, then switches below one of the next, level by level;
    /// rails and servers; of a dragonfly cards a router, routers a group, groups. Empty for every other wiring.
    /// </summary>
    public IReadOnlyList<int> Dimensions { get; init; } = [];

    /// <summary>Whether cards are under switches, or at routers, of several levels.</summary>
    public bool HasLevels => Topology is Topology.FatTree or Topology.Dragonfly;

    /// <summary><c>wrap_multiple</c>: sides of a torus that are a multiple of it close to rings, too; 0 where the whole dimension alone does.</summary>
    public int WrapMultiple { get; init; }

    /// <summary><c>oversubscription</c>: bandwidth into a fat tree's switch from below over that upwards, level by level, or of the layer that joins rails; 1 where it is missing.</summary>
    public IReadOnlyList<double> Oversubscription { get; init; } = [];

    /// <summary><c>global_links</c>: links of a dragonfly's router to other groups.</summary>
    public int GlobalLinks { get; init; }

    /// <summary><c>collectives</c>: algorithms that collectives may run; none where exchanges go by <see cref="Hops"/> and <see cref="Collectives"/>.</summary>
    public CollectiveAlgorithms Algorithms { get; init; }

    /// <summary><c>step_latency</c>: seconds that each step of an algorithm takes to start.</summary>
    public double StepSeconds { get; init; }

    /// <summary><c>reduction_GBps</c>: rate at which a card adds up what it receives, in billion bytes/s; infinite where adding up takes no time of its own.</summary>
    public double ReductionGigabytesPerSecond { get; init; } = double.PositiveInfinity;

    /// <summary>
    /// Hops in sequence of a collective: point to point 1; otherwise the steps that reach everybody, twice for an
    /// all-reduce (a reduce-scatter, then an all-gather). Source: docs/cost-model.md, "Communication" (inferred).
    /// </summary>
    /// <exception cref="InvalidOperationException">The topology is none of those that there are.</exception>
    public int Hops(Collective collective, int groupSize)
    {
        if (collective == Collective.PointToPoint)
        {
            return 1;
        }

        int reach = Topology switch
        {
            Topology.TwoDimensionalFullMesh => groupSize > 2 ? 2 : 1,
            Topology.Ring => groupSize - 1,
            Topology.Torus or Topology.Mesh => TorusSteps(Dimensions.Count - 1, groupSize),
            Topology.FatTree => (2 * Dimensions.Count) - 1,
            Topology.Rails => 3,
            Topology.Dragonfly => 4,
            Topology.FullMesh or Topology.Switch => 1,
            _ => throw new InvalidOperationException($"unknown topology {Topology}"),
        };
        return collective == Collective.AllReduce ? 2 * reach : reach;
    }

    /// <summary>
    /// Steps around the dimensions of the smallest box of the torus that holds a group, <c>Σ (side - 1)</c>: the least there is, since a group is placed
    /// as compactly as it can be.
    /// </summary>
    private int TorusSteps(int dimension, int cards)
    {
        if (dimension == 0)
        {
            return cards <= Dimensions[0] ? cards - 1 : int.MaxValue / 2;
        }

        int fewest = int.MaxValue / 2;
        int longest = Math.Min(Dimensions[dimension], cards);
        for (int side = 1; side <= longest && side - 1 < fewest; side++)
        {
            fewest = Math.Min(fewest, side - 1 + TorusSteps(dimension - 1, (cards + side - 1) / side));
        }

        return fewest;
    }
}
