using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Memory;

/// <summary>
/// What a card of an instance that an engine runs holds, bytes: room for the cache is the small difference of large numbers, so every part stands by
/// itself.
/// </summary>
/// <param name="CapacityBytes">Memory of the card.</param>
/// <param name="WeightBytes">Weights in its first memory.</param>
/// <param name="ReserveBytes">Activations, graphs and the engine's own.</param>
/// <param name="CacheShare">Share of what is left that the engine gives to the cache.</param>
/// <param name="CacheBytesPerSequence">Cache that the engine reserves there for a sequence of each micro-batch in flight.</param>
/// <param name="CacheBytesPerToken">Cache of a token of one sequence, wherever it lies, states left out.</param>
/// <param name="MicroBatches">Micro-batches in flight: one a pipeline stage.</param>
public sealed record ServingMemory(
    double CapacityBytes, double WeightBytes, double ReserveBytes, double CacheShare, double CacheBytesPerSequence, double CacheBytesPerToken, int MicroBatches = 1)
{
    /// <summary>Of a sequence's cache, states of one sequence that do not grow with its tokens.</summary>
    public double StateBytesPerSequence { get; init; }

    /// <summary>Room for the cache.</summary>
    public double CacheBytes => Math.Max(0, (CapacityBytes - WeightBytes - ReserveBytes) * CacheShare);

    /// <summary>Measures an instance.</summary>
    /// <param name="footprint">Its stage, lowered for an engine.</param>
    /// <param name="shape">What is deployed.</param>
    /// <param name="capacityBytes">Memory of a card.</param>
    public static ServingMemory Of(MemoryFootprint footprint, DeploymentShape shape, double capacityBytes)
    {
        ArgumentNullException.ThrowIfNull(footprint);
        ArgumentNullException.ThrowIfNull(shape);
        return new ServingMemory(
            capacityBytes,
            footprint.FirstWeightBytes,
            shape.Engine!.ReserveBytes,
            shape.Engine.CacheShare,
            footprint.FirstCacheBytesPerSequence,
            (footprint.CacheBytesPerSequence - footprint.StateBytesPerSequence) / shape.HeldTokens / shape.MicroBatches,
            shape.MicroBatches)
        {
            StateBytesPerSequence = footprint.StateBytesPerSequence / shape.MicroBatches,
        };
    }

    /// <summary>Sequences of a rank that fit; 1 at least, since an engine that starts serves one.</summary>
    public double Sequences => Math.Max(1, Math.Floor(CacheBytes / CacheBytesPerSequence) * MicroBatches);
}
