using FastSim.Kernels.Lanes;

namespace FastSim.Search.Engines;

/// <summary>How plans are searched. All find the same plan for every job.</summary>
public enum EngineKind
{
    /// <summary>Layouts on the reference evaluator, one batch at a time; with flat tables the least redundant of those otherwise alike.</summary>
    Scalar,

    /// <summary>Every batch of every layout, in lanes.</summary>
    Exhaustive,

    /// <summary>Layouts best-first by an upper bound, in lanes; those that cannot win are not searched.</summary>
    Bound,
}

/// <summary>An engine and what it runs on; none of it changes the answer.</summary>
/// <param name="Kind">The engine.</param>
/// <param name="Threads">Threads to use, or -1 for one a core.</param>
/// <param name="Width">Lane width of the kernel.</param>
public sealed record EngineSettings(EngineKind Kind, int Threads, LaneWidth Width)
{
    /// <summary>The bound engine on every core, at the machine's best width.</summary>
    public static EngineSettings Default { get; } = new(EngineKind.Bound, -1, LaneWidths.Best);

    /// <summary>Threads in number; more than the machine has cores would only take memory.</summary>
    public int Workers => Threads > 0 ? Math.Min(Threads, Environment.ProcessorCount) : Environment.ProcessorCount;
}
