using System.Globalization;

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

    /// <summary>Those for 8-bit integers, which floats of as many bits cannot stand for: some chips compute them far slower.</summary>
    public static IReadOnlyList<string> IntegerTypes { get; } = ["int8", .. HalfTypes];

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

    /// <summary>Bits of a matrix type, whose name is letters, then bits; null for a name that says none.</summary>
    /// <param name="type">The type's name.</param>
    public static int? BitsOf(string type)
    {
        ArgumentNullException.ThrowIfNull(type);
        int first = 0;
        while (first < type.Length && char.IsAsciiLetter(type[first]))
        {
            first++;
        }

        int end = first;
        while (end < type.Length && char.IsAsciiDigit(type[end]))
        {
            end++;
        }

        return int.TryParse(type.AsSpan(first, end - first), NumberStyles.None, CultureInfo.InvariantCulture, out int bits) && bits > 0 ? bits : null;
    }
}
