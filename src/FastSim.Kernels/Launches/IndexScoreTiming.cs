namespace FastSim.Kernels.Launches;

/// <summary>
/// Time of the kernel that scores cached tokens for sparse attention: blocks of 128 rows of queries and heads each go over the context they
/// see; their scores are written in 32 bits. Source: docs/validation.md, "Index score".
/// </summary>
public static class IndexScoreTiming
{
    /// <summary>Kind whose queries and keys have 8 bits.</summary>
    public const string EightBits = "fp8";

    private const int FloorMicroseconds = 0;
    private const int ComputeEfficiency = 1;
    private const int MemoryEfficiency = 2;
    private const int BlockMicroseconds = 3;
    private const int Overlap = 4;

    private const double BlockRows = 128;
    private const double ScoreBytes = 4;

    /// <summary>The parameters.</summary>
    public static TimingForm Form { get; } = new(
        "index_score",
        [
            new("floor_us", 1, 20, 4),
            new("compute_efficiency", 0.05, 1, 0.5),
            new("memory_efficiency", 0.1, 1, 0.7),
            new("block_us", 0.01, 10, 1),
            new("overlap", 1, 8, 2),
        ],
        []);

    /// <summary>Microseconds of a kernel.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="peakFlopsPerSecond">Peak of the data type.</param>
    /// <param name="queries">Tokens that ask, of all sequences.</param>
    /// <param name="context">Tokens each sees, on average.</param>
    /// <param name="longest">Tokens that the one that sees most sees.</param>
    /// <param name="heads">Heads of the indexer.</param>
    /// <param name="headSize">Width of a head.</param>
    /// <param name="keyBytes">Bytes of cached keys that are read, each once.</param>
    /// <param name="splitsContext">Whether idle units take parts of the context, as decode kernels do; else a block goes over its own alone.</param>
    public static double Microseconds(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double peakFlopsPerSecond,
        double queries,
        double context,
        double longest,
        double heads,
        double headSize,
        double keyBytes,
        bool splitsContext)
    {
        double blocks = splitsContext ? queries * heads / BlockRows : Math.Ceiling(queries * heads / BlockRows);
        double tokenMicroseconds = 2 * BlockRows * headSize
            / (peakFlopsPerSecond * parameters[ComputeEfficiency] / chip.ComputeUnits) * Norms.Microseconds;
        double perUnit = blocks / chip.ComputeUnits;
        double compute = perUnit * ((context * tokenMicroseconds) + parameters[BlockMicroseconds]);
        if (!splitsContext)
        {
            compute = Math.Max(compute, (longest * tokenMicroseconds) + parameters[BlockMicroseconds]);
        }

        double memory = (keyBytes + (queries * context * ScoreBytes)) / (chip.MemoryBytesPerSecond * parameters[MemoryEfficiency]) * Norms.Microseconds;
        return parameters[FloorMicroseconds] + Norms.Of(compute, memory, parameters[Overlap]);
    }
}
