using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Products that a thread has lately asked forms about: layouts that share their cards alike, and deployments that differ in lengths alone, ask for the
/// same ones at the same batches.
/// </summary>
internal static class RememberedProducts
{
    private const int Bits = 11;

    [ThreadStatic]
    private static Asked[]? remembered;

    /// <summary>Where a product of a shape is remembered, or would be; whoever asks for another in its place writes it over.</summary>
    public static ref Asked PlaceOf(in OperatorShape shape, double rows) => ref (remembered ??= new Asked[1 << Bits])[
        ShapeHash.PlaceOf(rows, shape.Columns, shape.Depth, (double)shape.Kind, Bits)];

    /// <summary>A product and its time.</summary>
    internal struct Asked
    {
        private long chip;
        private OperatorFamily family;
        private NumberKind kind;
        private double variant;
        private double rows;
        private double columns;
        private double depth;
        private double heads;

        /// <summary>Microseconds of it.</summary>
        public double Microseconds { get; private set; }

        /// <summary>Whether this is it, on a chip that times it alike (<see cref="FormChip.Timed"/>).</summary>
        public readonly bool Is(long other, in OperatorShape shape, double asked) => chip == other
            && rows == asked && columns == shape.Columns && depth == shape.Depth && kind == shape.Kind && variant == shape.Variant
            && family == shape.Family && heads == shape.Heads;

        /// <summary>Puts another in its place.</summary>
        public void Take(long other, in OperatorShape shape, double asked, double microseconds)
        {
            (chip, kind, variant) = (other, shape.Kind, shape.Variant);
            (rows, columns, depth) = (asked, shape.Columns, shape.Depth);
            (family, heads) = (shape.Family, shape.Heads);
            Microseconds = microseconds;
        }
    }
}
