using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// Evaluates a stage for many candidates: the roofline of docs/cost-model.md, written once over the lane width. Times are summed in
/// units of memory bytes, <c>Σ max(flops·(memory rate / rate), bytes)</c>, so that a candidate costs one multiplication by the seconds a
/// byte takes at the end instead of a division per operator; the sum differs from the reference by rounding alone.
/// </summary>
/// <remarks>
/// Plain operators of chips side by side are one pass (<see cref="PlainOperators{TLanes, TCombine}"/>), and so is what plain exchanges make of their bytes (<see cref="StageEnd"/>).
/// Elsewhere each pass is one small loop over candidates, so that the compiler inlines all of it and keeps lanes in registers; a chunk of candidates passes through all of them while it lies
/// in the first-level cache. What a chunk has in common is found
/// out first: which steps of efficiency tables it reaches (<see cref="ChunkSteps"/>), and, of batches of one chip, what folds (<see cref="ChunkFold"/>).
/// </remarks>
public static class RooflineKernel
{
    /// <summary>Evaluates candidates into the block's results.</summary>
    /// <param name="program">The stage; its exchanges must be reachable.</param>
    /// <param name="block">Candidates: batches and rates in, seconds out.</param>
    /// <param name="count">Candidates to evaluate, from the first.</param>
    /// <param name="width">Lane width; the results do not depend on it.</param>
    /// <exception cref="ArgumentOutOfRangeException">More candidates than the block holds.</exception>
    public static void Evaluate(StageProgram program, LaneBlock block, int count, LaneWidth width)
    {
        ArgumentNullException.ThrowIfNull(program);
        ArgumentNullException.ThrowIfNull(block);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, block.Capacity);
        for (int start = 0; start < count; start += program.ChunkCandidates)
        {
            int stop = Math.Min(count, start + program.ChunkCandidates);
            ChunkFold? fold = block.IsOneChip ? block.Fold : null;
            if (fold is not null || program.HasSteps)
            {
                LaneRange chunk = new(block, start, stop);
                (double fewest, double most) = chunk.Ends();
                block.Steps.Load(program, fewest, most);
                fold?.Load(program, block.Steps, chunk, fewest, most, isFirst: start == 0);
            }

            int done = width switch
            {
                LaneWidth.Bits512 => Vectors<LanePair<Lanes8>, Lanes8>(program, block, fold, start, stop),
                LaneWidth.Bits256 => Vectors<LanePair<Lanes4>, Lanes4>(program, block, fold, start, stop),
                LaneWidth.Bits128 => Vectors<LanePair<Lanes2>, Lanes2>(program, block, fold, start, stop),
                _ => start,
            };
            Vectors<Lanes1, Lanes1>(program, block, fold, done, stop);
        }
    }

    /// <summary>Evaluates as many whole vectors as there are; returns where they end.</summary>
    private static int Vectors<TLanes, TVector>(StageProgram program, LaneBlock block, ChunkFold? fold, int start, int stop)
        where TLanes : struct, ILanes<TLanes>
        where TVector : struct, ILanes<TVector>
    {
        int end = start + ((stop - start) / TLanes.Count * TLanes.Count);
        if (end > start)
        {
            LaneRange range = new(block, start, end);
            if (program.Mode == ProcessingMode.Roofline)
            {
                Passes<TLanes, TVector, LongerOfTwo>(program, fold, block.Steps, range);
            }
            else
            {
                Passes<TLanes, TVector, SumOfTwo>(program, fold, block.Steps, range);
            }
        }

        return end;
    }

    private static void Passes<TLanes, TVector, TCombine>(StageProgram program, ChunkFold? fold, ChunkSteps steps, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TVector : struct, ILanes<TVector>
        where TCombine : struct, ICombine
    {
        if (fold is not null)
        {
            FoldedPasses.Evaluate<TLanes, TCombine>(program, fold, steps, range);
        }
        else
        {
            Parts<TLanes, TVector, TCombine>(program, steps, range);
        }
    }

    /// <summary>Parts one after another, then the stage. Lanes side by side end a stage of plain exchanges in one pass; one lane goes the many ways that every stage can go.</summary>
    private static void Parts<TLanes, TVector, TCombine>(StageProgram program, ChunkSteps steps, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TVector : struct, ILanes<TVector>
        where TCombine : struct, ICombine
    {
        bool endsAtOnce = program.Exchanges.ArePlain && TLanes.Count > Lanes1.Count;
        bool sumsAtOnce = TLanes.Count > Lanes1.Count;
        if (program.HasSteps && sumsAtOnce)
        {
            steps.ReserveTimes(program);
            SteppedPasses.FillTimes<TLanes, TCombine>(program, steps, range);
            if (program.HasMemorySteps)
            {
                SumStepped<TLanes, TCombine, Yes>(program, steps, range);
            }
            else
            {
                SumStepped<TLanes, TCombine, No>(program, steps, range);
            }
        }
        else if (!program.HasSteps)
        {
            // Two pairs at a time where registers are many: what candidates share is loaded for four vectors.
            int done = TLanes.Count == LanePair<Lanes8>.Count ? PlainOperators<LanePair<TLanes>, TCombine>.Sum(program, 0, range) : 0;
            PlainOperators<TLanes, TCombine>.Sum(program, done, range);
        }

        for (StagePart part = StagePart.Attention; part <= StagePart.Logits; part++)
        {
            if (program.HasSteps && !sumsAtOnce)
            {
                AddOperators<TLanes, TCombine>(program, steps, part, range);
            }

            if (!endsAtOnce && (part != StagePart.Logits || !program.SegmentsOf(part).IsEmpty))
            {
                ExchangePasses.FinishPart<TLanes>(program, part, range);
            }
        }

        if (endsAtOnce)
        {
            StageEnd.Add<TVector>(program, range);
        }
        else
        {
            ExchangePasses.FinishStage<TLanes>(program, range);
        }
    }

    /// <summary>All operators of a stage with steps, two pairs at a time where registers are many, as plain ones.</summary>
    private static void SumStepped<TLanes, TCombine, TMemorySteps>(StageProgram program, ChunkSteps steps, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
        where TMemorySteps : struct, IAnswer
    {
        int done = TLanes.Count == LanePair<Lanes8>.Count ? SteppedOperators<LanePair<TLanes>, TCombine, TMemorySteps>.Sum(program, steps, 0, range) : 0;
        SteppedOperators<TLanes, TCombine, TMemorySteps>.Sum(program, steps, done, range);
    }

    /// <summary>Memory bytes that a part's operators are worth.</summary>
    private static void AddOperators<TLanes, TCombine>(StageProgram program, ChunkSteps steps, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        ReadOnlySpan<Segment> segments = program.SegmentsOf(part);
        if (segments.IsEmpty && part != StagePart.Logits)
        {
            // A stage may have no attention, or no feed-forward: its row holds what was there before.
            ExchangePasses.Clear<TLanes>(part, range);
        }

        for (int index = 0; index < segments.Length; index++)
        {
            bool isFirst = index == 0;
            if (segments[index].IsPlain)
            {
                SegmentPasses.AddPlain<TLanes, TCombine>(program, segments[index], ref range.PartStart(part), isFirst, range);
            }
            else
            {
                SteppedPasses.Add<TLanes, TCombine>(program, steps, segments[index], part, isFirst, range);
            }
        }
    }
}
