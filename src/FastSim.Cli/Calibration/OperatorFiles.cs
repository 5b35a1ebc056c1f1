using FastSim.Cli.Configuration;
using FastSim.Kernels.Fitting;

namespace FastSim.Cli.Calibration;

/// <summary>Files of measured operators, recognised by their names.</summary>
internal static class OperatorFiles
{
    private const string Pattern = "*.parquet";

    private static readonly SortedDictionary<string, Reader> Known = new(StringComparer.Ordinal)
    {
        ["gemm_perf.parquet"] = new(GemmFile.Texts, GemmFile.Numbers, GemmFile.Kinds),
        ["context_attention_perf.parquet"] = new(PrefillAttentionFile.Texts, PrefillAttentionFile.Numbers, PrefillAttentionFile.Kinds),
        ["generation_attention_perf.parquet"] = new(
            DecodeAttentionFile.Texts, DecodeAttentionFile.Numbers, (table, chip, _) => DecodeAttentionFile.Kinds(table, chip)),
        ["context_mla_perf.parquet"] = new(
            LatentAttentionFiles.Texts, LatentAttentionFiles.PrefillNumbers, (table, chip, _) => LatentAttentionFiles.Prefill(table, chip)),
        ["generation_mla_perf.parquet"] = new(
            LatentAttentionFiles.Texts, LatentAttentionFiles.DecodeNumbers, (table, chip, _) => LatentAttentionFiles.Decode(table, chip)),
        ["mla_bmm_perf.parquet"] = new(LatentProductFile.Texts, LatentProductFile.Numbers, LatentProductFile.Kinds),
        ["moe_perf.parquet"] = new(ExpertFile.Texts, ExpertFile.Numbers, ExpertFile.Kinds),
        ["nccl_perf.parquet"] = new(CollectiveFiles.LibraryTexts, CollectiveFiles.Numbers, CollectiveFiles.Library),
        ["custom_allreduce_perf.parquet"] = new(CollectiveFiles.OwnTexts, CollectiveFiles.Numbers, CollectiveFiles.Own),
        ["computescale_perf.parquet"] = new(QuantizeFiles.Texts, QuantizeFiles.Numbers, QuantizeFiles.ComputeScale),
        ["scale_matrix_perf.parquet"] = new(QuantizeFiles.Texts, QuantizeFiles.Numbers, QuantizeFiles.Scale),
        ["wideep_deepep_ll_perf.parquet"] = new(ExpertExchangeFiles.Texts, ExpertExchangeFiles.LowLatencyNumbers, ExpertExchangeFiles.LowLatency),
        ["wideep_deepep_normal_perf.parquet"] = new(
            ExpertExchangeFiles.Texts, ExpertExchangeFiles.ThroughputNumbers, ExpertExchangeFiles.Throughput),
        ["glm5_mqa_logits_module_perf.parquet"] = new(IndexFiles.ScoreTexts, IndexFiles.Numbers, IndexFiles.Score),
        ["glm5_topk_module_perf.parquet"] = new(IndexFiles.SelectionTexts, IndexFiles.Numbers, IndexFiles.Selection),
        ["gdn_perf.parquet"] = new(StateKernelFiles.Texts, StateKernelFiles.DeltaNumbers, StateKernelFiles.GatedDelta),
        ["kda_perf.parquet"] = new(StateKernelFiles.Texts, StateKernelFiles.DeltaNumbers, StateKernelFiles.KimiDelta),
        ["mamba2_perf.parquet"] = new(StateKernelFiles.Texts, StateKernelFiles.StateSpaceNumbers, StateKernelFiles.StateSpace),
        ["encoder_attention_perf.parquet"] = new(EncoderAttentionFile.Texts, EncoderAttentionFile.Numbers, EncoderAttentionFile.Kinds),
    };

    private static readonly string[] Recognised = [.. Known.Keys.Concat(ModuleFiles.Names).Order(StringComparer.Ordinal)];

    /// <summary>Names that are recognised, whole blocks among them (<see cref="ModuleFiles"/>).</summary>
    public static IEnumerable<string> Names => Recognised;

    /// <summary>The files that paths stand for, in the order of their names. A folder stands for those in it, and may hold others.</summary>
    /// <param name="paths">Files and folders.</param>
    /// <param name="findings">Where warnings go.</param>
    /// <exception cref="ConfigurationException">A path stands for none.</exception>
    public static IReadOnlyList<string> Find(IReadOnlyList<string> paths, Findings findings)
    {
        List<string> files = [];
        foreach (string path in paths)
        {
            if (Directory.Exists(path))
            {
                string[] all = [.. Directory.GetFiles(path, Pattern).Order(StringComparer.Ordinal)];
                string[] recognised = [.. all.Where(file => Recognised.Contains(Path.GetFileName(file)))];
                if (recognised.Length == 0)
                {
                    throw new ConfigurationException($"{path}: found a folder without measured operators; expected some of {List()}");
                }

                foreach (string file in all.Except(recognised))
                {
                    findings.Warn($"{file}: left out, measured operators are in {List()}");
                }

                files.AddRange(recognised);
            }
            else if (!File.Exists(path))
            {
                throw new ConfigurationException($"{path}: found no such file; expected measured operators: a folder of, or one of, {List()}");
            }
            else if (!Recognised.Contains(Path.GetFileName(path)))
            {
                string name = Path.GetFileName(path);
                string suggestion = NearestName.Of(name, Recognised) is { } nearest ? ConfigurationException.Suggestion([nearest]) : "";
                throw new ConfigurationException($"{path}: found a file named {name}; expected one of {List()}{suggestion}");
            }
            else
            {
                files.Add(path);
            }
        }

        foreach (IGrouping<string, string> twice in files.GroupBy(file => Path.GetFileName(file)!).Where(group => group.Count() > 1))
        {
            throw new ConfigurationException($"{twice.Last()}: found {twice.Key} twice, also {twice.First()}; expected the operators of one chip, each file once");
        }

        return [.. files.OrderBy(file => Path.GetFileName(file), StringComparer.Ordinal)];
    }

    /// <summary>The kinds that a file holds; none of one of whole blocks.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static IReadOnlyList<MeasuredKind> Read(string file, CalibrationChip chip, Findings findings)
    {
        if (ModuleFiles.Knows(file))
        {
            return [];
        }

        Reader reader = Known[Path.GetFileName(file)];
        return [.. reader.Kinds(MeasuredTable.Load(file, reader.Texts, reader.Numbers), chip, findings)];
    }

    /// <summary>The kinds that a file holds, held against several chips; none of one of whole blocks.</summary>
    /// <exception cref="ConfigurationException">It cannot be used.</exception>
    public static IReadOnlyList<IReadOnlyList<MeasuredKind>> Read(string file, IReadOnlyList<CalibrationChip> chips, Findings findings)
    {
        if (ModuleFiles.Knows(file))
        {
            return [.. chips.Select(_ => (IReadOnlyList<MeasuredKind>)[])];
        }

        Reader reader = Known[Path.GetFileName(file)];
        MeasuredTable table = MeasuredTable.Load(file, reader.Texts, reader.Numbers);
        return [.. chips.Select(chip => (IReadOnlyList<MeasuredKind>)[.. reader.Kinds(table, chip, findings)])];
    }

    private static string List() => string.Join(", ", Recognised);

    private sealed record Reader(
        IReadOnlyList<string> Texts, IReadOnlyList<string> Numbers, Func<MeasuredTable, CalibrationChip, Findings, IEnumerable<MeasuredKind>> Kinds);
}
