using System.Numerics.Tensors;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Rates;

namespace FastSim.Kernels.Roofline;

/// <summary>Chips side by side: one row a rate, one column a chip. What a sweep's variants of one shape differ in.</summary>
public sealed class ChipColumns
{
    private const int RateCount = 3;
    private const int SecondsPerByteRow = RateCount;
    private const int StaticLatencyRow = SecondsPerByteRow + 1;
    private const int CapacityRow = StaticLatencyRow + 1;
    private const int SecondCapacityRow = CapacityRow + 1;
    private const int FlopsPerSecondRow = SecondCapacityRow + 1;
    private const int MemoryBytesPerSecondRow = FlopsPerSecondRow + RateCount;
    private const int FlopsCoefficientRow = MemoryBytesPerSecondRow + 1;
    private const int MemoryCoefficientRow = FlopsCoefficientRow + RateCount;
    private const int FirstLinkRow = MemoryCoefficientRow + 1;
    private const int RowsPerTier = 3;

    private readonly double[] cells;
    private BoundRows? bounds;

    /// <summary>Columns.</summary>
    /// <param name="capacity">Chips at most.</param>
    /// <param name="networkTiers">Network tiers of each.</param>
    public ChipColumns(int capacity, int networkTiers)
    {
        Capacity = capacity;
        Tiers = networkTiers;
        cells = new double[(FirstLinkRow + (RowsPerTier * networkTiers)) * capacity];
    }

    /// <summary>Chips at most.</summary>
    public int Capacity { get; }

    /// <summary>Network tiers of each chip.</summary>
    public int Tiers { get; }

    /// <summary>Memory bytes per FLOP at a rate's peak.</summary>
    internal Span<double> BytesPerFlop(OperatorRate rate) => Row((int)rate);

    /// <summary>Seconds a byte of memory takes.</summary>
    internal Span<double> SecondsPerByte => Row(SecondsPerByteRow);

    /// <summary>Seconds of latency an operator adds.</summary>
    internal Span<double> StaticLatency => Row(StaticLatencyRow);

    /// <summary>First memory of a card, bytes.</summary>
    internal Span<double> CapacityBytes => Row(CapacityRow);

    /// <summary>Second memory of a card, bytes.</summary>
    internal Span<double> SecondCapacityBytes => Row(SecondCapacityRow);

    /// <summary>Seconds a byte on a tier's link takes, before group and size efficiency.</summary>
    internal Span<double> LinkSecondsPerByte(int tier) => Row(FirstLinkRow + (RowsPerTier * tier));

    /// <summary>Seconds a hop of a tier takes.</summary>
    internal Span<double> HopSeconds(int tier) => Row(FirstLinkRow + (RowsPerTier * tier) + 1);

    /// <summary>FLOP/s before efficiency tables: lanes multiply by <see cref="BytesPerFlop"/>, the reference divides by this.</summary>
    internal Span<double> FlopsPerSecond(OperatorRate rate) => Row(FlopsPerSecondRow + (int)rate);

    /// <summary>Memory bytes/s before its efficiency table.</summary>
    internal Span<double> MemoryBytesPerSecond => Row(MemoryBytesPerSecondRow);

    /// <summary>Calibration coefficient that FLOP/s are lowered by.</summary>
    internal Span<double> FlopsCoefficient(OperatorRate rate) => Row(FlopsCoefficientRow + (int)rate);

    /// <summary>Calibration coefficient that memory bytes/s are lowered by.</summary>
    internal Span<double> MemoryCoefficient => Row(MemoryCoefficientRow);

    /// <summary>Bytes/s of a tier's link, before group and size efficiency.</summary>
    internal Span<double> LinkBytesPerSecond(int tier) => Row(FirstLinkRow + (RowsPerTier * tier) + 2);

    /// <summary>Rows in which bounds of these chips are worked out: whoever asks for bounds has the columns to itself.</summary>
    internal BoundRows Bounds => bounds ??= new BoundRows();

    /// <summary>First memory of a chip's card, bytes.</summary>
    public double CapacityOf(int index) => CapacityBytes[index];

    /// <summary>The most of either memory that one of the first chips has, bytes.</summary>
    public (double First, double Second) MostCapacity(int count) =>
        (TensorPrimitives.Max<double>(CapacityBytes[..count]), TensorPrimitives.Max<double>(SecondCapacityBytes[..count]));

    /// <summary>Second memory of a chip's card, bytes.</summary>
    public double SecondCapacityOf(int index) => SecondCapacityBytes[index];

    /// <summary>Fills a column.</summary>
    /// <param name="index">The column.</param>
    /// <param name="rates">The chip; of as many tiers.</param>
    public void Set(int index, ChipRates rates)
    {
        ArgumentNullException.ThrowIfNull(rates);
        for (int rate = 0; rate < RateCount; rate++)
        {
            BytesPerFlop((OperatorRate)rate)[index] = rates.BaseMemoryBytesPerSecond / rates.BaseFlopsPerSecond[rate];
            FlopsPerSecond((OperatorRate)rate)[index] = rates.BaseFlopsPerSecond[rate];
            FlopsCoefficient((OperatorRate)rate)[index] = rates.FlopsCoefficient((OperatorRate)rate);
        }

        SecondsPerByte[index] = 1 / rates.BaseMemoryBytesPerSecond;
        MemoryBytesPerSecond[index] = rates.BaseMemoryBytesPerSecond;
        MemoryCoefficient[index] = rates.MemoryCoefficient;
        StaticLatency[index] = rates.StaticLatencySeconds;
        CapacityBytes[index] = rates.CapacityBytes;
        SecondCapacityBytes[index] = rates.SecondCapacityBytes;
        for (int tier = 0; tier < Tiers; tier++)
        {
            LinkSecondsPerByte(tier)[index] = 1 / rates.BaseLinkBytesPerSecond[tier];
            LinkBytesPerSecond(tier)[index] = rates.BaseLinkBytesPerSecond[tier];
            HopSeconds(tier)[index] = rates.HopSeconds[tier];
        }
    }

    private Span<double> Row(int row) => cells.AsSpan(row * Capacity, Capacity);
}
