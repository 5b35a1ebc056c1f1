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
    public static void Add<TLanes, TCombine>(StageProgram program, ChunkSteps steps, in Segment segment, StagePart part, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        int op = segment.Start;
        while (op < segment.End)
        {
            bool startsSum = op == segment.Start;
            int end = steps.EndOfUniform(segment, op);
            if (end > op)
            {
                AddUniform<TLanes, TCombine>(program, steps, segment, op, end, ref range.SegmentSum, startsSum, range);
                op = end;
            }
            else
            {
                AddOperator<TLanes, TCombine>(program, steps, segment, op, ref range.SegmentSum, startsSum, range);
                op++;
            }
        }

        SegmentPasses.AddSum<TLanes>(segment.Repeats, part, isFirst, range);
    }

    /// <summary>Fills in the times of operators that the pass over all of them (<see cref="SteppedOperators{TLanes, TCombine, TMemorySteps}"/>) does not find out, a row each, and where they stand.</summary>
    public static void FillTimes<TLanes, TCombine>(StageProgram program, ChunkSteps steps, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        ref int run = ref steps.EndsOfRuns;
        int filled = 0;
        for (StagePart part = StagePart.Attention; part <= StagePart.Logits; part++)
        {
            foreach (ref readonly Segment segment in program.SegmentsOf(part))
            {
                for (int op = segment.Start; op < segment.End; op++)
                {
                    op = steps.EndOfUniform(segment, op);
                    run = op;
                    run = ref Unsafe.Add(ref run, 1);
                    if (op < segment.End)
                    {
                        AddOperator<TLanes, TCombine>(program, steps, segment, op, ref steps.Times(filled), startsSum: true, range);
                        filled++;
                    }
                }
            }
        }
    }

    /// <summary>Adds one operator to a sum, or starts the sum.</summary>
    public static void AddOperator<TLanes, TCombine>(
        StageProgram program, ChunkSteps steps, in Segment segment, int op, ref double sums, bool startsSum, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        if (steps.IsCrossing(op))
        {
            AddCrossing<TLanes, TCombine, Yes>(program, steps, segment, op, ref sums, startsSum, range);
            return;
        }

        if (program.ActivatedBytes[op] != 0)
        {
            LaneFills.ReadShares<TLanes>(program.ActivationLog, range);
        }

        if (program.IsLearned(op))
        {
            LaneFills.Slowdowns(program.Slowdowns(op), range);
            AddSelecting<TLanes, TCombine>(
                program, steps, segment with { HasComputeSteps = false, HasMemorySteps = false }, op, ref sums, startsSum, range, isLearned: true);
        }
        else if (steps.IsUniform(op))
        {
            AddUniform<TLanes, TCombine>(program, steps, segment, op, op + 1, ref sums, startsSum, range);
        }
        else if (segment.HasMemorySteps || program.ActivatedBytes[op] != 0 || segment.StepsByShape)
        {
            AddSelecting<TLanes, TCombine>(program, steps, segment, op, ref sums, startsSum, range, isLearned: false);
        }
        else
        {
            AddCrossing<TLanes, TCombine, No>(program, steps, segment, op, ref sums, startsSum, range);
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

    /// <summary>Time of an operator that lies on one step of its tables, in memory bytes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Time<TLanes, TCombine>(ref double row, ref double factor, TLanes sequences, TLanes bytesPerFlop, bool hasMemorySteps)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        TLanes compute = SegmentPasses.Flops(ref row, sequences) * bytesPerFlop * TLanes.LoadCopies(ref factor, 0);
        TLanes bytes = SegmentPasses.Bytes(ref row, sequences);
        if (hasMemorySteps)
        {
            bytes *= TLanes.LoadCopies(ref factor, StageProgram.NextCoefficient);
        }

        return TCombine.Of(compute, bytes);
    }

    /// <summary>Neighbouring operators each of which lies on one step of its tables, summed in registers.</summary>
    private static void AddUniform<TLanes, TCombine>(
        StageProgram program, ChunkSteps steps, in Segment segment, int first, int end, ref double sums, bool startsSum, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        bool hasMemorySteps = segment.HasMemorySteps;
        ref double firstRow = ref program.Row(first);
        ref double endRow = ref program.Row(end);
        ref double firstFactor = ref steps.Factors(first);
        ref double batch = ref range.Sequences;
        ref double ratios = ref range.BytesPerFlopRow(segment.Rate);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes bytesPerFlop = TLanes.Load(ref ratios, index);
            TLanes sum = startsSum ? TLanes.Broadcast(0) : TLanes.Load(ref sums, index);
            ref double factor = ref firstFactor;
            ref double row = ref firstRow;
            while (Unsafe.IsAddressLessThan(ref row, ref endRow))
            {
                sum += Time<TLanes, TCombine>(ref row, ref factor, sequences, bytesPerFlop, hasMemorySteps);
                row = ref Unsafe.Add(ref row, StageProgram.NextOperator);
                factor = ref Unsafe.Add(ref factor, ChunkSteps.NextFactors);
            }

            TLanes.Store(sum, ref sums, index);
        }
    }

    /// <summary>An operator of which nothing but the compute efficiency has steps, by its FLOP: mostly two of them, which stay in registers.</summary>
    private static void AddCrossing<TLanes, TCombine, TAreTwo>(
        StageProgram program, ChunkSteps steps, in Segment segment, int op, ref double sums, bool startsSum, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
        where TAreTwo : struct, IAnswer
    {
        ReadOnlySpan<EfficiencyStep> reached = steps.Compute(op);
        TLanes threshold = TLanes.Broadcast(reached[0].Threshold);
        TLanes from = TLanes.Broadcast(reached[0].Inverse);
        TLanes below = TLanes.Broadcast(reached[^1].Inverse);
        ref double row = ref program.Row(op);
        ref double batch = ref range.Sequences;
        ref double ratios = ref range.BytesPerFlopRow(segment.Rate);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes flops = SegmentPasses.Flops(ref row, sequences);
            TLanes inverse = TAreTwo.IsYes ? TLanes.SelectAtLeast(flops, threshold, from, below) : Step(reached, flops);
            TLanes time = TCombine.Of(flops * TLanes.Load(ref ratios, index) * inverse, SegmentPasses.Bytes(ref row, sequences));
            TLanes.Store(startsSum ? time : time + TLanes.Load(ref sums, index), ref sums, index);
        }
    }

    private static void AddSelecting<TLanes, TCombine>(
        StageProgram program, ChunkSteps steps, in Segment segment, int op, ref double sums, bool startsSum, in LaneRange range, bool isLearned)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        ReadOnlySpan<EfficiencyStep> computeSteps = segment.HasComputeSteps ? steps.Compute(op) : default;
        ReadOnlySpan<EfficiencyStep> memorySteps = segment.HasMemorySteps ? steps.Memory(op) : default;
        double activatedBytes = program.ActivatedBytes[op];
        double productRows = program.ProductRows[op];
        double cacheScale = program.CacheScales[op];
        bool hasComputeSteps = segment.HasComputeSteps;
        bool hasMemorySteps = segment.HasMemorySteps;
        bool stepsByShape = segment.StepsByShape;
        ref double readShares = ref range.ReadShare;
        ref double slowdowns = ref range.LearnedSlowdown;
        ref double row = ref program.Row(op);
        ref double batch = ref range.Sequences;
        ref double ratios = ref range.BytesPerFlopRow(segment.Rate);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes flops = SegmentPasses.Flops(ref row, sequences);
            TLanes bytes = SegmentPasses.Bytes(ref row, sequences);
            if (activatedBytes != 0)
            {
                bytes = TLanes.MultiplyAdd(TLanes.Broadcast(activatedBytes), TLanes.Load(ref readShares, index), bytes);
            }

            TLanes compute = flops * TLanes.Load(ref ratios, index);
            if (hasComputeSteps)
            {
                TLanes variable = stepsByShape ? TLanes.Broadcast(productRows) * sequences : flops;
                compute *= Step(computeSteps, variable);
            }

            if (hasMemorySteps)
            {
                bytes *= Step(memorySteps, bytes) * TLanes.Broadcast(cacheScale);
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
