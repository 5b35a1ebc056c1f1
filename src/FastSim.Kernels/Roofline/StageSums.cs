using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Networks;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Roofline;

/// <summary>What sums of a stage are a bound by.</summary>
public enum SumLimits
{
    /// <summary>Everything, at the chip's rates and best efficiencies.</summary>
    Rates,

    /// <summary>Its operators at the chip's peaks, exchanges left out: no engine's launches are faster.</summary>
    Peaks,

    /// <summary>Its FLOP alone at the chip's peaks.</summary>
    Flops,

    /// <summary>As <see cref="Rates"/>, without operators whose times are learned.</summary>
    Others,
}

/// <summary>
/// A stage in a few dozen sums that hold for every chip of the same tables and network shape. Operators fall into two groups, those whose
/// compute takes longer at one batch on one chip and those whose memory does: a group's sum of the longer of two is at least the longer of
/// its two sums, whatever the grouping, and equal to it at that batch and chip. So the sums bound a stage's time from below on any chip
/// at any batch, closely near where they were taken.
/// </summary>
public sealed class StageSums
{
    internal const int Groups = 2;
    internal const int Rates = 3;

    private readonly SumLimits limits;
    private readonly AffineInBatch[] flops = new AffineInBatch[Groups * Rates];
    private readonly AffineInBatch[] bytes = new AffineInBatch[Groups];
    private readonly double[] activatedBytes = new double[Groups];
    private readonly AffineInBatch[] learnedFlops = new AffineInBatch[Groups * Rates];
    private readonly AffineInBatch[] learnedBytes = new AffineInBatch[Groups];
    private readonly double[] learnedActivatedBytes = new double[Groups];
    private readonly LinkSum[] shown;
    private readonly LinkSum[] exchanged;
    private readonly LinkSum[] send;

    /// <summary>Sums a stage up.</summary>
    /// <param name="table">The stage; its exchanges must be reachable.</param>
    /// <param name="rates">The chip at whose best efficiencies the operators are grouped.</param>
    /// <param name="sequences">The batch at which they are.</param>
    /// <param name="holdsForAnyChip">Whether learned slowdowns, which hold for one chip, are left out.</param>
    /// <param name="limits">What of the stage the sums bound.</param>
    public StageSums(OperatorTable table, ChipRates rates, double sequences, bool holdsForAnyChip = false, SumLimits limits = SumLimits.Rates)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(rates);
        bool leavesLearnedOut = limits == SumLimits.Others;
        limits = leavesLearnedOut ? SumLimits.Rates : limits;
        this.limits = limits;
        IsSum = rates.Chip.Mode == ProcessingMode.NoOverlap && limits == SumLimits.Rates;
        ActivationLog = limits == SumLimits.Rates ? table.ActivationLog : table.ActivationLog * EngineClock.LeastReach;
        shown = new LinkSum[rates.Chip.Networks.Count];
        exchanged = new LinkSum[rates.Chip.CommunicationOverlap > 0 ? rates.Chip.Networks.Count : 0];
        send = new LinkSum[rates.Chip.Networks.Count];
        Span<double> inverseEfficiency = stackalloc double[Rates];
        for (int rate = 0; rate < Rates; rate++)
        {
            inverseEfficiency[rate] = 1 / rates.ComputeTables[rate].Best;
        }

        for (int op = 0; op < table.Count; op++)
        {
            ref readonly OperatorIdentity identity = ref table.Identities[op];
            if (identity.Engine == OperatorEngine.Network && limits != SumLimits.Rates)
            {
                continue;
            }

            if (identity.Engine == OperatorEngine.Network)
            {
                AddExchange(table.Exchanges[op], identity.Part, table.Repeats[op], rates);
            }
            else if (!leavesLearnedOut || table.Curves?.Has(op) != true)
            {
                AddOperator(table, op, inverseEfficiency[(int)identity.Rate], rates, sequences, holdsForAnyChip);
            }
        }
    }

    /// <summary>Sums up what the launches of an engine are never faster than.</summary>
    /// <param name="table">The stage.</param>
    /// <param name="launches">Its launches.</param>
    /// <param name="clock">What prices them.</param>
    /// <param name="peaks">The chip's peaks, at which launches are grouped.</param>
    /// <param name="sequences">The batch at which they are.</param>
    /// <param name="holdsForAnyChip">Whether they hold on any chip of the same forms; otherwise on the clock's alone.</param>
    public StageSums(
        OperatorTable table, IReadOnlyList<StageLaunch> launches, EngineClock clock, ChipRates peaks, double sequences, bool holdsForAnyChip = false)
    {
        ArgumentNullException.ThrowIfNull(table);
        ArgumentNullException.ThrowIfNull(launches);
        ArgumentNullException.ThrowIfNull(clock);
        ArgumentNullException.ThrowIfNull(peaks);
        ActivationLog = table.ActivationLog * EngineClock.LeastReach;
        shown = new LinkSum[peaks.Chip.Networks.Count];
        send = new LinkSum[peaks.Chip.Networks.Count];
        exchanged = [];
        foreach (StageLaunch launch in launches)
        {
            if (table.Identities[launch.Operator].Engine == OperatorEngine.Network)
            {
                AddBound(table.Exchanges[launch.Operator], launch.Repeats, clock);
                continue;
            }

            LaunchBound bound = holdsForAnyChip ? launch.Bound : clock.Bound(table, launch);
            int rate = (int)table.Identities[launch.Operator].Rate;
            AffineInBatch computed = new(table.FlopsConstant[launch.Operator], table.FlopsPerSequence[launch.Operator]);
            AffineInBatch moved = table.MovedPart(launch.Operator, bound.CountsStoredAlone);
            double reached = table.ActivatedBytes[launch.Operator];
            if (launch.Also >= 0)
            {
                computed += new AffineInBatch(table.FlopsConstant[launch.Also], table.FlopsPerSequence[launch.Also]);
                moved += table.MovedPart(launch.Also, bound.CountsStoredAlone);
                reached += table.ActivatedBytes[launch.Also];
            }

            double compute = computed.At(sequences) * bound.PerFlop / peaks.BaseFlopsPerSecond[rate];
            double memory = (moved.At(sequences) + reached) * bound.PerByte / peaks.BaseMemoryBytesPerSecond;
            int group = compute > memory ? 1 : 0;
            flops[(group * Rates) + rate] += computed * (bound.PerFlop * launch.Repeats);
            bytes[group] += moved * (bound.PerByte * launch.Repeats);
            activatedBytes[group] += reached * bound.PerByte * launch.Repeats;
            FloorSeconds += bound.FloorMicroseconds * launch.Repeats / Norms.Microseconds;
        }
    }

    /// <summary>Seconds that launches take whatever they work on.</summary>
    public double FloorSeconds { get; private set; }

    /// <summary>Logarithm of the chance that an expert stays unread, per sequence.</summary>
    public double ActivationLog { get; }

    /// <summary>Whether compute and memory time add up instead of overlapping.</summary>
    public bool IsSum { get; }

    /// <summary>Operators that the stage runs, repeats counted.</summary>
    public double OperatorRuns { get; private set; }

    /// <summary>FLOP of a group at a rate, over the rate's best efficiency.</summary>
    internal AffineInBatch Flops(int group, int rate) => flops[(group * Rates) + rate];

    /// <summary>Bytes of a group, over the memory's best efficiency and the cache coefficient where it applies.</summary>
    internal AffineInBatch Bytes(int group) => bytes[group];

    /// <summary>Bytes of a group's experts that are read as tokens reach them, likewise.</summary>
    internal double ActivatedBytes(int group) => activatedBytes[group];

    /// <summary>Whether some operators' times are learned: over rooflines that no calibration coefficient lowers.</summary>
    internal bool CountsLearned { get; private set; }

    /// <summary>FLOP of a group's operators whose times are learned, at a rate, over what they are learned to take at the least.</summary>
    internal AffineInBatch LearnedFlops(int group, int rate) => learnedFlops[(group * Rates) + rate];

    /// <summary>Their bytes, likewise.</summary>
    internal AffineInBatch LearnedBytes(int group) => learnedBytes[group];

    /// <summary>Bytes of their experts that are read as tokens reach them, likewise.</summary>
    internal double LearnedActivatedBytes(int group) => learnedActivatedBytes[group];

    /// <summary>Whether there are experts that are read as tokens reach them.</summary>
    internal bool HasActivation => activatedBytes[0] + activatedBytes[1] + learnedActivatedBytes[0] + learnedActivatedBytes[1] > 0;

    /// <summary>What exposed communication puts on each tier.</summary>
    internal ReadOnlySpan<LinkSum> Shown => shown;

    /// <summary>
    /// What communication puts on each tier, hidden or not: a stage takes at least as long, whatever hides behind its work. Empty where nothing
    /// hides.
    /// </summary>
    internal ReadOnlySpan<LinkSum> Exchanged => exchanged;

    /// <summary>What the send to the next stage puts on each tier.</summary>
    internal ReadOnlySpan<LinkSum> Send => send;

    private void AddOperator(OperatorTable table, int op, double inverseEfficiency, ChipRates rates, double sequences, bool holdsForAnyChip)
    {
        ref readonly OperatorIdentity identity = ref table.Identities[op];
        double repeats = table.Repeats[op];
        double scale = 1 / rates.MemoryTable.Best;
        double byteScale = identity.ReadsCache ? scale / rates.CacheReadCoefficient : scale;
        double runs = repeats;

        // Intermediate results may stay in a cache, unless those of a single sequence do not fit. Passes of an engine may have parts of one.
        bool storedAlone = rates.KeepsActivations && (limits != SumLimits.Rates || rates.Keeps(table.PassingBytes(op, 1)));
        if (table.Curves is { } curves && curves.Has(op) && limits == SumLimits.Rates)
        {
            AddLearned(table, op, holdsForAnyChip ? Math.Min(1, curves.Least(op)) : curves.Least(op), rates, sequences);
            return;
        }

        if (limits != SumLimits.Rates)
        {
            inverseEfficiency = rates.FlopsCoefficient(identity.Rate);
            byteScale = limits == SumLimits.Flops ? 0 : rates.MemoryCoefficient / (identity.ReadsCache ? Math.Max(1, rates.CacheReadCoefficient) : 1);
            runs = 0;
        }

        double compute = table.Flops(op, sequences) * inverseEfficiency / rates.BaseFlopsPerSecond[(int)identity.Rate];
        double memory = (storedAlone ? table.StoredBytes(op, sequences) : table.Bytes(op, sequences)) * byteScale / rates.BaseMemoryBytesPerSecond;
        int group = compute > memory ? 1 : 0;
        flops[(group * Rates) + (int)identity.Rate] +=
            new AffineInBatch(table.FlopsConstant[op], table.FlopsPerSequence[op]) * (inverseEfficiency * repeats);
        bytes[group] += table.MovedPart(op, storedAlone) * (byteScale * repeats);
        activatedBytes[group] += table.ActivatedBytes[op] * byteScale * repeats;
        OperatorRuns += runs;
    }

    private void AddLearned(OperatorTable table, int op, double least, ChipRates rates, double sequences)
    {
        int rate = (int)table.Identities[op].Rate;
        double compute = table.Flops(op, sequences) * rates.FlopsCoefficient((OperatorRate)rate) / rates.BaseFlopsPerSecond[rate];
        double memory = table.Bytes(op, sequences) * rates.MemoryCoefficient / rates.BaseMemoryBytesPerSecond;
        int group = compute > memory ? 1 : 0;
        double repeats = least * table.Repeats[op];
        learnedFlops[(group * Rates) + rate] += new AffineInBatch(table.FlopsConstant[op], table.FlopsPerSequence[op]) * repeats;
        learnedBytes[group] += table.MovedPart(op, storedAlone: false) * repeats;
        learnedActivatedBytes[group] += table.ActivatedBytes[op] * repeats;
        CountsLearned = true;
    }

    private void AddBound(in Exchange exchange, double repeats, EngineClock clock)
    {
        if (clock.Bound(exchange) is not { } bound)
        {
            return;
        }

        repeats *= clock.ShownShare;
        FloorSeconds += bound.FloorMicroseconds * repeats / Norms.Microseconds;
        double wire = CollectiveTiming.WireShare(exchange.Collective, exchange.GroupSize) / bound.LinkShare;
        shown[0].Add(exchange.MessageBytes * wire, 0, repeats);
    }

    private void AddExchange(in Exchange exchange, StagePart part, double repeats, ChipRates rates)
    {
        if (exchange.Group == ExchangeGroup.None)
        {
            return;
        }

        // Of several tiers the slowest decides; any one is a lower bound, and the outermost tends to be it.
        Span<ExchangeLeg> legs = stackalloc ExchangeLeg[rates.Chip.Networks.Count];
        ExchangeLeg leg = legs[ExchangeCost.Legs(exchange, rates, legs) - 1];
        (double perMessageByte, double hops) = Least(exchange, leg, rates);
        Span<int> cuts = stackalloc int[TwoLevels.MostCuts];
        cuts = cuts[..TwoLevels.Cuts(exchange, rates, cuts)];
        foreach (int together in cuts)
        {
            (double ofPhases, double hopsOfPhases) = LeastOfPhases(exchange, together, leg.Tier, rates, legs);
            (perMessageByte, hops) = (Math.Min(perMessageByte, ofPhases), Math.Min(hops, hopsOfPhases));
        }

        if (part == StagePart.Pipeline)
        {
            send[leg.Tier].Add(exchange.MessageBytes * perMessageByte, hops, repeats);
            return;
        }

        shown[leg.Tier].Add(exchange.MessageBytes * perMessageByte, hops, repeats * (1 - rates.Chip.CommunicationOverlap));
        if (exchanged.Length > 0)
        {
            exchanged[leg.Tier].Add(exchange.MessageBytes * perMessageByte, hops, repeats);
        }
    }

    /// <summary>
    /// What phases of two levels put on the outermost tier at the least, a byte of the message of all: what they put on inner ones comes on top, but not of an exchange that is one group.
    /// </summary>
    private static (double PerMessageByte, double Hops) LeastOfPhases(in Exchange exchange, int together, int outermost, ChipRates rates, Span<ExchangeLeg> legs)
    {
        Span<Exchange> phases = stackalloc Exchange[TwoLevels.MostPhases];
        (double perMessageByte, double hops) = (0, 0);
        foreach (Exchange phase in phases[..TwoLevels.Phases(exchange with { MessageBytes = 1 }, together, outermost, phases)])
        {
            ExchangeLeg leg = legs[ExchangeCost.Legs(phase, rates, legs) - 1];
            if (leg.Tier == outermost)
            {
                (double ofPhase, double hopsOfPhase) = Least(phase, leg, rates);
                (perMessageByte, hops) = (perMessageByte + (ofPhase * phase.MessageBytes.Constant), hops + hopsOfPhase);
            }
        }

        return (perMessageByte, hops);
    }

    /// <summary>What a leg puts on its tier at the least, a byte of the message, over the tier's efficiencies, and its hops.</summary>
    private static (double PerMessageByte, double Hops) Least(in Exchange exchange, ExchangeLeg leg, ChipRates rates)
    {
        NetworkTier network = rates.Chip.Networks[leg.Tier];
        CollectiveRate collective = network.Collectives[(int)exchange.Collective];
        (double wire, double hops) = rates.AlgorithmsOf(leg.Tier) is { } choice
            ? LeastOf(choice.Of(ExchangeCost.PlaceOf(exchange, leg)), leg.MessageShare)
            : (collective.WireBytes(leg.MessageShare, exchange.GroupSize), network.Hops(exchange.Collective, exchange.GroupSize));
        return (wire / (collective.Efficiency(exchange.GroupSize) * rates.LinkTables[leg.Tier].Best), hops);
    }

    /// <summary>The least load of any algorithm and the fewest hops of any: none is faster on any chip.</summary>
    private static (double Load, double Hops) LeastOf(ReadOnlySpan<AlgorithmCost> ways, double share)
    {
        (double load, double hops) = (double.PositiveInfinity, double.PositiveInfinity);
        foreach (AlgorithmCost way in ways)
        {
            (load, hops) = (Math.Min(load, way.Load), Math.Min(hops, way.Hops));
        }

        return (load * share, hops);
    }

    /// <summary>What a stage puts on a tier.</summary>
    /// <param name="Bytes">Bytes on the wire, over group efficiency and the tier's best size efficiency.</param>
    /// <param name="Hops">Hops in sequence.</param>
    internal record struct LinkSum(AffineInBatch Bytes, double Hops)
    {
        /// <summary>Adds an exchange that the stage makes <paramref name="repeats"/> times.</summary>
        public void Add(AffineInBatch bytes, double hops, double repeats)
        {
            Bytes += bytes * repeats;
            Hops += hops * repeats;
        }
    }
}
