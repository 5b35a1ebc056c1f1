using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Expert layers that a thread has lately asked forms about: layouts that share experts alike ask for the same ones, whatever they do with attention, and so do
/// chips that differ in links and capacities.
/// </summary>
internal static class RememberedLayers
{
    private const int Bits = 9;

    [ThreadStatic]
    private static Asked[]? remembered;

    /// <summary>Where a layer is remembered, or would be; whoever asks for another in its place writes it over.</summary>
    public static ref Asked PlaceOf(in OperatorShape shape) => ref (remembered ??= new Asked[1 << Bits])[
        ShapeHash.PlaceOf(shape.Rows, shape.ExpertRanks, shape.TensorRanks, shape.Experts, Bits)];

    /// <summary>A layer and its time.</summary>
    /// <param name="chip">What chips have in common that time it alike (<see cref="FormChip.Timed"/>).</param>
    /// <param name="shape">The layer.</param>
    /// <param name="microseconds">Microseconds of it.</param>
    internal readonly struct Asked(long chip, in OperatorShape shape, double microseconds)
    {
        private readonly long chip = chip;
        private readonly OperatorShape shape = shape;

        /// <summary>Microseconds of it.</summary>
        public double Microseconds { get; } = microseconds;

        /// <summary>Whether this is it, on a chip that times it alike.</summary>
        public bool Is(long other, in OperatorShape asked) => chip == other && shape == asked;
    }
}
