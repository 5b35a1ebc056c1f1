using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>Passes over a chunk of batches of one chip: what folds as one affine function, then what does not.</summary>
internal static class FoldedPasses
{
    public static void Evaluate<TLanes, TCombine>(StageProgram program, ChunkFold fold, ChunkSteps steps, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        if (fold.IsWhole)
        {
            Lines<TLanes>(fold.Stage, fold.Send, range);
            return;
        }

        if (fold.FoldsSend && !fold.TracksWork && fold.FoldsExchanges(StagePart.Attention) && fold.FoldsExchanges(StagePart.FeedForward) && fold.FoldsExchanges(StagePart.Logits))
        {
            EvaluateMixed<TLanes, TCombine>(program, fold, steps, range);
            return;
        }

        for (StagePart part = StagePart.Attention; part <= StagePart.Logits; part++)
        {
            Line<TLanes>(fold.Part(part), ref range.PartStart(part), range);
            AddMixed<TLanes, TCombine>(program, fold, steps, part, range);
            if (!fold.FoldsExchanges(part))
            {
                ExchangePasses.AddExchanges<TLanes>(program, part, fold.TracksWork, range);
            }
        }

        ExchangePasses.Total<TLanes>(hasLogits: true, range);
        if (fold.TracksWork)
        {
            ExchangePasses.AddUnhideable<TLanes>(range);
        }

        if (fold.FoldsSend)
        {
            AddLine<TLanes>(fold.Send, range);
        }
        else
        {
            ExchangePasses.AddSend<TLanes>(program, range);
        }
    }

    /// <summary>Where nothing but operators is left to the lanes: parts without one of them need no row of their own.</summary>
    private static void EvaluateMixed<TLanes, TCombine>(StageProgram program, ChunkFold fold, ChunkSteps steps, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        MixedPart<TLanes> attention = AddMixedPart<TLanes, TCombine>(program, fold, steps, StagePart.Attention, range);
        MixedPart<TLanes> feedForward = AddMixedPart<TLanes, TCombine>(program, fold, steps, StagePart.FeedForward, range);
        MixedPart<TLanes> logits = AddMixedPart<TLanes, TCombine>(program, fold, steps, StagePart.Logits, range);
        AffineLanes<TLanes> send = new(fold.Send);
        ref double batch = ref range.Sequences;
        ref double attentions = ref range.PartStart(StagePart.Attention);
        ref double feedForwards = ref range.PartStart(StagePart.FeedForward);
        ref double allLogits = ref range.PartStart(StagePart.Logits);
        ref double stages = ref range.StageSeconds;
        ref double stepSeconds = ref range.StepSeconds;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes stage = attention.At(sequences, ref attentions, index) + feedForward.At(sequences, ref feedForwards, index);
            stage += logits.At(sequences, ref allLogits, index);
            TLanes.Store(stage, ref stages, index);
            TLanes.Store(stage + send.At(sequences), ref stepSeconds, index);
        }
    }

    /// <summary>The operators of a part that change sides, in its row: their sum where they are of one segment, else the part.</summary>
    private static MixedPart<TLanes> AddMixedPart<TLanes, TCombine>(StageProgram program, ChunkFold fold, ChunkSteps steps, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        ReadOnlySpan<Segment> segments = program.SegmentsOf(part);
        int mixed = 0;
        int last = 0;
        for (int index = 0; index < segments.Length; index++)
        {
            if (HasMixed(fold, segments[index]))
            {
                mixed++;
                last = index;
            }
        }

        if (mixed > 1)
        {
            Line<TLanes>(fold.Part(part), ref range.PartStart(part), range);
            AddMixed<TLanes, TCombine>(program, fold, steps, part, range);
            return new MixedPart<TLanes>(0, hasRow: true, 1);
        }

        if (mixed == 0)
        {
            return new MixedPart<TLanes>(fold.Part(part), hasRow: false, 0);
        }

        AddMixed<TLanes, TCombine>(program, fold, steps, segments[last], ref range.PartStart(part), range);
        return new MixedPart<TLanes>(fold.Part(part), hasRow: true, segments[last].Repeats * range.SecondsPerByte);
    }

    private static bool HasMixed(ChunkFold fold, in Segment segment)
    {
        foreach (int op in fold.Mixed)
        {
            if (op >= segment.Start && op < segment.End)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>The operators of a part that change sides in the chunk, segment by segment.</summary>
    private static void AddMixed<TLanes, TCombine>(StageProgram program, ChunkFold fold, ChunkSteps steps, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        foreach (ref readonly Segment segment in program.SegmentsOf(part))
        {
            if (AddMixed<TLanes, TCombine>(program, fold, steps, segment, ref range.SegmentSum, range))
            {
                SegmentPasses.AddSum<TLanes>(segment.Repeats * range.SecondsPerByte, part, isFirst: false, range);
            }
        }
    }

    /// <summary>The sum of a segment's operators that change sides in the chunk, if there are some.</summary>
    /// <returns>Whether there are.</returns>
    private static bool AddMixed<TLanes, TCombine>(
        StageProgram program, ChunkFold fold, ChunkSteps steps, in Segment segment, ref double sums, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        bool startsSum = true;
        foreach (int op in fold.Mixed)
        {
            if (op >= segment.Start && op < segment.End)
            {
                SteppedPasses.AddOperator<TLanes, TCombine>(program, steps, segment, op, ref sums, startsSum, range);
                startsSum = false;
            }
        }

        return !startsSum;
    }

    /// <summary>A stage that folds whole, and the step: two lines.</summary>
    private static void Lines<TLanes>(AffineInBatch stage, AffineInBatch send, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double batch = ref range.Sequences;
        ref double stages = ref range.StageSeconds;
        ref double steps = ref range.StepSeconds;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes time = TLanes.MultiplyAdd(TLanes.Broadcast(stage.PerSequence), sequences, TLanes.Broadcast(stage.Constant));
            TLanes sent = TLanes.MultiplyAdd(TLanes.Broadcast(send.PerSequence), sequences, TLanes.Broadcast(send.Constant));
            TLanes.Store(time, ref stages, index);
            TLanes.Store(time + sent, ref steps, index);
        }
    }

    private static void Line<TLanes>(AffineInBatch line, ref double target, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double batch = ref range.Sequences;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes value = TLanes.MultiplyAdd(
                TLanes.Broadcast(line.PerSequence), TLanes.Load(ref batch, index), TLanes.Broadcast(line.Constant));
            TLanes.Store(value, ref target, index);
        }
    }

    /// <summary>The step: the stage and a send that folds.</summary>
    private static void AddLine<TLanes>(AffineInBatch send, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double batch = ref range.Sequences;
        ref double stage = ref range.StageSeconds;
        ref double step = ref range.StepSeconds;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes value = TLanes.MultiplyAdd(
                TLanes.Broadcast(send.PerSequence), TLanes.Load(ref batch, index), TLanes.Broadcast(send.Constant));
            TLanes.Store(TLanes.Load(ref stage, index) + value, ref step, index);
        }
    }

    /// <summary>A part: a line, and what stands in its row, so many times.</summary>
    private readonly struct MixedPart<TLanes>(AffineInBatch line, bool hasRow, double repeats)
        where TLanes : struct, ILanes<TLanes>
    {
        private readonly AffineLanes<TLanes> line = new(line);
        private readonly TLanes repeats = TLanes.Broadcast(repeats);

        public TLanes At(TLanes sequences, ref double row, int index) =>
            hasRow ? TLanes.MultiplyAdd(TLanes.Load(ref row, index), repeats, line.At(sequences)) : line.At(sequences);
    }

    /// <summary>A line whose two numbers stay in registers.</summary>
    private readonly struct AffineLanes<TLanes>(AffineInBatch line)
        where TLanes : struct, ILanes<TLanes>
    {
        private readonly TLanes perSequence = TLanes.Broadcast(line.PerSequence);
        private readonly TLanes constant = TLanes.Broadcast(line.Constant);

        public TLanes At(TLanes sequences) => TLanes.MultiplyAdd(perSequence, sequences, constant);
    }
}
