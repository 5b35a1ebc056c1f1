using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Stages;

/// <summary>
/// What a serving engine adds to a chip's operators: properties of the engine, none of them regressed on serving runs. Source:
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
/// <param name="HidesBookkeeping">Whether the host's work on each sequence of a step runs beside the device; otherwise the next step waits for it.</param>
/// <param name="ReservesAnswers">Whether a request is admitted only when its whole answer fits too, so that none is ever evicted; otherwise when its sequence fits halfway.</param>
/// <param name="RequestMicroseconds">What a request takes outside the model, once: the network, the tokenizer, messages between the engine's processes.</param>
/// <param name="SequenceMicroseconds">Host time of a sequence in each step: its stop conditions, its token's way out.</param>
/// <param name="ReserveBytes">Memory of a card that activations, graphs and the engine itself take.</param>
/// <param name="CacheShare">Share of what weights and that leave which the engine gives to the cache.</param>
/// <param name="HasExpertLibrary">Whether tokens go to experts by an expert-parallel library (DeepEP's kernels, or the like); otherwise by the collective library.</param>
/// <param name="ExpertBalance">Mean over most of ranks' expert loads, 0 to 1, as experts are placed; null where tokens choose experts by a power law and copies even it out.</param>
/// <param name="LaunchOverlapMicroseconds">What a kernel starts before the one before it is done, where the chip has dependent launches: of a kernel's fixed time that much is hidden.</param>
/// <param name="SplitsFourBitProducts">Whether kernels of 4-bit products split the depth as those of 16 bits do; the measured ones do not.</param>
/// <param name="BlockMicroseconds">Host time of each block in a step, where graphs hold only the pieces between attentions.</param>
/// <param name="EagerLaunchMicroseconds">What the host takes to launch a kernel of prefill, where no graph holds it.</param>
/// <param name="EagerQuantizeMicroseconds">What it takes besides for a product that quantises its input.</param>
public sealed record ServingEngine(
    string Name,
    double ChunkTokens,
    double HostMicroseconds,
    bool PrefillsFirst,
    bool CachesInEightBits,
    bool VisitsIdleExperts,
    bool HasPackedExpertKernel,
    bool QuantizesApart,
    bool HidesBookkeeping,
    bool ReservesAnswers,
    double RequestMicroseconds,
    double SequenceMicroseconds,
    double ReserveBytes,
    double CacheShare,
    bool HasExpertLibrary = true,
    double? ExpertBalance = null,
    double LaunchOverlapMicroseconds = 0,
    bool SplitsFourBitProducts = false,
    double BlockMicroseconds = 0,
    double EagerLaunchMicroseconds = 8,
    double EagerQuantizeMicroseconds = 0)
{
    private const double WorkingBytes = 3e9;
    private const double LeastShownShare = 0.25;

    /// <summary>The release that a record states; empty where none does, for the present one.</summary>
    public string Release { get; init; } = "";

    /// <summary>
    /// Steps that a waiting prompt is held for others to join it, unless a step's tokens are at hand before (TensorRT-LLM's <c>batch_wait_timeout_iters</c>). A search knows of none: a time to
    /// first token may then fall where more clients ask.
    /// </summary>
    public double BatchWaitSteps { get; init; }

    /// <summary>Decode steps from one look for new prompts to the next (SGLang's <c>scheduler_recv_interval</c>); 0 where it looks before each. A search knows of none, either.</summary>
    public double ReceiveSteps { get; init; }

    /// <summary>No engine in particular: its host takes no time, and keeps nothing of the memory.</summary>
    public static ServingEngine None { get; } = new(
        "none",
        8192,
        0,
        false,
        false,
        false,
        true,
        false,
        HidesBookkeeping: true,
        ReservesAnswers: true,
        RequestMicroseconds: 0,
        SequenceMicroseconds: 0,
        ReserveBytes: 0,
        CacheShare: 1);

    /// <summary>The engines that are described, by name, as their present releases are (<see cref="EngineReleases"/>).</summary>
    public static IReadOnlyDictionary<string, ServingEngine> All { get; } = new[]
    {
        None,
        new ServingEngine(
            "trtllm",
            8192,
            300,
            false,
            true,
            true,
            true,
            true,
            HidesBookkeeping: true,
            ReservesAnswers: true,
            RequestMicroseconds: 15_000,
            SequenceMicroseconds: 20,
            ReserveBytes: WorkingBytes,
            CacheShare: 0.9,
            LaunchOverlapMicroseconds: 1,
            SplitsFourBitProducts: true,
            EagerLaunchMicroseconds: 26,
            EagerQuantizeMicroseconds: 70),
        new ServingEngine(
            "vllm",
            2048,
            300,
            false,
            false,
            false,
            false,
            false,
            HidesBookkeeping: true,
            ReservesAnswers: false,
            RequestMicroseconds: 15_000,
            SequenceMicroseconds: 20,
            ReserveBytes: WorkingBytes,
            CacheShare: 0.9,
            SplitsFourBitProducts: true),
        new ServingEngine(
            "sglang",
            8192,
            400,
            true,
            false,
            false,
            false,
            false,
            HidesBookkeeping: false,
            ReservesAnswers: false,
            RequestMicroseconds: 100_000,
            SequenceMicroseconds: 20,
            ReserveBytes: WorkingBytes,
            CacheShare: 0.9,
            SplitsFourBitProducts: true),
    }.ToDictionary(engine => engine.Name);

    /// <summary>What shows of a kernel's time where kernels start before the one before them is done: that much less, but no less than a quarter.</summary>
    /// <param name="microseconds">The time, or the part of it that no work decides.</param>
    /// <param name="structure">The chip.</param>
    public double Shown(double microseconds, in ChipStructure structure) => structure.HasDependentLaunch
        ? Math.Max(LeastShownShare * microseconds, microseconds - LaunchOverlapMicroseconds)
        : microseconds;
}
