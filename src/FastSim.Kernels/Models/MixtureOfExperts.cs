namespace FastSim.Kernels.Models;

/// <summary>The expert feed-forward of a model.</summary>
/// <param name="Intermediate"><c>moe_intermediate_size</c>: width of one expert, elements.</param>
/// <param name="Experts"><c>num_experts</c>: routed experts of a block.</param>
/// <param name="ActiveExperts"><c>top_experts_activation</c>: routed experts a token visits.</param>
/// <param name="SharedExpertsPerToken"><c>n_shared_experts</c>: shared experts every token visits.</param>
/// <param name="RedundantExperts"><c>num_redundant_experts</c>: extra replicas of routed experts the model deploys by default.</param>
/// <param name="SharedReplicas"><c>num_shared_experts</c>: replicas of the shared expert the model deploys by default.</param>
/// <param name="CapacityFactor"><c>moe_capacity_factor</c>: routed rows computed per routed row needed (padding).</param>
/// <param name="DenseBlocksBetween"><c>moe_block_interval</c>: dense blocks after each expert block; 0 makes every block an expert block.</param>
public sealed record MixtureOfExperts(
    int Intermediate,
    int Experts,
    int ActiveExperts,
    int SharedExpertsPerToken,
    int RedundantExperts,
    int SharedReplicas,
    double CapacityFactor,
    int DenseBlocksBetween)
{
    /// <summary>Expert rows a token makes: its routed experts, padded, and its shared ones (cost model A2, <c>k + ns</c>).</summary>
    public double RowsPerToken => (ActiveExperts * CapacityFactor) + SharedExpertsPerToken;

    /// <summary>Expert blocks of the fullest run of <paramref name="blocks"/> consecutive blocks.</summary>
    public int ExpertBlocks(int blocks) => (blocks + DenseBlocksBetween) / (DenseBlocksBetween + 1);
}
