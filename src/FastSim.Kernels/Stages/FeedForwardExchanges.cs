using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// What the cards of a dense feed-forward tell each other where it is not over one rank's rows alone, each card with a slice of its width: several attention
/// ranks share it out (docs/cost-model.md, "Attention apart from the feed-forward"), weights are gathered, or the hidden size is shared out, too
/// ("Exchanges of a feed-forward").
/// </summary>
internal static class FeedForwardExchanges
{
    private const double MatricesOfAGate = 2;

    /// <summary>Rows that a card's products are over: those of all attention ranks, shared out over as many cards as gather weights.</summary>
    public static AffineInBatch RowsOf(DeploymentShape shape, AffineInBatch rows) =>
        rows * ((double)shape.Layout.AttentionDataParallel / shape.FeedForward.GatheredWays);

    /// <summary>
    /// Weights of all cards that gather each other's, a message of <c>G/F</c> of them; and rows to the cards that share products of them out: of ranks that
    /// have theirs whole from each of <c>ADP/G</c>, of rows in turn from each card.
    /// </summary>
    /// <param name="stage">The stage.</param>
    /// <param name="rows">Rows that products are over.</param>
    public static void Gather(StageBuilder stage, AffineInBatch rows)
    {
        DeploymentShape shape = stage.Shape;
        int gathered = shape.FeedForward.GatheredWays;
        if (gathered > 1)
        {
            AffineInBatch message = GatheredBytes(stage);
            stage.Communicate(
                "ffn_weights_all_gather",
                flops: 0,
                bytes: message,
                new Exchange(ExchangeGroup.TensorParallel, Collective.AllGather, gathered, WholeSpan(shape), message, Exchange.BySpan));
        }

        int sharing = shape.FeedForwardRanks / gathered;
        int ranks = Math.Max(1, shape.Layout.AttentionDataParallel / gathered);
        int members = shape.RowRanks > 1 ? sharing : ranks;
        if (members > 1)
        {
            RowExchanges.Exchange(stage, "ffn_all_gather", RowExchanges.RowGroup(stage), Collective.AllGather, members, Span(shape, ranks, sharing), rows, bytesPerElement: 0);
        }
    }

    /// <summary>Rows of all attention ranks to the cards that share the projection to the vocabulary out: from each rank, of rows in turn from each card.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="rows">Rows of all ranks.</param>
    public static void GatherForLogits(StageBuilder stage, AffineInBatch rows)
    {
        DeploymentShape shape = stage.Shape;
        int ranks = shape.LogitsShares;
        int members = shape.RowRanks > 1 ? shape.FeedForwardRanks : ranks;
        RowExchanges.Exchange(
            stage, "logits_rows_all_gather", RowExchanges.RowGroup(stage), Collective.AllGather, members, Span(shape, ranks, shape.FeedForwardRanks), rows, bytesPerElement: 0);
    }

    /// <summary>
    /// Sums back to the rows of a rank: a reduce-scatter over the cards that share products out, and where each card of a rank has all of its rows an
    /// all-gather of them.
    /// </summary>
    /// <param name="stage">The stage.</param>
    /// <param name="rows">Rows that products were over.</param>
    /// <param name="own">Rows of a rank.</param>
    public static void Scatter(StageBuilder stage, AffineInBatch rows, AffineInBatch own)
    {
        DeploymentShape shape = stage.Shape;
        int gathered = shape.FeedForward.GatheredWays;
        int sharing = shape.FeedForwardRanks / gathered;
        int ranks = Math.Max(1, shape.Layout.AttentionDataParallel / gathered);
        if (sharing > 1)
        {
            RowExchanges.Exchange(
                stage, "ffn_reduce_scatter", RowExchanges.RowGroup(stage), Collective.ReduceScatter, sharing, Span(shape, ranks, sharing), rows, stage.ActivationBytes);
        }

        GatherOwn(stage, own);
    }

    /// <summary>
    /// Of the hidden size shared out over <c>X</c> cards and the width over <c>Y</c>: slices of rows in turn, an all-to-all over the <c>X</c> and an
    /// all-gather over the <c>Y</c>; of rows that are whole each card takes its slice.
    /// </summary>
    /// <param name="stage">The stage.</param>
    /// <param name="rows">Rows of the rank.</param>
    public static void GatherSlices(StageBuilder stage, AffineInBatch rows)
    {
        if (stage.Shape.RowRanks > 1)
        {
            Transpose(stage, "ffn_slices_all_to_all", rows);
            OverWidth(stage, "ffn_slices_all_gather", Collective.AllGather, rows);
        }
    }

    /// <summary>Parts of the width's products summed over the <c>X</c> cards and shared out for what is done element by element.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="rows">Rows of the rank.</param>
    /// <param name="width">Elements of a row that a card has parts of, over all matrices.</param>
    public static void SumParts(StageBuilder stage, AffineInBatch rows, double width) => OverHidden(stage, "ffn_parts_reduce_scatter", Collective.ReduceScatter, rows * width);

    /// <summary>What was done element by element back to the <c>X</c> cards.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="rows">Rows of the rank.</param>
    /// <param name="width">Elements of a row that a card needs.</param>
    public static void GatherParts(StageBuilder stage, AffineInBatch rows, double width) => OverHidden(stage, "ffn_parts_all_gather", Collective.AllGather, rows * width);

    /// <summary>Slices of sums back to rows: a reduce-scatter over the <c>Y</c> cards, then rows in turn by an all-to-all over the <c>X</c>, or whole rows gathered.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="rows">Rows of the rank.</param>
    public static void ScatterSlices(StageBuilder stage, AffineInBatch rows)
    {
        OverWidth(stage, "ffn_slices_reduce_scatter", Collective.ReduceScatter, rows);
        if (stage.Shape.RowRanks > 1)
        {
            Transpose(stage, "ffn_rows_all_to_all", rows);
        }
        else
        {
            GatherOwn(stage, rows);
        }
    }

    /// <summary>Bytes of the weights of one block that a card has while they are gathered.</summary>
    private static AffineInBatch GatheredBytes(StageBuilder stage)
    {
        DeploymentShape shape = stage.Shape;
        double elements = shape.Model.Hidden * stage.FeedForward / shape.FeedForwardRanks * shape.FeedForward.GatheredWays;
        double gates = shape.Model.Structure is { HasPlainFeedForward: true } ? 0 : stage.BytesOf(Projection.DenseGate);
        return elements * (gates + stage.BytesOf(Projection.DenseUp) + stage.BytesOf(Projection.DenseDown));
    }

    /// <summary>Elements of a row that come of the matrices into the width: one, or with a gate two.</summary>
    public static double Into(DeploymentShape shape) => shape.Model.Structure is { HasPlainFeedForward: true } ? 1 : MatricesOfAGate;

    /// <summary>Cards from the first to the last of those that share products out: of one rank they lie next to each other.</summary>
    private static int Span(DeploymentShape shape, int ranks, int sharing) => ranks == 1 ? sharing : ranks * shape.Layout.RankCards;

    /// <summary>The same of all cards of a feed-forward.</summary>
    private static int WholeSpan(DeploymentShape shape) => shape.Layout.AttentionDataParallel == 1 ? shape.FeedForwardRanks : shape.Layout.FeedForwardCards;

    private static void GatherOwn(StageBuilder stage, AffineInBatch rows)
    {
        int members = stage.Shape.ProductRanks;
        if (stage.Shape.RowRanks == 1 && members > 1)
        {
            RowExchanges.Exchange(stage, "ffn_rows_all_gather", RowExchanges.RowGroup(stage), Collective.AllGather, members, members, rows, bytesPerElement: 0);
        }
    }

    /// <summary>A card's rows for its slices of others', or back: what leaves it of <c>rows·h/F</c>.</summary>
    private static void Transpose(StageBuilder stage, string name, AffineInBatch rows)
    {
        int ways = stage.Shape.FeedForward.HiddenWays;
        AffineInBatch message = rows * (stage.Shape.Model.Hidden * stage.CommunicationBytes / stage.Shape.FeedForwardRanks * ((ways - 1d) / ways));
        stage.Communicate(
            name, flops: 0, bytes: message, new Exchange(RowExchanges.RowGroup(stage), Collective.AllToAll, ways, ways, message, Exchange.BySpan));
    }

    /// <summary>Over the <c>Y</c> cards that have the same slice of the hidden size: a message of <c>rows·h/X·u</c>.</summary>
    private static void OverWidth(StageBuilder stage, string name, Collective collective, AffineInBatch rows)
    {
        DeploymentShape shape = stage.Shape;
        int ways = shape.FeedForward.HiddenWays;
        RowExchanges.Exchange(
            stage, name, RowExchanges.RowGroup(stage), collective, shape.FeedForwardRanks / ways, WholeSpan(shape), rows * (1d / ways), bytesPerElement: 0);
    }

    /// <summary>Over the <c>X</c> cards, which lie next to each other, that have the same slice of the width.</summary>
    private static void OverHidden(StageBuilder stage, string name, Collective collective, AffineInBatch elements)
    {
        int ways = stage.Shape.FeedForward.HiddenWays;
        stage.Communicate(
            name,
            flops: collective == Collective.AllGather ? 0 : elements * ((ways - 1d) / ways),
            bytes: 0,
            new Exchange(RowExchanges.RowGroup(stage), collective, ways, ways, elements * stage.CommunicationBytes, Exchange.BySpan));
    }
}
