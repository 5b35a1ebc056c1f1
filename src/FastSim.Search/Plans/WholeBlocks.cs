using System.Globalization;
using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Search.Plans;

/// <summary>
/// Which layouts leave block-quantized weights whole (docs/cost-model.md, "Plans and batches"): a card's shard of a matrix that is split holds whole
/// blocks, since the weights of a block share a scale and engines refuse to cut it. Each check names the shard in the way, or returns null.
/// </summary>
public static class WholeBlocks
{
    /// <summary>Checks the shards of attention and dense feed-forward.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layout">The attention layout, whose <c>TP</c> splits them.</param>
    public static string? Obstacle(TransformerModel model, AttentionTriple layout)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (layout.TensorParallel == 1 || model.Structure is not { } structure)
        {
            return null;
        }

        int tensorParallel = layout.TensorParallel;
        WeightBlock dense = structure.Storage.BlockOf(WeightRoles.DenseFeedForward);
        WeightBlock attention = structure.Storage.BlockOf(WeightRoles.Attention);
        string? obstacle = OfFeedForward(model, tensorParallel, dense);
        foreach (AttentionForm? form in structure.Pattern.Forms)
        {
            obstacle ??= Obstacle(model.Seen(form), tensorParallel, attention);
            obstacle ??= form is { Beside: { } beside } ? Obstacle(model.Seen(beside), tensorParallel, attention) : null;
        }

        return obstacle;
    }

    /// <summary>Checks the shards of what stands behind attention: its output projection and the dense feed-forward.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ranks">Cards that share each out.</param>
    public static string? ObstacleOfOutputs(TransformerModel model, int ranks)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Structure is not { } structure)
        {
            return null;
        }

        WeightBlock dense = structure.Storage.BlockOf(WeightRoles.DenseFeedForward);
        string? obstacle = OfFeedForward(model, ranks, dense);
        foreach (AttentionForm? form in structure.Pattern.Forms)
        {
            TransformerModel seen = model.Seen(form);
            long width = (long)seen.Heads / ranks * (seen.Latent?.ValueHeadSize ?? seen.ValueHeadSize);
            obstacle ??= seen.Attention == AttentionKind.None
                ? null
                : Cut("attention outputs", width, ranks, structure.Storage.BlockOf(WeightRoles.Attention).Inputs);
        }

        return obstacle;
    }

    /// <summary>Checks the shards of the dense feed-forward.</summary>
    /// <param name="model">The model.</param>
    /// <param name="ranks">Cards that share its width out.</param>
    /// <param name="hiddenWays">Cards that share the hidden size out.</param>
    public static string? ObstacleOfFeedForward(TransformerModel model, int ranks, int hiddenWays)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Structure is not { } structure || !model.HasDenseBlocks)
        {
            return null;
        }

        WeightBlock dense = structure.Storage.BlockOf(WeightRoles.DenseFeedForward);
        return OfFeedForward(model, ranks, dense)
            ?? (hiddenWays == 1 ? null : Split("the hidden size", model.Hidden, hiddenWays, dense.Outputs, dense.Inputs));
    }

    /// <summary>Checks the shards of dense feed-forwards of every width.</summary>
    private static string? OfFeedForward(TransformerModel model, int ranks, WeightBlock dense)
    {
        string? obstacle = null;
        foreach (int width in model.HasDenseBlocks ? model.FeedForwardWidths : [])
        {
            obstacle ??= Split("the feed-forward width", width, ranks, dense.Outputs, dense.Inputs);
        }

        return obstacle;
    }

    /// <summary>Checks the shards of attention of one form.</summary>
    private static string? Obstacle(TransformerModel model, int tensorParallel, WeightBlock attention)
    {
        if (model.Attention == AttentionKind.None)
        {
            return null;
        }

        if (model.Form?.State is { } state)
        {
            long width = (long)state.ValueWidth(tensorParallel);
            return Cut("heads that keep a state", width, tensorParallel, attention.Outputs) ?? Cut("what they yield", width, tensorParallel, attention.Inputs);
        }

        long heads = (long)HeadShares.Queries(model, tensorParallel);
        if (model.Form?.Compression is { } compression)
        {
            return Cut("query heads", heads * compression.HeadSize, tensorParallel, attention.Outputs)
                ?? Cut("attention outputs", (long)compression.OutputGroups / tensorParallel * compression.OutputRank, tensorParallel, attention.Inputs);
        }

        if (model.Latent is { } latent)
        {
            return Cut("query heads", heads * (latent.PlainHeadSize + latent.RotaryHeadSize), tensorParallel, attention.Outputs)
                ?? Cut("key and value heads", heads * (latent.PlainHeadSize + latent.ValueHeadSize), tensorParallel, attention.Outputs)
                ?? Cut("attention outputs", heads * latent.ValueHeadSize, tensorParallel, attention.Inputs);
        }

        long keyValueHeads = (long)HeadShares.KeysAndValues(model, tensorParallel);
        return Cut("query heads", heads * model.HeadSize, tensorParallel, attention.Outputs)
            ?? Cut("key or value heads", keyValueHeads * model.HeadSize, tensorParallel, attention.Outputs)
            ?? Cut("key or value heads", keyValueHeads * model.ValueHeadSize, tensorParallel, attention.Outputs)
            ?? Cut("attention outputs", heads * model.ValueHeadSize, tensorParallel, attention.Inputs);
    }

    /// <summary>Checks the shards of experts.</summary>
    /// <param name="model">The model; with experts.</param>
    /// <param name="layout">The expert layout, whose <c>MoE-TP</c> splits them.</param>
    public static string? Obstacle(TransformerModel model, ExpertTriple layout)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (layout.TensorParallel == 1 || model.Structure is not { } structure || model.Experts is not { } experts)
        {
            return null;
        }

        WeightBlock routed = structure.Storage.BlockOf(WeightRoles.RoutedExperts);
        return Split("the expert width", experts.Intermediate, layout.TensorParallel, routed.Outputs, routed.Inputs);
    }

    private static string? Split(string what, int width, int ways, int outputs, int inputs) =>
        Cut(what, width / ways, ways, outputs) ?? Cut(what, width / ways, ways, inputs);

    private static string? Cut(string what, long shard, int ways, int block) => shard % block == 0
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"a shard of {what}, 1/{ways} of it or {shard} elements, is no whole number of the {block} that share a quantization scale");
}
