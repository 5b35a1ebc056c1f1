using System.Runtime.InteropServices;
using CommunityToolkit.HighPerformance;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Operators;
using FastSim.Kernels.Reference;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// A stage as the kernel runs it: the operator table sorted into segments of one part, rate and repeat count, coefficients next to each
/// other, efficiency tables as steps. Holds what candidates share; a <see cref="LaneBlock"/> holds what differs between them.
/// </summary>
public sealed class StageProgram
{
    internal const int CoefficientsPerOperator = 4;

    private const int PartCount = 3;

    private readonly List<Segment> segments = [];
    private readonly List<ExchangeTerm> exchanges = [];
    private readonly List<LinkTerm> links = [];
    private double[] coefficients = [];
    private double[] activatedBytes = [];
    private double[] productRows = [];
    private double[] cacheScales = [];
    private double[] linkThresholds = [];
    private double[] linkInverses = [];
    private int[] firstStep = [];
    private int[] stepCount = [];
    private double[] thresholds = [];
    private double[] inverses = [];
    private double[] memoryThresholds = [];
    private double[] memoryInverses = [];
    private int memorySteps;
    private int steps;

    /// <summary>Compute operators.</summary>
    public int Operators { get; private set; }

    /// <summary>Whether the network reaches across every exchange; the kernel may run only then.</summary>
    public bool IsReachable { get; private set; }

    /// <summary>How compute and memory time combine.</summary>
    internal ProcessingMode Mode { get; private set; }

    /// <summary>Logarithm of the chance that an expert stays unread, per sequence.</summary>
    internal double ActivationLog { get; private set; }

    /// <summary>Share of collective time that is hidden.</summary>
    internal double Overlap { get; private set; }

    /// <summary>Operators of the whole stage by part, for their static latency.</summary>
    internal double[] OperatorRuns { get; } = new double[PartCount];

    internal ReadOnlySpan<Segment> Segments => CollectionsMarshal.AsSpan(segments);

    internal ReadOnlySpan<ExchangeTerm> Exchanges => CollectionsMarshal.AsSpan(exchanges);

    internal ReadOnlySpan<LinkTerm> Links => CollectionsMarshal.AsSpan(links);

    internal ReadOnlySpan<double> ActivatedBytes => activatedBytes;

    internal ReadOnlySpan<double> ProductRows => productRows;

    /// <summary>One over the cache coefficient where an operator reads the cache, else 1.</summary>
    internal ReadOnlySpan<double> CacheScales => cacheScales;

    internal ReadOnlySpan<double> LinkThresholds => linkThresholds;

    internal ReadOnlySpan<double> LinkInverses => linkInverses;

    internal ReadOnlySpan<int> FirstStep => firstStep;

    internal ReadOnlySpan<int> StepCount => stepCount;

    internal ReadOnlySpan<double> Thresholds => thresholds;

    internal ReadOnlySpan<double> Inverses => inverses;

    internal ReadOnlySpan<double> MemoryThresholds => memoryThresholds.AsSpan(0, memorySteps);

    internal ReadOnlySpan<double> MemoryInverses => memoryInverses.AsSpan(0, memorySteps);

    /// <summary>One row an operator: FLOP constant and per sequence, bytes constant and per sequence.</summary>
    internal ReadOnlySpan2D<double> Coefficients => new(coefficients, coefficients.Length / CoefficientsPerOperator, CoefficientsPerOperator);

    /// <summary>Takes a stage.</summary>
    /// <param name="table">Its operators.</param>
    /// <param name="rates">A chip; tables, network shape and processing mode are taken from it, rates are the lanes'.</param>
    public void Load(OperatorTable table, ChipRates rates)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        Reserve(table, rates);
        Mode = rates.Chip.Mode;
        ActivationLog = table.ActivationLog;
        Overlap = rates.Chip.CommunicationOverlap;
        IsReachable = StageTime.IsReachable(table, rates);
        segments.Clear();
        exchanges.Clear();
        links.Clear();
        Array.Clear(OperatorRuns);
        Operators = 0;
        steps = 0;

        // Sorted by part, then rate, then repeats: a candidate's sum runs in this order at every width.
        for (int part = 0; part < PartCount; part++)
        {
            for (int rate = 0; rate < rates.BaseFlopsPerSecond.Length; rate++)
            {
                AddSegments(table, rates, (StagePart)part, (OperatorRate)rate);
            }
        }

        if (IsReachable)
        {
            AddExchanges(table, rates);
        }
    }

    private void Reserve(OperatorTable table, ChipRates rates)
    {
        int mostSteps = rates.ComputeTables[0].Rows;
        foreach (EfficiencyTable compute in rates.ComputeTables)
        {
            mostSteps = Math.Max(mostSteps, compute.Rows);
        }

        mostSteps++;
        if (activatedBytes.Length < table.Count)
        {
            coefficients = new double[table.Count * CoefficientsPerOperator];
            activatedBytes = new double[table.Count];
            productRows = new double[table.Count];
            cacheScales = new double[table.Count];
            firstStep = new int[table.Count];
            stepCount = new int[table.Count];
        }

        if (thresholds.Length < table.Count * mostSteps)
        {
            thresholds = new double[table.Count * mostSteps];
            inverses = new double[table.Count * mostSteps];
        }

        if (memoryThresholds.Length <= rates.MemoryTable.Rows)
        {
            memoryThresholds = new double[rates.MemoryTable.Rows + 1];
            memoryInverses = new double[rates.MemoryTable.Rows + 1];
        }

        memorySteps = rates.MemoryTable.Steps(double.NaN, double.NaN, memoryThresholds, memoryInverses);
    }

    private void AddSegments(OperatorTable table, ChipRates rates, StagePart part, OperatorRate rate)
    {
        EfficiencyTable compute = rates.ComputeTables[(int)rate];
        double last = double.NegativeInfinity;
        while (NextRepeats(table, part, rate, last) is var repeats && !double.IsPositiveInfinity(repeats))
        {
            int start = Operators;
            bool readsIfReached = false;
            for (int op = 0; op < table.Count; op++)
            {
                if (Belongs(table, op, part, rate) && table.Repeats[op] == repeats)
                {
                    AddOperator(table, rates, compute, op);
                    readsIfReached |= table.ActivatedBytes[op] != 0;
                }
            }

            OperatorRuns[(int)part] += (Operators - start) * repeats;
            segments.Add(new Segment(
                start, Operators, part, rate, repeats, readsIfReached, !compute.IsFlat, compute.IsByShape, !rates.MemoryTable.IsFlat));
            last = repeats;
        }
    }

    private static bool Belongs(OperatorTable table, int op, StagePart part, OperatorRate rate)
    {
        OperatorIdentity identity = table.Identities[op];
        return identity.Part == part && identity.Rate == rate && identity.Engine != OperatorEngine.Network;
    }

    /// <summary>The smallest repeat count above the last among a part's operators of a rate, or infinity.</summary>
    private static double NextRepeats(OperatorTable table, StagePart part, OperatorRate rate, double last)
    {
        double next = double.PositiveInfinity;
        for (int op = 0; op < table.Count; op++)
        {
            double repeats = table.Repeats[op];
            if (repeats > last && repeats < next && Belongs(table, op, part, rate))
            {
                next = repeats;
            }
        }

        return next;
    }

    private void AddOperator(OperatorTable table, ChipRates rates, EfficiencyTable compute, int op)
    {
        int row = Operators;
        double cacheScale = table.Identities[op].ReadsCache ? 1 / rates.CacheReadCoefficient : 1;
        double flopsScale = compute.IsFlat ? 1 / compute.Best : 1;

        // With a memory table the bytes stay as they are, to be compared with its thresholds; the kernel scales them after.
        double bytesScale = rates.MemoryTable.IsFlat ? cacheScale / rates.MemoryTable.Best : 1;
        coefficients[(row * CoefficientsPerOperator) + 0] = table.FlopsConstant[op] * flopsScale;
        coefficients[(row * CoefficientsPerOperator) + 1] = table.FlopsPerSequence[op] * flopsScale;
        coefficients[(row * CoefficientsPerOperator) + 2] = table.BytesConstant[op] * bytesScale;
        coefficients[(row * CoefficientsPerOperator) + 3] = table.BytesPerSequence[op] * bytesScale;
        activatedBytes[row] = table.ActivatedBytes[op] * bytesScale;
        productRows[row] = double.IsNaN(table.RowsPerSequence[op]) ? 0 : table.RowsPerSequence[op];
        firstStep[row] = steps;
        stepCount[row] = compute.IsFlat
            ? 0
            : compute.Steps(table.Columns[op], table.Depths[op], thresholds.AsSpan(steps), inverses.AsSpan(steps));
        steps += stepCount[row];
        cacheScales[row] = cacheScale;
        Operators = row + 1;
    }

    private void AddExchanges(OperatorTable table, ChipRates rates)
    {
        Span<int> tierSteps = stackalloc int[rates.Chip.Networks.Count];
        Span<int> firstTierStep = stackalloc int[rates.Chip.Networks.Count];
        LoadLinkSteps(rates, firstTierStep, tierSteps);
        Span<ExchangeLeg> legs = stackalloc ExchangeLeg[rates.Chip.Networks.Count];
        for (int op = 0; op < table.Count; op++)
        {
            Exchange exchange = table.Exchanges[op];
            if (exchange.Group == ExchangeGroup.None)
            {
                continue;
            }

            int firstLink = links.Count;
            double usage = 0;
            foreach (ExchangeLeg leg in legs[..ExchangeCost.Legs(exchange, rates, legs)])
            {
                NetworkTier network = rates.Chip.Networks[leg.Tier];
                CollectiveRate collective = network.Collectives[(int)exchange.Collective];
                double perMessageByte = collective.WireBytes(1, exchange.GroupSize) * leg.MessageShare;
                double flatEfficiency = tierSteps[leg.Tier] == 0 ? rates.LinkTables[leg.Tier].Best : 1;
                links.Add(new LinkTerm(
                    leg.Tier,
                    network.Hops(exchange.Collective, exchange.GroupSize),
                    exchange.MessageBytes.Constant * perMessageByte,
                    exchange.MessageBytes.PerSequence * perMessageByte,
                    1 / (collective.Efficiency(exchange.GroupSize) * flatEfficiency),
                    firstTierStep[leg.Tier],
                    tierSteps[leg.Tier]));
                usage = Math.Max(usage, network.ProcessorUsage);
            }

            exchanges.Add(new ExchangeTerm(
                table.Identities[op].Part, firstLink, links.Count, table.Repeats[op], usage / (1 - usage)));
        }
    }

    private void LoadLinkSteps(ChipRates rates, Span<int> first, Span<int> count)
    {
        int total = 0;
        for (int tier = 0; tier < first.Length; tier++)
        {
            total += rates.LinkTables[tier].Rows + 1;
        }

        if (linkThresholds.Length < total)
        {
            linkThresholds = new double[total];
            linkInverses = new double[total];
        }

        int used = 0;
        for (int tier = 0; tier < first.Length; tier++)
        {
            EfficiencyTable sizes = rates.LinkTables[tier];
            first[tier] = used;
            count[tier] = sizes.IsFlat
                ? 0
                : sizes.Steps(double.NaN, double.NaN, linkThresholds.AsSpan(used), linkInverses.AsSpan(used));
            used += count[tier];
        }
    }
}
