namespace FastSim.Kernels.Launches;

/// <summary>
/// Time of the kernel that selects the tokens of the highest scores, a row a block of threads. A row with no more tokens than are selected
/// takes them all. Source: docs/validation.md, "Index selection".
/// </summary>
public static class IndexSelectionTiming
{
    /// <summary>Kind of scores that lie close together.</summary>
    public const string Flat = "flat";

    /// <summary>Kind of scores of which the highest stand last.</summary>
    public const string TopLast = "top_last";

    private const int FloorMicroseconds = 0;
    private const int RowMicroseconds = 1;
    private const int TokenNanoseconds = 2;
    private const int ShortRowMicroseconds = 3;
    private const int RowsPerUnit = 4;
    private const int MemoryEfficiency = 5;
    private const int Overlap = 6;

    private const double ScoreBytes = 4;

    /// <summary>The parameters.</summary>
    public static TimingForm Form { get; } = new(
        "index_selection",
        [
            new("floor_us", 1, 15, 3),
            new("row_us", 0.2, 30, 5),
            new("token_ns", 0.01, 5, 0.3),
            new("short_row_us", 0.01, 20, 0.5),
            new("rows_per_unit", 0.3, 8, 1.5),
            new("memory_efficiency", 0.1, 1, 0.7),
            new("overlap", 1, 8, 2),
        ],
        []);

    /// <summary>Microseconds of a kernel.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="rows">Rows that choose: those with more tokens than are selected.</param>
    /// <param name="context">Tokens that such a row chooses among, on average.</param>
    /// <param name="shortRows">Rows that take all of their tokens.</param>
    public static double Microseconds(ReadOnlySpan<double> parameters, TimingChip chip, double rows, double context, double shortRows)
    {
        double slots = chip.ComputeUnits * parameters[RowsPerUnit];
        double row = parameters[RowMicroseconds] + (context * parameters[TokenNanoseconds] * 1e-3);
        double units = (Math.Max(rows > 0 ? 1 : 0, rows / slots) * row) + (shortRows / slots * parameters[ShortRowMicroseconds]);
        double memory = rows * context * ScoreBytes / (chip.MemoryBytesPerSecond * parameters[MemoryEfficiency]) * Norms.Microseconds;
        return parameters[FloorMicroseconds] + Norms.Of(units, memory, parameters[Overlap]);
    }
}
