using FastSim.Kernels.Fitting;

namespace FastSim.Cli.Serving;

/// <summary>A deployment that was measured, once or several times.</summary>
/// <param name="Clients">Clients in all.</param>
/// <param name="Cards">Cards in all.</param>
/// <param name="OutputTokens">Tokens of an answer.</param>
/// <param name="Measured">Measured times: medians, where it was measured several times.</param>
/// <param name="Predicted">Predicted times.</param>
/// <param name="AtWorst">Predicted times with the time per output token at the upper end of its interval.</param>
internal sealed record MeasuredDeployment(
    double Clients, int Cards, double OutputTokens, ServingTimes Measured, ServingTimes Predicted, ServingTimes AtWorst)
{
    /// <summary>Clients a card: deployments that have as many serve the same clients on the same cards, one as several instances of the other's size.</summary>
    public double ClientsPerCard => Clients / Cards;

    /// <summary>Output tokens/s a card that a closed loop of the clients has at some times: each client gets an answer every first-token time and its tokens' times.</summary>
    public double PerCard(ServingTimes times) =>
        ClientsPerCard * OutputTokens / (times.FirstTokenMilliseconds + (OutputTokens * times.PerTokenMilliseconds)) * 1000;

    /// <summary>The deployments of rows of one model, chip and load, in the rows' order.</summary>
    public static IReadOnlyList<MeasuredDeployment> Of(IEnumerable<ValidatedRow> rows) =>
        [.. rows.GroupBy(row => (row.Prediction.Layout, row.Prediction.Cards, row.Prediction.Batch, Pools(row.Row))).Select(Merge)];

    private static MeasuredDeployment Merge(IEnumerable<ValidatedRow> runs)
    {
        ValidatedRow[] all = [.. runs];
        ServingPrediction prediction = all[0].Prediction;
        double workers = IsOfPools(all[0].Row) ? all[0].Row.Number("decode_num_workers") ?? 1 : 1;
        ServingTimes predicted = new(prediction.Figures.FirstTokenMilliseconds, prediction.Figures.PerTokenMilliseconds);
        return new MeasuredDeployment(
            prediction.Batch * prediction.Layout!.DataParallel * workers,
            prediction.Cards,
            all[0].Row.Number("osl", ServingRow.MostTokens)!.Value,
            new ServingTimes(Middle(all.Select(row => row.MeasuredFirstToken)), Middle(all.Select(row => row.MeasuredPerToken))),
            predicted,
            predicted with { PerTokenMilliseconds = prediction.Interval.HighMilliseconds });
    }

    private static bool IsOfPools(ServingRow row) => row.Text("mode") == ServingPredictor.Disaggregated;

    /// <summary>What tells deployments in two pools apart beside their decoding instances.</summary>
    private static string Pools(ServingRow row) => IsOfPools(row)
        ? string.Join(' ', row.Stated.Where(column => ServingTable.IsOfPool(column) && column != "decode_batch_size").Select(column => $"{column}={row.Text(column)}"))
        : "";

    private static double Middle(IEnumerable<double> times)
    {
        double[] sorted = [.. times.Where(double.IsFinite).Order()];
        return sorted.Length > 0 ? FitErrors.Middle(sorted) : double.NaN;
    }
}

/// <summary>Latencies of a deployment.</summary>
/// <param name="FirstTokenMilliseconds">Time to first token.</param>
/// <param name="PerTokenMilliseconds">Time per output token.</param>
internal readonly record struct ServingTimes(double FirstTokenMilliseconds, double PerTokenMilliseconds);
