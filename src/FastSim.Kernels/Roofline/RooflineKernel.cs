using FastSim.Kernels.Hardware;
using FastSim.Kernels.Operators;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// Evaluates a stage for many candidates: the roofline of docs/cost-model.md, written once over the lane width. Times are summed in
/// units of memory bytes, <c>Σ max(flops·(memory rate / rate), bytes)</c>, so that a candidate costs one multiplication by the seconds a
/// byte takes at the end instead of a division per operator; the sum differs from the reference by rounding alone.
/// </summary>
/// <remarks>
/// Each pass below is one small loop over candidates, so that the compiler inlines all of it and keeps lanes in registers; a chunk of
/// candidates passes through all of them while it lies in the first-level cache.
/// </remarks>
public static class RooflineKernel
{
    /// <summary>Candidates a chunk: eleven rows of them fit a first-level cache of 32 KiB.</summary>
    private const int ChunkCandidates = 256;

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
        for (int start = 0; start < count; start += ChunkCandidates)
        {
            int end = Math.Min(count, start + ChunkCandidates);
            int done = width switch
            {
                LaneWidth.Bits512 => Chunk<LanePair<Lanes8>>(program, block, start, end),
                LaneWidth.Bits256 => Chunk<LanePair<Lanes4>>(program, block, start, end),
                LaneWidth.Bits128 => Chunk<LanePair<Lanes2>>(program, block, start, end),
                _ => start,
            };
            if (done < end)
            {
                Chunk<Lanes1>(program, block, done, end);
            }
        }
    }

    /// <summary>Evaluates whole vectors from a start; returns where it stopped.</summary>
    private static int Chunk<TLanes>(StageProgram program, LaneBlock block, int start, int end)
        where TLanes : struct, ILanes<TLanes>
    {
        int stop = start + ((end - start) / TLanes.Count * TLanes.Count);
        if (stop == start)
        {
            return start;
        }

        LaneRange range = new(block, start, stop, program.HasSteps);
        if (program.Mode == ProcessingMode.Roofline)
        {
            Parts<TLanes, LongerOfTwo>(program, range);
        }
        else
        {
            Parts<TLanes, SumOfTwo>(program, range);
        }

        ExchangePasses.FinishStage<TLanes>(program, range);
        return stop;
    }

    /// <summary>Time of each part, seconds.</summary>
    private static void Parts<TLanes, TCombine>(StageProgram program, in LaneRange range)
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
                    SegmentPasses.AddPlain<TLanes, TCombine>(program, segments[index], part, isFirst, range);
                }
                else
                {
                    SteppedPasses.Add<TLanes, TCombine>(program, segments[index], part, isFirst, range);
                }
            }

            if (segments.Length > 0)
            {
                ExchangePasses.FinishPart<TLanes>(program, part, range);
            }
        }
    }
}
