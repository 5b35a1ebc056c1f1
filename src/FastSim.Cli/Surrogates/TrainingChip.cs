using FastSim.Cli.Calibration;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>
/// A chip and the operators measured on it, and chips like it that were never built: on those, a measured time is longer by what the
/// chip's calibrated timing says that the other rates cost. So a network learns how time follows rates from more than three chips.
/// </summary>
internal sealed class TrainingChip
{
    private const int Relatives = 24;
    private const int RelativesOfCase = 3;
    private const double MostRateOctaves = 1.4;
    private const double MostUnitOctaves = 0.4;
    private const int Seed = 20;

    private readonly Dictionary<OperatorFamily, List<(MeasuredKind Kind, int Index)>> cases = [];
    private readonly List<MeasuredKind> kinds = [];
    private readonly List<Relative> relatives = [];

    /// <summary>Reads a chip's operators.</summary>
    /// <param name="file">The system's file.</param>
    /// <param name="operators">Files and folders of its operators.</param>
    /// <param name="findings">Where warnings go.</param>
    /// <exception cref="ConfigurationException">One of them cannot be used.</exception>
    public TrainingChip(string file, IReadOnlyList<string> operators, Findings findings)
    {
        Chip chip = SystemFile.Load(file, new Findings(allowUnknownKeys: false));
        Name = chip.Name;
        Timings = chip.Timings;
        CalibrationChip calibration = CalibrationChip.Of(file, chip, computeUnits: null);
        Roofline = RooflineOf(calibration);
        CalibrationChip[] all = [calibration, .. RelativesOf(calibration)];
        relatives.AddRange(all[1..].Select(relative => new Relative(RooflineOf(relative), [])));
        foreach (string path in OperatorFiles.Find(operators, findings))
        {
            IReadOnlyList<IReadOnlyList<MeasuredKind>> read = OperatorFiles.Read(path, all, findings);
            for (int kind = 0; kind < read[0].Count; kind++)
            {
                Add(read[0][kind]);
                for (int relative = 0; relative < Relatives; relative++)
                {
                    relatives[relative].Kinds[read[0][kind]] = read[relative + 1][kind];
                }
            }
        }
    }

    /// <summary>The chip's name.</summary>
    public string Name { get; }

    /// <summary>Its calibrated timings; null where it has none.</summary>
    public OperatorTimings? Timings { get; }

    /// <summary>Its peaks.</summary>
    public RooflineChip Roofline { get; }

    /// <summary>Its kinds of operators.</summary>
    public IReadOnlyList<MeasuredKind> Kinds => kinds;

    /// <summary>Its measured operators of a family: kind and number within it.</summary>
    public IReadOnlyList<(MeasuredKind Kind, int Index)> Of(OperatorFamily family) => cases.GetValueOrDefault(family) ?? [];

    /// <summary>How many operators were measured on some chips.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="family">The family.</param>
    /// <param name="withHeldOut">Whether the fifth that is held out counts.</param>
    public static int Measured(IReadOnlyList<TrainingChip> chips, OperatorFamily family, bool withHeldOut) =>
        chips.Sum(chip => chip.Of(family).Count(each => withHeldOut || !each.Kind.IsHeldOut(each.Index)));

    /// <summary>Operators of some chips as a network learns from them: a chip's kind counts by the root of its size.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="family">The family.</param>
    /// <param name="withHeldOut">Whether the fifth that is held out is learned from too.</param>
    public static TimedOperators Rows(IReadOnlyList<TrainingChip> chips, OperatorFamily family, bool withHeldOut)
    {
        RowList rows = new();
        foreach (TrainingChip chip in chips)
        {
            foreach (IGrouping<MeasuredKind, (MeasuredKind Kind, int Index)> kind in chip.Of(family).GroupBy(each => each.Kind))
            {
                int[] learned = [.. kind.Select(each => each.Index).Where(index => withHeldOut || !kind.Key.IsHeldOut(index))];
                rows.Weight = 1 / MathF.Sqrt(Math.Max(1, learned.Length));
                foreach (int index in learned)
                {
                    rows.Add(kind.Key.Shape(index)!.Value, chip.Roofline, kind.Key.Measured[index]);
                }

                chip.AddRelatives(rows, kind.Key, learned);
            }
        }

        return rows.ToOperators();
    }

    private static RooflineChip RooflineOf(CalibrationChip chip) => new(
        chip.Scale.ComputeUnits, chip.Scale.MemoryBytesPerSecond, chip.HalfFlopsPerSecond, chip.EightBitFlopsPerSecond, chip.FourBitFlopsPerSecond);

    private static IEnumerable<CalibrationChip> RelativesOf(CalibrationChip chip)
    {
        Random random = new(Seed);
        double Factor(double octaves) => Math.Pow(2, octaves * ((2 * random.NextDouble()) - 1));
        for (int relative = 0; relative < Relatives; relative++)
        {
            double memory = Factor(MostRateOctaves);
            double compute = Factor(MostRateOctaves);
            double units = Factor(MostUnitOctaves);
            yield return new CalibrationChip(
                chip.Scale with
                {
                    ComputeUnits = (int)Math.Round(chip.Scale.ComputeUnits * units),
                    MemoryBytesPerSecond = chip.Scale.MemoryBytesPerSecond * memory,
                },
                chip.HalfFlopsPerSecond * compute,
                chip.EightBitFlopsPerSecond * compute,
                chip.FourBitFlopsPerSecond * compute);
        }
    }

    /// <summary>Adds some cases of a kind as they would be on relatives, where the kind is calibrated.</summary>
    private void AddRelatives(RowList rows, MeasuredKind kind, int[] learned)
    {
        if (Timings?.Find(kind.Form.Family, kind.Kind) is not { } parameters)
        {
            return;
        }

        for (int number = 0; number < Relatives; number++)
        {
            int[] own = [.. learned.Where(index => (CaseHash.Mix(kind.Hash(index)) + (ulong)number) % Relatives < RelativesOfCase)];
            double[] here = new double[own.Length];
            double[] there = new double[own.Length];
            kind.Model(own)(parameters, here);
            relatives[number].Kinds[kind].Model(own)(parameters, there);
            for (int index = 0; index < own.Length; index++)
            {
                rows.Add(kind.Shape(own[index])!.Value, relatives[number].Roofline, kind.Measured[own[index]] * there[index] / here[index]);
            }
        }
    }

    private void Add(MeasuredKind kind)
    {
        kinds.Add(kind);
        for (int index = 0; index < kind.Measured.Count && kind.Shape(index) is { } shape; index++)
        {
            if (!cases.TryGetValue(shape.Family, out List<(MeasuredKind, int)>? known))
            {
                cases[shape.Family] = known = [];
            }

            known.Add((kind, index));
        }
    }

    /// <summary>A chip like this one, with the same cases held against its rates.</summary>
    private sealed record Relative(RooflineChip Roofline, Dictionary<MeasuredKind, MeasuredKind> Kinds);

    private sealed class RowList
    {
        private readonly List<float> features = [];
        private readonly List<float> roofline = [];
        private readonly List<float> measured = [];
        private readonly List<float> weights = [];
        private readonly float[] row = new float[OperatorFeatures.Count];

        /// <summary>How much the rows that follow count.</summary>
        public float Weight { get; set; }

        public void Add(in OperatorShape shape, in RooflineChip chip, double microseconds)
        {
            roofline.Add((float)OperatorFeatures.Write(shape, chip, row));
            features.AddRange(row);
            measured.Add((float)microseconds);
            weights.Add(Weight);
        }

        public TimedOperators ToOperators()
        {
            float mean = weights.Count > 0 ? weights.Average() : 1;
            return new TimedOperators([.. features], [.. roofline], [.. measured], [.. weights.Select(weight => weight / mean)]);
        }
    }
}
