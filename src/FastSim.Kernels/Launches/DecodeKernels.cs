using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>
/// Which kernel decode attention runs in, and how that is launched, as TensorRT-LLM chooses (docs/surrogate.md, "Kernels of decoding"). Nothing of it goes by the sequences of a
/// batch or by a rate: more of the one are never faster for it, more of the other never slower.
/// </summary>
public static class DecodeKernels
{
    /// <summary>Query heads that share a key-value head in one block, at most.</summary>
    public const double MostShared = 32;

    /// <summary>Least tokens of a piece, and pieces of that up to which there is one for each: of more there are the root of as many times them.</summary>
    private const double LeastTokens = 128;
    private const double AllPieces = 8;

    /// <summary>
    /// What generated kernels take at least over those that turn a query's position in themselves: one launch builds lengths before, one turns positions, and a small launch takes half of what the
    /// kernel's own does.
    /// </summary>
    private const double LaunchesOfGenerated = 2;

    /// <summary>
    /// What FlashMLA, which asynchronous units run where kernels are not generated, takes at least over a generated latent kernel: launches turn the query's position, share out the work and add up
    /// the parts around its own, where the generated kernel has the first alone; a small launch is half of a kernel's own, (1 + 3/2)/(1 + 1/2).
    /// </summary>
    private const double LaunchesOfFlash = 5.0 / 3;

    /// <summary>Heads of a latent cache that one block has at most.</summary>
    internal const double MostLatentHeads = 64;

    /// <summary>Whether a family is of decode attention, plain or latent.</summary>
    /// <param name="family">The family.</param>
    public static bool AreOf(OperatorFamily family) => family is OperatorFamily.DecodeAttention or OperatorFamily.DecodeLatentAttention;

    /// <summary>The kernel of an operator. Over a latent cache blocks share all heads, whatever their number.</summary>
    /// <param name="shape">The operator, of decode attention.</param>
    /// <param name="chip">The chip.</param>
    public static DecodeKernel Of(in OperatorShape shape, in RooflineChip chip)
    {
        if (IsLatent(shape))
        {
            return chip.IsAsynchronous ? DecodeKernel.Fetching : DecodeKernel.Shared;
        }

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
            : shape.HasNarrowCache && chip.IsAsynchronous ? DecodeKernel.Fetching
            : DecodeKernel.Shared;
    }

    /// <summary>Whether a chip's attention kernels are generated for it: its matrix units fetch their operands by themselves and compute 4-bit floats.</summary>
    /// <param name="chip">The chip.</param>
    public static bool AreGenerated(in RooflineChip chip) => chip.Structure.HasFourBitFloats && chip.IsAsynchronous;

    /// <summary>
    /// Whether one block walks a decoding sequence's whole cache, on synchronous units: over 8 bits, and over a latent cache, which is attended to as a prompt of as many rows as there are heads.
    /// Elsewhere idle units take parts.
    /// </summary>
    /// <param name="shape">The operator.</param>
    /// <param name="chip">The chip.</param>
    public static bool IsUnsplit(in OperatorShape shape, in RooflineChip chip) =>
        !chip.IsAsynchronous && (IsLatent(shape) || (shape.Family == OperatorFamily.DecodeAttention && shape.HasNarrowCache));

    /// <summary>Pieces that a kernel cuts a sequence's context in at most, whatever units are idle; infinite where it has no such rule.</summary>
    /// <param name="shape">The operator, of decode attention.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="context">Tokens of the context that are read.</param>
    public static double MostPieces(in OperatorShape shape, in RooflineChip chip, double context)
    {
        if (IsUnsplit(shape, chip))
        {
            return 1;
        }

        if (IsLatent(shape) || Of(shape, chip) == DecodeKernel.HeadByHead || AreGenerated(chip))
        {
            return double.PositiveInfinity;
        }

        double pieces = Math.Max(1, context / LeastTokens);
        return Math.Min(pieces, Math.Sqrt(AllPieces * pieces));
    }

    /// <summary>What an operator's launches take at least over what those of its kernel take on other chips.</summary>
    /// <param name="shape">The operator, of decode attention.</param>
    /// <param name="chip">The chip.</param>
    public static double Launches(in OperatorShape shape, in RooflineChip chip)
    {
        bool isFetching = Of(shape, chip) == DecodeKernel.Fetching;
        return IsLatent(shape)
            ? isFetching && !AreGenerated(chip) ? LaunchesOfFlash : 1
            : isFetching && AreGenerated(chip) ? LaunchesOfGenerated : 1;
    }

    /// <summary>
    /// Blocks that each walk all of a latent cache that they share, though its bytes come once: one for each 64 heads. Of generated kernels two units take 128 heads as a pair, and each the half of
    /// what comes.
    /// </summary>
    /// <param name="shape">The operator, of decode attention.</param>
    /// <param name="chip">The chip.</param>
    public static double Readers(in OperatorShape shape, in RooflineChip chip) =>
        IsLatent(shape) && !AreGenerated(chip) ? Math.Ceiling(shape.Heads / MostLatentHeads) : 1;

    /// <summary>Parameters of a timing form as the chip launches and cuts the kernel that they are of.</summary>
    /// <param name="shape">The operator, of decode attention.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="parameters">The parameters.</param>
    /// <param name="run">Where they go.</param>
    internal static void Run(in OperatorShape shape, in RooflineChip chip, ReadOnlySpan<double> parameters, Span<double> run)
    {
        double context = AttentionComponents.ReadTokens(shape);
        DecodeAttentionTiming.Run(parameters, Launches(shape, chip), context / MostPieces(shape, chip, context), Readers(shape, chip), run);
    }

    private static bool IsLatent(in OperatorShape shape) => shape.Family == OperatorFamily.DecodeLatentAttention;
}
