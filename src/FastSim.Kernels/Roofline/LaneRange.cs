using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>Some neighbouring candidates of a block. References start at the first of them; a pass sees to the count.</summary>
internal readonly ref struct LaneRange
{
    private const int FourVectors = 16;

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
    public (double Fewest, double Most) Ends()
    {
        ref double batch = ref Sequences;
        (double fewest, double most) = (batch, batch);
        int index = 0;
        if (Count >= FourVectors)
        {
            // Four at a time, so that the latency of one hides behind the others.
            (Vector256<double> least0, Vector256<double> least1) = (Vector256.LoadUnsafe(ref batch), Vector256.LoadUnsafe(ref batch, 4));
            (Vector256<double> least2, Vector256<double> least3) = (Vector256.LoadUnsafe(ref batch, 8), Vector256.LoadUnsafe(ref batch, 12));
            (Vector256<double> most0, Vector256<double> most1, Vector256<double> most2, Vector256<double> most3) = (least0, least1, least2, least3);
            for (index = FourVectors; index <= Count - FourVectors; index += FourVectors)
            {
                ref double next = ref Unsafe.Add(ref batch, index);
                (Vector256<double> batches0, Vector256<double> batches1) = (Vector256.LoadUnsafe(ref next), Vector256.LoadUnsafe(ref next, 4));
                (Vector256<double> batches2, Vector256<double> batches3) = (Vector256.LoadUnsafe(ref next, 8), Vector256.LoadUnsafe(ref next, 12));
                (least0, most0) = (Vector256.MinNative(least0, batches0), Vector256.MaxNative(most0, batches0));
                (least1, most1) = (Vector256.MinNative(least1, batches1), Vector256.MaxNative(most1, batches1));
                (least2, most2) = (Vector256.MinNative(least2, batches2), Vector256.MaxNative(most2, batches2));
                (least3, most3) = (Vector256.MinNative(least3, batches3), Vector256.MaxNative(most3, batches3));
            }

            least0 = Vector256.MinNative(Vector256.MinNative(least0, least1), Vector256.MinNative(least2, least3));
            most0 = Vector256.MaxNative(Vector256.MaxNative(most0, most1), Vector256.MaxNative(most2, most3));
            Vector128<double> leastPair = Vector128.MinNative(least0.GetLower(), least0.GetUpper());
            Vector128<double> mostPair = Vector128.MaxNative(most0.GetLower(), most0.GetUpper());
            fewest = double.MinNative(leastPair[0], leastPair[1]);
            most = double.MaxNative(mostPair[0], mostPair[1]);
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
