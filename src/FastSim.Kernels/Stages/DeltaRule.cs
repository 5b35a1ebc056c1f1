using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// FLOP and bytes of the delta rule, a row and head (docs/cost-model.md, "Blocks with a state"). Source: the reference algorithm of the published models
/// (torch_chunk_gated_delta_rule of transformers' Qwen3-Next) and the kernels of flash-linear-attention, which do the same products.
/// </summary>
public static class DeltaRule
{
    private const double ScalarFlops = 10;
    private const double ScalarBytes = 12;

    /// <summary>
    /// A prompt in chunks of <c>C</c>: keys with keys, the inverse of a triangle, keys and values by it, queries with keys, scores with values, <c>2·C</c>
    /// of each width, and three products with the state: <c>2·C·(3·dk + 2·dv) + 6·dk·dv + C²/3</c>.
    /// </summary>
    public static double ChunkedFlops(StateDimensions state)
    {
        ArgumentNullException.ThrowIfNull(state);
        double chunk = state.Chunk;
        return (2 * chunk * ((3d * state.KeySize) + (2d * state.ValueSize))) + (6d * state.KeySize * state.ValueSize) + (chunk * chunk / 3);
    }

    /// <summary>A token: the state decays, is asked by the key, is corrected, and is asked by the query: <c>7·dk·dv</c>.</summary>
    public static double UpdateFlops(StateDimensions state)
    {
        ArgumentNullException.ThrowIfNull(state);
        return 7d * state.KeySize * state.ValueSize;
    }

    /// <summary>
    /// Bytes of a row of a prompt as the six kernels of the gated rule move them: keys read four times and queries once, what stands between the kernels
    /// written and read, the state of each chunk in 16 bits.
    /// </summary>
    /// <param name="state">Widths.</param>
    /// <param name="keyHeads">Heads of keys.</param>
    /// <param name="valueHeads">Heads of values.</param>
    public static double StagedBytes(StateDimensions state, double keyHeads, double valueHeads)
    {
        ArgumentNullException.ThrowIfNull(state);
        const double Scalars = 40;
        return (keyHeads * 10 * state.KeySize)
            + (valueHeads * ((4d * state.KeySize) + (12d * state.ValueSize) + (12d * state.Chunk) + (4d * state.KeySize * state.ValueSize / state.Chunk) + Scalars));
    }

    /// <summary>The same of the rule with a decay a channel, whose decays are as wide as keys and in 32 bits.</summary>
    /// <param name="state">Widths.</param>
    /// <param name="heads">Heads.</param>
    public static double StagedChannelBytes(StateDimensions state, double heads)
    {
        ArgumentNullException.ThrowIfNull(state);
        return heads * ((34d * state.KeySize) + (12d * state.ValueSize) + (8d * state.Chunk) + (4d * state.KeySize * state.ValueSize / state.Chunk));
    }

    /// <summary>Decays and strengths of a prompt's rows: an exponential and a sigmoid a head; in decode the update has them in it.</summary>
    internal static void Gates(StageBuilder stage, double heads) =>
        stage.Vector("decay_gates", flops: ScalarFlops * stage.Rows * heads, bytes: ScalarBytes * stage.Rows * heads, kind: LaunchKind.DecayGate);
}
