using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
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
    private readonly SumLimits limits;

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
        Links = new LinkSums(rates.Chip.Networks.Count, rates.Chip.CommunicationOverlap > 0);
        Span<double> inverseEfficiency = stackalloc double[WorkSums.Rates];
        for (int rate = 0; rate < WorkSums.Rates; rate++)
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
                Links.Add(table.Exchanges[op], identity.Part, table.Repeats[op], rates);
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
        Links = new LinkSums(peaks.Chip.Networks.Count, hides: false);
        foreach (StageLaunch launch in launches)
        {
            if (table.Identities[launch.Operator].Engine == OperatorEngine.Network)
            {
                AddBound(table.Exchanges[launch.Operator], launch.Repeats, clock);
                continue;
            }

            LaunchBound bound = holdsForAnyChip ? launch.Bound : clock.Bound(table, launch);
            OperatorRate rate = table.Identities[launch.Operator].Rate;
            AffineInBatch computed = new(table.FlopsConstant[launch.Operator], table.FlopsPerSequence[launch.Operator]);
            AffineInBatch moved = table.MovedPart(launch.Operator, bound.CountsStoredAlone);
            double reached = table.ActivatedBytes[launch.Operator];
            if (launch.Also >= 0)
            {
                computed += new AffineInBatch(table.FlopsConstant[launch.Also], table.FlopsPerSequence[launch.Also]);
                moved += table.MovedPart(launch.Also, bound.CountsStoredAlone);
                reached += table.ActivatedBytes[launch.Also];
            }

            double compute = computed.At(sequences) * bound.PerFlop / peaks.BaseFlopsPerSecond[(int)rate];
            double memory = (moved.At(sequences) + reached) * bound.PerByte / peaks.BaseMemoryBytesPerSecond;
            Work.Add(
                compute > memory,
                rate,
                computed * (bound.PerFlop * launch.Repeats),
                moved * (bound.PerByte * launch.Repeats),
                reached * bound.PerByte * launch.Repeats);
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

    /// <summary>Operators at the chip's rates: FLOP over the rate's best efficiency, bytes over the memory's and, where it applies, the cache coefficient.</summary>
    internal WorkSums Work { get; } = new();

    /// <summary>Operators whose times are learned, over what they are learned to take at the least: at rates that no calibration coefficient lowers.</summary>
    internal WorkSums Learned { get; } = new();

    /// <summary>Whether there are experts that are read as tokens reach them.</summary>
    internal bool HasActivation => Work.HasActivation || Learned.HasActivation;

    /// <summary>What its exchanges put on the network.</summary>
    internal LinkSums Links { get; }

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
        Work.Add(
            compute > memory,
            identity.Rate,
            new AffineInBatch(table.FlopsConstant[op], table.FlopsPerSequence[op]) * (inverseEfficiency * repeats),
            table.MovedPart(op, storedAlone) * (byteScale * repeats),
            table.ActivatedBytes[op] * byteScale * repeats);
        OperatorRuns += runs;
    }

    private void AddLearned(OperatorTable table, int op, double least, ChipRates rates, double sequences)
    {
        OperatorRate rate = table.Identities[op].Rate;
        double compute = table.Flops(op, sequences) * rates.FlopsCoefficient(rate) / rates.BaseFlopsPerSecond[(int)rate];
        double memory = table.Bytes(op, sequences) * rates.MemoryCoefficient / rates.BaseMemoryBytesPerSecond;
        double repeats = least * table.Repeats[op];
        Learned.Add(
            compute > memory,
            rate,
            new AffineInBatch(table.FlopsConstant[op], table.FlopsPerSequence[op]) * repeats,
            table.MovedPart(op, storedAlone: false) * repeats,
            table.ActivatedBytes[op] * repeats);
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
        Links.AddInnermost(exchange.MessageBytes * wire, repeats);
    }
}
