using System.Runtime.CompilerServices;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// One pass from the bytes that a stage's parts are worth to its seconds, for plain exchanges (<see cref="ExchangeTraits.ArePlain"/>): what <see cref="ExchangePasses"/> does in many, number by
/// number. What candidates have in common is in registers before the loop starts.
/// </summary>
internal static class StageEnd
{
    /// <summary>Ends a stage; its parts' bytes lie in their rows.</summary>
    public static void Add<TLanes>(StageProgram program, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        if (program.HasLogits)
        {
            Add<TLanes, Yes>(program, range);
        }
        else
        {
            Add<TLanes, No>(program, range);
        }
    }

    /// <summary>Most stages have no part of two exchanges, nor one that takes something from compute: they are spared the questions.</summary>
    private static void Add<TLanes, TLogits>(StageProgram program, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TLogits : struct, IAnswer
    {
        switch ((program.HidesExchanges, program.Exchanges.SlowDown || program.Exchanges.AreMany))
        {
            case (false, false):
                Add<TLanes, TLogits, No, No>(program, range);
                break;
            case (false, true):
                Add<TLanes, TLogits, No, Yes>(program, range);
                break;
            case (true, false):
                Add<TLanes, TLogits, Yes, No>(program, range);
                break;
            default:
                Add<TLanes, TLogits, Yes, Yes>(program, range);
                break;
        }
    }

    private static void Add<TLanes, TLogits, THides, TMore>(StageProgram program, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TLogits : struct, IAnswer
        where THides : struct, IAnswer
        where TMore : struct, IAnswer
    {
        PartEnd<TLanes> attention = new(program, StagePart.Attention, range);
        PartEnd<TLanes> feedForward = new(program, StagePart.FeedForward, range);
        PartEnd<TLanes> logits = TLogits.IsYes ? new(program, StagePart.Logits, range) : default;
        ReadOnlySpan<ExchangeTerm> sends = program.ExchangesOf(StagePart.Pipeline);
        bool hasSend = !sends.IsEmpty;
        FlatLink<TLanes> send = hasSend ? new(program.Link(sends[0].FirstLink), range) : default;
        ref double batch = ref range.Sequences;
        ref double scales = ref range.SecondsPerByteRow;
        ref double latencies = ref range.StaticLatencyRow;
        ref double stages = ref range.StageSeconds;
        ref double steps = ref range.StepSeconds;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref batch, index);
            TLanes scale = TLanes.Load(ref scales, index);
            TLanes latency = TLanes.Load(ref latencies, index);
            TLanes spare = attention.Work(index, scale, latency);
            TLanes stage = attention.Seconds<THides, TMore>(index, sequences, spare, ref spare, program, range);
            TLanes work = feedForward.Work(index, scale, latency);
            spare += work;
            stage += feedForward.Seconds<THides, TMore>(index, sequences, work, ref spare, program, range);
            if (TLogits.IsYes)
            {
                work = logits.Work(index, scale, latency);
                stage += logits.Seconds<THides, TMore>(index, sequences, work, ref spare, program, range);
            }

            stage = THides.IsYes ? stage + ExchangePasses.Unhideable(spare) : stage;
            TLanes.Store(stage, ref stages, index);
            TLanes.Store(hasSend ? stage + send.Seconds(index, sequences) : stage, ref steps, index);
        }
    }

    /// <summary>A part, vector after vector.</summary>
    private readonly ref struct PartEnd<TLanes>
        where TLanes : struct, ILanes<TLanes>
    {
        private readonly ref double bytes;
        private readonly TLanes runs;
        private readonly ReadOnlySpan<ExchangeTerm> exchanges;
        private readonly FlatLink<TLanes> link;
        private readonly TLanes exposedRepeats;
        private readonly TLanes slowdownRepeats;
        private readonly TLanes hiddenRepeats;
        private readonly TLanes rate;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public PartEnd(StageProgram program, StagePart part, in LaneRange range)
        {
            bytes = ref range.PartStart(part);
            runs = TLanes.Broadcast(program.OperatorRuns[(int)part]);
            exchanges = program.ExchangesOf(part);
            if (!exchanges.IsEmpty)
            {
                ref readonly ExchangeTerm exchange = ref exchanges[0];
                link = new(program.Link(exchange.FirstLink), range);
                exposedRepeats = TLanes.Broadcast(exchange.ExposedRepeats);
                slowdownRepeats = TLanes.Broadcast(exchange.SlowdownRepeats);
                hiddenRepeats = TLanes.Broadcast(exchange.HiddenRepeats);
                double highest = exchange.SlowdownRate;
                for (int other = 1; other < exchanges.Length; other++)
                {
                    highest = Math.Max(highest, exchanges[other].SlowdownRate);
                }

                rate = TLanes.Broadcast(highest);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Work(int index, TLanes secondsPerByte, TLanes latency) =>
            ExchangePasses.Work(TLanes.Load(ref bytes, index), secondsPerByte, latency, runs);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Seconds<THides, TMore>(int index, TLanes sequences, TLanes work, ref TLanes spare, StageProgram program, in LaneRange range)
            where THides : struct, IAnswer
            where TMore : struct, IAnswer
        {
            if (exchanges.IsEmpty)
            {
                return work;
            }

            TLanes seconds = link.Seconds(index, sequences);
            TLanes shown = seconds * exposedRepeats;
            TLanes slowdown = TMore.IsYes ? seconds * slowdownRepeats : shown;
            spare = THides.IsYes ? spare - (seconds * hiddenRepeats) : spare;
            for (int other = 1; TMore.IsYes && other < exchanges.Length; other++)
            {
                ref readonly ExchangeTerm exchange = ref exchanges[other];
                seconds = new FlatLink<TLanes>(program.Link(exchange.FirstLink), range).Seconds(index, sequences);
                shown += seconds * TLanes.Broadcast(exchange.ExposedRepeats);
                slowdown += seconds * TLanes.Broadcast(exchange.SlowdownRepeats);
                spare = THides.IsYes ? spare - (seconds * TLanes.Broadcast(exchange.HiddenRepeats)) : spare;
            }

            return TMore.IsYes ? ExchangePasses.Shown(work, shown, slowdown, rate) : work + shown;
        }
    }
}
