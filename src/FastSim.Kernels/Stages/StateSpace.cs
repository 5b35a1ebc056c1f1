using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// A selective state space of one block (Nemotron-H; Dao and Gu, "Transformers are SSMs", arXiv 2405.21060): FLOP and bytes as the chunked scan and the
/// state update do them (docs/cost-model.md, "Blocks with a state"). Groups, which share keys and queries, stay whole on a card.
/// </summary>
internal static class StateSpace
{
    /// <summary>Tokens of a tile of the scan: tiles above the diagonal are left out.</summary>
    private const double Tile = 64;

    public static void Lower(StageBuilder stage)
    {
        StateDimensions state = stage.Model.Form!.State!;
        int tensorParallel = stage.Shape.Layout.TensorParallel;
        double valueWidth = state.ValueWidth(tensorParallel);
        double heads = (double)state.ValueHeads / tensorParallel;
        double groups = state.KeyHeadsOf(tensorParallel);
        bool isPrompt = stage.Shape.Phase == Phase.Prefill;
        stage.BlockNorm(stage.Rows, stage.Shape.Model.Hidden);
        stage.Weigh(Projection.StateInput);
        stage.Linear("in_projection", stage.Rows, stage.Shape.Model.Hidden, valueWidth + state.Channels(tensorParallel) + heads);
        StateMixing.Convolve(stage, state);
        StateMixing.Recur(
            stage,
            isPrompt ? ScanFlops(state, heads, groups) : 5 * heads * state.KeySize * state.ValueSize,
            isPrompt && stage.IsFused ? StagedBytes(state, heads, groups) : OnePassBytes(state, heads, groups, stage.ActivationBytes),
            state,
            weights: 3 * heads);
        StateMixing.GatedNorm(stage, valueWidth, state.LacksNorm ? 0 : valueWidth);
        StateMixing.Output(stage, valueWidth);
    }

    /// <summary>
    /// FLOP of a row: into the chunk's state and out of the one before, <c>2·N·P·H</c> each; queries with keys, <c>2·C·N·G</c>; what lies before in the
    /// chunk, half of <c>2·C·P·H</c> and a tile.
    /// </summary>
    public static double ScanFlops(StateDimensions state, double heads, double groups)
    {
        double chunk = state.Chunk;
        double ofHead = (4d * state.KeySize * state.ValueSize) + (chunk * state.ValueSize * (1 + Math.Min(1, Tile / chunk)))
            + (2d * state.KeySize * state.ValueSize / chunk);
        return (heads * ofHead) + (2 * chunk * state.KeySize * groups);
    }

    /// <summary>Bytes of a row: values in and out, keys and queries of each group, a step a head in 32 bits.</summary>
    private static double OnePassBytes(StateDimensions state, double heads, double groups, double activation) =>
        (((2 * heads * state.ValueSize) + (2 * groups * state.KeySize)) * activation) + (4 * heads);

    /// <summary>
    /// As the scan's kernels move them: values read twice and written once, keys and queries read twice, their products in 32 bits and the state of each
    /// chunk written, passed on and read.
    /// </summary>
    private static double StagedBytes(StateDimensions state, double heads, double groups) =>
        (6 * heads * state.ValueSize) + (8 * groups * state.KeySize) + (8 * groups * state.Chunk)
            + (14 * heads * state.ValueSize * state.KeySize / state.Chunk) + (8 * heads);
}
