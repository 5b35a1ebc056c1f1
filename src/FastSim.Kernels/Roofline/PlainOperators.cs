using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>All operators of a stage of plain segments, part after part, vector after vector: the sums of a segment and of a part stay in registers.</summary>
/// <typeparam name="TLanes">The width.</typeparam>
/// <typeparam name="TCombine">How compute and memory time combine.</typeparam>
internal readonly ref struct PlainOperators<TLanes, TCombine>
    where TLanes : struct, ILanes<TLanes>
    where TCombine : struct, ICombine
{
    private readonly ref double batch;
    private readonly ref double rows;
    private readonly ref Segment segments;
    private readonly ref int ends;
    private readonly nint stride;
    private readonly nint firstRate;
    private readonly nint firstPart;
    private readonly int parts;

    private PlainOperators(StageProgram program, in LaneRange range)
    {
        batch = ref range.Sequences;
        rows = ref program.Row(0);
        segments = ref MemoryMarshal.GetReference(program.SegmentsOf(StagePart.Attention));
        ends = ref program.EndsOfSegments;
        stride = range.Stride;
        firstRate = Distance(ref range.BytesPerFlopRow(default));
        firstPart = Distance(ref range.PartStart(StagePart.Attention));
        parts = (int)StagePart.Logits + (program.HasLogits ? 1 : 0);
    }

    /// <summary>Writes the memory bytes that each part is worth to its row, for logits only where the stage has some.</summary>
    /// <param name="program">The stage.</param>
    /// <param name="start">First of the candidates.</param>
    /// <param name="range">The candidates.</param>
    /// <returns>Where the last whole lanes end.</returns>
    public static int Sum(StageProgram program, int start, in LaneRange range)
    {
        PlainOperators<TLanes, TCombine> operators = new(program, range);
        int last = range.Count - TLanes.Count;
        int index = start;
        for (; index <= last; index += TLanes.Count)
        {
            operators.Sum(ref Unsafe.Add(ref operators.batch, index));
        }

        return index;
    }

    /// <summary>The same for the candidates at one column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Sum(ref double column)
    {
        TLanes sequences = TLanes.Load(ref column, 0);
        ref double times = ref Unsafe.Add(ref column, firstPart);
        ref double ratios = ref Unsafe.Add(ref column, firstRate);
        ref double row = ref rows;
        ref Segment next = ref segments;
        for (int part = 0; part < parts; part++)
        {
            ref Segment end = ref Unsafe.Add(ref segments, Unsafe.Add(ref ends, part));
            TLanes bytes = TLanes.Broadcast(0);
            while (Unsafe.IsAddressLessThan(ref next, ref end))
            {
                ref double endRow = ref Unsafe.Add(ref rows, (nint)next.End * StageProgram.NextOperator);
                TLanes bytesPerFlop = TLanes.Load(ref Unsafe.Add(ref ratios, (int)next.Rate * stride), 0);
                TLanes sum = SegmentPasses.Sum<TLanes, TCombine>(ref row, ref endRow, sequences, bytesPerFlop);
                bytes = TLanes.MultiplyAdd(sum, TLanes.Broadcast(next.Repeats), bytes);
                row = ref endRow;
                next = ref Unsafe.Add(ref next, 1);
            }

            TLanes.Store(bytes, ref times, 0);
            times = ref Unsafe.Add(ref times, stride);
        }
    }

    private nint Distance(ref double row) => Unsafe.ByteOffset(ref batch, ref row) / sizeof(double);
}
