using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// Linear attention by the gated delta rule of one block (Qwen3-Next, Qwen3.5; Yang et al., arXiv 2412.06464; FLOP and bytes as the chunked and recurrent
/// kernels do them: docs/cost-model.md, "Blocks with a state").
/// </summary>
internal static class GatedDeltaAttention
{
    public static void Lower(StageBuilder stage)
    {
        StateDimensions state = stage.Model.Form!.State!;
        int tensorParallel = stage.Shape.Layout.TensorParallel;
        double hidden = stage.Shape.Model.Hidden;
        double valueWidth = state.ValueWidth(tensorParallel);
        double channels = state.Channels(tensorParallel);
        double heads = (double)state.ValueHeads / tensorParallel;
        stage.BlockNorm(stage.Rows, hidden);
        stage.Weigh(((channels * stage.BytesOf(Projection.StateInput)) + (valueWidth * stage.BytesOf(Projection.AttentionGate))) / (channels + valueWidth));
        stage.Linear("qkvz_projection", stage.Rows, hidden, channels + valueWidth);
        stage.Weigh(Projection.StateScalars);
        stage.PlainLinear("ba_projection", stage.Rows, hidden, 2 * heads);
        StateMixing.Convolve(stage, state);
        bool isPrompt = stage.Shape.Phase == Phase.Prefill;
        if (isPrompt)
        {
            DeltaRule.Gates(stage, heads);
        }

        double keyHeads = state.KeyHeadsOf(tensorParallel);
        StateMixing.Recur(
            stage,
            heads * (isPrompt ? DeltaRule.ChunkedFlops(state) : DeltaRule.UpdateFlops(state)),
            isPrompt && stage.IsFused ? DeltaRule.StagedBytes(state, keyHeads, heads) : OnePassBytes(state, keyHeads, heads, stage.ActivationBytes),
            state,
            weights: 2 * heads);
        StateMixing.GatedNorm(stage, valueWidth, state.ValueSize);
        StateMixing.Output(stage, valueWidth);
    }

    /// <summary>Bytes of a row: queries and keys, values in and out, and a decay and a strength a head, in 32 bits.</summary>
    private static double OnePassBytes(StateDimensions state, double keyHeads, double heads, double activation) =>
        (((2 * keyHeads * state.KeySize) + (2 * heads * state.ValueSize)) * activation) + (8 * heads);
}
