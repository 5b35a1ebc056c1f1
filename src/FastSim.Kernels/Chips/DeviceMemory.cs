namespace FastSim.Kernels.Chips;

/// <summary>The memory that weights and cache live in (cost model A1, <c>mem1</c>).</summary>
/// <param name="CapacityGibibytes"><c>GiB</c>.</param>
/// <param name="GigabytesPerSecond"><c>GBps</c>, in the accounting's giga.</param>
/// <param name="CalibrationCoefficient">Share of the bandwidth that is reached.</param>
/// <param name="CacheReadCoefficient">Further share for decode operators that read the cache.</param>
/// <param name="PrefillCacheReadCoefficient">The same for prefill.</param>
/// <param name="Efficiency">Further share by megabytes an operator moves.</param>
public sealed record DeviceMemory(
    double CapacityGibibytes,
    double GigabytesPerSecond,
    double CalibrationCoefficient,
    double CacheReadCoefficient,
    double PrefillCacheReadCoefficient,
    EfficiencyTable Efficiency)
{
    /// <summary>Further share of the rate at which decode operators read a cache that lies in pages; counts in physical accounting (inferred from its name).</summary>
    public double PageReadCoefficient { get; init; } = 1;

    /// <summary>The same for prefill.</summary>
    public double PrefillPageReadCoefficient { get; init; } = 1;

    /// <summary>Bytes in a GiB.</summary>
    public const double BytesPerGibibyte = 1024d * 1024d * 1024d;
}
