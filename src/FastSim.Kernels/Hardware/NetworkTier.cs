namespace FastSim.Kernels.Hardware;

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
    /// Hops in sequence of a collective: point to point 1; otherwise the steps that reach everybody, twice for an
    /// all-reduce (a reduce-scatter, then an all-gather). Source: docs/cost-model.md, "Communication" (inferred).
    /// </summary>
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
            _ => 1,
        };
        return collective == Collective.AllReduce ? 2 * reach : reach;
    }
}
