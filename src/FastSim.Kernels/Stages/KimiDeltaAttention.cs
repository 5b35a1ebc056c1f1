using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// Linear attention by the delta rule with a decay a channel of one block (Kimi Linear, arXiv 2510.26692; Kimi-K3): three convolutions, one each of
/// queries, keys and values, and a decay that is projected by way of a head's width, which every card does whole.
/// </summary>
internal static class KimiDeltaAttention
{
    public static void Lower(StageBuilder stage)
    {
        StateDimensions state = stage.Model.Form!.State!;
        int tensorParallel = stage.Shape.Layout.TensorParallel;
        double hidden = stage.Shape.Model.Hidden;
        double keyWidth = state.KeyWidth(tensorParallel);
        double valueWidth = state.ValueWidth(tensorParallel);
        double heads = (double)state.ValueHeads / tensorParallel;
        AffineInBatch rows = stage.Rows;
        stage.BlockNorm(rows, hidden);
        Input(stage, state, keyWidth, valueWidth, heads);
        stage.Weigh(Projection.DecayUp);
        stage.Linear("decay_projection", rows, state.KeySize, keyWidth);
        if (state.HasNarrowGate)
        {
            stage.Weigh(Projection.GateUp);
            stage.Linear("gate_projection", rows, state.ValueSize, valueWidth);
        }

        StateMixing.Convolve(stage, state);
        bool isPrompt = stage.Shape.Phase == Phase.Prefill;
        double onePass = heads * (((3d * state.KeySize) + (2d * state.ValueSize) + 1) * stage.ActivationBytes);
        StateMixing.Recur(
            stage,
            heads * (isPrompt ? DeltaRule.ChunkedFlops(state) : DeltaRule.UpdateFlops(state)),
            isPrompt && stage.IsFused ? DeltaRule.StagedChannelBytes(state, heads) : onePass,
            state,
            weights: heads + keyWidth);
        StateMixing.GatedNorm(stage, valueWidth, state.ValueSize);
        StateMixing.Output(stage, valueWidth);
    }

    /// <summary>Queries, keys, values, gate, and what leads to decay and strength: one product, at the mean of its weights' bytes.</summary>
    private static void Input(StageBuilder stage, StateDimensions state, double keyWidth, double valueWidth, double heads)
    {
        (Projection Projection, double Width)[] parts =
        [
            (Projection.Query, keyWidth),
            (Projection.Key, keyWidth),
            (Projection.Value, valueWidth),
            state.HasNarrowGate ? (Projection.GateDown, state.ValueSize) : (Projection.AttentionGate, valueWidth),
            (Projection.DecayDown, state.KeySize),
            (Projection.StateScalars, heads),
        ];
        double width = 0;
        double bytes = 0;
        foreach ((Projection projection, double part) in parts)
        {
            width += part;
            bytes += part * stage.BytesOf(projection);
        }

        stage.Weigh(bytes / width);
        stage.Linear("qkvg_projection", stage.Rows, stage.Shape.Model.Hidden, width);
    }
}
