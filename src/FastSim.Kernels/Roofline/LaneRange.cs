using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>Some neighbouring candidates of a block. References start at the first of them; a pass sees to the count.</summary>
internal readonly ref struct LaneRange
{
    private readonly ref double column;
    private readonly int stride;
    private readonly int stageRow;

    /// <summary>Some of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="start">First candidate.</param>
    /// <param name="stop">One past the last.</param>
    public LaneRange(LaneBlock block, int start, int stop)
    {
        column = ref block.Column(start);
        stride = block.Stride;
        stageRow = block.StageRow;
        Count = stop - start;
    }

    /// <summary>Candidates.</summary>
    public int Count { get; }

    /// <summary>From one row to the next.</summary>
    public int Stride => stride;

    public ref double Sequences => ref Row(LaneBlock.SequencesRow);

    public ref double SecondsPerByteRow => ref Row(LaneBlock.SecondsPerByteRow);

    public ref double StaticLatencyRow => ref Row(LaneBlock.StaticLatencyRow);

    /// <summary>Seconds a byte takes, of a block that holds one chip.</summary>
    public double SecondsPerByte => SecondsPerByteRow;

    /// <summary>Latency of an operator, of a block that holds one chip.</summary>
    public double StaticLatency => StaticLatencyRow;

    public ref double StageSeconds => ref Row(stageRow);

    public ref double StepSeconds => ref Row(stageRow + 1);

    public ref double BytesPerFlopRow(OperatorRate rate) => ref Row(LaneBlock.FirstRateRow + (int)rate);

    public ref double LinkSecondsPerByteRow(int tier) => ref Row(LaneBlock.FirstLinkRow + (LaneBlock.RowsPerTier * tier));

    public ref double HopSecondsRow(int tier) => ref Row(LaneBlock.FirstLinkRow + (LaneBlock.RowsPerTier * tier) + 1);

    /// <summary>Memory bytes per FLOP, of a block that holds one chip.</summary>
    public double BytesPerFlop(OperatorRate rate) => BytesPerFlopRow(rate);

    /// <summary>Seconds a byte on a link takes, of a block that holds one chip.</summary>
    public double LinkSecondsPerByte(int tier) => LinkSecondsPerByteRow(tier);

    /// <summary>Seconds a hop takes, of a block that holds one chip.</summary>
    public double HopSeconds(int tier) => HopSecondsRow(tier);

    /// <summary>Time of a part so far; memory bytes until all its segments are in, then seconds.</summary>
    public ref double PartStart(StagePart part) => ref Row(stageRow + 2 + (int)part);

    /// <summary>Time of an exchange.</summary>
    public ref double ExchangeSeconds => ref Row(stageRow + 5);

    /// <summary>Sum of a segment, operator by operator; shares its row with an exchange's time, which comes later.</summary>
    public ref double SegmentSum => ref ExchangeSeconds;

    /// <summary>Exposed communication of a part.</summary>
    public ref double Exposed => ref Row(stageRow + 6);

    /// <summary>Learned slowdown of the operator at hand; shares its row with exposed communication, which comes later.</summary>
    public ref double LearnedSlowdown => ref Exposed;

    /// <summary>Compute that hidden communication takes from a part.</summary>
    public ref double Slowdown => ref Row(stageRow + 7);

    /// <summary>Share of experts that are read; shares its row with what hidden communication takes, which comes later.</summary>
    public ref double ReadShare => ref Slowdown;

    /// <summary>Work of attention and feed-forward beyond what hides behind it.</summary>
    public ref double SpareWork => ref Row(stageRow + 8);

    /// <summary>Smallest and largest batch, of at least one.</summary>
    public (double Fewest, double Most) Ends() => Vector512.IsHardwareAccelerated ? Ends<LanePair<LanePair<Lanes8>>>() : Ends<LanePair<LanePair<Lanes4>>>();

    /// <summary>The same by as many vectors at once as hide the latency of each other.</summary>
    private (double Fewest, double Most) Ends<TLanes>()
        where TLanes : struct, ILanes<TLanes>
    {
        ref double batch = ref Sequences;
        (double fewest, double most) = (batch, batch);
        int index = 0;
        if (Count >= TLanes.Count)
        {
            TLanes least = TLanes.Load(ref batch, 0);
            TLanes largest = least;
            for (index = TLanes.Count; index <= Count - TLanes.Count; index += TLanes.Count)
            {
                TLanes batches = TLanes.Load(ref batch, index);
                least = TLanes.Min(least, batches);
                largest = TLanes.Max(largest, batches);
            }

            (fewest, most) = (TLanes.Least(least), TLanes.Largest(largest));
        }

        for (; index < Count; index++)
        {
            fewest = double.MinNative(fewest, Unsafe.Add(ref batch, index));
            most = double.MaxNative(most, Unsafe.Add(ref batch, index));
        }

        return (fewest, most);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private ref double Row(int row) => ref Unsafe.Add(ref column, row * stride);
}
