using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration.Published.Quantization;

/// <summary>Eight-bit weights, and formats that one word says all of: fp8, fbgemm_fp8, mxfp8, mxfp4 and their like.</summary>
internal static class ByteFormats
{
    private const int ByteBits = 8;
    private const int NvidiaGroup = 16;
    private const int ExpertGroup = 128;
    private const int BlockExtent = 128;

    /// <summary>Four bits with an 8-bit scale for 32: MXFP4. By activations of 8 bits that are scaled alike.</summary>
    public static WeightFormat Microscaling { get; } = WeightFormat.Groups(bits: 4, WeightFormat.MicroscalingGroup, groupBytes: 1).By(ActivationFormat.EightBitBlock);

    /// <summary>Four bits with an 8-bit scale for 16: NVFP4. By activations of the same format.</summary>
    public static WeightFormat Nvidia { get; } = WeightFormat.Groups(bits: 4, NvidiaGroup, groupBytes: 1).By(ActivationFormat.FourBit);

    /// <summary>Eight bits with an 8-bit scale for 32: MXFP8. By activations of the same format.</summary>
    public static WeightFormat MicroscalingBytes { get; } =
        WeightFormat.Groups(bits: 8, WeightFormat.MicroscalingGroup, groupBytes: 1).By(ActivationFormat.EightBitBlock);

    private static readonly Dictionary<string, bool> FloatTypes = new()
    {
        ["e4m3"] = true,
        ["e5m2"] = true,
        ["e4m3fn"] = true,
        ["float8_e4m3fn"] = true,
        ["float8_e5m2"] = true,
    };

    /// <summary>One scale a matrix, or a 32-bit one for each block of <c>weight_block_size</c>; activations alike.</summary>
    public static QuantizationScheme Blocks(JsonObject quantization, Findings findings)
    {
        quantization.Know(
            findings,
            [
                "quant_method", "fmt", "activation_scheme", "weight_block_size", "scale_fmt", "dequantize", "kv_cache_scheme", "packed_modules_mapping",
                "is_checkpoint_fp8_serialized", .. Spared.Keys,
            ]);
        if (quantization.Has("fmt"))
        {
            quantization["fmt"].Word("an eight-bit floating point type", FloatTypes);
        }

        JsonValue block = quantization["weight_block_size"];
        return new QuantizationScheme(
            [.. Spared.In(quantization)],
            block.IsNull ? WeightFormat.Plain(ByteBits).By(ActivationFormat.EightBit) : Tile(block, ByteBits, WeightFormat.Single).By(ActivationFormat.EightBitBlock));
    }

    /// <summary>Integers, a 32-bit scale for each block of <c>weight_block_size</c>; activations alike.</summary>
    public static QuantizationScheme IntegerBlocks(JsonObject quantization, Findings findings)
    {
        QuantizationScheme scheme = Blocks(quantization, findings);
        return scheme with { Rest = scheme.Rest?.By(ActivationFormat.EightBitInteger) };
    }

    /// <summary>
    /// Routed experts in 4-bit integers, a 16-bit scale for 128, by 8-bit floats; all else 8-bit floats in blocks, of 128 x 128 where the file does not say.
    /// Source: SGLang's W4AFp8Config.
    /// </summary>
    public static QuantizationScheme FourBitExperts(JsonObject quantization, Findings findings)
    {
        QuantizationScheme scheme = Blocks(quantization, findings);
        return scheme with
        {
            Rest = quantization["weight_block_size"].IsNull
                ? WeightFormat.Tiles(ByteBits, BlockExtent, BlockExtent, WeightFormat.Single).By(ActivationFormat.EightBitBlock)
                : scheme.Rest,
            RoutedExperts = WeightFormat.Groups(bits: 4, ExpertGroup, WeightFormat.Half).By(ActivationFormat.EightBit),
        };
    }

    /// <summary>A scale for each output, and for each row of floating point activations.</summary>
    public static QuantizationScheme Channels(JsonObject quantization, Findings findings) => Channels(quantization, ActivationFormat.EightBit, findings);

    /// <summary>The same in integers.</summary>
    public static QuantizationScheme IntegerChannels(JsonObject quantization, Findings findings) => Channels(quantization, ActivationFormat.EightBitInteger, findings);

    private static QuantizationScheme Channels(JsonObject quantization, ActivationFormat activations, Findings findings)
    {
        quantization.Know(findings, ["quant_method", "activation_scale_ub", "activation_scheme", "kv_cache_scheme", .. Spared.Keys]);
        return new QuantizationScheme([.. Spared.In(quantization)], WeightFormat.Plain(ByteBits).By(activations));
    }

    /// <summary>MXFP8 everywhere.</summary>
    public static QuantizationScheme MicroscaledBytes(JsonObject quantization, Findings findings)
    {
        quantization.Know(findings, ["quant_method", "fmt", "activation_scheme", "weight_block_size", "scale_fmt", .. Spared.Keys]);
        JsonValue block = quantization["weight_block_size"];
        return new QuantizationScheme([.. Spared.In(quantization)], block.IsNull ? MicroscalingBytes : Tile(block, ByteBits, scaleBytes: 1).By(ActivationFormat.EightBitBlock));
    }

    /// <summary>MXFP4 in the routed experts; nothing else has such kernels, named or not.</summary>
    public static QuantizationScheme MicroscaledExperts(JsonObject quantization, Findings findings)
    {
        quantization.Know(findings, ["quant_method", "dequantize", "swizzle", .. Spared.Keys]);
        return new QuantizationScheme([.. Spared.In(quantization)], Microscaling) { ExpertsAlone = true, Scope = quantization["quant_method"] };
    }

    /// <summary>Blocks of <c>[outputs, inputs]</c>.</summary>
    public static WeightFormat Tile(JsonValue block, double bits, double scaleBytes)
    {
        JsonValue[] extents = block.Tuple(2, "[rows, columns] of a block");
        return WeightFormat.Tiles(bits, extents[0].Integer(1), extents[1].Integer(1), scaleBytes);
    }
}
