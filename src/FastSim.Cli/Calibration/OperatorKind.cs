namespace FastSim.Cli.Calibration;

/// <summary>A measured operator: what decides its time, and the time.</summary>
/// <param name="Inputs">What decides it, in the order of its family.</param>
/// <param name="Microseconds">The time.</param>
internal readonly record struct OperatorCase(double[] Inputs, double Microseconds);

/// <summary>Microseconds of an operator under some parameters.</summary>
internal delegate double OperatorTiming(ReadOnlySpan<double> parameters, double[] inputs);

/// <summary>Measured operators that share a fit.</summary>
/// <param name="Family">The family.</param>
/// <param name="Kind">The kind.</param>
/// <param name="Cases">The measurements.</param>
/// <param name="Timing">The family's form at the kind's data types.</param>
/// <param name="Roofline">Microseconds at the chip's peaks: the longer of compute and memory.</param>
internal sealed record OperatorKind(string Family, string Kind, IReadOnlyList<OperatorCase> Cases, OperatorTiming Timing, Func<double[], double> Roofline);
