using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Networks;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// A stage as the kernel runs it: the operator table sorted into segments of one part, rate and repeat count, coefficients next to each
/// other, efficiency tables as steps. Holds what candidates share; a <see cref="LaneBlock"/> holds what differs between them. An
/// instance takes one stage after another without allocating.
/// </summary>
public sealed class StageProgram
{
    /// <summary>From one coefficient of an operator to the next: each stands side by side as often as the widest lanes load it.</summary>
    internal const int NextCoefficient = LaneWidths.Copies;

    /// <summary>From one operator's coefficients to the next operator's.</summary>
    internal const int NextOperator = 4 * NextCoefficient;

    private const int PlainChunk = 512;
    private const int SteppedChunk = 256;
    private const int PartCount = 4;
    private const int RateCount = 3;

    private readonly int[] firstSegment = new int[PartCount + 1];
    private readonly int[] firstExchange = new int[PartCount + 1];
    private Segment[] segments = [];
    private ExchangeTerm[] exchanges = [];
    private LinkTerm[] links = [];
    private double[] coefficients = [];
    private int firstCoefficient;
    private double[] activatedBytes = [];
    private double[] productRows = [];
    private double[] cacheScales = [];
    private int[] firstStep = [];
    private EfficiencyStep[] steps = [];
    private int[] learned = [];
    private OperatorCurves? curves;
    private EfficiencyStep[] memorySteps = [];
    private EfficiencyStep[] linkSteps = [];
    private int memoryStepCount;
    private int linkCount;

    /// <summary>
    /// Candidates that pass through the kernel at a time: few enough for the first-level cache, enough to share what is decided per chunk.
    /// Where efficiencies have steps a shorter chunk crosses fewer of them.
    /// </summary>
    internal int ChunkCandidates { get; private set; }

    /// <summary>Stages taken so far: what was found out about one does not hold for the next.</summary>
    internal int Loads { get; private set; }

    /// <summary>Whether some segment is not plain.</summary>
    internal bool HasSteps { get; private set; }

    /// <summary>Whether the memory's efficiency has steps.</summary>
    internal bool HasMemorySteps { get; private set; }

    /// <summary>Whether thresholds of the memory's efficiency fall from step to step.</summary>
    internal bool MemoryStepsFall { get; private set; }

    /// <summary>What its exchanges are like.</summary>
    internal ExchangeTraits Exchanges { get; private set; }

    /// <summary>Compute operators.</summary>
    public int Operators { get; private set; }

    /// <summary>Whether the network reaches across every exchange; the kernel may run only then.</summary>
    public bool IsReachable { get; private set; }

    /// <summary>Whether exchanges of attention or feed-forward hide behind their work, as far as there is some.</summary>
    internal bool HidesExchanges { get; private set; }

    /// <summary>How compute and memory time combine.</summary>
    internal ProcessingMode Mode { get; private set; }

    /// <summary>Logarithm of the chance that an expert stays unread, per sequence.</summary>
    internal double ActivationLog { get; private set; }

    /// <summary>Operators that the stage runs, repeats counted, by part: each adds the static latency.</summary>
    internal double[] OperatorRuns { get; } = new double[PartCount];

    /// <summary>Whether the stage ends in logits: a learned time has no run of its own, but counts.</summary>
    internal bool HasLogits => !SegmentsOf(StagePart.Logits).IsEmpty;

    /// <summary>Bytes of experts that are read as tokens reach them, by operator.</summary>
    internal ReadOnlySpan<double> ActivatedBytes => activatedBytes;

    /// <summary>Rows of an operator's product per sequence; negative infinity, which reaches a free row alone, where it is none.</summary>
    internal ReadOnlySpan<double> ProductRows => productRows;

    /// <summary>One over the cache coefficient where an operator reads the cache, else 1.</summary>
    internal ReadOnlySpan<double> CacheScales => cacheScales;

    /// <summary>Steps of the memory's efficiency, in bytes.</summary>
    internal ReadOnlySpan<EfficiencyStep> MemorySteps => memorySteps.AsSpan(0, memoryStepCount);

    /// <summary>Takes a stage.</summary>
    /// <param name="table">Its operators.</param>
    /// <param name="rates">A chip; tables, network shape and processing mode are taken from it, rates are the lanes'.</param>
    public void Load(OperatorTable table, ChipRates rates)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        Loads++;
        Reserve(table, rates);
        Mode = rates.Chip.Mode;
        curves = table.Curves;
        ActivationLog = table.ActivationLog;
        IsReachable = StageTime.IsReachable(table, rates);
        HasMemorySteps = !rates.MemoryTable.IsFlat;
        MemoryStepsFall = rates.MemoryTable.ThresholdsFall;
        memoryStepCount = rates.MemoryTable.Steps(double.NaN, double.NaN, memorySteps);
        Operators = 0;
        Span<int> stepsUsed = [0];
        int segmentCount = 0;
        int present = Present(table);

        // Sorted by part, then rate, then repeats: a candidate's sum runs in this order at every width.
        for (int part = 0; part < PartCount; part++)
        {
            firstSegment[part] = segmentCount;
            OperatorRuns[part] = 0;
            for (int rate = 0; rate < RateCount; rate++)
            {
                if ((present & BitOf(part, rate)) != 0)
                {
                    AddSegments(table, rates, (StagePart)part, (OperatorRate)rate, ref segmentCount, stepsUsed);
                }
            }
        }

        firstSegment[PartCount] = segmentCount;
        HasSteps = false;
        foreach (ref readonly Segment segment in segments.AsSpan(0, segmentCount))
        {
            HasSteps |= !segment.IsPlain;
        }

        ChunkCandidates = HasSteps ? SteppedChunk : PlainChunk;
        Array.Clear(firstExchange);
        if (IsReachable)
        {
            AddExchanges(table, rates);
        }

        Exchanges = ExchangeTraits.Of(this);
        HidesExchanges = rates.Chip.CommunicationOverlap > 0 && firstExchange[(int)StagePart.Logits] > 0;
    }

    /// <summary>Segments of a part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReadOnlySpan<Segment> SegmentsOf(StagePart part) =>
        Some(segments, firstSegment[(int)part], firstSegment[(int)part + 1]);

    /// <summary>First segment of a part.</summary>
    internal int FirstSegment(StagePart part) => firstSegment[(int)part];

    /// <summary>One past the last segment of a part.</summary>
    internal int EndOfSegments(StagePart part) => firstSegment[(int)part + 1];

    /// <summary>All segments.</summary>
    internal ReadOnlySpan<Segment> Segments => Some(segments, 0, firstSegment[PartCount]);

    /// <summary>Exchanges of a part.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ReadOnlySpan<ExchangeTerm> ExchangesOf(StagePart part) =>
        Some(exchanges, firstExchange[(int)part], firstExchange[(int)part + 1]);

    /// <summary>One past the last segment of each part.</summary>
    internal ref int EndsOfSegments => ref firstSegment[1];

    /// <summary>One past the last of the links that are ways of one leg.</summary>
    internal int EndOfWays(int first, int end)
    {
        int next = first + 1;
        while (next < end && Link(next).Start == LinkStart.Way)
        {
            next++;
        }

        return next;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    internal ref LinkTerm Link(int index) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(links), index);

    /// <summary>FLOP constant and per sequence, bytes constant and per sequence of an operator, <see cref="NextCoefficient"/> apart.</summary>
    internal ref double Row(int op) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(coefficients), firstCoefficient + (op * NextOperator));

    /// <summary>FLOP of an operator.</summary>
    internal AffineInBatch Flops(int op) => Coefficients(op, 0);

    /// <summary>Bytes of an operator, those of experts that are read as tokens reach them aside.</summary>
    internal AffineInBatch MemoryBytes(int op) => Coefficients(op, 2);

    /// <summary>Steps of an operator's compute efficiency.</summary>
    internal ReadOnlySpan<EfficiencyStep> Steps(int op) => steps.AsSpan(firstStep[op], firstStep[op + 1] - firstStep[op]);

    /// <summary>Whether some operator's time is learned.</summary>
    internal bool HasLearned => curves is not null;

    /// <summary>Whether an operator's time is learned.</summary>
    internal bool IsLearned(int op) => learned[op] >= 0;

    /// <summary>Learned slowdowns of an operator, by the points of the batch grid.</summary>
    internal ReadOnlySpan<double> Slowdowns(int op) => curves!.Slowdowns(learned[op]);

    /// <summary>Steps of a tier's size efficiency, in bytes on the wire.</summary>
    internal ReadOnlySpan<EfficiencyStep> LinkSteps(in LinkTerm link) => linkSteps.AsSpan(link.FirstStep, link.StepCount);

    private void Reserve(OperatorTable table, ChipRates rates)
    {
        int rows = 0;
        foreach (EfficiencyTable compute in rates.ComputeTables)
        {
            rows = Math.Max(rows, compute.Rows);
        }

        int linkRows = 0;
        foreach (EfficiencyTable sizes in rates.LinkTables)
        {
            linkRows += sizes.Rows + 1;
        }

        Grow(ref segments, table.Count);
        Grow(ref exchanges, table.Count);
        Grow(ref links, table.Count * rates.Chip.Networks.Count * AlgorithmChoice.MostWays);
        if (coefficients.Length < (table.Count * NextOperator) + LaneWidths.Copies)
        {
            (coefficients, firstCoefficient) = AlignedCells.Of(table.Count * NextOperator);
        }

        Grow(ref activatedBytes, table.Count);
        Grow(ref productRows, table.Count);
        Grow(ref cacheScales, table.Count);
        Grow(ref firstStep, table.Count + 1);
        Grow(ref learned, table.Count);
        Grow(ref steps, table.Count * (rows + 1));
        Grow(ref memorySteps, rates.MemoryTable.Rows + 1);
        Grow(ref linkSteps, linkRows);
    }

    /// <summary>Cells of an array that was filled that far: no check is left in the kernel's loop.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ReadOnlySpan<T> Some<T>(T[] array, int first, int end) =>
        MemoryMarshal.CreateReadOnlySpan(ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(array), first), end - first);

    private AffineInBatch Coefficients(int op, int first)
    {
        ref double row = ref Row(op);
        return new AffineInBatch(Unsafe.Add(ref row, first * NextCoefficient), Unsafe.Add(ref row, (first + 1) * NextCoefficient));
    }

    private static void Grow<T>(ref T[] array, int length)
    {
        if (array.Length < length)
        {
            array = new T[length];
        }
    }

    private void AddSegments(
        OperatorTable table, ChipRates rates, StagePart part, OperatorRate rate, ref int segmentCount, Span<int> stepsUsed)
    {
        EfficiencyTable compute = rates.ComputeTables[(int)rate];
        double last = double.NegativeInfinity;
        while (NextRepeats(table, part, rate, last) is var repeats && !double.IsPositiveInfinity(repeats))
        {
            int start = Operators;
            bool readsIfReached = false;
            bool hasLearned = false;
            for (int op = 0; op < table.Count; op++)
            {
                if (table.Repeats[op] == repeats && Belongs(table.Identities[op], part, rate))
                {
                    AddOperator(table, rates, compute, op, stepsUsed);
                    readsIfReached |= table.ActivatedBytes[op] != 0;
                    hasLearned |= IsLearned(Operators - 1);
                    OperatorRuns[(int)part] += IsLearned(Operators - 1) ? 0 : repeats;
                }
            }

            segments[segmentCount] = new Segment(
                start,
                Operators,
                rate,
                repeats,
                readsIfReached,
                !compute.IsFlat,
                compute.IsByShape,
                compute.ThresholdsFall,
                !rates.MemoryTable.IsFlat,
                compute.IsFlat && rates.MemoryTable.IsFlat && !readsIfReached && !hasLearned);
            segmentCount++;
            last = repeats;
        }
    }

    /// <summary>Parts and rates that compute operators have, a bit each pair: most pairs have none.</summary>
    private static int Present(OperatorTable table)
    {
        int present = 0;
        for (int op = 0; op < table.Count; op++)
        {
            ref readonly OperatorIdentity identity = ref table.Identities[op];
            present |= identity.Engine == OperatorEngine.Network ? 0 : BitOf((int)identity.Part, (int)identity.Rate);
        }

        return present;
    }

    private static int BitOf(int part, int rate) => 1 << ((part * RateCount) + rate);

    private static bool Belongs(in OperatorIdentity identity, StagePart part, OperatorRate rate) =>
        identity.Part == part && identity.Rate == rate && identity.Engine != OperatorEngine.Network;

    /// <summary>The smallest repeat count above the last among a part's operators of a rate, or infinity.</summary>
    private static double NextRepeats(OperatorTable table, StagePart part, OperatorRate rate, double last)
    {
        double next = double.PositiveInfinity;
        for (int op = 0; op < table.Count; op++)
        {
            double repeats = table.Repeats[op];
            if (repeats > last && repeats < next && Belongs(table.Identities[op], part, rate))
            {
                next = repeats;
            }
        }

        return next;
    }

    private void AddOperator(OperatorTable table, ChipRates rates, EfficiencyTable compute, int op, Span<int> stepsUsed)
    {
        int row = Operators;
        double cacheScale = table.Identities[op].ReadsCache ? 1 / rates.CacheReadCoefficient : 1;
        bool isLearned = curves is not null && curves.Has(op);
        learned[row] = isLearned ? op : -1;
        double flopsScale = compute.IsFlat ? 1 / compute.Best : 1;

        // With a memory table the bytes stay as they are, to be compared with its thresholds; the kernel scales them after.
        double bytesScale = rates.MemoryTable.IsFlat ? cacheScale / rates.MemoryTable.Best : 1;
        if (isLearned)
        {
            // Lanes hold calibrated rates; a learned time counts from the peaks.
            flopsScale = rates.FlopsCoefficient(table.Identities[op].Rate);
            bytesScale = rates.MemoryCoefficient;
        }

        Span<double> coefficient = coefficients.AsSpan(firstCoefficient + (row * NextOperator), NextOperator);
        coefficient[..NextCoefficient].Fill(table.FlopsConstant[op] * flopsScale);
        coefficient.Slice(NextCoefficient, NextCoefficient).Fill(table.FlopsPerSequence[op] * flopsScale);
        coefficient.Slice(2 * NextCoefficient, NextCoefficient).Fill(table.BytesConstant[op] * bytesScale);
        coefficient.Slice(3 * NextCoefficient, NextCoefficient).Fill(table.BytesPerSequence[op] * bytesScale);
        activatedBytes[row] = table.ActivatedBytes[op] * bytesScale;
        productRows[row] = double.IsNaN(table.RowsPerSequence[op]) ? double.NegativeInfinity : table.RowsPerSequence[op];
        cacheScales[row] = cacheScale;
        firstStep[row] = stepsUsed[0];
        stepsUsed[0] += compute.IsFlat ? 0 : compute.Steps(table.Columns[op], table.Depths[op], steps.AsSpan(stepsUsed[0]));
        firstStep[row + 1] = stepsUsed[0];
        Operators = row + 1;
    }

    private void AddExchanges(OperatorTable table, ChipRates rates)
    {
        Span<int> firstTierStep = stackalloc int[rates.Chip.Networks.Count + 1];
        for (int tier = 0; tier < rates.Chip.Networks.Count; tier++)
        {
            EfficiencyTable sizes = rates.LinkTables[tier];
            firstTierStep[tier + 1] = firstTierStep[tier]
                + (sizes.IsFlat ? 0 : sizes.Steps(double.NaN, double.NaN, linkSteps.AsSpan(firstTierStep[tier])));
        }

        linkCount = 0;
        int count = 0;
        for (int part = 0; part < PartCount; part++)
        {
            firstExchange[part] = count;
            for (int op = 0; op < table.Count; op++)
            {
                if (table.Exchanges[op].Group == ExchangeGroup.None || table.Identities[op].Part != (StagePart)part)
                {
                    continue;
                }

                // Dispatch and combine are one and the same exchange: it is evaluated once and counted twice.
                double repeats = table.Repeats[op];
                while (op + 1 < table.Count && IsNextAlike(table, op, out int next))
                {
                    op = next;
                    repeats += table.Repeats[op];
                }

                exchanges[count] = Term(table.Exchanges[op], repeats, rates, firstTierStep);
                count++;
            }
        }

        firstExchange[PartCount] = count;
    }

    /// <summary>Whether the next exchange of the part is the same message over the same group.</summary>
    private static bool IsNextAlike(OperatorTable table, int op, out int next)
    {
        for (next = op + 1; next < table.Count; next++)
        {
            if (table.Exchanges[next].Group != ExchangeGroup.None && table.Identities[next].Part == table.Identities[op].Part)
            {
                return table.Exchanges[next] == table.Exchanges[op];
            }
        }

        return false;
    }

    private ExchangeTerm Term(Exchange exchange, double repeats, ChipRates rates, ReadOnlySpan<int> firstTierStep)
    {
        int firstLink = linkCount;
        double usage = AddLegs(exchange, LinkStart.Leg, rates, firstTierStep);
        Span<int> cuts = stackalloc int[TwoLevels.MostCuts];
        cuts = cuts[..TwoLevels.Cuts(exchange, rates, cuts)];
        int outermost = rates.InnermostTier(exchange.Span);
        Span<Exchange> phases = stackalloc Exchange[TwoLevels.MostPhases];
        foreach (int together in cuts)
        {
            LinkStart start = LinkStart.Route;
            foreach (Exchange phase in phases[..TwoLevels.Phases(exchange, together, outermost, phases)])
            {
                AddLegs(phase, start, rates, firstTierStep);
                start = LinkStart.Phase;
            }
        }

        double slowdownRate = usage / (1 - usage);
        double overlap = rates.Chip.CommunicationOverlap;
        return new ExchangeTerm(
            firstLink, linkCount, (1 - overlap) * repeats, overlap * repeats, overlap * slowdownRate * repeats, slowdownRate, HasRoutes: !cuts.IsEmpty);
    }

    /// <summary>Adds the links of one group's exchange.</summary>
    /// <returns>Share of the compute units that it occupies.</returns>
    private double AddLegs(in Exchange exchange, LinkStart start, ChipRates rates, ReadOnlySpan<int> firstTierStep)
    {
        Span<ExchangeLeg> legs = stackalloc ExchangeLeg[rates.Chip.Networks.Count];
        double usage = 0;
        foreach (ExchangeLeg leg in legs[..ExchangeCost.Legs(exchange, rates, legs)])
        {
            NetworkTier network = rates.Chip.Networks[leg.Tier];
            CollectiveRate collective = network.Collectives[(int)exchange.Collective];
            EfficiencyTable sizes = rates.LinkTables[leg.Tier];
            double wireScale = ExchangeCost.WireScale(exchange, leg, rates);
            LinkTerm link = new(
                leg.Tier,
                Hops: 0,
                exchange.MessageBytes,
                wireScale,
                exchange.GroupSize,
                exchange.MessageBytes * (wireScale / exchange.GroupSize),
                1 / (collective.Efficiency(exchange.GroupSize) * (sizes.IsFlat ? sizes.Best : 1)),
                firstTierStep[leg.Tier],
                firstTierStep[leg.Tier + 1] - firstTierStep[leg.Tier],
                Own: 0,
                IsByAlgorithm: false,
                start);
            start = LinkStart.Leg;
            usage = Math.Max(usage, network.ProcessorUsage);
            if (rates.AlgorithmsOf(leg.Tier) is { } choice)
            {
                AddWays(link, choice.Of(ExchangeCost.PlaceOf(exchange, leg)), exchange.MessageBytes * leg.MessageShare, rates);
                continue;
            }

            Add(link with { Hops = network.Hops(exchange.Collective, exchange.GroupSize) });
        }

        return usage;
    }

    private void Add(in LinkTerm link)
    {
        if (linkCount == links.Length)
        {
            Array.Resize(ref links, 2 * links.Length);
        }

        links[linkCount] = link;
        linkCount++;
    }

    /// <summary>A link for each way that an algorithm choice has; the fastest counts.</summary>
    private void AddWays(in LinkTerm link, ReadOnlySpan<AlgorithmCost> ways, AffineInBatch message, ChipRates rates)
    {
        for (int way = 0; way < ways.Length; way++)
        {
            AffineInBatch own = rates.OwnSeconds(link.Tier, ways[way]);
            Add(link with
            {
                Hops = ways[way].Hops,
                Wire = message * ways[way].Load,
                Own = (message * own.PerSequence) + own.Constant,
                Start = way > 0 ? LinkStart.Way : link.Start,
                IsByAlgorithm = true,
            });
        }
    }
}
