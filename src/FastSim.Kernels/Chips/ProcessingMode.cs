namespace FastSim.Kernels.Chips;

/// <summary>How an operator's compute and memory time combine (cost model A2).</summary>
public enum ProcessingMode
{
    /// <summary>The longer of the two.</summary>
    Roofline,

    /// <summary>Their sum.</summary>
    NoOverlap,
}
