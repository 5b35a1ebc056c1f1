using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Search.Plans;

/// <summary>
/// Which models' sequences can be shared out over cards (docs/cost-model.md, "Context parallelism"). Each check names what stands in the way, or returns
/// null; nothing does where <c>CP</c> is 1.
/// </summary>
public static class ContextCuts
{
    /// <summary>Checks an attention layout.</summary>
    /// <param name="model">The model.</param>
    /// <param name="draft">The draft model; null for none.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="use">What the cards do.</param>
    public static string? Obstacle(TransformerModel model, TransformerModel? draft, AttentionTriple layout, ContextUse use)
    {
        ArgumentNullException.ThrowIfNull(model);
        int shared = layout.ContextParallel;
        if (shared == 1)
        {
            return null;
        }

        if (Unshared(model) is { } unshared)
        {
            return $"context parallel {shared} shares out tokens that are cached, {model.Name} has {unshared}";
        }

        if (draft is not null)
        {
            return $"context parallel {shared} with a draft model of its own, {draft.Name}, is not modelled";
        }

        if (use.Prompts && use.PromptTokens > 0 && shared > use.PromptTokens)
        {
            return $"context parallel {shared} exceeds the {use.PromptTokens} new tokens of a prompt";
        }

        if (!use.Decodes)
        {
            return null;
        }

        long ranks = layout.TensorParallel * (long)shared;
        foreach (TransformerModel seen in Forms(model))
        {
            if (seen.Attention != AttentionKind.None && seen.Heads % ranks != 0)
            {
                return $"context parallel {shared} x tensor parallel {layout.TensorParallel} does not divide the {seen.Heads} attention heads, whose outputs decode shares out{(seen.PadsHeads ? "; padding is of tensor parallelism alone" : "")}";
            }
        }

        int undivided = model.FeedForwardWidths.FirstOrDefault(width => width % ranks != 0);
        return undivided != 0
            ? $"context parallel {shared} x tensor parallel {layout.TensorParallel} does not divide the feed-forward width {undivided}, which decode shares out"
            : null;
    }

    /// <summary>Checks that the shards of products that decode shares out over <c>CP·TP</c> cards hold whole quantization blocks.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="use">What the cards do.</param>
    public static string? SplitBlocks(TransformerModel model, AttentionTriple layout, ContextUse use)
    {
        ArgumentNullException.ThrowIfNull(model);
        return layout.ContextParallel == 1 || !use.Decodes ? null : WholeBlocks.ObstacleOfOutputs(model, layout.ContextParallel * layout.TensorParallel);
    }

    /// <summary>What of a model keeps something else than keys and values of its tokens, or selects among them; null for nothing.</summary>
    private static string? Unshared(TransformerModel model)
    {
        foreach (TransformerModel seen in Forms(model))
        {
            string? found = seen switch
            {
                { Form.State: not null } or { Form.Beside: not null } => "blocks that keep a state",
                { Form.Compression: not null } => "blocks that keep compressed entries",
                { Structure.Indexer: not null } => "sparse attention, whose indexer selects among all",
                { Attention: AttentionKind.GroupQuery or AttentionKind.LatentAbsorbed or AttentionKind.None } => null,
                _ => "attention of another kind",
            };
            if (found is not null)
            {
                return found;
            }
        }

        return null;
    }

    private static IEnumerable<TransformerModel> Forms(TransformerModel model) =>
        model.Structure is { Pattern.Forms: { Count: > 0 } forms } ? forms.Select(model.Seen) : [model];
}
