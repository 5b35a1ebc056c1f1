using FastSim.Kernels.Chips;

namespace FastSim.Kernels.Launches;

/// <summary>
/// A row of an operator's components as it is filled: what single limits of the chip would take, in microseconds, kept as natural logarithms; and
/// marks, which say what kind of kernel runs. No component falls when the operator's rows grow or rises when a rate does.
/// </summary>
internal ref struct ComponentRow
{
    /// <summary>Below this a component says nothing.</summary>
    private const double LeastMicroseconds = 1e-3;

    private readonly Span<float> row;
    private int components;
    private int marks;

    /// <summary>An empty row.</summary>
    /// <param name="row">Where it goes.</param>
    /// <param name="chip">The chip.</param>
    public ComponentRow(Span<float> row, in RooflineChip chip)
    {
        this.row = row;
        row.Clear();
        ChipStructure structure = chip.Structure.Whole(chip.ComputeUnits);
        Units = chip.ComputeUnits;
        MemoryRate = chip.MemoryBytesPerSecond / Norms.Microseconds;
        CacheRate = structure.CacheBytesPerSecond / Norms.Microseconds;
        CacheBytes = structure.CacheBytes;
        Cycle = Norms.Microseconds / structure.ClockHertz;
        Launch = structure.LaunchSeconds * Norms.Microseconds;
        Haste = structure.ClockHertz / HeldRates.SustainedHertz;
        HeldCacheRate = Math.Min(CacheRate, HeldRates.CacheBytesPerCycle * Units / Cycle);
        MetBytesPerSecond = chip.MemoryBytesPerSecond;
    }

    /// <summary>Compute units.</summary>
    public double Units { get; }

    /// <summary>Bytes a microsecond of the memory.</summary>
    public double MemoryRate { get; }

    /// <summary>Bytes a microsecond of the second-level cache.</summary>
    public double CacheRate { get; }

    /// <summary>Bytes of the second-level cache.</summary>
    public double CacheBytes { get; }

    /// <summary>Microseconds of a cycle.</summary>
    public double Cycle { get; }

    /// <summary>Microseconds between two kernels.</summary>
    public double Launch { get; }

    /// <summary>Clock at which the peaks are stated over one that is held.</summary>
    public double Haste { get; }

    /// <summary>Bytes a microsecond of the second-level cache that units draw.</summary>
    public double HeldCacheRate { get; }

    /// <summary>Bytes a second of where the operator's bytes lie: the memory, or the cache as units draw of it.</summary>
    public double MetBytesPerSecond { get; private set; }

    /// <summary>Adds a component, microseconds.</summary>
    public void Add(double microseconds) => row[components++] = (float)Math.Log(Math.Max(microseconds, LeastMicroseconds));

    /// <summary>Adds what every launch has: its latency, a thousand cycles.</summary>
    /// <param name="share">How many launches there are over those of the family's other kernels.</param>
    public void AddLaunch(double share)
    {
        Add(share * Launch);
        Add(share * 1000 * Cycle);
    }

    /// <summary>Adds FLOP at the peak, and at the clock that is held.</summary>
    public void AddCompute(double microseconds)
    {
        Add(microseconds);
        Add(microseconds * Haste);
    }

    /// <summary>Adds bytes at the memory's rate, at the rate of where they lie between two launches, and at the cache's.</summary>
    /// <param name="bytes">The bytes.</param>
    /// <param name="isRepeated">Whether the launch before used the same bytes.</param>
    public void AddBytes(double bytes, bool isRepeated)
    {
        Add(bytes / MemoryRate);
        Add(isRepeated ? Resident(bytes, CacheRate) : bytes / MemoryRate);
        Add(bytes / CacheRate);
        if (isRepeated && HeldCacheRate > MemoryRate && bytes > 0)
        {
            MetBytesPerSecond = Math.Max(MetBytesPerSecond, bytes / Resident(bytes, HeldCacheRate) * Norms.Microseconds);
        }
    }

    /// <summary>The same of a product whose repeated launches go round copies of its weights, and take the same input and output each.</summary>
    /// <param name="weights">Bytes of the weights.</param>
    /// <param name="others">Bytes of input and output.</param>
    /// <param name="isRepeated">Whether the launch before used the same bytes.</param>
    /// <param name="copies">Copies of the weights.</param>
    public void AddBytes(double weights, double others, bool isRepeated, double copies)
    {
        double bytes = weights + others;
        Add(bytes / MemoryRate);
        Add(isRepeated ? Returning(weights, others, copies, CacheRate) : bytes / MemoryRate);
        Add(bytes / CacheRate);
        if (isRepeated && HeldCacheRate > MemoryRate && bytes > 0)
        {
            MetBytesPerSecond = Math.Max(MetBytesPerSecond, bytes / Returning(weights, others, copies, HeldCacheRate) * Norms.Microseconds);
        }
    }

    /// <summary>Adds a mark.</summary>
    public void Mark(double value) => row[OperatorComponents.Most + marks++] = (float)value;

    /// <summary>Microseconds of a product's bytes: its weights return after all copies of them have passed, its input and output after one.</summary>
    private readonly double Returning(double weights, double others, double copies, double cacheRate) =>
        Returning(weights, (copies * weights) + others, cacheRate) + Returning(others, weights + others, cacheRate);

    /// <summary>
    /// Microseconds of bytes that return when so many have passed: what is walked in a circle stays in a cache that holds all of it, and nothing of it does in one that holds a tenth less, where
    /// the oldest makes room. Never falls with either.
    /// </summary>
    private readonly double Returning(double bytes, double passed, double cacheRate)
    {
        const double Fits = 1;
        const double IsBeyond = 1.1;
        return Resident(bytes, passed, Fits, IsBeyond, cacheRate);
    }

    /// <summary>
    /// Microseconds of bytes that the same launch has used before: from the cache where they fit it, from the memory where they are by far more, in
    /// between in part. Never falls with the bytes.
    /// </summary>
    private readonly double Resident(double bytes, double cacheRate)
    {
        const double Fits = 0.7;
        const double IsBeyond = 1.3;
        return Resident(bytes, bytes, Fits, IsBeyond, cacheRate);
    }

    private readonly double Resident(double bytes, double passed, double fits, double isBeyond, double cacheRate)
    {
        double hot = bytes / cacheRate;
        double cold = bytes / MemoryRate;
        return hot + (Math.Max(0, cold - hot) * Math.Clamp(((passed / CacheBytes) - fits) / (isBeyond - fits), 0, 1));
    }
}
