using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Timing;

namespace FastSim.Cli.Calibration;

/// <summary>
/// Turns files of measured operators into kinds to fit (docs/validation.md, "Operators"). Files are known by name, as the public
/// measurements of ai-dynamo/aiconfigurator have them. Latencies are in ms; message sizes count elements.
/// </summary>
internal sealed class MeasuredOperators(CalibratedChip chip)
{
    private const double MicrosecondsPerMillisecond = 1000;
    private const double GroupBeyondKernel = 32;
    private const double LatentCached = 576;
    private const double LatentWidths = 1088;
    private const double LatentHeadWidth = 320;
    private const double LatentRank = 512;
    private const double PlainHead = 128;

    /// <summary>Files that are known.</summary>
    public static readonly string[] Known =
    [
        "gemm_perf", "context_attention_perf", "generation_attention_perf", "context_mla_perf", "generation_mla_perf", "mla_bmm_perf", "moe_perf",
        "nccl_perf", "custom_allreduce_perf",
    ];

    /// <summary>Whether a file's name says what operators it has.</summary>
    public static bool Knows(string path) => Known.Contains(Path.GetFileNameWithoutExtension(path));

    private TimingChip Scale => chip.Scale;

    /// <summary>Kinds of a file.</summary>
    /// <exception cref="ConfigurationException">It is not known, or lacks a column.</exception>
    public IEnumerable<OperatorKind> Read(string path)
    {
        string name = Path.GetFileNameWithoutExtension(path);
        if (!Knows(path))
        {
            string nearest = NearestName.Of(name, Known) is { } near ? $"; did you mean \"{near}\"?" : "";
            throw new ConfigurationException($"{path}: found a file of no known operators; expected one of {string.Join(", ", Known)}{nearest}");
        }

        OperatorFile file = OperatorFile.Load(path);
        return name switch
        {
            "gemm_perf" => Products(file),
            "context_attention_perf" => PrefillAttention(file),
            "generation_attention_perf" => DecodeAttention(file),
            "context_mla_perf" => LatentPrefill(file),
            "generation_mla_perf" => LatentDecode(file),
            "mla_bmm_perf" => LatentProducts(file),
            "moe_perf" => Experts(file),
            "nccl_perf" => Collectives(file),
            _ => [CustomAllReduce(file)],
        };
    }

    private static IEnumerable<(string Kind, OperatorCase[] Cases)> Group(
        OperatorFile file, Func<int, string?> kindOf, Func<int, double[]> inputs, bool takesMedian = false)
    {
        double[] latency = file.Number("latency");
        foreach (IGrouping<string, int> kind in Enumerable.Range(0, file.Count)
            .Where(row => kindOf(row) is not null && latency[row] > 0)
            .GroupBy(row => kindOf(row)!)
            .OrderBy(group => group.Key, StringComparer.Ordinal))
        {
            IEnumerable<OperatorCase> cases = kind.Select(row => new OperatorCase(inputs(row), latency[row] * MicrosecondsPerMillisecond));
            yield return (kind.Key, takesMedian ? [.. Medians(cases)] : [.. cases]);
        }
    }

    /// <summary>One case of each that was measured several times.</summary>
    private static IEnumerable<OperatorCase> Medians(IEnumerable<OperatorCase> cases) => cases
        .GroupBy(each => string.Join(',', each.Inputs.Select(input => input.ToString("R", CultureInfo.InvariantCulture))))
        .Select(same =>
        {
            double[] times = [.. same.Select(each => each.Microseconds).Order()];
            return new OperatorCase(same.First().Inputs, times[times.Length / 2]);
        });

    private IEnumerable<OperatorKind> Products(OperatorFile file)
    {
        string[] types = file.Text("gemm_dtype");
        double[] m = file.Number("m");
        double[] n = file.Number("n");
        double[] k = file.Number("k");
        foreach ((string kind, OperatorCase[] cases) in Group(file, row => types[row], row => [m[row], n[row], k[row]]))
        {
            (double peak, double weight, double activation, double quantize) = kind switch
            {
                "bfloat16" => (chip.Half, 2.0, 2.0, 0.0),
                "fp8" or "fp8_block" => (chip.EightBit, 1.0, 1.0, 3.0),
                "nvfp4" => (chip.FourBit, 0.5625, 0.5625, 2.5),
                "sq" => (chip.EightBit, 1.0, 1.0, 0.0),
                "int8_wo" => (chip.Half, 1.0, 2.0, 0.0),
                "int4_wo" => (chip.Half, 0.5, 2.0, 0.0),
                _ => (0, 0, 0, 0),
            };
            if (peak == 0)
            {
                continue;
            }

            yield return new OperatorKind(
                GemmTiming.Form.Family,
                kind,
                cases,
                (parameters, x) => GemmTiming.Microseconds(parameters, Scale, peak, weight, activation, x[0], x[1], x[2], quantize),
                x => Longer(
                    2 * x[0] * x[1] * x[2] / peak,
                    ((x[2] * x[1] * weight) + (x[0] * x[2] * activation) + (x[0] * x[1] * 2)) / Scale.MemoryBytesPerSecond));
        }
    }

    private IEnumerable<OperatorKind> DecodeAttention(OperatorFile file)
    {
        string[] cache = file.Text("kv_cache_dtype");
        double[] batch = file.Number("batch_size");
        double[] heads = file.Number("num_heads");
        double[] keyValueHeads = file.Number("num_key_value_heads");
        double[] size = file.Number("head_dim");
        double[] window = file.Number("window_size");
        double[] step = file.Number("step");
        double Group_(int row) => heads[row] / keyValueHeads[row];
        foreach ((string kind, OperatorCase[] cases) in Group(
            file,
            row => $"{cache[row]}{(Group_(row) is <= 1 or > GroupBeyondKernel ? "/mha" : "/gqa")}",
            row =>
            [
                batch[row], heads[row], keyValueHeads[row], size[row],
                window[row] > 0 ? Math.Min(window[row], step[row] + 1) : step[row] + 1,
                cache[row] == "fp8" ? 1 : 2,
            ]))
        {
            yield return new OperatorKind(
                DecodeAttentionTiming.Form.Family,
                kind,
                cases,
                (parameters, x) =>
                {
                    double group = x[1] / x[2];
                    bool isPerHead = group > GroupBeyondKernel;
                    double shared = isPerHead ? 1 : group;
                    return DecodeAttentionTiming.Microseconds(
                        parameters, Scale, chip.Half, x[0] * (isPerHead ? x[1] : x[2]), x[4], 2 * x[3] * x[5], 4 * x[3] * shared, 4 * x[3] * shared,
                        isPerHead ? group : 1);
                },
                x => Longer(4 * x[0] * x[1] * x[3] * x[4] / chip.Half, x[0] * x[2] * x[4] * 2 * x[3] * x[5] / Scale.MemoryBytesPerSecond));
        }
    }

    private IEnumerable<OperatorKind> LatentDecode(OperatorFile file)
    {
        string[] cache = file.Text("kv_cache_dtype");
        double[] batch = file.Number("batch_size");
        double[] heads = file.Number("num_heads");
        double[] step = file.Number("step");
        foreach ((string kind, OperatorCase[] cases) in Group(
            file, row => cache[row], row => [batch[row], heads[row], step[row] + 1, cache[row] == "fp8" ? 1 : 2], takesMedian: true))
        {
            yield return new OperatorKind(
                OperatorTimings.DecodeLatentAttention,
                kind,
                cases,
                (parameters, x) =>
                {
                    double tiles = Math.Ceiling(x[1] / 64);
                    return DecodeAttentionTiming.Microseconds(
                        parameters, Scale, chip.Half, x[0] * tiles, x[2], LatentCached * x[3] / tiles, 2 * LatentWidths * Math.Clamp(x[1], 16, 64),
                        2 * x[1] * LatentWidths * 2 / tiles, 1);
                },
                x => Longer(2 * x[0] * x[1] * LatentWidths * x[2] / chip.Half, x[0] * x[2] * LatentCached * x[3] / Scale.MemoryBytesPerSecond));
        }
    }

    private IEnumerable<OperatorKind> PrefillAttention(OperatorFile file)
    {
        string[] cache = file.Text("kv_cache_dtype");
        string[] type = file.Text("attn_dtype");
        string[] source = file.Text("kernel_source");
        double[] batch = file.Number("batch_size");
        double[] heads = file.Number("num_heads");
        double[] keyValueHeads = file.Number("num_key_value_heads");
        double[] size = file.Number("head_dim");
        double[] window = file.Number("window_size");
        double[] tokens = file.Number("isl");
        foreach ((string kind, OperatorCase[] cases) in Group(
            file,
            row => source[row] == "torch_flow" ? $"{type[row]}/{cache[row]}" : null,
            row => [batch[row], heads[row], keyValueHeads[row], size[row], window[row], tokens[row], cache[row] == "fp8" ? 1 : 2]))
        {
            double peak = kind.StartsWith("fp8", StringComparison.Ordinal) ? chip.EightBit : chip.Half;
            yield return new OperatorKind(
                PrefillAttentionTiming.Form.Family,
                kind,
                cases,
                (parameters, x) => PrefillAttentionTiming.Microseconds(
                    parameters, Scale, peak, x[0], x[5], x[1], 2 * x[3], x[4], x[0] * x[5] * x[3] * ((4 * x[1]) + ((4 + (2 * x[6])) * x[2]))),
                x => Longer(
                    4 * x[0] * x[1] * x[3] * x[5] * (x[4] > 0 ? Math.Min(x[4], x[5] / 2) : x[5] / 2) / peak,
                    x[0] * x[5] * x[3] * ((4 * x[1]) + (6 * x[2])) / Scale.MemoryBytesPerSecond));
        }
    }

    private IEnumerable<OperatorKind> LatentPrefill(OperatorFile file)
    {
        string[] cache = file.Text("kv_cache_dtype");
        double[] batch = file.Number("batch_size");
        double[] heads = file.Number("num_heads");
        double[] tokens = file.Number("isl");
        foreach ((string kind, OperatorCase[] cases) in Group(file, row => cache[row], row => [batch[row], heads[row], tokens[row]], takesMedian: true))
        {
            double peak = kind == "fp8" ? chip.EightBit : chip.Half;
            yield return new OperatorKind(
                OperatorTimings.PrefillLatentAttention,
                kind,
                cases,
                (parameters, x) => PrefillAttentionTiming.Microseconds(
                    parameters, Scale, peak, x[0], x[2], x[1], LatentHeadWidth, 0, x[0] * x[2] * x[1] * LatentHeadWidth * 4),
                x => Longer(
                    x[0] * x[1] * LatentHeadWidth * x[2] * x[2] / chip.Half, x[0] * x[2] * x[1] * LatentHeadWidth * 4 / Scale.MemoryBytesPerSecond));
        }
    }

    private IEnumerable<OperatorKind> LatentProducts(OperatorFile file)
    {
        string[] names = file.Text("op_name");
        string[] types = file.Text("bmm_dtype");
        double[] tokens = file.Number("num_tokens");
        double[] heads = file.Number("num_heads");
        foreach ((string kind, OperatorCase[] cases) in Group(
            file,
            row => types[row],
            row =>
            {
                bool intoLatent = names[row] == "mla_gen_pre";
                return [tokens[row], heads[row], intoLatent ? PlainHead : LatentRank, intoLatent ? LatentRank : PlainHead];
            },
            takesMedian: true))
        {
            double peak = kind == "fp8" ? chip.EightBit : chip.Half;
            double weight = kind == "fp8" ? 1 : 2;
            yield return new OperatorKind(
                LatentProductTiming.Form.Family,
                kind,
                cases,
                (parameters, x) => LatentProductTiming.Microseconds(parameters, Scale, peak, x[0], x[1], x[2], x[3], weight),
                x => Longer(
                    2 * x[0] * x[1] * x[2] * x[3] / chip.Half,
                    ((x[1] * x[2] * x[3] * weight) + (x[0] * x[1] * (x[2] + x[3]) * 2)) / Scale.MemoryBytesPerSecond));
        }
    }

    private IEnumerable<OperatorKind> Experts(OperatorFile file)
    {
        const string Plain = "moe_torch_flow";
        const string NotGated = "nongated";
        string[] types = file.Text("moe_dtype");
        string[] sources = file.Text("kernel_source");
        string[] distributions = file.Text("distribution");
        string[] columns = ["num_tokens", "hidden_size", "inter_size", "topk", "num_experts", "moe_tp_size", "moe_ep_size"];
        double[][] numbers = Array.ConvertAll(columns, file.Number);
        foreach ((string kind, OperatorCase[] cases) in Group(
            file,
            row => sources[row] is Plain or $"{Plain}_{NotGated}" ? types[row] : $"{types[row]}/{sources[row].Replace($"{Plain}_", "", StringComparison.Ordinal)}",
            row =>
            [
                .. numbers.Select(column => column[row]), Skew(distributions[row]), sources[row].Contains(NotGated, StringComparison.Ordinal) ? 0 : 1,
            ]))
        {
            (double peak, double weight, double activation) = kind.Split('/')[0] switch
            {
                "fp8" or "fp8_block" => (chip.EightBit, 1.0, 1.0),
                "w4a16_mxfp4" => (chip.Half, 0.53125, 2.0),
                "w4a8_mxfp4_mxfp8" or "int4_wo" or "w4afp8" => (chip.EightBit, 0.53125, 1.0),
                "nvfp4" => (chip.FourBit, 0.5625, 0.5625),
                _ => (chip.Half, 2.0, 2.0),
            };
            yield return new OperatorKind(
                ExpertTiming.Form.Family,
                kind,
                cases,
                (parameters, x) => ExpertTiming.Microseconds(
                    parameters, Scale, peak, weight, activation, x[0], x[1], x[2], x[3], x[4], x[5], x[6], x[7], x[8] > 0),
                x =>
                {
                    double products = x[8] > 0 ? 3 : 2;
                    double rows = x[0] * x[3] / x[6];
                    double reached = Math.Min(x[4] / x[6], Math.Max(1, rows));
                    return Longer(
                        2 * products * rows * x[1] * x[2] / x[5] / peak,
                        ((reached * products * x[1] * x[2] / x[5] * weight) + (rows * x[1] * 4)) / Scale.MemoryBytesPerSecond);
                });
        }
    }

    /// <summary>Exponent of a distribution such as <c>power_law_1.01</c>; 0 for an even one.</summary>
    private static double Skew(string distribution) =>
        double.TryParse(distribution.Split('_')[^1], NumberStyles.Float, CultureInfo.InvariantCulture, out double skew) ? skew : 0;

    private IEnumerable<OperatorKind> Collectives(OperatorFile file)
    {
        string[] names = file.Text("op_name");
        string[] types = file.Text("nccl_dtype");
        double[] members = file.Number("num_gpus");
        double[] elements = file.Number("message_size");
        foreach ((string kind, OperatorCase[] cases) in Group(
            file, row => $"nccl_{names[row]}", row => [elements[row] * (types[row] == "half" ? 2 : 1), members[row]]))
        {
            yield return Collective(kind, cases, kind switch
            {
                "nccl_all_reduce" => Kernels.Hardware.Collective.AllReduce,
                "nccl_all_gather" => Kernels.Hardware.Collective.AllGather,
                "nccl_reduce_scatter" => Kernels.Hardware.Collective.ReduceScatter,
                _ => Kernels.Hardware.Collective.AllToAll,
            });
        }
    }

    private OperatorKind CustomAllReduce(OperatorFile file)
    {
        const double HalfBytes = 2;
        double[] members = file.Number("num_gpus");
        double[] elements = file.Number("message_size");
        return Collective(
            "custom_all_reduce",
            Group(file, _ => "", row => [elements[row] * HalfBytes, members[row]]).Single().Cases,
            Kernels.Hardware.Collective.AllReduce);
    }

    private OperatorKind Collective(string kind, OperatorCase[] cases, Collective collective) => new(
        CollectiveTiming.Form.Family,
        kind,
        cases,
        (parameters, x) => CollectiveTiming.Microseconds(parameters, Scale, collective, x[0], x[1]),
        x => CollectiveTiming.WireShare(collective, x[1]) * x[0] / Scale.LinkBytesPerSecond * 1e6);

    private static double Longer(double computeSeconds, double memorySeconds) => Math.Max(computeSeconds, memorySeconds) * 1e6;
}
