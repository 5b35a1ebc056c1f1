namespace FastSim.Kernels.Chips;

/// <summary>A matrix or vector unit at one data type (cost model A1).</summary>
/// <param name="Teraflops"><c>tflops</c>, peak, in the accounting's tera.</param>
/// <param name="CalibrationCoefficient">Share of the peak that is reached.</param>
/// <param name="Efficiency">Further share by operator GFLOP or shape.</param>
public sealed record ComputeUnit(double Teraflops, double CalibrationCoefficient, EfficiencyTable Efficiency);
