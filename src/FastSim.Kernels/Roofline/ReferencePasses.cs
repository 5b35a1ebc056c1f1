using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Reference;
using static FastSim.Kernels.Roofline.ReferenceStage;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// Passes of <see cref="ReferenceLanes"/>, an operator each, over some chips that lie in the first-level cache together. Each does what <see cref="StageTime.Of"/> and
/// <see cref="TimeShares.Of"/> do for one chip, operation by operation: the order is what makes the bits.
/// </summary>
internal static class ReferencePasses
{
    private const int ChipsAtOnce = 256;

    /// <summary>Evaluates the stage on the first chips.</summary>
    public static void Evaluate(ReferenceStage stage, int count, LaneWidth width)
    {
        for (int start = 0; start < count; start += ChipsAtOnce)
        {
            int stop = Math.Min(count, start + ChipsAtOnce);
            int vectors = width switch
            {
                LaneWidth.Bits512 => Lanes8.Count,
                LaneWidth.Bits256 => Lanes4.Count,
                LaneWidth.Bits128 => Lanes2.Count,
                _ => Lanes1.Count,
            };
            int whole = start + ((stop - start) / vectors * vectors);
            switch (width)
            {
                case LaneWidth.Bits512: Evaluate<Lanes8>(stage, start, whole); break;
                case LaneWidth.Bits256: Evaluate<Lanes4>(stage, start, whole); break;
                case LaneWidth.Bits128: Evaluate<Lanes2>(stage, start, whole); break;
                default: break;
            }

            Evaluate<Lanes1>(stage, width is LaneWidth.Bits512 or LaneWidth.Bits256 or LaneWidth.Bits128 ? whole : start, stop);
        }
    }

    private static void Evaluate<TLanes>(ReferenceStage stage, int start, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        if (start >= stop)
        {
            return;
        }

        for (Sum row = Sum.Logits; row < Sum.Stage; row++)
        {
            stage.Row(row)[start..stop].Clear();
        }

        ReferenceProgram program = stage.Program;
        if (program.HasActivation)
        {
            Read<TLanes>(stage, start, stop);
        }

        Span<double> highestSlowdown = [0, 0];
        foreach (ref readonly ReferenceProgram.Term term in program.Terms)
        {
            if (!term.IsExchange)
            {
                Compute<TLanes>(stage, term, start, stop);
                continue;
            }

            Exchange<TLanes>(stage, term, start, stop);
            if (term.Part is StagePart.Attention or StagePart.FeedForward)
            {
                ref double highest = ref highestSlowdown[term.Part == StagePart.Attention ? 0 : 1];
                highest = Math.Max(highest, SlowdownRate(term));
            }
        }

        if (program.Overlap > 0)
        {
            ShowUnhideable<TLanes>(stage, start, stop);
        }

        Finish<TLanes>(stage, highestSlowdown, start, stop);
    }

    private static double SlowdownRate(in ReferenceProgram.Term term) => term.ProcessorUsage / (1 - term.ProcessorUsage);

    private static void Read<TLanes>(ReferenceStage stage, int start, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double sequences = ref First(stage.Sequences);
        ref double share = ref First(stage.Row(Sum.ReadShare));
        TLanes log = TLanes.Broadcast(stage.Program.ActivationLog);
        for (int lane = start; lane < stop; lane += TLanes.Count)
        {
            TLanes.Store(ReadShare.Of(log * TLanes.Load(ref sequences, lane)), ref share, lane);
        }
    }

    /// <summary><c>OperatorCost.Of</c>, <c>StagePartTime.AddCompute</c> and the shares.</summary>
    private static void Compute<TLanes>(ReferenceStage stage, in ReferenceProgram.Term term, int start, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double sequencesRow = ref First(stage.Sequences);
        ref double readRow = ref First(stage.Row(Sum.ReadShare));
        ref double latencyRow = ref First(stage.Row(Sum.StaticLatency));
        ref double memoryRate = ref First(stage.Row(term.ReadsCache ? Sum.CacheBytesPerSecond : Sum.MemoryBytesPerSecond));
        ref double flopRate = ref First(stage.Row(Sum.FlopsPerSecond + (int)term.Rate));

        // What is a part's goes by its repeats, the logits once; a send computes nothing. The row of the exchange is nobody's here.
        bool isOfPart = term.Part is StagePart.Attention or StagePart.FeedForward;
        ref double timeRow = ref First(isOfPart
            ? stage.Row(term.Part == StagePart.Attention ? 0 : 1, PartSum.Process)
            : stage.Row(term.Part == StagePart.Logits ? Sum.Logits : Sum.Exchange));
        ref double computeRow = ref First(stage.Row(Sum.Compute));
        ref double memoryRow = ref First(stage.Row(Sum.Memory));
        ref double workRow = ref First(stage.Row(term.Part == StagePart.Logits ? Sum.Exchange : Sum.Work));
        (TLanes flopsConstant, TLanes flopsPerSequence) = (TLanes.Broadcast(term.Flops.Constant), TLanes.Broadcast(term.Flops.PerSequence));
        (TLanes bytesConstant, TLanes bytesPerSequence) = (TLanes.Broadcast(term.Bytes.Constant), TLanes.Broadcast(term.Bytes.PerSequence));
        TLanes activated = TLanes.Broadcast(term.ActivatedBytes);
        TLanes repeats = TLanes.Broadcast(term.Repeats);
        TLanes none = TLanes.Broadcast(0);
        bool readsExperts = term.ActivatedBytes != 0;
        bool isRoofline = stage.Program.IsRoofline;
        for (int lane = start; lane < stop; lane += TLanes.Count)
        {
            TLanes sequences = TLanes.Load(ref sequencesRow, lane);
            TLanes bytes = TLanes.MultiplyAdd(bytesPerSequence, sequences, bytesConstant);
            bytes = readsExperts ? TLanes.MultiplyAdd(activated, TLanes.Load(ref readRow, lane), bytes) : bytes;
            TLanes memory = bytes / TLanes.Load(ref memoryRate, lane);
            TLanes compute = TLanes.MultiplyAdd(flopsPerSequence, sequences, flopsConstant) / TLanes.Load(ref flopRate, lane);
            TLanes process = (isRoofline ? TLanes.Max(compute, memory) : compute + memory) + TLanes.Load(ref latencyRow, lane);
            TLanes seconds = process * repeats;
            Add(ref timeRow, lane, isOfPart ? seconds : process);
            Add(ref computeRow, lane, TLanes.SelectAtLeast(memory, compute, none, seconds));
            Add(ref memoryRow, lane, TLanes.SelectAtLeast(memory, compute, seconds, none));
            Add(ref workRow, lane, seconds);
        }
    }

    /// <summary><c>ExchangeCost.Of</c>, <c>StagePartTime.AddExchange</c> and the shares.</summary>
    private static void Exchange<TLanes>(ReferenceStage stage, in ReferenceProgram.Term term, int start, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        stage.Row(Sum.Exchange)[start..stop].Clear();
        foreach (ref readonly ReferenceProgram.Leg leg in stage.Program.LegsOf(term))
        {
            Carry<TLanes>(stage, leg, start, stop);
        }

        double overlap = term.Part == StagePart.Pipeline ? 0 : stage.Program.Overlap;
        AddTo<TLanes>(stage, stage.Row(Sum.Communication), (1 - overlap) * term.Repeats, start, stop);
        AddTo<TLanes>(stage, stage.Row(Sum.HiddenOfShares), overlap * term.Repeats, start, stop);
        if (term.Part is StagePart.Logits or StagePart.Pipeline)
        {
            AddTo<TLanes>(stage, stage.Row(term.Part == StagePart.Logits ? Sum.Logits : Sum.PointToPoint), 1, start, stop);
            return;
        }

        int part = term.Part == StagePart.Attention ? 0 : 1;
        (PartSum exposedSum, PartSum hiddenSum) = term.Group switch
        {
            ExchangeGroup.TensorParallel => (PartSum.ExposedTensor, PartSum.HiddenTensor),
            ExchangeGroup.ContextParallel => (PartSum.ExposedContext, PartSum.HiddenContext),
            ExchangeGroup.SequenceParallel => (PartSum.ExposedSequence, PartSum.HiddenSequence),
            _ => (PartSum.ExposedExpert, PartSum.HiddenExpert),
        };
        ref double exchange = ref First(stage.Row(Sum.Exchange));
        ref double exposed = ref First(stage.Row(part, exposedSum));
        ref double hidden = ref First(stage.Row(part, hiddenSum));
        ref double slowdown = ref First(stage.Row(part, PartSum.Slowdown));
        (TLanes repeats, TLanes shown, TLanes share) = (TLanes.Broadcast(term.Repeats), TLanes.Broadcast(1 - overlap), TLanes.Broadcast(overlap));
        TLanes rate = TLanes.Broadcast(SlowdownRate(term));
        for (int lane = start; lane < stop; lane += TLanes.Count)
        {
            TLanes total = TLanes.Load(ref exchange, lane) * repeats;
            TLanes under = share * total;
            Add(ref exposed, lane, shown * total);
            Add(ref hidden, lane, under);
            Add(ref slowdown, lane, under * rate);
        }
    }

    /// <summary>A leg, <c>ChipRates.TransferSeconds</c>: the slowest decides.</summary>
    private static void Carry<TLanes>(ReferenceStage stage, in ReferenceProgram.Leg leg, int start, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double sequences = ref First(stage.Sequences);
        ref double exchange = ref First(stage.Row(Sum.Exchange));
        ref double link = ref First(stage.LinkBytesPerSecond(leg.Tier));
        ref double hop = ref First(stage.HopSeconds(leg.Tier));
        (TLanes constant, TLanes perSequence) = (TLanes.Broadcast(leg.Message.Constant), TLanes.Broadcast(leg.Message.PerSequence));
        (TLanes scale, TLanes size) = (TLanes.Broadcast(leg.WireScale), TLanes.Broadcast(leg.GroupSize));
        (TLanes byGroup, TLanes bySize) = (TLanes.Broadcast(leg.GroupEfficiency), TLanes.Broadcast(leg.SizeEfficiency));
        TLanes hops = TLanes.Broadcast(leg.Hops);
        for (int lane = start; lane < stop; lane += TLanes.Count)
        {
            TLanes wire = TLanes.MultiplyAdd(perSequence, TLanes.Load(ref sequences, lane), constant) * scale / size;
            TLanes bytesPerSecond = TLanes.Load(ref link, lane) * byGroup * bySize;
            TLanes seconds = (TLanes.Load(ref hop, lane) * hops) + (wire / bytesPerSecond);
            TLanes.Store(TLanes.Max(TLanes.Load(ref exchange, lane), seconds), ref exchange, lane);
        }
    }

    /// <summary>Adds the exchange at hand, times a number, to a row.</summary>
    private static void AddTo<TLanes>(ReferenceStage stage, Span<double> row, double times, int start, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double exchange = ref First(stage.Row(Sum.Exchange));
        ref double sum = ref First(row);
        TLanes factor = TLanes.Broadcast(times);
        for (int lane = start; lane < stop; lane += TLanes.Count)
        {
            Add(ref sum, lane, factor * TLanes.Load(ref exchange, lane));
        }
    }

    /// <summary>Shows what was hidden behind work that is not there, as <see cref="StageTime.Of"/> does.</summary>
    private static void ShowUnhideable<TLanes>(ReferenceStage stage, int start, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes none = TLanes.Broadcast(0);
        for (int lane = start; lane < stop; lane += TLanes.Count)
        {
            TLanes hidden = Of<TLanes>(stage, 0, PartSum.HiddenTensor, lane) + Of<TLanes>(stage, 0, PartSum.HiddenExpert, lane)
                + Of<TLanes>(stage, 1, PartSum.HiddenTensor, lane) + Of<TLanes>(stage, 1, PartSum.HiddenExpert, lane)
                + (Of<TLanes>(stage, 0, PartSum.HiddenContext, lane) + Of<TLanes>(stage, 0, PartSum.HiddenSequence, lane) + Of<TLanes>(stage, 1, PartSum.HiddenSequence, lane));
            TLanes beyond = TLanes.Max(none, hidden - (Of<TLanes>(stage, 0, PartSum.Process, lane) + Of<TLanes>(stage, 1, PartSum.Process, lane)));
            TLanes share = TLanes.SelectAtLeast(none, beyond, none, beyond / hidden);
            for (int part = 0; part < 2; part++)
            {
                for (PartSum exposed = PartSum.ExposedTensor; exposed <= PartSum.ExposedSequence; exposed++)
                {
                    PartSum own = exposed - PartSum.ExposedTensor + PartSum.HiddenTensor;
                    Add(ref First(stage.Row(part, exposed)), lane, Of<TLanes>(stage, part, own, lane) * share);
                }
            }
        }
    }

    /// <summary><see cref="StageTime.StageSeconds"/> and <see cref="StageTime.StepSeconds"/>.</summary>
    private static void Finish<TLanes>(ReferenceStage stage, ReadOnlySpan<double> highestSlowdown, int start, int stop)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double stageRow = ref First(stage.Row(Sum.Stage));
        ref double stepRow = ref First(stage.Row(Sum.Step));
        ref double logits = ref First(stage.Row(Sum.Logits));
        ref double send = ref First(stage.Row(Sum.PointToPoint));
        for (int lane = start; lane < stop; lane += TLanes.Count)
        {
            TLanes own = Total<TLanes>(stage, 0, highestSlowdown[0], lane) + Total<TLanes>(stage, 1, highestSlowdown[1], lane) + TLanes.Load(ref logits, lane);
            TLanes.Store(own, ref stageRow, lane);
            TLanes.Store(own + TLanes.Load(ref send, lane), ref stepRow, lane);
        }
    }

    /// <summary><see cref="StagePartTime.TotalSeconds"/>.</summary>
    private static TLanes Total<TLanes>(ReferenceStage stage, int part, double highestSlowdown, int lane)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes process = Of<TLanes>(stage, part, PartSum.Process, lane);
        return process + Of<TLanes>(stage, part, PartSum.ExposedTensor, lane) + Of<TLanes>(stage, part, PartSum.ExposedExpert, lane)
            + Of<TLanes>(stage, part, PartSum.ExposedContext, lane) + Of<TLanes>(stage, part, PartSum.ExposedSequence, lane)
            + TLanes.Min(Of<TLanes>(stage, part, PartSum.Slowdown, lane), process * TLanes.Broadcast(highestSlowdown));
    }

    private static TLanes Of<TLanes>(ReferenceStage stage, int part, PartSum row, int lane)
        where TLanes : struct, ILanes<TLanes> => TLanes.Load(ref First(stage.Row(part, row)), lane);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Add<TLanes>(ref double row, int lane, TLanes addend)
        where TLanes : struct, ILanes<TLanes> => TLanes.Store(TLanes.Load(ref row, lane) + addend, ref row, lane);

    private static ref double First(Span<double> row) => ref MemoryMarshal.GetReference(row);
}
