namespace FastSim.Kernels.Launches;

/// <summary>What kernel decode attention runs in (docs/surrogate.md, "Kernels of decoding").</summary>
public enum DecodeKernel
{
    /// <summary>A block has all query heads that share a key-value head, and waits for what its matrix units compute of.</summary>
    Shared,

    /// <summary>A block has one query head, and needs no matrix unit.</summary>
    HeadByHead,

    /// <summary>As <see cref="Shared"/>, by matrix units that fetch their operands by themselves.</summary>
    Fetching,
}
