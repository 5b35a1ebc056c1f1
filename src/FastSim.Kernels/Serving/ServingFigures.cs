namespace FastSim.Kernels.Serving;

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
    StepParts DecodeParts);
