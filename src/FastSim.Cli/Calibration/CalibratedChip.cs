using FastSim.Cli.Configuration;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Timing;

namespace FastSim.Cli.Calibration;

/// <summary>Peaks of the chip that operators were measured on, in physical units.</summary>
internal sealed class CalibratedChip
{
    /// <summary>Takes a chip.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="computeUnits">Streaming multiprocessors, or cores.</param>
    /// <exception cref="ConfigurationException">It has no matrix unit of a type that operators are measured in.</exception>
    public CalibratedChip(Chip chip, int computeUnits)
    {
        Scale = new TimingChip(
            computeUnits,
            chip.Memory.GigabytesPerSecond * ChipRates.PhysicalBytesPerGigabyte,
            chip.Networks[0].GigabytesPerSecond * ChipRates.PhysicalBytesPerGigabyte);
        Half = Peak(chip, "bfloat16", "float16");
        EightBit = Peak(chip, "float8", "int8", "bfloat16", "float16");
        FourBit = Peak(chip, "float4", "float8", "int8", "bfloat16", "float16");
    }

    /// <summary>What timings scale with.</summary>
    public TimingChip Scale { get; }

    /// <summary>FLOP/s in 16 bits.</summary>
    public double Half { get; }

    /// <summary>FLOP/s in 8 bits.</summary>
    public double EightBit { get; }

    /// <summary>FLOP/s in 4 bits.</summary>
    public double FourBit { get; }

    private static double Peak(Chip chip, params string[] types) => types.Where(chip.Matrix.ContainsKey).Select(type => chip.Matrix[type].Teraflops).FirstOrDefault()
        is > 0 and var teraflops
            ? teraflops * ChipRates.PhysicalFlopsPerTeraflop
            : throw new ConfigurationException($"{chip.Name}: found none of the matrix types {string.Join(", ", types)}; expected one");
}
