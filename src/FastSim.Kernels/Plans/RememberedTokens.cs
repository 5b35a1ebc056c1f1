using System.Diagnostics.CodeAnalysis;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Plans;

/// <summary>
/// What runs once over all tokens of steps that decode with prompts goes by their number alone, but for the projection to the vocabulary: times at numbers of tokens that a thread
/// lately asked for. A prompt with some sequences and a longer one with fewer meet here.
/// </summary>
internal static class RememberedTokens
{
    private const int Bits = 9;

    [ThreadStatic]
    private static Asked[]? remembered;

    /// <summary>Where the times of a layout's steps are remembered, or would be; whoever asks for others in their place writes them over.</summary>
    /// <param name="sequences">As many sequences as have all the tokens.</param>
    public static ref Asked PlaceOf(double sequences) => ref (remembered ??= new Asked[1 << Bits])[ShapeHash.PlaceOf(sequences, Bits)];

    /// <summary>Times of a layout's steps.</summary>
    /// <param name="layout">What instances of the layout have in common (<see cref="SharedTimes.Number"/>).</param>
    /// <param name="sequences">As many sequences as have all the tokens.</param>
    /// <param name="parts">Microseconds of the launches, by part, of exchanges what work does not hide.</param>
    /// <param name="exchanged">Microseconds of the exchanges, hidden or not.</param>
    internal struct Asked(long layout, double sequences, in StepParts parts, double exchanged)
    {
        private readonly long layout = layout;
        private readonly double sequences = sequences;
        private StepParts parts = parts;

        /// <summary>Microseconds of the launches, by part, of exchanges what work does not hide; the projection's are put there by whoever asks.</summary>
        [UnscopedRef]
        public ref StepParts Parts => ref parts;

        /// <summary>Microseconds of the exchanges, hidden or not.</summary>
        public double Exchanged { get; } = exchanged;

        /// <summary>Whether these are they.</summary>
        public readonly bool Is(long other, double asked) => layout == other && sequences == asked;
    }
}
