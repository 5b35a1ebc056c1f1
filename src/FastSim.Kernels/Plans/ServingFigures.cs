using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Plans;

/// <summary>What a deployment achieves under a closed loop of clients.</summary>
/// <param name="FirstTokenMilliseconds">Time to first token.</param>
/// <param name="PerTokenMilliseconds">Time per output token.</param>
/// <param name="TokensPerSecond">Generated tokens a second, all ranks.</param>
/// <param name="Decoding">Sequences that decode at a time, a rank.</param>
/// <param name="Running">Sequences that fit at a time, a rank.</param>
/// <param name="DecodeParts">Microseconds of a decode step at the batch, by part.</param>
public readonly record struct ServingFigures(
    double FirstTokenMilliseconds,
    double PerTokenMilliseconds,
    double TokensPerSecond,
    double Decoding,
    double Running,
    StepParts DecodeParts)
{
    private const double SecondsPerMicrosecond = 1e-6;

    /// <summary>The figures of an instance that prefills and decodes.</summary>
    /// <param name="loop">What a rank achieves.</param>
    /// <param name="ranks">Attention ranks.</param>
    /// <param name="decodeParts">Microseconds of a decode step, by part.</param>
    public static ServingFigures Of(LoopFigures loop, double ranks, in StepParts decodeParts) => new(
        loop.FirstTokenMicroseconds * SecondsPerMicrosecond * 1000,
        loop.PerTokenMicroseconds * SecondsPerMicrosecond * 1000,
        ranks * loop.Decoding / (loop.PerTokenMicroseconds * SecondsPerMicrosecond),
        loop.Decoding,
        loop.Running,
        decodeParts);
}
