namespace FastSim.Kernels.Models;

/// <summary>Which accounting the cost model follows.</summary>
public enum Accounting
{
    /// <summary>Part A of the cost model: reproduces the sample table.</summary>
    Seed,

    /// <summary>Part A with the corrections of B1.</summary>
    Physical,
}
