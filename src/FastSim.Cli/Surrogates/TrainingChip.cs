using FastSim.Cli.Calibration;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>
/// A chip and the operators measured on it, and chips like it that were never built: on those, a measured time is longer by what the
/// family's timing form says that the other rates cost. So a network learns how time follows rates from more than a few chips.
/// </summary>
internal sealed class TrainingChip
{
    private const int Relatives = 24;
    private const int RelativesOfCase = 2;
    private const double MostRateOctaves = 1.4;
    private const double MostUnitOctaves = 0.4;
    private const float WeightOfRelative = 0.5f;
    private const int Seed = 20;

    /// <summary>PCI Express 5.0 with 16 lanes, one direction: no bus between the cards of a measured server is faster, and no link of cards' own is slower.</summary>
    private const double FastestBusBytesPerSecond = 64e9;

    private readonly Dictionary<OperatorFamily, List<(MeasuredKind Kind, int Index)>> cases = [];
    private readonly List<MeasuredKind> kinds = [];
    private readonly RooflineChip[] relatives;

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
        CalibrationChip calibration = CalibrationChip.Of(file, chip, chip.Timings?.ComputeUnits ?? Guessed(chip, findings));
        SharesBus = calibration.Scale.LinkBytesPerSecond <= FastestBusBytesPerSecond;
        Roofline = new RooflineChip(
            calibration.Scale.ComputeUnits,
            calibration.Scale.MemoryBytesPerSecond,
            calibration.HalfFlopsPerSecond,
            calibration.EightBitFlopsPerSecond,
            calibration.FourBitFlopsPerSecond)
        {
            Structure = UsualUnits.Structure(chip),
        };
        relatives = [.. RelativesOf(Roofline)];
        foreach (string path in OperatorFiles.Find(operators, findings))
        {
            foreach (MeasuredKind kind in OperatorFiles.Read(path, calibration, findings))
            {
                Add(kind);
            }
        }
    }

    /// <summary>Whether its cards exchange over a bus of the host, which they share, and not over links of their own.</summary>
    public bool SharesBus { get; }

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

    /// <summary>A measured operator as models see it.</summary>
    public OperatorShape ShapeOf(MeasuredKind kind, int index)
    {
        OperatorShape shape = kind.Shape(index)!.Value;
        return shape.Family == OperatorFamily.Product ? ProductLaunches.AsMeasured(shape, Roofline) : shape with { IsRepeated = true };
    }

    /// <summary>How many operators were measured on some chips.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="family">The family.</param>
    /// <param name="withHeldOut">Whether the fifth that is held out counts.</param>
    public static int Measured(IReadOnlyList<TrainingChip> chips, OperatorFamily family, bool withHeldOut) =>
        chips.Sum(chip => chip.Of(family).Count(each => withHeldOut || !each.Kind.IsHeldOut(each.Index)));

    /// <summary>Operators of some chips as a network learns from them: a chip's kind counts by the root of its size.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="family">The family.</param>
    /// <param name="forms">Parameters of timing forms.</param>
    /// <param name="withHeldOut">Whether the fifth that is held out is learned from too.</param>
    public static TimedOperators Rows(IReadOnlyList<TrainingChip> chips, OperatorFamily family, FormParameters forms, bool withHeldOut)
    {
        RowList rows = new(forms);
        foreach (TrainingChip chip in chips)
        {
            foreach (IGrouping<MeasuredKind, (MeasuredKind Kind, int Index)> kind in chip.Of(family).GroupBy(each => each.Kind))
            {
                int[] learned = [.. kind.Select(each => each.Index).Where(index => withHeldOut || !kind.Key.IsHeldOut(index))];
                float weight = 1 / MathF.Sqrt(Math.Max(1, learned.Length));
                foreach (int index in learned)
                {
                    OperatorShape shape = chip.ShapeOf(kind.Key, index);
                    double measured = kind.Key.Measured[index];
                    double form = rows.Row(shape, chip.Roofline, out double roofline);
                    rows.Add(measured, weight);

                    // An operator that was faster than the rates that its form meets follows no form, on no relative.
                    if (measured >= roofline)
                    {
                        chip.AddRelatives(rows, shape, measured / form, CaseHash.Mix(kind.Key.Hash(index)), weight * WeightOfRelative);
                    }
                }
            }
        }

        return rows.ToOperators();
    }

    /// <summary>Compute units of a chip that states none, as learned efficiencies in use take them.</summary>
    private static double Guessed(Chip chip, Findings findings)
    {
        findings.Warn($"{chip.Name} states no operators.compute_units; {GuessedUnits.Of(chip)}");
        return UsualUnits.Of(chip);
    }

    private static IEnumerable<RooflineChip> RelativesOf(RooflineChip chip)
    {
        Random random = new(Seed);
        double Factor(double octaves) => Math.Pow(2, octaves * ((2 * random.NextDouble()) - 1));
        ChipStructure structure = chip.Structure.Whole(chip.ComputeUnits);
        for (int relative = 0; relative < Relatives; relative++)
        {
            double memory = Factor(MostRateOctaves);
            double compute = Factor(MostRateOctaves);
            double units = Math.Round(chip.ComputeUnits * Factor(MostUnitOctaves)) / chip.ComputeUnits;
            yield return new RooflineChip(
                chip.ComputeUnits * units,
                chip.MemoryBytesPerSecond * memory,
                chip.HalfFlopsPerSecond * compute,
                chip.EightBitFlopsPerSecond * compute,
                chip.FourBitFlopsPerSecond * compute)
            {
                Structure = structure with { CacheBytesPerSecond = structure.CacheBytesPerSecond * units },

                // The kernels are the chip's own, however fast the relative is.
                IssueFlopsPerSecond = chip.HalfFlopsPerSecond * units,
            };
        }
    }

    /// <summary>Adds a case as it would be on some relatives.</summary>
    private void AddRelatives(RowList rows, in OperatorShape shape, double measuredOverForm, ulong hash, float weight)
    {
        for (int number = 0; number < RelativesOfCase; number++)
        {
            hash = CaseHash.Mix(hash + (ulong)number);
            double form = rows.Row(shape, relatives[hash % Relatives], out _);
            rows.Add(measuredOverForm * form, weight);
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

    private sealed class RowList(FormParameters forms)
    {
        private readonly List<float> features = [];
        private readonly List<float> measured = [];
        private readonly List<float> weights = [];
        private readonly float[] row = new float[OperatorComponents.Count];

        /// <summary>Takes in a case, of which <see cref="Add"/> says the rest.</summary>
        /// <returns>Microseconds by the form.</returns>
        public double Row(in OperatorShape shape, in RooflineChip chip, out double roofline)
        {
            double form = OperatorComponents.FormMicroseconds(shape, chip, forms, row, out roofline);
            features.AddRange(row);
            return form;
        }

        public void Add(double microseconds, float weight)
        {
            measured.Add((float)microseconds);
            weights.Add(weight);
        }

        public TimedOperators ToOperators()
        {
            float mean = weights.Count > 0 ? weights.Average() : 1;
            return new TimedOperators([.. features], [.. measured], [.. weights.Select(weight => weight / mean)]);
        }
    }
}
