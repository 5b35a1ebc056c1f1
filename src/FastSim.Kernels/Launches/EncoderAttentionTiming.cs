namespace FastSim.Kernels.Launches;

/// <summary>
/// Time of one attention kernel of an encoder, whose rows all see each other: tiles of query rows, each over the whole piece, spread over the compute units in
/// waves that are whole in part. Kernels are made for widths of heads, so that each width is a kind. Source: docs/validation.md, "Encoder attention".
/// </summary>
public static class EncoderAttentionTiming
{
    private const int FloorMicroseconds = 0;
    private const int ComputeEfficiency = 1;
    private const int MemoryEfficiency = 2;
    private const int QueryTile = 3;
    private const int Overlap = 4;
    private const int BlockMicroseconds = 5;
    private const int HalfTokens = 6;
    private const int WholeWaves = 7;

    /// <summary>What a kind's name begins with; the width of a head follows.</summary>
    public const string SixteenBits = "bfloat16/";

    /// <summary>The parameters.</summary>
    public static TimingForm Form { get; } = new(
        "encoder_attention",
        [
            new("floor_us", 0.5, 100, 8),
            new("compute_efficiency", 0.02, 1, 0.5),
            new("memory_efficiency", 0.05, 1, 0.5),
            new("query_tile", 16, 256, 128),
            new("overlap", 1, 8, 2),
            new("block_us", 0.001, 20, 0.5),
            new("half_tokens", 0.01, 2000, 50),
            new("whole_waves", 0.001, 1, 0.3),
        ],
        [[5, 0.3, 0.8, 64, 4, 0.05, 100, 0.6], [5, 0.4, 0.5, 192, 2, 2, 10, 0.5]]);

    /// <summary>Microseconds of a kernel.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="peakFlopsPerSecond">Peak of the data type.</param>
    /// <param name="pieces">Pieces whose rows see each other: images, tiles or windows.</param>
    /// <param name="rows">Rows of each.</param>
    /// <param name="heads">Heads.</param>
    /// <param name="headSize">Width of a head.</param>
    /// <param name="bytes">Bytes read and written.</param>
    public static double Microseconds(
        ReadOnlySpan<double> parameters, TimingChip chip, double peakFlopsPerSecond, double pieces, double rows, double heads, double headSize, double bytes)
    {
        double tile = parameters[QueryTile];
        double unitFlops = peakFlopsPerSecond * parameters[ComputeEfficiency] / chip.ComputeUnits / Norms.Microseconds
            * (rows / (rows + parameters[HalfTokens]));
        double waves = pieces * heads * Math.Ceiling(rows / tile) / chip.ComputeUnits;
        waves = Math.Max(1, waves + (parameters[WholeWaves] * (Math.Ceiling(waves) - waves)));
        double compute = waves * ((4 * tile * rows * headSize / unitFlops) + parameters[BlockMicroseconds]);
        double memory = bytes / (chip.MemoryBytesPerSecond * parameters[MemoryEfficiency]) * Norms.Microseconds;
        return parameters[FloorMicroseconds] + Norms.Of(compute, memory, parameters[Overlap]);
    }
}
