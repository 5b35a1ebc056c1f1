namespace FastSim.Kernels.Launches;

/// <summary>Words that measured kernels have for number formats of products, by which timings of a system name them.</summary>
public static class ServingKinds
{
    /// <summary>4-bit experts with 16-bit activations.</summary>
    public const string PackedFourBit = "w4a16_mxfp4";

    /// <summary>4-bit experts with 8-bit activations.</summary>
    public const string FourBitByEight = "w4a8_mxfp4_mxfp8";

    /// <summary>The word of a format's products; null where none was measured.</summary>
    public static string? WordOf(NumberKind kind) => kind switch
    {
        NumberKind.SixteenBit => "bfloat16",
        NumberKind.EightBit => "fp8",
        NumberKind.EightBitBlock => "fp8_block",
        NumberKind.FourBit => "nvfp4",
        NumberKind.EightBitInteger => "sq",
        NumberKind.EightBitWeights => "int8_wo",
        NumberKind.FourBitWeights => "int4_wo",
        _ => null,
    };
}
