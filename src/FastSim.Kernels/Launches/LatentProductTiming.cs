namespace FastSim.Kernels.Launches;

/// <summary>Time of the batched products, a head each, that take latent attention's queries into the latent space and its values out of it. Source: docs/validation.md, "Latent products".</summary>
public static class LatentProductTiming
{
    private const int FloorMicroseconds = 0;
    private const int ComputeEfficiency = 1;
    private const int MemoryEfficiency = 2;
    private const int Overlap = 3;
    private const int WaveMicroseconds = 4;

    private const double RowTile = 64;
    private const double ColumnTile = 128;
    private const double ActivationBytes = 2;

    /// <summary>The parameters.</summary>
    public static TimingForm Form { get; } = new(
        "latent_product",
        [
            new("floor_us", 1, 15, 4),
            new("compute_efficiency", 0.05, 1, 0.5),
            new("memory_efficiency", 0.2, 1, 0.7),
            new("overlap", 1, 20, 2),
            new("wave_us", 0.01, 5, 0.5),
        ],
        []);

    /// <summary>Microseconds of the products of all heads.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="peakFlopsPerSecond">Peak of the data type.</param>
    /// <param name="tokens">Rows of each product.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="k">Depth.</param>
    /// <param name="n">Columns.</param>
    /// <param name="weightBytes">Bytes a weight.</param>
    /// <param name="inputBytes">Bytes that an element of the input moves, quantizing included.</param>
    public static double Microseconds(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double peakFlopsPerSecond,
        double tokens,
        double heads,
        double k,
        double n,
        double weightBytes,
        double inputBytes = ActivationBytes)
    {
        double rows = Math.Ceiling(tokens / RowTile) * RowTile;
        double compute = 2 * rows * heads * k * n / (peakFlopsPerSecond * parameters[ComputeEfficiency]) * Norms.Microseconds;
        double memory = ((heads * k * n * weightBytes) + (tokens * heads * ((k * inputBytes) + (n * ActivationBytes))))
            / (chip.MemoryBytesPerSecond * parameters[MemoryEfficiency]) * Norms.Microseconds;
        double waves = Math.Ceiling(heads * Math.Ceiling(tokens / RowTile) * n / ColumnTile / chip.ComputeUnits);
        return parameters[FloorMicroseconds] + Norms.Of(compute, memory, waves * parameters[WaveMicroseconds], parameters[Overlap]);
    }

    /// <summary>What no kernel is faster than: its floor, and the shares of the compute units' and the memory's peak that it reaches at most.</summary>
    public static LaunchBound Bound(ReadOnlySpan<double> parameters) =>
        new(parameters[FloorMicroseconds], 1 / parameters[ComputeEfficiency], 1 / parameters[MemoryEfficiency]);
}
