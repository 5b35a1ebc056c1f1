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
    private const double MostSharedHeads = 32;

    private static readonly double[] ProductStart = GemmTiming.Form.Start;
    private static readonly double[] LatentStart = LatentProductTiming.Form.Start;
    private static readonly double[] DecodeStart = DecodeAttentionTiming.Form.Start;
    private static readonly double[] PrefillStart = PrefillAttentionTiming.Form.Start;
    private static readonly double[] ExpertStart = ExpertTiming.Form.Start;
    private static readonly double[] SecondExpertStart = ExpertTiming.Form.OtherStarts[1];

    private readonly double[][] unsplit = new double[Slots][];
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
                (int nearest, double[] parametersOfNearest) = own.MinBy(other => Distance(slot, other.Slot));
                bool isUnmeasured = family == OperatorFamily.Experts
                    && ExpertTiming.IsGenerated((NumberKind)(slot / PerKind)) && !ExpertTiming.IsGenerated((NumberKind)(nearest / PerKind));
                stated[((int)family * Slots) + slot] = isUnmeasured ? ExpertTiming.GeneratedLike(parametersOfNearest)
                    : family == OperatorFamily.Product ? OfLaunches((NumberKind)(slot / PerKind), (NumberKind)(nearest / PerKind), parametersOfNearest)
                    : parametersOfNearest;
            }
        }

        for (int slot = 0; slot < Slots; slot++)
        {
            unsplit[slot] = DecodeAttentionTiming.Unsplit(stated[((int)OperatorFamily.DecodeAttention * Slots) + (slot | SecondKernel)] ?? DecodeStart);
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

    /// <summary>The slot of an operator.</summary>
    public static int SlotOf(in OperatorShape shape)
    {
        bool isSecond = shape.Family switch
        {
            OperatorFamily.Experts => IsFused(shape),
            OperatorFamily.DecodeAttention => shape.Heads / shape.KeyValueHeads is 1 or > MostSharedHeads,
            _ => false,
        };
        return ((int)shape.KernelKind * PerKind) + (shape.CacheBytes is > 0 and < 2 ? Narrow : 0) + (isSecond ? SecondKernel : 0);
    }

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

    /// <summary>An operator's parameters.</summary>
    public double[] Of(in OperatorShape shape) => stated[((int)shape.Family * Slots) + SlotOf(shape)] ?? shape.Family switch
    {
        OperatorFamily.Product => ProductStart,
        OperatorFamily.LatentProduct => LatentStart,
        OperatorFamily.Experts => shape.Variant > 0 ? SecondExpertStart : ExpertStart,
        OperatorFamily.DecodeAttention or OperatorFamily.DecodeLatentAttention => DecodeStart,
        _ => PrefillStart,
    };

    /// <summary>Parameters of decode attention that does not split the context: those of the kernel of heads that share nothing.</summary>
    internal double[] Unsplit(in OperatorShape shape) => unsplit[SlotOf(shape)];

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
