namespace FastSim.Search.Sweeps;

/// <summary>What keeps a plan's batch from being larger.</summary>
public enum BatchBound
{
    /// <summary>The memory is full.</summary>
    Capacity,

    /// <summary>A larger batch misses a latency limit.</summary>
    LatencyLimit,

    /// <summary>The user stated the batch.</summary>
    Stated,

    /// <summary>Throughput falls beyond it: an efficiency table is worse for larger operators.</summary>
    Efficiency,

    /// <summary>It keeps the rate of the other phase of a split, and waits longer if larger.</summary>
    Rate,

    /// <summary>A larger one is worse in what the job is to be best in.</summary>
    Objective,
}
