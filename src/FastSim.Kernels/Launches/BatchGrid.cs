namespace FastSim.Kernels.Launches;

/// <summary>
/// The batches at which learned efficiencies are asked for: every one to 16, then eight an octave. Between two of them the lower one's answer
/// holds, as between rows of a table.
/// </summary>
public static class BatchGrid
{
    private const int Whole = 16;
    private const int FirstOctave = 4;
    private const int OctaveBits = 3;
    private const int PerOctave = 1 << OctaveBits;
    private const int LastOctave = 20;
    private const int MantissaBits = 52;
    private const int ExponentBias = 1023;

    private static readonly double[] Batches = [.. Enumerable.Range(0, Count).Select(Sequences)];

    /// <summary>Points there are.</summary>
    public static int Count => Whole - 1 + ((LastOctave - FirstOctave) * PerOctave);

    /// <summary>The point whose answer holds at a batch; the first below 1, the last above all.</summary>
    public static int IndexOf(double sequences)
    {
        if (sequences < Whole)
        {
            return Math.Max(1, (int)sequences) - 1;
        }

        long bits = BitConverter.DoubleToInt64Bits(sequences);
        int octave = (int)(bits >> MantissaBits) - ExponentBias;
        int place = (int)(bits >> (MantissaBits - OctaveBits)) & (PerOctave - 1);
        return Math.Min(Whole - 1 + ((octave - FirstOctave) * PerOctave) + place, Count - 1);
    }

    /// <summary>Sequences of a point.</summary>
    public static double At(int index) => Batches[index];

    private static double Sequences(int index)
    {
        if (index < Whole)
        {
            return index + 1;
        }

        int beyond = index - (Whole - 1);
        return Math.ScaleB(1 + ((double)(beyond % PerOctave) / PerOctave), FirstOctave + (beyond / PerOctave));
    }
}
