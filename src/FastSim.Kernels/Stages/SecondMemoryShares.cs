namespace FastSim.Kernels.Stages;

/// <summary>What of a card's bytes lies in its second memory.</summary>
/// <param name="Weights">Share of the weights of attention and feed-forward, 0 to 1; routed experts go first.</param>
/// <param name="Cache">Share of every sequence's keys and values, 0 to 1.</param>
public readonly record struct SecondMemoryShares(double Weights, double Cache)
{
    /// <summary>Whether all lies in the first.</summary>
    public bool IsNone => Weights == 0 && Cache == 0;
}
