using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// Mamba-1 of one block (Gu and Dao, arXiv 2312.00752; Jamba, arXiv 2403.19887): each channel has a state of its own, steps are projected by way of a rank,
/// and steps, keys and queries are normalised. The scan is a pass over channels in prefill, too: no product of matrices (docs/cost-model.md, "Mamba-1").
/// </summary>
internal static class SelectiveScan
{
    /// <summary>FLOP of an element of the state and token: its decay (2), what enters (2), both joined (2), what leaves (2) and their exponential.</summary>
    private const double StateFlops = 9;

    public static void Lower(StageBuilder stage)
    {
        StateDimensions state = stage.Model.Form!.State!;
        AffineInBatch rows = stage.Rows;
        double channels = state.ValueWidth(stage.Shape.Layout.TensorParallel);
        double selected = state.StepRank + (2d * state.KeySize);
        stage.BlockNorm(rows, stage.Shape.Model.Hidden);
        stage.Weigh(Projection.StateInput);
        stage.Linear("in_projection", rows, stage.Shape.Model.Hidden, 2 * channels);
        StateMixing.Convolve(stage, state);

        // Cards share the channels that these are projected from, and need the sums.
        stage.Weigh(Projection.StateScalars);
        stage.Linear("selection_projection", rows, channels, selected);
        stage.SumProductOverRanks("selection_all_reduce", rows * selected);
        stage.RootMeanSquareNorm("selection_norms", rows, selected, weightsRead: selected, weightElements: selected);
        stage.Weigh(Projection.DecayUp);
        stage.Linear("step_projection", rows, state.StepRank, channels);
        Scan(stage, state, channels);
        StateMixing.Output(stage, channels);
    }

    /// <summary>
    /// The scan, gated: it reads a value, its step and its gate of each channel, and a key and a query of all, and writes an output. A decay an element of
    /// the state, a bias of the step and a share of the value a channel are weights.
    /// </summary>
    private static void Scan(StageBuilder stage, StateDimensions state, double channels)
    {
        double bytes = ((4 * channels) + (2d * state.KeySize)) * stage.ActivationBytes;
        StateMixing.Recur(stage, channels * ((StateFlops * state.KeySize) + 8), bytes, state, weights: channels * (state.KeySize + 2), scan: "selective_scan");
    }
}
