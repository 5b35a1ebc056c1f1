namespace FastSim.Kernels.Fitting;

/// <summary>Measured operators of a family, in rows.</summary>
/// <param name="Features">Their features, <see cref="Launches.OperatorFeatures.Count"/> a row.</param>
/// <param name="Roofline">Microseconds of each at its chip's peaks.</param>
/// <param name="Measured">Microseconds measured.</param>
/// <param name="Weights">How much each counts.</param>
public sealed record TimedOperators(float[] Features, float[] Roofline, float[] Measured, float[] Weights)
{
    /// <summary>Rows.</summary>
    public int Count => Measured.Length;
}
