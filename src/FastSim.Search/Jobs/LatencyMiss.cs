using FastSim.Kernels.Plans;

namespace FastSim.Search.Jobs;

/// <summary>By how much a plan misses a latency limit.</summary>
/// <param name="IsFirstToken">Whether it is the time to first token that misses more; otherwise the time per output token.</param>
/// <param name="Milliseconds">The latency.</param>
/// <param name="LimitMilliseconds">Its limit.</param>
public readonly record struct LatencyMiss(bool IsFirstToken, double Milliseconds, double LimitMilliseconds)
{
    /// <summary>Latency over limit.</summary>
    public double Excess => Milliseconds / LimitMilliseconds;

    /// <summary>The worse miss of figures that some limit refuses.</summary>
    internal static LatencyMiss Of(PlanFigures figures, LatencyLimits limits) => Of(figures.FirstTokenSeconds, figures.PerTokenSeconds, limits);

    /// <summary>The worse miss of latencies that some limit refuses.</summary>
    internal static LatencyMiss Of(double firstTokenSeconds, double perTokenSeconds, LatencyLimits limits)
    {
        double firstToken = LatencyLimits.Excess(firstTokenSeconds, limits.FirstTokenMilliseconds);
        double perToken = LatencyLimits.Excess(perTokenSeconds, limits.PerTokenMilliseconds);
        return firstToken > perToken
            ? new LatencyMiss(true, firstTokenSeconds * 1000, limits.FirstTokenMilliseconds!.Value)
            : new LatencyMiss(false, perTokenSeconds * 1000, limits.PerTokenMilliseconds!.Value);
    }
}
