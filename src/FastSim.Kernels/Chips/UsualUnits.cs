namespace FastSim.Kernels.Chips;

/// <summary>
/// Compute units of a chip that states none, for whoever times kernels by them: as many of H100's as its peak makes. One peak says it, whatever data types a job or an operator computes in, so that another
/// peak may change and the units stay (docs/surrogate.md, "What it replaces").
/// </summary>
public static class UsualUnits
{
    private const int HalfBits = 16;
    private const double HalfFlopsPerSecond = 7.5e12;

    /// <summary>
    /// The matrix type whose peak says how many units a chip has: one of 16 bits, else the widest that is narrower, else the narrowest that is wider, else one whose name says no bits; of several as wide
    /// the one that <see cref="MatrixPeaks.Widths"/> chooses, else the first that the file states.
    /// </summary>
    /// <param name="chip">The chip.</param>
    public static string TypeOf(Chip chip)
    {
        ArgumentNullException.ThrowIfNull(chip);
        return chip.Matrix.Keys.OrderBy(Narrowness).ThenBy(type => MatrixPeaks.Widths.Any(types => MatrixPeaks.TypeOf(chip, types) == type) ? 0 : 1).First();
    }

    /// <summary>FLOP/s of a unit of H100 in a data type: half as wide is twice as fast, and a name that says no bits is of 16.</summary>
    /// <param name="type">The type's name.</param>
    public static double FlopsPerSecond(string type) => HalfFlopsPerSecond * HalfBits / (MatrixPeaks.BitsOf(type) ?? HalfBits);

    /// <summary>
    /// Units that a peak makes, at least 1. They need not be whole: a peak that is a little higher never makes narrower units.
    /// </summary>
    /// <param name="peakFlopsPerSecond">Peak of the chip in <see cref="TypeOf"/>.</param>
    /// <param name="unitFlopsPerSecond">That of a unit.</param>
    public static double Of(double peakFlopsPerSecond, double unitFlopsPerSecond) => Math.Max(1, peakFlopsPerSecond / unitFlopsPerSecond);

    /// <summary>Units of a chip by its own numbers.</summary>
    /// <param name="chip">The chip.</param>
    public static double Of(Chip chip)
    {
        string type = TypeOf(chip);
        return Of(chip.Matrix[type].Teraflops * PhysicalUnits.FlopsPerTeraflop, FlopsPerSecond(type));
    }

    /// <summary>
    /// How a chip works beside its peaks. Where its units are guessed they are H100's in their kernels, too, and fetch their operands by themselves unless the file says that they do not: their width is the
    /// guess's, and tells nothing.
    /// </summary>
    /// <param name="chip">The chip.</param>
    public static ChipStructure Structure(Chip chip)
    {
        ArgumentNullException.ThrowIfNull(chip);
        return chip.Timings is null ? chip.Structure with { IsAsynchronous = chip.Structure.IsAsynchronous ?? true } : chip.Structure;
    }

    private static int Narrowness(string type) => MatrixPeaks.BitsOf(type) switch
    {
        null => int.MaxValue,
        <= HalfBits and int bits => HalfBits - bits,
        int bits => bits,
    };
}
