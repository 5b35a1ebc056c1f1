namespace FastSim.Kernels.Fitting;

/// <summary>Measured operators of a family, in rows.</summary>
/// <param name="Features">Their components and marks, <see cref="Launches.OperatorComponents.Count"/> a row.</param>
/// <param name="Measured">Microseconds measured.</param>
/// <param name="Weights">How much each counts.</param>
public sealed record TimedOperators(float[] Features, float[] Measured, float[] Weights)
{
    /// <summary>Rows.</summary>
    public int Count => Measured.Length;
}
