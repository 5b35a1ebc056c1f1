using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// Linear attention with a fixed decay a head of one block (MiniMax-01, Ring-linear; Qin et al., "Lightning Attention-2", arXiv 2401.04658): FLOP and bytes as
/// the tiled and the recurrent kernels do them (docs/cost-model.md, "Blocks with a state"). Every head has queries, keys and values of its own.
/// </summary>
internal static class LightningAttention
{
    /// <summary>Tokens of a tile of a chunk: tiles above the diagonal are left out.</summary>
    private const double Tile = 64;

    private const double SiluFlops = 4;

    public static void Lower(StageBuilder stage)
    {
        AttentionForm form = stage.Model.Form!;
        StateDimensions state = form.State!;
        int tensorParallel = stage.Shape.Layout.TensorParallel;
        double hidden = stage.Shape.Model.Hidden;
        double width = state.ValueWidth(tensorParallel);
        double projected = (2 * state.KeyWidth(tensorParallel)) + width;
        double heads = (double)state.ValueHeads / tensorParallel;
        bool isPrompt = stage.Shape.Phase == Phase.Prefill;
        stage.BlockNorm(stage.Rows, hidden);
        stage.Weigh(Projection.StateInput);
        stage.Linear("qkv_projection", stage.Rows, hidden, projected);

        // Activated, or normalised head by head with one scale of queries and one of keys: a pass over all three.
        double scales = form.QueryKeyNorm == QueryKeyNorm.None ? 0 : 2d * state.KeySize;
        stage.Vector(
            scales > 0 ? "qk_norm" : "qkv_activation",
            flops: SiluFlops * stage.Rows * projected,
            bytes: 2 * stage.Rows * projected * stage.PassBytes,
            weightElements: scales);
        StateMixing.Recur(
            stage,
            heads * (isPrompt ? ChunkedFlops(state) : 5d * state.KeySize * state.ValueSize),
            isPrompt && stage.IsFused ? StagedBytes(state, heads) : OnePassBytes(state, heads, stage.ActivationBytes),
            state,
            weights: 0);
        stage.Weigh(Projection.AttentionGate);
        stage.Linear("gate_projection", stage.Rows, hidden, width);
        StateMixing.GatedNorm(stage, width, width);
        StateMixing.Output(stage, width);
    }

    /// <summary>
    /// FLOP of a row and head: into the chunk's state and out of the one before, <c>2·dk·dv</c> each; queries with keys and scores with values of what lies
    /// before in the chunk, half of <c>2·C·(dk + dv)</c> and a tile; the state's decay a chunk.
    /// </summary>
    public static double ChunkedFlops(StateDimensions state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double chunk = state.Chunk;
        return (4d * state.KeySize * state.ValueSize)
            + (chunk * (state.KeySize + state.ValueSize) * (1 + Math.Min(1, Tile / chunk)))
            + (2d * state.KeySize * state.ValueSize / chunk);
    }

    /// <summary>Bytes of a row: queries and keys, values in and out.</summary>
    private static double OnePassBytes(StateDimensions state, double heads, double activation) =>
        2 * heads * (state.KeySize + state.ValueSize) * activation;

    /// <summary>
    /// As the tiled kernels move them in 16 bits: queries and keys twice, values twice, the output written, read and written again, and the state of each chunk,
    /// in 32 bits, written, summed up and read.
    /// </summary>
    private static double StagedBytes(StateDimensions state, double heads) =>
        heads * ((8d * state.KeySize) + (10d * state.ValueSize) + (16d * state.KeySize * state.ValueSize / state.Chunk));
}
