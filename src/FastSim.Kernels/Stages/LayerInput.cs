using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// Inputs of each block by itself (<see cref="LayerInputs"/>; docs/cost-model.md, "Gemma 4"): once a pass the table and the projection of all blocks, then a
/// gate and a projection a block. Every card of a rank does both for all of its rows, the table is shared out as the embedding is.
/// </summary>
internal static class LayerInput
{
    public static void Lower(StageBuilder stage)
    {
        DeploymentShape shape = stage.Shape;
        if (shape.Model.Structure is not { LayerInputs: { } inputs })
        {
            return;
        }

        int blocks = shape.Model.Blocks;
        double hidden = shape.Model.Hidden;
        double width = inputs.Width;
        double all = inputs.WidthOfAll(blocks);
        AffineInBatch rows = stage.Rows;
        stage.Begin("per_layer_inputs", StagePart.FeedForward, 1);
        stage.Store(
            "per_layer_lookup",
            bytes: 2 * rows * all * stage.ActivationBytes,
            weightElements: inputs.TableElements(blocks) / shape.Layout.TensorParallel,
            bytesPerWeight: shape.EmbeddingBytes);
        stage.Weigh(shape.EmbeddingBytes);
        stage.PlainLinear("per_layer_model_projection", rows, hidden, all);
        stage.RootMeanSquareNorm("per_layer_norm", rows, all, weightsRead: width, weightElements: width);
        stage.Vector("per_layer_sum", flops: 2 * rows * all, bytes: 3 * rows * all * stage.ActivationBytes);

        stage.Begin("per_layer_input", StagePart.FeedForward, shape.StageBlocks);
        stage.Weigh(shape.EmbeddingBytes);
        stage.PlainLinear("per_layer_gate", rows, hidden, width);
        stage.Vector("per_layer_multiply", flops: 4 * rows * width, bytes: 3 * rows * width * stage.ActivationBytes);
        stage.PlainLinear("per_layer_projection", rows, width, hidden);
        stage.RootMeanSquareNorm("output_norm", rows, hidden, weightsRead: hidden, weightElements: hidden);
        stage.Residual(rows);
    }
}
