using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// Rows in which <see cref="ChipBound"/> works, one column a chip of the few that it takes at once, so that all of them stay in the first-level cache: a stage's bound on
/// each chip as affine functions of the batch, in seconds, and what follows from them.
/// </summary>
internal sealed class BoundRows
{
    /// <summary>Chips at once.</summary>
    public const int Chips = 64;

    private readonly double[] cells = new double[(int)Line.Count * Chips];

    /// <summary>The rows.</summary>
    internal enum Line
    {
        /// <summary>First group's compute: constant, and what a sequence adds.</summary>
        Compute,

        /// <summary>First group's memory: constant, what a sequence adds, and what experts take that only tokens make it read.</summary>
        Memory = Compute + 2,

        /// <summary>The same five of the second group.</summary>
        SecondGroup = Memory + 3,

        /// <summary>What nothing hides: constant, and what a sequence adds.</summary>
        Rest = SecondGroup + 5,

        /// <summary>What the network carries in all: constant, and what a sequence adds.</summary>
        Exchanged = Rest + 2,

        /// <summary>A prompt's prefill beside decoding.</summary>
        Prompt = Exchanged + 2,

        /// <summary>Share of experts that are read.</summary>
        ReadShare,

        /// <summary>Sequences of a rank's micro-batch: those at hand.</summary>
        Sequences,

        /// <summary>Seconds of a stage at those.</summary>
        Seconds,

        /// <summary>How many rows there are.</summary>
        Count,
    }

    /// <summary>A row.</summary>
    public ref double this[Line row]
    {
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        get => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(cells), (int)row * Chips);
    }

    /// <summary>A row of a group.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public ref double Of(int group, Line row) => ref this[row + (group * (Line.SecondGroup - Line.Compute))];

    /// <summary>Takes a stage on some chips: all but what nothing hides.</summary>
    /// <param name="sums">The stage.</param>
    /// <param name="chips">The chips.</param>
    /// <param name="start">First of them.</param>
    /// <param name="count">How many, whole vectors of them.</param>
    public void SetGroups<TLanes>(StageSums sums, ChipColumns chips, int start, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        for (int group = 0; group < WorkSums.Groups; group++)
        {
            SetCompute<TLanes>(sums.Work, group, chips, start, count);
            SetMemory<TLanes>(sums.Work, group, chips, start, count);
            if (!sums.Learned.IsEmpty)
            {
                AddLearned<TLanes>(sums.Learned, group, chips, start, count);
            }
        }
    }

    /// <summary>Takes what nothing hides of a stage, and what the network carries.</summary>
    /// <param name="sums">The stage.</param>
    /// <param name="chips">The chips.</param>
    /// <param name="includeSend">Whether the send to the next stage is part of it.</param>
    /// <param name="start">First of them.</param>
    /// <param name="count">How many, whole vectors of them.</param>
    public void SetRest<TLanes>(StageSums sums, ChipColumns chips, bool includeSend, int start, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double latency = ref First(chips.StaticLatency);
        ref double constant = ref this[Line.Rest];
        ref double perSequence = ref this[Line.Rest + 1];
        ref double exchangedConstant = ref this[Line.Exchanged];
        ref double exchangedPerSequence = ref this[Line.Exchanged + 1];
        (TLanes runs, TLanes floor, TLanes none) = (TLanes.Broadcast(sums.OperatorRuns), TLanes.Broadcast(sums.FloorSeconds), TLanes.Broadcast(0));
        for (int lane = 0; lane < count; lane += TLanes.Count)
        {
            TLanes.Store((TLanes.Load(ref latency, start + lane) * runs) + floor, ref constant, lane);
            TLanes.Store(none, ref perSequence, lane);
            TLanes.Store(none, ref exchangedConstant, lane);
            TLanes.Store(none, ref exchangedPerSequence, lane);
        }

        AddLinks<TLanes>(sums.Links.Shown, chips, Line.Rest, start, count);
        AddLinks<TLanes>(sums.Links.Exchanged, chips, Line.Exchanged, start, count);
        if (includeSend)
        {
            AddLinks<TLanes>(sums.Links.Send, chips, Line.Rest, start, count);
            AddLinks<TLanes>(sums.Links.Send, chips, Line.Exchanged, start, count);
        }
    }

    /// <summary>The stage takes at least this long, at the sequences and share of experts at hand: into <see cref="Line.Seconds"/>.</summary>
    /// <param name="sums">The stage that the rows hold.</param>
    /// <param name="hasActivation">Whether the share of experts counts.</param>
    /// <param name="count">Chips, whole vectors of them.</param>
    public void SetSeconds<TLanes>(StageSums sums, bool hasActivation, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double sequencesRow = ref this[Line.Sequences];
        ref double shareRow = ref this[Line.ReadShare];
        ref double seconds = ref this[Line.Seconds];
        ref double restConstant = ref this[Line.Rest];
        ref double restPerSequence = ref this[Line.Rest + 1];
        ref double exchangedConstant = ref this[Line.Exchanged];
        ref double exchangedPerSequence = ref this[Line.Exchanged + 1];
        bool isSum = sums.IsSum;
        bool hidesExchanges = sums.Links.Exchanged.Length > 0;
        for (int lane = 0; lane < count; lane += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref sequencesRow, lane);
            TLanes share = hasActivation ? TLanes.Load(ref shareRow, lane) : TLanes.Broadcast(0);
            TLanes own = GroupSeconds(0, sequences, share, isSum, lane) + GroupSeconds(1, sequences, share, isSum, lane)
                + TLanes.MultiplyAdd(TLanes.Load(ref restPerSequence, lane), sequences, TLanes.Load(ref restConstant, lane));
            TLanes.Store(
                hidesExchanges
                    ? TLanes.Max(own, TLanes.MultiplyAdd(TLanes.Load(ref exchangedPerSequence, lane), sequences, TLanes.Load(ref exchangedConstant, lane)))
                    : own,
                ref seconds,
                lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private TLanes GroupSeconds<TLanes>(int group, TLanes sequences, TLanes share, bool isSum, int lane)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes compute = TLanes.MultiplyAdd(TLanes.Load(ref Of(group, Line.Compute + 1), lane), sequences, TLanes.Load(ref Of(group, Line.Compute), lane));
        TLanes constant = TLanes.MultiplyAdd(TLanes.Load(ref Of(group, Line.Memory + 2), lane), share, TLanes.Load(ref Of(group, Line.Memory), lane));
        TLanes memory = TLanes.MultiplyAdd(TLanes.Load(ref Of(group, Line.Memory + 1), lane), sequences, constant);
        return isSum ? compute + memory : TLanes.Max(compute, memory);
    }

    private void SetCompute<TLanes>(WorkSums work, int group, ChipColumns chips, int start, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double secondsPerByte = ref First(chips.SecondsPerByte);
        ref double matrixRate = ref First(chips.BytesPerFlop(OperatorRate.Matrix));
        ref double attentionRate = ref First(chips.BytesPerFlop(OperatorRate.Attention));
        ref double vectorRate = ref First(chips.BytesPerFlop(OperatorRate.Vector));
        ref double constantRow = ref Of(group, Line.Compute);
        ref double perSequenceRow = ref Of(group, Line.Compute + 1);
        (TLanes first, TLanes firstPerSequence) = Broadcast<TLanes>(work.Flops(group, (int)OperatorRate.Matrix));
        (TLanes second, TLanes secondPerSequence) = Broadcast<TLanes>(work.Flops(group, (int)OperatorRate.Attention));
        (TLanes third, TLanes thirdPerSequence) = Broadcast<TLanes>(work.Flops(group, (int)OperatorRate.Vector));
        for (int lane = 0; lane < count; lane += TLanes.Count)
        {
            TLanes matrix = TLanes.Load(ref matrixRate, start + lane);
            TLanes attention = TLanes.Load(ref attentionRate, start + lane);
            TLanes vector = TLanes.Load(ref vectorRate, start + lane);
            TLanes byteSeconds = TLanes.Load(ref secondsPerByte, start + lane);
            TLanes constant = (first * matrix) + (second * attention) + (third * vector);
            TLanes perSequence = (firstPerSequence * matrix) + (secondPerSequence * attention) + (thirdPerSequence * vector);
            TLanes.Store(constant * byteSeconds, ref constantRow, lane);
            TLanes.Store(perSequence * byteSeconds, ref perSequenceRow, lane);
        }
    }

    private void SetMemory<TLanes>(WorkSums work, int group, ChipColumns chips, int start, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double secondsPerByte = ref First(chips.SecondsPerByte);
        ref double constantRow = ref Of(group, Line.Memory);
        ref double perSequenceRow = ref Of(group, Line.Memory + 1);
        ref double activatedRow = ref Of(group, Line.Memory + 2);
        (TLanes constant, TLanes perSequence) = Broadcast<TLanes>(work.Bytes(group));
        TLanes activated = TLanes.Broadcast(work.ActivatedBytes(group));
        for (int lane = 0; lane < count; lane += TLanes.Count)
        {
            TLanes byteSeconds = TLanes.Load(ref secondsPerByte, start + lane);
            TLanes.Store(constant * byteSeconds, ref constantRow, lane);
            TLanes.Store(perSequence * byteSeconds, ref perSequenceRow, lane);
            TLanes.Store(activated * byteSeconds, ref activatedRow, lane);
        }
    }

    /// <summary>Adds operators whose times are learned, at rates that no coefficient lowers.</summary>
    private void AddLearned<TLanes>(WorkSums work, int group, ChipColumns chips, int start, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double secondsPerByte = ref First(chips.SecondsPerByte);
        for (OperatorRate rate = 0; (int)rate < WorkSums.Rates; rate++)
        {
            ref double bytesPerFlop = ref First(chips.BytesPerFlop(rate));
            ref double coefficient = ref First(chips.FlopsCoefficient(rate));
            (TLanes flops, TLanes flopsPerSequence) = Broadcast<TLanes>(work.Flops(group, (int)rate));
            ref double compute = ref Of(group, Line.Compute);
            ref double computePerSequence = ref Of(group, Line.Compute + 1);
            for (int lane = 0; lane < count; lane += TLanes.Count)
            {
                TLanes seconds = TLanes.Load(ref bytesPerFlop, start + lane) * TLanes.Load(ref secondsPerByte, start + lane) * TLanes.Load(ref coefficient, start + lane);
                TLanes.Store(TLanes.MultiplyAdd(flops, seconds, TLanes.Load(ref compute, lane)), ref compute, lane);
                TLanes.Store(TLanes.MultiplyAdd(flopsPerSequence, seconds, TLanes.Load(ref computePerSequence, lane)), ref computePerSequence, lane);
            }
        }

        ref double ofMemory = ref First(chips.MemoryCoefficient);
        ref double activatedRow = ref Of(group, Line.Memory + 2);
        TLanes activated = TLanes.Broadcast(work.ActivatedBytes(group));
        (TLanes constant, TLanes perSequence) = Broadcast<TLanes>(work.Bytes(group));
        ref double constantRow = ref Of(group, Line.Memory);
        ref double perSequenceRow = ref Of(group, Line.Memory + 1);
        for (int lane = 0; lane < count; lane += TLanes.Count)
        {
            TLanes seconds = TLanes.Load(ref secondsPerByte, start + lane) * TLanes.Load(ref ofMemory, start + lane);
            TLanes.Store(TLanes.MultiplyAdd(constant, seconds, TLanes.Load(ref constantRow, lane)), ref constantRow, lane);
            TLanes.Store(TLanes.MultiplyAdd(perSequence, seconds, TLanes.Load(ref perSequenceRow, lane)), ref perSequenceRow, lane);
            TLanes.Store(TLanes.MultiplyAdd(activated, seconds, TLanes.Load(ref activatedRow, lane)), ref activatedRow, lane);
        }
    }

    private void AddLinks<TLanes>(ReadOnlySpan<LinkSum> links, ChipColumns chips, Line row, int start, int count)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double constant = ref this[row];
        ref double perSequence = ref this[row + 1];
        for (int tier = 0; tier < links.Length; tier++)
        {
            (AffineInBatch bytes, double hopCount) = links[tier];
            if (bytes.Constant == 0 && bytes.PerSequence == 0 && hopCount == 0)
            {
                continue;
            }

            ref double secondsPerByte = ref First(chips.LinkSecondsPerByte(tier));
            ref double hopSeconds = ref First(chips.HopSeconds(tier));
            (TLanes ofAll, TLanes ofSequence) = Broadcast<TLanes>(bytes);
            TLanes hops = TLanes.Broadcast(hopCount);
            for (int lane = 0; lane < count; lane += TLanes.Count)
            {
                TLanes byteSeconds = TLanes.Load(ref secondsPerByte, start + lane);
                TLanes more = (ofAll * byteSeconds) + (hops * TLanes.Load(ref hopSeconds, start + lane));
                TLanes.Store(TLanes.Load(ref constant, lane) + more, ref constant, lane);
                TLanes.Store(TLanes.Load(ref perSequence, lane) + (ofSequence * byteSeconds), ref perSequence, lane);
            }
        }
    }

    private static (TLanes Constant, TLanes PerSequence) Broadcast<TLanes>(AffineInBatch sum)
        where TLanes : struct, ILanes<TLanes> => (TLanes.Broadcast(sum.Constant), TLanes.Broadcast(sum.PerSequence));

    private static ref double First(Span<double> row) => ref MemoryMarshal.GetReference(row);
}
