namespace FastSim.Kernels.Models;

/// <summary>What stored weights are multiplied with: activations as they are, or quantized first.</summary>
public enum ActivationFormat
{
    /// <summary>The model's own type: weights alone are narrow, and widened on their way.</summary>
    Own,

    /// <summary>8-bit floating point with a scale a matrix or a row.</summary>
    EightBit,

    /// <summary>8-bit floating point, a scale a group.</summary>
    EightBitBlock,

    /// <summary>8-bit integers.</summary>
    EightBitInteger,

    /// <summary>4 bits, a scale a group.</summary>
    FourBit,
}

/// <summary>Formats that meet in a product of stored weights.</summary>
/// <param name="WeightBytes">Bytes of a weight, without its scales.</param>
/// <param name="Activations">What it is multiplied with.</param>
public readonly record struct ProductFormat(double WeightBytes, ActivationFormat Activations);
