namespace FastSim.Kernels.Models;

/// <summary>Which of the tokens before it a row attends to.</summary>
public enum ReachKind
{
    /// <summary>All of them.</summary>
    Whole,

    /// <summary>The last few, itself included.</summary>
    Window,

    /// <summary>Those of its own chunk: the context is cut into chunks of equal length.</summary>
    Chunk,
}

/// <summary>How far the attention of a block reaches back (docs/cost-model.md, "Blocks that differ").</summary>
/// <param name="Kind">All tokens, a sliding window or a chunk.</param>
/// <param name="Tokens">Tokens of the window or chunk; 0 for the whole context.</param>
public readonly record struct AttentionReach(ReachKind Kind, int Tokens)
{
    /// <summary>Attention to the whole context.</summary>
    public static AttentionReach Whole => default;

    /// <summary>Attention to the last <paramref name="tokens"/> tokens.</summary>
    public static AttentionReach Window(int tokens) => new(ReachKind.Window, tokens);

    /// <summary>Attention within chunks of <paramref name="tokens"/> tokens.</summary>
    public static AttentionReach Chunk(int tokens) => new(ReachKind.Chunk, tokens);

    /// <summary>Tokens whose keys and values are worth keeping after <paramref name="tokens"/> of them.</summary>
    public double Held(double tokens) => Kind == ReachKind.Whole ? tokens : Math.Min(tokens, Tokens);

    /// <summary>
    /// Context of a decode step on average. A window cuts the mid-generation context off; within chunks the context rises and falls, so
    /// its mean over the generated tokens counts.
    /// </summary>
    public double DecodeContext(SequenceLengths lengths)
    {
        ArgumentNullException.ThrowIfNull(lengths);
        long last = (long)lengths.Input + lengths.Output;
        return Kind == ReachKind.Chunk && last > Tokens
            ? MeanContext(lengths.Input, last)
            : Held(lengths.MidGenerationContext);
    }

    /// <summary>Context on average of the rows that follow <paramref name="before"/> tokens up to token <paramref name="last"/>, each attending to itself too.</summary>
    public double MeanContext(long before, long last) => (ContextSum(last) - ContextSum(before)) / (last - before);

    /// <summary>Contexts of the first <paramref name="tokens"/> tokens, summed.</summary>
    private double ContextSum(long tokens) => Kind switch
    {
        ReachKind.Window when tokens > Tokens => RisingSum(Tokens) + ((double)(tokens - Tokens) * Tokens),
        ReachKind.Chunk => (tokens / Tokens * RisingSum(Tokens)) + RisingSum(tokens % Tokens),
        _ => RisingSum(tokens),
    };

    /// <summary><c>1 + 2 + … + tokens</c>.</summary>
    private static double RisingSum(long tokens) => tokens * (tokens + 1d) / 2;
}
