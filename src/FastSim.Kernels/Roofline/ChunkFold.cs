using System.Numerics;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

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
    private readonly AffineInBatch[] operators = new AffineInBatch[PartCount];
    private readonly bool[] exchangesFold = new bool[PartCount];
    private readonly bool[] foldsExchanges = new bool[PartCount];
    private readonly AffineInBatch[] shown = new AffineInBatch[PartCount];
    private double fewest;
    private double most;
    private AffineInBatch hidden;
    private ulong[] ofCompute = [];
    private ulong[] mixed = [];
    private bool hasMixed;

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

    /// <summary>Operators that change sides, a bit each.</summary>
    public ReadOnlySpan<ulong> Mixed => mixed;

    /// <summary>Whether an operator of a segment changes sides.</summary>
    public bool HasMixed(in Segment segment) => OperatorBits.HaveAny(mixed, segment.Start, segment.End);

    /// <summary>Whether an operator of a part does.</summary>
    public bool HasMixed(StageProgram program, StagePart part)
    {
        (int first, int end) = (program.FirstSegment(part), program.EndOfSegments(part));
        return end > first && OperatorBits.HaveAny(mixed, program.Segments[first].Start, program.Segments[end - 1].End);
    }

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
        if (isFirst)
        {
            Take(program, steps.Columns, range);
        }

        bool exchangesMayChange = !program.Exchanges.ArePlain;
        if (isFirst || exchangesMayChange)
        {
            FoldExchanges(program, range);
        }

        bool operatorsChange = FoldOperators(program, steps, range, isFirst);
        if (operatorsChange)
        {
            AddSegments(program, steps.Columns, range);
        }

        if (operatorsChange || exchangesMayChange || program.HidesExchanges)
        {
            FoldStage(program, steps, range);
        }
    }

    /// <summary>Sees to room for a stage, and says what a FLOP of its operators is worth on the block's chip.</summary>
    private void Take(StageProgram program, OperatorColumns columns, in LaneRange range)
    {
        int words = OperatorBits.WordsOf(program.Operators);
        if (mixed.Length < words)
        {
            (ofCompute, mixed) = (new ulong[words], new ulong[words]);
        }

        foreach (ref readonly Segment segment in program.Segments)
        {
            double bytesPerFlop = range.BytesPerFlop(segment.Rate);
            for (int op = segment.Start; op < segment.End; op++)
            {
                columns.Of(OperatorColumns.Quantity.BytesPerFlop, op) = bytesPerFlop;
            }
        }
    }

    /// <summary>
    /// Which operators fold: without overlap those of one step of either table; otherwise those of which the longer of compute and memory is the same at both ends. A compute time that is not
    /// affine may be the shorter one all the same. Mostly all this is as it was in the chunk before.
    /// </summary>
    /// <returns>Whether it is not.</returns>
    private bool FoldOperators(StageProgram program, ChunkSteps steps, in LaneRange range, bool isFirst)
    {
        ulong changed = isFirst ? ulong.MaxValue : 0;
        ulong someMixed = 0;
        for (int word = 0; word < OperatorBits.WordsOf(program.Operators); word++)
        {
            int start = word * OperatorBits.Width;
            (ulong atFewest, ulong atMost) = steps.Columns.Fold(program.Mode, start, program.Operators, fewest, most);
            ulong changesSides = program.Mode == ProcessingMode.NoOverlap ? ~steps.AreOneCompute(word) : (atFewest ^ atMost) | (atFewest & ~steps.AreOneCompute(word));
            ulong lanes = (changesSides | ~steps.AreOneMemory(word)) & OperatorBits.Mask(0, program.Operators - start);
            for (ulong left = lanes; left != 0; left &= left - 1)
            {
                steps.Columns.LeaveOut(start + BitOperations.TrailingZeroCount(left));
            }

            changed |= steps.Changed(word) | (atFewest ^ ofCompute[word]) | (lanes ^ mixed[word]);
            someMixed |= lanes;
            (ofCompute[word], mixed[word]) = (atFewest, lanes);
        }

        hasMixed = someMixed != 0;
        return changed != 0;
    }

    /// <summary>Adds up segments, and then parts.</summary>
    private void AddSegments(StageProgram program, OperatorColumns columns, in LaneRange range)
    {
        ReadOnlySpan<Segment> segments = program.Segments;
        double secondsPerByte = range.SecondsPerByte;
        int index = 0;
        for (StagePart part = StagePart.Attention; part <= StagePart.Logits; part++)
        {
            AffineInBatch time = range.StaticLatency * program.OperatorRuns[(int)part];
            for (int end = program.EndOfSegments(part); index < end; index++)
            {
                time += columns.Sum(segments[index]) * (segments[index].Repeats * secondsPerByte);
            }

            operators[(int)part] = time;
        }
    }

    /// <summary>What operators of attention and feed-forward that change sides take at least: their memory time, where that is one line.</summary>
    private AffineInBatch LeastMixedWork(StageProgram program, ChunkSteps steps, in LaneRange range)
    {
        AffineInBatch least = 0;
        for (int index = 0; index < program.EndOfSegments(StagePart.FeedForward); index++)
        {
            ref readonly Segment segment = ref program.Segments[index];
            AffineInBatch bytes = 0;
            foreach (int op in new SomeOperators(mixed, segment.Start, segment.End))
            {
                bytes += steps.IsOneMemory(op) ? steps.Columns.MemoryBytes(op) : 0;
            }

            least += bytes * (segment.Repeats * range.SecondsPerByte);
        }

        return least;
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
    private void FoldStage(StageProgram program, ChunkSteps steps, in LaneRange range)
    {
        AffineInBatch work = operators[(int)StagePart.Attention] + operators[(int)StagePart.FeedForward];
        bool foldsAll = exchangesFold[0] && exchangesFold[1] && exchangesFold[2];
        IsWhole = foldsAll && !hasMixed;
        TracksWork = program.HidesExchanges
            && !(foldsAll && (IsAtMost(hidden, work) || (hasMixed && IsAtMost(hidden, work + LeastMixedWork(program, steps, range)))));
        if (TracksWork && IsWhole && FoldsSend && IsAtMost(work, hidden))
        {
            TracksWork = false;
            Stage = hidden + shown[(int)StagePart.Attention] + shown[(int)StagePart.FeedForward] + operators[(int)StagePart.Logits];
            return;
        }

        IsWhole &= !TracksWork && FoldsSend;
        for (int part = 0; part < PartCount; part++)
        {
            foldsExchanges[part] = exchangesFold[part] && !TracksWork;
            parts[part] = operators[part] + (foldsExchanges[part] ? shown[part] : 0);
        }

        Stage = parts[0] + parts[1] + parts[2];
    }

    private bool IsAtMost(AffineInBatch left, AffineInBatch right) =>
        left.At(fewest) <= right.At(fewest) && left.At(most) <= right.At(most);

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
