using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>The dense feed-forward of one block, gated or not (cost model A2, MLP).</summary>
internal static class DenseFeedForward
{
    public static void Lower(StageBuilder stage)
    {
        DeploymentShape shape = stage.Shape;
        AffineInBatch own = stage.Rows;
        double hidden = shape.Model.Hidden;
        bool sumsAlike = shape.SumsFeedForwardAlike;
        bool isSliced = shape.FeedForward.Exchange == FeedForwardExchange.TwoDimensional;

        stage.BlockNorm(own, hidden, gathers: sumsAlike);
        AffineInBatch rows = sumsAlike ? own : FeedForwardExchanges.RowsOf(shape, own);
        if (isSliced)
        {
            FeedForwardExchanges.GatherSlices(stage, own);
        }
        else if (!sumsAlike)
        {
            FeedForwardExchanges.Gather(stage, rows);
        }

        Products(stage, rows, isSliced);
        if (isSliced)
        {
            FeedForwardExchanges.ScatterSlices(stage, own);
        }
        else if (!sumsAlike)
        {
            FeedForwardExchanges.Scatter(stage, rows, own);
        }
        else
        {
            stage.TensorParallelAllReduce(own, bytesPerElement: stage.ActivationBytes);
        }

        stage.OutputNorm(own);
        stage.Residual(own);
    }

    private static void Products(StageBuilder stage, AffineInBatch rows, bool isSliced)
    {
        DeploymentShape shape = stage.Shape;
        int gathered = shape.FeedForward.GatheredWays;
        int ways = shape.FeedForward.HiddenWays;
        double hidden = shape.Model.Hidden / (double)ways;

        // Where the hidden size is shared out, a card has its slice of the width's activation alone.
        double activated = stage.FeedForward / shape.FeedForwardRanks * gathered;
        double width = activated * ways;
        stage.Slices = WeightSlices.Outputs;
        stage.Gathered = gathered;
        bool isPlain = shape.Model.Structure is { HasPlainFeedForward: true };
        if (isPlain)
        {
            stage.Weigh(Projection.DenseUp);
            stage.Linear("up_projection", rows, hidden, width, BlockExtras.FeedForwardBias);
        }
        else if (stage.IsFused)
        {
            stage.Weigh((stage.BytesOf(Projection.DenseGate) + stage.BytesOf(Projection.DenseUp)) / 2);
            stage.Linear("gate_up_projection", rows, hidden, 2 * width, BlockExtras.FeedForwardBias);
        }
        else
        {
            stage.Weigh(Projection.DenseGate);
            stage.Linear("gate_projection", rows, hidden, width, BlockExtras.FeedForwardBias);
            stage.Weigh(Projection.DenseUp);
            stage.Linear("up_projection", rows, hidden, width, BlockExtras.FeedForwardBias);
        }

        if (isSliced)
        {
            FeedForwardExchanges.SumParts(stage, rows, FeedForwardExchanges.Into(shape) * width);
        }

        if (isPlain)
        {
            stage.PlainActivation("activation", rows, activated);
        }
        else if (stage.IsFused)
        {
            stage.Activation(rows, activated);
        }
        else
        {
            stage.Vector("activation_multiply", flops: 4 * rows * activated, bytes: 5 * rows * activated * stage.ActivationBytes);
        }

        if (isSliced)
        {
            FeedForwardExchanges.GatherParts(stage, rows, width);
        }

        stage.Weigh(Projection.DenseDown);
        stage.Slices = WeightSlices.Inputs;
        stage.Linear("down_projection", rows, width, hidden, BlockExtras.FeedForwardBias);
        stage.Slices = WeightSlices.None;
        stage.Gathered = 1;
    }
}
