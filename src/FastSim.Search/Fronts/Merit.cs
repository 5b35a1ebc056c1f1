using FastSim.Kernels.Plans;

namespace FastSim.Search.Fronts;

/// <summary>What deployments are weighed by on a front; a latency that a deployment does not have is 0.</summary>
/// <param name="TokensPerSecond">Throughput, more is better.</param>
/// <param name="FirstTokenSeconds">Time to first token, less is better.</param>
/// <param name="PerTokenSeconds">Time per output token, less is better.</param>
public readonly record struct Merit(double TokensPerSecond, double FirstTokenSeconds, double PerTokenSeconds)
{
    /// <summary>Merit of a plan on as many attention ranks.</summary>
    /// <param name="figures">What it achieves.</param>
    /// <param name="dataParallel">Attention ranks.</param>
    public static Merit Of(PlanFigures figures, int dataParallel) => new(
        figures.TokensPerSecondOf(dataParallel), Known(figures.FirstTokenSeconds), Known(figures.PerTokenSeconds));

    /// <summary>Whether it is as good as another in everything.</summary>
    public bool Covers(Merit other) =>
        TokensPerSecond >= other.TokensPerSecond && FirstTokenSeconds <= other.FirstTokenSeconds && PerTokenSeconds <= other.PerTokenSeconds;

    private static double Known(double seconds) => double.IsNaN(seconds) ? 0 : seconds;
}
