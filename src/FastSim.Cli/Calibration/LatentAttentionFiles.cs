using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Measured latent attention, <c>generation_mla_perf.parquet</c> and <c>context_mla_perf.parquet</c>: a kind a cache type, at the widths of DeepSeek-V3.</summary>
internal static class LatentAttentionFiles
{
    private const double CacheWidth = 576;
    private const double LatentWidth = 512;
    private const double QueryKeyWidth = 192;
    private const double ValueWidth = 128;

    /// <summary>Heads that a block of threads takes at most, and at least as its tiles go.</summary>
    private const double MostBlockHeads = 64;
    private const double LeastBlockHeads = 16;

    /// <summary>Columns of text.</summary>
    public static readonly string[] Texts = ["kv_cache_dtype"];

    /// <summary>Columns of numbers, decode.</summary>
    public static readonly string[] DecodeNumbers = ["batch_size", "num_heads", "step", MeasuredRows.Latency];

    /// <summary>Columns of numbers, prefill.</summary>
    public static readonly string[] PrefillNumbers = ["batch_size", "num_heads", "isl", MeasuredRows.Latency];

    /// <summary>The kinds of decode.</summary>
    public static IEnumerable<MeasuredKind> Decode(MeasuredTable table, CalibrationChip chip)
    {
        double[] steps = table.Numbers("step");
        foreach ((string kind, List<(Attention Case, double Microseconds)> cases) in ByKind(table, row => steps[row] + 1))
        {
            double cacheBytes = CacheTypes.Bytes(kind);
            yield return new MeasuredKind<Attention>(
                TimingForms.All[TimingForms.DecodeLatentAttention],
                kind,
                cases,
                Numbers,
                parameters => item =>
                {
                    double blocks = Math.Ceiling(item.Heads / MostBlockHeads);
                    return DecodeAttentionTiming.Microseconds(
                        parameters,
                        chip.Scale,
                        chip.HalfFlopsPerSecond,
                        item.Sequences * blocks,
                        item.Tokens,
                        CacheWidth * cacheBytes / blocks,
                        2 * (CacheWidth + LatentWidth) * Math.Clamp(item.Heads, LeastBlockHeads, MostBlockHeads),
                        2 * item.Heads * (CacheWidth + LatentWidth) * 2 / blocks,
                        1);
                },
                item => chip.Roofline(
                    2 * item.Sequences * item.Heads * (CacheWidth + LatentWidth) * item.Tokens,
                    chip.HalfFlopsPerSecond,
                    item.Sequences * item.Tokens * CacheWidth * cacheBytes),
                item => new OperatorShape(
                    OperatorFamily.DecodeLatentAttention,
                    CacheTypes.IsEightBits(kind) ? NumberKind.EightBit : NumberKind.SixteenBit,
                    item.Sequences,
                    Columns: CacheWidth + LatentWidth,
                    Depth: CacheWidth,
                    Heads: item.Heads,
                    Context: item.Tokens,
                    CacheBytes: cacheBytes));
        }
    }

    /// <summary>The kinds of prefill.</summary>
    public static IEnumerable<MeasuredKind> Prefill(MeasuredTable table, CalibrationChip chip)
    {
        const double Widths = QueryKeyWidth + ValueWidth;
        double[] tokens = table.Numbers("isl");
        foreach ((string kind, List<(Attention Case, double Microseconds)> cases) in ByKind(table, row => tokens[row]))
        {
            double peak = CacheTypes.IsEightBits(kind) ? chip.EightBitFlopsPerSecond : chip.HalfFlopsPerSecond;

            // Queries and keys, values and outputs, in 16 bits.
            static double Bytes(Attention item) =>
                item.Sequences * item.Tokens * item.Heads * 2 * (QueryKeyWidth + QueryKeyWidth + ValueWidth + ValueWidth);
            yield return new MeasuredKind<Attention>(
                TimingForms.All[TimingForms.PrefillLatentAttention],
                kind,
                cases,
                Numbers,
                parameters => item => PrefillAttentionTiming.Microseconds(
                    parameters, chip.Scale, peak, item.Sequences, item.Tokens, item.Heads, Widths, 0, Bytes(item)),
                item => chip.Roofline(item.Sequences * item.Heads * Widths * item.Tokens * item.Tokens, chip.HalfFlopsPerSecond, Bytes(item)),
                item => new OperatorShape(
                    OperatorFamily.PrefillLatentAttention,
                    CacheTypes.IsEightBits(kind) ? NumberKind.EightBit : NumberKind.SixteenBit,
                    item.Sequences,
                    Columns: Widths,
                    Depth: QueryKeyWidth,
                    Heads: item.Heads,
                    Context: item.Tokens,
                    CacheBytes: CacheTypes.Bytes(kind)));
        }
    }

    private static IEnumerable<(string Kind, List<(Attention Case, double Microseconds)> Cases)> ByKind(MeasuredTable table, Func<int, double> tokens)
    {
        string[] caches = table.Texts("kv_cache_dtype");
        double[] sequences = table.Numbers("batch_size");
        double[] heads = table.Numbers("num_heads");
        return MeasuredRows.ByKind(table, row => caches[row], row => new Attention(sequences[row], heads[row], tokens(row)))
            .Select(pair => (pair.Kind, MeasuredRows.Medians(pair.Cases)));
    }

    private static double[] Numbers(Attention item) => [item.Sequences, item.Heads, item.Tokens];

    private readonly record struct Attention(double Sequences, double Heads, double Tokens);
}
