namespace FastSim.Cli.Serving;

/// <summary>Options that InferenceX's files launch some engines with (<see cref="BenchmarkRun"/> has the sources).</summary>
internal static class InferenceXFiles
{
    private const double LlamaWaitSteps = 20;
    private const int UnheldTensorParallel = 8;
    private const double GptOssChunkTokens = 20_000;
    private const int ShortTokens = 1024;
    private const double ManyClients = 16;
    private const double FewReceiveSteps = 10;
    private const double ManyReceiveSteps = 30;

    /// <summary>Steps that a prompt is held for others: of Llama 70B under TensorRT-LLM, of tensor parallelism below eight, with prompts and answers of 1,024 tokens.</summary>
    /// <param name="row">The row.</param>
    public static double WaitSteps(ServingRow row) => row.Engine == "trtllm"
        && row.Size("tp_size") < UnheldTensorParallel
        && row.Number("isl", ServingRow.MostTokens) == ShortTokens
        && row.Number("osl", ServingRow.MostTokens) == ShortTokens
        && row.Text("model_path") is { } model
        && model.Contains("Llama", StringComparison.OrdinalIgnoreCase)
        && model.Contains("70B", StringComparison.OrdinalIgnoreCase)
        ? LlamaWaitSteps
        : 0;

    /// <summary>Prompt tokens that a step takes at most: 20,000 of gpt-oss under TensorRT-LLM; 0 where the engine's own number stays.</summary>
    /// <param name="row">The row.</param>
    public static double ChunkTokens(ServingRow row) => row.Engine == "trtllm" && row.Text("model_path").Contains("gpt-oss", StringComparison.OrdinalIgnoreCase)
        ? GptOssChunkTokens
        : 0;

    /// <summary>Decode steps from one look for prompts to the next: of DeepSeek under SGLang on B200, by the number of clients.</summary>
    /// <param name="row">The row.</param>
    public static double ReceiveSteps(ServingRow row)
    {
        if (row.Engine != "sglang"
            || !row.Text("system").StartsWith("b200", StringComparison.OrdinalIgnoreCase)
            || !row.Text("model_path").Contains("DeepSeek", StringComparison.OrdinalIgnoreCase))
        {
            return 0;
        }

        double? clients = ServingPredictor.Concurrency(row) ?? (row.Text("batch_size") == ServingPredictor.LargestBatch ? null : row.Number("batch_size"));
        return (clients ?? ManyClients) < ManyClients ? FewReceiveSteps : ManyReceiveSteps;
    }
}
