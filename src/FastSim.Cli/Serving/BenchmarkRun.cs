using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Serving;

/// <summary>
/// What a row's benchmark asked of its engine and its row does not say: how lengths were drawn, and options that the engine was launched with. A row states them itself (columns
/// <see cref="LengthRatio"/>, <see cref="BatchWait"/>); of a row whose source is a run of InferenceX (its tables state a workflow's run, or whether it was work in progress) they are those that this
/// benchmark's files have for all runs of an engine. Source: SemiAnalysisAI/InferenceX, <c>.github/workflows/benchmark-tmpl.yml</c> (<c>RANDOM_RANGE_RATIO</c>),
/// <c>utils/bench_serving/benchmark_serving.py</c> (evenly drawn lengths), <c>benchmarks/</c> (<c>async-scheduling</c> of vLLM; <c>batch_wait_timeout_iters</c> of TensorRT-LLM). Nothing of it is
/// fitted to what was measured.
/// </summary>
/// <param name="LeastLength">Lengths of prompts and answers are drawn evenly between this share of what is stated and the whole of it.</param>
/// <param name="SchedulesAhead">Whether the engine was told to work on the next step beside the device.</param>
/// <param name="WaitSteps">Steps that a prompt is held for others.</param>
/// <param name="ReceiveSteps">Decode steps from one look for new prompts to the next.</param>
internal readonly record struct BenchmarkRun(double LeastLength, bool SchedulesAhead, double WaitSteps, double ReceiveSteps)
{
    /// <summary>The column of the least length's share: the benchmark's own word, <c>--random-range-ratio</c>.</summary>
    public const string LengthRatio = "random_range_ratio";

    /// <summary>The column of steps that a prompt is held for others.</summary>
    public const string BatchWait = "batch_wait_iters";

    /// <summary>The column of decode steps from one look for new prompts to the next.</summary>
    public const string Receive = "scheduler_recv_interval";

    private const double InferenceXLeastLength = 0.8;
    private const double LlamaWaitSteps = 20;
    private const double ManyClients = 16;
    private const double FewReceiveSteps = 10;
    private const double ManyReceiveSteps = 30;
    private const int ShortTokens = 1024;
    private const int UnheldTensorParallel = 8;

    /// <summary>What a row's run was asked.</summary>
    /// <param name="row">The row.</param>
    /// <param name="tensorParallelColumn">The column of its tensor parallelism.</param>
    /// <exception cref="UncoveredException">A column holds no such number.</exception>
    public static BenchmarkRun Of(ServingRow row, string tensorParallelColumn)
    {
        bool isInferenceX = IsInferenceX(row.Text("silicon_data_source"));
        return new BenchmarkRun(
            row.Number(LengthRatio, 1) ?? (isInferenceX ? InferenceXLeastLength : 1),
            isInferenceX && row.Text("backend") == "vllm",
            row.Has(BatchWait) ? row.Count(BatchWait) : isInferenceX && HoldsPrompts(row, tensorParallelColumn) ? LlamaWaitSteps : 0,
            row.Has(Receive) ? row.Count(Receive) : isInferenceX ? ReceivesOf(row) : 0);
    }

    /// <summary>Whether a source is a run of InferenceX.</summary>
    public static bool IsInferenceX(string source) => source.Contains("workflow_run_id=", StringComparison.Ordinal) || source.Contains("; wip=", StringComparison.Ordinal);

    /// <summary>How requests come.</summary>
    public ArrivalPattern Arrivals => ArrivalPattern.Drawn(LeastLength);

    /// <summary>An engine as it was launched.</summary>
    public ServingEngine Launched(ServingEngine engine) => !SchedulesAhead && WaitSteps == 0 && ReceiveSteps == 0
        ? engine
        : engine with { HidesBookkeeping = engine.HidesBookkeeping || SchedulesAhead, BatchWaitSteps = WaitSteps, ReceiveSteps = ReceiveSteps };

    /// <summary>What a reader should know of it.</summary>
    public IEnumerable<string> Notes(ServingEngine engine)
    {
        if (LeastLength < 1)
        {
            yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"lengths from {LeastLength:0.##} of isl and osl to the whole");
        }

        if (SchedulesAhead && !engine.HidesBookkeeping)
        {
            yield return "scheduled ahead (async-scheduling)";
        }

        if (WaitSteps > 0)
        {
            yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{BatchWait} = {WaitSteps:0}");
        }

        if (ReceiveSteps > 0)
        {
            yield return string.Create(System.Globalization.CultureInfo.InvariantCulture, $"{Receive} = {ReceiveSteps:0}");
        }
    }

    /// <summary>Of DeepSeek on B200 its files of SGLang look for prompts every 10 steps, from 16 clients on every 30.</summary>
    private static double ReceivesOf(ServingRow row) => row.Text("backend") == "sglang" && row.Text("mode") != ServingPredictor.Disaggregated
        && row.Text("system").StartsWith("b200", StringComparison.Ordinal) && row.Text("model_path").Contains("DeepSeek", StringComparison.Ordinal)
        ? (ServingPredictor.Concurrency(row) ?? row.Number("batch_size") ?? 1) < ManyClients ? FewReceiveSteps : ManyReceiveSteps
        : 0;

    /// <summary>Of Llama 70B with prompts and answers of 1,024 tokens, on fewer than eight cards, its files of TensorRT-LLM hold prompts.</summary>
    private static bool HoldsPrompts(ServingRow row, string tensorParallelColumn) => row.Text("backend") == "trtllm"
        && row.Whole(tensorParallelColumn) < UnheldTensorParallel
        && row.Number("isl", ServingRow.MostTokens) == ShortTokens
        && row.Number("osl", ServingRow.MostTokens) == ShortTokens
        && row.Text("model_path") is { } model
        && model.Contains("Llama", StringComparison.Ordinal)
        && model.Contains("70B", StringComparison.Ordinal);
}
