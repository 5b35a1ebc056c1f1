using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Search.Plans;

/// <summary>Which layouts a model can be cut into (cost model A3). Each check names what stands in the way, or returns null.</summary>
public static class Divisibility
{
    /// <summary>Checks an attention layout.</summary>
    public static string? Obstacle(TransformerModel model, AttentionTriple layout)
    {
        ArgumentNullException.ThrowIfNull(model);
        int tensorParallel = layout.TensorParallel;
        if (model.Heads % tensorParallel != 0)
        {
            return $"tensor parallel {tensorParallel} does not divide the {model.Heads} attention heads";
        }

        if (model.FeedForward % tensorParallel != 0)
        {
            return $"tensor parallel {tensorParallel} does not divide the feed-forward width {model.FeedForward}";
        }

        int keyValueHeads = model.KeyValueHeads;
        if (model.Attention == AttentionKind.GroupQuery && keyValueHeads % tensorParallel != 0 && tensorParallel % keyValueHeads != 0)
        {
            return $"neither of tensor parallel {tensorParallel} and the {keyValueHeads} key-value heads divides the other";
        }

        return layout.PipelineParallel > model.Blocks
            ? $"pipeline parallel {layout.PipelineParallel} exceeds the {model.Blocks} blocks"
            : null;
    }

    /// <summary>Checks an expert layout with some number of redundant experts.</summary>
    /// <param name="experts">The model's experts.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="redundant">Redundant experts.</param>
    /// <param name="sharedOnEveryCard">Whether every card carries a shared expert besides.</param>
    public static string? Obstacle(MixtureOfExperts experts, ExpertTriple layout, int redundant, bool sharedOnEveryCard)
    {
        ArgumentNullException.ThrowIfNull(experts);
        if (experts.Intermediate % layout.TensorParallel != 0)
        {
            return $"MoE tensor parallel {layout.TensorParallel} does not divide the expert width {experts.Intermediate}";
        }

        int placed = experts.Experts + redundant + (sharedOnEveryCard ? 0 : experts.SharedReplicas);
        return placed % layout.ExpertParallel != 0
            ? $"expert parallel {layout.ExpertParallel} does not divide the {placed} experts to place"
                + $" ({experts.Experts} + {redundant} redundant{(sharedOnEveryCard ? "" : $" + {experts.SharedReplicas} shared")})"
            : null;
    }

    /// <summary>The numbers of redundant experts of a range that an expert layout can place, rising.</summary>
    public static IEnumerable<int> Redundancies(
        MixtureOfExperts experts, ExpertTriple layout, RedundancyRange range, bool sharedOnEveryCard)
    {
        ArgumentNullException.ThrowIfNull(experts);
        if (experts.Intermediate % layout.TensorParallel != 0)
        {
            yield break;
        }

        int fixedExperts = experts.Experts + (sharedOnEveryCard ? 0 : experts.SharedReplicas);
        long leftOver = ((long)fixedExperts + range.Lowest) % layout.ExpertParallel;
        long first = range.Lowest + (leftOver == 0 ? 0 : layout.ExpertParallel - leftOver);
        for (long redundant = first; redundant <= range.Highest; redundant += layout.ExpertParallel)
        {
            yield return (int)redundant;
        }
    }
}
