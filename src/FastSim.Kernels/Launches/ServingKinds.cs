namespace FastSim.Kernels.Launches;

/// <summary>Words that measured kernels have for number formats of products, by which timings of a system name them.</summary>
public static class ServingKinds
{
    /// <summary>4-bit experts with 16-bit activations.</summary>
    public const string PackedFourBit = "w4a16_mxfp4";

    /// <summary>4-bit experts with 8-bit activations.</summary>
    public const string FourBitByEight = "w4a8_mxfp4_mxfp8";

    private static readonly Dictionary<string, NumberKind> Kinds =
        Enum.GetValues<NumberKind>().Where(kind => WordOf(kind) is not null).ToDictionary(kind => WordOf(kind)!, StringComparer.Ordinal);

    /// <summary>The format of a word; null for one that is not among them.</summary>
    /// <param name="word">The word.</param>
    public static NumberKind? KindOf(string word) => word switch
    {
        FourBitByEight => NumberKind.FourBitByEight,
        PackedFourBit => NumberKind.FourBitWeights,
        _ => Kinds.TryGetValue(word, out NumberKind kind) ? kind : null,
    };

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
