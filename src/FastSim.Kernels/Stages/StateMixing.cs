using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// What blocks with a state have in common (docs/cost-model.md, "Blocks with a state"): a short convolution before the recurrence, the state that both
/// carry over, a gated norm after it.
/// </summary>
internal static class StateMixing
{
    /// <summary>Bytes of an element of what a convolution remembers and of its weights.</summary>
    private const double ConvolutionBytes = 2;

    private const double SiluFlops = 4;

    /// <summary>
    /// The convolution of the kernel's width over each channel by itself: <c>2·c</c> FLOP an element and an activation; it reads and writes the rows, and
    /// what each sequence remembers of its last tokens.
    /// </summary>
    /// <param name="stage">The stage.</param>
    /// <param name="state">Widths.</param>
    /// <param name="activates">Whether an activation follows.</param>
    public static void Convolve(StageBuilder stage, StateDimensions state, bool activates = true)
    {
        int tensorParallel = stage.Shape.Layout.TensorParallel;
        double channels = state.Channels(tensorParallel);
        double weights = channels * (state.Convolution + (state.HasConvolutionBias ? 1 : 0));
        AffineInBatch elements = stage.Rows * channels;
        stage.Vector(
            "short_convolution",
            flops: elements * ((2 * state.Convolution) + (activates ? SiluFlops : 0)),
            bytes: (elements * (2 * stage.ActivationBytes))
                + (stage.Sequences * (2 * state.RememberedElements(tensorParallel) * ConvolutionBytes))
                + (weights * ConvolutionBytes),
            weightElements: weights,
            kind: LaunchKind.ShortConvolution);
    }

    /// <summary>
    /// Bytes of the states that a pass reads and writes: once a sequence; where rows are drafts that may be taken back, one state a row is written.
    /// </summary>
    public static AffineInBatch StateBytes(StageBuilder stage, StateDimensions state)
    {
        double bytes = state.StateElements(stage.Shape.Layout.TensorParallel) * state.StateBytes;
        return stage.Shape.Phase == Phase.Decode ? (stage.Sequences * bytes) + (stage.Rows * bytes) : stage.Sequences * (2 * bytes);
    }

    /// <summary>The recurrence: a product with the context of chunks in prefill, an update of each state in decode.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="flops">FLOP of a row.</param>
    /// <param name="bytes">Bytes of a row, states left out.</param>
    /// <param name="state">Widths.</param>
    /// <param name="weights">Small weights of the heads, elements.</param>
    /// <param name="scan">Name of a prefill that is a pass over channels and no product; null where chunks are multiplied.</param>
    public static void Recur(StageBuilder stage, double flops, double bytes, StateDimensions state, double weights, string? scan = null)
    {
        AffineInBatch moved = (stage.Rows * bytes) + StateBytes(stage, state) + (weights * StateWeightBytes);
        bool isPrompt = stage.Shape.Phase == Phase.Prefill;
        stage.Recurrence(isPrompt ? scan ?? "chunked_recurrence" : "state_update", isPrompt && scan is null, stage.Rows * flops, moved, weights, state);
    }

    /// <summary>The norm of each head's output, gated: it reads the output and the gate and writes one.</summary>
    public static void GatedNorm(StageBuilder stage, double width, double weights) =>
        stage.Vector(
            "gated_norm",
            flops: 8 * stage.Rows * width,
            bytes: (3 * stage.Rows * width * stage.ActivationBytes) + (weights * ConvolutionBytes),
            weightElements: weights);

    /// <summary>The output projection, and what follows it in every attention block.</summary>
    public static void Output(StageBuilder stage, double width)
    {
        stage.Weigh(Projection.AttentionOutput);
        stage.Linear("output_projection", stage.Rows, width, stage.Shape.Model.Hidden);
        stage.TensorParallelAllReduce(stage.Rows, bytesPerElement: 0);
        stage.OutputNorm(stage.Rows);
        stage.Residual(stage.Rows);
    }

    /// <summary>Kernels take a head's decay and step bias in 32 bits.</summary>
    private const double StateWeightBytes = 4;
}
