using FastSim.Kernels.Fitting;

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
        foreach (TrainingChip chip in chips)
        {
            if (chip.Kinds.FirstOrDefault(other => other.Form.Family == kind.Form.Family && other.Kind == kind.Kind) is not { } same)
            {
                continue;
            }

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
        return kind.Form.Starts
            .Select(start => FormFit.From(kind.Form, pooled, [.. measured], start))
            .MinBy(fit => fit.Loss)
            .Parameters;
    }
}
