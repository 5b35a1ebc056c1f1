namespace FastSim.Kernels.Roofline;

/// <summary>Latency that a plan may reach; null leaves it free.</summary>
/// <param name="FirstTokenSeconds">Time to first token.</param>
/// <param name="PerTokenSeconds">Time per output token.</param>
public readonly record struct LatencyCeiling(double? FirstTokenSeconds, double? PerTokenSeconds);
