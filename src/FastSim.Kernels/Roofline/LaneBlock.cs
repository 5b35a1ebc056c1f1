using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Rates;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// Candidates side by side: one row a quantity, one column a candidate. Rows hold what may differ between candidates that share an
/// operator table: the batch and the chip's rates. So lanes are batches of one chip, or chips at their own batches.
/// </summary>
public sealed class LaneBlock
{
    internal const int SequencesRow = 0;
    internal const int FirstRateRow = 1;
    internal const int SecondsPerByteRow = 4;
    internal const int StaticLatencyRow = 5;
    internal const int FirstLinkRow = 6;
    internal const int RowsPerTier = 2;

    /// <summary>Stage, step, and what passes over candidates keep between them (<see cref="LaneRange"/>).</summary>
    private const int ResultRows = 9;

    private const int DoublesPerLine = 8;
    private const int LinesPerPage = 64;

    /// <summary>Lines by which a row is offset from the one before within a page: rows a page apart would fight for the same cache sets.</summary>
    private const int RowSkewLines = 37;

    private const int FewLines = 9;

    private readonly double[] cells;
    private readonly int firstCell;
    private readonly int stride;
    private readonly int tiers;

    /// <summary>A block.</summary>
    /// <param name="capacity">Candidates it holds at most.</param>
    /// <param name="networkTiers">Network tiers of its chips.</param>
    public LaneBlock(int capacity, int networkTiers)
    {
        Capacity = capacity;
        Steps = new ChunkSteps(capacity);
        tiers = networkTiers;
        int lines = (capacity + DoublesPerLine - 1) / DoublesPerLine;
        int skewed = lines + ((RowSkewLines + LinesPerPage - (lines % LinesPerPage)) % LinesPerPage);

        // Rows of few lines lie in different sets one after another as it is.
        stride = DoublesPerLine * (lines < FewLines ? lines : skewed);
        (cells, firstCell) = AlignedCells.Of((FirstLinkRow + (RowsPerTier * networkTiers) + ResultRows) * stride);
    }

    /// <summary>Candidates it holds at most.</summary>
    public int Capacity { get; }

    /// <summary>Whether every candidate has the rates of one chip.</summary>
    internal bool IsOneChip { get; private set; }

    /// <summary>Scratch of an evaluation: what folds of a chunk.</summary>
    internal ChunkFold Fold { get; } = new();

    /// <summary>Scratch of an evaluation: what a chunk reaches of tables.</summary>
    internal ChunkSteps Steps { get; }

    /// <summary>From one row to the next.</summary>
    internal int Stride => stride;

    /// <summary>A candidate's cell of the first row; the caller sees to the bounds.</summary>
    internal ref double Column(int candidate) => ref Unsafe.Add(ref MemoryMarshal.GetArrayDataReference(cells), firstCell + candidate);

    /// <summary>Sequences of a rank's micro-batch.</summary>
    public Span<double> Sequences => Row(SequencesRow);

    /// <summary>Seconds of the fullest stage; a result.</summary>
    public Span<double> StageSeconds => Row(StageRow);

    /// <summary>Seconds of the stage and the send to the next; a result.</summary>
    public Span<double> StepSeconds => Row(StageRow + 1);

    /// <summary>Row of the first result.</summary>
    internal int StageRow => FirstLinkRow + (RowsPerTier * tiers);

    /// <summary>Memory bytes per FLOP at the rate's peak: a roofline compares bytes with FLOP times this.</summary>
    internal Span<double> BytesPerFlop(OperatorRate rate) => Row(FirstRateRow + (int)rate);

    /// <summary>Seconds a byte of memory takes.</summary>
    internal Span<double> SecondsPerByte => Row(SecondsPerByteRow);

    /// <summary>Seconds of latency an operator adds.</summary>
    internal Span<double> StaticLatency => Row(StaticLatencyRow);

    /// <summary>Seconds a byte on a tier's link takes, before group and size efficiency.</summary>
    internal Span<double> LinkSecondsPerByte(int tier) => Row(FirstLinkRow + (RowsPerTier * tier));

    /// <summary>Seconds a hop of a tier takes.</summary>
    internal Span<double> HopSeconds(int tier) => Row(FirstLinkRow + (RowsPerTier * tier) + 1);

    /// <summary>Gives every candidate the rates of one chip.</summary>
    public void SetChip(ChipRates rates)
    {
        SetChip(rates, 0, Capacity);
        IsOneChip = true;
    }

    /// <summary>Gives some candidates the rates of a chip.</summary>
    /// <param name="rates">The chip; it has as many network tiers as the block.</param>
    /// <param name="start">First candidate.</param>
    /// <param name="count">Candidates.</param>
    /// <exception cref="ArgumentException">The chip has another number of tiers.</exception>
    public void SetChip(ChipRates rates, int start, int count)
    {
        ArgumentNullException.ThrowIfNull(rates);
        if (rates.Chip.Networks.Count != tiers)
        {
            throw new ArgumentException($"the block holds chips of {tiers} network tiers, not {rates.Chip.Networks.Count}", nameof(rates));
        }

        IsOneChip = false;
        for (int rate = 0; rate < rates.BaseFlopsPerSecond.Length; rate++)
        {
            BytesPerFlop((OperatorRate)rate).Slice(start, count).Fill(rates.BaseMemoryBytesPerSecond / rates.BaseFlopsPerSecond[rate]);
        }

        SecondsPerByte.Slice(start, count).Fill(1 / rates.BaseMemoryBytesPerSecond);
        StaticLatency.Slice(start, count).Fill(rates.StaticLatencySeconds);
        for (int tier = 0; tier < tiers; tier++)
        {
            LinkSecondsPerByte(tier).Slice(start, count).Fill(1 / rates.BaseLinkBytesPerSecond[tier]);
            HopSeconds(tier).Slice(start, count).Fill(rates.HopSeconds[tier]);
        }
    }

    /// <summary>Gives each candidate the rates of a chip.</summary>
    /// <param name="chips">Chips; of as many network tiers as the block's.</param>
    /// <param name="indices">Chip of each candidate, from the first.</param>
    /// <exception cref="ArgumentException">The chips have another number of tiers.</exception>
    public void SetChips(ChipColumns chips, ReadOnlySpan<int> indices)
    {
        ArgumentNullException.ThrowIfNull(chips);
        if (chips.Tiers != tiers)
        {
            throw new ArgumentException($"the block holds chips of {tiers} network tiers, not {chips.Tiers}", nameof(chips));
        }

        IsOneChip = false;
        for (int rate = 0; rate < SecondsPerByteRow - FirstRateRow; rate++)
        {
            Gather(chips.BytesPerFlop((OperatorRate)rate), indices, BytesPerFlop((OperatorRate)rate));
        }

        Gather(chips.SecondsPerByte, indices, SecondsPerByte);
        Gather(chips.StaticLatency, indices, StaticLatency);
        for (int tier = 0; tier < tiers; tier++)
        {
            Gather(chips.LinkSecondsPerByte(tier), indices, LinkSecondsPerByte(tier));
            Gather(chips.HopSeconds(tier), indices, HopSeconds(tier));
        }
    }

    private static void Gather(ReadOnlySpan<double> from, ReadOnlySpan<int> indices, Span<double> to)
    {
        for (int index = 0; index < indices.Length; index++)
        {
            to[index] = from[indices[index]];
        }
    }

    private Span<double> Row(int index) => cells.AsSpan(firstCell + (index * stride), Capacity);
}
