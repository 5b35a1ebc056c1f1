namespace FastSim.Kernels.Launches;

/// <summary>
/// Time of latent attention over selected tokens. Every row gathers its own, however many heads share them, which is why the gather
/// decides and not the heads. Source: docs/validation.md, "Sparse attention".
/// </summary>
public static class SparseAttentionTiming
{
    private const int FloorMicroseconds = 0;
    private const int ComputeEfficiency = 1;
    private const int GatherRatio = 2;
    private const int Overlap = 3;

    /// <summary>Heads that a tile holds at least.</summary>
    private const double LeastHeads = 16;

    /// <summary>The parameters. Gathered tokens may come from a cache, so their rate is a ratio to the memory's and may exceed 1.</summary>
    public static TimingForm Form { get; } = new(
        "sparse_attention",
        [
            new("floor_us", 1, 60, 6),
            new("compute_efficiency", 0.02, 1, 0.4),
            new("gather_ratio", 0.1, 10, 1),
            new("overlap", 1, 8, 2),
        ],
        []);

    /// <summary>Microseconds of a kernel.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="peakFlopsPerSecond">Peak in 16 bits.</param>
    /// <param name="rows">Tokens that attend.</param>
    /// <param name="selected">Tokens each attends to, on average; of kernels that pad, as many as are selected at most.</param>
    /// <param name="heads">Heads of a rank.</param>
    /// <param name="cachedWidth">Width of a cached token.</param>
    /// <param name="latentWidth">Width of its part that values come from.</param>
    /// <param name="cacheBytes">Bytes of a cached element.</param>
    public static double Microseconds(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double peakFlopsPerSecond,
        double rows,
        double selected,
        double heads,
        double cachedWidth,
        double latentWidth,
        double cacheBytes)
    {
        double compute = 2 * rows * Math.Max(heads, LeastHeads) * (cachedWidth + latentWidth) * selected
            / (peakFlopsPerSecond * parameters[ComputeEfficiency]) * Norms.Microseconds;
        double gather = rows * selected * cachedWidth * cacheBytes
            / (chip.MemoryBytesPerSecond * parameters[GatherRatio]) * Norms.Microseconds;
        return parameters[FloorMicroseconds] + Norms.Of(compute, gather, parameters[Overlap]);
    }
}
