namespace FastSim.Kernels.Clocks;

/// <summary>What prices a launch.</summary>
public enum ClockKind
{
    /// <summary>Rates, coefficients and efficiency tables of the chip (cost model A1).</summary>
    Roofline,

    /// <summary>Forms fitted to measured kernels (docs/validation.md, "Operators").</summary>
    Fitted,

    /// <summary>A learned efficiency (docs/surrogate.md).</summary>
    Learned,
}
