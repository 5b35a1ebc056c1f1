using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// Bounds one plan shape on many chips side by side: the largest batch that fits, the largest that a lower bound of its time leaves within
/// the latency limits, and a throughput that no batch exceeds. The bound is the sum of the longer of two affine functions for each of two
/// groups of operators (<see cref="StageSums"/>), so the limit's batch is the least of four closed forms (cost model B7).
/// </summary>
public static class ChipBound
{
    /// <summary>Rounding must not refuse a batch that the reference accepts.</summary>
    private const double RoundingRoom = 1 + 1e-9;

    /// <summary>Passes that tighten the share of experts read: every second one is an upper bound of the batch.</summary>
    private const int ActivationPasses = 3;

    private const double Tiny = 1e-300;

    /// <summary>Bounds a shape.</summary>
    /// <param name="outline">The shape.</param>
    /// <param name="chips">The chips.</param>
    /// <param name="count">Chips to look at, from the first.</param>
    /// <param name="limits">Latency limits of the job.</param>
    /// <param name="width">Lane width.</param>
    /// <param name="largest">Receives the largest batch that fits, in units; 0 when none does.</param>
    /// <param name="within">Receives the largest batch that may meet the limits, in units; 0 when none can.</param>
    /// <param name="tokensPerRankSecond">Receives the throughput of a rank that no batch exceeds; 0 when no batch can meet the limits.</param>
    /// <exception cref="ArgumentOutOfRangeException"><paramref name="count"/> is more than the chips, or than a span has places.</exception>
    public static void Evaluate(
        ShapeOutline outline,
        ChipColumns chips,
        int count,
        LatencyCeiling limits,
        LaneWidth width,
        Span<double> largest,
        Span<double> within,
        Span<double> tokensPerRankSecond)
    {
        ArgumentNullException.ThrowIfNull(outline);
        ArgumentNullException.ThrowIfNull(chips);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Math.Min(chips.Capacity, Math.Min(largest.Length, within.Length)));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, tokensPerRankSecond.Length);
        int done = width switch
        {
            LaneWidth.Bits512 => Vectors<Lanes8>(outline, chips, 0, count, limits, largest, within, tokensPerRankSecond),
            LaneWidth.Bits256 => Vectors<Lanes4>(outline, chips, 0, count, limits, largest, within, tokensPerRankSecond),
            LaneWidth.Bits128 => Vectors<Lanes2>(outline, chips, 0, count, limits, largest, within, tokensPerRankSecond),
            _ => 0,
        };
        Vectors<Lanes1>(outline, chips, done, count, limits, largest, within, tokensPerRankSecond);
    }

    /// <remarks>Compiled in full at once: a sweep may be over before its loops have run often enough to be compiled again.</remarks>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static int Vectors<TLanes>(
        ShapeOutline outline,
        ChipColumns chips,
        int start,
        int stop,
        LatencyCeiling limits,
        Span<double> largest,
        Span<double> within,
        Span<double> tokensPerRankSecond)
        where TLanes : struct, ILanes<TLanes>
    {
        LatencyForm form = outline.Form;
        StepLanes<TLanes> steps = new(outline.Steps);
        TLanes none = TLanes.Broadcast(0);
        TLanes one = TLanes.Broadcast(1);
        bool hasActivation = HasActivation(outline.Sums);
        int index = start;
        for (; index <= stop - TLanes.Count; index += TLanes.Count)
        {
            TLanes fit = LargestBatch(outline, TLanes.Load(ref First(chips.CapacityBytes), index), TLanes.Load(ref First(chips.SecondCapacityBytes), index));
            TLanes promptSeconds = outline.PromptSums is { } prompt ? PromptSeconds<TLanes>(prompt, chips, index) : none;
            StageLines<TLanes> lines = new(outline.Sums, chips, index, includeSend: true);
            TLanes perTokenPerSequence = promptSeconds * TLanes.Broadcast(form.PromptsPerToken);
            TLanes firstTokenConstant = promptSeconds * TLanes.Broadcast(form.PromptsToFirstToken);

            TLanes most = steps.Sequences(fit);
            TLanes sequences = most;
            for (int pass = 0; pass < (hasActivation ? ActivationPasses : 1); pass++)
            {
                TLanes share = pass == 0 ? none : ReadShare(outline.Sums, sequences);
                sequences = most;
                if (limits.PerTokenSeconds is { } perTokenLimit && !double.IsNaN(form.PerTokenPerStep))
                {
                    sequences = TLanes.Min(
                        sequences,
                        lines.SequencesWithin(
                            TLanes.Broadcast(perTokenLimit * RoundingRoom), TLanes.Broadcast(form.PerTokenPerStep), perTokenPerSequence, share));
                }

                if (limits.FirstTokenSeconds is { } firstTokenLimit && !double.IsNaN(form.FirstTokenConstant))
                {
                    double perStep = form.FirstTokenPerStep + (form.FirstTokenWaitsForToken ? form.PerTokenPerStep : 0);
                    sequences = TLanes.Min(
                        sequences,
                        lines.SequencesWithin(
                            TLanes.Broadcast(firstTokenLimit * RoundingRoom) - firstTokenConstant,
                            TLanes.Broadcast(perStep),
                            form.FirstTokenWaitsForToken ? perTokenPerSequence : none,
                            share));
                }

                sequences = TLanes.Max(sequences, none);
            }

            TLanes units = TLanes.Min(fit, steps.LastWithin(sequences * TLanes.Broadcast(RoundingRoom)));
            TLanes batch = steps.Sequences(TLanes.Max(units, one));
            TLanes readShare = hasActivation ? ReadShare(outline.Sums, batch) : none;
            TLanes pass2 = form.PassIsStage
                ? new StageLines<TLanes>(outline.Sums, chips, index, includeSend: false).Seconds(batch, readShare)
                : TLanes.MultiplyAdd(
                    perTokenPerSequence, batch, lines.Seconds(batch, readShare) * TLanes.Broadcast(form.PerTokenPerStep));
            TLanes tokens = batch * TLanes.Broadcast(form.TokensPerSequence) / pass2;
            TLanes.Store(fit, ref First(largest), index);
            TLanes.Store(units, ref First(within), index);
            TLanes.Store(TLanes.SelectAtLeast(units, one, tokens, none), ref First(tokensPerRankSecond), index);
        }

        return index;
    }

    /// <summary>The largest batch that fits, in units: <see cref="MemoryFootprint.LargestBatch"/> in lanes.</summary>
    private static TLanes LargestBatch<TLanes>(ShapeOutline outline, TLanes capacity, TLanes secondCapacity)
        where TLanes : struct, ILanes<TLanes>
    {
        MemoryFootprint memory = outline.Memory;
        TLanes none = TLanes.Broadcast(0);
        TLanes one = TLanes.Broadcast(1);
        StepLanes<TLanes> steps = new(outline.Steps);
        TLanes free = capacity - TLanes.Broadcast(memory.FirstWeightBytes);
        double cache = memory.FirstCacheBytesPerSequence;
        TLanes sequences = TLanes.Min(
            Room(free - TLanes.Broadcast(memory.FloorWorkingBytes), cache), Room(free, cache + memory.WorkingBytesPerSequence));
        bool hasSecond = memory.SecondWeightBytes + memory.SecondBytesPerSequence > 0;
        sequences = hasSecond
            ? TLanes.Min(sequences, Room(secondCapacity - TLanes.Broadcast(memory.SecondWeightBytes), memory.SecondBytesPerSequence))
            : sequences;
        TLanes units = one + steps.LastWithin(
            TLanes.Min(TLanes.Max(sequences, none), TLanes.Broadcast(MemoryFootprint.LargestCount * outline.Steps.Unit)));
        for (int step = 0; step < 2; step++)
        {
            TLanes batch = steps.Sequences(units);
            TLanes working = TLanes.Max(
                TLanes.Broadcast(memory.FloorWorkingBytes), TLanes.Broadcast(memory.WorkingBytesPerSequence) * batch);
            TLanes total = TLanes.Broadcast(memory.FirstWeightBytes) + working + (TLanes.Broadcast(cache) * batch);
            TLanes fewer = TLanes.Max(units - one, none);
            TLanes inFirst = TLanes.SelectAtLeast(capacity, total, units, fewer);
            units = hasSecond
                ? TLanes.SelectAtLeast(
                    secondCapacity,
                    TLanes.Broadcast(memory.SecondWeightBytes) + (TLanes.Broadcast(memory.SecondBytesPerSequence) * batch),
                    inFirst,
                    fewer)
                : inFirst;
        }

        // Weights that leave nothing free fit no batch, whatever the sums above made of it.
        units = TLanes.SelectAtLeast(sequences, none, units, none);
        return TLanes.Min(units, TLanes.Broadcast(outline.MostUnits));
    }

    /// <summary>Sequences that some room holds: any number of those that take none.</summary>
    private static TLanes Room<TLanes>(TLanes bytes, double perSequence)
        where TLanes : struct, ILanes<TLanes> => perSequence == 0
            ? TLanes.SelectAtLeast(bytes, TLanes.Broadcast(0), TLanes.Broadcast(MemoryFootprint.LargestCount * MemoryFootprint.LargestCount), TLanes.Broadcast(-1))
            : bytes / TLanes.Broadcast(perSequence);

    private static TLanes PromptSeconds<TLanes>(StageSums prompt, ChipColumns chips, int index)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes one = TLanes.Broadcast(1);
        return new StageLines<TLanes>(prompt, chips, index, includeSend: true).Seconds(one, HasActivation(prompt) ? ReadShare(prompt, one) : TLanes.Broadcast(0));
    }

    private static TLanes ReadShare<TLanes>(StageSums sums, TLanes sequences)
        where TLanes : struct, ILanes<TLanes> =>
        Lanes.ReadShare.Of(TLanes.Broadcast(sums.ActivationLog) * sequences);

    private static bool HasActivation(StageSums sums) => sums.ActivatedBytes(0) + sums.ActivatedBytes(1) > 0;

    private static ref double First(Span<double> row) => ref MemoryMarshal.GetReference(row);

    /// <summary><see cref="BatchSteps"/> in lanes.</summary>
    private readonly struct StepLanes<TLanes>(BatchSteps steps)
        where TLanes : struct, ILanes<TLanes>
    {
        private readonly TLanes unit = TLanes.Broadcast(steps.Unit);
        private readonly TLanes perUnit = TLanes.Broadcast(1d / steps.Unit);
        private readonly TLanes singles = TLanes.Broadcast(steps.Singles);
        private readonly bool hasSingles = steps.Singles > 0;

        /// <summary>Sequences of a rank's micro-batch at a step.</summary>
        public TLanes Sequences(TLanes step) => hasSingles
            ? TLanes.SelectAtLeast(singles, step, step, (step - singles) * unit)
            : step * unit;

        /// <summary>The last step of at most some sequences, or, by a rounding of the division, the one after or before it.</summary>
        public TLanes LastWithin(TLanes sequences) => hasSingles
            ? TLanes.SelectAtLeast(sequences, unit, singles + TLanes.Floor(sequences * perUnit), TLanes.Min(singles, TLanes.Floor(sequences)))
            : TLanes.Floor(sequences * perUnit);
    }

    /// <summary>A stage's bound on some chips: affine functions of the batch, in seconds.</summary>
    private readonly struct StageLines<TLanes>
        where TLanes : struct, ILanes<TLanes>
    {
        private readonly GroupLines<TLanes> memoryGroup;
        private readonly GroupLines<TLanes> computeGroup;
        private readonly TLanes restConstant;
        private readonly TLanes restPerSequence;
        private readonly TLanes exchangedConstant;
        private readonly TLanes exchangedPerSequence;
        private readonly bool hidesExchanges;
        private readonly bool isSum;

        public StageLines(StageSums sums, ChipColumns chips, int index, bool includeSend)
        {
            isSum = sums.IsSum;
            memoryGroup = new GroupLines<TLanes>(sums, 0, chips, index);
            computeGroup = new GroupLines<TLanes>(sums, 1, chips, index);
            restConstant = (TLanes.Load(ref First(chips.StaticLatency), index) * TLanes.Broadcast(sums.OperatorRuns)) + TLanes.Broadcast(sums.FloorSeconds);
            restPerSequence = TLanes.Broadcast(0);
            AddLinks(sums.Shown, chips, index, ref restConstant, ref restPerSequence);
            hidesExchanges = sums.Exchanged.Length > 0;
            exchangedConstant = TLanes.Broadcast(0);
            exchangedPerSequence = TLanes.Broadcast(0);
            AddLinks(sums.Exchanged, chips, index, ref exchangedConstant, ref exchangedPerSequence);
            if (includeSend)
            {
                AddLinks(sums.Send, chips, index, ref restConstant, ref restPerSequence);
                AddLinks(sums.Send, chips, index, ref exchangedConstant, ref exchangedPerSequence);
            }
        }

        /// <summary>The stage takes at least this long.</summary>
        public TLanes Seconds(TLanes sequences, TLanes readShare)
        {
            TLanes own = memoryGroup.Seconds(sequences, readShare, isSum)
                + computeGroup.Seconds(sequences, readShare, isSum)
                + TLanes.MultiplyAdd(restPerSequence, sequences, restConstant);
            return hidesExchanges ? TLanes.Max(own, TLanes.MultiplyAdd(exchangedPerSequence, sequences, exchangedConstant)) : own;
        }

        /// <summary>Sequences at which <c>perStep·stage + perSequence·sequences</c> reaches the limit, at a share of experts read.</summary>
        public TLanes SequencesWithin(TLanes limit, TLanes perStep, TLanes perSequence, TLanes readShare)
        {
            TLanes own = SequencesOfWork(limit, perStep, perSequence, readShare);
            return hidesExchanges ? TLanes.Min(own, Root(limit, perStep, perSequence, exchangedConstant, exchangedPerSequence)) : own;
        }

        private static void AddLinks(
            ReadOnlySpan<StageSums.LinkSum> links, ChipColumns chips, int index, ref TLanes constant, ref TLanes perSequence)
        {
            for (int tier = 0; tier < links.Length; tier++)
            {
                (AffineInBatch bytes, double hops) = links[tier];
                if (bytes.Constant == 0 && bytes.PerSequence == 0 && hops == 0)
                {
                    continue;
                }

                TLanes secondsPerByte = TLanes.Load(ref First(chips.LinkSecondsPerByte(tier)), index);
                TLanes hopSeconds = TLanes.Load(ref First(chips.HopSeconds(tier)), index);
                constant += (TLanes.Broadcast(bytes.Constant) * secondsPerByte) + (TLanes.Broadcast(hops) * hopSeconds);
                perSequence += TLanes.Broadcast(bytes.PerSequence) * secondsPerByte;
            }
        }

        private TLanes SequencesOfWork(TLanes limit, TLanes perStep, TLanes perSequence, TLanes readShare)
        {
            TLanes memoryConstant = memoryGroup.MemoryConstant(readShare);
            TLanes otherConstant = computeGroup.MemoryConstant(readShare);
            if (isSum)
            {
                return RestRoot(
                    limit,
                    perStep,
                    perSequence,
                    memoryGroup.ComputeConstant + memoryConstant + computeGroup.ComputeConstant + otherConstant,
                    memoryGroup.ComputePerSequence + memoryGroup.MemoryPerSequence + computeGroup.ComputePerSequence + computeGroup.MemoryPerSequence);
            }

            TLanes first = TLanes.Min(
                RestRoot(
                    limit,
                    perStep,
                    perSequence,
                    memoryGroup.ComputeConstant + computeGroup.ComputeConstant,
                    memoryGroup.ComputePerSequence + computeGroup.ComputePerSequence),
                RestRoot(
                    limit,
                    perStep,
                    perSequence,
                    memoryConstant + computeGroup.ComputeConstant,
                    memoryGroup.MemoryPerSequence + computeGroup.ComputePerSequence));
            TLanes second = TLanes.Min(
                RestRoot(
                    limit,
                    perStep,
                    perSequence,
                    memoryGroup.ComputeConstant + otherConstant,
                    memoryGroup.ComputePerSequence + computeGroup.MemoryPerSequence),
                RestRoot(
                    limit,
                    perStep,
                    perSequence,
                    memoryConstant + otherConstant,
                    memoryGroup.MemoryPerSequence + computeGroup.MemoryPerSequence));
            return TLanes.Min(first, second);
        }

        /// <summary>The same of affine work with the rest of the stage, which nothing hides.</summary>
        private TLanes RestRoot(TLanes limit, TLanes perStep, TLanes perSequence, TLanes constant, TLanes slope) =>
            Root(limit, perStep, perSequence, constant + restConstant, slope + restPerSequence);

        private static TLanes Root(TLanes limit, TLanes perStep, TLanes perSequence, TLanes constant, TLanes slope) =>
            (limit - (perStep * constant)) / (TLanes.MultiplyAdd(perStep, slope, perSequence) + TLanes.Broadcast(Tiny));
    }

    /// <summary>A group's compute and memory time, seconds.</summary>
    private readonly struct GroupLines<TLanes>
        where TLanes : struct, ILanes<TLanes>
    {
        private readonly TLanes memoryConstant;
        private readonly TLanes activated;

        public GroupLines(StageSums sums, int group, ChipColumns chips, int index)
        {
            TLanes secondsPerByte = TLanes.Load(ref First(chips.SecondsPerByte), index);
            TLanes constant = TLanes.Broadcast(0);
            TLanes perSequence = TLanes.Broadcast(0);
            for (int rate = 0; rate < StageSums.Rates; rate++)
            {
                AffineInBatch flops = sums.Flops(group, rate);
                TLanes bytesPerFlop = TLanes.Load(ref First(chips.BytesPerFlop((OperatorRate)rate)), index);
                constant += TLanes.Broadcast(flops.Constant) * bytesPerFlop;
                perSequence += TLanes.Broadcast(flops.PerSequence) * bytesPerFlop;
            }

            AffineInBatch bytes = sums.Bytes(group);
            ComputeConstant = constant * secondsPerByte;
            ComputePerSequence = perSequence * secondsPerByte;
            memoryConstant = TLanes.Broadcast(bytes.Constant) * secondsPerByte;
            MemoryPerSequence = TLanes.Broadcast(bytes.PerSequence) * secondsPerByte;
            activated = TLanes.Broadcast(sums.ActivatedBytes(group)) * secondsPerByte;
        }

        public TLanes ComputeConstant { get; }

        public TLanes ComputePerSequence { get; }

        public TLanes MemoryPerSequence { get; }

        public TLanes MemoryConstant(TLanes readShare) => TLanes.MultiplyAdd(activated, readShare, memoryConstant);

        public TLanes Seconds(TLanes sequences, TLanes readShare, bool isSum)
        {
            TLanes compute = TLanes.MultiplyAdd(ComputePerSequence, sequences, ComputeConstant);
            TLanes memory = TLanes.MultiplyAdd(MemoryPerSequence, sequences, MemoryConstant(readShare));
            return isSum ? compute + memory : TLanes.Max(compute, memory);
        }
    }
}
