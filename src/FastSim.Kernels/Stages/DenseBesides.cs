namespace FastSim.Kernels.Stages;

/// <summary>Where experts and a dense feed-forward run beside each other, their sum and, where outputs are normalised, its norm (docs/cost-model.md, "Gemma 4").</summary>
internal static class DenseBesides
{
    public static void Lower(StageBuilder stage, int blocks)
    {
        if (blocks == 0)
        {
            return;
        }

        double hidden = stage.Shape.Model.Hidden;
        stage.Begin("moe_and_mlp", Launches.StagePart.FeedForward, blocks);
        if (stage.Shape.Model.Structure is not { NormalisesOutputs: true })
        {
            stage.Vector("sum", flops: stage.Rows * hidden, bytes: 3 * stage.Rows * hidden * stage.ActivationBytes);
            return;
        }

        // Each normalised its own output already; the sum is normalised once more before it joins the residual stream.
        stage.Vector("sum_norm", flops: 8 * stage.Rows * hidden, bytes: 3 * stage.Rows * hidden * stage.ActivationBytes, weightElements: hidden);
    }
}
