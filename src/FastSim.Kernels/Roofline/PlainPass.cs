using System.Runtime.CompilerServices;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// One pass over chips side by side for a stage of plain operators and plain exchanges (<see cref="StageProgram.IsPlain"/>): from rates to seconds in registers. It calls nothing, since a
/// call would send them to memory and back.
/// </summary>
internal static class PlainPass
{
    /// <summary>Evaluates candidates, whole vectors of them.</summary>
    public static void Evaluate<TLanes, TCombine>(StageProgram program, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        bool hidesExchanges = program.HidesExchanges;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes stage = TLanes.Broadcast(0);
            TLanes spare = TLanes.Broadcast(0);
            for (StagePart part = StagePart.Attention; part <= StagePart.Logits; part++)
            {
                ReadOnlySpan<Segment> segments = program.SegmentsOf(part);
                ReadOnlySpan<ExchangeTerm> exchanges = program.ExchangesOf(part);
                if (segments.IsEmpty && exchanges.IsEmpty)
                {
                    continue;
                }

                TLanes sequences = TLanes.Load(ref range.Sequences, index);
                TLanes bytes = TLanes.Broadcast(0);
                foreach (ref readonly Segment segment in segments)
                {
                    TLanes sum = SegmentPasses.Sum<TLanes, TCombine>(program, segment, sequences, TLanes.Load(ref range.BytesPerFlopRow(segment.Rate), index));
                    bytes = TLanes.MultiplyAdd(sum, TLanes.Broadcast(segment.Repeats), bytes);
                }

                TLanes work = ExchangePasses.Work(
                    bytes, TLanes.Load(ref range.SecondsPerByteRow, index), TLanes.Load(ref range.StaticLatencyRow, index), program.OperatorRuns[(int)part]);
                TLanes exposed = TLanes.Broadcast(0);
                TLanes slowdown = TLanes.Broadcast(0);
                double highestRate = 0;
                spare = part == StagePart.Logits ? spare : spare + work;
                foreach (ref readonly ExchangeTerm exchange in exchanges)
                {
                    TLanes seconds = Seconds<TLanes>(program, exchange, range, index);
                    exposed += seconds * TLanes.Broadcast(exchange.ExposedRepeats);
                    slowdown += seconds * TLanes.Broadcast(exchange.SlowdownRepeats);
                    spare -= seconds * TLanes.Broadcast(exchange.HiddenRepeats);
                    highestRate = exchange.SlowdownRate > highestRate ? exchange.SlowdownRate : highestRate;
                }

                stage += ExchangePasses.Shown(work, exposed, slowdown, highestRate);
            }

            stage = hidesExchanges ? stage + ExchangePasses.Unhideable(spare) : stage;
            TLanes.Store(stage, ref range.StageSeconds, index);
            ReadOnlySpan<ExchangeTerm> sends = program.ExchangesOf(StagePart.Pipeline);
            TLanes.Store(sends.IsEmpty ? stage : Seconds<TLanes>(program, sends[0], range, index) + TLanes.Load(ref range.StageSeconds, index), ref range.StepSeconds, index);
        }
    }

    /// <summary>An exchange over one link.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Seconds<TLanes>(StageProgram program, in ExchangeTerm exchange, in LaneRange range, int index)
        where TLanes : struct, ILanes<TLanes>
    {
        ref LinkTerm link = ref program.Link(exchange.FirstLink);
        return ExchangePasses.FlatSeconds(
            link,
            TLanes.Load(ref range.Sequences, index),
            TLanes.Load(ref range.LinkSecondsPerByteRow(link.Tier), index),
            TLanes.Load(ref range.HopSecondsRow(link.Tier), index));
    }
}
