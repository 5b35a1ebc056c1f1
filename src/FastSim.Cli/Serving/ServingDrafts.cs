using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Serving;

/// <summary>Drafts that a row of deployments states (docs/file-formats.md, "Deployments").</summary>
internal static class ServingDrafts
{
    /// <summary>The column of the mean tokens of a step.</summary>
    public const string MeanLength = "draft_mean_length";

    /// <summary>The column of what drafts: a word, or the name of a draft model.</summary>
    public const string Model = "draft_model";

    private const string Acceptance = "draft_acceptance";

    /// <summary>Reads a row's drafts; how many count is one chance, one a draft, or the mean tokens of a step.</summary>
    /// <param name="row">The row.</param>
    /// <param name="model">Its model.</param>
    /// <param name="models">Models by name.</param>
    /// <param name="notes">Receives what was taken for granted.</param>
    /// <exception cref="UncoveredException">They cannot be used.</exception>
    public static MultiTokenPrediction Of(ServingRow row, TransformerModel model, Func<string, TransformerModel> models, ServingNotes notes)
    {
        int drafts = row.Whole("draft_tokens");
        return drafts == 0 ? MultiTokenPrediction.Off : Counted(row, drafts, notes) with { Draft = Draft(row, model, models) };
    }

    private static DraftModel? Draft(ServingRow row, TransformerModel model, Func<string, TransformerModel> models)
    {
        string word = row.Text(Model);
        if (word is "" or "0")
        {
            return null;
        }

        if (DraftReader.KindOf(word) is { } kind)
        {
            (DraftModel? draft, string? obstacle) = DraftReader.Of(kind, model, null, null);
            return obstacle is null ? draft : throw new UncoveredException($"{Model} {word}: expected {obstacle}");
        }

        TransformerModel own = models(word);
        return DraftReader.Obstacle(own) is { } unfit ? throw new UncoveredException($"{Model} {word}: expected {unfit}") : new DraftModel(own);
    }

    private static MultiTokenPrediction Counted(ServingRow row, int drafts, ServingNotes notes)
    {
        double? mean = row.Number(MeanLength);
        string[] places = row.Text(Acceptance).Split((char[]?)[' ', ';'], StringSplitOptions.RemoveEmptyEntries);
        if (mean is not null && places is not ([] or ["0"]))
        {
            throw new UncoveredException($"both {Acceptance} and {MeanLength} are stated");
        }

        if (mean is { } tokens)
        {
            NumberRule rule = AcceptanceReader.MeanRule(drafts);
            return rule.Accepts(tokens)
                ? MultiTokenPrediction.OfMeanLength(drafts, tokens)
                : throw new UncoveredException(string.Create(CultureInfo.InvariantCulture, $"{MeanLength} is not {rule.Expected}: {tokens}"));
        }

        if (places.Length > 1)
        {
            return MultiTokenPrediction.ByPosition(Chances(row, drafts, places));
        }

        if (row.Number(Acceptance, 1) is { } stated)
        {
            return new MultiTokenPrediction(drafts, stated);
        }

        notes.Add(string.Create(CultureInfo.InvariantCulture, $"{Acceptance} = {AcceptanceReader.Usual}"));
        return new MultiTokenPrediction(drafts, AcceptanceReader.Usual);
    }

    private static double[] Chances(ServingRow row, int drafts, string[] places) => places.Length == drafts && AcceptanceReader.Chances(places) is { } chances
        ? chances
        : throw new UncoveredException($"{Acceptance} is not {AcceptanceReader.PlacesExpected(drafts)}: {OneLine.Of(row.Text(Acceptance))}");
}
