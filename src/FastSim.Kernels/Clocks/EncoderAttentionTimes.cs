using System.Globalization;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Clocks;

/// <summary>Fitted times of encoders' attention, on one chip: each width of heads that was measured is a kind (docs/validation.md, "Encoder attention").</summary>
internal sealed class EncoderAttentionTimes
{
    private const double Bytes = 2;

    private readonly (double HeadSize, double[] Parameters)[] kinds;

    /// <summary>Takes a chip's.</summary>
    /// <param name="forms">What was fitted.</param>
    public EncoderAttentionTimes(FittedForms forms) => kinds =
    [
        .. forms.Keys
            .Where(key => key.Family == EncoderAttentionTiming.Form.Family && key.Kind.StartsWith(EncoderAttentionTiming.SixteenBits, StringComparison.Ordinal))
            .Select(key => (Size: SizeOf(key.Kind), Parameters: forms.Find(key.Family, key.Kind)!))
            .Where(kind => kind.Size > 0)
            .OrderBy(kind => kind.Size),
    ];

    /// <summary>Microseconds of a kernel, by the narrowest measured heads that are as wide, else the widest; null where none were fitted.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="peakFlopsPerSecond">Peak of 16 bits.</param>
    /// <param name="pieces">Pieces whose rows see each other.</param>
    /// <param name="rows">Rows of each.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="headSize">Width of a head.</param>
    public double? Microseconds(TimingChip chip, double peakFlopsPerSecond, double pieces, double rows, double heads, double headSize)
    {
        if (kinds.Length == 0)
        {
            return null;
        }

        int place = Array.FindIndex(kinds, kind => kind.HeadSize >= headSize);
        return EncoderAttentionTiming.Microseconds(
            kinds[place < 0 ? kinds.Length - 1 : place].Parameters,
            chip,
            peakFlopsPerSecond,
            pieces,
            rows,
            heads,
            headSize,
            pieces * rows * 4 * heads * headSize * Bytes);
    }

    private static double SizeOf(string kind) =>
        double.TryParse(kind.AsSpan(EncoderAttentionTiming.SixteenBits.Length), NumberStyles.None, CultureInfo.InvariantCulture, out double size) ? size : 0;
}
