using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>What learned efficiencies know of a chip: peaks, and how many units share the work.</summary>
/// <param name="ComputeUnits">Streaming multiprocessors, or cores.</param>
/// <param name="MemoryBytesPerSecond">Peak rate of the memory.</param>
/// <param name="HalfFlopsPerSecond">Peak in 16 bits.</param>
/// <param name="EightBitFlopsPerSecond">Peak in 8 bits.</param>
/// <param name="FourBitFlopsPerSecond">Peak in 4 bits.</param>
public readonly record struct RooflineChip(
    double ComputeUnits,
    double MemoryBytesPerSecond,
    double HalfFlopsPerSecond,
    double EightBitFlopsPerSecond,
    double FourBitFlopsPerSecond)
{
    private const double IssueOfSynchronousUnits = 2048;
    private const double HalfAsynchronous = 0.5;

    /// <summary>How it works beside its peaks; the default states nothing.</summary>
    public ChipStructure Structure { get; init; }

    /// <summary>Peak in 16 bits that says how wide a unit issues, where <see cref="HalfFlopsPerSecond"/> is another type's; 0 for that.</summary>
    public double IssueFlopsPerSecond { get; init; }

    /// <summary>
    /// 1 where matrix units fetch their operands by themselves, 0 where not: the kernels of the two are others. Where the chip does not say, 1 from 4096 FLOP in 16 bits a unit and
    /// cycle, which no other way feeds, 0 up to half of that, in between by the logarithm.
    /// </summary>
    public double Asynchrony => Structure.IsAsynchronous is { } stated
        ? (stated ? 1 : 0)
        : Math.Clamp(
            Math.Log2((IssueFlopsPerSecond > 0 ? IssueFlopsPerSecond : HalfFlopsPerSecond)
                / (ComputeUnits * Structure.Whole(ComputeUnits).ClockHertz * IssueOfSynchronousUnits)),
            0,
            1);

    /// <summary>Whether <see cref="Asynchrony"/> is nearer to 1 than to 0.</summary>
    internal bool IsAsynchronous => Asynchrony >= HalfAsynchronous;

    /// <summary>Peak FLOP/s of a number format.</summary>
    public double FlopsPerSecond(NumberKind kind) => kind switch
    {
        NumberKind.EightBit or NumberKind.EightBitBlock or NumberKind.EightBitInteger or NumberKind.FourBitByEight => EightBitFlopsPerSecond,
        NumberKind.FourBit => FourBitFlopsPerSecond,
        _ => HalfFlopsPerSecond,
    };

    /// <summary>Bytes of a weight in a number format, scales included.</summary>
    public static double WeightBytes(NumberKind kind) => kind switch
    {
        NumberKind.SixteenBit => 2,
        NumberKind.FourBit => 0.5625,
        NumberKind.FourBitByEight => 0.53125,
        NumberKind.FourBitWeights => 0.5,
        _ => 1,
    };

    /// <summary>Bytes of an activation as the product reads it.</summary>
    public static double ActivationBytes(NumberKind kind) => kind switch
    {
        NumberKind.EightBit or NumberKind.EightBitBlock or NumberKind.EightBitInteger or NumberKind.FourBitByEight => 1,
        NumberKind.FourBit => 0.5625,
        _ => 2,
    };
}
