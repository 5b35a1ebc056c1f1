using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>What of a chip measured operators are held against.</summary>
/// <param name="Scale">What timings scale with.</param>
/// <param name="HalfFlopsPerSecond">Peak in 16 bits.</param>
/// <param name="EightBitFlopsPerSecond">Peak in 8 bits.</param>
/// <param name="FourBitFlopsPerSecond">Peak in 4 bits.</param>
internal sealed record CalibrationChip(
    TimingChip Scale, double HalfFlopsPerSecond, double EightBitFlopsPerSecond, double FourBitFlopsPerSecond)
{
    /// <summary>Peak rate of a card's outermost network, one direction; 0 where nothing asks.</summary>
    public double OuterBytesPerSecond { get; init; }

    /// <summary>Memory of a card; 0 where nothing asks.</summary>
    public double MemoryGibibytes { get; init; }

    /// <summary>Reads it off a system.</summary>
    /// <param name="file">The system's file.</param>
    /// <param name="chip">The system.</param>
    /// <param name="computeUnits">Compute units; null for those of the file.</param>
    /// <exception cref="ConfigurationException">The file lacks something.</exception>
    public static CalibrationChip Of(string file, Chip chip, double? computeUnits)
    {
        double units = computeUnits ?? chip.Timings?.ComputeUnits
            ?? throw ConfigurationException.At(file, "operators.compute_units", "nothing", "an integer of at least 1 (calibrate also takes --compute-units)");
        double Peak(IReadOnlyList<string> types) => MatrixPeaks.Of(chip, types)
            ?? throw ConfigurationException.At(file, "matrix", string.Join(", ", chip.Matrix.Keys), $"one of {string.Join(", ", types)} among them");
        return new CalibrationChip(
            new TimingChip(
                units,
                chip.Memory.GigabytesPerSecond * PhysicalUnits.BytesPerGigabyte,
                chip.Networks[0].GigabytesPerSecond * PhysicalUnits.BytesPerGigabyte),
            Peak(MatrixPeaks.HalfTypes),
            Peak(MatrixPeaks.EightBitTypes),
            Peak(MatrixPeaks.FourBitTypes))
        {
            OuterBytesPerSecond = chip.Networks[^1].GigabytesPerSecond * PhysicalUnits.BytesPerGigabyte,
            MemoryGibibytes = chip.Memory.CapacityGibibytes,
        };
    }

    /// <summary>Microseconds of some work at the peaks: the longer of compute and memory.</summary>
    public double Roofline(double flops, double peakFlopsPerSecond, double bytes) =>
        Math.Max(flops / peakFlopsPerSecond, bytes / Scale.MemoryBytesPerSecond) * MeasuredRows.MicrosecondsPerSecond;
}
