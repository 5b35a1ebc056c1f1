using FastSim.Kernels.Chips;

namespace FastSim.Search.Questions;

/// <summary>A chip in a few numbers, as one that does not exist yet is talked of: peaks are reached, and one switch joins the cards.</summary>
public static class PlainChip
{
    /// <summary>The one data type it computes in.</summary>
    public const string DataType = "bfloat16";

    /// <summary>Makes one.</summary>
    /// <param name="name">Its name.</param>
    /// <param name="teraflops">Peak of matrix products, TFLOP/s, above 0.</param>
    /// <param name="vectorTeraflops">Peak of vector operators, TFLOP/s, above 0.</param>
    /// <param name="gibibytes">Memory, GiB, above 0.</param>
    /// <param name="gigabytesPerSecond">Memory bandwidth, GB/s, above 0.</param>
    /// <param name="linkGigabytesPerSecond">Bandwidth of the switch, GB/s a card and direction, above 0.</param>
    /// <param name="cards">Cards that the switch joins, at least 1.</param>
    /// <exception cref="ArgumentOutOfRangeException">A number is out of range.</exception>
    public static Chip Of(
        string name, double teraflops, double vectorTeraflops, double gibibytes, double gigabytesPerSecond, double linkGigabytesPerSecond, int cards)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        RequirePositive(teraflops, nameof(teraflops));
        RequirePositive(vectorTeraflops, nameof(vectorTeraflops));
        RequirePositive(gibibytes, nameof(gibibytes));
        RequirePositive(gigabytesPerSecond, nameof(gigabytesPerSecond));
        RequirePositive(linkGigabytesPerSecond, nameof(linkGigabytesPerSecond));
        ArgumentOutOfRangeException.ThrowIfLessThan(cards, 1);
        EfficiencyTable full = EfficiencyTable.Flat(1);
        return new Chip(
            name,
            new Dictionary<string, ComputeUnit> { [DataType] = new(teraflops, 1, full) },
            new Dictionary<string, ComputeUnit> { [DataType] = new(vectorTeraflops, 1, full) },
            new DeviceMemory(gibibytes, gigabytesPerSecond, CalibrationCoefficient: 1, CacheReadCoefficient: 1, PrefillCacheReadCoefficient: 1, full),
            [new NetworkTier(linkGigabytesPerSecond, LinkEfficiency: 1, Topology.Switch, full, cards, LatencySeconds: 0, Collectives(), ProcessorUsage: 0)],
            ProcessingMode.Roofline,
            CommunicationOverlap: 0,
            StaticLatencySeconds: 0);
    }

    /// <summary>What collectives put on the wire, as the chips of <c>data/systems</c> state it: a message once, and where all of n cards reduce 2·(n − 1)/n of it.</summary>
    private static CollectiveRate[] Collectives()
    {
        CollectiveRate once = new(1, 0, [2], [1]);
        return [once, once, once, once with { Scale = 2, GroupOffset = -1 }, once];
    }

    private static void RequirePositive(double number, string name)
    {
        if (!(number > 0 && double.IsFinite(number)))
        {
            throw new ArgumentOutOfRangeException(name, number, "expected a number above 0");
        }
    }
}
