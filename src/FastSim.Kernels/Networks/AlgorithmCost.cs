using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Networks;

/// <summary>
/// What a collective takes by one algorithm: <c>latency·hops + step latency·steps + message·(load/bandwidth + reduced/reduction rate)</c>. Source: docs/cost-model.md,
/// "Collectives by algorithm".
/// </summary>
/// <param name="Algorithm">The algorithm.</param>
/// <param name="Hops">Hops in sequence.</param>
/// <param name="Steps">Steps in sequence.</param>
/// <param name="Load">Bytes over the busiest link a byte of message, over the link's share of a card's bandwidth.</param>
/// <param name="Reduced">Bytes that a card adds up a byte of message.</param>
public readonly record struct AlgorithmCost(CollectiveAlgorithms Algorithm, double Hops, double Steps, double Load, double Reduced)
{
    /// <summary>Whether it is nowhere slower than another.</summary>
    internal bool IsAtLeast(in AlgorithmCost other) =>
        Hops <= other.Hops && Steps <= other.Steps && Load <= other.Load && Reduced <= other.Reduced;
}
