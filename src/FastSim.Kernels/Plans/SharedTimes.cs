using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Plans;

/// <summary>
/// What runs once over all tokens of a step goes by their number, and not by how long requests are: times that instances of one layout lately asked for,
/// whatever their lengths. Serves one thread.
/// </summary>
internal sealed class SharedTimes
{
    private const int Bits = 8;
    private readonly Asked[] decoding = new Asked[1 << Bits];
    private readonly Asked[] together = new Asked[1 << Bits];

    /// <summary>Whether all that runs once over all tokens of a step is the same on two stages that decode: they are of one layout, and their operators differ in those of the phase alone.</summary>
    /// <param name="table">A stage.</param>
    /// <param name="other">Another.</param>
    public static bool AreSame(OperatorTable table, OperatorTable other)
    {
        if (table.Count != other.Count || table.ActivationLog != other.ActivationLog || table.Shape with { Lengths = other.Shape.Lengths } != other.Shape)
        {
            return false;
        }

        for (int op = 0; op < table.Count; op++)
        {
            if (table.Identities[op] != other.Identities[op] || (!table.Identities[op].IsOfPhase && !table.IsSameAt(op, other)))
            {
                return false;
            }
        }

        return true;
    }

    /// <summary>Where the time of a step is remembered, or would be; whoever asks for another in its place writes it over.</summary>
    /// <param name="sequences">Sequences that get their next token, a rank; above 0.</param>
    /// <param name="prompts">Prompts that are prefilled, a rank.</param>
    /// <param name="newTokens">Tokens of each that are new.</param>
    public ref Asked PlaceOf(double sequences, double prompts, double newTokens)
    {
        const ulong Golden = 0x9E3779B97F4A7C15;
        ulong hash = BitConverter.DoubleToUInt64Bits(sequences) * Golden;
        if (prompts == 0)
        {
            return ref decoding[hash >> (64 - Bits)];
        }

        hash = (hash ^ (hash >> 32) ^ BitConverter.DoubleToUInt64Bits(prompts)) * Golden;
        hash = (hash ^ (hash >> 32) ^ BitConverter.DoubleToUInt64Bits(newTokens)) * Golden;
        return ref together[hash >> (64 - Bits)];
    }

    /// <summary>A step and what runs over all of its tokens, microseconds; of one that decodes alone launch by launch, and the sum once it was asked for. None is of no sequences.</summary>
    internal readonly record struct Asked(double Decoding, double Prompts, double NewTokens, double Microseconds, double[]? Launches)
    {
        /// <summary>Whether it is of a step.</summary>
        public bool Is(double decoding, double prompts, double newTokens) => Decoding == decoding && Prompts == prompts && NewTokens == newTokens;
    }
}
