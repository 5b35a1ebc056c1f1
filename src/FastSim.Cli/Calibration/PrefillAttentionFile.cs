using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>Measured prefill attention, <c>context_attention_perf.parquet</c>: a kind a data type of the products and the cache.</summary>
internal static class PrefillAttentionFile
{
    /// <summary>Columns of text.</summary>
    public static readonly string[] Texts = ["attn_dtype", "kv_cache_dtype", "kernel_source"];

    /// <summary>Columns of numbers.</summary>
    public static readonly string[] Numbers =
        ["batch_size", "num_heads", "num_key_value_heads", "head_dim", "window_size", "isl", MeasuredRows.Latency];

    /// <summary>The kinds of a table.</summary>
    public static IEnumerable<MeasuredKind> Kinds(MeasuredTable table, CalibrationChip chip, Findings findings)
    {
        string[] types = table.Texts("attn_dtype");
        string[] caches = table.Texts("kv_cache_dtype");
        string[] kernels = table.Texts("kernel_source");
        double[] sequences = table.Numbers("batch_size");
        double[] heads = table.Numbers("num_heads");
        double[] keyValueHeads = table.Numbers("num_key_value_heads");
        double[] sizes = table.Numbers("head_dim");
        double[] windows = table.Numbers("window_size");
        double[] tokens = table.Numbers("isl");

        // Libraries differ too much for one curve; an engine runs the one that was measured most.
        string kernel = kernels.GroupBy(name => name).OrderByDescending(group => group.Count()).ThenBy(group => group.Key, StringComparer.Ordinal).First().Key;
        if (kernels.Count(name => name != kernel) is > 0 and int others)
        {
            findings.Warn(string.Create(
                CultureInfo.InvariantCulture, $"{table.File}: kernel_source: {others} rows of others than {kernel} left out"));
        }

        foreach ((string kind, List<(Attention Case, double Microseconds)> cases) in MeasuredRows.ByKind(
            table,
            row => kernels[row] == kernel ? $"{types[row]}/{caches[row]}" : null,
            row => new Attention(
                sequences[row], heads[row], keyValueHeads[row], sizes[row], windows[row], tokens[row], CacheTypes.Bytes(caches[row]))))
        {
            double peak = CacheTypes.IsEightBits(kind) ? chip.EightBitFlopsPerSecond : chip.HalfFlopsPerSecond;
            yield return new MeasuredKind<Attention>(
                PrefillAttentionTiming.Form,
                kind,
                cases,
                item => [item.Sequences, item.Heads, item.KeyValueHeads, item.Size, item.Window, item.Tokens, item.CacheBytes],
                parameters => item => PrefillAttentionTiming.Microseconds(
                    parameters, chip.Scale, peak, item.Sequences, item.Tokens, item.Heads, 2 * item.Size, item.Window, item.Bytes),
                item => chip.Roofline(item.Flops, peak, item.Bytes),
                item => new OperatorShape(
                    OperatorFamily.PrefillAttention,
                    CacheTypes.IsEightBits(kind) ? NumberKind.EightBit : NumberKind.SixteenBit,
                    item.Sequences,
                    Depth: item.Size,
                    Heads: item.Heads,
                    KeyValueHeads: item.KeyValueHeads,
                    Context: item.Tokens,
                    Window: item.Window,
                    CacheBytes: item.CacheBytes));
        }
    }

    private readonly record struct Attention(
        double Sequences, double Heads, double KeyValueHeads, double Size, double Window, double Tokens, double CacheBytes)
    {
        /// <summary>Queries in, values out; keys and values in and to the cache.</summary>
        public double Bytes => Sequences * Tokens * Size * ((4 * Heads) + ((4 + (2 * CacheBytes)) * KeyValueHeads));

        public double Flops => 4 * Sequences * Heads * Size * Tokens * (Window > 0 ? Math.Min(Window, Tokens / 2) : Tokens / 2);
    }
}
