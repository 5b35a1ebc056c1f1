namespace FastSim.Kernels.Models;

/// <summary>
/// Several residual streams (DeepSeek-V4's manifold-constrained hyper-connections): before each attention and feed-forward a projection of all streams says how
/// they are mixed into its input, how they are mixed among themselves and how its output joins each. Source: transformers' <c>deepseek_v4</c>.
/// </summary>
/// <param name="Streams"><c>hc_mult</c>.</param>
/// <param name="Rounds"><c>hc_sinkhorn_iters</c>: rounds that balance the mixing of streams.</param>
public sealed record HyperConnections(int Streams, int Rounds)
{
    /// <summary>Numbers that a projection yields: one a stream into the input, one out of it, and one a pair of streams.</summary>
    public double Mixes => (2d + Streams) * Streams;
}
