using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Clocks;

/// <summary>A kernel of a block with a state at its rows.</summary>
/// <param name="Attention">Which of the kinds that keep a state.</param>
/// <param name="Launch">The convolution or the recurrence.</param>
/// <param name="IsDecode">Whether each sequence brings its next tokens alone.</param>
/// <param name="State">Widths.</param>
/// <param name="TensorParallel">Cards that share the heads.</param>
/// <param name="Rows">Tokens of all sequences.</param>
/// <param name="Sequences">Sequences.</param>
/// <param name="Bytes">Bytes that it moves.</param>
public readonly record struct StateKernel(
    AttentionKind Attention, LaunchKind Launch, bool IsDecode, StateDimensions State, int TensorParallel, double Rows, double Sequences, double Bytes);

/// <summary>Fitted times of kernels of blocks with a state, on one chip (docs/validation.md, "Kernels with a state").</summary>
internal sealed class StateKernelTimes
{
    private static readonly (AttentionKind Kind, string Word)[] Words =
    [
        (AttentionKind.GatedDelta, StateKernelTiming.GatedDelta),
        (AttentionKind.KimiDelta, StateKernelTiming.KimiDelta),
        (AttentionKind.StateSpace, StateKernelTiming.StateSpace),
    ];

    private readonly Dictionary<(AttentionKind Kind, LaunchKind Launch, bool IsDecode), double[]> parameters = [];

    /// <summary>Takes a chip's.</summary>
    /// <param name="forms">What was fitted.</param>
    public StateKernelTimes(FittedForms forms)
    {
        foreach ((AttentionKind kind, string word) in Words)
        {
            foreach (bool isDecode in (ReadOnlySpan<bool>)[false, true])
            {
                string phase = isDecode ? StateKernelTiming.Decode : StateKernelTiming.Prefill;
                Add((kind, LaunchKind.ShortConvolution, isDecode), forms.Find(StateKernelTiming.Convolution.Family, word + phase));
                Add((kind, LaunchKind.Recurrence, isDecode), forms.Find((isDecode ? StateKernelTiming.Update : StateKernelTiming.Scan).Family, word));
            }
        }
    }

    /// <summary>
    /// Microseconds of a kernel; null where it was not fitted. States of other layers pass between two updates of one, so that no update finds its own in a
    /// cache, as repeated measurements do.
    /// </summary>
    /// <param name="chip">The chip.</param>
    /// <param name="kernel">The kernel.</param>
    public double? Microseconds(TimingChip chip, in StateKernel kernel)
    {
        if (!parameters.TryGetValue((kernel.Attention, kernel.Launch, kernel.IsDecode), out double[]? fitted))
        {
            return null;
        }

        if (kernel.Launch == LaunchKind.ShortConvolution)
        {
            double steps = StateKernelTiming.ConvolutionSteps(chip, kernel.Sequences, kernel.State.Channels(kernel.TensorParallel));
            return StateKernelTiming.Microseconds(fitted, chip, kernel.Bytes, steps, isCached: true);
        }

        double chunks = kernel.Sequences > 0 ? Math.Ceiling(kernel.Rows / kernel.Sequences / kernel.State.Chunk) : 0;
        return StateKernelTiming.Microseconds(fitted, chip, kernel.Bytes, chunks, isCached: !kernel.IsDecode);
    }

    private void Add((AttentionKind, LaunchKind, bool) key, double[]? found)
    {
        if (found is not null)
        {
            parameters[key] = found;
        }
    }
}
