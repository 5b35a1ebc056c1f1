using FastSim.Kernels.Models;
using FastSim.Search.Jobs;

namespace FastSim.Search.Plans;

/// <summary>
/// Which models' dense feed-forwards several attention ranks can share out (docs/cost-model.md, "Attention apart from the feed-forward"), and whose rows
/// cards can have in turn. Each check names what stands in the way, or returns null; nothing does of layouts that do neither.
/// </summary>
public static class FeedForwardCuts
{
    /// <summary>
    /// An attention layout in each way that rows may take between its products and attention ranks may share feed-forwards. On one card of a rank no rows
    /// are shared, so that it stands once.
    /// </summary>
    /// <param name="restriction">What is to be tried.</param>
    /// <param name="triple">The layout.</param>
    public static IEnumerable<AttentionTriple> Spread(this PlanRestriction restriction, AttentionTriple triple)
    {
        ArgumentNullException.ThrowIfNull(restriction);
        IEnumerable<int> ranks = restriction.AttentionDataParallel is { } given
            ? given.Where(number => triple.DataParallel % ((long)triple.AttentionDataParallel * number) == 0)
            : Divisors.Of(triple.DataParallel / triple.AttentionDataParallel);
        IEnumerable<bool> rows = (long)triple.TensorParallel * triple.ContextParallel > 1 ? restriction.SequenceParallel : restriction.SequenceParallel.Take(1);
        return ranks.SelectMany(_ => rows, (number, shared) => triple with
        {
            AttentionDataParallel = triple.AttentionDataParallel * number,
            SequenceParallel = triple.SequenceParallel || shared,
        });
    }

    /// <summary>Checks an attention layout.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="use">What the cards do.</param>
    public static string? Obstacle(TransformerModel model, AttentionTriple layout, ContextUse use)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (layout.SequenceParallel && model.Structure is { Streams: not null })
        {
            return $"rows in turn between products are not modelled with the residual streams of {model.Name}";
        }

        int ranks = layout.AttentionDataParallel;
        if (ranks == 1)
        {
            return null;
        }

        if (model.Experts is not null)
        {
            return $"attention data parallel {ranks} shares dense feed-forwards out; of {model.Name}, which has experts, expert parallelism does";
        }

        if (model.Structure is { Streams: not null })
        {
            return $"attention data parallel {ranks} is not modelled with the residual streams of {model.Name}";
        }

        long cards = Cards(layout, use);
        return model.FeedForward % cards != 0
            ? $"attention data parallel {ranks} x {cards / ranks} cards that share products out does not divide the feed-forward width {model.FeedForward}"
            : null;
    }

    /// <summary>Checks that the shards of a feed-forward that attention ranks share hold whole quantization blocks.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="use">What the cards do.</param>
    public static string? SplitBlocks(TransformerModel model, AttentionTriple layout, ContextUse use)
    {
        ArgumentNullException.ThrowIfNull(model);
        return layout.AttentionDataParallel == 1 ? null : WholeBlocks.ObstacleOfFeedForward(model, (int)Cards(layout, use));
    }

    private static long Cards(AttentionTriple layout, ContextUse use) =>
        (long)layout.AttentionDataParallel * layout.TensorParallel * (use.Decodes ? layout.ContextParallel : 1);
}
