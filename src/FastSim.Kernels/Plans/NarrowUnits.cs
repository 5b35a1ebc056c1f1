using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Plans;

/// <summary>Which narrow floating point formats a chip computes in: weights in others are widened for its units of 16 bits.</summary>
/// <param name="HasEightBits">Whether in 8 bits.</param>
/// <param name="HasFourBits">Whether in 4.</param>
public readonly record struct NarrowUnits(bool HasEightBits, bool HasFourBits)
{
    /// <summary>Those of a chip.</summary>
    /// <param name="chip">The chip.</param>
    public static NarrowUnits Of(Chip chip)
    {
        ArgumentNullException.ThrowIfNull(chip);
        return new NarrowUnits(chip.Matrix.ContainsKey("float8"), chip.Matrix.ContainsKey("float4"));
    }
}
