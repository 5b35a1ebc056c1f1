using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// Passes over chips side by side for a stage of plain operators and plain exchanges (<see cref="StageProgram.IsPlain"/>): a segment, or the work of a part and an exchange of it, at a time,
/// so that what candidates have in common is in registers before a loop starts. Bytes and work of a part lie where the step will, which is written anyway.
/// </summary>
internal static class PlainPass
{
    /// <summary>Candidates at a time: what they bring and what comes of them stays in the first-level cache from pass to pass.</summary>
    public const int Candidates = 256;

    /// <summary>Evaluates candidates, whole pairs of vectors: operators a pair at a time, the few numbers of what follows a vector at a time.</summary>
    public static void Evaluate<TVector, TCombine>(StageProgram program, in LaneRange range)
        where TVector : struct, ILanes<TVector>
        where TCombine : struct, ICombine
    {
        StagePart last = Last(program);
        bool starts = true;
        for (StagePart part = StagePart.Attention; part <= last; part++)
        {
            ReadOnlySpan<Segment> segments = program.SegmentsOf(part);
            ReadOnlySpan<ExchangeTerm> exchanges = program.ExchangesOf(part);
            if (segments.IsEmpty && exchanges.IsEmpty && part != last)
            {
                continue;
            }

            AddBytes<TVector, TCombine>(program, segments, range);
            StageLanes<TVector> stage = new(program, starts, ends: part == last, range);
            if (exchanges.IsEmpty)
            {
                AddWork(program, part, stage, range);
            }

            double highestRate = 0;
            for (int index = 0; index < exchanges.Length; index++)
            {
                highestRate = Math.Max(highestRate, exchanges[index].SlowdownRate);
                AddExchange(program, part, index, highestRate, stage, range);
            }

            starts = false;
        }
    }

    /// <summary>The last part that takes time; the first of a stage without any.</summary>
    private static StagePart Last(StageProgram program)
    {
        StagePart part = StagePart.Logits;
        while (part > StagePart.Attention && program.SegmentsOf(part).IsEmpty && program.ExchangesOf(part).IsEmpty)
        {
            part--;
        }

        return part;
    }

    /// <summary>Bytes that a part's operators are worth.</summary>
    private static void AddBytes<TVector, TCombine>(StageProgram program, ReadOnlySpan<Segment> segments, in LaneRange range)
        where TVector : struct, ILanes<TVector>
        where TCombine : struct, ICombine
    {
        for (int index = 0; index < segments.Length; index++)
        {
            SegmentPasses.AddPlain<LanePair<TVector>, TCombine>(program, segments[index], ref range.StepSeconds, isFirst: index == 0, range);
        }

        for (int index = 0; index < range.Count && segments.IsEmpty; index += TVector.Count)
        {
            TVector.Store(TVector.Broadcast(0), ref range.StepSeconds, index);
        }
    }

    /// <summary>A part without exchanges.</summary>
    private static void AddWork<TLanes>(StageProgram program, StagePart part, in StageLanes<TLanes> stage, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        bool isSpare = part != StagePart.Logits;
        StageLanes<TLanes> lanes = stage;
        ref double bytes = ref range.StepSeconds;
        ref double scales = ref range.SecondsPerByteRow;
        ref double latencies = ref range.StaticLatencyRow;
        TLanes runs = TLanes.Broadcast(program.OperatorRuns[(int)part]);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes work = ExchangePasses.Work(TLanes.Load(ref bytes, index), TLanes.Load(ref scales, index), TLanes.Load(ref latencies, index), runs);
            TLanes spare = lanes.Spare(index);
            lanes.Add(index, work, isSpare ? spare + work : spare);
        }
    }

    private static void AddExchange<TLanes>(StageProgram program, StagePart part, int index, double highestRate, in StageLanes<TLanes> stage, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ReadOnlySpan<ExchangeTerm> exchanges = program.ExchangesOf(part);
        ref readonly ExchangeTerm exchange = ref exchanges[index];
        switch ((index == 0, index == exchanges.Length - 1))
        {
            case (true, true):
                AddExchange<TLanes, Yes, Yes>(program, part, exchange, highestRate, stage, range);
                break;
            case (true, false):
                AddExchange<TLanes, Yes, No>(program, part, exchange, highestRate, stage, range);
                break;
            case (false, true):
                AddExchange<TLanes, No, Yes>(program, part, exchange, highestRate, stage, range);
                break;
            default:
                AddExchange<TLanes, No, No>(program, part, exchange, highestRate, stage, range);
                break;
        }
    }

    /// <summary>One of a part's exchanges, with the first the part's work; with the last the part is added to the stage.</summary>
    private static void AddExchange<TLanes, TFirst, TLast>(
        StageProgram program, StagePart part, in ExchangeTerm exchange, double highestRate, in StageLanes<TLanes> stage, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TFirst : struct, IAnswer
        where TLast : struct, IAnswer
    {
        bool isSpare = part != StagePart.Logits;
        StageLanes<TLanes> lanes = stage;
        ref double works = ref range.StepSeconds;
        ref double scales = ref range.SecondsPerByteRow;
        ref double latencies = ref range.StaticLatencyRow;
        ref double exposed = ref range.Exposed;
        ref double slowdowns = ref range.Slowdown;
        FlatLink<TLanes> link = new(program.Link(exchange.FirstLink), range);
        TLanes runs = TLanes.Broadcast(program.OperatorRuns[(int)part]);
        TLanes exposedRepeats = TLanes.Broadcast(exchange.ExposedRepeats);
        TLanes slowdownRepeats = TLanes.Broadcast(exchange.SlowdownRepeats);
        TLanes hiddenRepeats = TLanes.Broadcast(exchange.HiddenRepeats);
        TLanes rate = TLanes.Broadcast(highestRate);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes seconds = link.Seconds(index);
            TLanes shown = seconds * exposedRepeats;
            TLanes slowdown = seconds * slowdownRepeats;
            TLanes work = TLanes.Load(ref works, index);
            TLanes spare;
            if (TFirst.IsYes)
            {
                work = ExchangePasses.Work(work, TLanes.Load(ref scales, index), TLanes.Load(ref latencies, index), runs);
                spare = lanes.Spare(index);
                spare = isSpare ? spare + work : spare;
            }
            else
            {
                spare = lanes.KeptSpare(index);
                shown += TLanes.Load(ref exposed, index);
                slowdown += TLanes.Load(ref slowdowns, index);
            }

            spare -= seconds * hiddenRepeats;
            if (TLast.IsYes)
            {
                lanes.Add(index, ExchangePasses.Shown(work, shown, slowdown, rate), spare);
            }
            else
            {
                lanes.KeepSpare(index, spare);
                TLanes.Store(work, ref works, index);
                TLanes.Store(shown, ref exposed, index);
                TLanes.Store(slowdown, ref slowdowns, index);
            }
        }
    }

    /// <summary>A yes or no that the compiler knows.</summary>
    private interface IAnswer
    {
        static abstract bool IsYes { get; }
    }

    private readonly struct Yes : IAnswer
    {
        public static bool IsYes => true;
    }

    private readonly struct No : IAnswer
    {
        public static bool IsYes => false;
    }
}
