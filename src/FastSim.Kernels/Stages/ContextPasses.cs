using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Stages;

/// <summary>
/// What context parallelism adds to the attention of one block, over the <c>CP</c> cards of a rank that have the same heads: of a prompt the keys and
/// values of all its tokens, in decode the parts of the output (docs/cost-model.md, "Context parallelism"). Nothing where <c>CP</c> is 1.
/// </summary>
internal static class ContextPasses
{
    /// <summary>A number of a row and head by which parts of its output are weighed, in 32 bits.</summary>
    private const double WeightBytes = 4;

    /// <summary>
    /// Keys and values of the context to every card: a message of <c>q·C·width·u</c>, all-gathered, or a card's share of it in each of <c>CP-1</c> sends
    /// to a neighbour.
    /// </summary>
    /// <param name="stage">The stage.</param>
    /// <param name="width">Elements of a token: of keys and values, or of the latent and its rotary key.</param>
    public static void Gather(StageBuilder stage, double width)
    {
        DeploymentShape shape = stage.Shape;
        int cards = shape.Layout.ContextParallel;
        if (cards == 1)
        {
            return;
        }

        AffineInBatch message = stage.Sequences * (stage.ContextTokens * width * stage.CommunicationBytes);
        if (shape.ContextExchange == ContextExchange.Ring)
        {
            Exchange send = new(ExchangeGroup.ContextParallel, Collective.PointToPoint, 2, shape.Layout.RankCards, message * (1d / cards), Exchange.BySpan)
            {
                Apart = shape.Layout.TensorParallel,
            };
            stage.Communicate("cp_ring", flops: 0, bytes: message * (1d / cards), send, LaunchKind.ContextExchange, times: cards - 1);
        }
        else
        {
            Exchange gather = new(ExchangeGroup.ContextParallel, Collective.AllGather, cards, shape.Layout.RankCards, message, Exchange.BySpan);
            stage.Communicate("cp_all_gather", flops: 0, bytes: message, gather, LaunchKind.ContextExchange);
        }
    }

    /// <summary>
    /// Parts of the output in decode: each card gets the parts of its <c>H'/CP</c> heads from the others, <c>r·H'·(width·u + 4)·(CP-1)/CP</c> bytes, and
    /// adds them up: three FLOP an element of each part, which is read; the sum is written.
    /// </summary>
    /// <param name="stage">The stage.</param>
    /// <param name="heads">Heads whose parts a card has.</param>
    /// <param name="width">Elements of a head's output.</param>
    public static void Combine(StageBuilder stage, double heads, double width)
    {
        DeploymentShape shape = stage.Shape;
        int cards = shape.ContextRanks;
        if (cards == 1)
        {
            return;
        }

        AffineInBatch message = stage.Rows * (heads * ((width * stage.CommunicationBytes) + WeightBytes) * ((cards - 1d) / cards));
        stage.Communicate(
            "cp_all_to_all",
            flops: 0,
            bytes: message,
            new Exchange(ExchangeGroup.ContextParallel, Collective.AllToAll, cards, shape.Layout.RankCards, message, Exchange.BySpan),
            LaunchKind.ContextExchange);
        AffineInBatch parts = stage.Rows * (heads * width);
        stage.Vector("cp_combine", flops: 3 * parts, bytes: parts * ((1 + (1d / cards)) * stage.PassBytes), kind: LaunchKind.ContextCombine);
    }
}
