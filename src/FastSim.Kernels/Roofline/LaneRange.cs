using System.Numerics.Tensors;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using FastSim.Kernels.Operators;

namespace FastSim.Kernels.Roofline;

/// <summary>Some neighbouring candidates of a block. References start at the first of them; a pass sees to the count.</summary>
internal readonly ref struct LaneRange
{
    private readonly LaneBlock block;
    private readonly int start;

    /// <summary>A range of a block.</summary>
    /// <param name="block">The block.</param>
    /// <param name="start">First candidate.</param>
    /// <param name="stop">One past the last.</param>
    /// <param name="needsExtremes">Whether the fewest and most sequences are asked for.</param>
    public LaneRange(LaneBlock block, int start, int stop, bool needsExtremes)
    {
        this.block = block;
        this.start = start;
        Count = stop - start;
        if (needsExtremes)
        {
            ReadOnlySpan<double> batches = block.Sequences[start..stop];
            FewestSequences = TensorPrimitives.Min(batches);
            MostSequences = TensorPrimitives.Max(batches);
        }
    }

    /// <summary>Candidates.</summary>
    public int Count { get; }

    /// <summary>Smallest batch among them.</summary>
    public double FewestSequences { get; }

    /// <summary>Largest batch among them.</summary>
    public double MostSequences { get; }

    public ref double Sequences => ref First(block.Sequences);

    public ref double SecondsPerByte => ref First(block.SecondsPerByte);

    public ref double StaticLatency => ref First(block.StaticLatency);

    public ref double StageSeconds => ref First(block.StageSeconds);

    public ref double StepSeconds => ref First(block.StepSeconds);

    public ref double BytesPerFlop(OperatorRate rate) => ref First(block.BytesPerFlop(rate));

    public ref double LinkSecondsPerByte(int tier) => ref First(block.LinkSecondsPerByte(tier));

    public ref double HopSeconds(int tier) => ref First(block.HopSeconds(tier));

    /// <summary>Time of a part so far; memory bytes until all its segments are in, then seconds.</summary>
    public Span<double> Part(StagePart part) => block.PartTime(part).Slice(start, Count);

    public ref double PartStart(StagePart part) => ref MemoryMarshal.GetReference(Part(part));

    public ref double ExchangeSeconds => ref First(block.ExchangeSeconds);

    /// <summary>Sum of a segment, operator by operator; shares its row with an exchange's time, which comes later.</summary>
    public ref double SegmentSum => ref First(block.ExchangeSeconds);

    public ref double Exposed => ref First(block.Exposed);

    public ref double Slowdown => ref First(block.Slowdown);

    private ref double First(Span<double> row) => ref Unsafe.Add(ref MemoryMarshal.GetReference(row), start);
}
