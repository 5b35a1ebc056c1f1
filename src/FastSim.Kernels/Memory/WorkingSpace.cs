using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Memory;

/// <summary>What a card has beside weights and cache while it works on a block, bytes (cost model A4).</summary>
internal static class WorkingSpace
{
    /// <summary>
    /// Latent: the scores, <c>r·H'·S·a</c>, in decode; in prefill the up-projected keys and values of the context, or what stands for them on the
    /// latent, and without flash the scores beside them. Group-query: 0 with flash, else its scores.
    /// </summary>
    public static double Attention(DeploymentShape shape)
    {
        if (shape.Model.Structure is not { Pattern: { HasForms: true } pattern })
        {
            return Attention(shape, shape.Model);
        }

        double most = 0;
        foreach (AttentionForm? form in pattern.Forms)
        {
            TransformerModel model = shape.Model.Seen(form);
            most = model.Attention is AttentionKind.GroupQuery or AttentionKind.LatentAbsorbed ? Math.Max(most, Attention(shape, model)) : most;
        }

        return most;
    }

    private static double Attention(DeploymentShape shape, TransformerModel model)
    {
        double heads = HeadShares.Queries(model, shape.Layout.TensorParallel);
        bool decode = shape.Phase == Phase.Decode;
        double context = decode ? shape.Lengths.MidGenerationContext : shape.Lengths.Input;
        context /= shape.ContextRanks;
        bool scoresInMemory = !model.FlashAttention || (model.Attention == AttentionKind.LatentAbsorbed && decode);
        double attended = model.Structure?.Indexer is { } indexer ? indexer.Selection.Held(context) : context;
        double scores = scoresInMemory
            ? shape.AttentionBatches * shape.RowsPerSequence * heads * attended * shape.Precision.ActivationBytes
            : 0;
        double gathered = decode || shape.Layout.ContextParallel == 1
            ? 0
            : context * SharesAtOnce(shape, inFlight: 2) * CacheWidth.Of(model, shape.Layout.TensorParallel) * shape.CommunicationBytes;
        if (decode || model.Latent is not { } latent)
        {
            return scores + gathered;
        }

        double width = shape.AbsorbsLatent
            ? heads * (latent.CachedWidth + latent.KeyValueRank)
            : (heads * (latent.PlainHeadSize + latent.ValueHeadSize)) + latent.RotaryHeadSize;
        double rows = shape.AbsorbsLatent ? shape.TokensPerSequence : context * SharesAtOnce(shape, inFlight: 1);
        return scores + gathered + (rows * width * shape.Precision.ActivationBytes);
    }

    /// <summary>
    /// Of the context of a prompt, the part that a card works on at a time: all of it where it is gathered, one of <c>CP</c> shares where they go round, and
    /// another on its way.
    /// </summary>
    private static double SharesAtOnce(DeploymentShape shape, int inFlight) =>
        shape.ContextExchange == ContextExchange.Ring ? Math.Min(1, (double)inFlight / shape.Layout.ContextParallel) : 1;

    /// <summary>What a block's gathering of weights brings of other cards': the most of all blocks.</summary>
    public static double GatheredWeights(OperatorTable table)
    {
        int ways = table.Shape.FeedForward.GatheredWays;
        double most = 0;
        for (int op = 0; ways > 1 && op < table.Count; op++)
        {
            // The exchanges of a feed-forward whose message does not depend on the batch are those of weights.
            Exchange exchange = table.Exchanges[op];
            most = exchange.Group == ExchangeGroup.TensorParallel && exchange.MessageBytes.PerSequence == 0 ? Math.Max(most, exchange.MessageBytes.Constant) : most;
        }

        return most * (ways - 1d) / ways;
    }

    /// <summary>Dense: <c>2·r·I'·a</c>, and rows that several attention ranks gather, <c>ADP·r·h·u</c>; experts: <c>2·T·h·u</c>; the larger where a model has both.</summary>
    public static double FeedForward(DeploymentShape shape)
    {
        double dense = shape.StageDenseBlocks == 0
            ? 0
            : 2d * shape.AttentionBatches * shape.RowsPerSequence
                * (shape.Model.WidestFeedForward / shape.ProductRanks) * shape.Precision.ActivationBytes * shape.FeedForward.HiddenWays;
        int together = shape.Layout.AttentionDataParallel / shape.FeedForward.GatheredWays;
        dense += together <= 1 ? 0 : together * shape.RowsPerSequence * shape.Model.Hidden * shape.CommunicationBytes;
        double expert = shape.Model.Experts is { } experts
            ? 2 * ExpertFeedForward.ExpertRows(shape, experts).PerSequence * shape.Model.Hidden * shape.Precision.CommunicationBytes
            : 0;
        return Math.Max(dense, expert);
    }
}
