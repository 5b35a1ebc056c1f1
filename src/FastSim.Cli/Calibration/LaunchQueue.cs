namespace FastSim.Cli.Calibration;

/// <summary>
/// Kernels of a module as they follow each other on a device: none starts before the one ahead of it is done, nor before the host has
/// launched it. One of them, the attention, may be left open: then the module takes the longer of the part before it and it, and the rest.
/// </summary>
/// <param name="hostMicroseconds">What the host takes for a launch; 0 for a captured graph.</param>
/// <param name="quantisingMicroseconds">What it takes besides for a product whose input it quantises.</param>
/// <param name="preparing">What it takes before the first.</param>
internal sealed class LaunchQueue(double hostMicroseconds, double quantisingMicroseconds, double preparing)
{
    private double host = preparing;
    private double withOpen = double.NegativeInfinity;
    private double without;

    /// <summary>Adds a kernel, or several in a row.</summary>
    /// <param name="microseconds">Time on the device.</param>
    /// <param name="launches">Kernels that the host launches.</param>
    /// <param name="quantises">Whether it quantises the input of a product.</param>
    public void Add(double microseconds, int launches = 1, bool quantises = false)
    {
        Launch(launches, quantises);
        without = Math.Max(without, host) + microseconds;
        withOpen += microseconds;
    }

    /// <summary>Adds the kernel that is left open.</summary>
    public void AddOpen()
    {
        Launch(1, quantises: false);
        withOpen = Math.Max(without, host);
        without = 0;
    }

    /// <summary>The module's time as it follows from the open kernel's.</summary>
    /// <param name="besides">Microseconds of it that pass beside others.</param>
    public (double BesideOpen, double Least) Time(double besides) => (withOpen - besides, without - besides);

    private void Launch(int launches, bool quantises) => host += (launches * hostMicroseconds) + (quantises ? quantisingMicroseconds : 0);
}
