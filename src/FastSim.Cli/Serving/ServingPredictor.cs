using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Serving;

namespace FastSim.Cli.Serving;

/// <summary>Predicts deployments row by row. Serves any number of threads.</summary>
internal sealed class ServingPredictor(ServingCatalog catalog)
{
    private const string Aggregated = "agg";
    internal const string Disaggregated = "disagg";

    /// <summary>Predicts a row.</summary>
    public ServingPrediction Predict(ServingRow row)
    {
        try
        {
            string mode = row.Text("mode");
            string[] ofPools = [.. row.Stated.Where(ServingTable.IsOfPool)];
            ServingPrediction prediction = mode switch
            {
                Disaggregated => PredictPools(row),
                "" when ofPools.Length > 0 => throw new UncoveredException(
                    $"mode is not stated, and {ofPools[0]} is; expected {Aggregated} or {Disaggregated}"),
                "" or Aggregated => PredictPool(row, ofPools),
                _ => throw new UncoveredException($"unknown mode {mode}; expected {Aggregated} or {Disaggregated}"),
            };
            prediction = prediction with { Interval = Interval(row, prediction) };
            return IsFinite(prediction)
                ? prediction
                : throw new UncoveredException("the prediction leaves the range of numbers: some figure of the row, its model or its chip is out of proportion");
        }
        catch (Exception exception) when (exception is UncoveredException or MissingTimingException)
        {
            return ServingPrediction.Refused(OneLine.Of(exception.Message));
        }
    }

    private PerTokenInterval Interval(ServingRow row, ServingPrediction prediction) => PerTokenInterval.Of(
        prediction.Figures, catalog.Timings(row.Text("system")), isLatent: catalog.Model(row.Text("model_path")).Described.Model.Latent is not null);

    private static bool IsFinite(ServingPrediction prediction) =>
        double.IsFinite(prediction.Figures.FirstTokenMilliseconds)
        && double.IsFinite(prediction.Figures.PerTokenMilliseconds)
        && double.IsFinite(prediction.Interval.HighMilliseconds)
        && double.IsFinite(prediction.Figures.TokensPerSecond)
        && double.IsFinite(prediction.Figures.Decoding)
        && double.IsFinite(prediction.Figures.Running)
        && double.IsFinite(prediction.Memory!.CacheBytes)
        && double.IsFinite(prediction.Memory.WeightBytes)
        && double.IsFinite(prediction.Memory.CacheBytesPerToken);

    private ServingPrediction PredictPool(ServingRow row, string[] ofPools)
    {
        ServingNotes notes = new();
        if (ofPools.Length > 0)
        {
            notes.Add($"of mode {Disaggregated} alone: {string.Join(", ", ofPools)}");
        }

        (double input, double output) = Lengths(row);
        StepModel step = Instance(row, "", notes);
        RequirePositions(step, input + output);
        ServingMemory memory = Memory(step, row, input + output);
        double batch = row.Number("batch_size") ?? notes.Default("batch_size", 1);

        // A layout that can only be attention data parallelism states the batch of all ranks.
        int stated = Math.Max(1, row.Whole("attention_dp_size"));
        if (step.Layout.DataParallel > stated)
        {
            double all = batch * stated;
            batch = Math.Max(1, all / step.Layout.DataParallel);
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"batch_per_rank = {batch:0.##}: the batch is of all {step.Layout.DataParallel} ranks"));
        }

        ServingFigures figures = ClosedLoop.Aggregated(step, memory, batch, input, output);
        return new ServingPrediction(figures, memory, step.Layout, step.Precision, step.Layout.Cards, batch, Words(notes, step.IsBeyondTraining), notes.HasDefaultedBatch, step.IsBeyondTraining, null);
    }

    private ServingPrediction PredictPools(ServingRow row)
    {
        ServingNotes notes = new();
        if (row.Stated.Where(ServingTable.IsOfOnePool).ToArray() is { Length: > 0 } ofOne)
        {
            notes.Add($"of mode {Aggregated} alone: {string.Join(", ", ofOne)}");
        }

        (double input, double output) = Lengths(row);
        StepModel decode = Instance(row, "decode_", notes);
        StepModel prefill = Instance(row, "prefill_", notes);
        double prefillWorkers = row.Number("prefill_num_workers") ?? notes.Default("prefill_num_workers", 1);
        double decodeWorkers = row.Number("decode_num_workers") ?? notes.Default("decode_num_workers", 1);
        RequirePositions(decode, input + output);
        ServingMemory memory = Memory(decode, row, input + output);
        Memory(prefill, row, input);
        double batch = row.Number("decode_batch_size") ?? BatchOfConcurrency(row, decode, decodeWorkers, notes);
        ServingFigures figures = ClosedLoop.Disaggregated(prefill, prefillWorkers, decode, decodeWorkers, memory, batch, input, output);
        int cards = (int)((prefill.Layout.Cards * prefillWorkers) + (decode.Layout.Cards * decodeWorkers));
        bool isBeyondTraining = decode.IsBeyondTraining || prefill.IsBeyondTraining;
        return new ServingPrediction(
            figures, memory, decode.Layout, decode.Precision, cards, batch, Words(notes, isBeyondTraining), notes.HasDefaultedBatch, isBeyondTraining, null);
    }

    private static string Words(ServingNotes notes, bool isBeyondTraining)
    {
        if (isBeyondTraining)
        {
            notes.Add("efficiency_model beyond its training");
        }

        return notes.ToString();
    }

    private static (double Input, double Output) Lengths(ServingRow row) => (Tokens(row, "isl"), Tokens(row, "osl"));

    private static double Tokens(ServingRow row, string column) => row.Number(column, ServingRow.MostTokens)
        ?? throw new UncoveredException(row.Text(column).Length == 0 ? $"{column} is missing" : $"{column} is not a number above 0: {row.Text(column)}");

    /// <summary>An engine refuses requests that are longer than the model's positions reach.</summary>
    private static void RequirePositions(StepModel step, double tokens)
    {
        if (!step.Model.Model.HasPositionsFor(tokens))
        {
            throw new UncoveredException(string.Create(
                CultureInfo.InvariantCulture, $"impossible load: {tokens:0} tokens of a request where the model has positions for {step.Model.Model.LongestContext} (max_position_embeddings)"));
        }
    }

    private ChipTimings Chip(ServingRow row) => catalog.Chip(row.Text("system")).Described;

    /// <summary>What a card of an instance holds.</summary>
    /// <param name="step">The instance.</param>
    /// <param name="row">The row.</param>
    /// <param name="tokens">Tokens that one sequence comes to.</param>
    /// <exception cref="UncoveredException">Not even the weights fit, or not the cache of one sequence.</exception>
    private ServingMemory Memory(StepModel step, ServingRow row, double tokens)
    {
        ServingMemory memory = ServingMemory.Of(step, Chip(row));
        if (memory.WeightBytes <= memory.CapacityBytes && memory.CacheBytesPerToken * tokens > memory.CacheBytes)
        {
            throw new UncoveredException(string.Create(
                CultureInfo.InvariantCulture,
                $"impossible load: {memory.CacheBytesPerToken * tokens / DeviceMemory.BytesPerGibibyte:0.0} GiB of cache for one sequence where a card has room for {memory.CacheBytes / DeviceMemory.BytesPerGibibyte:0.0} GiB"));
        }

        return memory.WeightBytes <= memory.CapacityBytes
            ? memory
            : throw new UncoveredException(string.Create(
                CultureInfo.InvariantCulture,
                $"impossible layout: {memory.WeightBytes / DeviceMemory.BytesPerGibibyte:0} GiB of weights on a card of {memory.CapacityBytes / DeviceMemory.BytesPerGibibyte:0} GiB"));
    }

    private StepModel Instance(ServingRow row, string pool, ServingNotes notes)
    {
        (ServedModel model, string? modelNote) = catalog.Model(row.Text("model_path"));
        (ChipTimings described, string? chipNote) = catalog.Chip(row.Text("system"));
        foreach (string note in new[] { modelNote, chipNote }.OfType<string>())
        {
            notes.Add(note);
        }

        ChipTimings chip = described.ForDeployment();
        if (chip.CarriedFrom is { } other)
        {
            notes.Add($"operators of {other}");
        }

        string backend = row.Text("backend");
        if (!ServingEngine.All.TryGetValue(backend, out ServingEngine? engine))
        {
            string nearest = NearestName.Of(backend, ServingEngine.All.Keys) is { } near ? $"; did you mean \"{near}\"?" : "";
            throw new UncoveredException($"unknown engine {backend}; expected {string.Join(", ", ServingEngine.All.Keys)}{nearest}");
        }

        ServingPrecision precision = ServingPrecisionReader.Read(row, model, engine, chip.HasFourBitUnits, notes);
        return new StepModel(model, chip, engine, precision, Layout(row, pool, model, notes));
    }

    private static ServingLayout Layout(ServingRow row, string pool, ServedModel model, ServingNotes notes)
    {
        (int Tensor, int Data, int ExpertTensor, int Expert) stated = (
            row.Whole($"{pool}tp_size"), row.Whole($"{pool}attention_dp_size"), row.Whole($"{pool}moe_tp_size"), row.Whole($"{pool}moe_ep_size"));
        if (stated.Tensor == 0)
        {
            notes.Default($"{pool}tp_size", 1);
        }
        else if (model.Model.Heads % stated.Tensor != 0)
        {
            throw new UncoveredException($"impossible layout: tensor parallel {stated.Tensor} does not divide the {model.Model.Heads} attention heads");
        }

        if (row.Whole($"{pool}pp_size") > 1)
        {
            throw new UncoveredException("pipeline parallelism of a serving instance is not modelled");
        }

        ServingLayout layout = ServingLayout.Of(model, stated.Tensor, stated.Data, stated.ExpertTensor, stated.Expert);
        notes.AddLayout(pool, stated, layout, model.Experts is not null);
        return layout;
    }

    /// <summary>Clients of a rank, from the concurrency that a benchmark's name or source states.</summary>
    private static double BatchOfConcurrency(ServingRow row, StepModel decode, double workers, ServingNotes notes)
    {
        string text = $"{row.Text("id")} {row.Text("silicon_data_source")}";
        double? concurrency = row.Number("concurrency") ?? After(text, "concurrency=") ?? After(text, "_c");
        if (concurrency is not { } clients)
        {
            throw new UncoveredException("neither decode_batch_size nor a concurrency is stated");
        }

        double batch = Math.Max(1, clients / (decode.Layout.DataParallel * workers));
        notes.BatchOfConcurrency(batch, clients);
        return batch;
    }

    /// <summary>The whole number after a mark; null where there is none.</summary>
    private static double? After(string text, string mark)
    {
        for (int start = text.IndexOf(mark, StringComparison.Ordinal); start >= 0; start = text.IndexOf(mark, start + 1, StringComparison.Ordinal))
        {
            int first = start + mark.Length;
            int end = first;
            while (end < text.Length && char.IsAsciiDigit(text[end]))
            {
                end++;
            }

            if (end > first && int.TryParse(text.AsSpan(first, end - first), NumberStyles.None, CultureInfo.InvariantCulture, out int number) && number > 0)
            {
                return number;
            }
        }

        return null;
    }
}
