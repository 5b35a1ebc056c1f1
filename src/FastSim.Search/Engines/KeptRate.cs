using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;

namespace FastSim.Search.Engines;

/// <summary>A rate that a phase must keep.</summary>
/// <param name="RequestsPerSecond">Requests of the whole deployment.</param>
/// <param name="TokensPerRequest">Tokens of a request in the phase.</param>
internal readonly record struct KeptRate(double RequestsPerSecond, int TokensPerRequest)
{
    /// <summary>Requests/s of figures.</summary>
    public double RequestsOf(PlanFigures figures) => figures.TokensPerSecond / TokensPerRequest;

    /// <summary>Whether figures keep it.</summary>
    public bool IsKeptBy(PlanFigures figures) => RequestsOf(figures) >= RequestsPerSecond;

    /// <summary>What an attention rank must yield for it, rounding aside.</summary>
    public double TokensPerRankSecond(int dataParallel) => RequestsPerSecond * TokensPerRequest / dataParallel;
}

/// <summary>Whether a batch surely yields less than a rank must.</summary>
internal readonly struct LacksRate(double tokensPerRankSecond) : IBatchTest
{
    public bool Holds(PlanLanes lanes, int lane) => lanes.TokensPerRankSecond(lane) < tokensPerRankSecond * Slack.Below;
}

/// <summary>
/// Where a plan of a phase stands in the order that picks the one of least latency: its latency, then the order of plans.
/// </summary>
/// <param name="LatencySeconds">Time per output token of a plan that decodes, time to first token of one that prefills.</param>
/// <param name="Rank">Its place among plans.</param>
internal readonly record struct LatencyRank(double LatencySeconds, PlanRank Rank)
{
    /// <summary>The rank of a plan at a batch.</summary>
    public static LatencyRank Of(BatchChoice choice, Kernels.Stages.ParallelLayout layout, int microBatches) => new(
        choice.Figures.LatencySeconds, new PlanRank(choice.Figures.TokensPerSecond, layout, choice.Sequences, microBatches));

    /// <summary>Whether this plan comes before another.</summary>
    public bool Precedes(LatencyRank other) =>
        LatencySeconds != other.LatencySeconds ? LatencySeconds < other.LatencySeconds : Rank.Precedes(other.Rank);
}
