using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;

namespace FastSim.Kernels.Roofline;

/// <summary>Passes over candidates that time an exchange by the fastest of its routes: as one group, or over two levels (docs/cost-model.md, "Collectives over two levels").</summary>
internal static class RoutePasses
{
    /// <summary>The fastest route of each candidate, into the exchange's row.</summary>
    /// <param name="program">The stage.</param>
    /// <param name="exchange">The exchange.</param>
    /// <param name="range">The candidates.</param>
    public static void Fastest<TLanes>(StageProgram program, in ExchangeTerm exchange, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double fastest = ref range.ExchangeSeconds;
        int count = range.Count;
        int end = exchange.EndLink;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            int link = exchange.FirstLink;
            TLanes least = Route<TLanes>(program, ref link, end, index, range);
            while (link < end)
            {
                least = TLanes.Min(least, Route<TLanes>(program, ref link, end, index, range));
            }

            TLanes.Store(least, ref fastest, index);
        }
    }

    /// <summary>Phases one after another.</summary>
    private static TLanes Route<TLanes>(StageProgram program, ref int link, int end, int index, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sum = Phase<TLanes>(program, ref link, end, index, range);
        while (link < end && program.Link(link).Start == LinkStart.Phase)
        {
            sum += Phase<TLanes>(program, ref link, end, index, range);
        }

        return sum;
    }

    /// <summary>The slowest of legs that work at the same time.</summary>
    private static TLanes Phase<TLanes>(StageProgram program, ref int link, int end, int index, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes slowest = Leg<TLanes>(program, ref link, end, index, range);
        while (link < end && program.Link(link).Start == LinkStart.Leg)
        {
            slowest = TLanes.Max(slowest, Leg<TLanes>(program, ref link, end, index, range));
        }

        return slowest;
    }

    /// <summary>The fastest of a leg's ways.</summary>
    private static TLanes Leg<TLanes>(StageProgram program, ref int link, int end, int index, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes fastest = Seconds<TLanes>(program, program.Link(link), index, range);
        for (link++; link < end && program.Link(link).Start == LinkStart.Way; link++)
        {
            fastest = TLanes.Min(fastest, Seconds<TLanes>(program, program.Link(link), index, range));
        }

        return fastest;
    }

    private static TLanes Seconds<TLanes>(StageProgram program, in LinkTerm link, int index, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes sequences = TLanes.Load(ref range.Sequences, index);
        TLanes secondsPerByte = TLanes.Load(ref range.LinkSecondsPerByteRow(link.Tier), index) * TLanes.Broadcast(link.InverseEfficiency);
        TLanes load = TLanes.MultiplyAdd(TLanes.Broadcast(link.Wire.PerSequence), sequences, TLanes.Broadcast(link.Wire.Constant));
        ReadOnlySpan<EfficiencyStep> steps = program.LinkSteps(link);
        if (!steps.IsEmpty)
        {
            TLanes message = TLanes.MultiplyAdd(TLanes.Broadcast(link.Message.PerSequence), sequences, TLanes.Broadcast(link.Message.Constant));
            TLanes wire = message * TLanes.Broadcast(link.WireScale) / TLanes.Broadcast(link.GroupSize);
            secondsPerByte *= SteppedPasses.Step(steps, wire);
        }

        TLanes own = TLanes.MultiplyAdd(TLanes.Broadcast(link.Own.PerSequence), sequences, TLanes.Broadcast(link.Own.Constant));
        TLanes latency = TLanes.Load(ref range.HopSecondsRow(link.Tier), index);
        return TLanes.MultiplyAdd(load, secondsPerByte, TLanes.MultiplyAdd(latency, TLanes.Broadcast(link.Hops), own));
    }
}
