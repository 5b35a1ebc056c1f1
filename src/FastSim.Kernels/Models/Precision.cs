namespace FastSim.Kernels.Models;

/// <summary>Bytes per element of each kind of data; may be fractional (0.5 for four-bit).</summary>
/// <param name="WeightBytes"><c>w</c> of the cost model.</param>
/// <param name="ActivationBytes"><c>a</c> of the cost model.</param>
/// <param name="CacheBytes"><c>c</c> of the cost model.</param>
/// <param name="CommunicationBytes"><c>u</c> of the cost model.</param>
public sealed record Precision(double WeightBytes, double ActivationBytes, double CacheBytes, double CommunicationBytes);
