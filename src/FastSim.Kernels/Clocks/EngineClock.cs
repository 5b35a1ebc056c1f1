using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>Prompts that a launch is of.</summary>
/// <param name="Prompts">Prompts, a rank; 0 where it is of no prompt.</param>
/// <param name="NewTokens">Tokens of each that are new.</param>
/// <param name="PastTokens">Tokens of each that are cached.</param>
public readonly record struct PromptRows(double Prompts, double NewTokens, double PastTokens);

/// <summary>
/// Prices the launches of an engine on a chip as its numbers are: by the first of some clocks that knows a launch, the roofline last. No launch is
/// faster than its roofline at the chip's peaks. Serves any number of threads.
/// </summary>
public sealed class EngineClock
{
    private const double ReachedShare = 0.8;
    private const int BitsOfByte = 8;

    /// <summary>Of the experts that evenly spread tokens reach, uneven ones reach fewer: what bounds count on is what half as many tokens reach.</summary>
    internal const double LeastReach = 0.5;

    private static readonly OperatorRate[] AllRates = Enum.GetValues<OperatorRate>();

    private readonly ChipRates rates;
    private readonly ServingEngine engine;
    private readonly ClockKind[] order;
    private readonly FittedTimes? fitted;
    private readonly LearnedTimes? learned;
    private readonly LearnedProducts? learnedProducts;
    private readonly RooflineChip peaks;
    private readonly double[] peakFlopsPerSecond;
    private readonly double peakBytesPerSecond;
    private readonly double[] peakMicrosecondsPerFlop;
    private readonly bool hasFourBitUnits;
    private readonly double? kernelMicroseconds;
    private readonly ClockKind kernelClock;
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
        hasFourBitUnits = chip.Matrix.ContainsKey("float4");
        peakFlopsPerSecond = Array.ConvertAll(AllRates, rates.PeakFlopsPerSecond);
        peakBytesPerSecond = rates.PeakMemoryBytesPerSecond;
        peakMicrosecondsPerFlop = Array.ConvertAll(peakFlopsPerSecond, peak => Norms.Microseconds / peak);
        peaks = new RooflineChip(
            rates.ComputeUnits,
            peakBytesPerSecond,
            Peak(16, 0),
            Peak(8, 1),
            Peak(4, 2))
        {
            Structure = rates.Structure,
        };
        double memory = rates.PeakMemoryBytesPerSecond;
        double inner = rates.Numbers.Values[ChipNumbers.LinkGigabytesPerSecond(0)] * PhysicalUnits.BytesPerGigabyte;
        double outer = rates.Numbers.Values[ChipNumbers.LinkGigabytesPerSecond(chip.Networks.Count - 1)] * PhysicalUnits.BytesPerGigabyte;
        (Alike, numbers) = like is not null && rates.Numbers.WorksLike(like.numbers) ? (like.Alike, like.numbers) : (new object(), rates.Numbers.Values.ToArray());
        fitted = like?.fitted?.On(memory, inner, outer, peaks);
        if (fitted is null && TimingsOf(rates, order, learned) is { } timings)
        {
            fitted = new FittedTimes(chip with { Timings = timings }, engine, memory, inner, outer, peaks);
        }

        learnedProducts = learned is not null && learned.Knows(OperatorFamily.Product) ? new LearnedProducts(learned, engine, peaks, ReachedShare) : null;
        foreach (ClockKind kind in order)
        {
            double? floor = kind switch
            {
                ClockKind.Learned => learnedProducts?.KernelMicroseconds,
                ClockKind.Fitted => fitted?.KernelMicroseconds,
                _ => null,
            };
            if (kernelMicroseconds is null && floor is not null)
            {
                (kernelMicroseconds, kernelClock) = (floor, kind);
            }
        }
    }

    /// <summary>The same clocks on the chip as its numbers now are.</summary>
    public EngineClock Anew() => new(rates, engine, order, learned, this);

    /// <summary>The chip.</summary>
    public ChipRates Rates => rates;

    /// <summary>What clocks have in common by which every launch but exchanges takes the same time.</summary>
    internal object Alike { get; }

    /// <summary>Share of exchanges that work does not hide (cost model A5): a second micro-batch's, where a system says so.</summary>
    public double ShownShare => 1 - rates.Chip.CommunicationOverlap;

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
            ref readonly Exchange exchange = ref table.Exchanges[launch.Operator];
            double? byLibrary = engine.HasExpertLibrary ? ByLibrary(table, launch, sequences) : null;
            double? byForm = byLibrary is null ? null : fitted?.Exchange(exchange.Collective, exchange.MessageBytes.At(sequences), exchange.GroupSize);

            // Between servers the collective library's all-to-all was never measured.
            bool isUnmeasured = byForm is null || exchange.GroupSize > fitted!.ServerCards;
            return byLibrary is { } known && (isUnmeasured || known < byForm)
                ? Named(ClockKind.Fitted, known, out clock)
                : Exchanged(exchange, sequences, out clock);
        }

        if (table.ModelOf(launch.Operator).Structure?.Indexer is { } indexer && Sparse(table, launch, indexer, sequences, prompts) is { } sparse)
        {
            return Named(ClockKind.Fitted, Math.Max(sparse, Least(table, launch, least, sequences)), out clock);
        }

        if (identity.Kind is LaunchKind.ShortConvolution or LaunchKind.Recurrence && WithState(table, launch, sequences, prompts) is { } kept)
        {
            return Named(ClockKind.Fitted, Math.Max(kept, Least(table, launch, sequences)), out clock);
        }

        if (identity.Kind == LaunchKind.EncoderAttention && OfEncoder(table, launch, sequences) is { } seen)
        {
            return Named(ClockKind.Fitted, Math.Max(seen, Least(table, launch, least, sequences)), out clock);
        }

        if (identity.Engine == OperatorEngine.Vector && kernelMicroseconds is { } kernel)
        {
            clock = kernelClock;
            return Passed(table, launch, sequences, kernel);
        }

        if (hasShape)
        {
            foreach (ClockKind kind in order)
            {
                double? time = kind switch
                {
                    ClockKind.Learned => Learned(shape),
                    ClockKind.Fitted => fitted?.Microseconds(shape),
                    _ => null,
                };
                if (time is { } found)
                {
                    clock = kind;

                    // A network may say less than the chip can, whose cache may hold what its form does not know of. Between batches that are tabulated times are linear, which what experts are reached is not:
                    // where the bound itself were the time, the line would be below it.
                    double floor = kind == ClockKind.Learned
                        ? Math.Max(least.Microseconds(sequences, peakFlopsPerSecond, peakBytesPerSecond, reach: 1), CachedRoofline(table, launch, sequences))
                        : Least(table, launch, least, sequences);
                    return Math.Max(found, shape.Kind == NumberKind.EightBitInteger ? Math.Max(floor, IntegerMicroseconds(table, launch, sequences)) : floor);
                }
            }
        }

        clock = ClockKind.Roofline;
        double slower = hasShape && identity.Rate == OperatorRate.Matrix ? SlowerThanMatrixType(shape.Kind) : 1;
        double seconds = Roofline(launch.Operator);
        seconds += launch.Also < 0 ? 0 : Roofline(launch.Also);
        return seconds * Norms.Microseconds;

        double Roofline(int op)
        {
            OperatorCost cost = OperatorCost.Unpriced(table, op, rates, sequences);
            return slower == 1 ? cost.ProcessSeconds : rates.ProcessSeconds(cost.ComputeSeconds * slower, cost.MemorySeconds) + cost.StaticLatencySeconds;
        }
    }

    /// <summary>How many times as long as in the matrix type products of a number format compute that is wider, or of integers: one type is stated for all, the fastest.</summary>
    private double SlowerThanMatrixType(NumberKind kind)
    {
        bool isOfIntegers = kind == NumberKind.EightBitInteger;
        double own = isOfIntegers ? rates.Numbers.Values[ChipNumbers.IntegerTeraflops] * PhysicalUnits.FlopsPerTeraflop : peaks.FlopsPerSecond(kind);
        bool isOther = isOfIntegers || MatrixPeaks.BitsOf(rates.Types.Matrix) < (int)(RooflineChip.ActivationBytes(kind) * BitsOfByte);
        return isOther && own > 0 ? Math.Max(1, peakFlopsPerSecond[(int)OperatorRate.Matrix] / own) : 1;
    }

    /// <summary>What products of integers take at their own peak, which other 8-bit types that forms and networks count on may exceed.</summary>
    private double IntegerMicroseconds(OperatorTable table, in StageLaunch launch, double sequences)
    {
        double flops = table.Flops(launch.Operator, sequences) + (launch.Also < 0 ? 0 : table.Flops(launch.Also, sequences));
        return flops / peakFlopsPerSecond[(int)table.Identities[launch.Operator].Rate] * SlowerThanMatrixType(NumberKind.EightBitInteger) * Norms.Microseconds;
    }

    /// <summary>The same of a launch at one sequence times as many, without saying what priced it: most launches go by their rows alone.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="least">What it is never faster than.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="remembers">Whether products of as many rows may be asked about again by others, so that they are worth remembering.</param>
    internal double PriceByRows(OperatorTable table, in StageLaunch launch, in LeastTime least, double sequences, bool remembers)
    {
        if (launch.Way == LaunchWay.Pass && kernelMicroseconds is { } kernel)
        {
            return least.IsOfPass
                ? Math.Max(kernel + least.PassMicroseconds(sequences, peakBytesPerSecond * ReachedShare), least.ComputeMicroseconds(sequences, peakFlopsPerSecond))
                : Passed(table, launch, sequences, kernel);
        }

        if (launch.Way == LaunchWay.Product && fitted is not null && order[0] == ClockKind.Fitted && launch.ShapeInPlace.Kind != NumberKind.EightBitInteger
            && (remembers
                ? fitted.Product(launch.ShapeInPlace, launch.ShapeInPlace.Rows * sequences)
                : fitted.WorkedOut(launch.ShapeInPlace, launch.ShapeInPlace.Rows * sequences)) is { } product)
        {
            return Math.Max(product, least.Microseconds(sequences, peakFlopsPerSecond, peakBytesPerSecond));
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
    internal double Least(OperatorTable table, in StageLaunch launch, in LeastTime least, double sequences, bool byFormsAlone = false)
    {
        if (!least.IsExchange)
        {
            return least.Microseconds(sequences, peakFlopsPerSecond, peakBytesPerSecond);
        }

        ref readonly Exchange exchange = ref table.Exchanges[launch.Operator];
        if (fitted is null || exchange.Group == ExchangeGroup.ExpertParallel)
        {
            return 0;
        }

        return ShownShare * (byFormsAlone
            ? fitted.Exchange(exchange.Collective, exchange.MessageBytes.At(sequences), exchange.GroupSize) ?? 0
            : Exchanged(exchange, sequences, out _));
    }

    /// <summary>What launches are together never faster than, in few operations: see <see cref="Least(OperatorTable, in StageLaunch, double)"/>.</summary>
    internal double Least(LeastSums sums, double sequences) => sums.Microseconds(sequences, peakMicrosecondsPerFlop, Norms.Microseconds / peakBytesPerSecond);

    /// <summary>What a launch is never faster than: the chip's peaks, and what its fitted form says where that prices it.</summary>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="holdsForAnyChip">Whether learned times, which are a chip's own, are left out.</param>
    public LaunchBound Bound(OperatorTable table, in StageLaunch launch, bool holdsForAnyChip = false)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (IsPass(table.Identities[launch.Operator]) && kernelMicroseconds is { } kernel)
        {
            return new LaunchBound(holdsForAnyChip && kernelClock == ClockKind.Learned ? 0 : kernel, 0, 1 / ReachedShare);
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
    public (double FloorMicroseconds, double LinkShare)? Bound(in Exchange exchange) =>
        exchange.Group == ExchangeGroup.ExpertParallel ? null : fitted?.Bound(exchange.Collective, exchange.GroupSize);

    /// <summary>Whether a learned efficiency prices launches: of no other is asked what it was trained among.</summary>
    internal bool AsksTraining => order.Length > 0 && order[0] == ClockKind.Learned && learned is not null;

    /// <summary>Whether a learned efficiency prices a launch unlike all that it was trained among.</summary>
    /// <param name="shape">The launch at its rows.</param>
    public bool IsBeyondTraining(in OperatorShape shape) =>
        AsksTraining && learned!.Knows(shape.Family) && !learned.Covers(shape.Family == OperatorFamily.Experts ? ExpertsByKernel(shape) : shape, peaks);

    /// <summary>Microseconds at the chip's peaks of a launch whose intermediate results the second-level cache may hold; 0 where no rooflines count on that.</summary>
    private double CachedRoofline(OperatorTable table, in StageLaunch launch, double sequences)
    {
        if (!rates.KeepsActivations || table.Identities[launch.Operator].ReadsCache)
        {
            return 0;
        }

        (double flops, double bytes, double stored) = Work(launch.Operator);
        double passing = table.PassingBytes(launch.Operator, sequences);
        if (launch.Also >= 0)
        {
            (double also, double alsoBytes, double alsoStored) = Work(launch.Also);
            (flops, bytes, stored) = (flops + also, bytes + alsoBytes, stored + alsoStored);
            passing += table.PassingBytes(launch.Also, sequences);
        }

        double compute = flops / peakFlopsPerSecond[(int)table.Identities[launch.Operator].Rate];
        double memory = rates.Keeps(passing) ? rates.CachedSeconds(bytes, stored, peakBytesPerSecond) : bytes / peakBytesPerSecond;
        return Math.Max(compute, memory) * Norms.Microseconds;

        (double Flops, double Bytes, double Stored) Work(int op) => (table.Flops(op, sequences), table.Bytes(op, sequences), table.StoredBytes(op, sequences));
    }

    /// <summary>Whether a small kernel's time goes by its bytes; what keeps a state has kernels that are measured by themselves.</summary>
    private static bool IsPass(in OperatorIdentity identity) =>
        identity.Engine == OperatorEngine.Vector && identity.Kind is not (LaunchKind.ShortConvolution or LaunchKind.Recurrence);

    /// <summary>The chip's timings where fitted forms are among the clocks, and those that a learned efficiency states; null where there are none.</summary>
    private static OperatorTimings? TimingsOf(ChipRates rates, IReadOnlyList<ClockKind> order, LearnedTimes? learned)
    {
        OperatorTimings? own = order.Contains(ClockKind.Fitted) ? rates.Chip.Timings : null;
        return learned is null ? own : learned.With(own, (int)rates.ComputeUnits);
    }

    private static double Named(ClockKind kind, double microseconds, out ClockKind clock)
    {
        clock = kind;
        return microseconds;
    }

    /// <summary>An exchange with experts by an expert-parallel library.</summary>
    private double? ByLibrary(OperatorTable table, in StageLaunch launch, double sequences)
    {
        LaunchKind kind = table.Identities[launch.Operator].Kind;
        if (fitted is null || kind is not (LaunchKind.ExpertDispatch or LaunchKind.ExpertCombine))
        {
            return null;
        }

        DeploymentShape shape = table.Shape;
        MixtureOfExperts experts = shape.Model.Experts!;
        return fitted.ExpertExchange(
            kind == LaunchKind.ExpertDispatch,
            ExpertFeedForward.CardTokens(shape).At(sequences),
            experts.RoutedInput(shape.Model.Hidden),
            experts,
            experts.Experts + shape.Layout.RedundantExperts,
            table.Exchanges[launch.Operator].GroupSize);
    }

    /// <summary>A launch of sparse attention: of an indexer, or of attention over what it selects.</summary>
    private double? Sparse(OperatorTable table, in StageLaunch launch, SparseIndexer indexer, double sequences, in PromptRows prompts)
    {
        LaunchKind kind = table.Identities[launch.Operator].Kind;
        DeploymentShape shape = table.Shape;
        if (fitted is null || indexer.SelectsBlocks || kind is not (LaunchKind.IndexScore or LaunchKind.Selection or LaunchKind.Score) || (kind == LaunchKind.Score && !shape.AbsorbsLatent))
        {
            return null;
        }

        bool isDecode = prompts.Prompts == 0;
        double asking = isDecode ? sequences : prompts.Prompts;
        double rows = asking * (isDecode ? shape.TokensPerSequence : prompts.NewTokens);
        double longest = isDecode ? shape.Lengths.MidGenerationContext : prompts.PastTokens + prompts.NewTokens;
        double context = isDecode ? longest : prompts.PastTokens + ((prompts.NewTokens + 1) / 2);
        double selected = indexer.SelectedTokens;
        double first = isDecode ? longest : prompts.PastTokens;
        double choosing = isDecode || longest == first ? (longest > selected ? 1 : 0) : Math.Clamp((longest - selected) / (longest - first), 0, 1);
        return kind switch
        {
            LaunchKind.IndexScore => fitted.IndexScore(rows, context, longest, asking, indexer, isDecode),
            LaunchKind.Selection => fitted.IndexSelection(rows * choosing, (longest + Math.Max(first, Math.Min(selected, longest))) / 2, rows * (1 - choosing)),
            _ => fitted.SparseAttention(
                rows,
                context,
                selected,
                HeadShares.Queries(table.ModelOf(launch.Operator), shape.Layout.TensorParallel),
                table.ModelOf(launch.Operator).Latent!,
                shape.Precision.CacheBytes,
                isDecode),
        };
    }

    /// <summary>Attention of an encoder: pieces of as many rows as each row sees.</summary>
    private double? OfEncoder(OperatorTable table, in StageLaunch launch, double sequences)
    {
        int op = launch.Operator;
        double rows = table.RowsPerSequence[op] * sequences;
        double seen = table.Columns[op];
        double headSize = table.Depths[op];
        return fitted?.EncoderAttention(rows / seen, seen, table.FlopsPerSequence[op] / (4 * table.RowsPerSequence[op] * seen * headSize), headSize);
    }

    /// <summary>A kernel of a block with a state: of decoding sequences, or of prompts.</summary>
    private double? WithState(OperatorTable table, in StageLaunch launch, double sequences, in PromptRows prompts)
    {
        TransformerModel model = table.ModelOf(launch.Operator);
        bool isDecode = table.Shape.Phase == Phase.Decode;
        double rows = sequences * table.Shape.TokensPerSequence;
        double asking = isDecode || prompts.Prompts == 0 ? sequences : prompts.Prompts;
        return fitted?.StateKernel(new StateKernel(
            model.Attention,
            table.Identities[launch.Operator].Kind,
            isDecode,
            model.Form!.State!,
            table.Shape.Layout.TensorParallel,
            rows,
            asking,
            table.Bytes(launch.Operator, sequences)));
    }

    /// <summary>A pass over activations: a small kernel, and its bytes at the rate that such kernels reach.</summary>
    private double Passed(OperatorTable table, in StageLaunch launch, double sequences, double kernel)
    {
        double pass = table.Bytes(launch.Operator, sequences) / (rates.PeakMemoryBytesPerSecond * ReachedShare) * Norms.Microseconds;
        return Math.Max(kernel + pass, table.Flops(launch.Operator, sequences) / rates.PeakFlopsPerSecond(OperatorRate.Vector) * Norms.Microseconds);
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
    /// A launch by the learned efficiency; of experts the kernel counts that the engine picks. Where kernels start before the one before them is done, that much less of each shows but of a prompt's attention, as
    /// of fitted forms' floors.
    /// </summary>
    private double? Learned(in OperatorShape shape)
    {
        if (learned is null || !learned.Knows(shape.Family))
        {
            return null;
        }

        return shape.Family switch
        {
            OperatorFamily.Product => learnedProducts!.Microseconds(shape),
            OperatorFamily.Experts => LearnedExperts(shape),
            OperatorFamily.PrefillAttention or OperatorFamily.PrefillLatentAttention => learned.Microseconds(shape with { NewTokens = 0, PastTokens = 0 }, peaks),
            _ => Shown(learned.Microseconds(shape with { NewTokens = 0, PastTokens = 0 }, peaks)),
        };
    }

    private double Shown(double microseconds) => engine.Shown(microseconds, peaks.Structure);

    private double LearnedExperts(in OperatorShape shape)
    {
        OperatorShape own = ExpertsByKernel(shape);
        double idle = fitted?.Idle(shape) ?? IdleExperts.SavedMicroseconds(shape, engine, hasFourBitUnits, learned!.ExpertMicroseconds(own, peaks));
        return Math.Max(kernelMicroseconds ?? 0, Shown(learned!.Microseconds(own, peaks) - idle));
    }

    /// <summary>Experts with the kernel that the engine picks for them.</summary>
    private OperatorShape ExpertsByKernel(in OperatorShape shape)
    {
        bool isUnpacked = shape.Kind == NumberKind.FourBitWeights && !engine.HasPackedExpertKernel;
        bool runsFourBitKernels = hasFourBitUnits && shape.Kind != NumberKind.SixteenBit;
        return shape with
        {
            OwnShare = 1,
            Variant = runsFourBitKernels || (shape.Kind == NumberKind.FourBitWeights && !isUnpacked) ? 0 : 1,
            Kernel = isUnpacked ? NumberKind.SixteenBit : runsFourBitKernels ? NumberKind.FourBitByEight : null,
        };
    }

    /// <summary>Peak FLOP/s of a width: the job's own type where it has that width, since a variant may have changed it.</summary>
    private double Peak(int bits, int width)
    {
        foreach (OperatorRate rate in (ReadOnlySpan<OperatorRate>)[OperatorRate.Matrix, OperatorRate.Attention])
        {
            string type = rates.Types.Of(rate);
            if (MatrixPeaks.BitsOf(type) == bits && !type.StartsWith("int", StringComparison.Ordinal))
            {
                return rates.PeakFlopsPerSecond(rate);
            }
        }

        return rates.Numbers.Values[ChipNumbers.WidthTeraflops(width)] * PhysicalUnits.FlopsPerTeraflop;
    }
}
