namespace FastSim.Kernels.Chips;

/// <summary>Peak rates of a chip's matrix units by width; a width that it lacks computes in the next wider one.</summary>
public static class MatrixPeaks
{
    /// <summary>Matrix types that compute in 16 bits, first choice first.</summary>
    public static IReadOnlyList<string> HalfTypes { get; } = ["bfloat16", "float16"];

    /// <summary>Those for 8 bits.</summary>
    public static IReadOnlyList<string> EightBitTypes { get; } = ["float8", "int8", .. HalfTypes];

    /// <summary>Those for 4 bits.</summary>
    public static IReadOnlyList<string> FourBitTypes { get; } = ["float4", .. EightBitTypes];

    /// <summary>FLOP/s of the first of some types that the chip has; null where it has none.</summary>
    public static double? Of(Chip chip, IReadOnlyList<string> types)
    {
        ArgumentNullException.ThrowIfNull(chip);
        ArgumentNullException.ThrowIfNull(types);
        foreach (string type in types)
        {
            if (chip.Matrix.TryGetValue(type, out ComputeUnit? unit))
            {
                return unit.Teraflops * PhysicalUnits.FlopsPerTeraflop;
            }
        }

        return null;
    }
}
