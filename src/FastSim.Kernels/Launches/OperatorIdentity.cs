using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>What an operator is, apart from its size.</summary>
/// <param name="Name">Name as <c>op_details</c> prints it.</param>
/// <param name="Kind">What kind of kernel it is, or is part of.</param>
/// <param name="Block">
/// Kind of block: <c>attention</c> (<c>attention_window_n</c>, <c>attention_chunk_n</c> where it does not reach the whole context), what keeps a state by its name,
/// <c>mlp</c>, <c>moe</c>, <c>logits</c> or <c>pipeline</c>; of a draft model the same after <c>draft_</c> or, of its later passes, <c>draft_next_</c>, and
/// <c>fusion</c> and <c>embedding</c>; of a vision encoder after <c>vision_</c>.
/// </param>
/// <param name="Part">Part of the stage.</param>
/// <param name="Engine">What runs it.</param>
/// <param name="Class">The class rows sum it under.</param>
/// <param name="Rate">The rate of its FLOP.</param>
/// <param name="ReadsCache">Whether it reads the key-value cache.</param>
public readonly record struct OperatorIdentity(
    string Name,
    LaunchKind Kind,
    string Block,
    StagePart Part,
    OperatorEngine Engine,
    OperatorClass Class,
    OperatorRate Rate,
    bool ReadsCache)
{
    /// <summary>Whether it is of a draft model's pass.</summary>
    public bool IsOfDraft { get; init; }

    /// <summary>Whether it writes what the memory keeps from pass to pass, or looks up what it does: keys, values, tables.</summary>
    public bool MovesStored { get; init; }

    /// <summary>
    /// Whether all that it moves comes from the memory or goes there, whatever a cache before the memory holds: weights do in every operator, keys, values and
    /// states in those that read or write them, whose intermediate results are little beside.
    /// </summary>
    public bool Streams => ReadsCache || MovesStored || Kind is LaunchKind.ShortConvolution or LaunchKind.Recurrence;

    /// <summary>Whether it is of a vision encoder, which runs before the language model, over the images of prompts alone.</summary>
    public bool IsOfEncoder { get; init; }

    /// <summary>Whether it is a product that ranks behind attention share out, of whose weights cards that prefill, too, keep more than decode reads.</summary>
    public bool IsSlice { get; init; }

    /// <summary>
    /// Whether it works on the rows of its own phase alone. Where an engine prefills beside decoding, all else runs once over the tokens of both.
    /// </summary>
    public bool IsOfPhase => IsOfDraft || IsOfEncoder || ReadsCache || Kind is LaunchKind.HeadProduct or LaunchKind.ScoreAndValue or LaunchKind.Score or LaunchKind.Value
        or LaunchKind.Softmax or LaunchKind.IndexScore or LaunchKind.Selection or LaunchKind.PromptCopy
        or LaunchKind.ContextExchange or LaunchKind.ContextCombine
        or LaunchKind.ShortConvolution or LaunchKind.Recurrence or LaunchKind.DecayGate;
}
