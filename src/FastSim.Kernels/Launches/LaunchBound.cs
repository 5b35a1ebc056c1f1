namespace FastSim.Kernels.Launches;

/// <summary>What a launch is never faster than: a floor, with its FLOP or its bytes, whichever take longer, at the chip's peaks times these.</summary>
/// <param name="FloorMicroseconds">The floor.</param>
/// <param name="PerFlop">Over the compute units' peak; 0 where FLOP do not count.</param>
/// <param name="PerByte">Over the memory's.</param>
/// <param name="CountsStoredAlone">Whether of its bytes those alone count that come from the memory or go there: a cache may hold its intermediate results.</param>
public readonly record struct LaunchBound(double FloorMicroseconds, double PerFlop, double PerByte, bool CountsStoredAlone = false)
{
    /// <summary>The chip's peaks alone.</summary>
    public static LaunchBound Peaks { get; } = new(0, 1, 1);
}
