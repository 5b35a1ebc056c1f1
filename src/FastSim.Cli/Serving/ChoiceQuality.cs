namespace FastSim.Cli.Serving;

/// <summary>What is chosen by.</summary>
internal enum ChoiceFigure
{
    /// <summary>Output tokens/s a card.</summary>
    PerCard,

    /// <summary>Tokens/s of one user: one over the time per output token.</summary>
    PerUser,
}

/// <summary>A question that deployments of one model, chip and load are chosen by.</summary>
/// <param name="Kind">The kind of rows.</param>
/// <param name="Figure">What is chosen by.</param>
/// <param name="IsAtEqualLoad">Whether only deployments with as many clients a card are chosen between.</param>
/// <param name="LimitMilliseconds">Most time per output token of what may be chosen; null for any.</param>
internal sealed record ChoiceQuestion(string Kind, ChoiceFigure Figure, bool IsAtEqualLoad, double? LimitMilliseconds);

/// <summary>How well a question is answered (docs/validation.md, "Choices").</summary>
/// <param name="Question">The question.</param>
/// <param name="Groups">Groups of deployments in which there is a choice.</param>
/// <param name="Deployments">Deployments in them.</param>
/// <param name="RankCorrelation">Mean rank correlation of the groups of at least three; not a number where there is none.</param>
/// <param name="Pairs">Pairs that were measured 5 to 50 % apart.</param>
/// <param name="PairsInOrder">Those of them that are predicted in the same order.</param>
/// <param name="Best">Groups whose predicted best is the measured best.</param>
/// <param name="Regret">Mean share of the measured best's figure that the predicted best lacks; of groups that are not missed.</param>
/// <param name="Missed">Groups whose predicted best was measured to break the limit, or in which none is predicted to hold it.</param>
/// <param name="TooClose">Groups whose second is predicted within the interval of the first.</param>
internal sealed record ChoiceQuality(
    ChoiceQuestion Question,
    int Groups,
    int Deployments,
    double RankCorrelation,
    int Pairs,
    int PairsInOrder,
    int Best,
    double Regret,
    int Missed,
    int TooClose)
{
    private static readonly double[] Limits = [10, 20, 30, 50];

    /// <summary>Answers every question that some group asks.</summary>
    /// <param name="rows">Measured rows.</param>
    public static IReadOnlyList<ChoiceQuality> Of(IEnumerable<ValidatedRow> rows)
    {
        List<ChoiceQuality> all = [];
        foreach (IGrouping<string, ValidatedRow> kind in rows.GroupBy(row => row.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal))
        {
            IReadOnlyList<MeasuredDeployment>[] groups = [.. kind.GroupBy(Load).Select(MeasuredDeployment.Of)];
            foreach (ChoiceQuestion question in Questions(kind.Key))
            {
                ChoiceTally tally = new();
                foreach (IReadOnlyList<MeasuredDeployment> group in groups)
                {
                    Add(tally, question, group);
                }

                all.Add(tally.Of(question));
            }
        }

        return [.. all.Where(quality => quality.Groups > 0)];
    }

    private static IEnumerable<ChoiceQuestion> Questions(string kind)
    {
        foreach (bool isAtEqualLoad in new[] { false, true })
        {
            yield return new ChoiceQuestion(kind, ChoiceFigure.PerCard, isAtEqualLoad, null);
            yield return new ChoiceQuestion(kind, ChoiceFigure.PerUser, isAtEqualLoad, null);
        }

        foreach (double limit in Limits)
        {
            yield return new ChoiceQuestion(kind, ChoiceFigure.PerCard, IsAtEqualLoad: false, limit);
        }
    }

    private static void Add(ChoiceTally tally, ChoiceQuestion question, IReadOnlyList<MeasuredDeployment> group)
    {
        // The whole group is as one load.
        IEnumerable<IEnumerable<MeasuredDeployment>> choices = group
            .Where(deployment => double.IsFinite(Figure(question, deployment, deployment.Measured)))
            .GroupBy(deployment => question.IsAtEqualLoad ? deployment.ClientsPerCard : 0);
        foreach (IEnumerable<MeasuredDeployment> choice in choices)
        {
            tally.Add([.. choice.Select(deployment => new Candidate(
                Figure(question, deployment, deployment.Measured),
                Figure(question, deployment, deployment.Predicted),
                Figure(question, deployment, deployment.AtWorst),
                Holds(question, deployment.Measured),
                Holds(question, deployment.Predicted)))]);
        }
    }

    private static bool Holds(ChoiceQuestion question, ServingTimes times) => !(times.PerTokenMilliseconds > question.LimitMilliseconds);

    private static double Figure(ChoiceQuestion question, MeasuredDeployment deployment, ServingTimes times) =>
        question.Figure == ChoiceFigure.PerUser ? 1000 / times.PerTokenMilliseconds : deployment.PerCard(times);

    /// <summary>What deployments have in common that are chosen between; the model and the chip by the names that rows give them.</summary>
    private static (string Model, string System, string Engine, string Release, object? Precision, double? Input, double? Output) Load(ValidatedRow row) => (
        row.Row.Text("model_path"),
        row.Row.Text("system"),
        row.Row.Engine,
        row.Row.Text(ServingTable.Release),
        row.Prediction.Precision,
        row.Row.Number("isl", ServingRow.MostTokens),
        row.Row.Number("osl", ServingRow.MostTokens));
}
