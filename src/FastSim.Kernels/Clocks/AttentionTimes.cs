using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>Fitted times of attention: of decoding sequences and of prompts, over keys and values and over a latent cache.</summary>
internal sealed class AttentionTimes
{
    private const double HeadsPerLatentTile = 64;
    private const double LeastLatentHeads = 16;
    private const double GroupBeyondKernel = 32;

    private readonly double[]?[] decode = new double[4][];
    private readonly double[]?[] prefill = new double[4][];
    private readonly double[]?[] decodeLatent = new double[2][];
    private readonly double[]?[] prefillLatent = new double[2][];

    /// <summary>Takes a chip's.</summary>
    /// <param name="forms">What was fitted.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="structure">The chip's structure.</param>
    public AttentionTimes(FittedForms forms, ServingEngine engine, ChipStructure structure)
    {
        for (int eightBit = 0; eightBit < 2; eightBit++)
        {
            string word = FittedForms.CacheWords[eightBit];
            decode[2 * eightBit] = FittedForms.Ahead(forms.Find(DecodeAttentionTiming.Form.Family, $"{word}/gqa"), engine, structure);
            decode[(2 * eightBit) + 1] = FittedForms.Ahead(forms.Find(DecodeAttentionTiming.Form.Family, $"{word}/mha"), engine, structure);
            prefill[2 * eightBit] = forms.Find(PrefillAttentionTiming.Form.Family, $"{word}/{FittedForms.CacheWords[0]}");
            prefill[(2 * eightBit) + 1] = forms.Find(PrefillAttentionTiming.Form.Family, $"{word}/{FittedForms.CacheWords[1]}");
            decodeLatent[eightBit] = FittedForms.Ahead(forms.Find(TimingForms.DecodeLatentAttention, word), engine, structure);
            prefillLatent[eightBit] = forms.Find(TimingForms.PrefillLatentAttention, word);
        }
    }

    /// <summary>Microseconds of attention of decoding sequences; null where it was not fitted.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="shape">The launch.</param>
    public double? Decode(FormChip chip, in OperatorShape shape)
    {
        double keyValueHeads = Math.Max(1, shape.KeyValueHeads);
        double heads = Math.Max(1, shape.Heads);
        double group = heads / keyValueHeads;
        bool isPerHead = IsPerHead(shape);
        double shared = isPerHead ? 1 : group;
        return DecodeParameters(shape) is { } parameters
            ? DecodeAttentionTiming.Microseconds(
                parameters,
                chip.Scale,
                chip.Peaks.HalfFlopsPerSecond,
                shape.Rows * (isPerHead ? heads : keyValueHeads),
                shape.Context,
                2 * shape.Depth * shape.CacheBytes,
                4 * shape.Depth * shared,
                4 * shape.Depth * shared,
                isPerHead ? group : 1)
            : null;
    }

    /// <summary>The same over a latent cache.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="shape">The launch.</param>
    public double? DecodeLatent(FormChip chip, in OperatorShape shape)
    {
        double heads = Math.Max(1, shape.Heads);
        double tiles = Math.Ceiling(heads / HeadsPerLatentTile);
        return decodeLatent[FittedForms.CacheOf(shape)] is { } parameters
            ? DecodeAttentionTiming.Microseconds(
                parameters,
                chip.Scale,
                chip.Peaks.HalfFlopsPerSecond,
                shape.Rows * tiles,
                shape.Context,
                shape.Depth * shape.CacheBytes / tiles,
                2 * shape.Columns * Math.Clamp(heads, LeastLatentHeads, HeadsPerLatentTile),
                2 * heads * shape.Columns * 2 / tiles,
                1)
            : null;
    }

    /// <summary>Microseconds of attention of prompts; null where it was not fitted.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="shape">The launch.</param>
    public double? Prefill(FormChip chip, in OperatorShape shape)
    {
        double bytes = shape.Rows * (shape.NewTokens + shape.PastTokens) * shape.Depth
            * ((4 * shape.Heads) + ((4 + (2 * shape.CacheBytes)) * shape.KeyValueHeads));
        return prefill[(2 * (shape.Kind == NumberKind.EightBit ? 1 : 0)) + FittedForms.CacheOf(shape)] is { } parameters
            ? PrefillAttentionTiming.Microseconds(
                parameters,
                chip.Scale,
                chip.Peaks.FlopsPerSecond(shape.Kind),
                shape.Rows,
                shape.Window > 0 ? shape.NewTokens : shape.Context,
                shape.Heads,
                2 * shape.Depth,
                shape.Window,
                bytes)
            : null;
    }

    /// <summary>The same of latent models.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="shape">The launch.</param>
    public double? PrefillLatent(FormChip chip, in OperatorShape shape) =>
        prefillLatent[shape.Kind == NumberKind.EightBit ? 1 : 0] is { } parameters
            ? PrefillAttentionTiming.Microseconds(
                parameters,
                chip.Scale,
                chip.Peaks.FlopsPerSecond(shape.Kind),
                shape.Rows,
                shape.Context,
                shape.Heads,
                shape.Columns,
                0,
                shape.Rows * shape.NewTokens * shape.Heads * shape.Columns * 4)
            : null;

    /// <summary>What attention of decoding sequences never falls below; the chip's peaks where it was not fitted, and of prompts.</summary>
    /// <param name="shape">The launch.</param>
    public LaunchBound Bound(in OperatorShape shape) => shape.Family switch
    {
        OperatorFamily.DecodeAttention when DecodeParameters(shape) is { } grouped => DecodeAttentionTiming.Bound(grouped),
        OperatorFamily.DecodeLatentAttention when decodeLatent[FittedForms.CacheOf(shape)] is { } latent => DecodeAttentionTiming.Bound(latent),
        _ => LaunchBound.Peaks,
    };

    /// <summary>Whether a kernel takes each query head by itself: it has none for groups as large.</summary>
    private static bool IsPerHead(in OperatorShape shape) => Math.Max(1, shape.Heads) / Math.Max(1, shape.KeyValueHeads) > GroupBeyondKernel;

    private double[]? DecodeParameters(in OperatorShape shape) =>
        decode[(2 * FittedForms.CacheOf(shape)) + (Math.Max(1, shape.Heads) <= Math.Max(1, shape.KeyValueHeads) || IsPerHead(shape) ? 1 : 0)];
}
