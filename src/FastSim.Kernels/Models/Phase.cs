namespace FastSim.Kernels.Models;

/// <summary>The two phases of serving a request.</summary>
public enum Phase
{
    /// <summary>The prompt is read at once (cost model B2).</summary>
    Prefill,

    /// <summary>Tokens are generated one step at a time (cost model part A).</summary>
    Decode,
}
