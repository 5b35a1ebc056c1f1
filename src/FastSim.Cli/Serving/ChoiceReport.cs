using System.Globalization;
using System.Text.Json;
using FastSim.Cli.Output;

namespace FastSim.Cli.Serving;

/// <summary>What a validation says of choices between deployments, and of intervals.</summary>
internal static class ChoiceReport
{
    /// <summary>What the table's figures are.</summary>
    public const string Title =
        "choices between deployments of one model, chip and load, %, by tokens/s a card, by tokens/s of a user (1/TPOT), the same of as many clients a card (equal), and "
        + "under a limit of TPOT. rank: correlation; order: pairs measured 5 to 50 % apart in the right order; best: groups whose predicted best is the measured best; regret: "
        + "what the predicted best lacks of the measured best, mean; missed: groups whose pick breaks the limit, or without one; close: groups whose second is within the interval of the first";

    /// <summary>What is said where there is nothing to choose.</summary>
    public const string Nothing = "choices: found no two deployments of one model, chip, engine, precision, isl, osl and mode; expected some to choose between";

    /// <summary>The tables for people, one a kind of rows.</summary>
    public static IEnumerable<TextTable> Tables(IReadOnlyList<ChoiceQuality> choices) =>
        choices.GroupBy(choice => choice.Question.Kind).Select(kind => Table(kind.Key, kind));

    private static TextTable Table(string kind, IEnumerable<ChoiceQuality> choices)
    {
        TextTable table = new(
        [
            new(kind), new("groups", true), new("rows", true), new("rank", true), new("pairs", true), new("order", true), new("best", true),
            new("regret", true), new("missed", true), new("close", true),
        ]);
        foreach (ChoiceQuality choice in choices)
        {
            bool isOrdered = choice.Question.LimitMilliseconds is null;
            table.Add(
                $"  {Name(choice.Question)}",
                Count(choice.Groups),
                Count(choice.Deployments),
                isOrdered && !double.IsNaN(choice.RankCorrelation) ? choice.RankCorrelation.ToString("0.000", CultureInfo.InvariantCulture) : "",
                isOrdered ? Count(choice.Pairs) : "",
                isOrdered ? ShareText.Tenths(choice.PairsInOrder / (double)choice.Pairs) : "",
                ShareText.Tenths(choice.Best / (double)choice.Groups),
                double.IsNaN(choice.Regret) ? "" : (100 * choice.Regret).ToString("0.00", CultureInfo.InvariantCulture),
                isOrdered ? "" : ShareText.Tenths(choice.Missed / (double)choice.Groups),
                ShareText.Tenths(choice.TooClose / (double)choice.Groups));
        }

        return table;
    }

    /// <summary>The figures for programs.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<ChoiceQuality> choices) => json.WriteObjects("choices", choices, choice =>
    {
        json.WriteString("kind", choice.Question.Kind);
        json.WriteString("by", choice.Question.Figure == ChoiceFigure.PerCard ? "tokensPerSecondPerCard" : "tokensPerSecondPerUser");
        json.WriteBoolean("atEqualClientsPerCard", choice.Question.IsAtEqualLoad);
        if (choice.Question.LimitMilliseconds is { } limit)
        {
            json.WriteNumber("mostMillisecondsPerToken", limit);
        }

        json.WriteNumber("groups", choice.Groups);
        json.WriteNumber("deployments", choice.Deployments);
        if (choice.Question.LimitMilliseconds is null)
        {
            WriteFinite(json, "rankCorrelation", choice.RankCorrelation);
            json.WriteNumber("pairs", choice.Pairs);
            json.WriteNumber("pairsInOrder", choice.PairsInOrder);
        }
        else
        {
            json.WriteNumber("missed", choice.Missed);
        }

        json.WriteNumber("best", choice.Best);
        WriteFinite(json, "meanRegret", choice.Regret);
        json.WriteNumber("tooClose", choice.TooClose);
    });

    /// <summary>What is said of intervals.</summary>
    public static string Line(IReadOnlyList<IntervalCoverage> coverages) => string.Create(
        CultureInfo.InvariantCulture,
        $"measured TPOT within its 80 % interval: {string.Join("; ", coverages.Select(coverage => $"{coverage.Kind} {ShareText.Percent(coverage.Share)} of {coverage.Rows}"))}");

    /// <summary>The same for programs.</summary>
    public static void Write(Utf8JsonWriter json, IReadOnlyList<IntervalCoverage> coverages) => json.WriteObjects("intervals", coverages, coverage =>
    {
        json.WriteString("kind", coverage.Kind);
        json.WriteNumber("rows", coverage.Rows);
        json.WriteNumber("within", coverage.Within);
    });

    private static string Name(ChoiceQuestion question)
    {
        string figure = question.Figure == ChoiceFigure.PerCard ? "card" : "user";
        return question.IsAtEqualLoad ? $"{figure}, equal"
            : question.LimitMilliseconds is { } limit ? string.Create(CultureInfo.InvariantCulture, $"{figure}, ≤{limit} ms")
            : figure;
    }

    private static string Count(int count) => count.ToString(CultureInfo.InvariantCulture);

    private static void WriteFinite(Utf8JsonWriter json, string name, double number)
    {
        if (double.IsFinite(number))
        {
            json.WriteNumber(name, number);
        }
    }
}
