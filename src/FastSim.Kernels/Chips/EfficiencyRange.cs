namespace FastSim.Kernels.Chips;

/// <summary>What a model's answers for a family lie between, by its own word.</summary>
/// <param name="LeastEfficiency">Least efficiency; above 0.</param>
/// <param name="MostEfficiency">Most; at most 1.</param>
/// <param name="LeastFloorMicroseconds">Least latency floor; at least 0.</param>
/// <param name="MostFloorMicroseconds">Most.</param>
public readonly record struct EfficiencyRange(
    double LeastEfficiency, double MostEfficiency, double LeastFloorMicroseconds, double MostFloorMicroseconds);
