namespace FastSim.Kernels.Chips;

/// <summary>
/// The numbers of a chip that a stage's operators, its tables and its network's shape do not depend on, as a job binds them: chips that
/// differ in these alone share everything but their rates. One flat row, so that a sweep writes a value by its place.
/// </summary>
public sealed class ChipNumbers
{
    /// <summary>Place of <c>mem1.GiB</c>.</summary>
    public const int CapacityGibibytes = 0;

    /// <summary>Place of <c>mem1.GBps</c>.</summary>
    public const int MemoryGigabytesPerSecond = 1;

    /// <summary>Place of <c>mem1.calibration_coefficient</c>.</summary>
    public const int MemoryCalibration = 2;

    /// <summary>Place of <c>static_latency</c>, seconds.</summary>
    public const int StaticLatencySeconds = 3;

    /// <summary>Place of <c>price_per_hour</c>, dollars; this and every number of a card's cost and draw is NaN where it is unknown.</summary>
    public const int DollarsPerHour = 4;

    /// <summary>Place of <c>board_watts</c>.</summary>
    public const int BoardWatts = 5;

    /// <summary>Place of <c>idle_watts</c>.</summary>
    public const int IdleWatts = 6;

    /// <summary>Place of <c>mem1.joules_per_byte</c>.</summary>
    public const int MemoryJoulesPerByte = 7;

    /// <summary>Place of <c>mem2.GiB</c>; 0 where there is none.</summary>
    public const int SecondCapacityGibibytes = 8;

    /// <summary>Place of <c>mem2.GBps</c>.</summary>
    public const int SecondGigabytesPerSecond = 9;

    /// <summary>Place of <c>mem2.calibration_coefficient</c>.</summary>
    public const int SecondCalibration = 10;

    /// <summary>Place of <c>mem2.joules_per_byte</c>; NaN where it is unknown.</summary>
    public const int SecondJoulesPerByte = 11;

    /// <summary>Place of <c>mem2.price_per_hour</c>, dollars on top of the card's; 0 where it is not stated.</summary>
    public const int SecondDollarsPerHour = 12;

    /// <summary>Place of the <c>tflops</c> that say how many units a chip has that states none (<see cref="UsualUnits.TypeOf"/>); 0 where it states them.</summary>
    public const int UnitTeraflops = FirstWidth + WidthCount;

    /// <summary>Place of the <c>tflops</c> of products of 8-bit integers (<see cref="MatrixPeaks.IntegerTypes"/>); 0 where the chip has none.</summary>
    public const int IntegerTeraflops = UnitTeraflops + 1;

    private const int FirstTeraflops = 13;
    private const int RateCount = 3;
    private const int FirstCalibration = FirstTeraflops + RateCount;
    private const int FirstWidth = FirstCalibration + RateCount;
    private const int WidthCount = 3;
    private const int FirstJoulesPerFlop = IntegerTeraflops + 1;
    private const int FirstTier = FirstJoulesPerFlop + RateCount;
    private const int PlacesPerTier = 4;

    private readonly double[] values;

    private ChipNumbers(double[] values) => this.values = values;

    /// <summary>The numbers, by place.</summary>
    public Span<double> Values => values;

    /// <summary>Whether every energy that some work may need is known.</summary>
    public bool HasEnergies
    {
        get
        {
            double sum = values[MemoryJoulesPerByte];
            for (int rate = 0; rate < RateCount; rate++)
            {
                sum += values[JoulesPerFlop((OperatorRate)rate)];
            }

            for (int tier = FirstTier; tier < values.Length; tier += PlacesPerTier)
            {
                sum += values[LinkJoulesPerByte((tier - FirstTier) / PlacesPerTier)];
            }

            return !double.IsNaN(sum);
        }
    }

    /// <summary>Place of a unit's <c>tflops</c>.</summary>
    public static int Teraflops(OperatorRate rate) => FirstTeraflops + (int)rate;

    /// <summary>Place of a unit's <c>calibration_coefficient</c>.</summary>
    public static int Calibration(OperatorRate rate) => FirstCalibration + (int)rate;

    /// <summary>Place of the <c>tflops</c> by which kernels of a width are timed whatever type the job computes in; 0 where the chip has none as wide.</summary>
    /// <param name="width">Index in <see cref="MatrixPeaks.Widths"/>.</param>
    public static int WidthTeraflops(int width) => FirstWidth + width;

    /// <summary>Place of a unit's <c>joules_per_flop</c>.</summary>
    public static int JoulesPerFlop(OperatorRate rate) => FirstJoulesPerFlop + (int)rate;

    /// <summary>Place of a tier's <c>bandwidth</c>.</summary>
    public static int LinkGigabytesPerSecond(int tier) => FirstTier + (PlacesPerTier * tier);

    /// <summary>Place of a tier's <c>efficiency</c>.</summary>
    public static int LinkEfficiency(int tier) => FirstTier + (PlacesPerTier * tier) + 1;

    /// <summary>Place of a tier's <c>latency</c>, seconds.</summary>
    public static int HopSeconds(int tier) => FirstTier + (PlacesPerTier * tier) + 2;

    /// <summary>Place of a tier's <c>joules_per_byte</c>.</summary>
    public static int LinkJoulesPerByte(int tier) => FirstTier + (PlacesPerTier * tier) + 3;

    /// <summary>A chip's numbers at a job's data types.</summary>
    /// <param name="chip">The chip.</param>
    /// <param name="types">Data types; each must be one of the chip's.</param>
    /// <exception cref="KeyNotFoundException">The chip lacks a data type.</exception>
    public static ChipNumbers Of(Chip chip, FlopsTypes types)
    {
        ArgumentNullException.ThrowIfNull(chip);
        ArgumentNullException.ThrowIfNull(types);
        double[] values = new double[FirstTier + (PlacesPerTier * chip.Networks.Count)];
        values[CapacityGibibytes] = chip.Memory.CapacityGibibytes;
        values[MemoryGigabytesPerSecond] = chip.Memory.GigabytesPerSecond;
        values[MemoryCalibration] = chip.Memory.CalibrationCoefficient;
        values[StaticLatencySeconds] = chip.StaticLatencySeconds;
        values[SecondCapacityGibibytes] = chip.SecondMemory?.CapacityGibibytes ?? 0;
        values[SecondGigabytesPerSecond] = chip.SecondMemory?.GigabytesPerSecond ?? 0;
        values[SecondCalibration] = chip.SecondMemory?.CalibrationCoefficient ?? 1;
        values[SecondDollarsPerHour] = chip.SecondMemory?.DollarsPerHour ?? 0;
        values[SecondJoulesPerByte] = chip.SecondMemory?.JoulesPerByte ?? double.NaN;
        ComputeUnit[] units = chip.UnitsOf(types);
        for (int rate = 0; rate < RateCount; rate++)
        {
            values[Teraflops((OperatorRate)rate)] = units[rate].Teraflops;
            values[Calibration((OperatorRate)rate)] = units[rate].CalibrationCoefficient;
        }

        for (int width = 0; width < WidthCount; width++)
        {
            values[WidthTeraflops(width)] = First(MatrixPeaks.Widths[width]);
        }

        values[IntegerTeraflops] = First(MatrixPeaks.IntegerTypes);

        values[UnitTeraflops] = chip.Timings is null ? chip.Matrix[UsualUnits.TypeOf(chip)].Teraflops : 0;
        for (int tier = 0; tier < chip.Networks.Count; tier++)
        {
            values[LinkGigabytesPerSecond(tier)] = chip.Networks[tier].GigabytesPerSecond;
            values[LinkEfficiency(tier)] = chip.Networks[tier].LinkEfficiency;
            values[HopSeconds(tier)] = chip.Networks[tier].LatencySeconds;
        }

        SetEconomics(values, chip, types);
        return new ChipNumbers(values);

        double First(IReadOnlyList<string> choice) => MatrixPeaks.TypeOf(chip, choice) is { } type ? chip.Matrix[type].Teraflops : 0;
    }

    /// <summary>Whether another chip computes and reads its memory at the same rates: capacities, links, prices and energies may differ.</summary>
    /// <param name="other">The other's numbers.</param>
    internal bool WorksLike(ReadOnlySpan<double> other) =>
        Values[MemoryGigabytesPerSecond..DollarsPerHour].SequenceEqual(other[MemoryGigabytesPerSecond..DollarsPerHour])
            && Values[FirstTeraflops..FirstJoulesPerFlop].SequenceEqual(other[FirstTeraflops..FirstJoulesPerFlop]);

    /// <summary>An order of chips by which those that compute and read their memory at the same rates follow each other.</summary>
    /// <param name="one">Numbers of one.</param>
    /// <param name="other">Numbers of the other.</param>
    /// <returns>Below 0, 0 or above 0.</returns>
    public static int CompareWork(ReadOnlySpan<double> one, ReadOnlySpan<double> other)
    {
        int memory = one[MemoryGigabytesPerSecond..DollarsPerHour].SequenceCompareTo(other[MemoryGigabytesPerSecond..DollarsPerHour]);
        return memory != 0 ? memory : one[FirstTeraflops..FirstJoulesPerFlop].SequenceCompareTo(other[FirstTeraflops..FirstJoulesPerFlop]);
    }

    /// <summary>Numbers of their own that start out equal.</summary>
    public ChipNumbers Copy() => new([.. values]);

    private static void SetEconomics(double[] values, Chip chip, FlopsTypes types)
    {
        ChipEconomics stated = chip.Economics ?? ChipEconomics.Unknown;
        values[DollarsPerHour] = stated.DollarsPerHour ?? double.NaN;
        values[BoardWatts] = stated.BoardWatts ?? double.NaN;
        values[IdleWatts] = stated.IdleWatts ?? double.NaN;
        values[MemoryJoulesPerByte] = stated.MemoryJoulesPerByte ?? double.NaN;
        for (int rate = 0; rate < RateCount; rate++)
        {
            values[JoulesPerFlop((OperatorRate)rate)] = stated.JoulesPerFlop(types, (OperatorRate)rate) ?? double.NaN;
        }

        for (int tier = 0; tier < chip.Networks.Count; tier++)
        {
            values[LinkJoulesPerByte(tier)] = tier < stated.LinkJoulesPerByte.Count ? stated.LinkJoulesPerByte[tier] ?? double.NaN : double.NaN;
        }
    }
}
