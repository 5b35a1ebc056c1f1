using System.Numerics;
using System.Runtime.CompilerServices;

namespace FastSim.Kernels.Roofline;

/// <summary>Answers about operators, a bit each, in words: most stages have one word of operators.</summary>
internal static class OperatorBits
{
    /// <summary>Operators of a word.</summary>
    public const int Width = 64;

    /// <summary>Words of some operators.</summary>
    public static int WordsOf(int operators) => (operators + Width - 1) / Width;

    /// <summary>The bits from one on up to another of a word, which may lie beyond its ends.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Mask(int from, int to) => Below(to) & ~Below(from);

    /// <summary>Answers for an operator.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Set(ulong[] words, int op, bool isYes)
    {
        ulong bit = 1UL << (op % Width);
        ref ulong word = ref words[op / Width];
        word = isYes ? word | bit : word & ~bit;
    }

    /// <summary>The answer for an operator.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool Has(ulong[] words, int op) => ((words[(uint)op / Width] >> (op % Width)) & 1) != 0;

    /// <summary>Whether the answer is yes for some operator from one on up to another.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static bool HaveAny(ulong[] words, int from, int to)
    {
        ulong any = 0;
        for (int word = from / Width; word * Width < to; word++)
        {
            any |= words[word] & Mask(from - (word * Width), to - (word * Width));
        }

        return any != 0;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Below(int end) => end >= Width ? ulong.MaxValue : end <= 0 ? 0 : (1UL << end) - 1;
}

/// <summary>Operators from one on up to another whose answer is yes, in their order; for <c>foreach</c>.</summary>
internal ref struct SomeOperators
{
    private readonly ReadOnlySpan<ulong> words;
    private readonly int from;
    private readonly int to;
    private int word;
    private ulong left;

    /// <summary>Before the first.</summary>
    public SomeOperators(ReadOnlySpan<ulong> words, int from, int to)
    {
        this.words = words;
        (this.from, this.to) = (from, to);
        word = from / OperatorBits.Width;
        left = Left();
    }

    /// <summary>The operator.</summary>
    public int Current { get; private set; }

    /// <summary>Itself.</summary>
    public readonly SomeOperators GetEnumerator() => this;

    /// <summary>The next, if there is one.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool MoveNext()
    {
        while (left == 0)
        {
            word++;
            if (word * OperatorBits.Width >= to)
            {
                return false;
            }

            left = Left();
        }

        Current = (word * OperatorBits.Width) + BitOperations.TrailingZeroCount(left);
        left &= left - 1;
        return true;
    }

    private readonly ulong Left() => words[word] & OperatorBits.Mask(from - (word * OperatorBits.Width), to - (word * OperatorBits.Width));
}
