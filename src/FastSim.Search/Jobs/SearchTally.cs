namespace FastSim.Search.Jobs;

/// <summary>How many plans a search covered, what removed those that did not qualify, and by how little the nearest failed.</summary>
public sealed class SearchTally
{
    private readonly SortedDictionary<LayoutRefusal, long> refused = [];

    /// <summary>Plans before any check: layouts times stated batches.</summary>
    public long Covered { get; private set; }

    /// <summary>Plans that the model cannot be cut into.</summary>
    public long Indivisible { get; private set; }

    /// <summary>Plans that the model can be cut into, but only through blocks of weights that share a quantization scale.</summary>
    public long SplitBlocks { get; private set; }

    /// <summary>Plans that the engine cannot run, by why not; none where it is not asked.</summary>
    public IReadOnlyDictionary<LayoutRefusal, long> Refused => refused;

    /// <summary>Plans whose communication the network does not reach across.</summary>
    public long Unreachable { get; private set; }

    /// <summary>Plans that do not fit the memory at their smallest batch.</summary>
    public long TooLarge { get; private set; }

    /// <summary>Plans that fit and miss the latency limit at every batch that fits.</summary>
    public long TooSlow { get; private set; }

    /// <summary>Plans that qualify, as far as they were searched.</summary>
    public long Feasible { get; private set; }

    /// <summary>Plans that fit, and were left unsearched because their upper bound lies below the best found.</summary>
    public long Outbid { get; private set; }

    /// <summary>
    /// Candidates, plan and batch, whose time was evaluated, each once: layouts of one shape share an evaluation, and what the reference
    /// verifies, or evaluates again to say by what a job failed, is not counted again.
    /// </summary>
    public long Evaluated { get; private set; }

    /// <summary>
    /// Candidates of the full product: every plan at every batch up to the largest that any of them can hold. 0 from the scalar engine,
    /// which keeps count of plans alone.
    /// </summary>
    public double Candidates { get; private set; }

    /// <summary>Candidates that the model cannot be cut into, its quantization blocks included, the engine cannot run, or the network does not reach across.</summary>
    public double CandidatesIndivisible { get; private set; }

    /// <summary>Candidates that do not fit the memory.</summary>
    public double CandidatesTooLarge { get; private set; }

    /// <summary>Candidates that miss a latency limit, known without evaluating them.</summary>
    public double CandidatesTooSlow { get; private set; }

    /// <summary>Candidates left unevaluated because others of their plan, or other plans, are at least as good.</summary>
    public double CandidatesOutbid => Math.Max(0, Candidates - CandidatesIndivisible - CandidatesTooLarge - CandidatesTooSlow - Evaluated);

    /// <summary>Least bytes that a plan which does not fit needs, or infinity.</summary>
    public double NearestBytes { get; private set; } = double.PositiveInfinity;

    /// <summary>Capacity that <see cref="NearestBytes"/> missed.</summary>
    public double NearestCapacityBytes { get; private set; }

    /// <summary>The slow plan nearest to its limits, or null.</summary>
    public LatencyMiss? NearestLatency { get; private set; }

    internal void Cover(long plans, long indivisible, long splitBlocks, long batches = 0)
    {
        Covered += plans;
        Indivisible += indivisible;
        SplitBlocks += splitBlocks;
        Candidates += (double)plans * batches;
        CandidatesIndivisible += (double)(indivisible + splitBlocks) * batches;
    }

    internal void Refuse(IReadOnlyDictionary<LayoutRefusal, long> plans, long batches = 0)
    {
        foreach ((LayoutRefusal refusal, long count) in plans)
        {
            refused[refusal] = refused.GetValueOrDefault(refusal) + count;
            CandidatesIndivisible += (double)count * batches;
        }
    }

    internal void CountUnreachable(long plans = 1) => Unreachable += plans;

    internal void CountFeasible(long plans = 1) => Feasible += plans;

    internal void CountOutbid(long plans) => Outbid += plans;

    internal void CountEvaluated(long candidates) => Evaluated += candidates;

    internal void CountTooLarge(double bytes, double capacityBytes, long plans = 1)
    {
        TooLarge += plans;
        NoteMemory(bytes, capacityBytes);
    }

    internal void CountTooSlow(LatencyMiss? miss, long plans = 1)
    {
        TooSlow += plans;
        if (miss is { } known)
        {
            NoteLatency(known);
        }
    }

    /// <summary>Counts the batches of plans of one shape.</summary>
    /// <param name="plans">Plans of the shape.</param>
    /// <param name="unreachable">Batches that the network does not reach across.</param>
    /// <param name="tooLarge">Batches that do not fit.</param>
    /// <param name="tooSlow">Batches that fit and miss a limit.</param>
    internal void CountBatches(long plans, double unreachable, double tooLarge, double tooSlow)
    {
        CandidatesIndivisible += plans * unreachable;
        CandidatesTooLarge += plans * tooLarge;
        CandidatesTooSlow += plans * tooSlow;
    }

    internal void Add(SearchTally other)
    {
        Covered += other.Covered;
        Refuse(other.refused);
        Indivisible += other.Indivisible;
        SplitBlocks += other.SplitBlocks;
        Unreachable += other.Unreachable;
        TooLarge += other.TooLarge;
        TooSlow += other.TooSlow;
        Feasible += other.Feasible;
        Outbid += other.Outbid;
        Evaluated += other.Evaluated;
        Candidates += other.Candidates;
        CandidatesIndivisible += other.CandidatesIndivisible;
        CandidatesTooLarge += other.CandidatesTooLarge;
        CandidatesTooSlow += other.CandidatesTooSlow;
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
