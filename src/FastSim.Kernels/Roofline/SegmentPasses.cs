using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Operators;

namespace FastSim.Kernels.Roofline;

/// <summary>Passes over candidates that add a segment's operators to the time of its part (docs/cost-model.md, "An operator").</summary>
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
        ref double ratios = ref range.BytesPerFlop(segment.Rate);
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

    /// <summary>Operators whose efficiency depends on their size or shape, or that read experts only as tokens reach them.</summary>
    public static void AddStepped<TLanes, TCombine>(StageProgram program, in Segment segment, StagePart part, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        ref double batch = ref range.Sequences;
        ref double ratios = ref range.BytesPerFlop(segment.Rate);
        ref double times = ref range.PartStart(part);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            if (isFirst)
            {
                TLanes.Store(TLanes.Broadcast(0), ref times, index);
            }

            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes bytesPerFlop = TLanes.Load(ref ratios, index);
            TLanes readShare = TLanes.Broadcast(1);
            if (segment.ReadsIfReached)
            {
                readShare -= TLanes.Exp(TLanes.Broadcast(program.ActivationLog) * sequences);
            }

            TLanes sum = TLanes.Broadcast(0);
            for (int op = segment.Start; op < segment.End; op++)
            {
                sum += SteppedOperator<TLanes, TCombine>(program, segment, op, sequences, bytesPerFlop, readShare);
            }

            TLanes.Store(TLanes.MultiplyAdd(sum, TLanes.Broadcast(segment.Repeats), TLanes.Load(ref times, index)), ref times, index);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes SteppedOperator<TLanes, TCombine>(
        StageProgram program, in Segment segment, int op, TLanes sequences, TLanes bytesPerFlop, TLanes readShare)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        ref double row = ref program.Row(op);
        TLanes flops = TLanes.MultiplyAdd(TLanes.Broadcast(Unsafe.Add(ref row, 1)), sequences, TLanes.Broadcast(row));
        TLanes bytes = TLanes.MultiplyAdd(
            TLanes.Broadcast(Unsafe.Add(ref row, 3)), sequences, TLanes.Broadcast(Unsafe.Add(ref row, 2)));
        if (segment.ReadsIfReached)
        {
            bytes = TLanes.MultiplyAdd(TLanes.Broadcast(program.ActivatedBytes[op]), readShare, bytes);
        }

        TLanes compute = flops * bytesPerFlop;
        if (segment.HasComputeSteps)
        {
            TLanes variable = segment.StepsByShape ? TLanes.Broadcast(program.ProductRows[op]) * sequences : flops;
            compute *= Step(program.Steps(op), variable);
        }

        if (segment.HasMemorySteps)
        {
            bytes *= Step(program.MemorySteps, bytes) * TLanes.Broadcast(program.CacheScales[op]);
        }

        return TCombine.Of(compute, bytes);
    }

    /// <summary>The first step that a variable reaches, by selecting from the last upwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal static TLanes Step<TLanes>(ReadOnlySpan<EfficiencyStep> steps, TLanes variable)
        where TLanes : struct, ILanes<TLanes>
    {
        ref EfficiencyStep step = ref Unsafe.Add(ref MemoryMarshal.GetReference(steps), steps.Length - 1);
        TLanes inverse = TLanes.Broadcast(step.Inverse);
        for (int remaining = steps.Length - 1; remaining > 0; remaining--)
        {
            step = ref Unsafe.Add(ref step, -1);
            inverse = TLanes.SelectAtLeast(variable, TLanes.Broadcast(step.Threshold), TLanes.Broadcast(step.Inverse), inverse);
        }

        return inverse;
    }
}
