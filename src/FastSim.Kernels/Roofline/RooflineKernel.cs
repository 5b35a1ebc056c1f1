using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Operators;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// Evaluates a stage for many candidates: the roofline of docs/cost-model.md, written once over the lane width. Times are summed in
/// units of memory bytes, <c>Σ max(flops·(memory rate / rate), bytes)</c>, so that a candidate costs one multiplication by the seconds a
/// byte takes at the end instead of a division per operator; the sum differs from the reference by rounding alone.
/// </summary>
public static class RooflineKernel
{
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
        if (program.Mode == ProcessingMode.Roofline)
        {
            Evaluate<LongerOfTwo>(program, block, count, width);
        }
        else
        {
            Evaluate<SumOfTwo>(program, block, count, width);
        }
    }

    private static void Evaluate<TCombine>(StageProgram program, LaneBlock block, int count, LaneWidth width)
        where TCombine : struct, ICombine
    {
        int done = width switch
        {
            LaneWidth.Bits512 => Sweep<LanePair<Lanes8>, TCombine>(program, block, 0, count),
            LaneWidth.Bits256 => Sweep<LanePair<Lanes4>, TCombine>(program, block, 0, count),
            LaneWidth.Bits128 => Sweep<LanePair<Lanes2>, TCombine>(program, block, 0, count),
            _ => 0,
        };
        Sweep<Lanes1, TCombine>(program, block, done, count);
    }

    /// <summary>Evaluates whole vectors from a start; returns where it stopped.</summary>
    private static int Sweep<TLanes, TCombine>(StageProgram program, LaneBlock block, int start, int end)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        int index = start;
        for (; index + TLanes.Count <= end; index += TLanes.Count)
        {
            Candidate<TLanes, TCombine>(program, block, index);
        }

        return index;
    }

    private static void Candidate<TLanes, TCombine>(StageProgram program, LaneBlock block, int index)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        TLanes sequences = Load<TLanes>(block.Sequences, index);
        TLanes secondsPerByte = Load<TLanes>(block.SecondsPerByte, index);
        TLanes attention = TLanes.Broadcast(0);
        TLanes feedForward = TLanes.Broadcast(0);
        TLanes logits = TLanes.Broadcast(0);
        foreach (ref readonly Segment segment in program.Segments)
        {
            TLanes bytesPerFlop = Load<TLanes>(block.BytesPerFlop(segment.Rate), index);
            TLanes sum = segment.IsPlain
                ? PlainSum<TLanes, TCombine>(program, segment.Start, segment.End, sequences, bytesPerFlop)
                : SteppedSum<TLanes, TCombine>(program, segment, sequences, bytesPerFlop);
            TLanes repeats = TLanes.Broadcast(segment.Repeats);
            switch (segment.Part)
            {
                case StagePart.Attention:
                    attention = TLanes.MultiplyAdd(sum, repeats, attention);
                    break;
                case StagePart.FeedForward:
                    feedForward = TLanes.MultiplyAdd(sum, repeats, feedForward);
                    break;
                default:
                    logits = TLanes.MultiplyAdd(sum, repeats, logits);
                    break;
            }
        }

        TLanes latency = Load<TLanes>(block.StaticLatency, index);
        double[] runs = program.OperatorRuns;
        attention = TLanes.MultiplyAdd(attention, secondsPerByte, latency * TLanes.Broadcast(runs[(int)StagePart.Attention]));
        feedForward = TLanes.MultiplyAdd(feedForward, secondsPerByte, latency * TLanes.Broadcast(runs[(int)StagePart.FeedForward]));
        logits = TLanes.MultiplyAdd(logits, secondsPerByte, latency * TLanes.Broadcast(runs[(int)StagePart.Logits]));
        TLanes pointToPoint = TLanes.Broadcast(0);
        if (program.Exchanges.Length > 0)
        {
            attention = WithExchanges(program, block, index, StagePart.Attention, sequences, attention);
            feedForward = WithExchanges(program, block, index, StagePart.FeedForward, sequences, feedForward);
            foreach (ref readonly ExchangeTerm exchange in program.Exchanges)
            {
                if (exchange.Part == StagePart.Pipeline)
                {
                    pointToPoint += ExchangeSeconds(program, block, index, exchange, sequences);
                }
            }
        }

        TLanes stage = attention + feedForward + logits;
        Store(stage, block.StageSeconds, index);
        Store(stage + pointToPoint, block.StepSeconds, index);
    }

    /// <summary>Σ of the longer of two affine functions: all that most operators are.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes PlainSum<TLanes, TCombine>(StageProgram program, int start, int end, TLanes sequences, TLanes bytesPerFlop)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        ref readonly double row = ref program.Coefficients.DangerousGetReferenceAt(start, 0);
        TLanes sum = TLanes.Broadcast(0);
        for (int op = start; op < end; op++)
        {
            ref double coefficients = ref Unsafe.Add(ref Unsafe.AsRef(in row), (op - start) * StageProgram.CoefficientsPerOperator);
            TLanes flops = TLanes.MultiplyAdd(
                TLanes.Broadcast(Unsafe.Add(ref coefficients, 1)), sequences, TLanes.Broadcast(coefficients));
            TLanes bytes = TLanes.MultiplyAdd(
                TLanes.Broadcast(Unsafe.Add(ref coefficients, 3)), sequences, TLanes.Broadcast(Unsafe.Add(ref coefficients, 2)));
            sum += TCombine.Of(flops * bytesPerFlop, bytes);
        }

        return sum;
    }

    /// <summary>The same where efficiency depends on an operator's size or shape, or experts are read only as tokens reach them.</summary>
    private static TLanes SteppedSum<TLanes, TCombine>(StageProgram program, in Segment segment, TLanes sequences, TLanes bytesPerFlop)
        where TLanes : struct, ILanes<TLanes>
        where TCombine : struct, ICombine
    {
        TLanes one = TLanes.Broadcast(1);
        TLanes readShare = segment.ReadsIfReached ? one - TLanes.Exp(TLanes.Broadcast(program.ActivationLog) * sequences) : one;
        TLanes sum = TLanes.Broadcast(0);
        for (int op = segment.Start; op < segment.End; op++)
        {
            ReadOnlySpan<double> coefficients = program.Coefficients.GetRowSpan(op);
            TLanes flops = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[1]), sequences, TLanes.Broadcast(coefficients[0]));
            TLanes bytes = TLanes.MultiplyAdd(TLanes.Broadcast(coefficients[3]), sequences, TLanes.Broadcast(coefficients[2]));
            if (program.ActivatedBytes[op] != 0)
            {
                bytes += TLanes.Broadcast(program.ActivatedBytes[op]) * readShare;
            }

            TLanes compute = flops * bytesPerFlop;
            if (segment.HasComputeSteps)
            {
                TLanes variable = segment.StepsByShape ? TLanes.Broadcast(program.ProductRows[op]) * sequences : flops;
                int first = program.FirstStep[op];
                compute *= Step(
                    program.Thresholds.Slice(first, program.StepCount[op]), program.Inverses.Slice(first, program.StepCount[op]), variable);
            }

            TLanes memory = bytes;
            if (segment.HasMemorySteps)
            {
                memory *= Step(program.MemoryThresholds, program.MemoryInverses, bytes) * TLanes.Broadcast(program.CacheScales[op]);
            }

            sum += TCombine.Of(compute, memory);
        }

        return sum;
    }

    /// <summary>The first step that a variable reaches, by selecting from the last upwards.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Step<TLanes>(ReadOnlySpan<double> thresholds, ReadOnlySpan<double> inverses, TLanes variable)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes inverse = TLanes.Broadcast(inverses[^1]);
        for (int step = thresholds.Length - 2; step >= 0; step--)
        {
            inverse = TLanes.SelectAtLeast(variable, TLanes.Broadcast(thresholds[step]), TLanes.Broadcast(inverses[step]), inverse);
        }

        return inverse;
    }

    /// <summary>A part's time with what its exchanges show and what hidden ones take from compute (cost model A5, B5).</summary>
    private static TLanes WithExchanges<TLanes>(
        StageProgram program, LaneBlock block, int index, StagePart part, TLanes sequences, TLanes process)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes exposed = TLanes.Broadcast(0);
        TLanes slowdown = TLanes.Broadcast(0);
        double highestRate = 0;
        foreach (ref readonly ExchangeTerm exchange in program.Exchanges)
        {
            if (exchange.Part != part)
            {
                continue;
            }

            TLanes total = ExchangeSeconds(program, block, index, exchange, sequences) * TLanes.Broadcast(exchange.Repeats);
            exposed = TLanes.MultiplyAdd(TLanes.Broadcast(1 - program.Overlap), total, exposed);
            slowdown = TLanes.MultiplyAdd(TLanes.Broadcast(program.Overlap * exchange.SlowdownRate), total, slowdown);
            highestRate = Math.Max(highestRate, exchange.SlowdownRate);
        }

        return process + exposed + TLanes.Min(slowdown, process * TLanes.Broadcast(highestRate));
    }

    private static TLanes ExchangeSeconds<TLanes>(
        StageProgram program, LaneBlock block, int index, in ExchangeTerm exchange, TLanes sequences)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes slowest = TLanes.Broadcast(0);
        foreach (ref readonly LinkTerm link in program.Links[exchange.FirstLink..exchange.EndLink])
        {
            TLanes wire = TLanes.MultiplyAdd(TLanes.Broadcast(link.WirePerSequence), sequences, TLanes.Broadcast(link.WireConstant));
            TLanes secondsPerByte = Load<TLanes>(block.LinkSecondsPerByte(link.Tier), index) * TLanes.Broadcast(link.InverseEfficiency);
            if (link.StepCount > 0)
            {
                secondsPerByte *= Step(
                    program.LinkThresholds.Slice(link.FirstStep, link.StepCount),
                    program.LinkInverses.Slice(link.FirstStep, link.StepCount),
                    wire);
            }

            TLanes hops = Load<TLanes>(block.HopSeconds(link.Tier), index) * TLanes.Broadcast(link.Hops);
            slowest = TLanes.Max(slowest, TLanes.MultiplyAdd(wire, secondsPerByte, hops));
        }

        return slowest;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Load<TLanes>(Span<double> row, int index)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load(ref MemoryMarshal.GetReference(row), index);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store<TLanes>(TLanes lanes, Span<double> row, int index)
        where TLanes : struct, ILanes<TLanes> => TLanes.Store(lanes, ref MemoryMarshal.GetReference(row), index);
}
