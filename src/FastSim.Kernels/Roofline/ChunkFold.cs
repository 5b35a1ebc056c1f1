using FastSim.Kernels.Launches;
using static FastSim.Kernels.Roofline.OperatorColumns;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// What a chunk of batches of one chip has in common. A time that is the longer of two affine functions of the batch is one of them over
/// the whole chunk when it is that one at both ends; such operators, and exchanges that are affine, fold into one affine function, exactly
/// but for rounding. The few that change sides inside the chunk are left to the lanes, and so are exchanges that hide behind work where it is
/// not plain over the whole chunk whether there is enough of it. Decided per chunk, whatever the lane width.
/// </summary>
internal sealed class ChunkFold
{
    private const int PartCount = 3;

    private readonly AffineInBatch[] parts = new AffineInBatch[PartCount];
    private readonly bool[] exchangesFold = new bool[PartCount];
    private readonly bool[] foldsExchanges = new bool[PartCount];
    private readonly AffineInBatch[] shown = new AffineInBatch[PartCount];
    private double fewest;
    private double most;
    private AffineInBatch hidden;
    private AffineInBatch leastMixedWork;
    private int[] mixed = [];
    private int mixedCount;

    /// <summary>Send to the next stage, when it folds.</summary>
    public AffineInBatch Send { get; private set; }

    /// <summary>Whether the send folds.</summary>
    public bool FoldsSend { get; private set; }

    /// <summary>Whether everything folds: the stage is one affine function over the chunk.</summary>
    public bool IsWhole { get; private set; }

    /// <summary>The stage, when everything folds.</summary>
    public AffineInBatch Stage { get; private set; }

    /// <summary>Whether lanes must find out what hides behind work that is not there.</summary>
    public bool TracksWork { get; private set; }

    /// <summary>Operators that change sides, in the program's order.</summary>
    public ReadOnlySpan<int> Mixed => mixed.AsSpan(0, mixedCount);

    /// <summary>What folds of a part, in seconds.</summary>
    public AffineInBatch Part(StagePart part) => parts[(int)part];

    /// <summary>Whether a part's exchanges are in what folds.</summary>
    public bool FoldsExchanges(StagePart part) => foldsExchanges[(int)part];

    /// <summary>Folds a chunk.</summary>
    /// <param name="program">The stage.</param>
    /// <param name="steps">What the chunk reaches of tables.</param>
    /// <param name="range">The chunk; its block holds one chip.</param>
    /// <param name="fewestSequences">Its smallest batch.</param>
    /// <param name="mostSequences">Its largest.</param>
    /// <param name="isFirst">Whether it is the first of the block at its rates: plain exchanges are the same line over every chunk.</param>
    public void Load(StageProgram program, ChunkSteps steps, in LaneRange range, double fewestSequences, double mostSequences, bool isFirst)
    {
        (fewest, most) = (fewestSequences, mostSequences);
        if (mixed.Length < program.Operators)
        {
            mixed = new int[program.Operators];
        }

        mixedCount = 0;
        leastMixedWork = 0;
        if (isFirst || !program.Exchanges.ArePlain)
        {
            FoldExchanges(program, range);
        }

        for (StagePart part = StagePart.Attention; part <= StagePart.Logits; part++)
        {
            parts[(int)part] = range.StaticLatency * program.OperatorRuns[(int)part];
            foreach (ref readonly Segment segment in program.SegmentsOf(part))
            {
                parts[(int)part] += FoldSegment(program, steps, segment, range, part == StagePart.Logits);
            }

            foldsExchanges[(int)part] = exchangesFold[(int)part];
        }

        FoldStage(program.HidesExchanges);
        IsWhole &= FoldsSend;
    }

    private void FoldExchanges(StageProgram program, in LaneRange range)
    {
        hidden = 0;
        for (StagePart part = StagePart.Attention; part <= StagePart.Logits; part++)
        {
            exchangesFold[(int)part] = FoldExchanges(program, part, range);
        }

        FoldSend(program, range);
    }

    /// <summary>
    /// Adds what exchanges show. Where some hide: over a whole chunk there is enough work to hide behind, operators that change sides counted at
    /// the least that they may take, and they show nothing; or none, and the stage is as long as its exchanges; or the lanes decide.
    /// </summary>
    private void FoldStage(bool hidesExchanges)
    {
        AffineInBatch work = parts[(int)StagePart.Attention] + parts[(int)StagePart.FeedForward];
        bool foldsAll = Array.TrueForAll(foldsExchanges, folds => folds);
        IsWhole = foldsAll && mixedCount == 0;
        TracksWork = hidesExchanges && !(foldsAll && IsAtMost(hidden, work + leastMixedWork));
        if (TracksWork && IsWhole && IsAtMost(work, hidden))
        {
            TracksWork = false;
            Stage = hidden + shown[(int)StagePart.Attention] + shown[(int)StagePart.FeedForward] + parts[(int)StagePart.Logits];
            return;
        }

        IsWhole &= !TracksWork;
        for (int part = 0; part < PartCount; part++)
        {
            foldsExchanges[part] &= !TracksWork;
            parts[part] += foldsExchanges[part] ? shown[part] : 0;
        }

        Stage = parts[0] + parts[1] + parts[2];
    }

    private bool IsAtMost(AffineInBatch left, AffineInBatch right) =>
        left.At(fewest) <= right.At(fewest) && left.At(most) <= right.At(most);

    private AffineInBatch FoldSegment(StageProgram program, ChunkSteps steps, in Segment segment, in LaneRange range, bool isLogits)
    {
        double scale = segment.Repeats * range.SecondsPerByte;
        double sum = 0;
        double sumEach = 0;
        AffineInBatch mixedBytes = 0;
        FewTimes times = default;
        for (int first = segment.Start; first < segment.End; first += OperatorColumns.Width)
        {
            uint folding = steps.Columns.Fold(program.Mode, first, range.BytesPerFlop(segment.Rate), fewest, most, ref times);
            int end = Math.Min(segment.End, first + OperatorColumns.Width);
            for (int op = first; op < end; op++, folding >>= 1)
            {
                if ((folding & 1) != 0)
                {
                    sum += times[op - first];
                    sumEach += times[op - first + OperatorColumns.Width];
                    continue;
                }

                mixed[mixedCount] = op;
                mixedCount++;
                bool isOneMemory = steps.Columns.Of(Quantity.IsOneMemory, op) != 0;
                mixedBytes += isOneMemory ? program.MemoryBytes(op) * steps.Columns.Of(Quantity.MemoryFactor, op) : 0;
            }
        }

        leastMixedWork += isLogits ? 0 : mixedBytes * scale;
        return new AffineInBatch(sum, sumEach) * scale;
    }

    /// <summary>Exchanges fold when each goes over one link of flat efficiency and takes nothing from compute.</summary>
    private bool FoldExchanges(StageProgram program, StagePart part, in LaneRange range)
    {
        shown[(int)part] = 0;
        foreach (ref readonly ExchangeTerm exchange in program.ExchangesOf(part))
        {
            if (exchange.SlowdownRepeats != 0 || !TrySeconds(program, exchange, range, out AffineInBatch seconds))
            {
                return false;
            }

            shown[(int)part] += seconds * exchange.ExposedRepeats;
            hidden += seconds * exchange.HiddenRepeats;
        }

        return true;
    }

    private void FoldSend(StageProgram program, in LaneRange range)
    {
        ReadOnlySpan<ExchangeTerm> sends = program.ExchangesOf(StagePart.Pipeline);
        Send = 0;
        FoldsSend = true;
        if (sends.Length > 0)
        {
            FoldsSend = TrySeconds(program, sends[0], range, out AffineInBatch seconds);
            Send = seconds;
        }
    }

    private bool TrySeconds(StageProgram program, in ExchangeTerm exchange, in LaneRange range, out AffineInBatch seconds)
    {
        ref LinkTerm link = ref program.Link(exchange.FirstLink);
        seconds = Seconds(link, range);
        return program.EndOfWays(exchange.FirstLink, exchange.EndLink) == exchange.EndLink
            && link.StepCount == 0
            && (exchange.EndLink == exchange.FirstLink + 1 || TryFastest(program, exchange, range, out seconds));
    }

    /// <summary>Of several ways the one that is the fastest at both ends of the chunk, and so all over it.</summary>
    private bool TryFastest(StageProgram program, in ExchangeTerm exchange, in LaneRange range, out AffineInBatch seconds)
    {
        AffineInBatch atMost = seconds = Seconds(program.Link(exchange.FirstLink), range);
        for (int way = exchange.FirstLink + 1; way < exchange.EndLink; way++)
        {
            AffineInBatch other = Seconds(program.Link(way), range);
            seconds = other.At(fewest) < seconds.At(fewest) ? other : seconds;
            atMost = other.At(most) < atMost.At(most) ? other : atMost;
        }

        return seconds == atMost;
    }

    private static AffineInBatch Seconds(in LinkTerm link, in LaneRange range)
    {
        double secondsPerByte = range.LinkSecondsPerByte(link.Tier) * link.InverseEfficiency;
        AffineInBatch onLink = new(
            (link.Wire.Constant * secondsPerByte) + (range.HopSeconds(link.Tier) * link.Hops), link.Wire.PerSequence * secondsPerByte);
        return link.IsByAlgorithm ? onLink + link.Own : onLink;
    }
}
