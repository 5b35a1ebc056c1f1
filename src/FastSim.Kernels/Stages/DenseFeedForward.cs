using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>The dense feed-forward of one block, gated or not (cost model A2, MLP).</summary>
internal static class DenseFeedForward
{
    public static void Lower(StageBuilder stage)
    {
        AffineInBatch own = stage.Rows;
        double hidden = stage.Shape.Model.Hidden;
        double width = stage.FeedForward / stage.Shape.FeedForwardRanks;
        bool hasOwnRowsAlone = stage.Shape.Layout.AttentionDataParallel == 1;

        stage.BlockNorm(own, hidden, gathers: hasOwnRowsAlone);
        AffineInBatch rows = hasOwnRowsAlone ? own : stage.GatherRanks(own);
        stage.Slices = WeightSlices.Outputs;
        if (stage.Shape.Model.Structure is { HasPlainFeedForward: true })
        {
            stage.Weigh(Projection.DenseUp);
            stage.Linear("up_projection", rows, hidden, width, BlockExtras.FeedForwardBias);
            stage.PlainActivation("activation", rows, width);
        }
        else if (stage.IsFused)
        {
            stage.Weigh((stage.BytesOf(Projection.DenseGate) + stage.BytesOf(Projection.DenseUp)) / 2);
            stage.Linear("gate_up_projection", rows, hidden, 2 * width, BlockExtras.FeedForwardBias);
            stage.Activation(rows, width);
        }
        else
        {
            stage.Weigh(Projection.DenseGate);
            stage.Linear("gate_projection", rows, hidden, width, BlockExtras.FeedForwardBias);
            stage.Weigh(Projection.DenseUp);
            stage.Linear("up_projection", rows, hidden, width, BlockExtras.FeedForwardBias);
            stage.Vector("activation_multiply", flops: 4 * rows * width, bytes: 5 * rows * width * stage.ActivationBytes);
        }

        stage.Weigh(Projection.DenseDown);
        stage.Slices = WeightSlices.Inputs;
        stage.Linear("down_projection", rows, width, hidden, BlockExtras.FeedForwardBias);
        stage.Slices = WeightSlices.None;
        if (hasOwnRowsAlone)
        {
            stage.TensorParallelAllReduce(rows, bytesPerElement: stage.ActivationBytes);
        }
        else
        {
            stage.ScatterRanks(rows, own);
        }

        stage.OutputNorm(own);
        stage.Residual(own);
    }
}
