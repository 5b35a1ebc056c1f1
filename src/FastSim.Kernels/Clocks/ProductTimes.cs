using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>Fitted times of products, and of the small kernels that surround them, for the kernels that one engine picks.</summary>
internal sealed class ProductTimes
{
    private readonly double[]?[] kinds;
    private readonly double[]? latent;

    /// <summary>Takes a chip's.</summary>
    /// <param name="forms">What was fitted.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="structure">The chip's structure.</param>
    public ProductTimes(FittedForms forms, ServingEngine engine, ChipStructure structure)
    {
        kinds =
        [
            .. Enum.GetValues<NumberKind>().Select(
                kind => ServingKinds.WordOf(kind) is { } word ? FittedForms.Ahead(forms.Find(GemmTiming.Form.Family, word), engine, structure) : null),
        ];
        if (engine.SplitsFourBitProducts && kinds[(int)NumberKind.FourBit] is { } packed && kinds[(int)NumberKind.SixteenBit] is { } halves)
        {
            kinds[(int)NumberKind.FourBit] = GemmTiming.SplitLike(packed, halves);
        }

        KernelMicroseconds = kinds[(int)NumberKind.SixteenBit]?[0];
        latent = FittedForms.Ahead(forms.Find(LatentProductTiming.Form.Family, FittedForms.SixteenBits), engine, structure);
    }

    /// <summary>What a small kernel takes within a captured graph; null where none was fitted.</summary>
    public double? KernelMicroseconds { get; }

    /// <summary>Microseconds of a product of some rows; null where no form of its kind was fitted.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="shape">The product, of whatever rows.</param>
    /// <param name="rows">Its rows.</param>
    public double? Microseconds(FormChip chip, in OperatorShape shape, double rows)
    {
        if (kinds[(int)shape.Kind] is not { } parameters)
        {
            return null;
        }

        // Only block scales follow from the input itself: they take the pass that the measured kernel has. The other types' scales are
        // known ahead, so the norm before writes quantised values and a launch falls away.
        double quantizeBytes = shape.Kind switch
        {
            NumberKind.EightBitBlock => MeasuredQuantizeBytes.EightBits,
            NumberKind.FourBit => MeasuredQuantizeBytes.FourBits,
            _ => 0,
        };
        double time = GemmTiming.Microseconds(
            parameters,
            RememberedTiles.Of(chip, parameters, shape, rows),
            chip.Scale,
            RooflineChip.WeightBytes(shape.Kind),
            RooflineChip.ActivationBytes(shape.Kind),
            rows,
            shape.Columns,
            shape.Depth,
            quantizeBytes);
        if (shape.Kind is NumberKind.EightBit or NumberKind.FourBit && KernelMicroseconds is { } kernel)
        {
            time += kernel - parameters[0];
        }

        return IsQuantizedApart(shape) ? time + Elementwise(chip, rows * shape.Depth * MeasuredQuantizeBytes.EightBits) : time;
    }

    /// <summary>Microseconds of a product with latent widths, a head each; null where it was not fitted.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="shape">The product.</param>
    public double? OfLatent(FormChip chip, in OperatorShape shape) => latent is { } parameters
        ? LatentProductTiming.Microseconds(parameters, chip.Scale, chip.Peaks.HalfFlopsPerSecond, shape.Rows, shape.Heads, shape.Depth, shape.Columns, 2)
        : null;

    /// <summary>Microseconds of an element-wise kernel; null where no kernel's floor is known.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="bytes">Bytes it reads and writes.</param>
    private double? Elementwise(FormChip chip, double bytes) => KernelMicroseconds + (bytes / (chip.Scale.MemoryBytesPerSecond * PassTimes.ReachedShare) * Norms.Microseconds);

    /// <summary>What a product never falls below; the chip's peaks where no form of its kind was fitted.</summary>
    /// <param name="shape">The product.</param>
    public LaunchBound Bound(in OperatorShape shape)
    {
        if (shape.Family == OperatorFamily.LatentProduct)
        {
            return latent is null ? LaunchBound.Peaks : LatentProductTiming.Bound(latent);
        }

        if (kinds[(int)shape.Kind] is not { } parameters || (KernelMicroseconds is null && IsQuantizedApart(shape)))
        {
            return LaunchBound.Peaks;
        }

        LaunchBound bound = GemmTiming.Bound(parameters);
        return shape.Kind is NumberKind.EightBit or NumberKind.FourBit ? bound with { FloorMicroseconds = KernelMicroseconds ?? 0 } : bound;
    }

    /// <summary>Whether a kernel of its own quantises the input: without a time for that the product has none, either.</summary>
    private static bool IsQuantizedApart(in OperatorShape shape) => shape.Kind == NumberKind.EightBit && shape.Variant == 1;
}
