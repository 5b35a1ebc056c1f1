using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Roofline;

/// <summary>Some neighbouring candidates of a block. References start at the first of them; a pass sees to the count.</summary>
internal readonly ref struct LaneRange
{
    private readonly LaneBlock block;
    private readonly int start;

    /// <summary>A chunk of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="start">First candidate.</param>
    /// <param name="stop">One past the last.</param>
    public LaneRange(LaneBlock block, int start, int stop)
    {
        this.block = block;
        this.start = start;
        Count = stop - start;
        ReadOnlySpan<double> batches = block.Sequences[start..stop];
        FewestSequences = TensorPrimitives.Min(batches);
        MostSequences = TensorPrimitives.Max(batches);
    }

    /// <summary>Some of a chunk's candidates; smallest and largest batch stay the chunk's.</summary>
    private LaneRange(LaneRange chunk, int skipped, int count)
    {
        this = chunk;
        start = chunk.start + skipped;
        Count = count;
    }

    /// <summary>Candidates.</summary>
    public int Count { get; }

    /// <summary>Some of the candidates.</summary>
    public LaneRange Slice(int skipped, int count) => new(this, skipped, count);

    /// <summary>Smallest batch of the chunk.</summary>
    public double FewestSequences { get; }

    /// <summary>Largest batch of the chunk.</summary>
    public double MostSequences { get; }

    public ref double Sequences => ref First(block.Sequences);

    public ref double SecondsPerByteRow => ref First(block.SecondsPerByte);

    public ref double StaticLatencyRow => ref First(block.StaticLatency);

    /// <summary>Seconds a byte takes, of a block that holds one chip.</summary>
    public double SecondsPerByte => SecondsPerByteRow;

    /// <summary>Latency of an operator, of a block that holds one chip.</summary>
    public double StaticLatency => StaticLatencyRow;

    public ref double StageSeconds => ref First(block.StageSeconds);

    public ref double StepSeconds => ref First(block.StepSeconds);

    public ref double BytesPerFlopRow(OperatorRate rate) => ref First(block.BytesPerFlop(rate));

    public ref double LinkSecondsPerByteRow(int tier) => ref First(block.LinkSecondsPerByte(tier));

    public ref double HopSecondsRow(int tier) => ref First(block.HopSeconds(tier));

    /// <summary>Memory bytes per FLOP, of a block that holds one chip.</summary>
    public double BytesPerFlop(OperatorRate rate) => BytesPerFlopRow(rate);

    /// <summary>Seconds a byte on a link takes, of a block that holds one chip.</summary>
    public double LinkSecondsPerByte(int tier) => LinkSecondsPerByteRow(tier);

    /// <summary>Seconds a hop takes, of a block that holds one chip.</summary>
    public double HopSeconds(int tier) => HopSecondsRow(tier);

    /// <summary>Time of a part so far; memory bytes until all its segments are in, then seconds.</summary>
    public Span<double> Part(StagePart part) => block.PartTime(part).Slice(start, Count);

    public ref double PartStart(StagePart part) => ref MemoryMarshal.GetReference(Part(part));

    public ref double ExchangeSeconds => ref First(block.ExchangeSeconds);

    /// <summary>Sum of a segment, operator by operator; shares its row with an exchange's time, which comes later.</summary>
    public ref double SegmentSum => ref First(block.ExchangeSeconds);

    /// <summary>Learned slowdown of the operator at hand; shares its row with exposed communication, which comes later.</summary>
    public ref double LearnedSlowdown => ref First(block.Exposed);

    public ref double Exposed => ref First(block.Exposed);

    public ref double Slowdown => ref First(block.Slowdown);

    public ref double SpareWork => ref First(block.SpareWork);

    private ref double First(Span<double> row) => ref Unsafe.Add(ref MemoryMarshal.GetReference(row), start);
}
