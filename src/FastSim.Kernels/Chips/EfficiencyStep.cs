namespace FastSim.Kernels.Chips;

/// <summary>A row of an efficiency table as the kernel reads it.</summary>
/// <param name="Threshold">What the variable must reach; negative infinity is reached always.</param>
/// <param name="Inverse">One over the efficiency.</param>
internal readonly record struct EfficiencyStep(double Threshold, double Inverse);
