using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Serving;

/// <summary>
/// What a row's benchmark asked of its engine: how lengths were drawn, and options that the engine was launched with. A row says it in columns; of a row whose source is a run of InferenceX
/// (which names it, a workflow's run, or whether it was work in progress, as its tables do) it is what that benchmark's public files say. Sources: SemiAnalysisAI/InferenceX,
/// <c>.github/workflows/benchmark-tmpl.yml</c> (<c>RANDOM_RANGE_RATIO</c>), <c>utils/bench_serving/benchmark_serving.py</c> (evenly drawn lengths), <c>benchmarks/</c>: <c>async-scheduling</c> of
/// vLLM's files, <c>batch_wait_timeout_iters</c> of Llama 70B and <c>max_num_tokens</c> of gpt-oss under TensorRT-LLM, <c>scheduler-recv-interval</c> of DeepSeek under SGLang on B200. Of a row
/// whose source is a run of aiconfigurator likewise: ai-dynamo/aiconfigurator, <c>src/aiconfigurator/generator</c> (<c>rule_plugin/benchmark</c>, <c>backends/trtllm.py</c>: <c>max_num_tokens</c>,
/// <c>max_prefill_tokens</c>; <c>config/backend_templates/sglang</c>: <c>enable-mixed-chunk</c>), <c>tools/automation/config.env</c> (the checkpoint). Nothing of it is fitted to what was measured.
/// </summary>
/// <param name="LeastLength">Lengths of prompts and answers are drawn evenly between this share of what is stated and the whole of it.</param>
/// <param name="SchedulesAhead">Whether the engine was told to work on the next step beside the device.</param>
/// <param name="WaitSteps">Steps that a prompt is held for others, in one pool.</param>
/// <param name="ReceiveSteps">Decode steps from one look for prompts to the next, in one pool.</param>
/// <param name="ChunkTokens">Prompt tokens that a step takes at most, in one pool; 0 for the engine's own.</param>
/// <param name="JoinsDecoding">Whether prompts join decode steps of an engine whose prompts stop decoding otherwise, in one pool; null where the engine was left as it is.</param>
/// <param name="HasBlockScales">Whether the checkpoint that was taken for 8 bits has a scale a block.</param>
internal readonly record struct BenchmarkRun(
    double LeastLength, bool SchedulesAhead, double WaitSteps, double ReceiveSteps, double ChunkTokens, bool? JoinsDecoding, bool HasBlockScales)
{
    /// <summary>The column of the least length's share.</summary>
    public const string LengthRatio = "random_range_ratio";

    /// <summary>The column of steps that a prompt is held for others.</summary>
    public const string BatchWait = "batch_wait_iters";

    /// <summary>The column of decode steps from one look for prompts to the next.</summary>
    public const string Receive = "scheduler_recv_interval";

    /// <summary>The column of prompt tokens that a step takes at most.</summary>
    public const string Chunk = "chunk_tokens";

    /// <summary>The column of whether prompts join decode steps of an engine whose prompts stop decoding otherwise.</summary>
    public const string Mixed = "enable_mixed_chunk";

    private const string Source = "silicon_data_source";
    private const string Benchmark = "InferenceX";
    private const double InferenceXLeastLength = 0.8;

    /// <summary>Columns of it.</summary>
    public static IReadOnlyList<string> Columns { get; } = [LengthRatio, BatchWait, Receive, Chunk, Mixed];

    /// <summary>What a row says that has none of the columns by which it is said.</summary>
    public static BenchmarkRun Unstated { get; } = new(1, false, 0, 0, 0, null, false);

    /// <summary>How requests come.</summary>
    public ArrivalPattern Arrivals => ArrivalPattern.Drawn(LeastLength);

    /// <summary>Whether a table has a column by which a row says what its run was asked.</summary>
    /// <param name="columns">The table's columns.</param>
    public static bool IsSaidBy(Dictionary<string, int> columns) => columns.ContainsKey(Source) || Columns.Any(columns.ContainsKey);

    /// <summary>What a row's run was asked.</summary>
    /// <param name="row">The row.</param>
    /// <exception cref="UncoveredException">A column holds no such number.</exception>
    public static BenchmarkRun Of(ServingRow row)
    {
        string source = row.Text(Source);
        bool isInferenceX = IsInferenceX(source);
        bool isAiconfigurator = AiconfiguratorFiles.IsOf(source);
        BenchmarkRun ofAnyPools = new(
            row.Number(LengthRatio, 1) ?? (isInferenceX ? InferenceXLeastLength : 1),
            isInferenceX && row.Engine == "vllm",
            0,
            0,
            0,
            JoinsDecoding: null,
            isAiconfigurator && AiconfiguratorFiles.HasBlockScales(row));
        if (row.Text("mode") == ServingPredictor.Disaggregated)
        {
            return ofAnyPools;
        }

        bool? joins = row.Text(Mixed).Length > 0 ? IsSet(row, Mixed) : isAiconfigurator && AiconfiguratorFiles.MixesPrompts(row) ? true : null;
        return ofAnyPools with
        {
            WaitSteps = row.Text(BatchWait).Length > 0 ? row.Whole(BatchWait) : isInferenceX ? InferenceXFiles.WaitSteps(row) : 0,
            ReceiveSteps = row.Text(Receive).Length > 0 ? row.Whole(Receive) : isInferenceX ? InferenceXFiles.ReceiveSteps(row) : 0,
            ChunkTokens = row.Whole(Chunk) is > 0 and var stated ? stated
                : isAiconfigurator ? AiconfiguratorFiles.ChunkTokens(row, joins == true)
                : isInferenceX ? InferenceXFiles.ChunkTokens(row)
                : 0,
            JoinsDecoding = joins,
        };
    }

    /// <summary>Whether a source is a run of InferenceX.</summary>
    public static bool IsInferenceX(string source) => source.Contains(Benchmark, StringComparison.Ordinal)
        || source.Contains("workflow_run_id=", StringComparison.Ordinal)
        || source.Contains("; wip=", StringComparison.Ordinal);

    private static bool IsSet(ServingRow row, string column) => double.TryParse(row.Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number is 0 or 1
        ? number == 1
        : throw new UncoveredException($"{column} is neither 0 nor 1: {OneLine.Of(row.Text(column))}");

    /// <summary>An engine as it was launched.</summary>
    public ServingEngine Launched(ServingEngine engine) => this == default(BenchmarkRun) with { LeastLength = LeastLength, HasBlockScales = HasBlockScales }
        ? engine
        : engine with
        {
            HidesBookkeeping = engine.HidesBookkeeping || SchedulesAhead,
            BatchWaitSteps = WaitSteps,
            ReceiveSteps = ReceiveSteps,
            ChunkTokens = ChunkTokens > 0 ? ChunkTokens : engine.ChunkTokens,
            PrefillsFirst = engine.PrefillsFirst && JoinsDecoding != true,
        };

    /// <summary>What a reader should know of it.</summary>
    /// <param name="engine">The engine as its release is.</param>
    public IEnumerable<string> Notes(ServingEngine engine)
    {
        if (LeastLength < 1)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{LengthRatio} = {LeastLength}");
        }

        if (SchedulesAhead && !engine.HidesBookkeeping)
        {
            yield return "scheduled beside the device";
        }

        if (WaitSteps > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{BatchWait} = {WaitSteps:0}");
        }

        if (ReceiveSteps > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{Receive} = {ReceiveSteps:0}");
        }

        if (ChunkTokens > 0)
        {
            yield return string.Create(CultureInfo.InvariantCulture, $"{Chunk} = {ChunkTokens:0.##}");
        }

        if (JoinsDecoding is { } joins && (joins || !engine.PrefillsFirst))
        {
            yield return engine.PrefillsFirst ? $"{Mixed} = 1" : $"without effect where prompts join decoding anyway: {Mixed}";
        }
    }
}
