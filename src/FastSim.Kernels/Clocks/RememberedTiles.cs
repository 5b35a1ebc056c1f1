using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// What the fastest tiles of products take that a thread has lately asked about: numbers of rows that differ by few fill as many tiles (<see cref="TileTimes"/>), as a prompt's do with one, two or four
/// sequences beside it, and those of a prompt a little longer.
/// </summary>
internal static class RememberedTiles
{
    private const int Bits = 9;

    [ThreadStatic]
    private static Asked[]? remembered;

    /// <summary>What a product's tiles take, good until another is asked about.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="parameters">The form of the product's number format.</param>
    /// <param name="shape">The product, of whatever rows.</param>
    /// <param name="rows">Its rows.</param>
    public static ref readonly TileTimes Of(FormChip chip, double[] parameters, in OperatorShape shape, double rows)
    {
        double lowest = TileTimes.Lowest(rows);
        ref Asked asked = ref (remembered ??= new Asked[1 << Bits])[ShapeHash.PlaceOf(lowest, shape.Columns, shape.Depth, (double)shape.Kind, Bits)];
        if (!asked.Is(chip.Timed, shape, lowest))
        {
            asked.Take(chip.Timed, shape, lowest, TileTimes.Of(chip.PerDepth(shape.Kind, parameters), chip.Scale.ComputeUnits, lowest, shape.Columns, shape.Depth));
        }

        return ref asked.Tiles;
    }

    private struct Asked
    {
        private long chip;
        private NumberKind kind;
        private double lowest;
        private double columns;
        private double depth;

        /// <summary>What they take.</summary>
        public TileTimes Tiles;

        /// <summary>Whether these are they, on a chip that times products alike (<see cref="FormChip.Timed"/>).</summary>
        public readonly bool Is(long other, in OperatorShape shape, double asked) =>
            chip == other && lowest == asked && columns == shape.Columns && depth == shape.Depth && kind == shape.Kind;

        /// <summary>Puts others in their place.</summary>
        public void Take(long other, in OperatorShape shape, double asked, in TileTimes tiles)
        {
            (chip, kind) = (other, shape.Kind);
            (lowest, columns, depth) = (asked, shape.Columns, shape.Depth);
            Tiles = tiles;
        }
    }
}
