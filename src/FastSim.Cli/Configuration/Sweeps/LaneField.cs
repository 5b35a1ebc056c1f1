using FastSim.Kernels.Chips;
using FastSim.Search.Jobs;

namespace FastSim.Cli.Configuration;

/// <summary>
/// A number of a system that changes rates alone: variants that differ in such numbers are lanes of one search. Every other number, and
/// those of runtimes and models, makes groups that are read and prepared one by one.
/// </summary>
/// <param name="Rule">Which values it takes.</param>
/// <param name="Places">Where <see cref="ChipNumbers"/> keeps it of one of a job's chips; none when the job does not use it.</param>
internal sealed record LaneField(NumberRule Rule, Func<Job, Chip, int[]> Places)
{
    /// <summary>Whether null is a value, too: a figure that is unknown.</summary>
    public bool TakesNull { get; private init; }

    /// <summary>Whether it takes a value; NaN is null.</summary>
    public bool Accepts(double value) => double.IsNaN(value) ? TakesNull : JsonValue.IsWithinRange(value) && Rule.Accepts(value);

    /// <summary>What a value that it does not take is, and what it takes.</summary>
    public string Complaint(double value) =>
        $"found {(double.IsNaN(value) ? "null" : value.ToString("R", System.Globalization.CultureInfo.InvariantCulture))}; expected {Rule.Expected}";

    /// <summary>The field that a path names; null when it is none.</summary>
    public static LaneField? Of(SweepPath path)
    {
        if (!path.IsOfSystem)
        {
            return null;
        }

        return path.Steps switch
        {
            ["mem1", "GiB"] => At(NumberRule.Positive, ChipNumbers.CapacityGibibytes),
            ["mem1", "GBps"] => At(NumberRule.Positive, ChipNumbers.MemoryGigabytesPerSecond),
            ["mem1", "calibration_coefficient"] => At(NumberRule.Efficiency, ChipNumbers.MemoryCalibration),
            [SecondMemoryReader.Memory, "GiB"] => At(NumberRule.NotNegative, ChipNumbers.SecondCapacityGibibytes),
            [SecondMemoryReader.Memory, "GBps"] => At(NumberRule.NotNegative, ChipNumbers.SecondGigabytesPerSecond),
            [SecondMemoryReader.Memory, "calibration_coefficient"] => At(NumberRule.Efficiency, ChipNumbers.SecondCalibration),
            [SecondMemoryReader.Memory, EconomicsReader.OfByte] => At(NumberRule.NotNegative, ChipNumbers.SecondJoulesPerByte),
            [SecondMemoryReader.Memory, EconomicsReader.Price] => At(NumberRule.NotNegative, ChipNumbers.SecondDollarsPerHour),
            ["static_latency"] => At(NumberRule.NotNegative, ChipNumbers.StaticLatencySeconds),
            ["matrix" or "vector", string type, "tflops"] =>
                new LaneField(NumberRule.Positive, (job, chip) => [.. Units((string)path.Steps[0], type, job.Types, ChipNumbers.Teraflops), .. Widths(path, type, job, chip)]),
            ["matrix" or "vector", string type, "calibration_coefficient"] =>
                new LaneField(NumberRule.Efficiency, (job, _) => Units((string)path.Steps[0], type, job.Types, ChipNumbers.Calibration)),
            ["networks", int tier, "bandwidth"] => At(NumberRule.Positive, ChipNumbers.LinkGigabytesPerSecond(tier)),
            ["networks", int tier, "efficiency"] => At(NumberRule.Efficiency, ChipNumbers.LinkEfficiency(tier)),
            ["networks", int tier, "latency"] => At(NumberRule.NotNegative, ChipNumbers.HopSeconds(tier)),
            [EconomicsReader.Price] => At(NumberRule.NotNegative, ChipNumbers.DollarsPerHour) with { TakesNull = true },
            [EconomicsReader.Board] => At(NumberRule.Positive, ChipNumbers.BoardWatts) with { TakesNull = true },
            ["mem1", EconomicsReader.OfByte] => At(NumberRule.NotNegative, ChipNumbers.MemoryJoulesPerByte),
            ["networks", int tier, EconomicsReader.OfByte] => At(NumberRule.NotNegative, ChipNumbers.LinkJoulesPerByte(tier)),
            ["matrix" or "vector", string type, EconomicsReader.OfFlop] =>
                new LaneField(NumberRule.NotNegative, (job, _) => Units((string)path.Steps[0], type, job.Types, ChipNumbers.JoulesPerFlop)),
            _ => null,
        };
    }

    private static LaneField At(NumberRule rule, int place) => new(rule, (_, _) => [place]);

    private static int[] Units(string unit, string type, FlopsTypes types, Func<OperatorRate, int> place)
    {
        OperatorRate[] rates = unit == "matrix" ? [OperatorRate.Matrix, OperatorRate.Attention] : [OperatorRate.Vector];
        return [.. rates.Where(rate => types.Of(rate) == type).Select(place)];
    }

    /// <summary>
    /// An engine's kernels go by the peaks of their own widths, whatever types the job states, and so do learned times, of what runs in 16 bits; and units that a chip does not state go by one peak.
    /// </summary>
    private static IEnumerable<int> Widths(SweepPath path, string type, Job job, Chip chip) => (job.Engine is null && chip.Efficiency is null) || path.Steps[0] is not "matrix"
        ? []
        : Enumerable.Range(0, MatrixPeaks.Widths.Count)
            .Where(width => MatrixPeaks.TypeOf(chip, MatrixPeaks.Widths[width]) == type)
            .Select(ChipNumbers.WidthTeraflops)
            .Concat(MatrixPeaks.TypeOf(chip, MatrixPeaks.IntegerTypes) == type ? [ChipNumbers.IntegerTeraflops] : [])
            .Concat(chip.Timings is null && UsualUnits.TypeOf(chip) == type ? [ChipNumbers.UnitTeraflops] : []);
}
