using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
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
        }).SelectMany(laid => restriction.FeedForwardExchanges.SelectMany(exchange => Forms(laid, exchange)), (laid, form) => laid with { FeedForward = form });
    }

    /// <summary>The ways in which the cards of a feed-forward may exchange something; of a layout that states one that alone.</summary>
    private static IEnumerable<FeedForwardForm> Forms(AttentionTriple triple, FeedForwardExchange exchange)
    {
        if (exchange == FeedForwardExchange.Rows || !triple.FeedForward.IsOfRows)
        {
            return [triple.FeedForward];
        }

        int ranks = triple.AttentionDataParallel;
        return exchange == FeedForwardExchange.TwoDimensional
            ? Divisors.Of(triple.TensorParallel).Where(ways => ways > 1 && ways < triple.TensorParallel && ranks == 1).Select(ways => new FeedForwardForm(exchange, ways))
            : Divisors.Of(triple.TensorParallel * ranks).Where(ways => ways > 1 && (ways % ranks == 0 || ranks % ways == 0)).Select(ways => new FeedForwardForm(exchange, ways));
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
        if (!layout.FeedForward.IsOfRows && FormObstacle(model, layout, use) is { } obstacle)
        {
            return obstacle;
        }

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
        int undivided = model.FeedForwardWidths.FirstOrDefault(width => width % cards != 0);
        return undivided != 0
            ? $"attention data parallel {ranks} x {cards / ranks} cards that share products out does not divide the feed-forward width {undivided}"
            : null;
    }

    /// <summary>Checks that the shards of a feed-forward that attention ranks share hold whole quantization blocks.</summary>
    /// <param name="model">The model.</param>
    /// <param name="layout">The layout.</param>
    /// <param name="use">What the cards do.</param>
    public static string? SplitBlocks(TransformerModel model, AttentionTriple layout, ContextUse use)
    {
        ArgumentNullException.ThrowIfNull(model);
        int ways = layout.FeedForward.HiddenWays;
        return layout.AttentionDataParallel == 1 && ways == 1 ? null : WholeBlocks.ObstacleOfFeedForward(model, (int)Cards(layout, use) / ways, ways);
    }

    private static string? FormObstacle(TransformerModel model, AttentionTriple layout, ContextUse use)
    {
        if (model.Experts is not null || model.Structure is { Streams: not null })
        {
            return $"only rows are exchanged by feed-forwards of {model.Name}, which {(model.Experts is null ? "has several residual streams" : "has experts")}";
        }

        int ways = layout.FeedForward.HiddenWays;
        if (ways == 1)
        {
            return null;
        }

        if (layout.ContextParallel > 1 && use.Decodes)
        {
            return $"a hidden size that {ways} cards share is not modelled with context parallel {layout.ContextParallel} in decode";
        }

        return model.Hidden % ways != 0 ? $"{ways} cards do not divide the hidden size {model.Hidden}" : null;
    }

    private static long Cards(AttentionTriple layout, ContextUse use) =>
        (long)layout.AttentionDataParallel * layout.TensorParallel * (use.Decodes ? layout.ContextParallel : 1);
}
