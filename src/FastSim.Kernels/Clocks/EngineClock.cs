using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Prices the launches of an engine on a chip as its numbers are: by the first of some clocks that knows a launch, the roofline last. No launch is
/// faster than its roofline at the chip's peaks. Serves any number of threads.
/// </summary>
public sealed class EngineClock
{
    private const double ReachedShare = 0.8;
    private const double SmallestSide = 128;

    /// <summary>Of the experts that evenly spread tokens reach, uneven ones reach fewer: what bounds count on is what half as many tokens reach.</summary>
    internal const double LeastReach = 0.5;

    private readonly ChipRates rates;
    private readonly ServingEngine engine;
    private readonly IReadOnlyList<ClockKind> order;
    private readonly FittedTimes? fitted;
    private readonly LearnedTimes? learned;
    private readonly RooflineChip peaks;
    private readonly bool hasFourBitUnits;
    private readonly double? kernelMicroseconds;
    private readonly ClockKind kernelClock;

    /// <summary>Binds a chip.</summary>
    /// <param name="rates">The chip, bound to a job's data types; its numbers are taken as they are now.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="order">Clocks, the first choice first; the roofline need not be named.</param>
    /// <param name="learned">Times by the chip's learned efficiency; null where it has none.</param>
    public EngineClock(ChipRates rates, ServingEngine engine, IReadOnlyList<ClockKind> order, LearnedTimes? learned)
    {
        ArgumentNullException.ThrowIfNull(rates);
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(order);
        this.rates = rates;
        this.engine = engine;
        this.order = order;
        Chip chip = rates.Chip;
        hasFourBitUnits = chip.Matrix.ContainsKey("float4");
        peaks = new RooflineChip(rates.ComputeUnits, rates.PeakMemoryBytesPerSecond, Peak(16), Peak(8), Peak(4));
        ReadOnlySpan<double> numbers = rates.Numbers.Values;
        this.learned = order.Contains(ClockKind.Learned) ? learned : null;
        fitted = order.Contains(ClockKind.Fitted) && chip.Timings is not null
            ? new FittedTimes(
                chip,
                engine,
                rates.PeakMemoryBytesPerSecond,
                numbers[ChipNumbers.LinkGigabytesPerSecond(0)] * PhysicalUnits.BytesPerGigabyte,
                numbers[ChipNumbers.LinkGigabytesPerSecond(chip.Networks.Count - 1)] * PhysicalUnits.BytesPerGigabyte,
                peaks)
            : null;
        foreach (ClockKind kind in order)
        {
            double? floor = kind switch
            {
                ClockKind.Learned => LeastProduct(NumberKind.SixteenBit),
                ClockKind.Fitted => fitted?.KernelMicroseconds,
                _ => null,
            };
            if (kernelMicroseconds is null && floor is not null)
            {
                (kernelMicroseconds, kernelClock) = (floor, kind);
            }
        }
    }

    /// <summary>The chip.</summary>
    public ChipRates Rates => rates;

    /// <summary>Microseconds of a launch.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="shape">What it is at its rows; null where no measured family has it.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="clock">What priced it.</param>
    public double Microseconds(OperatorTable table, in StageLaunch launch, in OperatorShape? shape, double sequences, out ClockKind clock)
    {
        ArgumentNullException.ThrowIfNull(table);
        ref readonly OperatorIdentity identity = ref table.Identities[launch.Operator];
        if (identity.Engine == OperatorEngine.Network)
        {
            return Exchanged(table.Exchanges[launch.Operator], sequences, out clock);
        }

        if (identity.Engine == OperatorEngine.Vector && kernelMicroseconds is { } kernel)
        {
            clock = kernelClock;
            double pass = table.Bytes(launch.Operator, sequences) / (rates.PeakMemoryBytesPerSecond * ReachedShare) * Norms.Microseconds;
            return Math.Max(kernel + pass, LeastMicroseconds(table, launch, sequences));
        }

        if (shape is { } known)
        {
            foreach (ClockKind kind in order)
            {
                double? time = kind switch
                {
                    ClockKind.Learned => Learned(known),
                    ClockKind.Fitted => fitted?.Microseconds(known),
                    _ => null,
                };
                if (time is { } found)
                {
                    clock = kind;
                    return Math.Max(found, LeastMicroseconds(table, launch, sequences));
                }
            }
        }

        clock = ClockKind.Roofline;
        double seconds = OperatorCost.Of(table, launch.Operator, rates, sequences).ProcessSeconds;
        seconds += launch.Also < 0 ? 0 : OperatorCost.Of(table, launch.Also, rates, sequences).ProcessSeconds;
        return seconds * Norms.Microseconds;
    }

    /// <summary>Whether a learned efficiency prices a launch unlike all that it was trained among.</summary>
    /// <param name="shape">The launch at its rows.</param>
    public bool IsBeyondTraining(in OperatorShape shape) =>
        order.Count > 0 && order[0] == ClockKind.Learned && learned is not null && learned.Knows(shape.Family) && !learned.Covers(shape, peaks);

    /// <summary>A launch's roofline at the chip's peaks, microseconds.</summary>
    internal double LeastMicroseconds(OperatorTable table, in StageLaunch launch, double sequences) =>
        (LeastSeconds(table, launch.Operator, sequences) + (launch.Also < 0 ? 0 : LeastSeconds(table, launch.Also, sequences))) * Norms.Microseconds;

    private double LeastSeconds(OperatorTable table, int op, double sequences)
    {
        double compute = table.Flops(op, sequences) / rates.PeakFlopsPerSecond(table.Identities[op].Rate);
        double memory = table.Bytes(op, sequences, LeastReach) / rates.PeakMemoryBytesPerSecond;
        return Math.Max(compute, memory);
    }

    private double Exchanged(in Exchange exchange, double sequences, out ClockKind clock)
    {
        if (fitted is not null && fitted.Exchange(exchange.Collective, exchange.MessageBytes.At(sequences), exchange.GroupSize) is { } time)
        {
            clock = ClockKind.Fitted;
            return time;
        }

        clock = ClockKind.Roofline;
        return ExchangeCost.Of(exchange, rates, sequences).Seconds * Norms.Microseconds;
    }

    /// <summary>
    /// A launch by the learned efficiency. Measured kernels quantise their input, of which engines leave out what the norm before does; of experts the
    /// kernel counts that the engine picks.
    /// </summary>
    private double? Learned(in OperatorShape shape)
    {
        if (learned is null || !learned.Knows(shape.Family))
        {
            return null;
        }

        return shape.Family switch
        {
            OperatorFamily.Product => LearnedProduct(shape),
            OperatorFamily.Experts => LearnedExperts(shape),
            _ => learned.Microseconds(shape with { NewTokens = 0, PastTokens = 0 }, null, peaks, out _),
        };
    }

    private double LearnedProduct(in OperatorShape shape)
    {
        double time = learned!.Microseconds(shape with { Variant = 0 }, null, peaks, out _);
        double kernel = LeastProduct(NumberKind.SixteenBit)!.Value;
        double launch = shape.Kind is NumberKind.EightBit or NumberKind.FourBit ? LeastProduct(shape.Kind)!.Value - kernel : 0;
        double pass = shape.Kind == NumberKind.EightBit
            ? MeasuredQuantizeBytes.EightBits * shape.Rows * shape.Depth / (peaks.MemoryBytesPerSecond * ReachedShare) * Norms.Microseconds
            : 0;
        double apart = shape.Kind == NumberKind.EightBit && shape.Variant == 1 ? kernel + pass : 0;
        return Math.Max(kernel, time - launch - pass) + apart;
    }

    private double? LearnedExperts(in OperatorShape shape)
    {
        bool isUnpacked = shape.Kind == NumberKind.FourBitWeights && !engine.HasPackedExpertKernel;
        bool runsFourBitKernels = hasFourBitUnits && shape.Kind != NumberKind.SixteenBit;
        NumberKind? asked = runsFourBitKernels ? NumberKind.FourBitByEight : null;
        asked = isUnpacked ? NumberKind.SixteenBit : asked;
        OperatorShape own = shape with { Variant = runsFourBitKernels || (shape.Kind == NumberKind.FourBitWeights && !isUnpacked) ? 0 : 1 };
        double time = learned!.Microseconds(own, asked, peaks, out _);
        return Math.Max(kernelMicroseconds ?? 0, time - (fitted?.Idle(shape) ?? 0));
    }

    /// <summary>The smallest product by the learned efficiency.</summary>
    private double? LeastProduct(NumberKind kind) => learned is not null && learned.Knows(OperatorFamily.Product)
        ? learned.Microseconds(new OperatorShape(OperatorFamily.Product, kind, 1, SmallestSide, SmallestSide), null, peaks, out _)
        : null;

    /// <summary>Peak FLOP/s of a width: the job's own type where it has that width, since a variant may have changed it.</summary>
    private double Peak(int bits)
    {
        foreach (OperatorRate rate in (ReadOnlySpan<OperatorRate>)[OperatorRate.Matrix, OperatorRate.Attention])
        {
            string type = rate == OperatorRate.Matrix ? rates.Types.Matrix : rates.Types.Attention;
            if (NumberKinds.BitsOf(type) == bits && !type.StartsWith("int", StringComparison.Ordinal))
            {
                return rates.PeakFlopsPerSecond(rate);
            }
        }

        return MatrixPeaks.Of(rates.Chip, bits switch { 16 => MatrixPeaks.HalfTypes, 8 => MatrixPeaks.EightBitTypes, _ => MatrixPeaks.FourBitTypes }) ?? 0;
    }
}
