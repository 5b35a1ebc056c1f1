using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Clocks;

/// <summary>A chip as fitted forms take it: its rates, which may be a variant's, and what follows from these alone, worked out once.</summary>
internal sealed class FormChip
{
    private static long numbered;

    private readonly RooflineChip peaks;
    private readonly double[]?[] perDepth;

    /// <summary>Takes a chip's rates.</summary>
    /// <param name="memoryBytesPerSecond">Peak rate of its memory.</param>
    /// <param name="innerBytesPerSecond">Peak rate of its links within a server.</param>
    /// <param name="outerBytesPerSecond">Peak rate of its outermost links.</param>
    /// <param name="peaks">Its peaks.</param>
    /// <param name="serverCards">Cards within a server.</param>
    /// <param name="other">A chip of the same forms, with which it has in common what it may; null for none.</param>
    public FormChip(double memoryBytesPerSecond, double innerBytesPerSecond, double outerBytesPerSecond, in RooflineChip peaks, double serverCards, FormChip? other)
    {
        this.peaks = peaks;
        Scale = new TimingChip(peaks.ComputeUnits, memoryBytesPerSecond, innerBytesPerSecond);
        (OuterBytesPerSecond, ServerCards) = (outerBytesPerSecond, serverCards);
        (Timed, perDepth) = other is not null && peaks == other.peaks && memoryBytesPerSecond == other.Scale.MemoryBytesPerSecond
            ? (other.Timed, other.perDepth)
            : (Interlocked.Increment(ref numbered), new double[Enum.GetValues<NumberKind>().Length][]);
    }

    /// <summary>Units, memory and links within a server.</summary>
    public TimingChip Scale { get; }

    /// <summary>Peaks.</summary>
    public ref readonly RooflineChip Peaks => ref peaks;

    /// <summary>Peak rate of the outermost links.</summary>
    public double OuterBytesPerSecond { get; }

    /// <summary>Cards within a server.</summary>
    public double ServerCards { get; }

    /// <summary>
    /// The number, above 0, that chips have in common on which every launch but exchanges takes the same time: their links and capacities may differ. Threads remember times by it:
    /// what refers to nothing is no work for the collector.
    /// </summary>
    public long Timed { get; }

    /// <summary>What the tiles of a number format's products take, worked out once; threads that meet here find the same.</summary>
    /// <param name="kind">The number format.</param>
    /// <param name="parameters">Its form's.</param>
    public double[] PerDepth(NumberKind kind, double[] parameters)
    {
        if (perDepth[(int)kind] is { } known)
        {
            return known;
        }

        double[] tiles = new double[GemmTiming.Tiles];
        GemmTiming.PerDepth(
            parameters, Scale, peaks.FlopsPerSecond(kind), RooflineChip.WeightBytes(kind), RooflineChip.ActivationBytes(kind), tiles);
        perDepth[(int)kind] = tiles;
        return tiles;
    }
}
