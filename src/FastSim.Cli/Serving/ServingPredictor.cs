using System.Collections.Concurrent;
using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Cli.Serving;

/// <summary>Predicts deployments row by row. Serves any number of threads.</summary>
internal sealed class ServingPredictor(ServingCatalog catalog, IReadOnlyList<ClockKind>? timing) : IDisposable
{
    internal const string LargestBatch = "max";
    private const string Aggregated = "agg";
    private const int MostLayouts = 1024;
    private const int MostSpares = 4;

    /// <summary>Layouts of which a thread keeps an instance: more than it remembers instances, so that none of these is like one that is forgotten.</summary>
    private const int MostPatterns = 8;

    private const string DecodePool = "decode_";
    internal const string Disaggregated = "disagg";

    private readonly ConcurrentDictionary<(string System, ServingEngine Engine, ProductKinds Kinds), EngineClock> clocks = new();
    private readonly ThreadLocal<Remembered> threads = new(() => new Remembered());

    /// <inheritdoc/>
    public void Dispose() => threads.Dispose();

    /// <summary>Predicts a row.</summary>
    public ServingPrediction Predict(ServingRow row)
    {
        try
        {
            string mode = row.Text("mode");
            StatedRow stated = threads.Value!.Rows.Of(row);
            ServingPrediction prediction = mode switch
            {
                Disaggregated => PredictPools(row, stated),
                "" when stated.OfPools.Length > 0 => throw new UncoveredException(
                    $"mode is not stated, and {stated.OfPools[0]} is; expected {Aggregated} or {Disaggregated}"),
                "" or Aggregated => PredictPool(row, stated),
                _ => throw new UncoveredException($"unknown mode {mode}; expected {Aggregated} or {Disaggregated}"),
            };
            return prediction.Uncovered is not null || IsFinite(prediction)
                ? prediction
                : throw new UncoveredException("the prediction leaves the range of numbers: some figure of the row, its model or its chip is out of proportion");
        }
        catch (UncoveredException exception)
        {
            return ServingPrediction.Refused(OneLine.Of(exception.Message));
        }
    }

    private static PerTokenInterval Interval(in ServingFigures figures, ServingInstance decode) =>
        PerTokenInterval.Of(figures, decode.Stated.Clock.Rates.Chip.Timings, isLatent: decode.Model.Latent is not null);

    private static bool IsFinite(in ServingPrediction prediction) =>
        double.IsFinite(prediction.Figures.FirstTokenMilliseconds)
        && double.IsFinite(prediction.Figures.PerTokenMilliseconds)
        && double.IsFinite(prediction.Interval.HighMilliseconds)
        && double.IsFinite(prediction.Figures.TokensPerSecond)
        && double.IsFinite(prediction.Figures.Decoding)
        && double.IsFinite(prediction.Figures.Running)
        && double.IsFinite(prediction.Memory.CacheBytes)
        && double.IsFinite(prediction.Memory.WeightBytes)
        && double.IsFinite(prediction.Memory.CacheBytesPerToken);

    private ServingPrediction PredictPool(ServingRow row, StatedRow stated)
    {
        ServingNotes notes = new();
        if (stated.OfPools.Length > 0)
        {
            notes.Add($"of mode {Disaggregated} alone: {string.Join(", ", stated.OfPools)}");
        }

        (double input, double output) = Lengths(row, notes);
        ServingInstance instance = Instance(row, stated, "", threads.Value!.Rows.RunOf(row), input, output, notes);
        RequirePositions(instance, input + output);
        ServingMemory memory = instance.Memory;
        if (Obstacle(memory) is { } obstacle)
        {
            return ServingPrediction.Refused(obstacle);
        }

        bool fills = row.Text("batch_size") == LargestBatch;
        double? sequences = fills ? null : row.Amount("batch_size");
        bool hasBatch = fills || sequences is not null;
        double? concurrency = row.Number("concurrency");
        double? clients = hasBatch ? null : concurrency;
        if (hasBatch && concurrency is not null)
        {
            notes.Add("batch_size goes before concurrency");
        }

        double batch = fills ? memory.Sequences : sequences ?? BatchOf(clients, instance, notes);

        // A layout that can only be attention data parallelism states the batch of all ranks.
        int ranks = Math.Max(1, row.Whole("attention_dp_size"));
        if (instance.Layout.DataParallel > ranks && !fills && clients is null)
        {
            double all = batch * ranks;
            batch = Math.Max(1, all / instance.Layout.DataParallel);
            notes.Add(string.Create(CultureInfo.InvariantCulture, $"batch_per_rank = {batch:0.##}: the batch is of all {instance.Layout.DataParallel} ranks"));
        }

        ServingFigures figures = ServingFigures.Of(
            instance.Loop.At(batch, memory.Sequences), instance.Layout.DataParallel, instance.Loop.DecodeParts(batch));
        bool isBeyondTraining = instance.IsBeyondTraining(batch);
        return new ServingPrediction(
            figures,
            PredictedMemory.Of(memory),
            instance.Layout,
            instance.Precision,
            instance.Layout.Cards,
            batch,
            Words(notes, isBeyondTraining),
            notes.HasDefaultedBatch,
            isBeyondTraining,
            null)
        {
            Interval = Interval(figures, instance),
        };
    }

    private ServingPrediction PredictPools(ServingRow row, StatedRow stated)
    {
        ServingNotes notes = new();

        // How many requests there are is of no instance, and so not of what rows share.
        if (row.StatedOf(ServingTable.IsOfOnePool) is { Length: > 0 } ofOne)
        {
            notes.Add($"of mode {Aggregated} alone: {string.Join(", ", ofOne)}");
        }

        (double input, double output) = Lengths(row, notes);
        BenchmarkRun run = threads.Value!.Rows.RunOf(row);
        ServingInstance decode = Instance(row, stated, DecodePool, run, input, output, notes);
        ServingInstance prefill = Instance(row, stated, "prefill_", run, input, output, notes);
        double prefillWorkers = row.Amount("prefill_num_workers") ?? notes.Default("prefill_num_workers", 1);
        double decodeWorkers = row.Amount("decode_num_workers") ?? notes.Default("decode_num_workers", 1);
        RequirePositions(decode, input + output);
        ServingMemory memory = decode.Memory;
        if ((Obstacle(memory) ?? Obstacle(prefill.Memory)) is { } obstacle)
        {
            return ServingPrediction.Refused(obstacle);
        }

        double batch = row.Amount("decode_batch_size") ?? BatchOfConcurrency(row, decode, decodeWorkers, notes);
        double prefillPrompts = row.Amount(ServingTable.PrefillBatch) ?? double.PositiveInfinity;
        double answer = ArrivalPattern.MeanDrawn(run.LeastLength) * output;
        ServingFigures figures = PoolLoop.At(prefill.Loop, prefillWorkers, prefillPrompts, decode.Loop, decodeWorkers, memory, batch, answer);
        int cards = (int)((prefill.Layout.Cards * prefillWorkers) + (decode.Layout.Cards * decodeWorkers));
        bool isBeyondTraining = decode.IsBeyondTraining(batch) || prefill.IsBeyondTraining(0);
        return new ServingPrediction(
            figures, PredictedMemory.Of(memory), decode.Layout, decode.Precision, cards, batch, Words(notes, isBeyondTraining), notes.HasDefaultedBatch, isBeyondTraining, null)
        {
            Interval = Interval(figures, decode),
        };
    }

    private static string Words(ServingNotes notes, bool isBeyondTraining)
    {
        if (isBeyondTraining)
        {
            notes.Add("efficiency_model beyond its training");
        }

        return notes.ToString();
    }

    private static (double Input, double Output) Lengths(ServingRow row, ServingNotes notes)
    {
        (double input, double output) = (Tokens(row, "isl"), Tokens(row, "osl"));
        if (output == 1)
        {
            notes.Add("osl 1: no token follows an answer's first, predicted_tpot_ms is that of one that would");
        }

        return (input, output);
    }

    /// <summary>Tokens of a prompt or an answer, in the mean of a table's requests: each has one at least.</summary>
    private static double Tokens(ServingRow row, string column)
    {
        double tokens = row.Number(column, ServingRow.MostTokens)
            ?? throw new UncoveredException(row.Text(column).Length == 0 ? $"{column} is missing" : $"{column} is not a number above 0: {row.Text(column)}");
        return tokens >= 1 ? tokens : throw new UncoveredException($"{column} is not a number of at least 1: {row.Text(column)}");
    }

    /// <summary>An engine refuses requests that are longer than the model's positions reach.</summary>
    private static void RequirePositions(ServingInstance instance, double tokens)
    {
        if (!instance.Model.HasPositionsFor(tokens))
        {
            throw new UncoveredException(string.Create(
                CultureInfo.InvariantCulture, $"impossible load: {tokens:0} tokens of a request where the model has positions for {instance.Model.LongestContext} (max_position_embeddings)"));
        }
    }

    /// <summary>Why nothing is predicted: not even the weights fit a card of an instance, or not the cache of one sequence. A table may have many such rows.</summary>
    /// <returns>Null where they do.</returns>
    private static string? Obstacle(ServingMemory memory)
    {
        if (!(memory.WeightBytes <= memory.CapacityBytes))
        {
            return string.Create(
                CultureInfo.InvariantCulture,
                $"impossible layout: {memory.WeightBytes / DeviceMemory.BytesPerGibibyte:0} GiB of weights on a card of {memory.CapacityBytes / DeviceMemory.BytesPerGibibyte:0} GiB");
        }

        return memory.CacheBytesPerSequence > memory.CacheBytes
            ? string.Create(
                CultureInfo.InvariantCulture,
                $"impossible load: {memory.CacheBytesPerSequence / DeviceMemory.BytesPerGibibyte:0.0} GiB of cache for one sequence where a card has room for {memory.CacheBytes / DeviceMemory.BytesPerGibibyte:0.0} GiB")
            : null;
    }

    private ServingInstance Instance(ServingRow row, StatedRow statedRow, string pool, BenchmarkRun run, double input, double output, ServingNotes notes)
    {
        double mean = ArrivalPattern.MeanDrawn(run.LeastLength);
        SequenceLengths lengths = new((int)Math.Ceiling(mean * input), (int)Math.Ceiling(mean * output));
        StatedInstance stated = Stated(row, statedRow, pool, run, lengths.Input, notes);
        if (ImagesOf(row, pool, stated.Model, lengths.Input) is { Images: > 0 } images)
        {
            lengths = lengths with { Images = images };
        }

        Remembered thread = threads.Value!;
        ServingInstance? instance = thread.Instances.Find(stated, lengths, run.Arrivals);
        if (instance is null)
        {
            instance = new ServingInstance(stated, lengths, run.Arrivals, thread.Spares.TryPop(out ServingInstance? spare) ? spare : null, isStrict: timing is null);
            if (thread.Instances.Add(instance) is { IsPattern: false } forgotten && thread.Spares.Count < MostSpares)
            {
                thread.Spares.Push(forgotten);
            }

            if (stated.IsKept)
            {
                thread.Keep(stated, instance);
            }
        }

        if (instance.TimedByRoofline is { } names)
        {
            notes.Add(names);
        }

        return instance;
    }

    /// <summary>What a row states of an instance but for its lengths, read where no row said the same.</summary>
    private StatedInstance Stated(ServingRow row, StatedRow stated, string pool, BenchmarkRun run, int input, ServingNotes notes)
    {
        foreach ((string ofPool, BenchmarkRun ofRun, StatedInstance known, ReadNotes noticed) in stated.Instances)
        {
            if (ofPool == pool && ofRun == run)
            {
                notes.Add(noticed);
                return known;
            }
        }

        ServingNotes own = new();
        StatedInstance read = Read(row, pool, run, input, own);
        ReadNotes all = own.Read();
        stated.Instances.Add((pool, run, read, all));
        notes.Add(all);
        return read;
    }

    private StatedInstance Read(ServingRow row, string pool, BenchmarkRun run, int input, ServingNotes notes)
    {
        (TransformerModel model, string? modelNote) = catalog.Model(row.Text("model_path"));
        (Chip chip, string? chipNote) = catalog.Chip(row.Text("system"));
        foreach (string note in new[] { modelNote, chipNote }.OfType<string>())
        {
            notes.Add(note);
        }

        if (timing is null && chip.Timings is null)
        {
            throw new UncoveredException($"system {row.Text("system")}: {chip.Name} has no timings of operators");
        }

        if (chip.Timings is { CarriedFrom: { } other })
        {
            notes.Add($"operators of {other}");
        }

        string backend = row.Text("backend");
        if (!EngineNames.TryFind(backend, out ServingEngine? engine))
        {
            string nearest = NearestName.Of(backend, ServingEngine.All.Keys) is { } near ? $"; did you mean \"{near}\"?" : "";
            throw new UncoveredException($"unknown engine {backend}; expected {string.Join(", ", ServingEngine.All.Keys)}{nearest}");
        }

        if (!backend.Equals(engine.Name, StringComparison.OrdinalIgnoreCase))
        {
            notes.Add($"engine {engine.Name}");
        }

        engine = ReleaseOf(row, engine, notes);
        foreach (string note in run.Notes(engine))
        {
            notes.Add(note);
        }

        engine = run.Launched(engine);
        ServingPrecision precision = ServingPrecisionReader.Read(row, model, engine, NarrowUnits.Of(chip), run, notes);

        // Of several things that are wrong with a row this one is said before those that follow.
        ImagesOf(row, pool, model, input);
        engine = row.Number("kv_cache_fraction", 1) is { } share ? engine with { CacheShare = share } : engine;
        MultiTokenPrediction drafts = ServingDrafts.Of(row, model, name => catalog.Model(name).Described, notes);
        ServingLayout layout = Layout(row, pool, model, notes);
        if (drafts.Draft?.Model is { } draft && !ServingLayout.Divides(draft, layout.TensorParallel))
        {
            throw new UncoveredException($"impossible layout: tensor parallel {layout.TensorParallel} does not divide the draft {draft.Name}");
        }

        StatedKey key = new(row.Text("model_path"), row.Text("system"), engine, precision, layout, drafts);
        Dictionary<StatedKey, StatedInstance> known = threads.Value!.Stated;
        if (!known.TryGetValue(key, out StatedInstance? stated))
        {
            EngineClock clock = clocks.GetOrAdd(
                (row.Text("system"), engine, precision.Kinds), _ => ServingInstance.ClockOf(chip, engine, precision.Kinds, timing));
            if (model.Experts is not null && (layout.ExpertParallel > 1 || layout.ExpertTensorParallel > 1) && clock.Rates.InnermostTier(layout.Cards) < 0)
            {
                throw new UncoveredException($"impossible layout: {layout.Cards} cards exchange with experts, more than any network of {clock.Rates.Chip.Name} spans");
            }

            stated = new StatedInstance(model, clock, engine, precision, layout, drafts) { IsKept = known.Count < MostLayouts };
            if (stated.IsKept)
            {
                known.Add(key, stated);
            }
        }

        return stated;
    }

    /// <summary>The images of a row's requests, where it states some; a pool that decodes sees none.</summary>
    private static ImageLoad ImagesOf(ServingRow row, string pool, TransformerModel model, int input) => pool == DecodePool ? default : Images(row, model, input);

    private static ImageLoad Images(ServingRow row, TransformerModel model, int input)
    {
        int images = row.Whole(ImageKeys.Images);
        int tokens = row.Whole(ImageKeys.Tokens);
        if (images == 0)
        {
            return default;
        }

        if (ImageKeys.Obstacle(model, images, tokens == 0 ? null : tokens) is { } obstacle)
        {
            throw new UncoveredException($"{(obstacle.IsOfTokens ? ImageKeys.Tokens : ImageKeys.Images)}: expected {obstacle.Expected}");
        }

        ImageLoad load = new(images, tokens == 0 ? model.Vision!.TileTokens : tokens);
        return load.Tokens <= input
            ? load
            : throw new UncoveredException(string.Create(CultureInfo.InvariantCulture, $"impossible load: {load.Images} images of {load.TokensEach} tokens in a prompt of {input}"));
    }

    /// <summary>The engine as the row's release is: the present one where the table speaks of none, an early one where the row does not say which.</summary>
    private static ServingEngine ReleaseOf(ServingRow row, ServingEngine engine, ServingNotes notes)
    {
        if (!row.Has(ServingTable.Release))
        {
            return engine;
        }

        string release = row.Text(ServingTable.Release);
        if (EngineReleases.IsUnknown(engine, release))
        {
            notes.Add(release.Length == 0 ? $"an early {engine.Name}" : $"an early {engine.Name}: {ServingTable.Release} {OneLine.Of(release)} says no other");
        }

        if (EngineReleases.DynamoShips(engine, release) is { } shipped)
        {
            notes.Add($"{engine.Name} {shipped}, which Dynamo {OneLine.Of(release)} has");
        }

        return EngineReleases.Of(engine, release);
    }

    private static ServingLayout Layout(ServingRow row, string pool, TransformerModel model, ServingNotes notes)
    {
        (int Tensor, int Data, int ExpertTensor, int Expert) stated = (
            row.Size($"{pool}tp_size"), row.Whole($"{pool}attention_dp_size"), row.Whole($"{pool}moe_tp_size"), row.Whole($"{pool}moe_ep_size"));
        if (stated.Tensor == 0)
        {
            notes.Default($"{pool}tp_size", 1);
        }
        else if (model.Heads % stated.Tensor != 0)
        {
            throw new UncoveredException($"impossible layout: tensor parallel {stated.Tensor} does not divide the {model.Heads} attention heads");
        }
        else if (!ServingLayout.Divides(model, stated.Tensor))
        {
            throw new UncoveredException($"impossible layout: tensor parallel {stated.Tensor} does not divide the heads of every block");
        }

        if ((long)stated.Tensor * stated.Data > int.MaxValue || (long)stated.ExpertTensor * stated.Expert > int.MaxValue)
        {
            throw new UncoveredException("impossible layout: more cards than can be counted");
        }

        int stages = Math.Max(1, row.Size($"{pool}pp_size"));
        if (stages > model.Blocks)
        {
            throw new UncoveredException($"impossible layout: {stages} pipeline stages of {model.Blocks} blocks");
        }

        ServingLayout layout = ServingLayout.Of(model, stated.Tensor, stated.Data, stated.ExpertTensor, stated.Expert) with { PipelineParallel = stages };
        if (model.Experts is { } experts && layout.ExpertParallel > experts.Experts)
        {
            throw new UncoveredException($"impossible layout: {layout.ExpertParallel} ranks share {experts.Experts} experts");
        }

        notes.AddLayout(pool, stated, layout, model.Experts is not null);
        return layout;
    }

    /// <summary>Clients of a rank of one pool where the row states no batch: its share of those that it states in all; one where it states none.</summary>
    private static double BatchOf(double? clients, ServingInstance instance, ServingNotes notes)
    {
        if (clients is not { } all)
        {
            return notes.Default("batch_size", 1);
        }

        double batch = Math.Max(1, all / instance.Layout.DataParallel);
        notes.BatchOfConcurrency("batch_size", batch, all, instance.Layout.DataParallel, isStated: true);
        return batch;
    }

    /// <summary>Clients of a rank, from the concurrency that a benchmark's name or source states.</summary>
    private static double BatchOfConcurrency(ServingRow row, ServingInstance decode, double workers, ServingNotes notes)
    {
        if (Concurrency(row) is not { } clients)
        {
            throw new UncoveredException("neither decode_batch_size nor a concurrency is stated");
        }

        double ranks = decode.Layout.DataParallel * workers;
        double batch = Math.Max(1, clients / ranks);
        notes.BatchOfConcurrency("decode_batch_size", batch, clients, ranks, isStated: false);
        return batch;
    }

    /// <summary>Clients that a row, its name or its source states; null for none.</summary>
    internal static double? Concurrency(ServingRow row)
    {
        string text = $"{row.Text("id")} {row.Text("silicon_data_source")}";
        return row.Number("concurrency") ?? After(text, "concurrency=") ?? After(text, "_c");
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

    /// <summary>What it follows from but for the lengths of its requests.</summary>
    private sealed record StatedKey(
        string Model, string System, ServingEngine Engine, ServingPrecision Precision, ServingLayout Layout, MultiTokenPrediction Drafts);

    /// <summary>What a thread keeps: what rows say, of which instances they state what, and instances themselves.</summary>
    private sealed class Remembered
    {
        private readonly Queue<StatedInstance> patterns = new();

        public StatedRows Rows { get; } = new();

        public Dictionary<StatedKey, StatedInstance> Stated { get; } = [];

        public RememberedInstances Instances { get; } = new();

        /// <summary>Instances that nobody asks any more, whose tables and room the next ones take.</summary>
        public Stack<ServingInstance> Spares { get; } = [];

        /// <summary>Keeps an instance for others of its layout, of which rows come one after the other: of layouts before the last few nothing is kept that collections would move about.</summary>
        public void Keep(StatedInstance stated, ServingInstance made)
        {
            stated.Latest = made;
            if (stated.Pattern is not null)
            {
                return;
            }

            stated.Pattern = made;
            patterns.Enqueue(stated);
            if (patterns.Count > MostPatterns)
            {
                patterns.Dequeue().Forget();
            }
        }
    }
}
