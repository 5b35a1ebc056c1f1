using FastSim.Kernels.Fitting;
using FastSim.Kernels.Timing;

namespace FastSim.Cli.Surrogates;

/// <summary>Timing forms fitted to several chips together: what calibration can say of a chip that was not measured.</summary>
internal static class PooledCalibration
{
    private const int Iterations = 60;

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

            int[] cases =
            [
                .. Enumerable.Range(0, same.Measured.Count)
                    .Where(index => !same.IsHeldOut(index))
                    .OrderBy(index => CaseHash.Mix(same.Hash(index)))
                    .ThenBy(index => same.Measured[index])
                    .Take(mostCases),
            ];
            models.Add((same.Model(cases), cases.Length));
            measured.AddRange(cases.Select(index => same.Measured[index]));
        }

        if (models.Count == 0)
        {
            return null;
        }

        TimingForm form = kind.Form;
        int frozen = form.Family == ExpertTiming.Form.Family ? ExpertTiming.Choice : -1;
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
        return new[] { form.Start }.Concat(form.OtherStarts)
            .Select(start => RobustFit.Fit(
                pooled,
                [.. measured],
                start,
                [.. form.Parameters.Select(parameter => parameter.Least)],
                [.. form.Parameters.Select(parameter => parameter.Most)],
                frozen,
                Iterations))
            .MinBy(fit => fit.Loss)
            .Parameters;
    }
}
