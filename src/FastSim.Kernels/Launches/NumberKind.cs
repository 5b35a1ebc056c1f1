namespace FastSim.Kernels.Launches;

/// <summary>Number formats that kernels differ in; the value is the format's place among a model's features.</summary>
public enum NumberKind
{
    /// <summary>16 bits.</summary>
    SixteenBit,

    /// <summary>8-bit floating point with one scale.</summary>
    EightBit,

    /// <summary>8-bit floating point, a scale a block.</summary>
    EightBitBlock,

    /// <summary>8-bit integers.</summary>
    EightBitInteger,

    /// <summary>4 bits.</summary>
    FourBit,

    /// <summary>4-bit weights that meet 8-bit activations.</summary>
    FourBitByEight,

    /// <summary>8-bit weights that meet 16-bit activations.</summary>
    EightBitWeights,

    /// <summary>4-bit weights that meet 16-bit activations.</summary>
    FourBitWeights,
}
