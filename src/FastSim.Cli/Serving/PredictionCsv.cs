using System.Text;
using System.Text.Json;
using FastSim.Cli.Output;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using nietras.SeparatedValues;

namespace FastSim.Cli.Serving;

/// <summary>Writes predictions beside what was asked: every column of the table, then the predicted ones.</summary>
internal static class PredictionCsv
{
    private const int BytesAtOnce = 1 << 16;

    /// <summary>Rows of a layout have most of their numbers in common, but for those of their lengths, and a table has hundreds of layouts.</summary>
    private const int NumberBits = 13;

    /// <summary>Milliseconds of a decode step by part, at the row's clients.</summary>
    private static readonly string[] StepNames = [.. Enum.GetNames<StepPart>().Select(part => $"step_{JsonNamingPolicy.SnakeCaseLower.ConvertName(part)}_ms")];

    private static readonly string[] Predicted =
    [
        "predicted_ttft_ms", "predicted_tpot_ms", "predicted_tpot_low_ms", "predicted_tpot_high_ms", "predicted_tokens_per_second",
        "predicted_tokens_per_second_per_card", "cards", "batch_per_rank", "sequences_decoding", "sequences_that_fit", "memory_capacity_gib", "memory_weights_gib", "memory_reserve_gib", "memory_cache_gib",
        "cache_kib_per_token", .. StepNames, "defaults", "not_covered",
    ];

    /// <summary>Columns that predictions have.</summary>
    public static IReadOnlyList<string> Columns => Predicted;

    /// <summary>Writes rows.</summary>
    /// <param name="table">The deployments.</param>
    /// <param name="predictions">What is predicted of each.</param>
    /// <param name="stream">Where they go.</param>
    public static void Write(ServingTable table, ServingPredictions predictions, Stream stream)
    {
        string[] own = [.. table.Header.Where(name => !Predicted.Contains(name))];
        int[] places = Array.ConvertAll(own, name => Array.IndexOf(table.Header, name));
        using (StreamWriter writer = new(stream, new UTF8Encoding(false), leaveOpen: true) { NewLine = "\n" })
        using (SepWriter header = ResultCsv.Open(writer))
        {
            header.Header.Add([.. own.Select(Cell.Text), .. Predicted]);
            header.Header.Write();
        }

        CsvBytes csv = new(NumberBits);
        for (int row = 0; row < predictions.Count; row++)
        {
            ServingRow cells = table.Rows[row];
            foreach (int place in places)
            {
                csv.Text(cells[place]);
            }

            Fill(csv, predictions[row]);
            csv.EndRow();
            if (csv.Length > BytesAtOnce || row == predictions.Count - 1)
            {
                stream.Write(csv.Written);
                csv.Clear();
            }
        }
    }

    private static void Fill(CsvBytes csv, in ServingPrediction prediction)
    {
        if (prediction.Uncovered is { } reason)
        {
            for (int predicted = 0; predicted < Predicted.Length - 1; predicted++)
            {
                csv.Text("");
            }

            csv.Text(reason);
            return;
        }

        ReadOnlySpan<double> figures =
        [
            prediction.Figures.FirstTokenMilliseconds,
            prediction.Figures.PerTokenMilliseconds,
            prediction.Interval.LowMilliseconds,
            prediction.Interval.HighMilliseconds,
            prediction.Figures.TokensPerSecond,
            prediction.Figures.TokensPerSecond / prediction.Cards,
            prediction.Cards,
            prediction.Batch,
            prediction.Figures.Decoding,
            prediction.Figures.Running,
            prediction.Memory.CapacityBytes / DeviceMemory.BytesPerGibibyte,
            prediction.Memory.WeightBytes / DeviceMemory.BytesPerGibibyte,
            prediction.Memory.ReserveBytes / DeviceMemory.BytesPerGibibyte,
            prediction.Memory.CacheBytes / DeviceMemory.BytesPerGibibyte,
            prediction.Memory.CacheBytesPerToken / 1024,
        ];
        for (int figure = 0; figure < figures.Length; figure++)
        {
            csv.Finite(figures[figure], Predicted[figure]);
        }

        for (int part = 0; part < StepParts.Count; part++)
        {
            csv.Finite(prediction.Figures.DecodeParts[part] / 1000, Predicted[figures.Length + part]);
        }

        csv.Text(prediction.Notes);
        csv.Text("");
    }
}
