using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Fitting;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Surrogates;

/// <summary>Models as what is judged: ensembles in training, and any that keeps a contract.</summary>
internal static class JudgedModels
{
    /// <summary>What training made.</summary>
    public static TimeAnswers Of(LearnedModel model) => (family, shapes, chip) =>
    {
        if (!model.Ensembles.TryGetValue(family, out TimeEnsemble? ensemble))
        {
            return [];
        }

        TimeAnswer[] answers = new TimeAnswer[shapes.Count];
        float[] row = new float[OperatorComponents.Count];
        for (int index = 0; index < answers.Length; index++)
        {
            OperatorComponents.Write(shapes[index], chip, model.Forms, row);
            double logarithm = ensemble.Logarithm(row, out double halfWidth);
            answers[index] = new TimeAnswer(Math.Exp(logarithm), halfWidth);
        }

        return answers;
    };

    /// <summary>The same, where nobody says yet how wide intervals are.</summary>
    public static TimeAnswers WithoutIntervals(LearnedModel model)
    {
        TimeAnswers answers = Of(model);
        return (family, shapes, chip) => Array.ConvertAll(answers(family, shapes, chip), answer => answer with { HalfWidth = double.NaN });
    }

    /// <summary>A model of either contract.</summary>
    /// <exception cref="ConfigurationException">An answer is none that it may give.</exception>
    public static TimeAnswers Of(IEfficiencyModel model) => (family, shapes, chip) =>
    {
        if (model.RangeOf(family) is not { } range)
        {
            return [];
        }

        float[] features = new float[shapes.Count * OperatorFeatures.Count];
        float[] given = new float[shapes.Count * 2];
        double[] rooflines = new double[shapes.Count];
        FormParameters forms = FormParameters.Of(model);
        for (int index = 0; index < rooflines.Length; index++)
        {
            Span<float> row = features.AsSpan(index * OperatorFeatures.Count, OperatorFeatures.Count);
            rooflines[index] = model.Version == OperatorComponents.Version
                ? OperatorComponents.Write(shapes[index], chip, forms, row)
                : OperatorFeatures.Write(shapes[index], chip, row);
        }

        try
        {
            model.Evaluate(family, features, given);
        }
        catch (EfficiencyModelException exception)
        {
            throw new ConfigurationException(exception.Message, exception);
        }

        TimeAnswer[] answers = new TimeAnswer[shapes.Count];
        for (int index = 0; index < answers.Length; index++)
        {
            (double first, double second) = (given[2 * index], given[(2 * index) + 1]);
            if (!range.Holds(first, second))
            {
                throw new ConfigurationException(FormattableString.Invariant(
                    $"{model.Name}: {family}: found answers of {first} and {second}; expected {range.LeastFirst} to {range.MostFirst} and {range.LeastSecond} to {range.MostSecond}"));
            }

            answers[index] = model.Version == OperatorComponents.Version
                ? new TimeAnswer(Math.Exp(first), second)
                : new TimeAnswer((rooflines[index] / first) + second, double.NaN);
        }

        return answers;
    };
}
