using System.Runtime.CompilerServices;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>Passes over candidates that add a segment of plain operators to the time of its part (docs/cost-model.md, "An operator").</summary>
internal static class SegmentPasses
{
    /// <summary>Operators whose compute and memory time are affine in the batch: all that most are.</summary>
    public static void AddPlain<TLanes, TCombine>(StageProgram program, in Segment segment, ref double times, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        TLanes repeats = TLanes.Broadcast(segment.Repeats);
        ref double batch = ref range.Sequences;
        ref double ratios = ref range.BytesPerFlopRow(segment.Rate);
        ref double first = ref program.Row(segment.Start);
        ref double end = ref program.Row(segment.End);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sum = Sum<TLanes, TCombine>(ref first, ref end, TLanes.Load(ref batch, index), TLanes.Load(ref ratios, index));
            TLanes before = isFirst ? TLanes.Broadcast(0) : TLanes.Load(ref times, index);
            TLanes.Store(TLanes.MultiplyAdd(sum, repeats, before), ref times, index);
        }
    }

    /// <summary>The sum of a segment of plain operators.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Sum<TLanes, TCombine>(ref double row, ref double end, TLanes sequences, TLanes bytesPerFlop)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        TLanes sum = TLanes.Broadcast(0);
        while (Unsafe.IsAddressLessThan(ref row, ref end))
        {
            sum += TCombine.Of(Flops(ref row, sequences) * bytesPerFlop, Bytes(ref row, sequences));
            row = ref Unsafe.Add(ref row, StageProgram.NextOperator);
        }

        return sum;
    }

    /// <summary>FLOP of an operator.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Flops<TLanes>(ref double row, TLanes sequences)
        where TLanes : struct, ILanes<TLanes> =>
        TLanes.AffineOfCopies(ref row, StageProgram.NextCoefficient, 0, sequences);

    /// <summary>Memory bytes of an operator.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Bytes<TLanes>(ref double row, TLanes sequences)
        where TLanes : struct, ILanes<TLanes> =>
        TLanes.AffineOfCopies(ref row, 3 * StageProgram.NextCoefficient, 2 * StageProgram.NextCoefficient, sequences);

    /// <summary>Adds a segment's sum, which lies in its own row, to the time of its part.</summary>
    public static void AddSum<TLanes>(double repeats, StagePart part, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double sums = ref range.SegmentSum;
        ref double times = ref range.PartStart(part);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes before = isFirst ? TLanes.Broadcast(0) : TLanes.Load(ref times, index);
            TLanes.Store(TLanes.MultiplyAdd(TLanes.Load(ref sums, index), TLanes.Broadcast(repeats), before), ref times, index);
        }
    }
}
