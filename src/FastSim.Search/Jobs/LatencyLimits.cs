using FastSim.Kernels.Plans;
using FastSim.Kernels.Roofline;

namespace FastSim.Search.Jobs;

/// <summary>What latency a job accepts; null accepts any.</summary>
/// <param name="FirstTokenMilliseconds">Limit of the time to first token.</param>
/// <param name="PerTokenMilliseconds">Limit of the time per output token.</param>
public sealed record LatencyLimits(double? FirstTokenMilliseconds, double? PerTokenMilliseconds)
{
    /// <summary>Whether figures meet both limits; a figure that a plan does not have meets any.</summary>
    public bool Accept(PlanFigures figures) =>
        Excess(figures.FirstTokenSeconds, FirstTokenMilliseconds) <= 1 && Excess(figures.PerTokenSeconds, PerTokenMilliseconds) <= 1;

    /// <summary>Limit of the time per output token, seconds; infinite for none.</summary>
    internal double PerTokenSeconds => PerTokenMilliseconds / 1000 ?? double.PositiveInfinity;

    /// <summary>The worse of two latencies as multiples of their limits.</summary>
    internal double Excess(PlanFigures figures) => Math.Max(
        Excess(figures.FirstTokenSeconds, FirstTokenMilliseconds), Excess(figures.PerTokenSeconds, PerTokenMilliseconds));

    /// <summary>The same of a batch that was evaluated in lanes.</summary>
    internal double Excess(PlanLanes lanes, int lane) => Math.Max(
        Excess(lanes.FirstTokenSeconds[lane], FirstTokenMilliseconds), Excess(lanes.PerTokenSeconds[lane], PerTokenMilliseconds));

    /// <summary>A latency as a multiple of its limit; 0 where either is missing.</summary>
    internal static double Excess(double seconds, double? limitMilliseconds) =>
        limitMilliseconds is { } limit && !double.IsNaN(seconds) ? seconds / (limit / 1000) : 0;
}
