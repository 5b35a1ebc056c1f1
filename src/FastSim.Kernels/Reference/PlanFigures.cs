namespace FastSim.Kernels.Reference;

/// <summary>What a plan achieves at a batch.</summary>
/// <param name="FirstTokenSeconds">Time to first token; NaN for a plan that only decodes.</param>
/// <param name="PerTokenSeconds">Time per output token; NaN for a plan that only prefills.</param>
/// <param name="TokensPerSecond">Throughput of the instance: prompt tokens for a prefill plan, generated tokens otherwise.</param>
public readonly record struct PlanFigures(double FirstTokenSeconds, double PerTokenSeconds, double TokensPerSecond);
