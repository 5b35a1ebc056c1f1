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
        LineAndRow attention = AddMixedPart<TLanes, TCombine>(program, fold, steps, StagePart.Attention, range);
        LineAndRow feedForward = AddMixedPart<TLanes, TCombine>(program, fold, steps, StagePart.FeedForward, range);
        LineAndRow logits = AddMixedPart<TLanes, TCombine>(program, fold, steps, StagePart.Logits, range);
        switch (attention.HasRow, feedForward.HasRow)
        {
            case (false, false):
                Total<TLanes, No, No>(attention, feedForward, logits, fold.Send, range);
                break;
            case (false, true):
                Total<TLanes, No, Yes>(attention, feedForward, logits, fold.Send, range);
                break;
            case (true, false):
                Total<TLanes, Yes, No>(attention, feedForward, logits, fold.Send, range);
                break;
            default:
                Total<TLanes, Yes, Yes>(attention, feedForward, logits, fold.Send, range);
                break;
        }
    }

    private static void Total<TLanes, TAttention, TFeedForward>(
        in LineAndRow attention, in LineAndRow feedForward, in LineAndRow logits, AffineInBatch send, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TAttention : struct, IAnswer
        where TFeedForward : struct, IAnswer
    {
        if (logits.HasRow)
        {
            Total<TLanes, TAttention, TFeedForward, Yes>(attention, feedForward, logits, send, range);
        }
        else
        {
            Total<TLanes, TAttention, TFeedForward, No>(attention, feedForward, logits, send, range);
        }
    }

    /// <summary>Stage and step of parts that are lines, some with a row beside it. Which have one is known to the compiler, and all that candidates share is a variable of its own, so that it stays in registers.</summary>
    private static void Total<TLanes, TAttention, TFeedForward, TLogits>(
        in LineAndRow attention, in LineAndRow feedForward, in LineAndRow logits, AffineInBatch send, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TAttention : struct, IAnswer
        where TFeedForward : struct, IAnswer
        where TLogits : struct, IAnswer
    {
        (TLanes attentionConstant, TLanes attentionEach) = (TLanes.Broadcast(attention.Line.Constant), TLanes.Broadcast(attention.Line.PerSequence));
        (TLanes feedForwardConstant, TLanes feedForwardEach) = (TLanes.Broadcast(feedForward.Line.Constant), TLanes.Broadcast(feedForward.Line.PerSequence));
        (TLanes logitsConstant, TLanes logitsEach) = (TLanes.Broadcast(logits.Line.Constant), TLanes.Broadcast(logits.Line.PerSequence));
        (TLanes sendConstant, TLanes sendEach) = (TLanes.Broadcast(send.Constant), TLanes.Broadcast(send.PerSequence));
        TLanes attentionRepeats = TLanes.Broadcast(attention.Repeats);
        TLanes feedForwardRepeats = TLanes.Broadcast(feedForward.Repeats);
        TLanes logitsRepeats = TLanes.Broadcast(logits.Repeats);
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
            TLanes stage = TLanes.MultiplyAdd(attentionEach, sequences, attentionConstant);
            stage = TAttention.IsYes ? TLanes.MultiplyAdd(TLanes.Load(ref attentions, index), attentionRepeats, stage) : stage;
            TLanes part = TLanes.MultiplyAdd(feedForwardEach, sequences, feedForwardConstant);
            stage += TFeedForward.IsYes ? TLanes.MultiplyAdd(TLanes.Load(ref feedForwards, index), feedForwardRepeats, part) : part;
            part = TLanes.MultiplyAdd(logitsEach, sequences, logitsConstant);
            stage += TLogits.IsYes ? TLanes.MultiplyAdd(TLanes.Load(ref allLogits, index), logitsRepeats, part) : part;
            TLanes.Store(stage, ref stages, index);
            TLanes.Store(stage + TLanes.MultiplyAdd(sendEach, sequences, sendConstant), ref stepSeconds, index);
        }
    }

    /// <summary>The operators of a part that change sides, in its row: their sum where they are of one segment, else the part.</summary>
    private static LineAndRow AddMixedPart<TLanes, TCombine>(StageProgram program, ChunkFold fold, ChunkSteps steps, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        if (!fold.HasMixed(program, part))
        {
            return new LineAndRow(fold.Part(part), HasRow: false, 0);
        }

        int mixed = 0;
        int last = 0;
        for (int index = program.FirstSegment(part); index < program.EndOfSegments(part); index++)
        {
            if (fold.HasMixed(program.Segments[index]))
            {
                mixed++;
                last = index;
            }
        }

        if (mixed > 1)
        {
            Line<TLanes>(fold.Part(part), ref range.PartStart(part), range);
            AddMixed<TLanes, TCombine>(program, fold, steps, part, range);
            return new LineAndRow(0, HasRow: true, 1);
        }

        AddMixed<TLanes, TCombine>(program, fold, steps, last, ref range.PartStart(part), range);
        return new LineAndRow(fold.Part(part), HasRow: true, program.Segments[last].Repeats * range.SecondsPerByte);
    }

    /// <summary>The operators of a part that change sides in the chunk, segment by segment.</summary>
    private static void AddMixed<TLanes, TCombine>(StageProgram program, ChunkFold fold, ChunkSteps steps, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        for (int index = program.FirstSegment(part); index < program.EndOfSegments(part); index++)
        {
            if (fold.HasMixed(program.Segments[index]))
            {
                AddMixed<TLanes, TCombine>(program, fold, steps, index, ref range.SegmentSum, range);
                SegmentPasses.AddSum<TLanes>(program.Segments[index].Repeats * range.SecondsPerByte, part, isFirst: false, range);
            }
        }
    }

    /// <summary>The sum of a segment's operators that change sides in the chunk.</summary>
    private static void AddMixed<TLanes, TCombine>(StageProgram program, ChunkFold fold, ChunkSteps steps, int segment, ref double sums, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        bool startsSum = true;
        ref readonly Segment some = ref program.Segments[segment];
        foreach (int op in new SomeOperators(fold.Mixed, some.Start, some.End))
        {
            SteppedPasses.AddOperator<TLanes, TCombine>(program, steps, some, op, ref sums, startsSum, range);
            startsSum = false;
        }
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
    private readonly record struct LineAndRow(AffineInBatch Line, bool HasRow, double Repeats);
}
