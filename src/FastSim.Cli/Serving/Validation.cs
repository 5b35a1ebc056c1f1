using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Launches;

namespace FastSim.Cli.Serving;

/// <summary>A measured row and what is predicted of it.</summary>
/// <param name="Row">The row.</param>
/// <param name="Prediction">The prediction.</param>
/// <param name="MeasuredFirstToken">Measured time to first token, ms; NaN where there is none.</param>
/// <param name="MeasuredPerToken">Measured time per output token, ms; NaN where there is none.</param>
internal sealed record ValidatedRow(ServingRow Row, ServingPrediction Prediction, double MeasuredFirstToken, double MeasuredPerToken)
{
    /// <summary>Predicted over measured time per output token.</summary>
    public double PerTokenRatio => Prediction.Figures.PerTokenMilliseconds / MeasuredPerToken;

    /// <summary>Predicted over measured time to first token.</summary>
    public double FirstTokenRatio => Prediction.Figures.FirstTokenMilliseconds / MeasuredFirstToken;

    /// <summary>What sets rows apart before anything else: the mode, and whether the batch was stated.</summary>
    public string Kind
    {
        get
        {
            string mode = Row.Text("mode") is { Length: > 0 } stated ? stated : "agg";
            return IsDefaulted ? $"{mode}, batch defaulted" : mode;
        }
    }

    /// <summary>Whether the batch is not the row's own.</summary>
    public bool IsDefaulted => Prediction.HasDefaultedBatch;

    /// <summary>A row in few words.</summary>
    public string Words => string.Join(
        ' ',
        new[] { Row.Text("model_path").Split('/')[^1], Row.Text("system"), Row.Engine, Row.Text("precision") }
            .Append(string.Create(
                CultureInfo.InvariantCulture,
                $"{Row.Text("isl")}/{Row.Text("osl")} batch {Prediction.Batch:0.#} TP{Prediction.Layout?.TensorParallel} DP{Prediction.Layout?.DataParallel} EP{Prediction.Layout?.ExpertParallel}"))
            .Where(part => part.Length > 0));
}

/// <summary>A group of rows and its errors.</summary>
/// <param name="By">What the rows are grouped by.</param>
/// <param name="Group">The group.</param>
/// <param name="PerToken">Errors of the time per output token.</param>
/// <param name="FirstToken">Errors of the time to first token.</param>
internal sealed record GroupErrors(string By, string Group, ErrorStatistics PerToken, ErrorStatistics FirstToken);

/// <summary>Measured rows held against predictions: errors by group, rows that are not covered by reason, and the worst rows.</summary>
internal sealed class Validation
{
    private const int Deciles = 10;

    private static readonly (string By, string Column)[] Groupings =
        [("model", "model_path"), ("system", "system"), ("engine", "backend"), ("precision", "precision")];

    /// <summary>What the column says of rows that are none, where a table says it of every row.</summary>
    private static readonly string[] NotSuspect = ["0", "0.0", "false", "no"];

    /// <summary>Holds rows against predictions.</summary>
    /// <param name="table">The rows, with measured columns.</param>
    /// <param name="predictions">What is predicted of each.</param>
    public Validation(ServingTable table, IReadOnlyList<ServingPrediction> predictions)
    {
        List<ValidatedRow> covered = [];
        SortedDictionary<string, int> uncovered = new(StringComparer.Ordinal);
        for (int index = 0; index < predictions.Count; index++)
        {
            ServingRow row = table.Rows[index];
            ValidatedRow validated = new(row, predictions[index], Measured(row, "silicon_ttft_ms"), Measured(row, "silicon_tpot_ms"));
            string? reason = row.Text("suspect") is { Length: > 0 } suspect && !NotSuspect.Contains(suspect, StringComparer.OrdinalIgnoreCase) ? $"marked as suspect: {OneLine.Of(suspect)}" : predictions[index].Uncovered;
            reason ??= OutOfRange(row, "silicon_ttft_ms") ?? OutOfRange(row, "silicon_tpot_ms");
            reason ??= double.IsNaN(validated.MeasuredFirstToken) && double.IsNaN(validated.MeasuredPerToken) ? "nothing is measured" : null;
            if (reason is null)
            {
                covered.Add(validated);
            }
            else
            {
                uncovered[reason] = uncovered.GetValueOrDefault(reason) + 1;
            }
        }

        Covered = covered;
        Uncovered = uncovered;
        Groups = [.. covered.GroupBy(row => row.Kind).OrderBy(kind => kind.Key, StringComparer.Ordinal).SelectMany(kind => Of(kind.Key, [.. kind]))];
    }

    /// <summary>Rows that are covered.</summary>
    public IReadOnlyList<ValidatedRow> Covered { get; }

    /// <summary>How many of them have operators that the efficiency model was not trained among.</summary>
    public int BeyondTraining => Covered.Count(row => row.Prediction.IsBeyondTraining);

    /// <summary>Rows that are not, by reason.</summary>
    public IReadOnlyDictionary<string, int> Uncovered { get; }

    /// <summary>Errors of each kind of rows, then of its groups.</summary>
    public IReadOnlyList<GroupErrors> Groups { get; }

    /// <summary>How often measured times lie within predicted intervals, by kind of rows.</summary>
    public IReadOnlyList<IntervalCoverage> Intervals => IntervalCoverage.Of(Covered);

    /// <summary>How well deployments of one model, chip and load are chosen between.</summary>
    public IReadOnlyList<ChoiceQuality> Choices => ChoiceQuality.Of(Covered);

    /// <summary>The rows, of those that state their batch, whose time per output token is missed by most.</summary>
    public IEnumerable<ValidatedRow> Worst(int count) => Covered
        .Where(row => !double.IsNaN(row.MeasuredPerToken) && !row.IsDefaulted)
        .OrderByDescending(row => Math.Abs(Math.Log(row.PerTokenRatio)))
        .ThenBy(row => row.Row.Line)
        .Take(count);

    /// <summary>The parts of a decode step that take most, in words.</summary>
    public static string Breakdown(StepParts parts, int count)
    {
        List<(StepPart Part, double Microseconds)> sorted = [];
        for (int part = 0; part < StepParts.Count; part++)
        {
            sorted.Add(((StepPart)part, parts[part]));
        }

        return string.Join(
            ", ",
            sorted.Where(part => part.Microseconds > 0)
                .OrderByDescending(part => part.Microseconds)
                .Take(count)
                .Select(part => string.Create(CultureInfo.InvariantCulture, $"{Word(part.Part)} {part.Microseconds / 1000:0.00} ms")));
    }

    private static IEnumerable<GroupErrors> Of(string kind, ValidatedRow[] rows)
    {
        yield return Errors(kind, "all", rows);
        foreach ((string by, string column) in Groupings)
        {
            foreach (IGrouping<string, ValidatedRow> group in rows.GroupBy(row => row.Row.Text(column)).OrderBy(group => group.Key, StringComparer.Ordinal))
            {
                yield return Errors($"{kind}: {by}", group.Key.Length > 0 ? group.Key : "(not stated)", [.. group]);
            }
        }

        ValidatedRow[] byBatch = [.. rows.OrderBy(row => row.Prediction.Batch).ThenBy(row => row.Row.Line)];
        for (int decile = 0; decile < Deciles && byBatch.Length >= Deciles; decile++)
        {
            ValidatedRow[] own = byBatch[(byBatch.Length * decile / Deciles)..(byBatch.Length * (decile + 1) / Deciles)];
            yield return Errors(
                $"{kind}: batch decile",
                string.Create(CultureInfo.InvariantCulture, $"{decile + 1}: {own[0].Prediction.Batch:0.#} to {own[^1].Prediction.Batch:0.#}"),
                own);
        }
    }

    private static GroupErrors Errors(string by, string group, ValidatedRow[] rows) => new(
        by,
        group,
        ErrorStatistics.Of(rows.Select(row => row.PerTokenRatio).Where(ratio => !double.IsNaN(ratio))),
        ErrorStatistics.Of(rows.Select(row => row.FirstTokenRatio).Where(ratio => !double.IsNaN(ratio))));

    private static double Measured(ServingRow row, string column) =>
        double.TryParse(row.Text(column), NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number > 0 ? number : double.NaN;

    /// <summary>Why a measured cell cannot be compared with: it is a number of no size that a time could have.</summary>
    private static string? OutOfRange(ServingRow row, string column)
    {
        double measured = Measured(row, column);
        return double.IsNaN(measured) || (measured > 0 && JsonValue.IsWithinRange(measured)) ? null : $"{column} is not a number from 1e-30 to 1e30: {OneLine.Of(row.Text(column))}";
    }

    private static string Word(StepPart part) => part switch
    {
        StepPart.Elementwise => "element-wise",
        StepPart.AttentionProducts => "attention products",
        StepPart.LatentProducts => "latent products",
        StepPart.DecodeAttention => "decode attention",
        StepPart.PrefillAttention => "prefill attention",
        StepPart.FeedForward => "feed-forward",
        StepPart.SharedExperts => "shared experts",
        StepPart.AllReduce => "all-reduce",
        StepPart.AllToAll => "all-to-all",
        _ => part.ToString().ToLowerInvariant(),
    };
}
