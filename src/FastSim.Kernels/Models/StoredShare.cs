namespace FastSim.Kernels.Models;

/// <summary>How much of some weights takes a run's weight bytes, and what the others take.</summary>
/// <param name="Run">Share of the weights that are stored in the checkpoint's main format, 0 to 1: those take the run's bytes.</param>
/// <param name="Rest">Bytes that the others take, for each weight of all.</param>
public readonly record struct StoredShare(double Run, double Rest)
{
    /// <summary>Bytes a weight.</summary>
    /// <param name="runBytes">Weight bytes of the run.</param>
    public double Bytes(double runBytes) => (Run * runBytes) + Rest;
}
