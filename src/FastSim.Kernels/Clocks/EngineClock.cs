using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>
/// Prices the launches of an engine on a chip as its numbers are: by the first of some clocks that knows a launch, the roofline last. No launch is
/// faster than its roofline at the chip's peaks, nor its products than their number format's (<see cref="FormatPeaks"/>). Serves any number of threads.
/// </summary>
public sealed class EngineClock
{
    /// <summary>Of the experts that evenly spread tokens reach, uneven ones reach fewer: what bounds count on is what half as many tokens reach.</summary>
    internal const double LeastReach = 0.5;

    private static readonly OperatorRate[] AllRates = Enum.GetValues<OperatorRate>();

    private readonly ChipRates rates;
    private readonly ServingEngine engine;
    private readonly ClockKind[] order;
    private readonly FittedTimes? fitted;
    private readonly LearnedTimes? learned;
    private readonly LearnedLaunches? learnedLaunches;
    private readonly ExchangeTimes exchanges;
    private readonly LaunchRoofline roofline;
    private readonly FormatPeaks formats;
    private readonly double[] peakFlopsPerSecond;
    private readonly double peakBytesPerSecond;
    private readonly double[] peakMicrosecondsPerFlop;
    private readonly PassTimes passes;
    private readonly double[] numbers;

    /// <summary>Binds a chip.</summary>
    /// <param name="rates">The chip, bound to a job's data types; its numbers are taken as they are now.</param>
    /// <param name="engine">The engine.</param>
    /// <param name="order">Clocks, the first choice first; the roofline need not be named.</param>
    /// <param name="learned">Times by the chip's learned efficiency; null where it has none.</param>
    public EngineClock(ChipRates rates, ServingEngine engine, IReadOnlyList<ClockKind> order, LearnedTimes? learned)
        : this(rates, engine, order, order is not null && order.Contains(ClockKind.Learned) ? learned : null, null)
    {
    }

    private EngineClock(ChipRates rates, ServingEngine engine, IReadOnlyList<ClockKind> order, LearnedTimes? learned, EngineClock? like)
    {
        ArgumentNullException.ThrowIfNull(rates);
        ArgumentNullException.ThrowIfNull(engine);
        ArgumentNullException.ThrowIfNull(order);
        this.rates = rates;
        this.engine = engine;
        this.order = learned is null ? [.. order.Where(kind => kind != ClockKind.Learned)] : [.. order];
        this.learned = learned;
        Chip chip = rates.Chip;
        peakFlopsPerSecond = Array.ConvertAll(AllRates, rates.PeakFlopsPerSecond);
        peakBytesPerSecond = rates.PeakMemoryBytesPerSecond;
        peakMicrosecondsPerFlop = Array.ConvertAll(peakFlopsPerSecond, peak => Norms.Microseconds / peak);
        formats = new FormatPeaks(rates);
        RooflineChip peaks = formats.Chip;
        double inner = rates.Numbers.Values[ChipNumbers.LinkGigabytesPerSecond(0)] * PhysicalUnits.BytesPerGigabyte;
        double outer = rates.Numbers.Values[ChipNumbers.LinkGigabytesPerSecond(chip.Networks.Count - 1)] * PhysicalUnits.BytesPerGigabyte;
        (Alike, numbers) = like is not null && rates.Numbers.WorksLike(like.numbers) ? (like.Alike, like.numbers) : (new object(), rates.Numbers.Values.ToArray());
        fitted = like?.fitted?.On(peakBytesPerSecond, inner, outer, peaks);
        if (fitted is null && FittedForms.Of(order.Contains(ClockKind.Fitted) ? chip.Timings : null, learned?.Timings) is { } forms)
        {
            fitted = new FittedTimes(chip, forms, engine, peakBytesPerSecond, inner, outer, peaks);
        }

        exchanges = new ExchangeTimes(fitted, engine, rates);
        roofline = new LaunchRoofline(rates, peakFlopsPerSecond, peakBytesPerSecond);
        learnedLaunches = learned is null ? null : new LearnedLaunches(learned, engine, peaks, chip.Matrix.ContainsKey("float4"), fitted);
        passes = new PassTimes(rates, order, learnedLaunches?.KernelMicroseconds, fitted?.KernelMicroseconds);
    }

    /// <summary>The same clocks on the chip as its numbers now are.</summary>
    public EngineClock Anew() => new(rates, engine, order, learned, this);

    /// <summary>The chip.</summary>
    public ChipRates Rates => rates;

    /// <summary>What clocks have in common by which every launch but exchanges takes the same time.</summary>
    internal object Alike { get; }

    /// <summary>Share of exchanges that work does not hide (cost model A5): a second micro-batch's, where a system says so.</summary>
    public double ShownShare => exchanges.ShownShare;

    /// <summary>Microseconds that a card takes to send bytes to a card of another server.</summary>
    /// <param name="bytes">The bytes.</param>
    public double SendMicroseconds(double bytes) => bytes
        / (rates.Numbers.Values[ChipNumbers.LinkGigabytesPerSecond(rates.Chip.Networks.Count - 1)] * PhysicalUnits.BytesPerGigabyte) * Norms.Microseconds;

    /// <summary>Microseconds of a launch.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="shape">What it is at its rows; null where no measured family has it.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="prompts">The prompts, where it is of those alone.</param>
    /// <param name="clock">What priced it.</param>
    public double Microseconds(
        OperatorTable table, in StageLaunch launch, in OperatorShape? shape, double sequences, in PromptRows prompts, out ClockKind clock)
    {
        ArgumentNullException.ThrowIfNull(table);
        LeastTime least = new(table, launch);
        return shape is { } known
            ? Price(table, launch, least, hasShape: true, known, sequences, prompts, out clock)
            : Price(table, launch, least, hasShape: false, default, sequences, prompts, out clock);
    }

    /// <summary>The same, for walks over many launches: nothing that is long is copied.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="least">What it is never faster than.</param>
    /// <param name="hasShape">Whether a measured family has it.</param>
    /// <param name="shape">What it is at its rows; of no account where no measured family has it.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="prompts">The prompts, where it is of those alone.</param>
    /// <param name="clock">What priced it.</param>
    internal double Price(
        OperatorTable table,
        in StageLaunch launch,
        in LeastTime least,
        bool hasShape,
        in OperatorShape shape,
        double sequences,
        in PromptRows prompts,
        out ClockKind clock)
    {
        ref readonly OperatorIdentity identity = ref table.Identities[launch.Operator];
        if (identity.Engine == OperatorEngine.Network)
        {
            return exchanges.Microseconds(table, launch, sequences, out clock);
        }

        if (fitted is not null && TimesByKind.Microseconds(fitted, table, launch, sequences, prompts) is { } byKind)
        {
            clock = ClockKind.Fitted;
            return Math.Max(byKind, Least(table, launch, least, sequences));
        }

        if (identity.Engine == OperatorEngine.Vector && passes.KernelMicroseconds is { } kernel)
        {
            clock = passes.Clock;
            return passes.Microseconds(table, launch, sequences, kernel);
        }

        if (hasShape)
        {
            foreach (ClockKind kind in order)
            {
                double? time = kind switch
                {
                    ClockKind.Learned => learnedLaunches?.Microseconds(shape, passes.KernelMicroseconds ?? 0),
                    ClockKind.Fitted => fitted?.Microseconds(shape),
                    _ => null,
                };
                if (time is { } found)
                {
                    clock = kind;

                    // A network may say less than the chip can, whose cache may hold what its form does not know of. Between batches that are tabulated times are linear, which what experts are reached is not:
                    // where the bound itself were the time, the line would be below it.
                    double floor = kind == ClockKind.Learned
                        ? Math.Max(least.Microseconds(sequences, peakFlopsPerSecond, peakBytesPerSecond, reach: 1), roofline.Cached(table, launch, sequences))
                        : Least(table, launch, least, sequences);
                    return Math.Max(found, Held(floor, least, shape.Kind, sequences));
                }
            }
        }

        clock = ClockKind.Roofline;
        return roofline.Microseconds(table, launch, sequences, hasShape && identity.Rate == OperatorRate.Matrix ? formats.TimesMatrixType(shape.Kind) : 1);
    }

    /// <summary>The same of a launch at one sequence times as many, without saying what priced it: most launches go by their rows alone.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="least">What it is never faster than.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="remembers">Whether products of as many rows may be asked about again by others, so that they are worth remembering.</param>
    internal double PriceByRows(OperatorTable table, in StageLaunch launch, in LeastTime least, double sequences, bool remembers)
    {
        if (launch.Way == LaunchWay.Pass && passes.KernelMicroseconds is { } kernel)
        {
            return least.IsOfPass
                ? Math.Max(kernel + least.PassMicroseconds(sequences, peakBytesPerSecond * PassTimes.ReachedShare), least.PassComputeMicroseconds(sequences, peakFlopsPerSecond))
                : passes.Microseconds(table, launch, sequences, kernel);
        }

        if (launch.Way == LaunchWay.Product && fitted is not null && order[0] == ClockKind.Fitted
            && (remembers
                ? fitted.Product(launch.ShapeInPlace, launch.ShapeInPlace.Rows * sequences)
                : fitted.WorkedOut(launch.ShapeInPlace, launch.ShapeInPlace.Rows * sequences)) is { } product)
        {
            return Math.Max(product, Held(least.Microseconds(sequences, peakFlopsPerSecond, peakBytesPerSecond), least, launch.ShapeInPlace.Kind, sequences));
        }

        return launch.HasShape
            ? Price(table, launch, least, true, launch.ShapeInPlace.At(sequences), sequences, default, out _)
            : Price(table, launch, least, false, launch.ShapeInPlace, sequences, default, out _);
    }

    /// <summary>
    /// Microseconds that <see cref="Microseconds"/> never falls below, in few operations: never falls with the sequences, and rises no faster than they do.
    /// </summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    public double Least(OperatorTable table, in StageLaunch launch, double sequences)
    {
        ArgumentNullException.ThrowIfNull(table);
        return Least(table, launch, new LeastTime(table, launch), sequences);
    }

    /// <summary>The same of a launch whose bound is in one row; by forms alone without exchanges that none prices, whose tables by the message's size may fall.</summary>
    internal double Least(OperatorTable table, in StageLaunch launch, in LeastTime least, double sequences, bool byFormsAlone = false) => least.IsExchange
        ? exchanges.Least(table.Exchanges[launch.Operator], sequences, byFormsAlone)
        : least.Microseconds(sequences, peakFlopsPerSecond, peakBytesPerSecond);

    /// <summary>What launches are together never faster than, in few operations: see <see cref="Least(OperatorTable, in StageLaunch, double)"/>.</summary>
    internal double Least(LeastSums sums, double sequences) => sums.Microseconds(sequences, peakMicrosecondsPerFlop, Norms.Microseconds / peakBytesPerSecond);

    /// <summary>What a launch is never faster than: the chip's peaks, and what its fitted form says where that prices it.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="holdsForAnyChip">Whether learned times, which are a chip's own, are left out.</param>
    public LaunchBound Bound(OperatorTable table, in StageLaunch launch, bool holdsForAnyChip = false)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (PassTimes.IsPass(table.Identities[launch.Operator]) && passes.Bound(holdsForAnyChip) is { } ofPass)
        {
            return ofPass;
        }

        LaunchBound bound = fitted is not null && order[0] == ClockKind.Fitted && launch.HasShape ? fitted.Bound(launch.ShapeInPlace) : LaunchBound.Peaks;

        if (bound != LaunchBound.Peaks)
        {
            return bound;
        }

        // A coefficient may say that reads of the cache are faster than the memory.
        bound = bound with { CountsStoredAlone = rates.KeepsActivations };
        return table.Identities[launch.Operator].ReadsCache
            ? bound with { PerByte = 1 / Math.Max(1, rates.CacheReadCoefficient) }
            : bound;
    }

    /// <summary>The least latency of an exchange, and the most of the links within a server that it reaches; none where no form says so.</summary>
    /// <param name="exchange">The exchange.</param>
    public (double FloorMicroseconds, double LinkShare)? Bound(in Exchange exchange) => exchanges.Bound(exchange);

    /// <summary>Whether a learned efficiency prices launches: of no other is asked what it was trained among.</summary>
    internal bool AsksTraining => order.Length > 0 && order[0] == ClockKind.Learned && learnedLaunches is not null;

    /// <summary>Whether a learned efficiency prices a launch unlike all that it was trained among.</summary>
    /// <param name="shape">The launch at its rows.</param>
    public bool IsBeyondTraining(in OperatorShape shape) => AsksTraining && learnedLaunches!.IsBeyondTraining(shape);

    /// <summary>A bound raised to what products take at their own number format's peak, which a network may know less of than the chip, as forms do of integers'.</summary>
    private double Held(double floorMicroseconds, in LeastTime least, NumberKind kind, double sequences)
    {
        double times = least.IsOfMatrixType ? formats.TimesMatrixType(kind) : 1;
        return times == 1 ? floorMicroseconds : Math.Max(floorMicroseconds, least.ComputeMicroseconds(sequences, peakFlopsPerSecond, times));
    }
}
