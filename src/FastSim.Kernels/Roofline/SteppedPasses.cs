using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// Passes over candidates for operators whose efficiency depends on their size or shape, or that read experts only as tokens reach them: one
/// operator at a time. Where all candidates of a chunk lie on one step of a table, the step is looked up once; elsewhere lanes select.
/// Either way a lane is multiplied by the same number in the same order, so its bits do not depend on its neighbours.
/// </summary>
internal static class SteppedPasses
{
    public static void Add<TLanes, TCombine>(StageProgram program, in Segment segment, StagePart part, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        for (int op = segment.Start; op < segment.End; op++)
        {
            AddOperator<TLanes, TCombine>(program, segment, op, startsSum: op == segment.Start, range);
        }

        SegmentPasses.AddSum<TLanes>(segment.Repeats, part, isFirst, range);
    }

    /// <summary>Adds one operator to the sum of its segment, or starts the sum.</summary>
    public static void AddOperator<TLanes, TCombine>(StageProgram program, in Segment segment, int op, bool startsSum, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        if (program.IsLearned(op))
        {
            FillSlowdowns(program.Slowdowns(op), range);
            AddSelecting<TLanes, TCombine>(
                program, segment with { HasComputeSteps = false, HasMemorySteps = false }, op, program.ActivatedBytes[op] != 0, startsSum, range, isLearned: true);
        }
        else if (IsUniform(program, segment, op, range, out double computeInverse, out double memoryFactor))
        {
            AddUniform<TLanes, TCombine>(program, segment.Rate, op, computeInverse, memoryFactor, startsSum, range);
        }
        else
        {
            AddSelecting<TLanes, TCombine>(program, segment, op, program.ActivatedBytes[op] != 0, startsSum, range, isLearned: false);
        }
    }

    /// <summary>Whether an operator's compute and memory time are affine over the chunk: each table on one step, every expert read.</summary>
    public static bool IsUniform(
        StageProgram program, in Segment segment, int op, in LaneRange range, out double computeInverse, out double memoryFactor)
    {
        (computeInverse, memoryFactor) = (1, 1);
        return segment.IsPlain
            || (!program.IsLearned(op)
                && program.ActivatedBytes[op] == 0
                && IsOnOneStep(program, segment, op, range, out computeInverse)
                && IsOnOneMemoryStep(program, segment, op, range, out memoryFactor));
    }

    /// <summary>Looks up the learned slowdown of each candidate.</summary>
    private static void FillSlowdowns(ReadOnlySpan<double> slowdowns, in LaneRange range)
    {
        ref double batch = ref range.Sequences;
        ref double filled = ref range.LearnedSlowdown;
        for (int index = 0; index < range.Count; index++)
        {
            Unsafe.Add(ref filled, index) = slowdowns[Math.Min(BatchGrid.IndexOf(Unsafe.Add(ref batch, index)), slowdowns.Length - 1)];
        }
    }

    /// <summary>The first step that a variable reaches, by selecting from the last upwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Step<TLanes>(ReadOnlySpan<EfficiencyStep> steps, TLanes variable)
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

    /// <summary>FLOP, and rows, never fall with the batch: if the chunk's smallest and largest batch share a step, all do.</summary>
    private static bool IsOnOneStep(StageProgram program, in Segment segment, int op, in LaneRange range, out double inverse)
    {
        inverse = 1;
        if (!segment.HasComputeSteps)
        {
            return true;
        }

        ref double row = ref program.Row(op);
        double perSequence = segment.StepsByShape ? program.ProductRows[op] : Unsafe.Add(ref row, 1);
        double constant = segment.StepsByShape ? 0 : row;
        return Share(program.Steps(op), constant, perSequence, range, out inverse);
    }

    private static bool IsOnOneMemoryStep(StageProgram program, in Segment segment, int op, in LaneRange range, out double factor)
    {
        factor = 1;
        if (!segment.HasMemorySteps)
        {
            return true;
        }

        ref double row = ref program.Row(op);
        bool share = Share(program.MemorySteps, Unsafe.Add(ref row, 2), Unsafe.Add(ref row, 3), range, out double inverse);
        factor = inverse * program.CacheScales[op];
        return share;
    }

    /// <summary>
    /// Whether all values between two batches lie on the step of the least: steps need not fall, so any earlier one may be reached at the most.
    /// </summary>
    private static bool Share(ReadOnlySpan<EfficiencyStep> steps, double constant, double perSequence, in LaneRange range, out double inverse)
    {
        double lowest = Math.FusedMultiplyAdd(perSequence, range.FewestSequences, constant);
        double highest = Math.FusedMultiplyAdd(perSequence, range.MostSequences, constant);
        int step = 0;
        while (lowest < steps[step].Threshold)
        {
            step++;
        }

        // Thresholds of shapes need not fall: no earlier step may be reached anywhere in the chunk.
        inverse = steps[step].Inverse;
        foreach (ref readonly EfficiencyStep earlier in steps[..step])
        {
            if (highest >= earlier.Threshold)
            {
                return false;
            }
        }

        return true;
    }

    private static void AddUniform<TLanes, TCombine>(
        StageProgram program, OperatorRate rate, int op, double computeInverse, double memoryFactor, bool startsSum, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        ref double row = ref program.Row(op);
        double flopsConstant = row;
        double flopsPerSequence = Unsafe.Add(ref row, 1);
        double bytesConstant = Unsafe.Add(ref row, 2);
        double bytesPerSequence = Unsafe.Add(ref row, 3);
        ref double batch = ref range.Sequences;
        ref double ratios = ref range.BytesPerFlopRow(rate);
        ref double sums = ref range.SegmentSum;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes flops = TLanes.MultiplyAdd(TLanes.Broadcast(flopsPerSequence), sequences, TLanes.Broadcast(flopsConstant));
            TLanes bytes = TLanes.MultiplyAdd(TLanes.Broadcast(bytesPerSequence), sequences, TLanes.Broadcast(bytesConstant));
            TLanes time = TCombine.Of(
                flops * TLanes.Load(ref ratios, index) * TLanes.Broadcast(computeInverse), bytes * TLanes.Broadcast(memoryFactor));
            TLanes.Store(startsSum ? time : time + TLanes.Load(ref sums, index), ref sums, index);
        }
    }

    private static void AddSelecting<TLanes, TCombine>(
        StageProgram program, in Segment segment, int op, bool readsIfReached, bool startsSum, in LaneRange range, bool isLearned)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        ref double slowdowns = ref range.LearnedSlowdown;
        ref double row = ref program.Row(op);
        ref double batch = ref range.Sequences;
        ref double ratios = ref range.BytesPerFlopRow(segment.Rate);
        ref double sums = ref range.SegmentSum;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes flops = TLanes.MultiplyAdd(TLanes.Broadcast(Unsafe.Add(ref row, 1)), sequences, TLanes.Broadcast(row));
            TLanes bytes = TLanes.MultiplyAdd(
                TLanes.Broadcast(Unsafe.Add(ref row, 3)), sequences, TLanes.Broadcast(Unsafe.Add(ref row, 2)));
            if (readsIfReached)
            {
                TLanes readShare = ReadShare.Of(TLanes.Broadcast(program.ActivationLog) * sequences);
                bytes = TLanes.MultiplyAdd(TLanes.Broadcast(program.ActivatedBytes[op]), readShare, bytes);
            }

            TLanes compute = flops * TLanes.Load(ref ratios, index);
            if (segment.HasComputeSteps)
            {
                TLanes variable = segment.StepsByShape ? TLanes.Broadcast(program.ProductRows[op]) * sequences : flops;
                compute *= Step(program.Steps(op), variable);
            }

            if (segment.HasMemorySteps)
            {
                bytes *= Step(program.MemorySteps, bytes) * TLanes.Broadcast(program.CacheScales[op]);
            }

            TLanes time = TCombine.Of(compute, bytes);
            if (isLearned)
            {
                time *= TLanes.Load(ref slowdowns, index);
            }

            TLanes.Store(startsSum ? time : time + TLanes.Load(ref sums, index), ref sums, index);
        }
    }
}
