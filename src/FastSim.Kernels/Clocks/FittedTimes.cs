using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
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
    private const double MostServer = 8;
    private const double IndexScaleBytes = 4;
    private const double MostLowLatencyTokens = 256;
    private const double CopyingUnits = 20;

    private static long numbered;

    private static readonly string[] CacheWords = ["bfloat16", "fp8"];

    private readonly OperatorTimings timings;
    private readonly ServingEngine engine;
    private readonly TimingChip scale;
    private readonly RooflineChip peaks;
    private readonly bool hasFourBitUnits;
    private readonly double[]?[] products;
    private readonly double[]?[] perDepth;
    private readonly double[]?[] experts;
    private readonly double[]?[] decodeAttention;
    private readonly double[]?[] prefillAttention;
    private readonly double[]?[] decodeLatentAttention;
    private readonly double[]?[] prefillLatentAttention;
    private readonly double[]? latentProduct;
    private readonly double[]? indexScore;
    private readonly double[]? indexSelection;
    private readonly double[]?[] sparseAttention;
    private readonly StateKernelTimes stateKernels;
    private readonly EncoderAttentionTimes encoderAttention;
    private readonly double[]?[] expertExchange;
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
        scale = new TimingChip(peaks.ComputeUnits, memoryBytesPerSecond, innerBytesPerSecond);
        OuterBytesPerSecond = outerBytesPerSecond;
        hasFourBitUnits = chip.Matrix.ContainsKey("float4");
        ServerCards = chip.Networks.Count > 1 ? chip.Networks[0].Size : Math.Max(MostServer, chip.Networks[0].Size);
        NumberKind[] kinds = Enum.GetValues<NumberKind>();
        products = [.. kinds.Select(kind => ServingKinds.WordOf(kind) is { } word ? Ahead(timings.Find(GemmTiming.Form.Family, word), chip) : null)];
        if (engine.SplitsFourBitProducts && products[(int)NumberKind.FourBit] is { } packed && products[(int)NumberKind.SixteenBit] is { } halves)
        {
            products[(int)NumberKind.FourBit] = GemmTiming.SplitLike(packed, halves);
        }

        perDepth = new double[kinds.Length][];
        Timed = Interlocked.Increment(ref numbered);
        KernelMicroseconds = products[(int)NumberKind.SixteenBit]?[0];
        experts = [.. kinds.Select(kind => Ahead(ExpertParameters(kind), chip))];
        (decodeAttention, prefillAttention) = (new double[4][], new double[4][]);
        (decodeLatentAttention, prefillLatentAttention) = (new double[2][], new double[2][]);
        for (int eightBit = 0; eightBit < 2; eightBit++)
        {
            string word = CacheWords[eightBit];
            decodeAttention[2 * eightBit] = Ahead(timings.Find(DecodeAttentionTiming.Form.Family, $"{word}/gqa"), chip);
            decodeAttention[(2 * eightBit) + 1] = Ahead(timings.Find(DecodeAttentionTiming.Form.Family, $"{word}/mha"), chip);
            prefillAttention[2 * eightBit] = timings.Find(PrefillAttentionTiming.Form.Family, $"{word}/{CacheWords[0]}");
            prefillAttention[(2 * eightBit) + 1] = timings.Find(PrefillAttentionTiming.Form.Family, $"{word}/{CacheWords[1]}");
            decodeLatentAttention[eightBit] = Ahead(timings.Find(TimingForms.DecodeLatentAttention, word), chip);
            prefillLatentAttention[eightBit] = timings.Find(TimingForms.PrefillLatentAttention, word);
        }

        latentProduct = Ahead(timings.Find(LatentProductTiming.Form.Family, CacheWords[0]), chip);
        indexScore = timings.Find(IndexScoreTiming.Form.Family, IndexScoreTiming.EightBits);
        indexSelection = timings.Find(IndexSelectionTiming.Form.Family, IndexSelectionTiming.Flat);
        sparseAttention =
        [
            .. CacheWords.SelectMany(word => (string[])["decode", "prefill"], (word, phase) => timings.Find(SparseAttentionTiming.Form.Family, $"{word}/{phase}")),
        ];
        stateKernels = new StateKernelTimes(timings);
        encoderAttention = new EncoderAttentionTimes(timings);
        expertExchange =
        [
            .. new[]
            {
                ExpertExchangeTiming.LowLatencyDispatch, ExpertExchangeTiming.LowLatencyCombine, ExpertExchangeTiming.ThroughputDispatch, ExpertExchangeTiming.ThroughputCombine,
            }.Select(kind => timings.Find(ExpertExchangeTiming.Form.Family, kind)),
        ];
        libraryAllReduce = timings.Find(CollectiveTiming.Form.Family, "nccl_all_reduce");
        ownAllReduce = timings.Find(CollectiveTiming.Form.Family, "custom_all_reduce");
        allToAll = timings.Find(CollectiveTiming.Form.Family, "nccl_alltoall");
        allGather = timings.Find(CollectiveTiming.Form.Family, "nccl_all_gather");
    }

    private FittedTimes(FittedTimes other, double memoryBytesPerSecond, double innerBytesPerSecond, double outerBytesPerSecond, in RooflineChip peaks)
    {
        this.peaks = peaks;
        scale = new TimingChip(peaks.ComputeUnits, memoryBytesPerSecond, innerBytesPerSecond);
        OuterBytesPerSecond = outerBytesPerSecond;
        (timings, engine, hasFourBitUnits, ServerCards, KernelMicroseconds) =
            (other.timings, other.engine, other.hasFourBitUnits, other.ServerCards, other.KernelMicroseconds);
        bool isAlike = peaks == other.peaks && memoryBytesPerSecond == other.scale.MemoryBytesPerSecond;
        (Timed, perDepth) = isAlike ? (other.Timed, other.perDepth) : (Interlocked.Increment(ref numbered), new double[other.perDepth.Length][]);
        (products, experts) = (other.products, other.experts);
        (decodeAttention, prefillAttention, decodeLatentAttention, prefillLatentAttention, latentProduct) =
            (other.decodeAttention, other.prefillAttention, other.decodeLatentAttention, other.prefillLatentAttention, other.latentProduct);
        (indexScore, indexSelection, sparseAttention, expertExchange, stateKernels, encoderAttention) =
            (other.indexScore, other.indexSelection, other.sparseAttention, other.expertExchange, other.stateKernels, other.encoderAttention);
        (libraryAllReduce, ownAllReduce, allToAll, allGather) = (other.libraryAllReduce, other.ownAllReduce, other.allToAll, other.allGather);
    }

    /// <summary>The same forms on a chip of other rates.</summary>
    /// <param name="memoryBytesPerSecond">Peak rate of its memory.</param>
    /// <param name="innerBytesPerSecond">Peak rate of its links within a server.</param>
    /// <param name="outerBytesPerSecond">Peak rate of its outermost links.</param>
    /// <param name="newPeaks">Its peaks.</param>
    public FittedTimes On(double memoryBytesPerSecond, double innerBytesPerSecond, double outerBytesPerSecond, in RooflineChip newPeaks) =>
        new(this, memoryBytesPerSecond, innerBytesPerSecond, outerBytesPerSecond, newPeaks);

    /// <summary>What a small kernel takes within a captured graph; null where none was fitted.</summary>
    public double? KernelMicroseconds { get; }

    /// <summary>Cards within a server.</summary>
    public double ServerCards { get; }

    /// <summary>
    /// The number, above 0, that chips have in common on which every launch but exchanges takes the same time: their links and capacities may differ. Threads remember times by it:
    /// what refers to nothing is no work for the collector.
    /// </summary>
    internal long Timed { get; }

    private double OuterBytesPerSecond { get; }

    /// <summary>Microseconds of a launch; null where no form of its kind was fitted.</summary>
    /// <param name="shape">The launch.</param>
    public double? Microseconds(in OperatorShape shape) => shape.Family switch
    {
        OperatorFamily.Product => Product(shape, shape.Rows),
        OperatorFamily.LatentProduct => LatentProduct(shape),
        OperatorFamily.DecodeAttention => DecodeAttention(shape),
        OperatorFamily.DecodeLatentAttention => DecodeLatentAttention(shape),
        OperatorFamily.PrefillAttention => PrefillAttention(shape),
        OperatorFamily.PrefillLatentAttention => PrefillLatentAttention(shape),
        OperatorFamily.Experts => RememberedExperts(shape),
        _ => null,
    };

    /// <summary>What <see cref="Microseconds"/> never falls below; the chip's peaks where the form says no more.</summary>
    /// <param name="shape">The launch.</param>
    public LaunchBound Bound(in OperatorShape shape)
    {
        switch (shape.Family)
        {
            case OperatorFamily.Product when products[(int)shape.Kind] is { } product && (KernelMicroseconds is not null || !IsQuantizedApart(shape)):
                LaunchBound bound = GemmTiming.Bound(product);
                return shape.Kind is NumberKind.EightBit or NumberKind.FourBit ? bound with { FloorMicroseconds = KernelMicroseconds ?? 0 } : bound;
            case OperatorFamily.LatentProduct when latentProduct is not null:
                return LatentProductTiming.Bound(latentProduct);
            case OperatorFamily.DecodeAttention when DecodeParameters(shape) is { } grouped:
                return DecodeAttentionTiming.Bound(grouped);
            case OperatorFamily.DecodeLatentAttention when decodeLatentAttention[CacheOf(shape)] is { } latent:
                return DecodeAttentionTiming.Bound(latent);
            case OperatorFamily.Experts when experts[(int)shape.Kind] is { } parameters:
                LaunchBound layer = ExpertTiming.Bound(parameters, shape.Experts / shape.ExpertRanks);
                return layer with { FloorMicroseconds = layer.FloorMicroseconds - Idle(shape, parameters) };
            default:
                return LaunchBound.Peaks;
        }
    }

    /// <summary>Microseconds of an element-wise kernel; null where no kernel's floor is known.</summary>
    /// <param name="bytes">Bytes it reads and writes.</param>
    public double? Elementwise(double bytes) => KernelMicroseconds + (bytes / (scale.MemoryBytesPerSecond * PassTimes.ReachedShare) * Norms.Microseconds);

    /// <summary>Microseconds of the indexer's scores; null where none were fitted.</summary>
    /// <param name="queries">Tokens that ask.</param>
    /// <param name="context">Tokens each sees, on average.</param>
    /// <param name="longest">Tokens that the one that sees most sees.</param>
    /// <param name="sequences">Sequences, whose keys are each read once.</param>
    /// <param name="indexer">The indexer.</param>
    /// <param name="isDecode">Whether each sequence brings its next tokens alone.</param>
    public double? IndexScore(double queries, double context, double longest, double sequences, SparseIndexer indexer, bool isDecode) => indexScore is { } parameters
        ? IndexScoreTiming.Microseconds(
            parameters,
            scale,
            peaks.EightBitFlopsPerSecond,
            queries,
            context,
            longest,
            indexer.Heads,
            indexer.HeadSize,
            sequences * longest * (indexer.HeadSize + IndexScaleBytes),
            isDecode)
        : null;

    /// <summary>Microseconds of choosing tokens by the indexer's scores; null where it was not fitted.</summary>
    /// <param name="rows">Rows that choose.</param>
    /// <param name="context">Tokens that such a row chooses among, on average.</param>
    /// <param name="shortRows">Rows that take all of their tokens.</param>
    public double? IndexSelection(double rows, double context, double shortRows) =>
        indexSelection is { } parameters ? IndexSelectionTiming.Microseconds(parameters, scale, rows, context, shortRows) : null;

    /// <summary>Microseconds of latent attention over selected tokens; null where it was not fitted.</summary>
    /// <param name="rows">Tokens that attend.</param>
    /// <param name="context">Tokens each sees, on average.</param>
    /// <param name="selected">Tokens that are selected at most: most kernels go over as many places.</param>
    /// <param name="heads">Heads of a rank.</param>
    /// <param name="latent">Latent widths.</param>
    /// <param name="cacheBytes">Bytes of a cached element.</param>
    /// <param name="isDecode">Whether each sequence brings its next tokens alone.</param>
    public double? SparseAttention(
        double rows, double context, double selected, double heads, LatentDimensions latent, double cacheBytes, bool isDecode)
    {
        int cache = cacheBytes <= 1 ? 1 : 0;
        return sparseAttention[(2 * cache) + (isDecode ? 0 : 1)] is { } parameters
            ? SparseAttentionTiming.Microseconds(
                parameters,
                scale,
                peaks.HalfFlopsPerSecond,
                rows,
                isDecode && cache == 0 ? Math.Min(selected, context) : selected,
                heads,
                latent.CachedWidth,
                latent.KeyValueRank,
                cacheBytes)
            : null;
    }

    /// <summary>Microseconds of a kernel of a block with a state; null where it was not fitted.</summary>
    /// <param name="kernel">The kernel, its rows and its sequences.</param>
    public double? StateKernel(in StateKernel kernel) => stateKernels.Microseconds(scale, kernel);

    /// <summary>Microseconds of an encoder's attention; null where it was not fitted.</summary>
    /// <param name="pieces">Pieces whose rows see each other.</param>
    /// <param name="rows">Rows of each.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="headSize">Width of a head.</param>
    public double? EncoderAttention(double pieces, double rows, double heads, double headSize) =>
        encoderAttention.Microseconds(scale, peaks.HalfFlopsPerSecond, pieces, rows, heads, headSize);

    /// <summary>Microseconds of a token exchange by an expert-parallel library: its low-latency kernels for few tokens, those for throughput beyond; null where they were not fitted.</summary>
    /// <param name="isDispatch">Whether tokens go to their experts; otherwise the results come back.</param>
    /// <param name="tokens">Tokens of a card.</param>
    /// <param name="hidden">Hidden width.</param>
    /// <param name="routing">The experts that a token chooses from.</param>
    /// <param name="experts">Experts of the group, copies included.</param>
    /// <param name="members">Cards of the group.</param>
    public double? ExpertExchange(bool isDispatch, double tokens, double hidden, MixtureOfExperts routing, double experts, double members)
    {
        bool isFew = IsFew(tokens);
        if (expertExchange[(isFew ? 0 : 2) + (isDispatch ? 0 : 1)] is not { } parameters)
        {
            return null;
        }

        ArgumentNullException.ThrowIfNull(routing);
        double chosen = routing.ActiveExperts;
        double mostServers = routing.MostServers(Math.Max(1, members / ServerCards));
        double bytes = isDispatch ? ExpertExchangeTiming.DispatchedBytes(hidden) : ExpertExchangeTiming.ReturnedBytes(hidden);
        return isFew
            ? ExpertExchangeTiming.LowLatency(parameters, scale, OuterBytesPerSecond, tokens, bytes, chosen, experts, members, ServerCards)
            : ExpertExchangeTiming.Throughput(parameters, scale, OuterBytesPerSecond, tokens, bytes, chosen, experts, members, ServerCards, mostServers, CopyingUnits);
    }

    /// <summary>Whether kernels of low latency exchange a card's tokens with experts, which may have forms where those of many tokens have none.</summary>
    internal static bool IsFew(double tokens) => tokens <= MostLowLatencyTokens;

    /// <summary>The least latency of a collective, and the most of its links that it reaches; none where no form says so.</summary>
    /// <param name="collective">What is exchanged.</param>
    /// <param name="members">Cards of the group.</param>
    public (double FloorMicroseconds, double LinkShare)? Bound(Collective collective, double members)
    {
        double[]? parameters = collective switch
        {
            Collective.AllReduce => libraryAllReduce,
            Collective.AllToAll => allToAll,
            Collective.AllGather => allGather,
            _ => null,
        };
        if (parameters is null || members > ServerCards)
        {
            return null;
        }

        (double floor, double share) = CollectiveTiming.Bound(parameters, members);
        if (collective != Collective.AllReduce || ownAllReduce is null)
        {
            return (floor, share);
        }

        (double ownFloor, double ownShare) = CollectiveTiming.Bound(ownAllReduce, members);
        return (Math.Min(floor, ownFloor), Math.Max(share, ownShare));
    }

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

    /// <summary>A form of whose floor, its first parameter, an engine hides what kernels start ahead.</summary>
    private double[]? Ahead(double[]? parameters, Chip chip) => parameters is null ? null : [engine.Shown(parameters[0], chip.Structure), .. parameters.AsSpan(1)];

    /// <summary>Microseconds of a product of some rows; null where no form of its kind was fitted.</summary>
    /// <param name="shape">The product, of whatever rows.</param>
    /// <param name="rows">Its rows.</param>
    internal double? Product(in OperatorShape shape, double rows)
    {
        ref RememberedProducts.Asked asked = ref RememberedProducts.PlaceOf(shape, rows);
        if (asked.Is(Timed, shape, rows))
        {
            return asked.Microseconds;
        }

        double? found = WorkedOut(shape, rows);
        if (found is { } time)
        {
            asked.Take(Timed, shape, rows, time);
        }

        return found;
    }

    private double? RememberedExperts(in OperatorShape shape)
    {
        ref RememberedLayers.Asked asked = ref RememberedLayers.PlaceOf(shape);
        if (asked.Is(Timed, shape))
        {
            return asked.Microseconds;
        }

        double? found = Experts(shape);
        if (found is { } time)
        {
            asked = new RememberedLayers.Asked(Timed, shape, time);
        }

        return found;
    }

    /// <summary>The same, of a product that is not likely to be asked about again.</summary>
    /// <param name="shape">The product, of whatever rows.</param>
    /// <param name="rows">Its rows.</param>
    internal double? WorkedOut(in OperatorShape shape, double rows)
    {
        if (products[(int)shape.Kind] is not { } parameters)
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
            PerDepth(shape.Kind, parameters),
            scale,
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

        return IsQuantizedApart(shape) ? time + Elementwise(rows * shape.Depth * MeasuredQuantizeBytes.EightBits) : time;
    }

    /// <summary>Whether a kernel of its own quantises the input: without a time for that the product has none, either.</summary>
    private static bool IsQuantizedApart(in OperatorShape shape) => shape.Kind == NumberKind.EightBit && shape.Variant == 1;

    private double? LatentProduct(in OperatorShape shape) => latentProduct is { } parameters
        ? LatentProductTiming.Microseconds(parameters, scale, peaks.HalfFlopsPerSecond, shape.Rows, shape.Heads, shape.Depth, shape.Columns, 2)
        : null;

    /// <summary>Whether a kernel takes each query head by itself: it has none for groups as large.</summary>
    private static bool IsPerHead(in OperatorShape shape) => Math.Max(1, shape.Heads) / Math.Max(1, shape.KeyValueHeads) > GroupBeyondKernel;

    private double[]? DecodeParameters(in OperatorShape shape) =>
        decodeAttention[(2 * CacheOf(shape)) + (Math.Max(1, shape.Heads) <= Math.Max(1, shape.KeyValueHeads) || IsPerHead(shape) ? 1 : 0)];

    private double? DecodeAttention(in OperatorShape shape)
    {
        double keyValueHeads = Math.Max(1, shape.KeyValueHeads);
        double heads = Math.Max(1, shape.Heads);
        double group = heads / keyValueHeads;
        bool isPerHead = IsPerHead(shape);
        double shared = isPerHead ? 1 : group;
        return DecodeParameters(shape) is { } parameters
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
            isGated: shape.Gates == 2,
            shape.OwnShare);
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

    /// <summary>What a kernel that leaves idle experts out saves of what the measured one takes for them, microseconds; null where no form of these experts is known.</summary>
    internal double? Idle(in OperatorShape shape) => experts[(int)shape.Kind] is { } parameters ? Idle(shape, parameters) : null;

    private double Idle(in OperatorShape shape, double[] parameters) =>
        IdleExperts.SavedMicroseconds(shape, engine, hasFourBitUnits, parameters[ExpertTiming.PerExpert]);

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

    /// <summary>What the tiles of a number format's products take, worked out once; threads that meet here find the same.</summary>
    private double[] PerDepth(NumberKind kind, double[] parameters)
    {
        if (perDepth[(int)kind] is { } known)
        {
            return known;
        }

        double[] tiles = new double[GemmTiming.Tiles];
        GemmTiming.PerDepth(
            parameters, scale, peaks.FlopsPerSecond(kind), RooflineChip.WeightBytes(kind), RooflineChip.ActivationBytes(kind), tiles);
        perDepth[(int)kind] = tiles;
        return tiles;
    }
}
