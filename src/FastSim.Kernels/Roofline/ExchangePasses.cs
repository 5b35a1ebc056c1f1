using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>Passes over candidates that turn a part's memory bytes into seconds and add what communication shows (docs/cost-model.md, "Communication").</summary>
internal static class ExchangePasses
{
    /// <summary>A part's seconds: its operators' bytes at the lane's rate, the latency of each, and its exchanges.</summary>
    public static void FinishPart<TLanes>(StageProgram program, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ToSeconds<TLanes>(program.OperatorRuns[(int)part], part, range);
        AddExchanges<TLanes>(program, part, program.HidesExchanges, range);
    }

    /// <summary>Adds to a part's seconds what its exchanges show, and what hidden ones take from its compute (cost model A5, B5).</summary>
    /// <param name="program">The stage.</param>
    /// <param name="part">The part; its time so far is its work.</param>
    /// <param name="tracksWork">Whether <see cref="AddUnhideable"/> follows once all parts are in.</param>
    /// <param name="range">The candidates.</param>
    public static void AddExchanges<TLanes>(StageProgram program, StagePart part, bool tracksWork, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ReadOnlySpan<ExchangeTerm> exchanges = program.ExchangesOf(part);
        double highestRate = 0;
        if (tracksWork && part != StagePart.Logits)
        {
            AddWork<TLanes>(part, range);
        }

        for (int exchange = 0; exchange < exchanges.Length; exchange++)
        {
            Slowest<TLanes>(program, exchanges[exchange], range);
            Accumulate<TLanes>(exchanges[exchange], isFirst: exchange == 0, range);
            if (tracksWork)
            {
                HideBehindWork<TLanes>(exchanges[exchange].HiddenRepeats, range);
            }

            highestRate = Math.Max(highestRate, exchanges[exchange].SlowdownRate);
        }

        if (exchanges.Length > 0)
        {
            AddShown<TLanes>(highestRate, part, range);
        }
    }

    /// <summary>No time of a part that the stage does not have.</summary>
    public static void Clear<TLanes>(StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double times = ref range.PartStart(part);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes.Store(TLanes.Broadcast(0), ref times, index);
        }
    }

    /// <summary>The stage, and the stage with the send to the next, which is never hidden.</summary>
    public static void FinishStage<TLanes>(StageProgram program, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        Total<TLanes>(hasLogits: program.OperatorRuns[(int)StagePart.Logits] != 0, range);
        if (program.HidesExchanges)
        {
            AddUnhideable<TLanes>(range);
        }

        AddSend<TLanes>(program, range);
    }

    /// <summary>The step: the stage and the send.</summary>
    public static void AddSend<TLanes>(StageProgram program, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ReadOnlySpan<ExchangeTerm> sends = program.ExchangesOf(StagePart.Pipeline);
        if (sends.Length > 0)
        {
            Slowest<TLanes>(program, sends[0], range);
        }

        AddSend<TLanes>(hasSend: sends.Length > 0, range);
    }

    /// <summary>The stage: its parts together.</summary>
    public static void Total<TLanes>(bool hasLogits, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
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
        }
    }

    /// <summary>The slowest of an exchange's links, into its own row.</summary>
    private static void Slowest<TLanes>(StageProgram program, in ExchangeTerm exchange, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        if (exchange.HasRoutes)
        {
            RoutePasses.Fastest<TLanes>(program, exchange, range);
            return;
        }

        int next;
        for (int index = exchange.FirstLink; index < exchange.EndLink; index = next)
        {
            next = program.EndOfWays(index, exchange.EndLink);
            bool isFirst = index == exchange.FirstLink;
            if (program.Link(index).IsByAlgorithm)
            {
                AlgorithmPasses.Fastest<TLanes>(program, index, next, isFirst, range);
            }
            else
            {
                Link<TLanes>(program, program.Link(index), isFirst, range);
            }
        }
    }

    private static void Link<TLanes>(StageProgram program, in LinkTerm link, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        if (link.StepCount > 0)
        {
            SteppedLink<TLanes>(link, program.LinkSteps(link), isFirst, range);
        }
        else
        {
            FlatLink<TLanes>(link.Wire.Constant, link.Wire.PerSequence, link.InverseEfficiency, link.Hops, link.Tier, isFirst, range);
        }
    }

    private static void FlatLink<TLanes>(
        double constant, double perSequence, double inverseEfficiency, double hopCount, int tier, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double batch = ref range.Sequences;
        ref double scales = ref range.LinkSecondsPerByteRow(tier);
        ref double hops = ref range.HopSecondsRow(tier);
        ref double slowest = ref range.ExchangeSeconds;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes wire = TLanes.MultiplyAdd(TLanes.Broadcast(perSequence), TLanes.Load(ref batch, index), TLanes.Broadcast(constant));
            TLanes secondsPerByte = TLanes.Load(ref scales, index) * TLanes.Broadcast(inverseEfficiency);
            TLanes latency = TLanes.Load(ref hops, index) * TLanes.Broadcast(hopCount);
            TLanes seconds = TLanes.MultiplyAdd(wire, secondsPerByte, latency);
            TLanes.Store(isFirst ? seconds : TLanes.Max(seconds, TLanes.Load(ref slowest, index)), ref slowest, index);
        }
    }

    /// <summary>The same where the link's efficiency depends on the bytes on the wire.</summary>
    private static void SteppedLink<TLanes>(in LinkTerm link, ReadOnlySpan<EfficiencyStep> steps, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double batch = ref range.Sequences;
        ref double scales = ref range.LinkSecondsPerByteRow(link.Tier);
        ref double hops = ref range.HopSecondsRow(link.Tier);
        ref double slowest = ref range.ExchangeSeconds;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes message = TLanes.MultiplyAdd(
                TLanes.Broadcast(link.Message.PerSequence), TLanes.Load(ref batch, index), TLanes.Broadcast(link.Message.Constant));
            TLanes wire = message * TLanes.Broadcast(link.WireScale) / TLanes.Broadcast(link.GroupSize);
            TLanes secondsPerByte = TLanes.Load(ref scales, index) * TLanes.Broadcast(link.InverseEfficiency) * SteppedPasses.Step(steps, wire);
            TLanes latency = TLanes.Load(ref hops, index) * TLanes.Broadcast(link.Hops);
            TLanes seconds = TLanes.MultiplyAdd(wire, secondsPerByte, latency);
            TLanes.Store(isFirst ? seconds : TLanes.Max(seconds, TLanes.Load(ref slowest, index)), ref slowest, index);
        }
    }

    private static void Accumulate<TLanes>(in ExchangeTerm exchange, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        double exposedRepeats = exchange.ExposedRepeats;
        double slowdownRepeats = exchange.SlowdownRepeats;
        ref double seconds = ref range.ExchangeSeconds;
        ref double exposed = ref range.Exposed;
        ref double slowdown = ref range.Slowdown;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes time = TLanes.Load(ref seconds, index);
            TLanes shown = time * TLanes.Broadcast(exposedRepeats);
            TLanes hidden = time * TLanes.Broadcast(slowdownRepeats);
            if (!isFirst)
            {
                shown += TLanes.Load(ref exposed, index);
                hidden += TLanes.Load(ref slowdown, index);
            }

            TLanes.Store(shown, ref exposed, index);
            TLanes.Store(hidden, ref slowdown, index);
        }
    }

    /// <summary>What hidden exchanges may hide behind: the work of attention, then of both parts.</summary>
    private static void AddWork<TLanes>(StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double times = ref range.PartStart(part);
        ref double spare = ref range.SpareWork;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes work = TLanes.Load(ref times, index);
            TLanes.Store(part == StagePart.Attention ? work : work + TLanes.Load(ref spare, index), ref spare, index);
        }
    }

    private static void HideBehindWork<TLanes>(double hiddenRepeats, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double seconds = ref range.ExchangeSeconds;
        ref double spare = ref range.SpareWork;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes hidden = TLanes.Load(ref seconds, index) * TLanes.Broadcast(hiddenRepeats);
            TLanes.Store(TLanes.Load(ref spare, index) - hidden, ref spare, index);
        }
    }

    /// <summary>The stage grows by what hides behind work that is not there (docs/cost-model.md, "Communication").</summary>
    public static void AddUnhideable<TLanes>(in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double stage = ref range.StageSeconds;
        ref double spare = ref range.SpareWork;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes missing = TLanes.Max(TLanes.Broadcast(0), TLanes.Broadcast(0) - TLanes.Load(ref spare, index));
            TLanes.Store(TLanes.Load(ref stage, index) + missing, ref stage, index);
        }
    }

    private static void ToSeconds<TLanes>(double operatorRuns, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double scales = ref range.SecondsPerByteRow;
        ref double latencies = ref range.StaticLatencyRow;
        ref double times = ref range.PartStart(part);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes latency = TLanes.Load(ref latencies, index) * TLanes.Broadcast(operatorRuns);
            TLanes.Store(TLanes.MultiplyAdd(TLanes.Load(ref times, index), TLanes.Load(ref scales, index), latency), ref times, index);
        }
    }

    private static void AddShown<TLanes>(double highestRate, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double exposed = ref range.Exposed;
        ref double slowdown = ref range.Slowdown;
        ref double times = ref range.PartStart(part);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes process = TLanes.Load(ref times, index);
            TLanes lost = TLanes.Min(TLanes.Load(ref slowdown, index), process * TLanes.Broadcast(highestRate));
            TLanes.Store(process + TLanes.Load(ref exposed, index) + lost, ref times, index);
        }
    }

    private static void AddSend<TLanes>(bool hasSend, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double stage = ref range.StageSeconds;
        ref double send = ref range.ExchangeSeconds;
        ref double step = ref range.StepSeconds;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes total = TLanes.Load(ref stage, index);
            if (hasSend)
            {
                total += TLanes.Load(ref send, index);
            }

            TLanes.Store(total, ref step, index);
        }
    }
}
