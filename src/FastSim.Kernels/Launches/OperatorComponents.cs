using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>
/// An operator on a chip as models of the second contract see it (docs/surrogate.md, "Features"): what each limit of the chip alone would take, as
/// logarithms of microseconds, and marks of the kernel's kind. A time that follows from these as a mean of some, the longest of others and so on
/// scales as they do, never falls with the operator's rows and never rises with a rate.
/// </summary>
public static class OperatorComponents
{
    /// <summary>Numbers a row.</summary>
    public const int Count = OperatorFeatures.Count;

    /// <summary>Components a row has room for; the marks follow.</summary>
    public const int Most = 20;

    /// <summary>Version of the contract whose features these are.</summary>
    public const int Version = 2;

    private const double HalfBytes = 2;

    private static readonly string[] Launch = ["launch", "thousand cycles"];
    private static readonly string[] Prompts =
    [
        .. Launch, "compute", "compute at the clock held", "compute in tiles of 64", "of 128", "waves of tiles of 128", "exponentials", "tokens in cycles", "memory",
        "memory or cache", "cache", "blocks",
    ];

    private static readonly (int, int)[] ProductFormats = [(0, -1), (1, 0), (2, 0), (3, -1)];
    private static readonly (int, int)[] PrefillFormats = [(1, -1), (0, 1)];
    private static readonly (int, int)[] OneFormat = [(0, -1)];
    private static readonly string[] Format = ["activations not of 16 bits", "scale a block", "4-bit weights of narrow activations", "16-bit activations of narrower weights"];

    /// <summary>Names of a family's components: logarithms of microseconds.</summary>
    public static IReadOnlyList<string> ComponentsOf(OperatorFamily family) => family switch
    {
        OperatorFamily.Product =>
        [
            .. Launch, "compute", "compute at the clock held", "waves of tiles 16 by 64", "64 by 64", "128 by 128", "256 by 128", "memory", "memory or cache", "cache",
            "tile loads", "depth in cycles", "quantizing", "timing form",
        ],
        OperatorFamily.LatentProduct =>
        [
            .. Launch, "compute", "compute at the clock held", "waves of tiles 16 by 64", "64 by 64", "128 by 128", "memory", "memory or cache", "cache", "depth in cycles",
            "timing form",
        ],
        OperatorFamily.DecodeAttention or OperatorFamily.DecodeLatentAttention =>
        [
            .. Launch, "memory", "memory or cache", "cache", "compute", "compute in tiles of 16 heads", "of 64", "exponentials", "widening", "unsplit blocks",
            "tokens a split in cycles", "tokens in cycles", "blocks", "timing form",
        ],
        OperatorFamily.PrefillAttention => [.. Prompts, "products and exponentials in turn", "timing form"],
        OperatorFamily.PrefillLatentAttention => [.. Prompts, "timing form"],
        _ =>
        [
            .. Launch, "compute", "compute at the clock held", "compute in tiles of 16 rows", "of 64", "of 128", "waves of tiles of 64", "memory", "memory or cache", "cache",
            "permuting", "visits to experts", "visits to reached experts", "depth in cycles", "timing form",
        ],
    };

    /// <summary>Names of a family's marks; the last is of the chip's units.</summary>
    public static IReadOnlyList<string> MarksOf(OperatorFamily family) => family switch
    {
        OperatorFamily.Product => [.. Format, "8-bit activations of a pass of their own", "asynchronous units"],
        OperatorFamily.LatentProduct => ["activations not of 16 bits", "out of the latent space", "asynchronous units"],
        OperatorFamily.DecodeAttention =>
        [
            "narrow cache", "a block a head", "more than 32 heads each", "log2 of head size over 128", "log2 of heads each over 3", "in one piece",
            "units that fetch by themselves",
        ],
        OperatorFamily.DecodeLatentAttention =>
            ["narrow cache", "a head each", "more than 32 heads each", "log2 of head size over 128", "log2 of heads each over 3", "asynchronous units"],
        OperatorFamily.PrefillAttention or OperatorFamily.PrefillLatentAttention =>
            ["not 16 bits", "narrow cache", "log2 of head size over 128", "windowed", "log2 of heads each over 3", "asynchronous units"],
        _ => [.. Format, "second implementation", "gated", "uneven", "asynchronous units"],
    };

    /// <summary>
    /// Places of the marks, from the first mark on, that tell a family's number formats from 16 bits, each with the place of the mark without which it does not come; -1 where it comes
    /// alone.
    /// </summary>
    public static IReadOnlyList<(int Mark, int After)> FormatsOf(OperatorFamily family) => family switch
    {
        OperatorFamily.Product or OperatorFamily.Experts => ProductFormats,
        OperatorFamily.PrefillAttention or OperatorFamily.PrefillLatentAttention => PrefillFormats,
        _ => OneFormat,
    };

    /// <summary>Names of a family's row, <see cref="Count"/>; empty where it has none.</summary>
    public static string[] Names(OperatorFamily family)
    {
        string[] names = new string[Count];
        Array.Fill(names, "");
        int place = 0;
        foreach (string component in ComponentsOf(family))
        {
            names[place++] = $"ln of us of {component}";
        }

        place = Most;
        foreach (string mark in MarksOf(family))
        {
            names[place++] = mark;
        }

        return names;
    }

    /// <summary>Writes an operator's row.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="forms">Parameters of the timing form that is the last component.</param>
    /// <param name="row">Receives it, <see cref="Count"/>.</param>
    /// <returns>Microseconds at the rates that the timing form meets: the longer of compute and memory; above 0.</returns>
    public static double Write(in OperatorShape shape, in RooflineChip chip, FormParameters forms, Span<float> row)
    {
        Span<double> tiles = stackalloc double[GemmTiming.Tiles];
        Prepare(shape, chip, forms, tiles);
        return Write(shape, chip, forms, tiles, row);
    }

    /// <summary>What the rows of a product share at any number of rows.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="forms">Parameters of timing forms.</param>
    /// <param name="tiles">Receives it, <see cref="GemmTiming.Tiles"/>; nothing for other families.</param>
    internal static void Prepare(in OperatorShape shape, in RooflineChip chip, FormParameters forms, Span<double> tiles) =>
        OperatorFeatures.Prepare(shape, forms.AtHeldRates ? HeldRates.Of(shape, chip, chip.MemoryBytesPerSecond, out _) : chip, forms, tiles);

    /// <summary>Writes the row of an operator of which <see cref="Prepare"/> knows.</summary>
    internal static double Write(in OperatorShape shape, in RooflineChip chip, FormParameters forms, ReadOnlySpan<double> tiles, Span<float> row) =>
        Write(shape, chip, forms, tiles, row, out _);

    /// <summary>Microseconds of an operator by its family's timing form.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="forms">The form's parameters.</param>
    /// <param name="roofline">Microseconds at the rates that the form meets.</param>
    public static double FormMicroseconds(in OperatorShape shape, in RooflineChip chip, FormParameters forms, out double roofline)
    {
        Span<float> row = stackalloc float[Count];
        return FormMicroseconds(shape, chip, forms, row, out roofline);
    }

    /// <summary>The same, and the operator's row.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="forms">The form's parameters.</param>
    /// <param name="row">Receives the row, <see cref="Count"/>.</param>
    /// <param name="roofline">Microseconds at the rates that the form meets.</param>
    public static double FormMicroseconds(in OperatorShape shape, in RooflineChip chip, FormParameters forms, Span<float> row, out double roofline)
    {
        Span<double> tiles = stackalloc double[GemmTiming.Tiles];
        Prepare(shape, chip, forms, tiles);
        roofline = Write(shape, chip, forms, tiles, row, out double form);
        return form;
    }

    /// <summary>
    /// Whether latent decoding over a cache of 8 bits is as over one of 16, as synchronous units' takes as long by what was measured; or a prompt over a cache of 8 bits is computed in 16: TensorRT-LLM
    /// computes it in 8 where matrix units fetch their operands by themselves (latent prompts from compute capability 9.0 on; others by the kernels that these units have), elsewhere not. Or a product of
    /// latent attention in 8 bits, whose weights it widens once for good, for products in 16, on capability 10 (<c>fp8_block_scaling_bmm_out</c>): where asynchronous units compute 4 bits.
    /// </summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    public static bool IsWidened(in OperatorShape shape, in RooflineChip chip) => shape.Family == OperatorFamily.LatentProduct ? shape.Kind == NumberKind.EightBit && DecodeKernels.AreGenerated(chip)
        : shape.HasNarrowCache
        && (shape.Family is OperatorFamily.PrefillLatentAttention or OperatorFamily.DecodeLatentAttention || (shape.Family == OperatorFamily.PrefillAttention && shape.Kind == NumberKind.SixteenBit))
        && !chip.IsAsynchronous;

    /// <summary>Bytes a second of where an operator's bytes lie.</summary>
    internal static double MetBytesPerSecond(in OperatorShape shape, in RooflineChip chip)
    {
        Span<float> row = stackalloc float[Count];
        ComponentRow into = new(row, chip);
        Fill(shape, chip, ref into);
        return into.MetBytesPerSecond;
    }

    private static double Write(in OperatorShape shape, in RooflineChip chip, FormParameters forms, ReadOnlySpan<double> tiles, Span<float> row, out double form)
    {
        ComponentRow into = new(row[..Count], chip);
        OperatorShape run = IsWidened(shape, chip) ? shape with { Kind = NumberKind.SixteenBit, CacheBytes = HalfBytes } : shape;
        Fill(run, chip, ref into);
        double roofline = Form(run, chip, forms, into.MetBytesPerSecond, tiles, out form);
        into.Add(form);
        into.Mark(run.Family == OperatorFamily.DecodeAttention ? (DecodeKernels.Of(run, chip) == DecodeKernel.Fetching ? 1 : 0) : chip.Asynchrony);
        return roofline;
    }

    /// <summary>All but what models state themselves.</summary>
    private static void Fill(in OperatorShape shape, in RooflineChip chip, ref ComponentRow into)
    {
        into.AddLaunch(shape.Family == OperatorFamily.Experts ? ExpertTiming.LaunchShare(shape.KernelKind) : ProductLaunches.Of(shape));
        switch (shape.Family)
        {
            case OperatorFamily.Product:
                ProductComponents.Product(shape, chip, ref into);
                break;
            case OperatorFamily.LatentProduct:
                ProductComponents.LatentProduct(shape, chip, ref into);
                break;
            case OperatorFamily.Experts:
                ProductComponents.Experts(shape, chip, ref into);
                break;
            case OperatorFamily.DecodeAttention or OperatorFamily.DecodeLatentAttention:
                AttentionComponents.Decode(shape, chip, ref into);
                break;
            default:
                AttentionComponents.Prefill(shape, chip, ref into);
                break;
        }
    }

    /// <summary>The timing form's microseconds, and those of the roofline at the rates that it meets.</summary>
    private static double Form(
        in OperatorShape shape, in RooflineChip chip, FormParameters forms, double bytesPerSecond, ReadOnlySpan<double> tiles, out double form)
    {
        Span<float> features = stackalloc float[OperatorFeatures.Count];
        Span<double> own = stackalloc double[GemmTiming.Tiles];
        scoped ReadOnlySpan<double> ready = tiles;
        RooflineChip met = chip;
        double haste = 1;
        if (forms.AtHeldRates)
        {
            met = HeldRates.Of(shape, chip, bytesPerSecond, out haste);
            if (bytesPerSecond != chip.MemoryBytesPerSecond)
            {
                OperatorFeatures.Prepare(shape, met, forms, own);
                ready = own;
            }
        }

        double[] parameters = forms.Of(shape, chip);
        Span<double> run = stackalloc double[parameters.Length];
        FormParameters.AsLaunched(shape, chip, parameters, run);
        double roofline = OperatorFeatures.Write(shape, met, run, ready, features, out form, ProductComponents.LatentInputBytes(shape.Kind));
        form /= haste;
        return roofline / haste;
    }

    /// <summary>Peak FLOP a microsecond of a number format: 8-bit floats run in 16 bits where units lack them.</summary>
    internal static double Rate(NumberKind kind, in RooflineChip chip) =>
        (IsEmulated(kind, chip) ? chip.HalfFlopsPerSecond : chip.FlopsPerSecond(kind)) / Norms.Microseconds;

    /// <summary>Whether a number format's products run in 16 bits.</summary>
    internal static bool IsEmulated(NumberKind kind, in RooflineChip chip) =>
        chip.Structure.EmulatesEightBitFloats && kind is NumberKind.EightBit or NumberKind.EightBitBlock or NumberKind.FourBitByEight;
}
