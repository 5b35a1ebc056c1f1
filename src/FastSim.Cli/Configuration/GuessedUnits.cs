using System.Globalization;
using FastSim.Kernels.Chips;

namespace FastSim.Cli.Configuration;

/// <summary>What warnings say of units that a chip's file does not state.</summary>
internal static class GuessedUnits
{
    /// <summary>By which peak they are taken, and which kernels they run.</summary>
    /// <param name="chip">The chip, which states none.</param>
    public static string Of(Chip chip)
    {
        string type = UsualUnits.TypeOf(chip);
        string kernels = chip.Structure.IsAsynchronous is null ? ", which fetch by themselves (asynchronous_units)" : "";
        return string.Create(
            CultureInfo.InvariantCulture,
            $"taken as its {type} peak over {UsualUnits.FlopsPerSecond(type) / PhysicalUnits.FlopsPerTeraflop:0.##} TFLOP/s a unit{kernels}");
    }
}
