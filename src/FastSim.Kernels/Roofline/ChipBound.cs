using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Lanes;
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
        int vector = width switch
        {
            LaneWidth.Bits512 => Lanes8.Count,
            LaneWidth.Bits256 => Lanes4.Count,
            LaneWidth.Bits128 => Lanes2.Count,
            _ => Lanes1.Count,
        };
        for (int start = 0; start < count; start += BoundRows.Chips)
        {
            int some = Math.Min(BoundRows.Chips, count - start);
            int whole = vector == Lanes1.Count ? 0 : some / vector * vector;
            BoundedChips all = new(chips, start, whole, largest[start..], within[start..], tokensPerRankSecond[start..]);
            switch (width)
            {
                case LaneWidth.Bits512:
                    Bound<Lanes8>(outline, limits, all);
                    break;
                case LaneWidth.Bits256:
                    Bound<Lanes4>(outline, limits, all);
                    break;
                case LaneWidth.Bits128:
                    Bound<Lanes2>(outline, limits, all);
                    break;
                default:
                    break;
            }

            Bound<Lanes1>(outline, limits, all.After(some - whole));
        }
    }

    /// <summary>Some chips and where what bounds them goes.</summary>
    private readonly ref struct BoundedChips(ChipColumns chips, int start, int count, Span<double> largest, Span<double> within, Span<double> tokensPerRankSecond)
    {
        private readonly Span<double> largest = largest;
        private readonly Span<double> within = within;
        private readonly Span<double> tokensPerRankSecond = tokensPerRankSecond;

        public ChipColumns Chips { get; } = chips;

        public int Start { get; } = start;

        public int Count { get; } = count;

        public BoundRows Rows => Chips.Bounds;

        public ref double Largest => ref First(largest);

        public ref double Within => ref First(within);

        public ref double TokensPerRankSecond => ref First(tokensPerRankSecond);

        /// <summary>Whether both memories of all of them are as large.</summary>
        public bool HaveOneCapacity => AreAlike(Chips.CapacityBytes.Slice(Start, Count)) && AreAlike(Chips.SecondCapacityBytes.Slice(Start, Count));

        /// <summary>As many as stated behind these.</summary>
        public BoundedChips After(int others) => new(Chips, Start + Count, others, largest[Count..], within[Count..], tokensPerRankSecond[Count..]);
    }

    private static bool AreAlike(ReadOnlySpan<double> bytes)
    {
        ReadOnlySpan<long> bits = MemoryMarshal.Cast<double, long>(bytes);
        return !bits.ContainsAnyExcept(bits[0]);
    }

    private static void Bound<TLanes>(ShapeOutline outline, LatencyCeiling limits, in BoundedChips chips)
        where TLanes : struct, ILanes<TLanes>
    {
        if (chips.Count == 0)
        {
            return;
        }

        BoundRows rows = chips.Rows;
        StageSums sums = outline.Sums;
        LatencyForm form = outline.Form;
        bool hasActivation = sums.HasActivation;
        Fit<TLanes>(outline, chips);
        if (outline.PromptSums is { } prompt)
        {
            SetPrompt<TLanes>(prompt, chips);
        }

        rows.SetGroups<TLanes>(sums, chips.Chips, chips.Start, chips.Count);
        rows.SetRest<TLanes>(sums, chips.Chips, includeSend: true, chips.Start, chips.Count);
        bool hasPrompt = outline.PromptSums is not null;
        TakeMost<TLanes>(outline, chips);
        for (int pass = 0; pass < (hasActivation ? ActivationPasses : 1); pass++)
        {
            if (hasActivation)
            {
                SetReadShare<TLanes>(sums, isNone: pass == 0, chips);
                TakeMost<TLanes>(outline, chips);
            }

            if (limits.PerTokenSeconds is { } perTokenLimit && !double.IsNaN(form.PerTokenPerStep))
            {
                double perSequence = hasPrompt ? form.PromptsPerToken : 0;
                TakeWithin<TLanes>(sums, perTokenLimit * RoundingRoom, form.PerTokenPerStep, 0, form.PerTokenIsLonger ? 0 : perSequence, hasActivation, chips);
                if (form.PerTokenIsLonger)
                {
                    TakeWithin<TLanes>(sums, perTokenLimit * RoundingRoom, 0, 0, perSequence, hasActivation, chips);
                }
            }

            if (limits.FirstTokenSeconds is { } firstTokenLimit && !double.IsNaN(form.FirstTokenConstant))
            {
                double perStep = form.FirstTokenPerStep + (form.FirstTokenWaitsForToken ? form.PerTokenPerStep : 0);
                double perSequence = hasPrompt && form.FirstTokenWaitsForToken ? form.PromptsPerToken : 0;
                TakeWithin<TLanes>(sums, firstTokenLimit * RoundingRoom, perStep, hasPrompt ? form.PromptsToFirstToken : 0, perSequence, hasActivation, chips);
            }

            KeepPositive<TLanes>(chips);
        }

        SetBatch<TLanes>(outline, chips);
        if (hasActivation)
        {
            SetReadShare<TLanes>(sums, isNone: false, chips);
        }

        if (form.PassIsStage)
        {
            rows.SetRest<TLanes>(sums, chips.Chips, includeSend: false, chips.Start, chips.Count);
        }

        rows.SetSeconds<TLanes>(sums, hasActivation, chips.Count);
        SetTokens<TLanes>(form, hasPrompt, chips);
    }

    private static void Fit<TLanes>(ShapeOutline outline, in BoundedChips chips)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double capacity = ref First(chips.Chips.CapacityBytes);
        ref double second = ref First(chips.Chips.SecondCapacityBytes);
        ref double largest = ref chips.Largest;
        int start = chips.Start;

        // Most sweeps vary memory slower than something else: chips side by side mostly hold as much as each other.
        if (chips.HaveOneCapacity)
        {
            TLanes all = LargestBatch(outline, TLanes.Load(ref capacity, start), TLanes.Load(ref second, start));
            for (int lane = 0; lane < chips.Count; lane += TLanes.Count)
            {
                TLanes.Store(all, ref largest, lane);
            }

            return;
        }

        for (int lane = 0; lane < chips.Count; lane += TLanes.Count)
        {
            TLanes.Store(LargestBatch(outline, TLanes.Load(ref capacity, start + lane), TLanes.Load(ref second, start + lane)), ref largest, lane);
        }
    }

    /// <summary>Seconds of one prompt's prefill, of a plan that prefills beside decoding.</summary>
    private static void SetPrompt<TLanes>(StageSums prompt, in BoundedChips chips)
        where TLanes : struct, ILanes<TLanes>
    {
        BoundRows rows = chips.Rows;
        ref double sequences = ref rows[BoundRows.Line.Sequences];
        bool hasActivation = prompt.HasActivation;
        for (int lane = 0; lane < chips.Count; lane += TLanes.Count)
        {
            TLanes.Store(TLanes.Broadcast(1), ref sequences, lane);
        }

        if (hasActivation)
        {
            SetReadShare<TLanes>(prompt, isNone: false, chips);
        }

        rows.SetGroups<TLanes>(prompt, chips.Chips, chips.Start, chips.Count);
        rows.SetRest<TLanes>(prompt, chips.Chips, includeSend: true, chips.Start, chips.Count);
        rows.SetSeconds<TLanes>(prompt, hasActivation, chips.Count);
        ref double seconds = ref rows[BoundRows.Line.Seconds];
        ref double own = ref rows[BoundRows.Line.Prompt];
        for (int lane = 0; lane < chips.Count; lane += TLanes.Count)
        {
            TLanes.Store(TLanes.Load(ref seconds, lane), ref own, lane);
        }
    }

    /// <summary>Puts at hand what fits.</summary>
    private static void TakeMost<TLanes>(ShapeOutline outline, in BoundedChips chips)
        where TLanes : struct, ILanes<TLanes>
    {
        StepLanes<TLanes> steps = new(outline.Steps);
        ref double largest = ref chips.Largest;
        ref double sequences = ref chips.Rows[BoundRows.Line.Sequences];
        for (int lane = 0; lane < chips.Count; lane += TLanes.Count)
        {
            TLanes.Store(steps.Sequences(TLanes.Load(ref largest, lane)), ref sequences, lane);
        }
    }

    /// <summary>The share of experts that the sequences at hand read, or none of them.</summary>
    private static void SetReadShare<TLanes>(StageSums sums, bool isNone, in BoundedChips chips)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double sequences = ref chips.Rows[BoundRows.Line.Sequences];
        ref double share = ref chips.Rows[BoundRows.Line.ReadShare];
        TLanes log = TLanes.Broadcast(sums.ActivationLog);
        for (int lane = 0; lane < chips.Count; lane += TLanes.Count)
        {
            TLanes.Store(isNone ? TLanes.Broadcast(0) : ReadShare.Of(log * TLanes.Load(ref sequences, lane)), ref share, lane);
        }
    }

    /// <summary>
    /// Leaves at hand at most the sequences at which <c>perStep·stage + prompts·prompt·sequences</c> reaches a limit, of which some prompts are taken first.
    /// </summary>
    private static void TakeWithin<TLanes>(
        StageSums sums, double limit, double perStep, double promptsBefore, double promptsPerSequence, bool hasActivation, in BoundedChips chips)
        where TLanes : struct, ILanes<TLanes>
    {
        bool hasPrompt = promptsBefore != 0 || promptsPerSequence != 0;
        BoundRows rows = chips.Rows;
        ref double sequencesRow = ref rows[BoundRows.Line.Sequences];
        ref double shareRow = ref rows[BoundRows.Line.ReadShare];
        ref double promptRow = ref rows[BoundRows.Line.Prompt];
        ref double exchangedConstant = ref rows[BoundRows.Line.Exchanged];
        ref double exchangedPerSequence = ref rows[BoundRows.Line.Exchanged + 1];
        (TLanes before, TLanes each) = (TLanes.Broadcast(promptsBefore), TLanes.Broadcast(promptsPerSequence));
        TLanes step = TLanes.Broadcast(perStep);
        bool hidesExchanges = sums.Links.Exchanged.Length > 0;
        bool isSum = sums.IsSum;
        for (int lane = 0; lane < chips.Count; lane += TLanes.Count)
        {
            TLanes share = hasActivation ? TLanes.Load(ref shareRow, lane) : TLanes.Broadcast(0);
            TLanes prompt = hasPrompt ? TLanes.Load(ref promptRow, lane) : TLanes.Broadcast(0);
            TLanes room = TLanes.Broadcast(limit) - (prompt * before);
            TLanes perSequence = prompt * each;
            TLanes found = SequencesOfWork(rows, room, step, perSequence, share, isSum, lane);
            found = hidesExchanges
                ? TLanes.Min(
                    found, Root(room, step, perSequence, TLanes.Load(ref exchangedConstant, lane), TLanes.Load(ref exchangedPerSequence, lane)))
                : found;
            TLanes.Store(TLanes.Min(TLanes.Load(ref sequencesRow, lane), found), ref sequencesRow, lane);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes SequencesOfWork<TLanes>(BoundRows rows, TLanes limit, TLanes perStep, TLanes perSequence, TLanes share, bool isSum, int lane)
        where TLanes : struct, ILanes<TLanes>
    {
        TLanes compute = TLanes.Load(ref rows.Of(0, BoundRows.Line.Compute), lane);
        TLanes computeSlope = TLanes.Load(ref rows.Of(0, BoundRows.Line.Compute + 1), lane);
        TLanes memory = TLanes.MultiplyAdd(TLanes.Load(ref rows.Of(0, BoundRows.Line.Memory + 2), lane), share, TLanes.Load(ref rows.Of(0, BoundRows.Line.Memory), lane));
        TLanes memorySlope = TLanes.Load(ref rows.Of(0, BoundRows.Line.Memory + 1), lane);
        TLanes otherCompute = TLanes.Load(ref rows.Of(1, BoundRows.Line.Compute), lane);
        TLanes otherComputeSlope = TLanes.Load(ref rows.Of(1, BoundRows.Line.Compute + 1), lane);
        TLanes other = TLanes.MultiplyAdd(TLanes.Load(ref rows.Of(1, BoundRows.Line.Memory + 2), lane), share, TLanes.Load(ref rows.Of(1, BoundRows.Line.Memory), lane));
        TLanes otherSlope = TLanes.Load(ref rows.Of(1, BoundRows.Line.Memory + 1), lane);
        TLanes rest = TLanes.Load(ref rows[BoundRows.Line.Rest], lane);
        TLanes restSlope = TLanes.Load(ref rows[BoundRows.Line.Rest + 1], lane);
        if (isSum)
        {
            return Root(
                limit, perStep, perSequence, compute + memory + otherCompute + other + rest, computeSlope + memorySlope + otherComputeSlope + otherSlope + restSlope);
        }

        TLanes first = TLanes.Min(
            Root(limit, perStep, perSequence, compute + otherCompute + rest, computeSlope + otherComputeSlope + restSlope),
            Root(limit, perStep, perSequence, memory + otherCompute + rest, memorySlope + otherComputeSlope + restSlope));
        TLanes second = TLanes.Min(
            Root(limit, perStep, perSequence, compute + other + rest, computeSlope + otherSlope + restSlope),
            Root(limit, perStep, perSequence, memory + other + rest, memorySlope + otherSlope + restSlope));
        return TLanes.Min(first, second);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Root<TLanes>(TLanes limit, TLanes perStep, TLanes perSequence, TLanes constant, TLanes slope)
        where TLanes : struct, ILanes<TLanes> =>
        (limit - (perStep * constant)) / (TLanes.MultiplyAdd(perStep, slope, perSequence) + TLanes.Broadcast(Tiny));

    private static void KeepPositive<TLanes>(in BoundedChips chips)
        where TLanes : struct, ILanes<TLanes>
    {
        ref double sequences = ref chips.Rows[BoundRows.Line.Sequences];
        for (int lane = 0; lane < chips.Count; lane += TLanes.Count)
        {
            TLanes.Store(TLanes.Max(TLanes.Load(ref sequences, lane), TLanes.Broadcast(0)), ref sequences, lane);
        }
    }

    /// <summary>The largest batch that fits and may meet the limits, into its results, and its sequences at hand.</summary>
    private static void SetBatch<TLanes>(ShapeOutline outline, in BoundedChips chips)
        where TLanes : struct, ILanes<TLanes>
    {
        StepLanes<TLanes> steps = new(outline.Steps);
        ref double sequences = ref chips.Rows[BoundRows.Line.Sequences];
        ref double largest = ref chips.Largest;
        ref double within = ref chips.Within;
        for (int lane = 0; lane < chips.Count; lane += TLanes.Count)
        {
            TLanes units = TLanes.Min(TLanes.Load(ref largest, lane), steps.LastWithin(TLanes.Load(ref sequences, lane) * TLanes.Broadcast(RoundingRoom)));
            TLanes.Store(units, ref within, lane);
            TLanes.Store(steps.Sequences(TLanes.Max(units, TLanes.Broadcast(1))), ref sequences, lane);
        }
    }

    private static void SetTokens<TLanes>(LatencyForm form, bool hasPrompt, in BoundedChips chips)
        where TLanes : struct, ILanes<TLanes>
    {
        BoundRows rows = chips.Rows;
        ref double sequencesRow = ref rows[BoundRows.Line.Sequences];
        ref double secondsRow = ref rows[BoundRows.Line.Seconds];
        ref double promptRow = ref rows[BoundRows.Line.Prompt];
        ref double within = ref chips.Within;
        ref double tokensRow = ref chips.TokensPerRankSecond;
        TLanes none = TLanes.Broadcast(0);
        for (int lane = 0; lane < chips.Count; lane += TLanes.Count)
        {
            TLanes batch = TLanes.Load(ref sequencesRow, lane);
            TLanes seconds = TLanes.Load(ref secondsRow, lane);
            TLanes perTokenPerSequence = hasPrompt ? TLanes.Load(ref promptRow, lane) * TLanes.Broadcast(form.PromptsPerToken) : none;
            TLanes steps = seconds * TLanes.Broadcast(form.PerTokenPerStep);
            TLanes pass = form.PassIsStage
                ? seconds
                : form.PerTokenIsLonger ? TLanes.Max(steps, perTokenPerSequence * batch) : TLanes.MultiplyAdd(perTokenPerSequence, batch, steps);
            TLanes tokens = batch * TLanes.Broadcast(form.TokensPerSequence) / pass;
            TLanes.Store(TLanes.SelectAtLeast(TLanes.Load(ref within, lane), TLanes.Broadcast(1), tokens, none), ref tokensRow, lane);
        }
    }

    /// <summary>The largest batch that fits, in units: <see cref="MemoryFootprint.LargestBatch"/> in lanes.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
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
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static TLanes Room<TLanes>(TLanes bytes, double perSequence)
        where TLanes : struct, ILanes<TLanes> => perSequence == 0
            ? TLanes.SelectAtLeast(bytes, TLanes.Broadcast(0), TLanes.Broadcast(MemoryFootprint.LargestCount * MemoryFootprint.LargestCount), TLanes.Broadcast(-1))
            : bytes / TLanes.Broadcast(perSequence);

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
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes Sequences(TLanes step) => hasSingles
            ? TLanes.SelectAtLeast(singles, step, step, (step - singles) * unit)
            : step * unit;

        /// <summary>The last step of at most some sequences, or, by a rounding of the division, the one after or before it.</summary>
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public TLanes LastWithin(TLanes sequences) => hasSingles
            ? TLanes.SelectAtLeast(sequences, unit, singles + TLanes.Floor(sequences * perUnit), TLanes.Min(singles, TLanes.Floor(sequences)))
            : TLanes.Floor(sequences * perUnit);
    }
}
