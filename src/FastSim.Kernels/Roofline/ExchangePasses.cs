using System.Runtime.CompilerServices;
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
        Total<TLanes>(program.HasLogits, range);
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
            OnFlatLink<TLanes>(link, isFirst, range);
        }
    }

    private static void OnFlatLink<TLanes>(in LinkTerm link, bool isFirst, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        FlatLink<TLanes> flat = new(link, range);
        ref double slowest = ref range.ExchangeSeconds;
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes seconds = flat.Seconds(index, TLanes.Load(ref range.Sequences, index));
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
            TLanes.Store(TLanes.Load(ref stage, index) + Unhideable(TLanes.Load(ref spare, index)), ref stage, index);
        }
    }

    private static void ToSeconds<TLanes>(double operatorRuns, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double scales = ref range.SecondsPerByteRow;
        ref double latencies = ref range.StaticLatencyRow;
        ref double times = ref range.PartStart(part);
        TLanes runs = TLanes.Broadcast(operatorRuns);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes.Store(Work(TLanes.Load(ref times, index), TLanes.Load(ref scales, index), TLanes.Load(ref latencies, index), runs), ref times, index);
        }
    }

    private static void AddShown<TLanes>(double highestRate, StagePart part, in LaneRange range)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double exposed = ref range.Exposed;
        ref double slowdown = ref range.Slowdown;
        ref double times = ref range.PartStart(part);
        TLanes rate = TLanes.Broadcast(highestRate);
        int count = range.Count;
        for (int index = 0; index < count; index += TLanes.Count)
        {
            TLanes.Store(Shown(TLanes.Load(ref times, index), TLanes.Load(ref exposed, index), TLanes.Load(ref slowdown, index), rate), ref times, index);
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

    /// <summary>Seconds of operators.</summary>
    /// <param name="bytes">Memory bytes that they are worth.</param>
    /// <param name="secondsPerByte">Seconds a byte takes.</param>
    /// <param name="latency">Latency of an operator.</param>
    /// <param name="operatorRuns">How many are run.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Work<TLanes>(TLanes bytes, TLanes secondsPerByte, TLanes latency, TLanes operatorRuns)
        where TLanes : struct, ILanes<TLanes> => TLanes.MultiplyAdd(bytes, secondsPerByte, latency * operatorRuns);

    /// <summary>A part with what communication shows: it takes from compute at most the highest rate's share.</summary>
    /// <param name="work">Seconds of its operators.</param>
    /// <param name="exposed">Communication that nothing hides.</param>
    /// <param name="slowdown">Compute that hidden communication takes.</param>
    /// <param name="highestRate">Seconds of compute lost per hidden second, at most.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Shown<TLanes>(TLanes work, TLanes exposed, TLanes slowdown, TLanes highestRate)
        where TLanes : struct, ILanes<TLanes> => work + exposed + TLanes.Min(slowdown, work * highestRate);

    /// <summary>What hides behind work that is not there.</summary>
    /// <param name="spare">Work of attention and feed-forward beyond what hides behind it.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static TLanes Unhideable<TLanes>(TLanes spare)
        where TLanes : struct, ILanes<TLanes> => TLanes.Max(TLanes.Broadcast(0), TLanes.Broadcast(0) - spare);
}
