using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// A short convolution between two gates of one block (LFM2): one product yields both gates and what is convolved, the first gate goes before it, the second
/// after. Source: transformers' <c>lfm2</c> (docs/cost-model.md, "Short convolutions").
/// </summary>
internal static class ShortConvolution
{
    public static void Lower(StageBuilder stage)
    {
        StateDimensions state = stage.Model.Form!.State!;
        double channels = state.Channels(stage.Shape.Layout.TensorParallel);
        stage.BlockNorm(stage.Rows, stage.Shape.Model.Hidden);
        stage.Weigh(Projection.StateInput);
        stage.Linear("in_projection", stage.Rows, stage.Shape.Model.Hidden, 3 * channels);
        Gate(stage, "input_gate", channels);
        StateMixing.Convolve(stage, state, activates: false);
        Gate(stage, "output_gate", channels);
        StateMixing.Output(stage, channels);
    }

    /// <summary>An element and its gate read, their product written.</summary>
    private static void Gate(StageBuilder stage, string name, double channels) =>
        stage.Vector(name, flops: stage.Rows * channels, bytes: 3 * stage.Rows * channels * stage.PassBytes);
}
