namespace FastSim.Kernels.Models;

/// <summary>
/// Widths of a block that keeps a state of a sequence in place of a cache of its tokens (docs/cost-model.md, "Blocks with a state"). A head's state is a
/// matrix of <paramref name="KeySize"/> by <paramref name="ValueSize"/>; heads of keys and queries may be shared by several of values.
/// </summary>
/// <param name="KeyHeads">Heads of keys and queries: <c>linear_num_key_heads</c>; of a state space its groups, <c>n_groups</c>.</param>
/// <param name="ValueHeads">Heads of values, each with a state: <c>linear_num_value_heads</c>, <c>mamba_num_heads</c>.</param>
/// <param name="KeySize">Width of a key, elements: <c>linear_key_head_dim</c>, <c>ssm_state_size</c>.</param>
/// <param name="ValueSize">Width of a value, elements: <c>linear_value_head_dim</c>, <c>mamba_head_dim</c>.</param>
/// <param name="Convolution">Tokens that the short convolution before it reaches over: <c>linear_conv_kernel_dim</c>, <c>conv_kernel</c>; 1 of kinds that have none.</param>
/// <param name="Chunk">Tokens of a chunk that prefill works off at once.</param>
/// <param name="StateBytes">Bytes of an element of the state: kernels keep it in 32 bits unless a model says otherwise.</param>
public sealed record StateDimensions(int KeyHeads, int ValueHeads, int KeySize, int ValueSize, int Convolution, int Chunk, double StateBytes)
{
    /// <summary>Bytes of an element of what a convolution remembers: it is kept as activations are.</summary>
    private const double ConvolutionBytes = 2;

    /// <summary>Whether the convolution has a bias.</summary>
    public bool HasConvolutionBias { get; init; }

    /// <summary>Whether the gate of the output is projected by way of a head's width (Kimi Linear); else directly.</summary>
    public bool HasNarrowGate { get; init; }

    /// <summary>Whether the convolution goes over the values alone (Mamba-1); else over queries and keys, too.</summary>
    public bool ConvolvesValuesAlone { get; init; }

    /// <summary>Width by way of which the steps of Mamba-1's channels are projected; 0 of other kinds.</summary>
    public int StepRank { get; init; }

    /// <summary>Whether the output is gated without a norm (Falcon-H1 where <c>mamba_rms_norm</c> is off).</summary>
    public bool LacksNorm { get; init; }

    /// <summary>Heads of keys on a card: a card keeps a whole one at least.</summary>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    public double KeyHeadsOf(int tensorParallel) => Math.Max(1, (double)KeyHeads / tensorParallel);

    /// <summary>Width of all keys on a card, elements; of the queries as much.</summary>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    public double KeyWidth(int tensorParallel) => KeyHeadsOf(tensorParallel) * KeySize;

    /// <summary>Width of all values on a card, elements.</summary>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    public double ValueWidth(int tensorParallel) => (double)ValueHeads / tensorParallel * ValueSize;

    /// <summary>Channels of the convolution on a card: queries, keys and values, or values alone.</summary>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    public double Channels(int tensorParallel) => (ConvolvesValuesAlone ? 0 : 2 * KeyWidth(tensorParallel)) + ValueWidth(tensorParallel);

    /// <summary>Elements of a sequence's state on a card, without what the convolution remembers.</summary>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    public double StateElements(int tensorParallel) => ValueWidth(tensorParallel) * KeySize;

    /// <summary>Elements of a sequence that the convolution remembers on a card: the tokens before the next one, and drafts that may be taken back.</summary>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    /// <param name="drafts">Tokens drafted a step.</param>
    public double RememberedElements(int tensorParallel, int drafts = 0) => Convolution > 1 ? Channels(tensorParallel) * (Convolution - 1 + drafts) : 0;

    /// <summary>Bytes of a sequence that a block keeps on a card, however long the context.</summary>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    /// <param name="drafts">Tokens drafted a step.</param>
    public double BytesPerSequence(int tensorParallel, int drafts = 0) =>
        (StateElements(tensorParallel) * StateBytes) + (RememberedElements(tensorParallel, drafts) * ConvolutionBytes);

    /// <summary>Whether <paramref name="tensorParallel"/> cards can share the heads: each has whole ones of values, and of keys whole ones or one that others have, too.</summary>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    public bool Divides(int tensorParallel) =>
        ValueHeads % tensorParallel == 0 && (KeyHeads % tensorParallel == 0 || tensorParallel % KeyHeads == 0);
}
