using FastSim.Kernels.Models;

namespace FastSim.Kernels.Serving;

/// <summary>
/// What a card of an instance holds, bytes: room for the cache is the small difference of large numbers, so every part stands by itself.
/// </summary>
/// <param name="CapacityBytes">Memory of the card.</param>
/// <param name="WeightBytes">Weights.</param>
/// <param name="ReserveBytes">Activations, graphs and the engine's own.</param>
/// <param name="CacheShare">Share of what is left that the engine gives to the cache.</param>
/// <param name="CacheBytesPerToken">Cache of a token of a sequence, all blocks.</param>
public sealed record ServingMemory(double CapacityBytes, double WeightBytes, double ReserveBytes, double CacheShare, double CacheBytesPerToken)
{
    private const double Reserve = 3e9;
    private const double ShareForCache = 0.9;

    /// <summary>Room for the cache.</summary>
    public double CacheBytes => Math.Max(0, (CapacityBytes - WeightBytes - ReserveBytes) * CacheShare);

    /// <summary>Measures an instance.</summary>
    /// <param name="step">The instance.</param>
    /// <param name="chip">Its chip.</param>
    public static ServingMemory Of(StepModel step, ChipTimings chip)
    {
        ArgumentNullException.ThrowIfNull(step);
        ArgumentNullException.ThrowIfNull(chip);
        return new ServingMemory(chip.CapacityBytes, Weights(step), Reserve, ShareForCache, Cache(step));
    }

    /// <summary>Sequences of a number of tokens that fit; 1 at least, since an engine that starts serves one.</summary>
    public double Sequences(double tokens) => Math.Max(1, Math.Floor(CacheBytes / (CacheBytesPerToken * tokens)));

    private static double Weights(StepModel step)
    {
        ServedModel served = step.Model;
        TransformerModel model = served.Model;
        double ranks = step.Layout.TensorParallel;
        double hidden = model.Hidden;
        double attention = served.Latent is { } latent
            ? (hidden * (latent.QueryRank + latent.KeyValueRank + latent.RotaryHeadSize))
                + ((latent.QueryRank > 0 ? latent.QueryRank : hidden) * model.Heads * (latent.PlainHeadSize + latent.RotaryHeadSize) / ranks)
                + ((double)latent.KeyValueRank * model.Heads * (latent.PlainHeadSize + latent.ValueHeadSize) / ranks)
                + (model.Heads * (double)latent.ValueHeadSize * hidden / ranks)
            : (((2d * model.Heads) + (2d * model.KeyValueHeads)) * model.HeadSize * hidden / ranks);
        double bytes = model.Blocks * attention * ServingPrecision.WeightBytes(step.Precision.Attention);
        double feedForwardBytes = ServingPrecision.WeightBytes(step.Precision.FeedForward);
        bytes += served.DenseBlocks * 3d * hidden * model.FeedForward / ranks * feedForwardBytes;
        if (served.Experts is { } experts)
        {
            double routed = 3d * hidden * experts.Intermediate * experts.Experts / step.Layout.ExpertParallel / step.Layout.ExpertTensorParallel;
            double shared = experts.SharedExpertsPerToken * 3d * hidden * experts.Intermediate / ranks;
            bytes += served.ExpertBlocks * ((routed * ServingPrecision.WeightBytes(step.Precision.Experts)) + (shared * feedForwardBytes));
        }

        return bytes + (2 * model.Vocabulary * hidden * 2 / ranks);
    }

    /// <summary>Blocks that reach back only so far hold next to nothing a token.</summary>
    private static double Cache(StepModel step)
    {
        ServedModel served = step.Model;
        double blocks = served.Model.Blocks - served.LimitedBlocks;
        return served.Latent is { } latent
            ? served.Model.Blocks * latent.CachedWidth * step.Precision.CacheBytes
            : 2d * served.Model.HeadSize * step.Precision.CacheBytes
                * Math.Max(1, (double)served.Model.KeyValueHeads / step.Layout.TensorParallel) * blocks;
    }
}
