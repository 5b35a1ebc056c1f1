using FastSim.Kernels.Chips;

namespace FastSim.Cli.Output;

/// <summary>Which figures of cost and energy some chips state, so that tables of other chips have no columns of nothing.</summary>
/// <param name="Prices">Whether some chip states its price.</param>
/// <param name="BoardWatts">Whether some chip states its board's watts.</param>
/// <param name="Energies">Whether some chip states what a byte of its memory takes, without which no energy is known.</param>
internal readonly record struct StatedEconomics(bool Prices, bool BoardWatts, bool Energies)
{
    /// <summary>What either states.</summary>
    public static StatedEconomics operator |(StatedEconomics one, StatedEconomics other) =>
        new(one.Prices | other.Prices, one.BoardWatts | other.BoardWatts, one.Energies | other.Energies);

    /// <summary>Of some chips.</summary>
    public static StatedEconomics Of(IEnumerable<Chip> chips)
    {
        ChipEconomics[] stated = [.. chips.Select(chip => chip.Economics).OfType<ChipEconomics>()];
        return new StatedEconomics(
            Array.Exists(stated, each => each.DollarsPerHour is not null),
            Array.Exists(stated, each => each.BoardWatts is not null),
            Array.Exists(stated, each => each.MemoryJoulesPerByte is not null));
    }
}
