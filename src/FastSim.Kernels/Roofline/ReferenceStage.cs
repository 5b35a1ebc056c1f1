using FastSim.Kernels.Chips;
using FastSim.Kernels.Reference;

namespace FastSim.Kernels.Roofline;

/// <summary>Rows of <see cref="ReferenceLanes"/>: one a figure, one column a chip. Chips' rates and batches in, seconds out, sums of the reference between.</summary>
internal sealed class ReferenceStage
{
    private const int RowsPerTier = 2;

    private readonly double[] cells;
    private readonly int tiers;

    /// <summary>Rows.</summary>
    /// <param name="capacity">Chips at most.</param>
    /// <param name="networkTiers">Network tiers of each.</param>
    public ReferenceStage(int capacity, int networkTiers)
    {
        Capacity = capacity;
        tiers = networkTiers;
        cells = new double[((int)Sum.FirstLink + (RowsPerTier * networkTiers)) * capacity];
    }

    /// <summary>The rows, in their order.</summary>
    internal enum Sum
    {
        /// <summary>Sequences of a rank's micro-batch.</summary>
        Sequences,

        /// <summary>FLOP/s by rate, three rows.</summary>
        FlopsPerSecond,

        /// <summary>Memory bytes/s.</summary>
        MemoryBytesPerSecond = FlopsPerSecond + WorkSums.Rates,

        /// <summary>The same of operators that read the cache.</summary>
        CacheBytesPerSecond,

        /// <summary>Seconds that an operator's launch adds.</summary>
        StaticLatency,

        /// <summary>Share of experts that are read.</summary>
        ReadShare,

        /// <summary>Seconds of the exchange at hand.</summary>
        Exchange,

        /// <summary>Logits.</summary>
        Logits,

        /// <summary>Sends to the next stage.</summary>
        PointToPoint,

        /// <summary>Process time of operators bound by compute.</summary>
        Compute,

        /// <summary>Of those bound by memory.</summary>
        Memory,

        /// <summary>Communication that shows.</summary>
        Communication,

        /// <summary>Communication that is hidden, as <see cref="TimeShares"/> adds it up.</summary>
        HiddenOfShares,

        /// <summary>Work behind which it hides, as <see cref="TimeShares"/> adds it up.</summary>
        Work,

        /// <summary>The parts' sums: attention's, then feed-forward's.</summary>
        FirstPart,

        /// <summary>Stage without the send.</summary>
        Stage = FirstPart + (2 * (int)PartSum.Count),

        /// <summary>Stage and send.</summary>
        Step,

        /// <summary>Bytes/s and seconds a hop of the tiers' links.</summary>
        FirstLink,
    }

    /// <summary>Sums of a part, as <see cref="StagePartTime"/> has them.</summary>
    internal enum PartSum
    {
        /// <summary>Σ process time of compute operators.</summary>
        Process,

        /// <summary>Communication of tensor-parallel ranks that shows.</summary>
        ExposedTensor,

        /// <summary>Of expert-parallel ranks.</summary>
        ExposedExpert,

        /// <summary>Of cards that share a sequence's tokens.</summary>
        ExposedContext,

        /// <summary>Of cards that share rows between products.</summary>
        ExposedSequence,

        /// <summary>The same, hidden.</summary>
        HiddenTensor,

        /// <summary>The same, hidden.</summary>
        HiddenExpert,

        /// <summary>The same, hidden.</summary>
        HiddenContext,

        /// <summary>The same, hidden.</summary>
        HiddenSequence,

        /// <summary>What hidden communication stretches compute by.</summary>
        Slowdown,

        /// <summary>How many there are.</summary>
        Count,
    }

    /// <summary>The stage.</summary>
    public ReferenceProgram Program { get; } = new();

    /// <summary>Chips at most.</summary>
    public int Capacity { get; }

    /// <summary>Batch of each chip.</summary>
    public Span<double> Sequences => Row(Sum.Sequences);

    /// <summary>The stage without the send.</summary>
    public ReadOnlySpan<double> StageSeconds => Row(Sum.Stage);

    /// <summary>The stage and the send.</summary>
    public ReadOnlySpan<double> StepSeconds => Row(Sum.Step);

    /// <summary>A row.</summary>
    public Span<double> Row(Sum row) => cells.AsSpan((int)row * Capacity, Capacity);

    /// <summary>A row of a part: 0 attention's, 1 feed-forward's.</summary>
    public Span<double> Row(int part, PartSum row) => Row(Sum.FirstPart + (part * (int)PartSum.Count) + (int)row);

    /// <summary>Bytes/s of a tier's link.</summary>
    public Span<double> LinkBytesPerSecond(int tier) => Row(Sum.FirstLink + (RowsPerTier * tier));

    /// <summary>Seconds a hop of a tier takes.</summary>
    public Span<double> HopSeconds(int tier) => Row(Sum.FirstLink + (RowsPerTier * tier) + 1);

    /// <summary>What a chip's time goes to.</summary>
    public TimeShares SharesOf(int chip) => new(
        Row(Sum.Compute)[chip],
        Row(Sum.Memory)[chip],
        Row(Sum.Communication)[chip] + StageTime.Unhideable(Row(Sum.HiddenOfShares)[chip], Row(Sum.Work)[chip]));

    /// <summary>Takes the rates of some chips, as the stage's operators run at them.</summary>
    /// <param name="chips">The chips; of as many network tiers.</param>
    /// <param name="indices">Which of them.</param>
    public void SetChips(ChipColumns chips, ReadOnlySpan<int> indices)
    {
        for (int rate = 0; rate < WorkSums.Rates; rate++)
        {
            Gather(chips.FlopsPerSecond((OperatorRate)rate), indices, Program.ComputeEfficiency[rate], Row(Sum.FlopsPerSecond + rate));
        }

        Span<double> memory = Row(Sum.MemoryBytesPerSecond);
        Span<double> cache = Row(Sum.CacheBytesPerSecond);
        Gather(chips.MemoryBytesPerSecond, indices, Program.MemoryEfficiency, memory);
        for (int lane = 0; lane < indices.Length; lane++)
        {
            cache[lane] = memory[lane] * Program.CacheReadCoefficient;
        }

        Gather(chips.StaticLatency, indices, 1, Row(Sum.StaticLatency));
        for (int tier = 0; tier < tiers; tier++)
        {
            Gather(chips.LinkBytesPerSecond(tier), indices, 1, LinkBytesPerSecond(tier));
            Gather(chips.HopSeconds(tier), indices, 1, HopSeconds(tier));
        }
    }

    private static void Gather(ReadOnlySpan<double> from, ReadOnlySpan<int> indices, double factor, Span<double> to)
    {
        for (int lane = 0; lane < indices.Length; lane++)
        {
            to[lane] = from[indices[lane]] * factor;
        }
    }
}
