using FastSim.Kernels.Stages;

namespace FastSim.Search.Jobs;

/// <summary>What a user fixed of a phase's plans; null leaves it to the search.</summary>
/// <param name="Attention">Attention layouts to try.</param>
/// <param name="Experts">Expert layouts to try, for mixture-of-experts models.</param>
/// <param name="Batches">Batches to try; null takes the largest feasible.</param>
public sealed record PlanRestriction(
    IReadOnlyList<AttentionTriple>? Attention,
    IReadOnlyList<ExpertTriple>? Experts,
    IReadOnlyList<BatchTriple>? Batches)
{
    /// <summary>What of each card may lie in its second memory, the least first: each is tried of every layout. Nothing at all by itself.</summary>
    public IReadOnlyList<SecondMemoryShares> Second { get; init; } = [default];

    /// <summary>Nothing is fixed.</summary>
    public static PlanRestriction None { get; } = new(null, null, null);
}
