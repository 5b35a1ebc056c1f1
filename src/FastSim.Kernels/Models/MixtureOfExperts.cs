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
/// <param name="RoutingGroups"><c>n_group</c>: groups that a router divides the experts into; 1 where it does not.</param>
/// <param name="GroupsPerToken"><c>topk_group</c>: groups that a token's experts come from at most.</param>
public sealed record MixtureOfExperts(
    int Intermediate,
    int Experts,
    int ActiveExperts,
    int SharedExpertsPerToken,
    int RedundantExperts,
    int SharedReplicas,
    double CapacityFactor,
    int DenseBlocksBetween,
    int RoutingGroups = 1,
    int GroupsPerToken = 1)
{
    /// <summary>Width that tokens are projected to before routed experts and back from after them, elements; 0 where experts work on the hidden state itself.</summary>
    public int LatentWidth { get; init; }

    /// <summary>Whether what routed experts yield is normalised before it is projected back (Kimi-K3).</summary>
    public bool NormalisesLatent { get; init; }

    /// <summary>Whether experts have no gate: up, activation and down alone (Nemotron).</summary>
    public bool IsPlain { get; init; }

    /// <summary>
    /// Experts that the router knows besides and that compute nothing (LongCat-Flash's <c>zero_expert_num</c>): they have no weights and take no rows, and
    /// <see cref="ActiveExperts"/> are those of a token that compute, on average.
    /// </summary>
    public int ZeroExperts { get; init; }

    /// <summary>Numbers that a router yields of a token.</summary>
    public int Routes => Experts + ZeroExperts;

    /// <summary>Matrices of an expert: gate, up and down, or up and down.</summary>
    public int Matrices => IsPlain ? 2 : 3;

    /// <summary>Width that routed experts take and yield, elements.</summary>
    /// <param name="hidden">Width of the residual stream.</param>
    public int RoutedInput(int hidden) => LatentWidth > 0 ? LatentWidth : hidden;

    /// <summary>Expert rows a token makes: its routed experts, padded, and its shared ones (cost model A2, <c>k + ns</c>).</summary>
    public double RowsPerToken => (ActiveExperts * CapacityFactor) + SharedExpertsPerToken;

    /// <summary>
    /// Servers that a token's experts are on at most, where the experts are spread over <paramref name="servers"/> in order: each holds some groups, or
    /// a part of one (DeepSeek-V3 technical report, section 2.1.2, "node-limited routing").
    /// </summary>
    /// <param name="servers">Servers of the expert group.</param>
    public double MostServers(double servers) =>
        RoutingGroups == 1 ? servers : Math.Min(servers, GroupsPerToken * Math.Max(1, Math.Ceiling(servers / RoutingGroups)));

    /// <summary>Expert blocks of the fullest run of <paramref name="blocks"/> consecutive blocks.</summary>
    public int ExpertBlocks(int blocks) => (blocks + DenseBlocksBetween) / (DenseBlocksBetween + 1);
}
