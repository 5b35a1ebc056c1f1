namespace FastSim.Kernels.Chips;

/// <summary>What the units of system files stand for in physical accounting (docs/cost-model.md, "Rates").</summary>
public static class PhysicalUnits
{
    /// <summary>FLOP/s per <c>tflops</c>.</summary>
    public const double FlopsPerTeraflop = 1e12;

    /// <summary>Bytes per <c>GB</c>.</summary>
    public const double BytesPerGigabyte = 1e9;
}
