using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>Products by a learned efficiency as an engine launches them: without what the measured kernels do that the engine's do not, and with splits of the depth that theirs have. Serves any number of threads.</summary>
/// <param name="learned">The learned efficiency; knows products.</param>
/// <param name="engine">The engine.</param>
/// <param name="peaks">The chip.</param>
internal sealed class LearnedProducts(LearnedTimes learned, ServingEngine engine, RooflineChip peaks)
{
    private const double SmallestSide = 128;

    /// <summary>What shows of the smallest product of 16 bits: what a launch takes that does next to nothing.</summary>
    public double KernelMicroseconds { get; } = engine.Shown(Least(learned, peaks, NumberKind.SixteenBit), peaks.Structure);

    /// <summary>Microseconds of a product. Measured kernels quantise their input, of which engines leave out what the norm before does.</summary>
    /// <param name="shape">The product.</param>
    public double Microseconds(in OperatorShape shape)
    {
        double time = Split(shape with { Variant = 0 });
        double launch = shape.Kind is NumberKind.EightBit or NumberKind.FourBit
            ? Least(learned, peaks, shape.Kind) - Least(learned, peaks, NumberKind.SixteenBit)
            : 0;
        double pass = shape.Kind == NumberKind.EightBit
            ? MeasuredQuantizeBytes.EightBits * shape.Rows * shape.Depth / (peaks.MemoryBytesPerSecond * PassTimes.ReachedShare) * Norms.Microseconds
            : 0;
        double apart = shape.Kind == NumberKind.EightBit && shape.Variant == 1 ? KernelMicroseconds + pass : 0;
        return Math.Max(KernelMicroseconds, engine.Shown(time - launch - pass, peaks.Structure)) + apart;
    }

    private static double Least(LearnedTimes learned, in RooflineChip chip, NumberKind kind) =>
        learned.Microseconds(new OperatorShape(OperatorFamily.Product, kind, 1, SmallestSide, SmallestSide), chip);

    /// <summary>
    /// The product by the best split of its depth, where the engine has kernels that split and the measured ones did not: as many times as many columns, each as much less deep, and adding up.
    /// More rows or a slower memory make none of them faster, and so not the best.
    /// </summary>
    private double Split(in OperatorShape shape)
    {
        double best = learned.Microseconds(shape, peaks);
        if (shape.Kind != NumberKind.FourBit || !engine.SplitsFourBitProducts)
        {
            return best;
        }

        double splitMicroseconds = learned.SplitMicroseconds(peaks);
        double splits = 2;
        for (int halvings = 1; halvings <= GemmTiming.MostHalvings && shape.Depth / splits >= GemmTiming.LeastSplitDepth; halvings++)
        {
            best = Math.Min(
                best,
                learned.Microseconds(shape with { Columns = shape.Columns * splits, Depth = shape.Depth / splits }, peaks)
                    + GemmTiming.AddingUp(splitMicroseconds, halvings, shape.Rows, shape.Columns, peaks.MemoryBytesPerSecond / Norms.Microseconds));
            splits *= 2;
        }

        return best;
    }
}
