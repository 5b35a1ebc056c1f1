namespace FastSim.Kernels.Launches;

/// <summary>Time of a kernel that finds an input's scale, or that scales and casts it: a pass over memory. Source: docs/validation.md, "Quantising".</summary>
public static class QuantizeTiming
{
    /// <summary>Kind of finding the scale.</summary>
    public const string ComputeScale = "compute_scale";

    /// <summary>Kind of scaling and casting.</summary>
    public const string Scale = "scale";

    private const int FloorMicroseconds = 0;
    private const int MemoryEfficiency = 1;
    private const int CacheMegabytes = 2;
    private const int CacheRatio = 3;

    private const double BytesPerMegabyte = 1e6;

    /// <summary>The parameters.</summary>
    public static TimingForm Form { get; } = new(
        "quantize",
        [
            new("floor_us", 1, 30, 4),
            new("memory_efficiency", 0.1, 1, 0.7),
            new("cache_megabytes", 1, 300, 30),
            new("cache_ratio", 1, 8, 2),
        ],
        []);

    /// <summary>Bytes an element takes to have its scale found: read in 16 bits.</summary>
    public const double ComputeScaleBytes = 2;

    /// <summary>Bytes an element takes to be scaled and cast: read in 16 bits, written in 8.</summary>
    public const double ScaleBytes = 3;

    /// <summary>Microseconds of a pass.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="bytes">Bytes read and written.</param>
    public static double Microseconds(ReadOnlySpan<double> parameters, TimingChip chip, double bytes)
    {
        // An input that the cache holds stays there from one kernel to the next; of one half again as large nothing does.
        double cached = Math.Clamp((3 * parameters[CacheMegabytes] * BytesPerMegabyte) - (2 * bytes), 0, bytes);
        return parameters[FloorMicroseconds]
            + ((bytes - cached + (cached / parameters[CacheRatio])) / (chip.MemoryBytesPerSecond * parameters[MemoryEfficiency]) * Norms.Microseconds);
    }
}
