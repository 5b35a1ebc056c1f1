using System.Runtime.CompilerServices;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>Passes over candidates that add a segment of plain operators to the time of its part (docs/cost-model.md, "An operator").</summary>
internal static class SegmentPasses
{
    /// <summary>Operators whose compute and memory time are affine in the batch: all that most are.</summary>
    public static void AddPlain<TLanes, TCombine>(StageProgram program, in Segment segment, StagePart part, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        ref double rows = ref program.Row(segment.Start);
        int operators = segment.End - segment.Start;
        double repeats = segment.Repeats;
        ref double batch = ref range.Sequences;
        ref double ratios = ref range.BytesPerFlopRow(segment.Rate);
        ref double times = ref range.PartStart(part);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes bytesPerFlop = TLanes.Load(ref ratios, index);
            TLanes sum = TLanes.Broadcast(0);
            ref double row = ref rows;
            for (int op = 0; op < operators; op++)
            {
                TLanes flops = TLanes.MultiplyAdd(TLanes.Broadcast(Unsafe.Add(ref row, 1)), sequences, TLanes.Broadcast(row));
                TLanes bytes = TLanes.MultiplyAdd(
                    TLanes.Broadcast(Unsafe.Add(ref row, 3)), sequences, TLanes.Broadcast(Unsafe.Add(ref row, 2)));
                sum += TCombine.Of(flops * bytesPerFlop, bytes);
                row = ref Unsafe.Add(ref row, StageProgram.CoefficientsPerOperator);
            }

            TLanes before = isFirst ? TLanes.Broadcast(0) : TLanes.Load(ref times, index);
            TLanes.Store(TLanes.MultiplyAdd(sum, TLanes.Broadcast(repeats), before), ref times, index);
        }
    }

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
