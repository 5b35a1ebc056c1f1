using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Launches;

/// <summary>Number formats of a job's data types.</summary>
public static class NumberKinds
{
    /// <summary>The format of products; null where no kernel was ever measured in it.</summary>
    /// <param name="type">Name of the matrix type: letters, then bits.</param>
    /// <param name="weightBytes">Bytes of a weight.</param>
    public static NumberKind? Of(string type, double weightBytes)
    {
        return MatrixPeaks.BitsOf(type) is { } bits
            ? (bits, weightBytes) switch
            {
                (16, > 1) => NumberKind.SixteenBit,
                (16, > 0.75) => NumberKind.EightBitWeights,
                (16, _) => NumberKind.FourBitWeights,
                (8, < 0.75) => NumberKind.FourBitByEight,
                (8, _) => type.StartsWith("int", StringComparison.Ordinal) ? NumberKind.EightBitInteger : NumberKind.EightBit,
                (4, _) => NumberKind.FourBit,
                _ => null,
            }
            : null;
    }

    /// <summary>The format that an engine runs stored weights in: one that a matrix type is too narrow for runs in the next wider.</summary>
    /// <param name="type">Name of the matrix type.</param>
    /// <param name="weightBytes">Bytes of a weight as stored.</param>
    /// <param name="hasBlockScales">Whether 8-bit weights carry a scale a block.</param>
    public static NumberKind? OfStored(string type, double weightBytes, bool hasBlockScales)
    {
        NumberKind? kind = Of(type, weightBytes);
        return weightBytes switch
        {
            > 1.5 => NumberKind.SixteenBit,
            > 0.75 when kind is NumberKind.FourBit or NumberKind.EightBit => hasBlockScales ? NumberKind.EightBitBlock : NumberKind.EightBit,

            // With scales of groups or blocks they are more than a byte.
            > 0.75 when kind is NumberKind.SixteenBit => NumberKind.EightBitWeights,
            _ => kind,
        };
    }

    /// <summary>The format that products of stored weights run in.</summary>
    /// <param name="format">What meets in them.</param>
    public static NumberKind Of(ProductFormat format) => (format.WeightBytes, format.Activations) switch
    {
        ( > 1.5, _) => NumberKind.SixteenBit,
        ( > 0.75, ActivationFormat.Own) => NumberKind.EightBitWeights,
        (_, ActivationFormat.Own) => NumberKind.FourBitWeights,
        (_, ActivationFormat.FourBit) => NumberKind.FourBit,
        ( <= 0.75, _) => NumberKind.FourBitByEight,
        (_, ActivationFormat.EightBitBlock) => NumberKind.EightBitBlock,
        (_, ActivationFormat.EightBitInteger) => NumberKind.EightBitInteger,
        _ => NumberKind.EightBit,
    };
}
