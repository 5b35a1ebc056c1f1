namespace FastSim.Search.Jobs;

/// <summary>How prefill and decode share a job's cards.</summary>
public enum ServingMode
{
    /// <summary><c>pd-split-request-optimal</c>: some cards prefill, the others decode (cost model B3).</summary>
    Split,

    /// <summary><c>pd-fusion</c>: one instance does both (cost model B4).</summary>
    Fusion,
}
