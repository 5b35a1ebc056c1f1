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
/// Chips side by side that a stage of plain operators runs on have passes of their own (<see cref="PlainPass"/>). Elsewhere each pass is one small loop over candidates, so that the
/// compiler inlines all of it and keeps lanes in registers; a chunk of candidates passes through all of them while it lies in the first-level cache. What a chunk has in common is found
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
        if (program.IsPlain && !block.IsOneChip && width != LaneWidth.Scalar)
        {
            EvaluatePlain(program, block, count, width);
            return;
        }

        for (int start = 0; start < count; start += program.ChunkCandidates)
        {
            int stop = Math.Min(count, start + program.ChunkCandidates);
            ChunkFold? fold = block.IsOneChip ? block.Fold : null;
            if (fold is not null || program.HasSteps)
            {
                LaneRange chunk = new(block, start, stop);
                (double fewest, double most) = chunk.Ends();
                block.Steps.Load(program, fewest, most);
                fold?.Load(program, block.Steps, chunk, fewest, most);
            }

            int done = width switch
            {
                LaneWidth.Bits512 => Vectors<LanePair<Lanes8>>(program, block, fold, start, stop),
                LaneWidth.Bits256 => Vectors<LanePair<Lanes4>>(program, block, fold, start, stop),
                LaneWidth.Bits128 => Vectors<LanePair<Lanes2>>(program, block, fold, start, stop),
                _ => start,
            };
            Vectors<Lanes1>(program, block, fold, done, stop);
        }
    }

    /// <summary>Chips side by side, nothing of which depends on a chunk.</summary>
    private static void EvaluatePlain(StageProgram program, LaneBlock block, int count, LaneWidth width)
    {
        for (int start = 0; start < count; start += PlainPass.Candidates)
        {
            int stop = Math.Min(count, start + PlainPass.Candidates);
            int done = width switch
            {
                LaneWidth.Bits512 => PlainVectors<Lanes8>(program, block, start, stop),
                LaneWidth.Bits256 => PlainVectors<Lanes4>(program, block, start, stop),
                _ => PlainVectors<Lanes2>(program, block, start, stop),
            };
            Vectors<Lanes1>(program, block, fold: null, done, stop);
        }
    }

    /// <summary>Evaluates as many whole pairs of vectors as there are; returns where they end.</summary>
    private static int PlainVectors<TVector>(StageProgram program, LaneBlock block, int start, int stop)
        where TVector : struct, ILanes<TVector>
    {
        int end = start + ((stop - start) / LanePair<TVector>.Count * LanePair<TVector>.Count);
        LaneRange range = new(block, start, end);
        if (program.Mode == ProcessingMode.Roofline)
        {
            PlainPass.Evaluate<TVector, LongerOfTwo>(program, range);
        }
        else
        {
            PlainPass.Evaluate<TVector, SumOfTwo>(program, range);
        }

        return end;
    }

    /// <summary>Evaluates as many whole vectors as there are; returns where they end.</summary>
    private static int Vectors<TLanes>(StageProgram program, LaneBlock block, ChunkFold? fold, int start, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        int end = start + ((stop - start) / TLanes.Count * TLanes.Count);
        if (end > start)
        {
            LaneRange range = new(block, start, end);
            if (program.Mode == ProcessingMode.Roofline)
            {
                Passes<TLanes, LongerOfTwo>(program, fold, block.Steps, range);
            }
            else
            {
                Passes<TLanes, SumOfTwo>(program, fold, block.Steps, range);
            }
        }

        return end;
    }

    private static void Passes<TLanes, TCombine>(StageProgram program, ChunkFold? fold, ChunkSteps steps, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        if (fold is not null)
        {
            FoldedPasses.Evaluate<TLanes, TCombine>(program, fold, steps, range);
        }
        else
        {
            Parts<TLanes, TCombine>(program, steps, range);
            ExchangePasses.FinishStage<TLanes>(program, range);
        }
    }

    /// <summary>Time of each part, seconds.</summary>
    private static void Parts<TLanes, TCombine>(StageProgram program, ChunkSteps steps, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        for (StagePart part = StagePart.Attention; part <= StagePart.Logits; part++)
        {
            ReadOnlySpan<Segment> segments = program.SegmentsOf(part);
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

            // A stage may have no attention, or no feed-forward: its row holds what was there before.
            bool isEmpty = segments.Length == 0;
            if (isEmpty && part != StagePart.Logits)
            {
                ExchangePasses.Clear<TLanes>(part, range);
            }

            if (!isEmpty || part != StagePart.Logits)
            {
                ExchangePasses.FinishPart<TLanes>(program, part, range);
            }
        }
    }
}
