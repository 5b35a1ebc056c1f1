namespace FastSim.Cli.Serving;

/// <summary>Options that aiconfigurator's files launch engines with, for rows that were measured with it (<see cref="BenchmarkRun"/> has the sources).</summary>
internal static class AiconfiguratorFiles
{
    private const string Benchmark = "aic-auto-gap-analysis";
    private const string Quantized = "Qwen/Qwen3-32B";
    private const string QuantizedRelease = "1.0.";
    private const double SpareTokens = 1500;

    /// <summary>Releases of SGLang that have a file of their own which mixes prompts with decoding; that for all others misspells the option, and nothing comes of it.</summary>
    private static readonly string[] MixingReleases = ["0.5.3.post2", "0.5.4.post3", "0.5.6.post2"];

    /// <summary>Whether a source is a run of it.</summary>
    public static bool IsOf(string source) => source.Contains(Benchmark, StringComparison.Ordinal);

    /// <summary>
    /// Prompt tokens that a step takes at most: TensorRT-LLM's steps have room for the batch, a prompt and 1,500 tokens, SGLang's for a prompt and 1,500 tokens; 0 where the engine's own number stays.
    /// </summary>
    /// <param name="row">The row.</param>
    /// <param name="joinsDecoding">Whether its prompts join decode steps.</param>
    public static double ChunkTokens(ServingRow row, bool joinsDecoding) => row.Engine == "trtllm" || (joinsDecoding && MixesPrompts(row))
        ? Math.Floor(row.Number("isl", ServingRow.MostTokens) ?? 0) + SpareTokens
        : 0;

    /// <summary>Whether prompts join decode steps of SGLang.</summary>
    /// <param name="row">The row.</param>
    public static bool MixesPrompts(ServingRow row) => row.Engine == "sglang" && Array.IndexOf(MixingReleases, row.Text(ServingTable.Release)) >= 0;

    /// <summary>Whether 8 bits are those of a checkpoint with a scale a block: of Qwen3-32B, under TensorRT-LLM 1.0, Qwen3-32B-FP8.</summary>
    /// <param name="row">The row.</param>
    public static bool HasBlockScales(ServingRow row) => row.Engine == "trtllm"
        && row.Text("model_path") == Quantized
        && row.Text(ServingTable.Release).StartsWith(QuantizedRelease, StringComparison.Ordinal);
}
