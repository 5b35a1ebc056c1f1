using System.Collections.Concurrent;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Serving;

/// <summary>A chip lacks the timing of an operator that a deployment needs.</summary>
public sealed class MissingTimingException : Exception
{
    /// <summary>An empty complaint.</summary>
    public MissingTimingException()
    {
    }

    /// <summary>A complaint.</summary>
    public MissingTimingException(string message)
        : base(message)
    {
    }

    /// <summary>A complaint with its cause.</summary>
    public MissingTimingException(string message, Exception innerException)
        : base(message, innerException)
    {
    }
}

/// <summary>A chip's fitted operators and peaks, bound together: microseconds of what engines launch.</summary>
public sealed class ChipTimings
{
    private const double MostServer = 8;
    private readonly Chip chip;
    private readonly OperatorTimings timings;
    private readonly TimingChip scale;
    private readonly LearnedTimes? learned;
    private readonly RooflineChip roofline;
    private readonly ConcurrentDictionary<string, (double[] Parameters, double[] PerDepth)> tiled = new();

    /// <summary>Binds a chip.</summary>
    /// <param name="chip">The chip; physical units.</param>
    /// <exception cref="MissingTimingException">It has no fitted timings.</exception>
    public ChipTimings(Chip chip)
    {
        ArgumentNullException.ThrowIfNull(chip);
        this.chip = chip;
        timings = chip.Timings ?? throw new MissingTimingException($"{chip.Name} has no timings of operators");
        scale = new TimingChip(
            timings.ComputeUnits,
            chip.Memory.GigabytesPerSecond * PhysicalUnits.BytesPerGigabyte,
            chip.Networks[0].GigabytesPerSecond * PhysicalUnits.BytesPerGigabyte);
        HalfFlopsPerSecond = Peak(MatrixPeaks.HalfTypes);
        EightBitFlopsPerSecond = Peak(MatrixPeaks.EightBitTypes);
        FourBitFlopsPerSecond = Peak(MatrixPeaks.FourBitTypes);
        HasFourBitUnits = chip.Matrix.ContainsKey("float4");
        learned = chip.Efficiency is { } model ? new LearnedTimes(model) : null;
        roofline = new RooflineChip(
            timings.ComputeUnits, scale.MemoryBytesPerSecond, HalfFlopsPerSecond, EightBitFlopsPerSecond, FourBitFlopsPerSecond);
        KernelMicroseconds = LeastProduct(ServingPrecision.Bfloat16) ?? Products(ServingPrecision.Bfloat16)[0];
    }

    /// <summary>The chip its timings were measured on, where it is another.</summary>
    public string? CarriedFrom => timings.CarriedFrom;

    /// <summary>Memory of a card, bytes.</summary>
    public double CapacityBytes => chip.Memory.CapacityGibibytes * DeviceMemory.BytesPerGibibyte;

    /// <summary>Whether it computes in 4 bits.</summary>
    public bool HasFourBitUnits { get; }

    /// <summary>Peak FLOP/s in 16 bits.</summary>
    public double HalfFlopsPerSecond { get; }

    /// <summary>Peak FLOP/s in 8 bits.</summary>
    public double EightBitFlopsPerSecond { get; }

    /// <summary>Peak FLOP/s in 4 bits.</summary>
    public double FourBitFlopsPerSecond { get; }

    /// <summary>What a small kernel takes within a captured graph.</summary>
    public double KernelMicroseconds { get; }

    /// <summary>Whether some operator was asked for that the learned efficiency was not trained among.</summary>
    public bool IsBeyondTraining { get; private set; }

    /// <summary>Cards within a server.</summary>
    public double ServerCards => chip.Networks.Count > 1 ? chip.Networks[0].Size : Math.Max(MostServer, chip.Networks[0].Size);

    /// <summary>The scale of its timings.</summary>
    public TimingChip Scale => scale;

    private double OuterBytesPerSecond => chip.Networks[^1].GigabytesPerSecond * PhysicalUnits.BytesPerGigabyte;

    /// <summary>The same timings for one deployment, which has asked for nothing yet: for one thread.</summary>
    public ChipTimings ForDeployment()
    {
        ChipTimings own = (ChipTimings)MemberwiseClone();
        own.IsBeyondTraining = false;
        return own;
    }

    /// <summary>Microseconds of an operator by the chip's learned efficiency; null where it has none of the family.</summary>
    /// <param name="shape">The operator.</param>
    /// <param name="asked">Number format whose efficiency counts, where the kernel that runs was measured in that one; null for its own.</param>
    public double? Learned(in OperatorShape shape, NumberKind? asked = null)
    {
        double? time = Learned(shape, asked, out bool isCovered);
        IsBeyondTraining |= !isCovered;
        return time;
    }

    /// <summary>Parameters of the first of some kinds that is fitted.</summary>
    /// <exception cref="MissingTimingException">None is.</exception>
    public double[] Parameters(string family, params ReadOnlySpan<string> kinds)
    {
        foreach (string kind in kinds)
        {
            if (timings.Find(family, kind) is { } found)
            {
                return found;
            }
        }

        throw new MissingTimingException($"{chip.Name} has no timing of {family} {string.Join(" or ", kinds.ToArray())}");
    }

    /// <summary>An element-wise kernel.</summary>
    public double Elementwise(double bytes)
    {
        const double ReachedShare = 0.8;
        return KernelMicroseconds + (bytes / (scale.MemoryBytesPerSecond * ReachedShare) * Norms.Microseconds);
    }

    /// <summary>A product in a data type. Quantising its input rides on the kernel before it where the scale is known ahead.</summary>
    /// <param name="type">Data type.</param>
    /// <param name="m">Rows.</param>
    /// <param name="n">Columns.</param>
    /// <param name="k">Depth.</param>
    /// <param name="quantizesApart">Whether a kernel of its own quantises the input all the same.</param>
    public double Product(string type, double m, double n, double k, bool quantizesApart)
    {
        n = Math.Max(1, n);
        if (LearnedProduct(type, m, n, k, quantizesApart) is { } known)
        {
            return known;
        }

        (double[] parameters, double[] perDepth) = Tiled(type);
        double weightBytes = ServingPrecision.WeightBytes(type);
        double activationBytes = ActivationBytes(type);
        // Only block scales follow from the input itself: they take the pass that the measured kernel has. The other types' scales are
        // known ahead, so the norm before writes quantised values and a launch falls away.
        double quantizeBytes = type switch
        {
            ServingPrecision.Fp8Block => MeasuredQuantizeBytes.EightBits,
            ServingPrecision.Nvfp4 => MeasuredQuantizeBytes.FourBits,
            _ => 0,
        };
        double time = GemmTiming.Microseconds(parameters, perDepth, scale, weightBytes, activationBytes, m, n, k, quantizeBytes);
        if (type == ServingPrecision.Fp8)
        {
            const double ReadAndWriteBytes = 3;
            time += KernelMicroseconds - parameters[0] + (quantizesApart ? Elementwise(m * k * ReadAndWriteBytes) : 0);
        }
        else if (type == ServingPrecision.Nvfp4)
        {
            time += KernelMicroseconds - parameters[0];
        }

        return time;
    }

    /// <summary>A sum over a group of cards: the faster of the engine's own kernel and the library's; beyond a server, a ring of servers besides.</summary>
    public double AllReduce(double bytes, double members)
    {
        if (members <= 1)
        {
            return 0;
        }

        double[] library = Collective("nccl_all_reduce");
        if (members <= ServerCards)
        {
            return Math.Min(
                CollectiveTiming.Microseconds(library, scale, Chips.Collective.AllReduce, bytes, members),
                CollectiveTiming.Microseconds(Collective("custom_all_reduce"), scale, Chips.Collective.AllReduce, bytes, members));
        }

        const double FirstHop = 15;
        const double FurtherHop = 5;
        double servers = members / ServerCards;
        return CollectiveTiming.Microseconds(library, scale, Chips.Collective.AllReduce, bytes, ServerCards)
            + FirstHop + (FurtherHop * (servers - 1))
            + (2 * (servers - 1) / servers * bytes / ServerCards / OuterBytesPerSecond * Norms.Microseconds);
    }

    /// <summary>Everybody's part of a message to everybody else: the slower of what stays in the server and what leaves it.</summary>
    public double AllToAll(double bytes, double members)
    {
        if (members <= 1)
        {
            return 0;
        }

        double[] parameters = Collective("nccl_alltoall");
        if (members <= ServerCards)
        {
            return CollectiveTiming.Microseconds(parameters, scale, Chips.Collective.AllToAll, bytes, members);
        }

        const double OuterHop = 15;
        double outside = (bytes * (members - ServerCards) / members / OuterBytesPerSecond * Norms.Microseconds) + OuterHop;
        return Math.Max(
            CollectiveTiming.Microseconds(parameters, scale, Chips.Collective.AllToAll, bytes * ServerCards / members, ServerCards), outside);
    }

    /// <summary>Everybody's part to everybody.</summary>
    public double AllGather(double bytes, double members)
    {
        const double BeyondServer = 30;
        return members <= ServerCards
            ? CollectiveTiming.Microseconds(Collective("nccl_all_gather"), scale, Chips.Collective.AllGather, bytes, members)
            : BeyondServer;
    }

    /// <summary>The same by the learned efficiency: measured kernels quantise their input, of which engines leave out what <see cref="Product"/> says.</summary>
    private double? LearnedProduct(string type, double m, double n, double k, bool quantizesApart)
    {
        if (Learned(new OperatorShape(OperatorFamily.Product, ServingPrecision.NumberOf(type), m, n, k)) is not { } time)
        {
            return null;
        }

        const double ReachedShare = 0.8;
        double launch = type is ServingPrecision.Fp8 or ServingPrecision.Nvfp4 ? LeastProduct(type)!.Value - KernelMicroseconds : 0;
        double pass = type == ServingPrecision.Fp8
            ? MeasuredQuantizeBytes.EightBits * m * k / (scale.MemoryBytesPerSecond * ReachedShare) * Norms.Microseconds
            : 0;
        double apart = type == ServingPrecision.Fp8 && quantizesApart ? Elementwise(m * k * MeasuredQuantizeBytes.EightBits) : 0;
        return Math.Max(KernelMicroseconds, time - launch - pass) + apart;
    }

    /// <summary>The smallest product by the learned efficiency.</summary>
    private double? LeastProduct(string type)
    {
        const double Smallest = 128;
        return Learned(new OperatorShape(OperatorFamily.Product, ServingPrecision.NumberOf(type), 1, Smallest, Smallest), null, out _);
    }

    private double? Learned(in OperatorShape shape, NumberKind? asked, out bool isCovered)
    {
        isCovered = true;
        return learned is not null && learned.Knows(shape.Family) ? learned.Microseconds(shape, asked, roofline, out isCovered) : null;
    }

    private static double ActivationBytes(string type) => type == ServingPrecision.Bfloat16 ? 2 : ServingPrecision.WeightBytes(type);

    /// <summary>A data type's parameters and what its tiles take, worked out once.</summary>
    private (double[] Parameters, double[] PerDepth) Tiled(string type) => tiled.GetOrAdd(type, key =>
    {
        double peak = key switch
        {
            ServingPrecision.Bfloat16 => HalfFlopsPerSecond,
            ServingPrecision.Nvfp4 => FourBitFlopsPerSecond,
            _ => EightBitFlopsPerSecond,
        };
        double[] parameters = Products(key);
        double[] perDepth = new double[GemmTiming.Tiles];
        GemmTiming.PerDepth(parameters, scale, peak, ServingPrecision.WeightBytes(key), ActivationBytes(key), perDepth);
        return (parameters, perDepth);
    });

    private double[] Products(string type) => Parameters(GemmTiming.Form.Family, type);

    private double[] Collective(string kind) => Parameters(CollectiveTiming.Form.Family, kind);

    private double Peak(IReadOnlyList<string> types) => MatrixPeaks.Of(chip, types)
        ?? throw new MissingTimingException($"{chip.Name} has none of the matrix types {string.Join(", ", types)}");
}

/// <summary>Bytes an input element takes to be quantised in a pass of its own: read in 16 bits, written in fewer.</summary>
public static class MeasuredQuantizeBytes
{
    /// <summary>To 8 bits.</summary>
    public const double EightBits = 3;

    /// <summary>To 4 bits.</summary>
    public const double FourBits = 2.5;
}
