namespace FastSim.Kernels.Launches;

/// <summary>
/// Time of one prefill attention kernel: tiles of query rows, each over the context it sees, spread over the compute units; a few long
/// tiles leave units idle. Source: docs/validation.md, "Prefill attention".
/// </summary>
public static class PrefillAttentionTiming
{
    private const int FloorMicroseconds = 0;
    private const int ComputeEfficiency = 1;
    private const int MemoryEfficiency = 2;
    private const int TileTokens = 3;
    private const int QueryTile = 4;
    private const int Overlap = 5;
    private const int BlockMicroseconds = 6;
    private const int HalfTokens = 7;

    /// <summary>The parameters.</summary>
    public static TimingForm Form { get; } = new(
        "prefill_attention",
        [
            new("floor_us", 2, 30, 10),
            new("compute_efficiency", 0.1, 1, 0.6),
            new("memory_efficiency", 0.2, 1, 0.7),
            new("tile_tokens", 0.01, 128, 1),
            new("query_tile", 64, 192, 96),
            new("overlap", 1, 8, 2),
            new("block_us", 0.05, 10, 2),
            new("half_tokens", 0.01, 100, 1),
        ],
        []);

    /// <summary>Microseconds of a kernel.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="peakFlopsPerSecond">Peak of the data type.</param>
    /// <param name="sequences">Prompts.</param>
    /// <param name="tokens">Tokens of each; where some are cached, the length of a prompt of the same area.</param>
    /// <param name="heads">Query heads.</param>
    /// <param name="headWidth">Widths of score and value product together.</param>
    /// <param name="window">Tokens a query may look back; 0 for all.</param>
    /// <param name="bytes">Bytes read and written.</param>
    public static double Microseconds(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double peakFlopsPerSecond,
        double sequences,
        double tokens,
        double heads,
        double headWidth,
        double window,
        double bytes)
    {
        double tile = parameters[QueryTile];
        bool isWindowed = window > 0 && window < tokens;
        double context = isWindowed ? window : ((tokens + tile) / 2) + parameters[TileTokens];
        double unitFlops = peakFlopsPerSecond * parameters[ComputeEfficiency] / chip.ComputeUnits / Norms.Microseconds
            * (tokens / (tokens + parameters[HalfTokens]));
        double blocks = sequences * heads * Math.Ceiling(tokens / tile);
        double waves = Math.Max(1, blocks / chip.ComputeUnits);
        double compute = waves * ((2 * tile * context * headWidth / unitFlops) + parameters[BlockMicroseconds]);
        if (blocks < chip.ComputeUnits)
        {
            double longest = (2 * tile * (isWindowed ? window : tokens) * headWidth / unitFlops) + parameters[BlockMicroseconds];
            compute = Math.Max(compute, longest);
        }

        double memory = bytes / (chip.MemoryBytesPerSecond * parameters[MemoryEfficiency]) * Norms.Microseconds;
        return parameters[FloorMicroseconds] + Norms.Of(compute, memory, parameters[Overlap]);
    }
}
