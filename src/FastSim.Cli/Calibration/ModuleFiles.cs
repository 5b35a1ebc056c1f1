using FastSim.Cli.Configuration;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Calibration;

/// <summary>
/// Measured whole blocks of latent attention. What attends to selected tokens is fitted to them, its own time left open; the others are
/// held against the timings that there are.
/// </summary>
internal static class ModuleFiles
{
    private const double SmallMemoryGibibytes = 100;
    private const double SmallMemoryGraphs = 256;
    private const double LargeMemoryGraphs = 512;

    private static readonly string[] Texts = ["architecture", "kernel_source", "gemm_type", "kv_cache_dtype"];
    private static readonly string[] Numbers = ["batch_size", "isl", "step", "num_heads", MeasuredRows.Latency];

    private static readonly SortedDictionary<string, bool> Known = new(StringComparer.Ordinal)
    {
        ["dsa_context_module_perf.parquet"] = false,
        ["dsa_generation_module_perf.parquet"] = true,
        ["mla_context_module_perf.parquet"] = false,
        ["mla_generation_module_perf.parquet"] = true,
    };

    /// <summary>Names that are recognised.</summary>
    public static IEnumerable<string> Names => Known.Keys;

    /// <summary>Whether a file is one of measured modules.</summary>
    public static bool Knows(string file) => Known.ContainsKey(Path.GetFileName(file));

    /// <summary>The modules of a file, by how they attend and what they cache.</summary>
    /// <param name="file">The file.</param>
    /// <param name="timings">The timings that modules are put together from.</param>
    /// <param name="findings">Where warnings go.</param>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static IReadOnlyList<MeasuredModules> Read(string file, ModuleTimings timings, Findings findings)
    {
        MeasuredTable table = MeasuredTable.Load(file, Texts, Numbers);
        bool decodes = Known[Path.GetFileName(file)];
        double graphs = timings.Chip.MemoryGibibytes > SmallMemoryGibibytes ? LargeMemoryGraphs : SmallMemoryGraphs;
        string[] architectures = table.Texts("architecture");
        string[] sources = table.Texts("kernel_source");
        string[] types = table.Texts("gemm_type");
        string[] caches = table.Texts("kv_cache_dtype");
        double[] sequences = table.Numbers("batch_size");
        double[] tokens = table.Numbers("isl");
        double[] past = table.Numbers("step");
        double[] heads = table.Numbers("num_heads");
        MeasuredRows.WarnOfUnknown(table, "architecture", name => LatentBlock.Of(name) is not null, findings);
        LatentPath PathOf(int row) => LatentBlock.Of(architectures[row])!.Indexer is null ? LatentPath.Plain
            : sources[row].Contains("skip", StringComparison.Ordinal) ? LatentPath.Reused
            : sources[row].Contains("dense", StringComparison.Ordinal) ? LatentPath.Dense
            : LatentPath.Indexed;
        (LatentBlock Block, ModuleWork Work) CaseOf(int row)
        {
            LatentPath path = PathOf(row);
            bool packs = path != LatentPath.Plain && CacheTypes.IsEightBits(caches[row]) && !sources[row].Contains("trtllm", StringComparison.Ordinal);
            ModuleWork work = new(
                sequences[row],
                tokens[row],
                past[row],
                heads[row],
                types[row],
                caches[row],
                path,
                decodes,
                path != LatentPath.Plain && (!decodes || sequences[row] > graphs),
                packs,
                sources[row].Contains("flashmla", StringComparison.Ordinal));
            return (LatentBlock.Of(architectures[row])!, work);
        }

        int[] known = [.. Enumerable.Range(0, table.Rows).Where(row => LatentBlock.Of(architectures[row]) is not null)];
        string[] missing = [.. known.SelectMany(row => Needed(PathOf(row), types[row], caches[row], decodes)).Distinct()
            .Where(kind => !timings.Has(kind.Family, kind.Kind)).Select(kind => $"{kind.Family} {kind.Kind}").Order(StringComparer.Ordinal)];
        if (missing.Length > 0)
        {
            findings.Warn($"{file}: left out, there is no timing of {string.Join(", ", missing)}");
            return [];
        }

        string name = Path.GetFileName(file).Replace("_perf.parquet", "", StringComparison.Ordinal);
        return
        [
            .. MeasuredRows.ByKind(
                table,
                row => LatentBlock.Of(architectures[row]) is null
                    ? null
                    : $"{(PathOf(row) is LatentPath.Indexed or LatentPath.Reused ? "selected" : "all")}/{caches[row]}",
                CaseOf,
                MeasuredRows.LatencyOrFailure(findings)).Select(pair => new MeasuredModules(
                    name,
                    pair.Kind,
                    [.. MeasuredRows.Medians(pair.Cases).Select(one => (ModuleCase.Of(timings, one.Case.Block, one.Case.Work), one.Microseconds))])),
        ];
    }

    /// <summary>Kinds that a module is put together from.</summary>
    private static IEnumerable<(string Family, string Kind)> Needed(LatentPath path, string type, string cache, bool decodes)
    {
        yield return (GemmTiming.Form.Family, type);
        yield return (GemmTiming.Form.Family, ModuleTimings.Half);
        yield return (QuantizeTiming.Form.Family, QuantizeTiming.Scale);
        if (path == LatentPath.Dense || (path == LatentPath.Plain && !decodes))
        {
            yield return (TimingForms.PrefillLatentAttention, path == LatentPath.Dense ? ModuleTimings.Half : cache);
        }
        else
        {
            yield return (LatentProductTiming.Form.Family, ModuleTimings.Half);
        }

        if (path == LatentPath.Plain && decodes)
        {
            yield return (TimingForms.DecodeLatentAttention, cache);
        }

        if (path == LatentPath.Indexed)
        {
            yield return (IndexScoreTiming.Form.Family, IndexScoreTiming.EightBits);
            yield return (IndexSelectionTiming.Form.Family, IndexSelectionTiming.Flat);
        }
    }
}
