using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Search.Plans;

/// <summary>Which layouts a model can be cut into (cost model A3). Each check names what stands in the way, or returns null.</summary>
public static class Divisibility
{
    /// <summary>Checks an attention layout of a model, and of a draft model that all lies on one pipeline stage.</summary>
    /// <param name="model">The model.</param>
    /// <param name="draft">The draft model; null for none.</param>
    /// <param name="layout">The layout.</param>
    public static string? Obstacle(TransformerModel model, TransformerModel? draft, AttentionTriple layout) => Obstacle(model, layout)
        ?? (draft is not null && Obstacle(draft, layout with { PipelineParallel = 1 }) is { } obstacle ? $"{obstacle} of the draft {draft.Name}" : null);

    /// <summary>Checks an attention layout.</summary>
    public static string? Obstacle(TransformerModel model, AttentionTriple layout)
    {
        ArgumentNullException.ThrowIfNull(model);
        int tensorParallel = layout.TensorParallel;
        if (model.Attention == AttentionKind.None)
        {
            return null;
        }

        if (model.Form?.State is { } state)
        {
            return state.Divides(tensorParallel)
                ? null
                : $"tensor parallel {tensorParallel} does not divide the {state.ValueHeads} heads that keep a state, or leaves parts of its {state.KeyHeads} heads of keys";
        }

        if (!model.PadsHeads && model.Heads % tensorParallel != 0)
        {
            return $"tensor parallel {tensorParallel} does not divide the {model.Heads} attention heads";
        }

        if (model.Form?.Compression is { } compression && compression.OutputGroups % tensorParallel != 0)
        {
            return $"tensor parallel {tensorParallel} does not divide the {compression.OutputGroups} groups of heads with an output projection of their own";
        }

        foreach (int width in model.FeedForwardWidths)
        {
            if (width % tensorParallel != 0)
            {
                return $"tensor parallel {tensorParallel} does not divide the feed-forward width {width}";
            }
        }

        if (!model.PadsHeads && !HeadShares.AreWhole(model, tensorParallel))
        {
            return $"neither of tensor parallel {tensorParallel} and the {model.KeyValueHeads} key-value heads divides the other";
        }

        if (model.Form is { Beside: { } beside } && Obstacle(model.Seen(beside) with { FeedForward = 0 }, layout) is { } besides)
        {
            return besides;
        }

        foreach (AttentionForm? form in model.Structure?.Pattern.Forms ?? [])
        {
            if (form is not null && model.Form is null && Obstacle(model.Seen(form) with { FeedForward = 0 }, layout) is { } obstacle)
            {
                return obstacle;
            }
        }

        if (layout.PipelineParallel > 1 && model.Structure is { Pattern.SharesCache: true })
        {
            return $"pipeline parallel {layout.PipelineParallel} parts blocks from the one whose keys and values they read";
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

    /// <summary>
    /// Whether an expert layout's groups lie inside the pipeline stages of an attention layout: a group of <c>EP·MoE-TP</c> cards shares the
    /// experts of one block, and the cards that hold a block are the <c>DP·CP·TP</c> of its stage (docs/cost-model.md, "Plans and batches").
    /// </summary>
    /// <param name="attention">The attention layout.</param>
    /// <param name="experts">The expert layout, on as many cards.</param>
    public static bool LieInside(AttentionTriple attention, ExpertTriple experts) =>
        attention.StageCards % ((long)experts.ExpertParallel * experts.TensorParallel) == 0;

    /// <summary>Checks <see cref="LieInside"/>.</summary>
    /// <param name="attention">The attention layout.</param>
    /// <param name="experts">The expert layout, on as many cards.</param>
    public static string? Obstacle(AttentionTriple attention, ExpertTriple experts) => LieInside(attention, experts)
        ? null
        : $"an expert group of {(long)experts.ExpertParallel * experts.TensorParallel} cards (EP {experts.ExpertParallel} x MoE-TP {experts.TensorParallel})"
            + $" does not divide the {attention.StageCards} cards of a pipeline stage"
            + $" (DP {attention.DataParallel} x{(attention.ContextParallel == 1 ? "" : $" CP {attention.ContextParallel} x")} TP {attention.TensorParallel}, at PP {attention.PipelineParallel})";

    /// <summary>The numbers of redundant experts of a range that an expert layout can place, rising.</summary>
    public static IEnumerable<int> Redundancies(
        MixtureOfExperts experts, ExpertTriple layout, RedundancyRange range, bool sharedOnEveryCard)
    {
        ArgumentNullException.ThrowIfNull(experts);
        long count = CountRedundancies(experts, layout, range, sharedOnEveryCard);
        int first = FirstRedundancy(experts, layout, range, sharedOnEveryCard);
        for (int index = 0; index < count; index++)
        {
            yield return first + (index * layout.ExpertParallel);
        }
    }

    /// <summary>How many <see cref="Redundancies"/> yields.</summary>
    public static long CountRedundancies(MixtureOfExperts experts, ExpertTriple layout, RedundancyRange range, bool sharedOnEveryCard)
    {
        ArgumentNullException.ThrowIfNull(experts);
        long first = FirstRedundancy(experts, layout, range, sharedOnEveryCard);
        return experts.Intermediate % layout.TensorParallel != 0 || first > range.Highest
            ? 0
            : ((range.Highest - first) / layout.ExpertParallel) + 1;
    }

    private static int FirstRedundancy(MixtureOfExperts experts, ExpertTriple layout, RedundancyRange range, bool sharedOnEveryCard)
    {
        int placed = experts.Experts + range.Lowest + (sharedOnEveryCard ? 0 : experts.SharedReplicas);
        int leftOver = placed % layout.ExpertParallel;
        return (int)Math.Min(int.MaxValue, range.Lowest + (leftOver == 0 ? 0L : layout.ExpertParallel - leftOver));
    }
}
