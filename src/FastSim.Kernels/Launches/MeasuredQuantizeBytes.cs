namespace FastSim.Kernels.Launches;

/// <summary>Bytes an input element takes to be quantised in a pass of its own: read in 16 bits, written in fewer.</summary>
public static class MeasuredQuantizeBytes
{
    /// <summary>To 8 bits.</summary>
    public const double EightBits = 3;

    /// <summary>To 4 bits.</summary>
    public const double FourBits = 2.5;
}
