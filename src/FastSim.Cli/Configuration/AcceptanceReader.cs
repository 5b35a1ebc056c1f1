using System.Globalization;
using System.Text.Json;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration;

/// <summary>
/// How many drafts count (docs/cost-model.md, "Drafts"): one chance for all places, a list of one chance a place, or the mean tokens of a step.
/// </summary>
internal static class AcceptanceReader
{
    /// <summary>Chance that a draft is accepted where nothing says.</summary>
    public const double Usual = 0.85;

    /// <summary>The key of a mean.</summary>
    public const string MeanLength = "mean_length";

    private const string Expected = "a number from 0 to 1, a list of one for each draft token, or an object with mean_length";

    /// <summary>Reads what a runtime states.</summary>
    /// <param name="value">The acceptance; nothing stands for the usual one.</param>
    /// <param name="drafts">Tokens drafted a step.</param>
    /// <param name="findings">Receives what is to be known.</param>
    public static MultiTokenPrediction Read(JsonValue value, int drafts, Findings findings)
    {
        if (value.IsNull)
        {
            return new MultiTokenPrediction(drafts, Usual);
        }

        switch (value.Element.ValueKind)
        {
            case JsonValueKind.Number:
                return new MultiTokenPrediction(drafts, value.Number(NumberRule.Share));
            case JsonValueKind.Array:
                double[] chances = Array.ConvertAll(value.List(Expected), item => item.Number(NumberRule.Share));
                return drafts == 0 || chances.Length == drafts ? OfPlaces(chances, drafts) : throw value.Complaint(PlacesExpected(drafts));
            case JsonValueKind.Object:
                double mean = JsonObject.Of(value, Expected).Know(findings, MeanLength).Number(MeanLength, MeanRule(drafts));
                return drafts == 0 ? MultiTokenPrediction.Off : MultiTokenPrediction.OfMeanLength(drafts, mean);
            default:
                throw value.Complaint(Expected);
        }
    }

    /// <summary>Chances from 0 to 1 that stand in text; null where some are none.</summary>
    /// <param name="places">One each.</param>
    public static double[]? Chances(string[] places)
    {
        double[] chances = new double[places.Length];
        for (int place = 0; place < places.Length; place++)
        {
            if (!double.TryParse(places[place], NumberStyles.Float, CultureInfo.InvariantCulture, out chances[place]) || chances[place] is not (>= 0 and <= 1))
            {
                return null;
            }
        }

        return chances;
    }

    /// <summary>What a list of chances must be.</summary>
    /// <param name="drafts">Tokens drafted a step.</param>
    public static string PlacesExpected(int drafts) => string.Create(
        CultureInfo.InvariantCulture, $"a list of {drafts} numbers from 0 to 1, one for each draft token");

    /// <summary>What the mean tokens of a step may be; of any number of drafts where none are drafted, since it is not used then.</summary>
    /// <param name="drafts">Tokens drafted a step.</param>
    public static NumberRule MeanRule(int drafts) => drafts == 0
        ? new NumberRule("a number of at least 1", number => number >= 1)
        : new NumberRule(
            string.Create(CultureInfo.InvariantCulture, $"a number from 1 to {drafts + 1}: the drafts accepted and the model's own token, of {drafts} draft tokens"),
            number => number >= 1 && number <= drafts + 1);

    private static MultiTokenPrediction OfPlaces(double[] chances, int drafts) => drafts == 0 ? MultiTokenPrediction.Off : MultiTokenPrediction.ByPosition(chances);
}
