using FastSim.Kernels.Launches;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// What runs once over all tokens of a step goes by their number, and not by how long requests are: times that instances of one layout lately asked for,
/// whatever their lengths. Serves one thread.
/// </summary>
internal sealed class SharedTimes
{
    private const int Bits = 8;
    private const int LogitsBits = 5;
    private static long numbered;

    private readonly Asked[] decoding = new Asked[1 << Bits];
    private readonly Logits[] logits = new Logits[1 << LogitsBits];

    /// <summary>Which it is of all, above 0: what a thread remembers of it refers to nothing, which is no work for the collector.</summary>
    public long Number { get; } = Interlocked.Increment(ref numbered);

    /// <summary>Whether all that runs once over all tokens of a step is the same on two stages that decode: they are of one layout, and their operators differ in those of the phase alone.</summary>
    /// <param name="table">A stage.</param>
    /// <param name="other">Another.</param>
    /// <param name="isOfAttentionAlone">Whether the first was the same as the other until its attention was lowered again for other lengths.</param>
    public static bool AreSame(OperatorTable table, OperatorTable other, bool isOfAttentionAlone)
    {
        if (!isOfAttentionAlone
            && (table.Count != other.Count || table.ActivationLog != other.ActivationLog || !table.Shape.IsAlike(other.Shape)))
        {
            return false;
        }

        int count = isOfAttentionAlone ? table.AttentionCount : table.Count;
        for (int op = 0; op < count; op++)
        {
            if (table.Identities[op] != other.Identities[op] || (!table.Identities[op].IsOfPhase && !table.IsSameAt(op, other)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Where the time of a step that decodes alone is remembered, or would be; whoever asks for another in its place writes it over.</summary>
    /// <param name="sequences">Sequences that get their next token, a rank; above 0.</param>
    public ref Asked PlaceOf(double sequences) => ref decoding[ShapeHash.PlaceOf(sequences, Bits)];

    /// <summary>Where the time of the projection to the vocabulary is remembered, or would be; whoever asks for another in its place writes it over.</summary>
    /// <param name="samples">As many sequences as get a token; above 0.</param>
    public ref Logits LogitsAt(double samples) => ref logits[ShapeHash.PlaceOf(samples, LogitsBits)];

    /// <summary>The projection to the vocabulary and what follows it, and their exchanges, hidden or not, microseconds. None is of no samples.</summary>
    internal readonly record struct Logits(double Samples, double Microseconds, double Exchanged);

    /// <summary>A step that decodes alone and what runs over all of its tokens, microseconds, launch by launch, and the sum once it was asked for. None is of no sequences.</summary>
    internal readonly record struct Asked(double Decoding, double Microseconds, double[]? Launches);
}
