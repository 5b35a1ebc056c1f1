using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>
/// Parameters of the timing forms whose times stand among an operator's features: of each family those of a slot, which says what kind of kernel runs;
/// where a model states none, where the form's fit starts.
/// </summary>
public sealed class FormParameters
{
    /// <summary>Slots of a family: number formats, whether the cache is narrow, and whether the kernel is the family's second.</summary>
    public const int Slots = 8 * PerKind;

    private const int PerKind = 4;
    private const int Narrow = 2;
    private const int SecondKernel = 1;
    private const int OtherUnits = PerKind;

    private static readonly double[] ProductStart = GemmTiming.Form.Start;
    private static readonly double[] LatentStart = LatentProductTiming.Form.Start;
    private static readonly double[] DecodeStart = DecodeAttentionTiming.Form.Start;
    private static readonly double[] PrefillStart = PrefillAttentionTiming.Form.Start;
    private static readonly double[] ExpertStart = ExpertTiming.Form.Start;
    private static readonly double[] SecondExpertStart = ExpertTiming.Form.OtherStarts[1];

    private readonly double[]?[] stated = new double[]?[Enum.GetValues<OperatorFamily>().Length * Slots];

    /// <summary>Where fits start, whatever the slot.</summary>
    public static FormParameters Starts { get; } = new(new Dictionary<(OperatorFamily Family, int Slot), double[]>());

    /// <summary>Parameters that some slots state; the others of a family take those of the nearest slot that does.</summary>
    /// <param name="parameters">Parameters by family and slot, in the form's order.</param>
    public FormParameters(IReadOnlyDictionary<(OperatorFamily Family, int Slot), double[]> parameters)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Stated = parameters;
        foreach (OperatorFamily family in Enum.GetValues<OperatorFamily>())
        {
            (int Slot, double[] Own)[] own = [.. parameters.Where(pair => pair.Key.Family == family).OrderBy(pair => pair.Key.Slot).Select(pair => (pair.Key.Slot, pair.Value))];
            for (int slot = 0; slot < Slots && own.Length > 0; slot++)
            {
                (int nearest, double[] parametersOfNearest) = own.MinBy(other => DecodeKernels.AreOf(family) ? DistanceOfDecoding(slot, other.Slot) : Distance(slot, other.Slot));
                bool isUnmeasured = family == OperatorFamily.Experts
                    && ExpertTiming.IsGenerated((NumberKind)(slot / PerKind)) && !ExpertTiming.IsGenerated((NumberKind)(nearest / PerKind));
                stated[((int)family * Slots) + slot] = isUnmeasured ? ExpertTiming.GeneratedLike(parametersOfNearest)
                    : family == OperatorFamily.Product ? OfLaunches((NumberKind)(slot / PerKind), (NumberKind)(nearest / PerKind), parametersOfNearest)
                    : parametersOfNearest;
            }
        }
    }

    /// <summary>Whether forms meet a chip at the rates that it holds (docs/surrogate.md, "Held rates"), not at its peaks in microseconds.</summary>
    public bool AtHeldRates { get; init; }

    /// <summary>Those that are stated.</summary>
    public IReadOnlyDictionary<(OperatorFamily Family, int Slot), double[]> Stated { get; }

    /// <summary>Those of a model.</summary>
    /// <param name="model">The model.</param>
    public static FormParameters Of(IEfficiencyModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Forms.Count > 0 || model.HasFormsAtHeldRates ? new FormParameters(model.Forms) { AtHeldRates = model.HasFormsAtHeldRates } : Starts;
    }

    /// <summary>
    /// The slot of an operator on a chip: of decode attention, whose numbers are all of 16 bits, the kernel's, and the cache's width where matrix units compute of it. Of a block a head bytes say all that the
    /// width changes.
    /// </summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    public static int SlotOf(in OperatorShape shape, in RooflineChip chip) => !DecodeKernels.AreOf(shape.Family)
        ? SlotOf(shape)
        : DecodeKernels.Of(shape, chip) switch
        {
            DecodeKernel.HeadByHead => SecondKernel,
            DecodeKernel.Fetching => OtherUnits + NarrowOf(shape),
            _ => NarrowOf(shape),
        };

    /// <summary>The slot of an operator of any family but decode attention.</summary>
    private static int SlotOf(in OperatorShape shape) =>
        ((int)shape.KernelKind * PerKind)
        + NarrowOf(shape)
        + (shape.Family == OperatorFamily.Experts && IsFused(shape) ? SecondKernel : 0);

    private static int NarrowOf(in OperatorShape shape) => shape.HasNarrowCache ? Narrow : 0;

    /// <summary>Whether experts run in one of the two implementations that are written for them as a whole: CUTLASS's, and the generated kernels.</summary>
    internal static bool IsFused(in OperatorShape shape) => shape.Variant > 0 || ExpertTiming.IsGenerated(shape.KernelKind);

    /// <summary>The form of a family.</summary>
    public static TimingForm FormOf(OperatorFamily family) => family switch
    {
        OperatorFamily.Product => GemmTiming.Form,
        OperatorFamily.LatentProduct => LatentProductTiming.Form,
        OperatorFamily.Experts => ExpertTiming.Form,
        OperatorFamily.DecodeAttention or OperatorFamily.DecodeLatentAttention => DecodeAttentionTiming.Form,
        _ => PrefillAttentionTiming.Form,
    };

    /// <summary>An operator's parameters; of decode attention those of the slot that its number format and cache have where no chip says which kernel it runs.</summary>
    public double[] Of(in OperatorShape shape) => Of(shape, SlotOf(shape));

    /// <summary>An operator's parameters on a chip.</summary>
    public double[] Of(in OperatorShape shape, in RooflineChip chip) => Of(shape, SlotOf(shape, chip));

    /// <summary>
    /// An operator's parameters as its own kernels were fitted, where they are stated. What stands among its features are those of the nearest slot, and of formats of as many bytes (8-bit floats with one scale or
    /// a scale a block, 8-bit integers) the first is nearest to all: networks learned with that one's.
    /// </summary>
    public double[] OfOwnKernel(in OperatorShape shape) => Stated.TryGetValue((shape.Family, SlotOf(shape)), out double[]? own) ? own : Of(shape);

    /// <summary>What a split of the depth takes in the kernels of products in 4 and in 16 bits, whichever less.</summary>
    internal double SplitMicroseconds => GemmTiming.SplitLike(
        Of(new OperatorShape(OperatorFamily.Product, NumberKind.FourBit, 1, 1, 1)),
        Of(new OperatorShape(OperatorFamily.Product, NumberKind.SixteenBit, 1, 1, 1)))[GemmTiming.SplitMicroseconds];

    /// <summary>A timing form's parameters as the operator is launched: those of decode attention by its kernel, of products that were timed alone without the events around them.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="run">Receives them.</param>
    public static void AsLaunched(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters, Span<double> run)
    {
        switch (shape.Family)
        {
            case OperatorFamily.DecodeAttention or OperatorFamily.DecodeLatentAttention:
                DecodeKernels.Run(shape, chip, parameters, run);
                break;
            case OperatorFamily.Product:
                GemmTiming.OfLaunches(parameters, ProductLaunches.Of(shape) / ProductLaunches.Of(shape.Kind), run);
                break;
            default:
                parameters.CopyTo(run);
                break;
        }
    }

    private double[] Of(in OperatorShape shape, int slot) => stated[((int)shape.Family * Slots) + slot] ?? shape.Family switch
    {
        OperatorFamily.Product => ProductStart,
        OperatorFamily.LatentProduct => LatentStart,
        OperatorFamily.Experts => shape.Variant > 0 ? SecondExpertStart : ExpertStart,
        OperatorFamily.DecodeAttention or OperatorFamily.DecodeLatentAttention => DecodeStart,
        _ => PrefillStart,
    };

    /// <summary>How unlike two slots of decode attention are: in whether blocks share heads most, then in the units, then in the cache's width.</summary>
    private static int DistanceOfDecoding(int one, int other) => (((one ^ other) & SecondKernel) * 4) + ((one ^ other) & OtherUnits) + ((one ^ other) & Narrow);

    /// <summary>
    /// Parameters of products of a number format by those of another's kernels: as many launches take as much longer at the least. But of 4-bit kernels nothing is said: what they lack of
    /// those of 8-bit floats, where nobody measured them, is not launches (docs/surrogate.md, "How products are launched").
    /// </summary>
    private static double[] OfLaunches(NumberKind kind, NumberKind nearest, double[] parameters) => kind is NumberKind.FourBit or NumberKind.FourBitByEight || ProductLaunches.Of(kind) == ProductLaunches.Of(nearest)
        ? parameters
        : GemmTiming.OfLaunches(parameters, ProductLaunches.Of(kind) / ProductLaunches.Of(nearest));

    /// <summary>How unlike two slots are: in the kernel most, then in the cache's width, then in what activations and weights are stored in.</summary>
    private static double Distance(int one, int other)
    {
        NumberKind kind = (NumberKind)(one / PerKind);
        NumberKind next = (NumberKind)(other / PerKind);
        return (((one ^ other) & SecondKernel) * 1000)
            + (((one ^ other) & Narrow) * 50)
            + (4 * Math.Abs(Math.Log2(RooflineChip.ActivationBytes(kind) / RooflineChip.ActivationBytes(next))))
            + Math.Abs(RooflineChip.WeightBytes(kind) - RooflineChip.WeightBytes(next));
    }
}
