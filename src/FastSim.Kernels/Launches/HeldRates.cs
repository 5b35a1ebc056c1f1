namespace FastSim.Kernels.Launches;

/// <summary>
/// Rates at which a timing form meets a chip where a model asks for it (docs/surrogate.md, "Held rates"): its constants are cycles, not microseconds; the peak is that of a
/// clock between the boost clock and one that is held under full load; and bytes come from where they lie between two launches.
/// </summary>
internal static class HeldRates
{
    /// <summary>Clock that units hold under full load, roughly, whatever their peak's: power, not logic, sets it. At it forms' constants are microseconds.</summary>
    public const double SustainedHertz = 1.41e9;

    /// <summary>
    /// Bytes that a unit draws of the cache a cycle at most: what products of A100 and H100, whose units the memory feeds with 13.4 and 13.9, draw of it at best (11.4 and 12.0).
    /// Nothing that fits their caches runs faster.
    /// </summary>
    public const double CacheBytesPerCycle = 12;

    /// <summary>What of a launch is cycles, as an exponent of the clock: all but what the memory and the host take, which no clock hurries.</summary>
    private const double CyclesShare = 0.75;

    /// <summary>How far the clock falls under full load, as an exponent of what it could: halfway to the one that is held.</summary>
    private const double LoadShare = 0.5;

    /// <summary>The chip slowed by <paramref name="haste"/>: what a form says of it, over that, is what the chip takes.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="bytesPerSecond">Rate of where the operator's bytes lie: the memory, or the cache.</param>
    /// <param name="haste">By how much the chip's launches are shorter than a form's.</param>
    public static RooflineChip Of(in OperatorShape shape, in RooflineChip chip, double bytesPerSecond, out double haste)
    {
        double clock = Clock(chip);
        haste = Haste(chip);
        double slower = haste * Math.Pow(clock, LoadShare) * (1 + AttentionComponents.ExponentialsOverProducts(shape, chip));
        return chip with
        {
            MemoryBytesPerSecond = bytesPerSecond / haste,
            HalfFlopsPerSecond = chip.HalfFlopsPerSecond / slower,
            EightBitFlopsPerSecond =
                (OperatorComponents.IsEmulated(shape.Kind, chip) ? chip.HalfFlopsPerSecond : chip.EightBitFlopsPerSecond) / slower,
            FourBitFlopsPerSecond = chip.FourBitFlopsPerSecond / slower,
        };
    }

    /// <summary>How many times as short a form's constants are on a chip.</summary>
    /// <param name="chip">The chip.</param>
    public static double Haste(in RooflineChip chip) => Math.Pow(Clock(chip), CyclesShare);

    private static double Clock(in RooflineChip chip) => chip.Structure.Whole(chip.ComputeUnits).ClockHertz / SustainedHertz;
}
