using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Times of launches by a learned efficiency, for the kernels that one engine picks. Where kernels start before the one before them is done, that much less of each shows but of a prompt's attention, as of fitted
/// forms' floors. Serves any number of threads.
/// </summary>
internal sealed class LearnedLaunches
{
    private readonly LearnedTimes learned;
    private readonly LearnedProducts? products;
    private readonly ServingEngine engine;
    private readonly RooflineChip peaks;
    private readonly bool hasFourBitUnits;
    private readonly FittedTimes? fitted;

    /// <summary>Binds a chip.</summary>
    /// <param name="learned">The learned efficiency.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="peaks">The chip.</param>
    /// <param name="hasFourBitUnits">Whether it computes in 4 bits.</param>
    /// <param name="fitted">Fitted forms, which say what idle experts take where they know it; null for none.</param>
    public LearnedLaunches(LearnedTimes learned, ServingEngine engine, in RooflineChip peaks, bool hasFourBitUnits, FittedTimes? fitted)
    {
        (this.learned, this.engine, this.peaks, this.hasFourBitUnits, this.fitted) = (learned, engine, peaks, hasFourBitUnits, fitted);
        products = learned.Knows(OperatorFamily.Product) ? new LearnedProducts(learned, engine, peaks) : null;
    }

    /// <summary>What a small kernel takes; null where no products were learned.</summary>
    public double? KernelMicroseconds => products?.KernelMicroseconds;

    /// <summary>Microseconds of a launch; null where its family was not learned.</summary>
    /// <param name="shape">The launch at its rows.</param>
    /// <param name="leastExpertMicroseconds">What experts take at the least.</param>
    public double? Microseconds(in OperatorShape shape, double leastExpertMicroseconds)
    {
        if (!learned.Knows(shape.Family))
        {
            return null;
        }

        return shape.Family switch
        {
            OperatorFamily.Product => products!.Microseconds(shape),
            OperatorFamily.Experts => Math.Max(leastExpertMicroseconds, Experts(shape)),
            OperatorFamily.PrefillAttention or OperatorFamily.PrefillLatentAttention => learned.Microseconds(shape with { NewTokens = 0, PastTokens = 0 }, peaks),
            _ => Shown(learned.Microseconds(shape with { NewTokens = 0, PastTokens = 0 }, peaks)),
        };
    }

    /// <summary>Whether a launch is unlike all that the efficiency was trained among.</summary>
    /// <param name="shape">The launch at its rows.</param>
    public bool IsBeyondTraining(in OperatorShape shape) =>
        learned.Knows(shape.Family) && !learned.Covers(shape.Family == OperatorFamily.Experts ? ByKernel(shape) : shape, peaks);

    private double Shown(double microseconds) => engine.Shown(microseconds, peaks.Structure);

    private double Experts(in OperatorShape shape)
    {
        OperatorShape own = ByKernel(shape);
        double idle = fitted?.Idle(shape) ?? IdleExperts.SavedMicroseconds(shape, engine, hasFourBitUnits, learned.ExpertMicroseconds(own, peaks));
        return Shown(learned.Microseconds(own, peaks) - idle);
    }

    /// <summary>Experts with the kernel that the engine picks for them.</summary>
    private OperatorShape ByKernel(in OperatorShape shape)
    {
        bool isUnpacked = shape.Kind == NumberKind.FourBitWeights && !engine.HasPackedExpertKernel;
        bool runsFourBitKernels = hasFourBitUnits && shape.Kind != NumberKind.SixteenBit;
        return shape with
        {
            OwnShare = 1,
            Variant = runsFourBitKernels || (shape.Kind == NumberKind.FourBitWeights && !isUnpacked) ? 0 : 1,
            Kernel = isUnpacked ? NumberKind.SixteenBit : runsFourBitKernels ? NumberKind.FourBitByEight : null,
        };
    }
}
