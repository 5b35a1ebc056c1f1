using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>
/// Which kernel plain decode attention runs in, and how that is launched, as TensorRT-LLM chooses (docs/surrogate.md, "Kernels of decoding"). Nothing of it goes by the sequences of a
/// batch or by a rate: more of the one are never faster for it, more of the other never slower.
/// </summary>
public static class DecodeKernels
{
    /// <summary>Query heads that share a key-value head in one block, at most.</summary>
    public const double MostShared = 32;

    private const double HalfBytes = 2;

    /// <summary>Least tokens of a piece, and pieces of that up to which there is one for each: of more there are the root of as many times them.</summary>
    private const double LeastTokens = 128;
    private const double AllPieces = 8;

    /// <summary>
    /// What generated kernels take at least over those that turn a query's position in themselves: one launch builds lengths before, one turns positions, and a small launch takes half of what the
    /// kernel's own does.
    /// </summary>
    private const double LaunchesOfGenerated = 2;

    /// <summary>The kernel of an operator.</summary>
    /// <param name="shape">The operator, of plain decode attention.</param>
    /// <param name="chip">The chip.</param>
    public static DecodeKernel Of(in OperatorShape shape, in RooflineChip chip)
    {
        double group = shape.Heads / shape.KeyValueHeads;
        if (group > MostShared)
        {
            return DecodeKernel.HeadByHead;
        }

        if (AreGenerated(chip))
        {
            return DecodeKernel.Fetching;
        }

        return group == 1 ? DecodeKernel.HeadByHead
            : IsNarrow(shape) && chip.IsAsynchronous ? DecodeKernel.Fetching
            : DecodeKernel.Shared;
    }

    /// <summary>Whether a chip's attention kernels are generated for it: its matrix units fetch their operands by themselves and compute 4-bit floats.</summary>
    /// <param name="chip">The chip.</param>
    public static bool AreGenerated(in RooflineChip chip) => chip.Structure.HasFourBitFloats && chip.IsAsynchronous;

    /// <summary>Whether one block walks a decoding sequence's whole cache: over 8 bits on synchronous units. Elsewhere idle units take parts.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    public static bool IsUnsplit(in OperatorShape shape, in RooflineChip chip) =>
        shape.Family == OperatorFamily.DecodeAttention && IsNarrow(shape) && !chip.IsAsynchronous;

    /// <summary>Pieces that a kernel cuts a sequence's context in at most, whatever units are idle; infinite where it has no such rule.</summary>
    /// <param name="shape">The operator, of plain decode attention.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="context">Tokens of the context that are read.</param>
    public static double MostPieces(in OperatorShape shape, in RooflineChip chip, double context)
    {
        if (IsUnsplit(shape, chip))
        {
            return 1;
        }

        if (Of(shape, chip) == DecodeKernel.HeadByHead || AreGenerated(chip))
        {
            return double.PositiveInfinity;
        }

        double pieces = Math.Max(1, context / LeastTokens);
        return Math.Min(pieces, Math.Sqrt(AllPieces * pieces));
    }

    /// <summary>What an operator's launches take at least over what those of its kernel take on other chips.</summary>
    /// <param name="shape">The operator, of plain decode attention.</param>
    /// <param name="chip">The chip.</param>
    public static double Launches(in OperatorShape shape, in RooflineChip chip) =>
        AreGenerated(chip) && Of(shape, chip) == DecodeKernel.Fetching ? LaunchesOfGenerated : 1;

    /// <summary>Parameters of a timing form as the chip launches and cuts the kernel that they are of.</summary>
    /// <param name="shape">The operator, of plain decode attention.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="run">Where they go.</param>
    internal static void Run(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters, Span<double> run)
    {
        double context = AttentionComponents.ReadTokens(shape);
        DecodeAttentionTiming.Run(parameters, Launches(shape, chip), context / MostPieces(shape, chip, context), run);
    }

    private static bool IsNarrow(in OperatorShape shape) => shape.CacheBytes is > 0 and < HalfBytes;
}
