using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Times of launches by the forms that were fitted to measured ones (docs/validation.md, "Operators"), on one chip as its numbers are, for the
/// kernels that one engine picks. The one place where a form's arguments are put together. Serves any number of threads.
/// </summary>
public sealed class FittedTimes
{
    private const double HeadsPerLatentTile = 64;
    private const double LeastLatentHeads = 16;
    private const double GroupBeyondKernel = 32;
    private const double IdleExpertMicroseconds = 0.05;
    private const double MostServer = 8;
    private const double ReachedShare = 0.8;

    private static readonly string[] CacheWords = ["bfloat16", "fp8"];

    private readonly OperatorTimings timings;
    private readonly ServingEngine engine;
    private readonly TimingChip scale;
    private readonly RooflineChip peaks;
    private readonly bool hasFourBitUnits;
    private readonly (double[] Parameters, double[] PerDepth)?[] products;
    private readonly double[]?[] experts;
    private readonly double[]?[] decodeAttention = new double[4][];
    private readonly double[]?[] prefillAttention = new double[4][];
    private readonly double[]?[] decodeLatentAttention = new double[2][];
    private readonly double[]?[] prefillLatentAttention = new double[2][];
    private readonly double[]? latentProduct;
    private readonly double[]? libraryAllReduce;
    private readonly double[]? ownAllReduce;
    private readonly double[]? allToAll;
    private readonly double[]? allGather;

    /// <summary>Binds a chip's timings.</summary>
    /// <param name="chip">The chip; it has timings.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="memoryBytesPerSecond">Peak rate of its memory, which may be a variant's.</param>
    /// <param name="innerBytesPerSecond">Peak rate of its links within a server.</param>
    /// <param name="outerBytesPerSecond">Peak rate of its outermost links.</param>
    /// <param name="peaks">Its peaks.</param>
    public FittedTimes(
        Chip chip, ServingEngine engine, double memoryBytesPerSecond, double innerBytesPerSecond, double outerBytesPerSecond, in RooflineChip peaks)
    {
        ArgumentNullException.ThrowIfNull(chip);
        this.engine = engine;
        this.peaks = peaks;
        timings = chip.Timings!;
        scale = new TimingChip(timings.ComputeUnits, memoryBytesPerSecond, innerBytesPerSecond);
        OuterBytesPerSecond = outerBytesPerSecond;
        hasFourBitUnits = chip.Matrix.ContainsKey("float4");
        ServerCards = chip.Networks.Count > 1 ? chip.Networks[0].Size : Math.Max(MostServer, chip.Networks[0].Size);
        products = new (double[], double[])?[Enum.GetValues<NumberKind>().Length];
        for (int kind = 0; kind < products.Length; kind++)
        {
            products[kind] = Tiled((NumberKind)kind);
        }

        KernelMicroseconds = products[(int)NumberKind.SixteenBit]?.Parameters[0];
        experts = [.. Enum.GetValues<NumberKind>().Select(ExpertParameters)];
        for (int eightBit = 0; eightBit < 2; eightBit++)
        {
            string word = CacheWords[eightBit];
            decodeAttention[2 * eightBit] = timings.Find(DecodeAttentionTiming.Form.Family, $"{word}/gqa");
            decodeAttention[(2 * eightBit) + 1] = timings.Find(DecodeAttentionTiming.Form.Family, $"{word}/mha");
            prefillAttention[2 * eightBit] = timings.Find(PrefillAttentionTiming.Form.Family, $"{word}/{CacheWords[0]}");
            prefillAttention[(2 * eightBit) + 1] = timings.Find(PrefillAttentionTiming.Form.Family, $"{word}/{CacheWords[1]}");
            decodeLatentAttention[eightBit] = timings.Find(TimingForms.DecodeLatentAttention, word);
            prefillLatentAttention[eightBit] = timings.Find(TimingForms.PrefillLatentAttention, word);
        }

        latentProduct = timings.Find(LatentProductTiming.Form.Family, CacheWords[0]);
        libraryAllReduce = timings.Find(CollectiveTiming.Form.Family, "nccl_all_reduce");
        ownAllReduce = timings.Find(CollectiveTiming.Form.Family, "custom_all_reduce");
        allToAll = timings.Find(CollectiveTiming.Form.Family, "nccl_alltoall");
        allGather = timings.Find(CollectiveTiming.Form.Family, "nccl_all_gather");
    }

    /// <summary>What a small kernel takes within a captured graph; null where none was fitted.</summary>
    public double? KernelMicroseconds { get; }

    /// <summary>Cards within a server.</summary>
    public double ServerCards { get; }

    private double OuterBytesPerSecond { get; }

    /// <summary>Microseconds of a launch; null where no form of its kind was fitted.</summary>
    /// <param name="shape">The launch.</param>
    public double? Microseconds(in OperatorShape shape) => shape.Family switch
    {
        OperatorFamily.Product => Product(shape),
        OperatorFamily.LatentProduct => LatentProduct(shape),
        OperatorFamily.DecodeAttention => DecodeAttention(shape),
        OperatorFamily.DecodeLatentAttention => DecodeLatentAttention(shape),
        OperatorFamily.PrefillAttention => PrefillAttention(shape),
        OperatorFamily.PrefillLatentAttention => PrefillLatentAttention(shape),
        OperatorFamily.Experts => Experts(shape),
        _ => null,
    };

    /// <summary>Microseconds of an element-wise kernel; null where no kernel's floor is known.</summary>
    /// <param name="bytes">Bytes it reads and writes.</param>
    public double? Elementwise(double bytes) => KernelMicroseconds + (bytes / (scale.MemoryBytesPerSecond * ReachedShare) * Norms.Microseconds);

    /// <summary>Microseconds of a collective; null where none of its kind was fitted.</summary>
    /// <param name="collective">What is exchanged.</param>
    /// <param name="bytes">Bytes of a member's message.</param>
    /// <param name="members">Cards of the group.</param>
    public double? Exchange(Collective collective, double bytes, double members) => collective switch
    {
        Collective.AllReduce => AllReduce(bytes, members),
        Collective.AllToAll => AllToAll(bytes, members),
        Collective.AllGather => AllGather(bytes, members),
        _ => null,
    };

    /// <summary>The family and kind that a system's timings would name a launch's form by.</summary>
    /// <param name="shape">The launch.</param>
    public static string Words(in OperatorShape shape)
    {
        string cache = CacheWords[CacheOf(shape)];
        string computed = CacheWords[shape.Kind == NumberKind.EightBit ? 1 : 0];
        string kind = ServingKinds.WordOf(shape.Kind) ?? ServingKinds.FourBitByEight;
        return shape.Family switch
        {
            OperatorFamily.Product => $"{GemmTiming.Form.Family} {kind}",
            OperatorFamily.LatentProduct => $"{LatentProductTiming.Form.Family} {CacheWords[0]}",
            OperatorFamily.DecodeAttention => $"{DecodeAttentionTiming.Form.Family} {cache}/{(shape.Heads > shape.KeyValueHeads ? "gqa" : "mha")}",
            OperatorFamily.DecodeLatentAttention => $"{TimingForms.DecodeLatentAttention} {cache}",
            OperatorFamily.PrefillAttention => $"{PrefillAttentionTiming.Form.Family} {computed}/{cache}",
            OperatorFamily.PrefillLatentAttention => $"{TimingForms.PrefillLatentAttention} {computed}",
            _ => $"{ExpertTiming.Form.Family} {kind}",
        };
    }

    private double? Product(in OperatorShape shape)
    {
        if (products[(int)shape.Kind] is not { } tiled)
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
            tiled.Parameters,
            tiled.PerDepth,
            scale,
            RooflineChip.WeightBytes(shape.Kind),
            RooflineChip.ActivationBytes(shape.Kind),
            shape.Rows,
            shape.Columns,
            shape.Depth,
            quantizeBytes);
        if (shape.Kind is NumberKind.EightBit or NumberKind.FourBit && KernelMicroseconds is { } kernel)
        {
            time += kernel - tiled.Parameters[0];
        }

        bool isQuantizedApart = shape.Kind == NumberKind.EightBit && shape.Variant == 1;
        return isQuantizedApart ? time + Elementwise(shape.Rows * shape.Depth * MeasuredQuantizeBytes.EightBits) : time;
    }

    private double? LatentProduct(in OperatorShape shape) => latentProduct is { } parameters
        ? LatentProductTiming.Microseconds(parameters, scale, peaks.HalfFlopsPerSecond, shape.Rows, shape.Heads, shape.Depth, shape.Columns, 2)
        : null;

    private double? DecodeAttention(in OperatorShape shape)
    {
        double keyValueHeads = Math.Max(1, shape.KeyValueHeads);
        double heads = Math.Max(1, shape.Heads);
        double group = heads / keyValueHeads;
        bool isPerHead = group > GroupBeyondKernel;
        double shared = isPerHead ? 1 : group;
        return decodeAttention[(2 * CacheOf(shape)) + (group <= 1 || isPerHead ? 1 : 0)] is { } parameters
            ? DecodeAttentionTiming.Microseconds(
                parameters,
                scale,
                peaks.HalfFlopsPerSecond,
                shape.Rows * (isPerHead ? heads : keyValueHeads),
                shape.Context,
                2 * shape.Depth * shape.CacheBytes,
                4 * shape.Depth * shared,
                4 * shape.Depth * shared,
                isPerHead ? group : 1)
            : null;
    }

    private double? DecodeLatentAttention(in OperatorShape shape)
    {
        double heads = Math.Max(1, shape.Heads);
        double tiles = Math.Ceiling(heads / HeadsPerLatentTile);
        return decodeLatentAttention[CacheOf(shape)] is { } parameters
            ? DecodeAttentionTiming.Microseconds(
                parameters,
                scale,
                peaks.HalfFlopsPerSecond,
                shape.Rows * tiles,
                shape.Context,
                shape.Depth * shape.CacheBytes / tiles,
                2 * shape.Columns * Math.Clamp(heads, LeastLatentHeads, HeadsPerLatentTile),
                2 * heads * shape.Columns * 2 / tiles,
                1)
            : null;
    }

    private double? PrefillAttention(in OperatorShape shape)
    {
        double bytes = shape.Rows * (shape.NewTokens + shape.PastTokens) * shape.Depth
            * ((4 * shape.Heads) + ((4 + (2 * shape.CacheBytes)) * shape.KeyValueHeads));
        return prefillAttention[(2 * (shape.Kind == NumberKind.EightBit ? 1 : 0)) + CacheOf(shape)] is { } parameters
            ? PrefillAttentionTiming.Microseconds(
                parameters,
                scale,
                peaks.FlopsPerSecond(shape.Kind),
                shape.Rows,
                shape.Window > 0 ? shape.NewTokens : shape.Context,
                shape.Heads,
                2 * shape.Depth,
                shape.Window,
                bytes)
            : null;
    }

    private double? PrefillLatentAttention(in OperatorShape shape) =>
        prefillLatentAttention[shape.Kind == NumberKind.EightBit ? 1 : 0] is { } parameters
            ? PrefillAttentionTiming.Microseconds(
                parameters,
                scale,
                peaks.FlopsPerSecond(shape.Kind),
                shape.Rows,
                shape.Context,
                shape.Heads,
                shape.Columns,
                0,
                shape.Rows * shape.NewTokens * shape.Heads * shape.Columns * 4)
            : null;

    private static int CacheOf(in OperatorShape shape) => shape.CacheBytes <= 1 ? 1 : 0;

    /// <summary>The expert kernel that an engine picks: chips that compute in 4 bits run one family of kernels whatever the data type.</summary>
    private double? Experts(in OperatorShape shape)
    {
        if (experts[(int)shape.Kind] is not { } parameters)
        {
            return null;
        }

        NumberKind peak = shape.Kind switch
        {
            NumberKind.EightBit or NumberKind.EightBitBlock or NumberKind.FourBitByEight => NumberKind.EightBit,
            NumberKind.FourBit => NumberKind.FourBit,
            _ => NumberKind.SixteenBit,
        };
        double activationBytes = shape.Kind is NumberKind.SixteenBit or NumberKind.FourBitWeights ? 2 : RooflineChip.ActivationBytes(shape.Kind);
        double weightBytes = shape.Kind == NumberKind.FourBitWeights ? RooflineChip.WeightBytes(NumberKind.FourBitByEight) : RooflineChip.WeightBytes(shape.Kind);
        double time = ExpertTiming.Microseconds(
            parameters,
            scale,
            peaks.FlopsPerSecond(peak),
            weightBytes,
            activationBytes,
            Math.Max(1, shape.Rows),
            shape.Depth,
            shape.Columns,
            shape.Chosen,
            shape.Experts,
            shape.TensorRanks,
            shape.ExpertRanks,
            shape.Skew,
            isGated: shape.Gates == 2);
        return time - Idle(shape, parameters);
    }

    private double[]? ExpertParameters(NumberKind kind)
    {
        double[]? Find(string word) => timings.Find(ExpertTiming.Form.Family, word);
        return kind switch
        {
            NumberKind.EightBit => Find(hasFourBitUnits ? ServingKinds.FourBitByEight : "fp8/cutlass"),
            NumberKind.EightBitBlock => Find(hasFourBitUnits ? ServingKinds.FourBitByEight : "fp8_block/cutlass"),
            NumberKind.FourBit or NumberKind.FourBitByEight => Find(ServingKinds.FourBitByEight),
            NumberKind.FourBitWeights when engine.HasPackedExpertKernel => Find(ServingKinds.PackedFourBit),
            NumberKind.FourBitWeights or NumberKind.SixteenBit => Find("bfloat16/cutlass") ?? Find(CacheWords[0]),
            _ => null,
        };
    }

    /// <summary>What a kernel that leaves idle experts out saves of what the measured one takes for them.</summary>
    internal double Idle(in OperatorShape shape) => experts[(int)shape.Kind] is { } parameters ? Idle(shape, parameters) : 0;

    private double Idle(in OperatorShape shape, double[] parameters) => SkipsIdleExperts(shape.Kind)
        ? Math.Max(0, parameters[ExpertTiming.PerExpert] - IdleExpertMicroseconds) * Math.Max(1, shape.Experts / shape.ExpertRanks)
        : 0;

    private bool SkipsIdleExperts(NumberKind kind) => kind == NumberKind.EightBitBlock && !hasFourBitUnits && !engine.VisitsIdleExperts;

    /// <summary>A sum over a group of cards: the faster of the engine's own kernel and the library's; beyond a server, a ring of servers besides.</summary>
    private double? AllReduce(double bytes, double members)
    {
        if (libraryAllReduce is not { } library)
        {
            return null;
        }

        if (members <= ServerCards)
        {
            double byLibrary = CollectiveTiming.Microseconds(library, scale, Collective.AllReduce, bytes, members);
            return ownAllReduce is { } own
                ? Math.Min(byLibrary, CollectiveTiming.Microseconds(own, scale, Collective.AllReduce, bytes, members))
                : byLibrary;
        }

        const double FirstHop = 15;
        const double FurtherHop = 5;
        double servers = members / ServerCards;
        return CollectiveTiming.Microseconds(library, scale, Collective.AllReduce, bytes, ServerCards)
            + FirstHop + (FurtherHop * (servers - 1))
            + (2 * (servers - 1) / servers * bytes / ServerCards / OuterBytesPerSecond * Norms.Microseconds);
    }

    /// <summary>Everybody's part of a message to everybody else: the slower of what stays in the server and what leaves it.</summary>
    private double? AllToAll(double bytes, double members)
    {
        if (allToAll is not { } parameters)
        {
            return null;
        }

        if (members <= ServerCards)
        {
            return CollectiveTiming.Microseconds(parameters, scale, Collective.AllToAll, bytes, members);
        }

        const double OuterHop = 15;
        double outside = (bytes * (members - ServerCards) / members / OuterBytesPerSecond * Norms.Microseconds) + OuterHop;
        return Math.Max(
            CollectiveTiming.Microseconds(parameters, scale, Collective.AllToAll, bytes * ServerCards / members, ServerCards), outside);
    }

    /// <summary>Everybody's part to everybody.</summary>
    private double? AllGather(double bytes, double members)
    {
        const double BeyondServer = 30;
        if (members > ServerCards)
        {
            return BeyondServer;
        }

        return allGather is { } parameters
            ? CollectiveTiming.Microseconds(parameters, scale, Collective.AllGather, bytes, members)
            : null;
    }

    /// <summary>A number format's parameters and what its tiles take, worked out once.</summary>
    private (double[] Parameters, double[] PerDepth)? Tiled(NumberKind kind)
    {
        if (ServingKinds.WordOf(kind) is not { } word || timings.Find(GemmTiming.Form.Family, word) is not { } parameters || !(peaks.FlopsPerSecond(kind) > 0))
        {
            return null;
        }

        double[] perDepth = new double[GemmTiming.Tiles];
        GemmTiming.PerDepth(
            parameters, scale, peaks.FlopsPerSecond(kind), RooflineChip.WeightBytes(kind), RooflineChip.ActivationBytes(kind), perDepth);
        return (parameters, perDepth);
    }
}
