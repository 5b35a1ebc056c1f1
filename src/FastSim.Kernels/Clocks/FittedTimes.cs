using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Times of launches by the forms that were fitted to measured ones (docs/validation.md, "Operators"), on one chip as its numbers are, for the
/// kernels that one engine picks. A class a family of forms puts their arguments together. Serves any number of threads.
/// </summary>
public sealed class FittedTimes
{
    private const double MostServer = 8;

    private readonly FormChip chip;
    private readonly ProductTimes products;
    private readonly ExpertTimes experts;
    private readonly AttentionTimes attention;
    private readonly SparseAttentionTimes sparse;
    private readonly StateKernelTimes stateKernels;
    private readonly EncoderAttentionTimes encoderAttention;
    private readonly ExpertExchangeTimes expertExchange;
    private readonly CollectiveTimes collectives;

    /// <summary>Binds forms to a chip.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="forms">What was fitted.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="memoryBytesPerSecond">Peak rate of its memory, which may be a variant's.</param>
    /// <param name="innerBytesPerSecond">Peak rate of its links within a server.</param>
    /// <param name="outerBytesPerSecond">Peak rate of its outermost links.</param>
    /// <param name="peaks">Its peaks.</param>
    public FittedTimes(
        Chip chip, FittedForms forms, ServingEngine engine, double memoryBytesPerSecond, double innerBytesPerSecond, double outerBytesPerSecond, in RooflineChip peaks)
    {
        ArgumentNullException.ThrowIfNull(chip);
        ArgumentNullException.ThrowIfNull(forms);
        ArgumentNullException.ThrowIfNull(engine);
        double serverCards = chip.Networks.Count > 1 ? chip.Networks[0].Size : Math.Max(MostServer, chip.Networks[0].Size);
        this.chip = new FormChip(memoryBytesPerSecond, innerBytesPerSecond, outerBytesPerSecond, peaks, serverCards, other: null);
        products = new ProductTimes(forms, engine, chip.Structure);
        experts = new ExpertTimes(forms, engine, chip);
        attention = new AttentionTimes(forms, engine, chip.Structure);
        sparse = new SparseAttentionTimes(forms);
        stateKernels = new StateKernelTimes(forms);
        encoderAttention = new EncoderAttentionTimes(forms);
        expertExchange = new ExpertExchangeTimes(forms);
        collectives = new CollectiveTimes(forms);
    }

    private FittedTimes(FittedTimes other, FormChip chip)
    {
        this.chip = chip;
        (products, experts, attention, sparse) = (other.products, other.experts, other.attention, other.sparse);
        (stateKernels, encoderAttention, expertExchange, collectives) = (other.stateKernels, other.encoderAttention, other.expertExchange, other.collectives);
    }

    /// <summary>The same forms on a chip of other rates.</summary>
    /// <param name="memoryBytesPerSecond">Peak rate of its memory.</param>
    /// <param name="innerBytesPerSecond">Peak rate of its links within a server.</param>
    /// <param name="outerBytesPerSecond">Peak rate of its outermost links.</param>
    /// <param name="newPeaks">Its peaks.</param>
    public FittedTimes On(double memoryBytesPerSecond, double innerBytesPerSecond, double outerBytesPerSecond, in RooflineChip newPeaks) =>
        new(this, new FormChip(memoryBytesPerSecond, innerBytesPerSecond, outerBytesPerSecond, newPeaks, chip.ServerCards, chip));

    /// <summary>What a small kernel takes within a captured graph; null where none was fitted.</summary>
    public double? KernelMicroseconds => products.KernelMicroseconds;

    /// <summary>Cards within a server.</summary>
    public double ServerCards => chip.ServerCards;

    /// <summary>Microseconds of a launch; null where no form of its kind was fitted.</summary>
    /// <param name="shape">The launch.</param>
    public double? Microseconds(in OperatorShape shape) => shape.Family switch
    {
        OperatorFamily.Product => Product(shape, shape.Rows),
        OperatorFamily.LatentProduct => RememberedLatent(shape),
        OperatorFamily.DecodeAttention => attention.Decode(chip, shape),
        OperatorFamily.DecodeLatentAttention => attention.DecodeLatent(chip, shape),
        OperatorFamily.PrefillAttention => attention.Prefill(chip, shape),
        OperatorFamily.PrefillLatentAttention => attention.PrefillLatent(chip, shape),
        OperatorFamily.Experts => RememberedExperts(shape),
        _ => null,
    };

    /// <summary>What <see cref="Microseconds"/> never falls below; the chip's peaks where the form says no more.</summary>
    /// <param name="shape">The launch.</param>
    public LaunchBound Bound(in OperatorShape shape) => shape.Family switch
    {
        OperatorFamily.Product or OperatorFamily.LatentProduct => products.Bound(shape),
        OperatorFamily.Experts => experts.Bound(shape),
        _ => attention.Bound(shape),
    };

    /// <summary>Microseconds of a collective; null where none of its kind was fitted.</summary>
    /// <param name="collective">What is exchanged.</param>
    /// <param name="bytes">Bytes of a member's message.</param>
    /// <param name="members">Cards of the group.</param>
    public double? Exchange(Collective collective, double bytes, double members) => collectives.Microseconds(chip, collective, bytes, members);

    /// <summary>The least latency of a collective, and the most of its links that it reaches; none where no form says so.</summary>
    /// <param name="collective">What is exchanged.</param>
    /// <param name="members">Cards of the group.</param>
    public (double FloorMicroseconds, double LinkShare)? Bound(Collective collective, double members) => collectives.Bound(chip, collective, members);

    /// <summary>The chip that forms are bound to: who asks one family's hands it on.</summary>
    internal FormChip Chip => chip;

    /// <summary>Of sparse attention.</summary>
    internal SparseAttentionTimes Sparse => sparse;

    /// <summary>Of blocks with a state.</summary>
    internal StateKernelTimes StateKernels => stateKernels;

    /// <summary>Of encoders.</summary>
    internal EncoderAttentionTimes EncoderAttention => encoderAttention;

    /// <summary>Of exchanges with experts by a library.</summary>
    internal ExpertExchangeTimes ExpertExchange => expertExchange;

    /// <summary>The family and kind that a system's timings would name a launch's form by.</summary>
    /// <param name="shape">The launch.</param>
    public static string Words(in OperatorShape shape)
    {
        string cache = FittedForms.CacheWords[FittedForms.CacheOf(shape)];
        string computed = FittedForms.CacheWords[shape.Kind == NumberKind.EightBit ? 1 : 0];
        string kind = ServingKinds.WordOf(shape.Kind) ?? ServingKinds.FourBitByEight;
        return shape.Family switch
        {
            OperatorFamily.Product => $"{GemmTiming.Form.Family} {kind}",
            OperatorFamily.LatentProduct => $"{LatentProductTiming.Form.Family} {FittedForms.SixteenBits}",
            OperatorFamily.DecodeAttention => $"{DecodeAttentionTiming.Form.Family} {cache}/{(shape.Heads > shape.KeyValueHeads ? "gqa" : "mha")}",
            OperatorFamily.DecodeLatentAttention => $"{TimingForms.DecodeLatentAttention} {cache}",
            OperatorFamily.PrefillAttention => $"{PrefillAttentionTiming.Form.Family} {computed}/{cache}",
            OperatorFamily.PrefillLatentAttention => $"{TimingForms.PrefillLatentAttention} {computed}",
            _ => $"{ExpertTiming.Form.Family} {kind}",
        };
    }

    /// <summary>Microseconds of a product of some rows; null where no form of its kind was fitted.</summary>
    /// <param name="shape">The product, of whatever rows.</param>
    /// <param name="rows">Its rows.</param>
    internal double? Product(in OperatorShape shape, double rows)
    {
        ref RememberedProducts.Asked asked = ref RememberedProducts.PlaceOf(shape, rows);
        if (asked.Is(chip.Timed, shape, rows))
        {
            return asked.Microseconds;
        }

        double? found = products.Microseconds(chip, shape, rows);
        if (found is { } time)
        {
            asked.Take(chip.Timed, shape, rows, time);
        }

        return found;
    }

    /// <summary>The same, of a product that is not likely to be asked about again.</summary>
    /// <param name="shape">The product, of whatever rows.</param>
    /// <param name="rows">Its rows.</param>
    internal double? WorkedOut(in OperatorShape shape, double rows) => products.Microseconds(chip, shape, rows);

    /// <summary>What a kernel that leaves idle experts out saves of what the measured one takes for them, microseconds; null where no form of these experts is known.</summary>
    /// <param name="shape">The experts.</param>
    internal double? Idle(in OperatorShape shape) => experts.Idle(shape);

    /// <summary>Latent products go by their rows and by no request's length: instances of a layout ask for the same ones.</summary>
    private double? RememberedLatent(in OperatorShape shape)
    {
        ref RememberedProducts.Asked asked = ref RememberedProducts.PlaceOf(shape, shape.Rows);
        if (asked.Is(chip.Timed, shape, shape.Rows))
        {
            return asked.Microseconds;
        }

        double? found = products.OfLatent(chip, shape);
        if (found is { } time)
        {
            asked.Take(chip.Timed, shape, shape.Rows, time);
        }

        return found;
    }

    private double? RememberedExperts(in OperatorShape shape)
    {
        ref RememberedLayers.Asked asked = ref RememberedLayers.PlaceOf(shape);
        if (asked.Is(chip.Timed, shape))
        {
            return asked.Microseconds;
        }

        double? found = experts.Microseconds(chip, shape);
        if (found is { } time)
        {
            asked = new RememberedLayers.Asked(chip.Timed, shape, time);
        }

        return found;
    }
}
