using FastSim.Kernels.Launches;
using FastSim.Kernels.Plans;

namespace FastSim.Cli.Planning;

/// <summary>How sure a deployment's time per output token is (docs/validation.md, "Intervals").</summary>
internal static class Confidence
{
    /// <summary>The interval; null where no engine runs the instances, so that nothing was measured of it.</summary>
    public static PerTokenInterval? Of(PlannedDeployment deployment)
    {
        if (deployment.Result.Decode is not { Launches.Count: > 0 } decode)
        {
            return null;
        }

        // Launches are a stage's; a token passes all of them.
        StepParts parts = default;
        foreach (PricedLaunch launch in decode.Launches)
        {
            parts.Add(launch.Part, launch.Microseconds * decode.Layout.PipelineParallel);
        }

        return PerTokenInterval.Of(
            deployment.Point.Merit.PerTokenSeconds * 1000, parts, decode.Rates.Chip.Timings, decode.Shape.Model.Latent is not null);
    }

    /// <summary>Whether what is predicted of another deployment lies within the interval of the best: then either may be.</summary>
    public static bool IsWithin(PlannedDeployment other, PlannedDeployment best, PerTokenInterval interval) =>
        other.RequestsPerSecond >= best.RequestsPerSecond * (best.Point.Merit.PerTokenSeconds * 1000) / interval.HighMilliseconds;
}
