using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Serving;

/// <summary>What one step of an instance works on.</summary>
/// <param name="Decoding">Sequences that get their next token, a rank.</param>
/// <param name="Context">Tokens each of them attends to.</param>
/// <param name="Prompts">Prompts that are prefilled, a rank.</param>
/// <param name="PromptTokens">Tokens of each that are new.</param>
/// <param name="PromptPast">Tokens of each that are cached.</param>
public readonly record struct StepLoad(double Decoding, double Context, double Prompts, double PromptTokens, double PromptPast)
{
    /// <summary>Token rows.</summary>
    public double Rows => Decoding + (Prompts * PromptTokens);
}

/// <summary>
/// Time of a forward step of an instance, kernel by kernel as engines launch them, from the chip's fitted timings (docs/validation.md,
/// "A step").
/// </summary>
public sealed class StepModel
{
    /// <summary>Exponent of the law by which tokens choose experts: nearly that of word frequencies.</summary>
    private const double ExpertSkew = 1.01;
    private const double SamplingKernels = 3;
    private const double HeadsPerLatentTile = 64;
    private const double LeastLatentHeads = 16;
    private const double EagerKernelMicroseconds = 8;
    private const double IdleExpertMicroseconds = 0.05;
    private const double GroupBeyondKernel = 32;

    private readonly ServedModel model;
    private readonly ChipTimings chip;
    private readonly ServingEngine engine;
    private readonly ServingPrecision precision;
    private readonly ServingLayout layout;
    private readonly double[] expertParameters;
    private readonly double expertPeak;
    private readonly double expertActivationBytes;
    private double idleExpertMicroseconds;

    /// <summary>Describes an instance.</summary>
    /// <param name="model">The model.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="precision">Data types.</param>
    /// <param name="layout">How the cards share the model.</param>
    /// <exception cref="MissingTimingException">The chip lacks a timing.</exception>
    public StepModel(ServedModel model, ChipTimings chip, ServingEngine engine, ServingPrecision precision, ServingLayout layout)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(chip);
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(precision);
        ArgumentNullException.ThrowIfNull(layout);
        this.model = model;
        this.chip = chip;
        this.engine = engine;
        this.precision = precision;
        this.layout = layout;
        (expertParameters, expertPeak, expertActivationBytes) = model.Experts is null ? ([], 0, 0) : ExpertKernel();
    }

    /// <summary>How the cards share the model.</summary>
    public ServingLayout Layout => layout;

    /// <summary>Data types.</summary>
    public ServingPrecision Precision => precision;

    /// <summary>The model.</summary>
    public ServedModel Model => model;

    /// <summary>The engine.</summary>
    public ServingEngine Engine => engine;

    /// <summary>Whether some step so far had an operator that the chip's learned efficiency was not trained among.</summary>
    public bool IsBeyondTraining => chip.IsBeyondTraining;

    /// <summary>Least time of a step that launches its kernels one by one, as prefill does.</summary>
    public double LaunchMicroseconds => model.Model.Blocks * model.KernelsPerBlock * EagerKernelMicroseconds;

    private NumberKind CacheKind => precision.CacheBytes <= 1 ? NumberKind.EightBit : NumberKind.SixteenBit;

    private bool SplitsAttention => layout.DataParallel > 1;

    private int Ranks => layout.TensorParallel;

    /// <summary>Microseconds of a step on the device.</summary>
    /// <param name="load">What it works on.</param>
    public double Microseconds(in StepLoad load) => Parts(load).Total;

    /// <summary>Microseconds of a step on the device, by part.</summary>
    /// <param name="load">What it works on.</param>
    public StepParts Parts(in StepLoad load)
    {
        StepParts parts = default;
        if (load.Rows <= 0)
        {
            return parts;
        }

        int limited = model.LimitedBlocks;
        AddAttention(ref parts, load, 0, model.Model.Blocks - limited);
        AddAttention(ref parts, load, model.LimitedTokens, limited);
        AddFeedForward(ref parts, load, model.DenseBlocks);
        AddExperts(ref parts, load, model.ExpertBlocks);
        AddLogits(ref parts, load);
        return parts;
    }

    private double Product(string type, double m, double n, double k) =>
        chip.Product(type, m, n, k, engine.QuantizesApart && model.NormalisesQueriesAndKeys);

    private double Norm(double rows)
    {
        const double PassesOverHidden = 3;
        return chip.Elementwise(rows * model.Model.Hidden * 2 * PassesOverHidden);
    }

    private double RankSum(double rows) => chip.AllReduce(rows * model.Model.Hidden * 2, Ranks);

    private void AddAttention(ref StepParts parts, in StepLoad load, double window, double blocks)
    {
        if (blocks == 0)
        {
            return;
        }

        parts.Add(StepPart.Elementwise, blocks * Norm(load.Rows));
        if (model.Latent is { } latent)
        {
            AddLatent(ref parts, load, latent, blocks);
        }
        else
        {
            AddGroupQuery(ref parts, load, window, blocks);
        }

        parts.Add(StepPart.AllReduce, blocks * RankSum(load.Rows));
    }

    private void AddLatent(ref StepParts parts, in StepLoad load, LatentDimensions latent, double blocks)
    {
        double rows = load.Rows;
        double heads = (double)model.Model.Heads / Ranks;
        double queryWidth = heads * (latent.PlainHeadSize + latent.RotaryHeadSize);
        string type = precision.Attention;
        double hidden = model.Model.Hidden;
        double products = Product(type, rows, latent.QueryRank + latent.KeyValueRank + latent.RotaryHeadSize, hidden)
            + Product(type, rows, queryWidth, latent.QueryRank > 0 ? latent.QueryRank : hidden)
            + Product(type, rows, hidden, heads * latent.ValueHeadSize);
        double elementwise = chip.Elementwise(rows * (latent.QueryRank + latent.KeyValueRank) * 4) + chip.Elementwise(rows * queryWidth * 4);
        if (load.Decoding > 0)
        {
            double[] parameters = chip.Parameters(LatentProductTiming.Form.Family, ServingPrecision.Bfloat16);
            double Absorb(double sequences, double k, double n) =>
                chip.Learned(new OperatorShape(OperatorFamily.LatentProduct, NumberKind.SixteenBit, sequences, n, k, Heads: heads))
                ?? LatentProductTiming.Microseconds(parameters, chip.Scale, chip.HalfFlopsPerSecond, sequences, heads, k, n, 2);
            parts.Add(
                StepPart.LatentProducts,
                blocks * (Absorb(load.Decoding, latent.PlainHeadSize, latent.KeyValueRank)
                    + Absorb(load.Decoding, latent.KeyValueRank, latent.ValueHeadSize)));
            parts.Add(StepPart.DecodeAttention, blocks * LatentDecode(load, latent, heads));
        }

        if (load.Prompts > 0)
        {
            double tokens = load.Prompts * load.PromptTokens;
            products += Product(type, tokens, heads * (latent.PlainHeadSize + latent.ValueHeadSize), latent.KeyValueRank);
            elementwise += chip.Elementwise(tokens * heads * (latent.PlainHeadSize + latent.RotaryHeadSize + latent.ValueHeadSize) * 4);
            double width = latent.PlainHeadSize + latent.RotaryHeadSize + latent.ValueHeadSize;
            parts.Add(
                StepPart.PrefillAttention,
                blocks * (chip.Learned(new OperatorShape(
                    OperatorFamily.PrefillLatentAttention,
                    CacheKind,
                    load.Prompts,
                    Columns: width,
                    Depth: latent.PlainHeadSize + latent.RotaryHeadSize,
                    Heads: heads,
                    Context: EqualArea(load),
                    CacheBytes: precision.CacheBytes)) ?? PrefillAttentionTiming.Microseconds(
                    chip.Parameters(TimingForms.PrefillLatentAttention, precision.Cache),
                    chip.Scale,
                    CachePeak,
                    load.Prompts,
                    EqualArea(load),
                    heads,
                    width,
                    0,
                    tokens * heads * width * 4)));
        }

        parts.Add(StepPart.AttentionProducts, blocks * products);
        parts.Add(StepPart.Elementwise, blocks * elementwise);
    }

    private double LatentDecode(in StepLoad load, LatentDimensions latent, double heads)
    {
        heads = Math.Max(1, heads);
        double tiles = Math.Ceiling(heads / HeadsPerLatentTile);
        double widths = latent.CachedWidth + latent.KeyValueRank;
        double context = model.SelectedTokens > 0 ? Math.Min(model.SelectedTokens, load.Context) : load.Context;
        return chip.Learned(new OperatorShape(
            OperatorFamily.DecodeLatentAttention,
            CacheKind,
            load.Decoding,
            Columns: widths,
            Depth: latent.CachedWidth,
            Heads: heads,
            Context: context,
            CacheBytes: precision.CacheBytes)) ?? DecodeAttentionTiming.Microseconds(
            chip.Parameters(TimingForms.DecodeLatentAttention, precision.Cache),
            chip.Scale,
            chip.HalfFlopsPerSecond,
            load.Decoding * tiles,
            context,
            latent.CachedWidth * precision.CacheBytes / tiles,
            2 * widths * Math.Clamp(heads, LeastLatentHeads, HeadsPerLatentTile),
            2 * heads * widths * 2 / tiles,
            1);
    }

    private void AddGroupQuery(ref StepParts parts, in StepLoad load, double window, double blocks)
    {
        double rows = load.Rows;
        double size = model.Model.HeadSize;
        double keyValueHeads = Math.Max(1, (double)model.Model.KeyValueHeads / Ranks);
        double heads = Math.Max(1, (double)model.Model.Heads / Ranks);
        double width = (heads + (2 * keyValueHeads)) * size;
        double hidden = model.Model.Hidden;
        parts.Add(
            StepPart.AttentionProducts,
            blocks * (Product(precision.Attention, rows, width, hidden) + Product(precision.Attention, rows, hidden, heads * size)));

        // Rotary embedding, with two more kernels where queries and keys are normalised.
        double rotary = chip.Elementwise(rows * width * 4) * (model.NormalisesQueriesAndKeys ? 3 : 1);
        parts.Add(StepPart.Elementwise, blocks * rotary);
        if (load.Decoding > 0)
        {
            parts.Add(StepPart.DecodeAttention, blocks * GroupQueryDecode(load, window, heads, keyValueHeads));
        }

        if (load.Prompts > 0)
        {
            parts.Add(StepPart.PrefillAttention, blocks * GroupQueryPrefill(load, window, heads, keyValueHeads));
        }
    }

    private double GroupQueryDecode(in StepLoad load, double window, double heads, double keyValueHeads)
    {
        double size = model.Model.HeadSize;
        double context = window > 0 ? Math.Min(window, load.Context) : load.Context;
        double group = heads / keyValueHeads;
        bool isPerHead = group > GroupBeyondKernel;
        double[] parameters = chip.Parameters(
            DecodeAttentionTiming.Form.Family, $"{precision.Cache}{(group <= 1 || isPerHead ? "/mha" : "/gqa")}");
        double shared = isPerHead ? 1 : group;
        return chip.Learned(new OperatorShape(
            OperatorFamily.DecodeAttention,
            NumberKind.SixteenBit,
            load.Decoding,
            Depth: size,
            Heads: heads,
            KeyValueHeads: keyValueHeads,
            Context: context,
            CacheBytes: precision.CacheBytes)) ?? DecodeAttentionTiming.Microseconds(
            parameters,
            chip.Scale,
            chip.HalfFlopsPerSecond,
            load.Decoding * (isPerHead ? heads : keyValueHeads),
            context,
            2 * size * precision.CacheBytes,
            4 * size * shared,
            4 * size * shared,
            isPerHead ? group : 1);
    }

    private double GroupQueryPrefill(in StepLoad load, double window, double heads, double keyValueHeads)
    {
        double size = model.Model.HeadSize;
        double bytes = load.Prompts * (load.PromptTokens + load.PromptPast) * size
            * ((4 * heads) + ((4 + (2 * precision.CacheBytes)) * keyValueHeads));
        return chip.Learned(new OperatorShape(
            OperatorFamily.PrefillAttention,
            CacheKind,
            load.Prompts,
            Depth: size,
            Heads: heads,
            KeyValueHeads: keyValueHeads,
            Context: window > 0 ? load.PromptTokens : EqualArea(load),
            Window: window,
            CacheBytes: precision.CacheBytes)) ?? PrefillAttentionTiming.Microseconds(
            chip.Parameters(PrefillAttentionTiming.Form.Family, $"{precision.Cache}/{precision.Cache}"),
            chip.Scale,
            CachePeak,
            load.Prompts,
            window > 0 ? load.PromptTokens : EqualArea(load),
            heads,
            2 * size,
            window,
            bytes);
    }

    private double CachePeak => precision.Cache == ServingPrecision.Fp8 ? chip.EightBitFlopsPerSecond : chip.HalfFlopsPerSecond;

    /// <summary>Length of a prompt without a past whose attention has the area of one with.</summary>
    private static double EqualArea(in StepLoad load) => load.PromptPast > 0
        ? Math.Sqrt((2 * load.PromptTokens * load.PromptPast) + (load.PromptTokens * load.PromptTokens))
        : load.PromptTokens;

    private double GatedProducts(double rows, double width) =>
        Product(precision.FeedForward, rows, 2 * width, model.Model.Hidden) + Product(precision.FeedForward, rows, model.Model.Hidden, width);

    private void AddFeedForward(ref StepParts parts, in StepLoad load, double blocks)
    {
        if (blocks == 0)
        {
            return;
        }

        double width = (double)model.Model.FeedForward / (SplitsAttention ? 1 : Ranks);
        parts.Add(StepPart.Elementwise, blocks * (Norm(load.Rows) + chip.Elementwise(load.Rows * width * 6)));
        parts.Add(StepPart.FeedForward, blocks * GatedProducts(load.Rows, width));
        parts.Add(StepPart.AllReduce, blocks * RankSum(load.Rows));
    }

    private void AddExperts(ref StepParts parts, in StepLoad load, double blocks)
    {
        if (blocks == 0 || model.Experts is not { } experts)
        {
            return;
        }

        double rows = load.Rows;
        double hidden = model.Model.Hidden;
        parts.Add(StepPart.Elementwise, blocks * Norm(rows));
        parts.Add(StepPart.Router, blocks * (Product(ServingPrecision.Bfloat16, rows, experts.Experts, hidden) + chip.KernelMicroseconds));
        if (experts.SharedExpertsPerToken > 0)
        {
            double width = (double)experts.SharedExpertsPerToken * experts.Intermediate / (SplitsAttention ? 1 : Ranks);
            parts.Add(StepPart.SharedExperts, blocks * (GatedProducts(rows, width) + chip.Elementwise(rows * width * 6)));
        }

        double tokens = Math.Max(1, Math.Round(rows * layout.DataParallel));
        parts.Add(
            StepPart.Experts,
            blocks * (LearnedExperts(experts, tokens) ?? ExpertTiming.Microseconds(
                expertParameters,
                chip.Scale,
                expertPeak,
                ServingPrecision.WeightBytes(precision.Experts),
                expertActivationBytes,
                tokens,
                hidden,
                experts.Intermediate,
                experts.ActiveExperts,
                experts.Experts,
                layout.ExpertTensorParallel,
                layout.ExpertParallel,
                ExpertSkew,
                isGated: true)));
        if (SplitsAttention)
        {
            // A token goes to as many ranks as it has experts, and comes back in 16 bits.
            double members = Math.Max(layout.ExpertParallel, layout.ExpertTensorParallel * layout.ExpertParallel);
            double sent = rows * Math.Min(experts.ActiveExperts, members) * hidden;
            double outward = precision.Experts == ServingPrecision.Bfloat16 ? 2 : 1;
            parts.Add(StepPart.AllToAll, blocks * (chip.AllToAll(sent * outward, members) + chip.AllToAll(sent * 2, members)));
        }

        parts.Add(StepPart.AllReduce, blocks * RankSum(rows));
    }

    /// <summary>The experts by the learned efficiency of the kernel that the engine picks.</summary>
    private double? LearnedExperts(MixtureOfExperts experts, double tokens)
    {
        bool isUnpacked = precision.Experts == ServingPrecision.PackedMxfp4 && !engine.HasPackedExpertKernel;
        bool runsFourBitKernels = chip.HasFourBitUnits && precision.Experts != ServingPrecision.Bfloat16;
        OperatorShape shape = new(
            OperatorFamily.Experts,
            ServingPrecision.NumberOf(precision.Experts),
            tokens,
            Columns: experts.Intermediate,
            Depth: model.Model.Hidden,
            Chosen: experts.ActiveExperts,
            Experts: experts.Experts,
            TensorRanks: layout.ExpertTensorParallel,
            ExpertRanks: layout.ExpertParallel,
            Skew: ExpertSkew,
            Gates: 2,
            Variant: runsFourBitKernels || (precision.Experts == ServingPrecision.PackedMxfp4 && !isUnpacked) ? 0 : 1);
        NumberKind? asked = runsFourBitKernels ? NumberKind.FourBitByEight : null;
        asked = isUnpacked ? NumberKind.SixteenBit : asked;
        return chip.Learned(shape, asked) is { } time
            ? Math.Max(chip.KernelMicroseconds, time - (idleExpertMicroseconds * experts.Experts / layout.ExpertParallel))
            : null;
    }

    private void AddLogits(ref StepParts parts, in StepLoad load)
    {
        double rows = load.Decoding + load.Prompts;
        double vocabulary = model.Model.Vocabulary;
        double time = Product(ServingPrecision.Bfloat16, rows, vocabulary / (SplitsAttention ? 1 : Ranks), model.Model.Hidden)
            + chip.Elementwise(rows * vocabulary * 2)
            + (SamplingKernels * chip.KernelMicroseconds);
        if (Ranks > 1)
        {
            time += chip.AllGather(rows * vocabulary * 2, Ranks);
        }

        parts.Add(StepPart.Logits, time);
    }

    /// <summary>The expert kernel that an engine picks: chips that compute in 4 bits run one family of kernels whatever the data type.</summary>
    private (double[] Parameters, double Peak, double ActivationBytes) ExpertKernel()
    {
        const string Family = "experts";
        bool isNewer = chip.HasFourBitUnits;
        switch (precision.Experts)
        {
            case ServingPrecision.Bfloat16:
                return (chip.Parameters(Family, "bfloat16/cutlass", "bfloat16"), chip.HalfFlopsPerSecond, 2);
            case ServingPrecision.Fp8:
                return (chip.Parameters(Family, isNewer ? ServingPrecision.Mxfp4 : "fp8/cutlass"), chip.EightBitFlopsPerSecond, 1);
            case ServingPrecision.Fp8Block:
                return (
                    isNewer ? chip.Parameters(Family, ServingPrecision.Mxfp4) : WithIdleExperts(chip.Parameters(Family, "fp8_block/cutlass")),
                    chip.EightBitFlopsPerSecond,
                    1);
            case ServingPrecision.Nvfp4:
                return (chip.Parameters(Family, ServingPrecision.Mxfp4), chip.FourBitFlopsPerSecond, ServingPrecision.WeightBytes(ServingPrecision.Nvfp4));
            case ServingPrecision.Mxfp4:
                return (chip.Parameters(Family, ServingPrecision.Mxfp4), chip.EightBitFlopsPerSecond, 1);
            case ServingPrecision.PackedMxfp4:
                return (
                    engine.HasPackedExpertKernel ? chip.Parameters(Family, ServingPrecision.PackedMxfp4) : chip.Parameters(Family, "bfloat16/cutlass", "bfloat16"),
                    chip.HalfFlopsPerSecond,
                    2);
            default:
                throw new MissingTimingException($"no expert kernel computes in {precision.Experts}");
        }
    }

    private double[] WithIdleExperts(double[] parameters)
    {
        if (engine.VisitsIdleExperts)
        {
            return parameters;
        }

        double[] own = [.. parameters];
        idleExpertMicroseconds = Math.Max(0, own[ExpertTiming.PerExpert] - IdleExpertMicroseconds);
        own[ExpertTiming.PerExpert] = Math.Min(own[ExpertTiming.PerExpert], IdleExpertMicroseconds);
        return own;
    }
}
