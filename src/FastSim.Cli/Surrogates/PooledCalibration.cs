using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>Timing forms fitted to several chips together: what calibration can say of a chip that was not measured.</summary>
internal static class PooledCalibration
{
    /// <summary>Fits the kinds of a family and name on some chips together, each chip at its own peaks.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="kind">A kind of the same family and name.</param>
    /// <param name="mostCases">Cases of each chip at most.</param>
    /// <returns>The parameters; null where no chip measured the kind.</returns>
    public static double[]? Fit(IEnumerable<TrainingChip> chips, MeasuredKind kind, int mostCases)
    {
        List<(TimingModel Model, int Count)> models = [];
        List<double> measured = [];
        foreach ((TrainingChip _, MeasuredKind same) in Measured(chips, kind))
        {
            int[] cases = same.CasesToFit(mostCases);
            models.Add((same.Model(cases), cases.Length));
            measured.AddRange(cases.Select(index => same.Measured[index]));
        }

        if (models.Count == 0)
        {
            return null;
        }

        TimingModel pooled = (parameters, microseconds) =>
        {
            int first = 0;
            foreach ((TimingModel model, int count) in models)
            {
                double[] own = new double[count];
                model(parameters, own);
                own.CopyTo(microseconds.Slice(first, count));
                first += count;
            }
        };
        return Best(kind, pooled, [.. measured]);
    }

    /// <summary>Fits the kinds of a family and name on some chips together, each chip at the rates that it holds.</summary>
    /// <param name="chips">The chips.</param>
    /// <param name="kind">A kind of the same family and name.</param>
    /// <param name="mostCases">Cases of each chip at most.</param>
    /// <returns>The parameters; null where no chip measured the kind.</returns>
    public static double[]? FitHeld(IEnumerable<TrainingChip> chips, MeasuredKind kind, int mostCases)
    {
        List<(OperatorShape Shape, RooflineChip Chip)> cases = [];
        List<double> measured = [];
        foreach ((TrainingChip chip, MeasuredKind same) in Measured(chips, kind))
        {
            // What the chip computes in 16 bits says nothing of kernels of 8, and what one block walks nothing of kernels that split the context.
            OperatorShape shape = chip.ShapeOf(same, 0);
            bool isOfOthers = OperatorComponents.IsWidened(shape, chip.Roofline) || OperatorComponents.IsUnsplit(shape, chip.Roofline);
            foreach (int index in isOfOthers ? [] : same.CasesToFit(mostCases))
            {
                cases.Add((chip.ShapeOf(same, index), chip.Roofline));
                measured.Add(same.Measured[index]);
            }
        }

        return cases.Count == 0 ? null : Best(kind, HeldForm.Of(cases), [.. measured]);
    }

    private static double[] Best(MeasuredKind kind, TimingModel model, double[] measured) => kind.Form.Starts
        .Select(start => FormFit.From(kind.Form, model, measured, start))
        .MinBy(fit => fit.Loss)
        .Parameters;

    private static IEnumerable<(TrainingChip Chip, MeasuredKind Kind)> Measured(IEnumerable<TrainingChip> chips, MeasuredKind kind)
    {
        foreach (TrainingChip chip in chips)
        {
            if (chip.Kinds.FirstOrDefault(other => other.Form.Family == kind.Form.Family && other.Kind == kind.Kind) is { } same)
            {
                yield return (chip, same);
            }
        }
    }
}
