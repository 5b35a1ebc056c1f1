namespace FastSim.Kernels.Launches;

/// <summary>
/// Time of a mixture-of-experts layer's two grouped products, with permuting, on the hottest rank: every reached expert's rows are padded
/// to tiles, its weights are read once. Source: docs/validation.md, "Experts".
/// </summary>
public static class ExpertTiming
{
    private const int FloorMicroseconds = 0;
    private const int ComputeEfficiency = 1;
    private const int MemoryEfficiency = 2;
    private const int Overlap = 3;
    private const int PermuteEfficiency = 4;
    private const int LeastTile = 5;
    private const int MostTile = 6;
    private const int TileOverMean = 7;
    private const int ExpertMicroseconds = 8;
    private const int WaveMicroseconds = 9;
    private const int TileByLocal = 10;

    private const double ColumnTile = 128;
    private const double ReferenceDepth = 1024;
    private const double OutputBytes = 2;
    private const double ResultBytes = 4;

    private const double LeastLocalTile = 8;
    private const double MostLocalTile = 256;

    /// <summary>
    /// Kernels of TensorRT-LLM's generated path over those of CUTLASS's, a layer: quantising, routing, two products, adding up, where CUTLASS's has sorting, expanding, strides and the
    /// activation apart.
    /// </summary>
    private const double LaunchesOfGenerated = 5.0 / 9;

    /// <summary>The parameters. The last is a choice, not a number: above a half a kernel picks its tile by the rank's own experts, in powers of two.</summary>
    public static TimingForm Form { get; } = new(
        "experts",
        [
            new("floor_us", 3, 120, 25),
            new("compute_efficiency", 0.2, 1, 0.5),
            new("memory_efficiency", 0.3, 1, 0.8),
            new("overlap", 1, 12, 3),
            new("permute_efficiency", 0.05, 1, 0.5),
            new("least_tile", 4, 32, 12),
            new("most_tile", 16, 300, 96),
            new("tile_over_mean", 0.3, 16, 2),
            new("expert_us", 1e-4, 1, 0.05),
            new("wave_us", 1e-3, 20, 0.5),
            new("tile_by_local", 0.01, 1, 0.02),
        ],
        [[40, 0.7, 0.8, 2, 0.3, 31, 128, 4, 0.02, 0.1, 0.02], [20, 0.4, 0.8, 4, 0.3, 8, 256, 1.05, 0.02, 0.1, 0.9]],
        Frozen: TileByLocal);

    /// <summary>
    /// Share of CUTLASS's launches that the kernels of a number format have: 4-bit weights by narrow activations run in TensorRT-LLM's generated kernels, which take permuting and the
    /// activation along and look for no expert that no row reaches.
    /// </summary>
    public static double LaunchShare(NumberKind kind) => IsGenerated(kind) ? LaunchesOfGenerated : 1;

    /// <summary>Whether a number format's experts run in TensorRT-LLM's generated kernels.</summary>
    public static bool IsGenerated(NumberKind kind) => kind is NumberKind.FourBit or NumberKind.FourBitByEight;

    /// <summary>
    /// Rows of a tile of generated kernels: the group's rows, wherever they go, over the rank's own experts, to the next power of two from 8 to 256 (FlashInfer,
    /// csrc/trtllm_fused_moe_kernel_launcher.cu, computeSelectedTileN).
    /// </summary>
    /// <param name="rows">Rows of the group.</param>
    /// <param name="local">Experts of a rank.</param>
    public static double LocalTile(double rows, double local) => Math.Clamp(NextPowerOfTwo(rows / local), LeastLocalTile, MostLocalTile);

    /// <summary>What the form says of generated kernels where none were measured: another's rates, and tiles, launches and visits of their own.</summary>
    /// <param name="parameters">Parameters of the nearest kernels that were.</param>
    public static double[] GeneratedLike(ReadOnlySpan<double> parameters)
    {
        double[] own = parameters.ToArray();
        own[FloorMicroseconds] *= LaunchesOfGenerated;
        own[LeastTile] = LeastLocalTile;
        own[MostTile] = MostLocalTile;
        own[TileOverMean] = 1;
        own[ExpertMicroseconds] = Form.Parameters[ExpertMicroseconds].Least;
        own[TileByLocal] = Form.OtherStarts[^1][TileByLocal];
        return own;
    }

    /// <summary>Index of the time an expert that is only visited takes.</summary>
    public static int PerExpert => ExpertMicroseconds;

    /// <summary>
    /// What no layer is faster than: launches and a visit to each of the rank's own experts, and the shares of the compute units' and the memory's peak that
    /// it reaches at most.
    /// </summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="local">Experts of a rank.</param>
    public static LaunchBound Bound(ReadOnlySpan<double> parameters, double local) => new(
        parameters[FloorMicroseconds] + (parameters[ExpertMicroseconds] * Math.Max(1, local)), 1 / parameters[ComputeEfficiency], 1 / parameters[MemoryEfficiency]);

    /// <summary>Microseconds of a layer.</summary>
    /// <param name="parameters">Fitted parameters, in the form's order.</param>
    /// <param name="chip">The chip.</param>
    /// <param name="peakFlopsPerSecond">Peak of the data type.</param>
    /// <param name="weightBytes">Bytes a weight.</param>
    /// <param name="activationBytes">Bytes an activation as the products read it.</param>
    /// <param name="tokens">Tokens of the group.</param>
    /// <param name="hidden">Hidden width.</param>
    /// <param name="intermediate">Width of an expert.</param>
    /// <param name="chosen">Experts a token chooses.</param>
    /// <param name="experts">Experts.</param>
    /// <param name="tensorRanks">Ranks that share an expert.</param>
    /// <param name="expertRanks">Ranks that share the experts.</param>
    /// <param name="skew">Exponent of the law by which tokens choose.</param>
    /// <param name="isGated">Whether a gate product stands beside the up product.</param>
    /// <param name="ownShare">Share of the tokens whose results the rank writes.</param>
    public static double Microseconds(
        ReadOnlySpan<double> parameters,
        TimingChip chip,
        double peakFlopsPerSecond,
        double weightBytes,
        double activationBytes,
        double tokens,
        double hidden,
        double intermediate,
        double chosen,
        double experts,
        double tensorRanks,
        double expertRanks,
        double skew,
        bool isGated,
        double ownShare = 1)
    {
        Span<double> room = stackalloc double[ExpertLoad.Room];
        ExpertLoad load = ExpertLoad.Of(tokens, experts, chosen, expertRanks, skew, room);
        double width = Math.Ceiling(intermediate / tensorRanks);
        double gates = isGated ? 2 : 1;
        double local = Math.Max(1, experts / expertRanks);
        double tile = Tile(parameters, tokens * chosen, experts, local);
        double tiles = load.Tiles(tile);
        double Product(double reached, double received, double columns, double depth, ReadOnlySpan<double> own)
        {
            double waves = Math.Max(1, tiles * Math.Ceiling(columns / ColumnTile) / chip.ComputeUnits);
            double compute = (2 * tiles * tile * columns * depth / (peakFlopsPerSecond * own[ComputeEfficiency] / Norms.Microseconds))
                + (waves * own[WaveMicroseconds] * depth / ReferenceDepth);
            double memory = ((reached * columns * depth * weightBytes) + (received * ((columns * OutputBytes) + (depth * activationBytes))))
                / (chip.MemoryBytesPerSecond * own[MemoryEfficiency] / Norms.Microseconds);
            return Norms.Of(compute, memory, own[Overlap]);
        }

        double permuted = (load.Rows * hidden * (OutputBytes + activationBytes)) + (load.Rows * hidden * OutputBytes)
            + (tokens * ownShare * hidden * ResultBytes) + (load.Rows * gates * width * OutputBytes);
        return parameters[FloorMicroseconds]
            + (parameters[ExpertMicroseconds] * local)
            + Product(load.Reached, load.Rows, gates * width, hidden, parameters)
            + Product(load.Reached, load.Rows, hidden, width, parameters)
            + (permuted / (chip.MemoryBytesPerSecond * parameters[PermuteEfficiency]) * Norms.Microseconds);
    }

    private static double NextPowerOfTwo(double value) => Math.Pow(2, Math.Ceiling(Math.Log2(value)));

    private static double Tile(ReadOnlySpan<double> parameters, double rows, double experts, double local)
    {
        bool byLocal = parameters[TileByLocal] > 0.5;
        double wanted = parameters[TileOverMean] * rows / (byLocal ? local : experts);
        wanted = byLocal ? NextPowerOfTwo(wanted) : wanted;
        return Math.Clamp(wanted, parameters[LeastTile], Math.Max(parameters[LeastTile], parameters[MostTile]));
    }
}
