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

    /// <summary>Types of each width, the widest first: <see cref="HalfTypes"/>, <see cref="EightBitTypes"/>, <see cref="FourBitTypes"/>.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> Widths { get; } = [HalfTypes, EightBitTypes, FourBitTypes];

    /// <summary>FLOP/s of the first of some types that the chip has; null where it has none.</summary>
    public static double? Of(Chip chip, IReadOnlyList<string> types) =>
        TypeOf(chip, types) is { } type ? chip.Matrix[type].Teraflops * PhysicalUnits.FlopsPerTeraflop : null;

    /// <summary>The first of some types that the chip has; null where it has none.</summary>
    public static string? TypeOf(Chip chip, IReadOnlyList<string> types)
    {
        ArgumentNullException.ThrowIfNull(chip);
        ArgumentNullException.ThrowIfNull(types);
        foreach (string type in types)
        {
            if (chip.Matrix.ContainsKey(type))
            {
                return type;
            }
        }

        return null;
    }
}
