using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Lanes;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>
/// All operators of a stage some of whose segments have steps, as <see cref="PlainOperators{TLanes, TCombine}"/> sums plain ones: an operator that lies on one step of its tables is multiplied by
/// its factors, and one that does not has its times in a row of <see cref="ChunkSteps"/> before the pass starts, where they are added in its turn.
/// </summary>
/// <typeparam name="TLanes">The width.</typeparam>
/// <typeparam name="TCombine">How compute and memory time combine.</typeparam>
/// <typeparam name="TMemorySteps">Whether the memory's efficiency has steps.</typeparam>
internal readonly ref struct SteppedOperators<TLanes, TCombine, TMemorySteps>
    where TLanes : struct, ILanes<TLanes>
    where TCombine : struct, ICombine
    where TMemorySteps : struct, IAnswer
{
    private const int NextFactors = ChunkSteps.NextFactors;

    private readonly ref double batch;
    private readonly ref double rows;
    private readonly ref double factors;
    private readonly ref double times;
    private readonly ref int runs;
    private readonly ref Segment segments;
    private readonly ref int ends;
    private readonly nint stride;
    private readonly nint timesStride;
    private readonly nint firstRate;
    private readonly nint firstPart;
    private readonly int parts;

    private SteppedOperators(StageProgram program, ChunkSteps steps, in LaneRange range)
    {
        batch = ref range.Sequences;
        rows = ref program.Row(0);
        factors = ref steps.Factors(0);
        times = ref steps.Times(0);
        runs = ref steps.EndsOfRuns;
        segments = ref MemoryMarshal.GetReference(program.SegmentsOf(StagePart.Attention));
        ends = ref program.EndsOfSegments;
        stride = range.Stride;
        timesStride = steps.TimesStride;
        firstRate = Distance(ref range.BytesPerFlopRow(default));
        firstPart = Distance(ref range.PartStart(StagePart.Attention));
        parts = (int)StagePart.Logits + (program.HasLogits ? 1 : 0);
    }

    /// <summary>Writes the memory bytes that each part is worth to its row, for logits only where the stage has some.</summary>
    /// <param name="program">The stage.</param>
    /// <param name="steps">What the chunk reaches of tables, the times of operators that reach several filled in.</param>
    /// <param name="start">First of the candidates.</param>
    /// <param name="range">The candidates, which start where the chunk does.</param>
    /// <returns>Where the last whole lanes end.</returns>
    public static int Sum(StageProgram program, ChunkSteps steps, int start, in LaneRange range)
    {
        SteppedOperators<TLanes, TCombine, TMemorySteps> operators = new(program, steps, range);
        int last = range.Count - TLanes.Count;
        int index = start;
        for (; index <= last; index += TLanes.Count)
        {
            operators.Sum(ref Unsafe.Add(ref operators.batch, index), ref Unsafe.Add(ref operators.times, index));
        }

        return index;
    }

    /// <summary>The same for the candidates at one column.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Sum(ref double column, ref double filled)
    {
        TLanes sequences = TLanes.Load(ref column, 0);
        ref double part = ref Unsafe.Add(ref column, firstPart);
        ref double ratios = ref Unsafe.Add(ref column, firstRate);
        ref double row = ref rows;
        ref double factor = ref factors;
        ref int run = ref runs;
        ref Segment next = ref segments;
        for (int index = 0; index < parts; index++)
        {
            ref Segment end = ref Unsafe.Add(ref segments, Unsafe.Add(ref ends, index));
            TLanes bytes = TLanes.Broadcast(0);
            while (Unsafe.IsAddressLessThan(ref next, ref end))
            {
                ref double endRow = ref Unsafe.Add(ref rows, (nint)next.End * StageProgram.NextOperator);
                TLanes bytesPerFlop = TLanes.Load(ref Unsafe.Add(ref ratios, (int)next.Rate * stride), 0);
                TLanes sum = TLanes.Broadcast(0);
                while (Unsafe.IsAddressLessThan(ref row, ref endRow))
                {
                    ref double endRun = ref Unsafe.Add(ref rows, (nint)run * StageProgram.NextOperator);
                    run = ref Unsafe.Add(ref run, 1);
                    while (Unsafe.IsAddressLessThan(ref row, ref endRun))
                    {
                        sum += SteppedPasses.Time<TLanes, TCombine>(ref row, ref factor, sequences, bytesPerFlop, TMemorySteps.IsYes);
                        row = ref Unsafe.Add(ref row, StageProgram.NextOperator);
                        factor = ref Unsafe.Add(ref factor, NextFactors);
                    }

                    if (Unsafe.IsAddressLessThan(ref row, ref endRow))
                    {
                        sum += TLanes.Load(ref filled, 0);
                        filled = ref Unsafe.Add(ref filled, timesStride);
                        row = ref Unsafe.Add(ref row, StageProgram.NextOperator);
                        factor = ref Unsafe.Add(ref factor, NextFactors);
                    }
                }

                bytes = TLanes.MultiplyAdd(sum, TLanes.Broadcast(next.Repeats), bytes);
                next = ref Unsafe.Add(ref next, 1);
            }

            TLanes.Store(bytes, ref part, 0);
            part = ref Unsafe.Add(ref part, stride);
        }
    }

    private nint Distance(ref double row) => Unsafe.ByteOffset(ref batch, ref row) / sizeof(double);
}
