using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Networks;

namespace FastSim.Kernels.Rates;

/// <summary>A chip bound to a job's data types, accounting and phase: the rates operators run at (cost model A1).</summary>
public sealed class ChipRates
{
    /// <summary>FLOP/s per <c>tflops</c> in seed accounting: 1000³·1024.</summary>
    public const double SeedFlopsPerTeraflop = 1.024e12;

    private const double FlopsPerGigaflop = 1e9;

    private readonly EfficiencyTable[] computeTables;
    private readonly EfficiencyTable memoryTable;
    private readonly EfficiencyTable[] linkTables;
    private readonly double[] linkBytesPerSecond;
    private readonly double[] hopSeconds;
    private readonly AlgorithmChoice?[] choices;
    private readonly double[] flopsPerSecond;
    private readonly double bytesPerGigabyte;
    private readonly double cacheReadCoefficient;
    private readonly bool countsStaticLatency;
    private readonly bool hasFlatTables;
    private readonly EfficiencyTable? secondTable;
    private readonly double cacheBytes;
    private readonly double cacheBytesPerSecond;
    private readonly double usualUnitFlopsPerSecond;
    private double memoryBytesPerSecond;
    private double secondBytesPerSecond;

    /// <summary>Binds a chip.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="types">Data types; each must be one of the chip's.</param>
    /// <param name="accounting">Decides what giga and tera mean and whether static latency counts.</param>
    /// <param name="phase">Decides the cache coefficient.</param>
    /// <param name="arePeaks">Whether coefficients count as 1.</param>
    /// <exception cref="KeyNotFoundException">The chip lacks a data type.</exception>
    public ChipRates(Chip chip, FlopsTypes types, Accounting accounting, Phase phase, bool arePeaks = false)
    {
        ArgumentNullException.ThrowIfNull(chip);
        ArgumentNullException.ThrowIfNull(types);
        Chip = chip;
        Types = types;
        ArePeaks = arePeaks;
        bool seed = accounting == Accounting.Seed;
        FlopsPerTeraflop = seed ? SeedFlopsPerTeraflop : PhysicalUnits.FlopsPerTeraflop;
        bytesPerGigabyte = seed ? DeviceMemory.BytesPerGibibyte : PhysicalUnits.BytesPerGigabyte;
        double bytesPerMegabyte = seed ? 1024d * 1024d : 1e6;
        ComputeUnit[] units = chip.UnitsOf(types);
        flopsPerSecond = new double[units.Length];
        computeTables = Array.ConvertAll(units, unit => unit.Efficiency.InUnitsOf(FlopsPerGigaflop));
        memoryTable = chip.Memory.Efficiency.InUnitsOf(bytesPerMegabyte);
        linkTables = [.. chip.Networks.Select(tier => tier.SizeEfficiency.InUnitsOf(bytesPerMegabyte))];
        linkBytesPerSecond = new double[chip.Networks.Count];
        hopSeconds = new double[chip.Networks.Count];
        choices = [.. chip.Networks.Select(tier => !seed && AlgorithmChoice.Holds(tier) ? new AlgorithmChoice(tier) : null)];
        secondTable = chip.SecondMemory?.Efficiency.InUnitsOf(bytesPerMegabyte);
        cacheReadCoefficient = phase == Phase.Decode ? chip.Memory.CacheReadCoefficient : chip.Memory.PrefillCacheReadCoefficient;
        if (!seed)
        {
            cacheReadCoefficient *= phase == Phase.Decode ? chip.Memory.PageReadCoefficient : chip.Memory.PrefillPageReadCoefficient;
        }

        if (!seed && chip.Structure.KeepsActivations)
        {
            (cacheBytes, cacheBytesPerSecond) = (chip.Structure.CacheBytes, chip.Structure.CacheBytesPerSecond);
            CacheSteps = EfficiencyTable.BySize([Math.BitIncrement(cacheBytes), double.NegativeInfinity], [0.5, 1]);
        }

        usualUnitFlopsPerSecond = chip.Timings is null ? UsualUnits.FlopsPerSecond(UsualUnits.TypeOf(chip)) : double.NaN;
        Structure = UsualUnits.Structure(chip);
        countsStaticLatency = !seed;
        Numbers = ChipNumbers.Of(chip, types);
        Bind();
        hasFlatTables = Array.TrueForAll(units, unit => unit.Efficiency.IsFlat)
            && chip.Memory.Efficiency.IsFlat
            && chip.Networks.All(tier => tier.SizeEfficiency.IsFlat);
        MostWorkWatts = chip.Economics is { PowerCapWatts: { } cap, IdleWatts: { } idle } && Numbers.HasEnergies ? cap - idle : double.PositiveInfinity;
    }

    /// <summary>The chip.</summary>
    public Chip Chip { get; }

    /// <summary>The data types.</summary>
    public FlopsTypes Types { get; }

    /// <summary>Learned times of matrix operators, in place of efficiency tables and coefficients; null where those hold.</summary>
    public ILaunchTimes? Learned { get; private set; }

    /// <summary>
    /// Streaming multiprocessors, or cores, that learned times go by: the chip's, or, where it does not state them, as many of H100's as one of
    /// its peaks makes (<see cref="UsualUnits"/>), whatever the job computes in.
    /// </summary>
    public double ComputeUnits => Chip.Timings?.ComputeUnits
        ?? UsualUnits.Of(Numbers.Values[ChipNumbers.UnitTeraflops] * PhysicalUnits.FlopsPerTeraflop, usualUnitFlopsPerSecond);

    /// <summary>How the chip works beside its peaks; what follows from its units where these are guessed, included.</summary>
    public ChipStructure Structure { get; }

    /// <summary>Peak FLOP/s in 16 bits as the chip's numbers are, which says how wide its units issue; 0 where it has no such type.</summary>
    public double HalfFlopsPerSecond => Numbers.Values[ChipNumbers.WidthTeraflops(0)] * PhysicalUnits.FlopsPerTeraflop;

    /// <summary>
    /// Whether these are the chip's peaks, which bound plans whose launches are priced one by one: coefficients count as 1, and what holds of tables
    /// says nothing of a plan.
    /// </summary>
    public bool ArePeaks { get; }

    /// <summary>Watts that a card's work may draw beyond what it draws idle: what <c>power_cap</c> leaves; infinite where nothing is capped.</summary>
    public double MostWorkWatts { get; }

    /// <summary>Whether work that draws more than <see cref="MostWorkWatts"/> slows down.</summary>
    public bool HasPowerCap => !double.IsPositiveInfinity(MostWorkWatts);

    /// <summary>
    /// Whether intermediate results that fit the second-level cache are read from there (docs/cost-model.md, "Second-level cache"). Then an operator's time may
    /// leap where they no longer do, and throughput fall.
    /// </summary>
    public bool KeepsActivations => cacheBytes > 0;

    /// <summary>FLOP/s that one <c>tflops</c> stands for.</summary>
    public double FlopsPerTeraflop { get; }

    /// <summary>Latency added to every operator, seconds; 0 in seed accounting.</summary>
    public double StaticLatencySeconds { get; private set; }

    /// <summary>Memory of a card, bytes: <c>GiB·2^30</c>.</summary>
    public double CapacityBytes { get; private set; }

    /// <summary>Second memory of a card, bytes: <c>GiB·2^30</c>; 0 where there is none, or none can be read.</summary>
    public double SecondCapacityBytes { get; private set; }

    /// <summary>The numbers the rates follow from: the chip's own until <see cref="Retune"/>.</summary>
    public ChipNumbers Numbers { get; }

    /// <summary>How often the rates were retuned: whoever keeps copies of them compares it.</summary>
    internal int Tuning { get; private set; }

    /// <summary>Memory bytes/s before its efficiency table.</summary>
    public double MemoryBytesPerSecondAtMost => memoryBytesPerSecond;

    /// <summary>Link bytes/s of a tier before group and size efficiency.</summary>
    public double LinkBytesPerSecondAtMost(int tier) => linkBytesPerSecond[tier];

    /// <summary>Whether no table makes an efficiency depend on an operator's size, so that time never falls with the batch (cost model B7).</summary>
    public bool HasFlatEfficiency => hasFlatTables && Learned is null && !ArePeaks && !KeepsActivations;

    /// <summary>Matrix FLOP/s before calibration.</summary>
    public double PeakMatrixFlopsPerSecond => Numbers.Values[ChipNumbers.Teraflops(OperatorRate.Matrix)] * FlopsPerTeraflop;

    /// <summary>Whether every table's efficiency never falls with size, so that throughput never falls with the batch though time may (cost model B7).</summary>
    public bool HasRisingEfficiency => Learned is null && !ArePeaks && !KeepsActivations &&
        Array.TrueForAll(computeTables, IsFlatOrRising) && IsFlatOrRising(memoryTable) && Array.TrueForAll(linkTables, IsFlatOrRising);

    /// <summary>FLOP/s before efficiency tables, by <see cref="OperatorRate"/>.</summary>
    internal ReadOnlySpan<double> BaseFlopsPerSecond => flopsPerSecond;

    /// <summary>Seconds a hop of each tier takes.</summary>
    internal ReadOnlySpan<double> HopSeconds => hopSeconds;

    /// <summary>Efficiency tables in FLOP, by <see cref="OperatorRate"/>.</summary>
    internal ReadOnlySpan<EfficiencyTable> ComputeTables => computeTables;

    /// <summary>Memory bytes/s before its efficiency table.</summary>
    internal double BaseMemoryBytesPerSecond => memoryBytesPerSecond;

    /// <summary>Efficiency table of the memory, in bytes.</summary>
    internal EfficiencyTable MemoryTable => memoryTable;

    /// <summary>Further share of the memory rate for operators that read the cache.</summary>
    internal double CacheReadCoefficient => cacheReadCoefficient;

    /// <summary>Where intermediate results stop fitting the cache, as steps of an efficiency table; null where none are kept there.</summary>
    internal EfficiencyTable? CacheSteps { get; }

    /// <summary>Link bytes/s of each tier before group and size efficiency.</summary>
    internal ReadOnlySpan<double> BaseLinkBytesPerSecond => linkBytesPerSecond;

    /// <summary>Size efficiency of each tier, in bytes on the wire.</summary>
    internal ReadOnlySpan<EfficiencyTable> LinkTables => linkTables;

    /// <summary>
    /// Gives the chip other numbers; its tables and the shape of its network stay. For an owner that evaluates one variant after another:
    /// whoever shares the rates sees them change.
    /// </summary>
    /// <param name="numbers">The numbers; of a chip with as many network tiers.</param>
    /// <exception cref="ArgumentException">There are not as many numbers.</exception>
    public void Retune(ChipNumbers numbers)
    {
        ArgumentNullException.ThrowIfNull(numbers);
        if (numbers.Values.Length != Numbers.Values.Length)
        {
            throw new ArgumentException($"the chip has {Numbers.Values.Length} numbers, not {numbers.Values.Length}", nameof(numbers));
        }

        numbers.Values.CopyTo(Numbers.Values);
        Bind();
        Tuning++;
    }

    /// <summary>Takes matrix operators' times from elsewhere than tables and coefficients.</summary>
    /// <param name="times">The times.</param>
    public void Learn(ILaunchTimes times) => Learned = times;

    /// <summary>Peak FLOP/s of a rate, before coefficients.</summary>
    internal double PeakFlopsPerSecond(OperatorRate rate) => Numbers.Values[ChipNumbers.Teraflops(rate)] * FlopsPerTeraflop;

    /// <summary>Coefficient of a rate: <see cref="BaseFlopsPerSecond"/> is the peak times this.</summary>
    internal double FlopsCoefficient(OperatorRate rate) => ArePeaks ? 1 : Numbers.Values[ChipNumbers.Calibration(rate)];

    /// <summary>Peak memory bytes/s, before coefficients.</summary>
    public double PeakMemoryBytesPerSecond => Numbers.Values[ChipNumbers.MemoryGigabytesPerSecond] * bytesPerGigabyte;

    /// <summary>Coefficient of the memory.</summary>
    internal double MemoryCoefficient => ArePeaks ? 1 : Numbers.Values[ChipNumbers.MemoryCalibration];

    /// <summary>Seconds of an operator that computes and moves memory: the longer (<c>roofline</c>) or the sum (<c>no_overlap</c>), cost model A1.</summary>
    internal double ProcessSeconds(double computeSeconds, double memorySeconds) =>
        Chip.Mode == ProcessingMode.Roofline ? Math.Max(computeSeconds, memorySeconds) : computeSeconds + memorySeconds;

    /// <summary>FLOP/s of an operator: <c>tflops · tera · calibration · efficiency(op)</c>.</summary>
    /// <param name="rate">The unit and data type.</param>
    /// <param name="flops">The operator's FLOP.</param>
    /// <param name="m">Rows of the product.</param>
    /// <param name="n">Columns of the product.</param>
    /// <param name="k">Depth of the product.</param>
    public double FlopsPerSecond(OperatorRate rate, double flops, double m, double n, double k) =>
        flopsPerSecond[(int)rate] * computeTables[(int)rate].At(flops, m, n, k);

    /// <summary>Memory bytes/s of an operator: <c>GBps · giga · calibration · efficiency(op)</c>, times the cache coefficient.</summary>
    /// <param name="bytes">Bytes the operator moves.</param>
    /// <param name="readsCache">Whether the operator reads the key-value cache.</param>
    public double MemoryBytesPerSecond(double bytes, bool readsCache)
    {
        double rate = memoryBytesPerSecond * memoryTable.At(bytes);
        return readsCache ? rate * cacheReadCoefficient : rate;
    }

    /// <summary>Whether the second-level cache holds some intermediate results.</summary>
    /// <param name="bytes">Their bytes, above 0.</param>
    public bool Keeps(double bytes) => bytes <= cacheBytes;

    /// <summary>
    /// Seconds of an operator's bytes whose intermediate results the cache holds: what is stored at the memory's rate, all of it at the cache's, whichever
    /// takes longer. Never more than the memory alone would take (docs/cost-model.md, "Second-level cache").
    /// </summary>
    /// <param name="bytes">All bytes.</param>
    /// <param name="storedBytes">Of them those from and to the memory.</param>
    /// <param name="memoryRate">The memory's bytes/s.</param>
    internal double CachedSeconds(double bytes, double storedBytes, double memoryRate) =>
        Math.Max(storedBytes / memoryRate, bytes / Math.Max(memoryRate, cacheBytesPerSecond));

    /// <summary>Seconds in which a pass streams bytes from and to the second memory: <c>bytes / (GBps · giga · calibration · efficiency(bytes))</c>.</summary>
    /// <param name="bytes">The bytes.</param>
    public double SecondMemorySeconds(double bytes) =>
        bytes == 0 ? 0 : (secondTable?.LeastCost(bytes) ?? bytes) / secondBytesPerSecond;

    /// <summary>
    /// Seconds a group of cards takes to put bytes on the wire of one tier: <c>latency·hops + wire bytes / link</c> (cost model A1 and B5).
    /// </summary>
    /// <param name="tier">Index of the network tier.</param>
    /// <param name="collective">What is exchanged.</param>
    /// <param name="groupSize">Cards of the group.</param>
    /// <param name="wireBytes">Bytes on the wire.</param>
    public double TransferSeconds(int tier, Collective collective, int groupSize, double wireBytes)
    {
        NetworkTier network = Chip.Networks[tier];
        double bytesPerSecond = linkBytesPerSecond[tier] * network.Collectives[(int)collective].Efficiency(groupSize) * linkTables[tier].At(wireBytes);
        return (hopSeconds[tier] * network.Hops(collective, groupSize)) + (wireBytes / bytesPerSecond);
    }

    /// <summary>What a tier's collectives take by each of its algorithms; null where its exchanges go by hops and <c>op_scalar</c>, as all do in seed accounting.</summary>
    /// <param name="tier">Index of the network tier.</param>
    public AlgorithmChoice? AlgorithmsOf(int tier) => choices[tier];

    /// <summary>Seconds of a collective by the fastest of a tier's algorithms.</summary>
    /// <param name="tier">Index of the network tier; it has algorithms.</param>
    /// <param name="place">The group.</param>
    /// <param name="groupSize">Cards of the whole exchange, by which efficiency goes.</param>
    /// <param name="messageBytes">Bytes of the message.</param>
    /// <param name="wireBytes">Bytes by which the size efficiency goes.</param>
    public double FastestSeconds(int tier, GroupPlace place, int groupSize, double messageBytes, double wireBytes)
    {
        NetworkTier network = Chip.Networks[tier];
        double bytesPerSecond = linkBytesPerSecond[tier] * network.Collectives[(int)place.Collective].Efficiency(groupSize) * linkTables[tier].At(wireBytes);
        double fastest = double.PositiveInfinity;
        foreach (AlgorithmCost way in choices[tier]!.Of(place))
        {
            fastest = Math.Min(
                fastest, (hopSeconds[tier] * way.Hops) + (messageBytes * way.Load / bytesPerSecond) + OwnSeconds(tier, way).At(messageBytes));
        }

        return fastest;
    }

    /// <summary>Seconds of an algorithm beside hops and link, as a function of the message's bytes: starting its steps, and adding up.</summary>
    internal AffineInBatch OwnSeconds(int tier, in AlgorithmCost way)
    {
        NetworkTier network = Chip.Networks[tier];
        return new AffineInBatch(way.Steps * network.StepSeconds, way.Reduced / (network.ReductionGigabytesPerSecond * bytesPerGigabyte));
    }

    /// <summary>What decides how a card sends to another: the tier, -1 where none spans them, and where its switches have levels how far apart cards are at most, else 0.</summary>
    /// <param name="span">Cards of the instance.</param>
    public (int Tier, int Span) SendOver(int span)
    {
        int tier = InnermostTier(span);
        bool hasLevels = tier >= 0 && Chip.Networks[tier].Topology is Topology.FatTree or Topology.Rails or Topology.Dragonfly;
        return (tier, hasLevels ? span : 0);
    }

    /// <summary>Index of the innermost tier that reaches across <paramref name="span"/> cards, or -1 when none does (cost model B5).</summary>
    public int InnermostTier(int span)
    {
        for (int tier = 0; tier < Chip.Networks.Count; tier++)
        {
            if (span <= Chip.Networks[tier].Size)
            {
                return tier;
            }
        }

        return -1;
    }

    /// <summary>Rates from numbers (cost model A1).</summary>
    private void Bind()
    {
        ReadOnlySpan<double> values = Numbers.Values;
        CapacityBytes = values[ChipNumbers.CapacityGibibytes] * DeviceMemory.BytesPerGibibyte;
        memoryBytesPerSecond = values[ChipNumbers.MemoryGigabytesPerSecond] * bytesPerGigabyte * MemoryCoefficient;
        secondBytesPerSecond = values[ChipNumbers.SecondGigabytesPerSecond] * bytesPerGigabyte * values[ChipNumbers.SecondCalibration];
        SecondCapacityBytes = secondBytesPerSecond > 0 ? values[ChipNumbers.SecondCapacityGibibytes] * DeviceMemory.BytesPerGibibyte : 0;
        StaticLatencySeconds = countsStaticLatency ? values[ChipNumbers.StaticLatencySeconds] : 0;
        for (int rate = 0; rate < flopsPerSecond.Length; rate++)
        {
            flopsPerSecond[rate] = values[ChipNumbers.Teraflops((OperatorRate)rate)] * FlopsPerTeraflop
                * FlopsCoefficient((OperatorRate)rate);
        }

        for (int tier = 0; tier < linkBytesPerSecond.Length; tier++)
        {
            linkBytesPerSecond[tier] = values[ChipNumbers.LinkGigabytesPerSecond(tier)] * bytesPerGigabyte
                * (ArePeaks ? 1 : values[ChipNumbers.LinkEfficiency(tier)]);
            hopSeconds[tier] = values[ChipNumbers.HopSeconds(tier)];
        }
    }

    private static bool IsFlatOrRising(EfficiencyTable table) => table.IsFlat || table.IsRising;
}
