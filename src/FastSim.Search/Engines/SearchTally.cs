namespace FastSim.Search.Engines;

/// <summary>How many plans a search covered, what removed those that did not qualify, and by how little the nearest failed.</summary>
public sealed class SearchTally
{
    /// <summary>Plans before any check: layouts times stated batches.</summary>
    public long Covered { get; private set; }

    /// <summary>Plans that the model cannot be cut into.</summary>
    public long Indivisible { get; private set; }

    /// <summary>Plans whose communication the network does not reach across.</summary>
    public long Unreachable { get; private set; }

    /// <summary>Plans that do not fit the memory at their smallest batch.</summary>
    public long TooLarge { get; private set; }

    /// <summary>Plans that fit and miss the latency limit at every batch that fits.</summary>
    public long TooSlow { get; private set; }

    /// <summary>Plans that qualify.</summary>
    public long Feasible { get; private set; }

    /// <summary>Candidates, plan and batch, whose time was evaluated.</summary>
    public long Evaluated { get; private set; }

    /// <summary>Least bytes that a plan which does not fit needs, or infinity.</summary>
    public double NearestBytes { get; private set; } = double.PositiveInfinity;

    /// <summary>Capacity that <see cref="NearestBytes"/> missed.</summary>
    public double NearestCapacityBytes { get; private set; }

    /// <summary>The slow plan nearest to its limits, or null.</summary>
    public LatencyMiss? NearestLatency { get; private set; }

    internal void Cover(long plans, long indivisible)
    {
        Covered += plans;
        Indivisible += indivisible;
    }

    internal void CountUnreachable() => Unreachable++;

    internal void CountFeasible() => Feasible++;

    internal void CountEvaluated(long candidates) => Evaluated += candidates;

    internal void CountTooLarge(double bytes, double capacityBytes)
    {
        TooLarge++;
        NoteMemory(bytes, capacityBytes);
    }

    internal void CountTooSlow(LatencyMiss miss)
    {
        TooSlow++;
        NoteLatency(miss);
    }

    internal void Add(SearchTally other)
    {
        Covered += other.Covered;
        Indivisible += other.Indivisible;
        Unreachable += other.Unreachable;
        TooLarge += other.TooLarge;
        TooSlow += other.TooSlow;
        Feasible += other.Feasible;
        Evaluated += other.Evaluated;
        NoteMemory(other.NearestBytes, other.NearestCapacityBytes);
        if (other.NearestLatency is { } miss)
        {
            NoteLatency(miss);
        }
    }

    private void NoteMemory(double bytes, double capacityBytes)
    {
        if (bytes < NearestBytes)
        {
            NearestBytes = bytes;
            NearestCapacityBytes = capacityBytes;
        }
    }

    private void NoteLatency(LatencyMiss miss)
    {
        if (NearestLatency is not { } known || miss.Excess < known.Excess)
        {
            NearestLatency = miss;
        }
    }
}
