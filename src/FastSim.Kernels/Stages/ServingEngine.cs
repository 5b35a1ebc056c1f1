namespace FastSim.Kernels.Stages;

/// <summary>
/// What a serving engine adds to a chip's operators: properties of the engine, none of them fitted to serving runs. Source:
/// docs/validation.md, "Engines".
/// </summary>
/// <param name="Name">The engine's name.</param>
/// <param name="ChunkTokens">Prompt tokens that one step takes at most.</param>
/// <param name="HostMicroseconds">Time of the host that every step waits for.</param>
/// <param name="PrefillsFirst">Whether waiting prompts stop decoding; otherwise they join decode steps.</param>
/// <param name="CachesInEightBits">Whether the cache is kept in 8 bits where the weights are.</param>
/// <param name="VisitsIdleExperts">Whether its expert kernels take time for experts that no token reached.</param>
/// <param name="HasPackedExpertKernel">Whether it has a kernel of its own for 4-bit experts with 16-bit activations; otherwise the 16-bit one unpacks them.</param>
/// <param name="QuantizesApart">Whether quantising a normalised input takes a kernel of its own in models that normalise queries and keys.</param>
public sealed record ServingEngine(
    string Name,
    double ChunkTokens,
    double HostMicroseconds,
    bool PrefillsFirst,
    bool CachesInEightBits,
    bool VisitsIdleExperts,
    bool HasPackedExpertKernel,
    bool QuantizesApart)
{
    /// <summary>No engine in particular: its host takes no time.</summary>
    public static ServingEngine None { get; } = new("none", 8192, 0, false, false, false, true, false);

    /// <summary>The engines that are described, by name.</summary>
    public static IReadOnlyDictionary<string, ServingEngine> All { get; } = new[]
    {
        None,
        new ServingEngine("trtllm", 8192, 300, false, true, true, true, true),
        new ServingEngine("vllm", 2048, 600, false, false, false, false, false),
        new ServingEngine("sglang", 8192, 400, true, false, false, false, false),
    }.ToDictionary(engine => engine.Name);
}
