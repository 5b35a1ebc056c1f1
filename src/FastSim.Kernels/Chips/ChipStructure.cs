namespace FastSim.Kernels.Chips;

/// <summary>
/// What a chip's data sheet says of how it works, beside its peaks: what learned efficiencies go by (docs/surrogate.md, "Features"). What a file
/// leaves out follows from the rest by rule.
/// </summary>
/// <param name="ClockHertz">Clock of the compute units at which the peaks are stated; 0 for <see cref="UsualClockHertz"/>.</param>
/// <param name="CacheBytes">Second-level cache, the last before the memory; 0 for <see cref="UsualCacheBytesPerUnit"/> a unit.</param>
/// <param name="CacheBytesPerSecond">Rate at which units read it together; 0 for <see cref="UsualCacheBytesPerCycle"/> a unit and cycle.</param>
/// <param name="LaunchSeconds">From one kernel's end to the next one's begin; 0 for <see cref="UsualLaunchSeconds"/>.</param>
/// <param name="EmulatesEightBitFloats">Whether 8-bit floating point runs in 16 bits, since no matrix unit has it.</param>
/// <param name="IsAsynchronous">Whether matrix units fetch their operands from shared memory by themselves while others work; null where the file leaves it to their width.</param>
/// <param name="HasDependentLaunch">Whether a kernel may start before the one before it is done, and wait for its results by itself. No learned efficiency goes by it.</param>
/// <param name="KeepsActivations">Whether rooflines count on intermediate results that fit the cache staying there; needs size and rate of the cache (docs/cost-model.md, "Second-level cache").</param>
/// <param name="HasFourBitFloats">Whether matrix units compute 4-bit floating point.</param>
public readonly record struct ChipStructure(
    double ClockHertz = 0, double CacheBytes = 0, double CacheBytesPerSecond = 0, double LaunchSeconds = 0, bool EmulatesEightBitFloats = false,
    bool? IsAsynchronous = null, bool HasDependentLaunch = false, bool KeepsActivations = false,
    bool HasFourBitFloats = false)
{
    /// <summary>Clock of a chip that states none.</summary>
    public const double UsualClockHertz = 1.8e9;

    /// <summary>Bytes of second-level cache a compute unit, of a chip that states none.</summary>
    public const double UsualCacheBytesPerUnit = 384 * 1024;

    /// <summary>Bytes that a compute unit reads of it a cycle, of a chip that states no rate: the width of a unit's load path.</summary>
    public const double UsualCacheBytesPerCycle = 64;

    /// <summary>From one kernel's end to the next one's begin, of a chip that states nothing.</summary>
    public const double UsualLaunchSeconds = 1e-6;

    /// <summary>The same with nothing left out.</summary>
    /// <param name="computeUnits">The chip's compute units.</param>
    public ChipStructure Whole(double computeUnits)
    {
        double clock = ClockHertz > 0 ? ClockHertz : UsualClockHertz;
        return this with
        {
            ClockHertz = clock,
            CacheBytes = CacheBytes > 0 ? CacheBytes : UsualCacheBytesPerUnit * computeUnits,
            CacheBytesPerSecond = CacheBytesPerSecond > 0 ? CacheBytesPerSecond : UsualCacheBytesPerCycle * computeUnits * clock,
            LaunchSeconds = LaunchSeconds > 0 ? LaunchSeconds : UsualLaunchSeconds,
        };
    }
}
