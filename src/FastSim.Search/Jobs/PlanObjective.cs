namespace FastSim.Search.Jobs;

/// <summary>What a job's best deployment is best in.</summary>
public enum PlanObjective
{
    /// <summary>The most requests/s.</summary>
    Throughput,

    /// <summary>The least time of a whole request: to its first token, and for each that follows.</summary>
    Latency,

    /// <summary>The least time to first token.</summary>
    FirstToken,

    /// <summary>The least time per output token.</summary>
    PerToken,

    /// <summary>The least price of a token, of the cards that are used; chips must state theirs.</summary>
    Cost,

    /// <summary>The least energy of a token, of the cards that are used; chips must state what theirs takes.</summary>
    Energy,
}
