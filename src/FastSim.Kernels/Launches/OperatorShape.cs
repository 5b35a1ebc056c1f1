using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>What of an operator decides its efficiency on a chip. Fields that a family does not speak of are 0.</summary>
/// <param name="Family">The family.</param>
/// <param name="Kind">Number format of its products; of the cache for latent attention.</param>
/// <param name="Rows">Rows of the product; sequences or prompts of attention; tokens of the expert group. What grows with the batch.</param>
/// <param name="Columns">Columns of the product; an expert's width; cached width and rank together of latent attention.</param>
/// <param name="Depth">Depth of the product; hidden width of an expert layer; head size; cached width of latent attention.</param>
/// <param name="Heads">Query heads; products side by side.</param>
/// <param name="KeyValueHeads">Key-value heads.</param>
/// <param name="Context">Tokens attended to, or of a prompt.</param>
/// <param name="Window">Tokens that a query may look back; 0 for all.</param>
/// <param name="CacheBytes">Bytes of a cached element.</param>
/// <param name="Chosen">Experts that a token chooses.</param>
/// <param name="Experts">Experts.</param>
/// <param name="TensorRanks">Ranks that share an expert.</param>
/// <param name="ExpertRanks">Ranks that share the experts.</param>
/// <param name="Skew">Exponent of the law by which tokens choose experts.</param>
/// <param name="Gates">Products into an expert: 2 where it is gated, else 1.</param>
/// <param name="Variant">1 for a family's second implementation (experts: CUTLASS's; products: whose input a kernel of its own quantises), else 0.</param>
/// <param name="NewTokens">Tokens of a prompt that are computed, where attention is of prompts in chunks.</param>
/// <param name="PastTokens">Tokens of it that are cached.</param>
/// <param name="OwnShare">Share of an expert group's tokens whose results a card writes: all, unless an exchange takes the others' back to them.</param>
public readonly record struct OperatorShape(
    OperatorFamily Family,
    NumberKind Kind,
    double Rows,
    double Columns = 0,
    double Depth = 0,
    double Heads = 0,
    double KeyValueHeads = 0,
    double Context = 0,
    double Window = 0,
    double CacheBytes = 0,
    double Chosen = 0,
    double Experts = 0,
    double TensorRanks = 0,
    double ExpertRanks = 0,
    double Skew = 0,
    double Gates = 0,
    double Variant = 0,
    double NewTokens = 0,
    double PastTokens = 0,
    double OwnShare = 1)
{
    private const double HalfBytes = 2;

    /// <summary>It at one sequence, at some; experts take whole tokens.</summary>
    internal OperatorShape At(double sequences) => this with
    {
        Rows = Family == OperatorFamily.Experts ? Math.Max(1, Math.Round(Rows * sequences)) : Rows * sequences,
    };

    /// <summary>
    /// Whether it is launched over and over by itself, as operators are measured: what fits the second-level cache then stays there. Between two launches of a model's
    /// block all its other weights pass through.
    /// </summary>
    public bool IsRepeated { get; init; }

    /// <summary>Copies of its weights that repeated launches of a product go round, so that each comes back when the others have passed; 0 as 1.</summary>
    public double Copies { get; init; }

    /// <summary>Whether it is a product that was timed alone, between two events that take what launches take (<see cref="ProductLaunches"/>); deployed it is not.</summary>
    public bool IsTimedAlone { get; init; }

    /// <summary>
    /// Number format whose kernel runs, where that is another than the operator's own, as where experts of 4 bits are unpacked for a kernel of 16: how the kernel is made goes by it, what is
    /// read and computed by the operator's own; null for its own.
    /// </summary>
    public NumberKind? Kernel { get; init; }

    /// <summary>Whether it has a cache of less than 16 bits.</summary>
    internal bool HasNarrowCache => CacheBytes is > 0 and < HalfBytes;

    /// <summary>Number format whose kernel runs.</summary>
    internal NumberKind KernelKind => Kernel ?? Kind;
}
