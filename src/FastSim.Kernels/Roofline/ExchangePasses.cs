using System.Runtime.CompilerServices;
using FastSim.Kernels.Operators;

namespace FastSim.Kernels.Roofline;

/// <summary>Passes over candidates that turn a part's memory bytes into seconds and add what communication shows (docs/cost-model.md, "Communication").</summary>
internal static class ExchangePasses
{
    /// <summary>
    /// A part's seconds: its operators' bytes at the lane's rate, the latency of each, what its exchanges show, and what hidden ones take
    /// from its compute (cost model A5, B5).
    /// </summary>
    public static void FinishPart<TLanes>(StageProgram program, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ReadOnlySpan<ExchangeTerm> exchanges = program.ExchangesOf(part);
        double operatorRuns = program.OperatorRuns[(int)part];
        ref double batch = ref range.Sequences;
        ref double scales = ref range.SecondsPerByte;
        ref double latencies = ref range.StaticLatency;
        ref double times = ref range.PartStart(part);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes latency = TLanes.Load(ref latencies, index) * TLanes.Broadcast(operatorRuns);
            TLanes process = TLanes.MultiplyAdd(TLanes.Load(ref times, index), TLanes.Load(ref scales, index), latency);
            if (exchanges.Length > 0)
            {
                TLanes sequences = TLanes.Load(ref batch, index);
                TLanes exposed = TLanes.Broadcast(0);
                TLanes slowdown = TLanes.Broadcast(0);
                double highestRate = 0;
                foreach (ref readonly ExchangeTerm exchange in exchanges)
                {
                    TLanes seconds = Seconds(program, exchange, range, index, sequences);
                    exposed = TLanes.MultiplyAdd(TLanes.Broadcast(exchange.ExposedRepeats), seconds, exposed);
                    slowdown = TLanes.MultiplyAdd(TLanes.Broadcast(exchange.SlowdownRepeats), seconds, slowdown);
                    highestRate = Math.Max(highestRate, exchange.SlowdownRate);
                }

                process += exposed + TLanes.Min(slowdown, process * TLanes.Broadcast(highestRate));
            }

            TLanes.Store(process, ref times, index);
        }
    }

    /// <summary>The stage, and the stage with the send to the next, which is never hidden.</summary>
    public static void FinishStage<TLanes>(StageProgram program, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ReadOnlySpan<ExchangeTerm> sends = program.ExchangesOf(StagePart.Pipeline);
        bool hasLogits = program.OperatorRuns[(int)StagePart.Logits] != 0;
        ref double batch = ref range.Sequences;
        ref double step = ref range.StepSeconds;
        ref double stage = ref range.StageSeconds;
        ref double attention = ref range.PartStart(StagePart.Attention);
        ref double feedForward = ref range.PartStart(StagePart.FeedForward);
        ref double logits = ref range.PartStart(StagePart.Logits);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes total = TLanes.Load(ref attention, index) + TLanes.Load(ref feedForward, index);
            if (hasLogits)
            {
                total += TLanes.Load(ref logits, index);
            }

            TLanes.Store(total, ref stage, index);
            if (sends.Length > 0)
            {
                total += Seconds(program, sends[0], range, index, TLanes.Load(ref batch, index));
            }

            TLanes.Store(total, ref step, index);
        }
    }

    /// <summary>The slowest of an exchange's links.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Seconds<TLanes>(StageProgram program, in ExchangeTerm exchange, in LaneRange range, int index, TLanes sequences)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes slowest = TLanes.Broadcast(0);
        for (int number = exchange.FirstLink; number < exchange.EndLink; number++)
        {
            ref LinkTerm link = ref program.Link(number);
            TLanes wire = TLanes.MultiplyAdd(TLanes.Broadcast(link.WirePerSequence), sequences, TLanes.Broadcast(link.WireConstant));
            TLanes secondsPerByte = TLanes.Load(ref range.LinkSecondsPerByte(link.Tier), index) * TLanes.Broadcast(link.InverseEfficiency);
            if (link.StepCount > 0)
            {
                secondsPerByte *= SegmentPasses.Step(program.LinkSteps(link), wire);
            }

            TLanes hops = TLanes.Load(ref range.HopSeconds(link.Tier), index) * TLanes.Broadcast(link.Hops);
            slowest = TLanes.Max(slowest, TLanes.MultiplyAdd(wire, secondsPerByte, hops));
        }

        return slowest;
    }
}
