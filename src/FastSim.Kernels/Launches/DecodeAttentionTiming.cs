namespace FastSim.Kernels.Launches;

/// <summary>
/// Time of one decode attention kernel: sequences and key-value heads are rows of work, whose context is split over idle compute units
/// in chunks and reduced afterwards; against the memory and the compute rate. Source: docs/validation.md, "Decode attention".
/// </summary>
public static class DecodeAttentionTiming
{
    private const int FloorMicroseconds = 0;
    private const int MemoryEfficiency = 1;
    private const int BlockMicroseconds = 2;
    private const int TokenNanoseconds = 3;
    private const int ChunkTokens = 4;
    private const int BlocksPerUnit = 5;
    private const int Overlap = 6;
    private const int ReduceMicroseconds = 7;
    private const int ComputeEfficiency = 8;

    /// <summary>Bytes a token at which <c>token_ns</c> is stated.</summary>
    private const double ReferenceBytesPerToken = 512;

    /// <summary>The parameters.</summary>
    public static TimingForm Form { get; } = new(
        "decode_attention",
        [
            new("floor_us", 2, 20, 7),
            new("memory_efficiency", 0.3, 1, 0.85),
            new("block_us", 0.05, 15, 3),
            new("token_ns", 1e-3, 100, 3),
            new("chunk_tokens", 32, 2e5, 128),
            new("blocks_per_unit", 0.05, 4, 1),
            new("overlap", 1, 10, 3),
            new("reduce_us", 0.1, 20, 3),
            new("compute_efficiency", 0.02, 1, 0.4),
        ],
        [[4, 0.85, 1, 1, 64, 1, 2, 6, 0.4], [10, 0.85, 5, 10, 190_000, 1, 4, 3, 0.5]]);

    /// <summary>Parameters of a kernel as a chip runs it.</summary>
    /// <param name="parameters">The kernel's parameters, in the form's order.</param>
    /// <param name="launches">What its launches take at least over those of the kernel that the parameters are of.</param>
    /// <param name="pieceTokens">Tokens of a piece of the context at least.</param>
    /// <param name="readers">Rows that read the same tokens, each all of them, though their bytes count once.</param>
    /// <param name="run">Receives the parameters.</param>
    internal static void Run(ReadOnlySpan<double> parameters, double launches, double pieceTokens, double readers, Span<double> run)
    {
        parameters.CopyTo(run);
        run[FloorMicroseconds] *= launches;
        run[TokenNanoseconds] *= Math.Sqrt(readers);
        run[ChunkTokens] = Math.Max(run[ChunkTokens], pieceTokens);
    }

    /// <summary>Microseconds of a kernel.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="peakFlopsPerSecond">Peak of the data type.</param>
    /// <param name="rows">Sequences times key-value heads.</param>
    /// <param name="context">Tokens each attends to.</param>
    /// <param name="bytesPerToken">Bytes of cache a row reads a token.</param>
    /// <param name="flopsPerToken">FLOP a row does a token, all its query heads.</param>
    /// <param name="otherBytes">Bytes a row reads and writes besides.</param>
    /// <param name="sharing">Rows that read the same cache.</param>
    public static double Microseconds(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double peakFlopsPerSecond,
        double rows,
        double context,
        double bytesPerToken,
        double flopsPerToken,
        double otherBytes,
        double sharing)
    {
        double slots = chip.ComputeUnits * parameters[BlocksPerUnit];
        double mostSplits = Math.Max(1, context / parameters[ChunkTokens]);
        double splits = Math.Min(Math.Max(1, slots / rows), mostSplits);
        double waves = Math.Max(1, rows * splits / slots);
        double blocks = waves * (parameters[BlockMicroseconds]
            + (context / splits * parameters[TokenNanoseconds] * 1e-3 * Math.Sqrt(bytesPerToken / ReferenceBytesPerToken)));
        double memoryRate = chip.MemoryBytesPerSecond * parameters[MemoryEfficiency] / Norms.Microseconds;
        double memory = ((rows * context * bytesPerToken / sharing) + (rows * otherBytes)) / memoryRate;
        double compute = rows * context * flopsPerToken / (peakFlopsPerSecond * parameters[ComputeEfficiency]) * Norms.Microseconds;
        double reduce = parameters[ReduceMicroseconds] * (1 - (1 / mostSplits));
        return parameters[FloorMicroseconds] + reduce + Norms.Of(blocks, memory, compute, parameters[Overlap]);
    }

    /// <summary>What no kernel is faster than: its floor, and the shares of the compute units' and the memory's peak that it reaches at most.</summary>
    public static LaunchBound Bound(ReadOnlySpan<double> parameters) =>
        new(parameters[FloorMicroseconds], 1 / parameters[ComputeEfficiency], 1 / parameters[MemoryEfficiency]);
}
