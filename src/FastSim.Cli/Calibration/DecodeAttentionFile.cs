using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Measured decode attention, <c>generation_attention_perf.parquet</c>: a kind a cache type, and whether query heads share key-value heads.</summary>
internal static class DecodeAttentionFile
{
    /// <summary>Query heads a key-value head beyond which kernels take each query head as a row of its own.</summary>
    private const double MostShared = 32;

    /// <summary>Columns of text.</summary>
    public static readonly string[] Texts = ["kv_cache_dtype"];

    /// <summary>Columns of numbers.</summary>
    public static readonly string[] Numbers =
        ["batch_size", "num_heads", "num_key_value_heads", "head_dim", "window_size", "step", MeasuredRows.Latency];

    /// <summary>The kinds of a table.</summary>
    public static IEnumerable<MeasuredKind> Kinds(MeasuredTable table, CalibrationChip chip)
    {
        string[] caches = table.Texts("kv_cache_dtype");
        double[] sequences = table.Numbers("batch_size");
        double[] heads = table.Numbers("num_heads");
        double[] keyValueHeads = table.Numbers("num_key_value_heads");
        double[] sizes = table.Numbers("head_dim");
        double[] windows = table.Numbers("window_size");
        double[] steps = table.Numbers("step");
        foreach ((string kind, List<(Attention Case, double Microseconds)> cases) in MeasuredRows.ByKind(
            table,
            row =>
            {
                double shared = heads[row] / keyValueHeads[row];
                return $"{caches[row]}/{(shared is 1 or > MostShared ? "mha" : "gqa")}";
            },
            row =>
            {
                double context = steps[row] + 1;
                return new Attention(
                    sequences[row],
                    heads[row],
                    keyValueHeads[row],
                    sizes[row],
                    windows[row] > 0 ? Math.Min(windows[row], context) : context,
                    CacheTypes.Bytes(caches[row]));
            }))
        {
            yield return new MeasuredKind<Attention>(
                DecodeAttentionTiming.Form,
                kind,
                cases,
                item => [item.Sequences, item.Heads, item.KeyValueHeads, item.Size, item.Context, item.CacheBytes],
                parameters => item => Microseconds(parameters, chip, item),
                item => chip.Roofline(
                    4 * item.Sequences * item.Heads * item.Size * item.Context,
                    chip.HalfFlopsPerSecond,
                    item.Sequences * item.KeyValueHeads * item.Context * 2 * item.Size * item.CacheBytes),
                item => new OperatorShape(
                    OperatorFamily.DecodeAttention,
                    NumberKind.SixteenBit,
                    item.Sequences,
                    Depth: item.Size,
                    Heads: item.Heads,
                    KeyValueHeads: item.KeyValueHeads,
                    Context: item.Context,
                    CacheBytes: item.CacheBytes));
        }
    }

    private static double Microseconds(double[] parameters, CalibrationChip chip, Attention item)
    {
        double shared = item.Heads / item.KeyValueHeads;
        bool isPerHead = shared > MostShared;
        double own = isPerHead ? 1 : shared;
        return DecodeAttentionTiming.Microseconds(
            parameters,
            chip.Scale,
            chip.HalfFlopsPerSecond,
            item.Sequences * (isPerHead ? item.Heads : item.KeyValueHeads),
            item.Context,
            2 * item.Size * item.CacheBytes,
            4 * item.Size * own,
            4 * item.Size * own,
            isPerHead ? shared : 1);
    }

    private readonly record struct Attention(
        double Sequences, double Heads, double KeyValueHeads, double Size, double Context, double CacheBytes);
}
