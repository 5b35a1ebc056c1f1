using FastSim.Cli.Calibration;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Efficiency;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Timing;

namespace FastSim.Cli.Surrogates;

/// <summary>A chip and the operators measured on it.</summary>
internal sealed class TrainingChip
{
    private readonly Dictionary<OperatorFamily, List<(MeasuredKind Kind, int Index)>> cases = [];
    private readonly List<MeasuredKind> kinds = [];

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
        Calibration = CalibrationChip.Of(file, chip, computeUnits: null);
        Roofline = new RooflineChip(
            Calibration.Scale.ComputeUnits,
            Calibration.Scale.MemoryBytesPerSecond,
            Calibration.HalfFlopsPerSecond,
            Calibration.EightBitFlopsPerSecond,
            Calibration.FourBitFlopsPerSecond);
        foreach (string path in OperatorFiles.Find(operators, findings))
        {
            foreach (MeasuredKind kind in OperatorFiles.Read(path, Calibration, findings))
            {
                Add(kind);
            }
        }
    }

    /// <summary>The chip's name.</summary>
    public string Name { get; }

    /// <summary>Its calibrated timings; null where it has none.</summary>
    public OperatorTimings? Timings { get; }

    /// <summary>What calibration knows of it.</summary>
    public CalibrationChip Calibration { get; }

    /// <summary>Its peaks.</summary>
    public RooflineChip Roofline { get; }

    /// <summary>Its kinds of operators.</summary>
    public IReadOnlyList<MeasuredKind> Kinds => kinds;

    /// <summary>Its measured operators of a family: kind and number within it.</summary>
    public IReadOnlyList<(MeasuredKind Kind, int Index)> Of(OperatorFamily family) => cases.GetValueOrDefault(family) ?? [];

    /// <summary>Operators of some chips as a network learns from them: a chip's kind counts by the root of its size.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="family">The family.</param>
    /// <param name="withHeldOut">Whether the fifth that is held out is learned from too.</param>
    public static TimedOperators Rows(IReadOnlyList<TrainingChip> chips, OperatorFamily family, bool withHeldOut)
    {
        List<float> features = [];
        List<float> roofline = [];
        List<float> measured = [];
        List<float> weights = [];
        float[] row = new float[OperatorFeatures.Count];
        foreach (TrainingChip chip in chips)
        {
            foreach (IGrouping<MeasuredKind, (MeasuredKind Kind, int Index)> kind in chip.Of(family).GroupBy(each => each.Kind))
            {
                int first = measured.Count;
                foreach ((_, int index) in kind)
                {
                    if (withHeldOut || !kind.Key.IsHeldOut(index))
                    {
                        roofline.Add((float)OperatorFeatures.Write(kind.Key.Shape(index)!.Value, chip.Roofline, row));
                        features.AddRange(row);
                        measured.Add((float)kind.Key.Measured[index]);
                    }
                }

                weights.AddRange(Enumerable.Repeat(1 / MathF.Sqrt(Math.Max(1, measured.Count - first)), measured.Count - first));
            }
        }

        float mean = weights.Count > 0 ? weights.Average() : 1;
        return new TimedOperators([.. features], [.. roofline], [.. measured], [.. weights.Select(weight => weight / mean)]);
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
}
