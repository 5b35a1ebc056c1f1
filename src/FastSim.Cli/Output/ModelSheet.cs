using System.Globalization;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Output;

/// <summary>What <c>fastsim model show</c> prints of a model: its description, its parameters, and the bytes of weights and cache.</summary>
internal static class ModelSheet
{
    private const double BytesPerGibibyte = 1024d * 1024 * 1024;
    private const double SeedWeightBytes = 2;

    /// <summary>Lines of the sheet.</summary>
    public static IEnumerable<string> Lines(ModelDescription description)
    {
        TransformerModel model = description.Model;
        double weightBytes = WeightBytes(model);
        ParameterCount count = ParameterCount.Of(model, weightBytes);
        SheetLines sheet = new();
        sheet.Add("model", description.Model.Name);
        sheet.Add("described by", description.Architecture is { } architecture ? $"a published configuration, {architecture}" : "the seed's form");
        sheet.Add("hidden size", Whole(model.Hidden));
        sheet.Add("blocks", Blocks(model));
        sheet.Add("attention", Attention(model));
        AddReaches(sheet, model);
        string besides = model.Structure is { } structure ? OtherWidths(model, structure.Pattern) : "";
        string gated = model.Structure is { HasPlainFeedForward: true } ? "no gate" : "gated";
        string beside = model.Structure is { IsParallel: true } ? ", beside attention" : "";
        sheet.Add("feed-forward", model.HasDenseBlocks ? $"{Whole(model.FeedForward)} wide{besides}, {gated}{beside}" : "experts alone");
        if (model.Experts is { } experts)
        {
            sheet.Add("experts", $"{Whole(experts.Experts)} routed, {Whole(experts.Intermediate)} wide, {experts.ActiveExperts} a token{(experts.ZeroExperts > 0 ? $" on average beside {Whole(experts.ZeroExperts)} that compute nothing" : "")}; {experts.SharedExpertsPerToken} shared{ExpertsBesides(experts)}");
        }

        sheet.AddIf(model.Structure?.Streams is not null, "residual streams", Whole(model.Structure?.Streams?.Streams ?? 1));
        sheet.AddIf(model.Structure?.LayerInputs is not null, "inputs per block", $"{Whole(model.Structure?.LayerInputs?.Width ?? 0)} wide, from a table of {Whole(model.Structure?.LayerInputs?.Vocabulary ?? 0)} rows");
        sheet.AddIf(model.Vision is not null, "vision tower", Tower(model));
        sheet.Add("vocabulary", Vocabulary(model));
        sheet.AddIf(model.LongestContext is not null, "longest context", $"{Whole(model.LongestContext ?? 0)} tokens, prompt and answer together");
        sheet.AddAll("small weights", Extras(model));
        sheet.AddAll("class defaults", description.Defaults);
        sheet.AddAll("not counted", description.Remarks);
        AddParameters(sheet, model, count);
        AddBytes(sheet, model, count, weightBytes);
        return sheet.Lines;
    }

    /// <summary>Bytes of most weights, where the file says; those of 16 bits where it does not.</summary>
    public static double WeightBytes(TransformerModel model) => model.Structure?.Storage.MainBytes ?? SeedWeightBytes;

    private static void AddParameters(SheetLines sheet, TransformerModel model, ParameterCount count)
    {
        sheet.Break();
        sheet.Add("attention", Billions(count.Attention));
        sheet.AddIf(count.DenseFeedForward > 0, "dense feed-forward", Billions(count.DenseFeedForward));
        sheet.AddIf(count.RoutedExperts > 0, "routed experts", $"{Billions(count.RoutedExperts)}, of which a token visits {Billions(count.ActiveRoutedExperts)}");
        sheet.AddIf(count.SharedExperts > 0, "shared experts", Billions(count.SharedExperts));
        sheet.AddIf(count.Routers > 0, "routers", Billions(count.Routers));
        sheet.AddIf(model.Vocabulary > 0, "embedding table", Billions(count.EmbeddingTable));
        sheet.AddIf(count.LayerInputTable > 0, "per-block table", $"{Billions(count.LayerInputTable)}, looked up");
        sheet.AddIf(model.Vocabulary > 0 && !count.TableMultiplies, "logits projection", Billions(count.Logits));
        sheet.Add("parameters total", $"{Billions(count.Total)} ({Whole(count.Total)})");
        sheet.Add("parameters active", $"{Billions(count.Active)} ({Whole(count.Active)}): what a token is multiplied with");
        sheet.AddIf(count.ActiveWithTable != count.Active, "active with table", $"{Billions(count.ActiveWithTable)} ({Whole(count.ActiveWithTable)}): {(count.LayerInputTable > 0 ? "tables that are looked up" : "the embedding table")} in full besides");
    }

    private static void AddBytes(SheetLines sheet, TransformerModel model, ParameterCount count, double weightBytes)
    {
        sheet.Break();
        sheet.Add("weight bytes", $"{Whole(count.Bytes)} ({Number(count.Bytes / BytesPerGibibyte)} GiB), {Stored(model, weightBytes)}");
        (double bytes, double limited) = CacheBytes(model, 2);
        sheet.Add("KV bytes per token", $"{Whole(bytes)} at 2 bytes an element, {Whole(CacheBytes(model, 1).All)} at 1");
        sheet.AddIf(limited > 0, "of which limited", $"{Whole(limited)} at 2 bytes, in blocks that keep only what is within reach");
        double state = StateBytes(model);
        sheet.AddIf(state > 0, "state per sequence", $"{Whole(state)} bytes, however long the context");
    }

    private static string Tower(TransformerModel model)
    {
        if (model.Vision is not { } tower)
        {
            return "";
        }

        string pieces = tower.HasTiles ? $"{Whole(tower.TileRows)} rows to {Whole(tower.TileTokens)} tokens a tile" : $"{Whole(tower.MergedRows)} rows to a token";
        string windows = tower.WindowRows > 0 ? $", windows of {Whole(tower.WindowRows)} rows in all but {tower.WholeBlocks}" : "";
        return $"{tower.Blocks} blocks of {Whole(tower.Hidden)}, {tower.Heads} heads of {tower.HeadSize}, feed-forward {Whole(tower.FeedForward)} wide, {(tower.IsGated ? "gated" : "no gate")}{windows}; {pieces}; {Billions(tower.Parameters)} ({Whole(tower.Parameters)}) parameters, not among those below";
    }

    private static string ExpertsBesides(MixtureOfExperts experts) =>
        (experts.LatentWidth > 0 ? $"; routed ones work in a width of {Whole(experts.LatentWidth)}" : "") + (experts.IsPlain ? "; no gates" : "");

    /// <summary>Bytes that a sequence keeps in blocks with a state, whatever its tokens.</summary>
    public static double StateBytes(TransformerModel model) =>
        Kinds(model).Sum(block => block.Form?.KeptBytesPerSequence(tensorParallel: 1) ?? 0);

    /// <summary>Bytes that are cached of a token, and those of them in blocks that keep only what is within reach: entries with scales have more than their elements.</summary>
    public static (double All, double Limited) CacheBytes(TransformerModel model, double cacheBytes) => Cached(
        model, seen => CacheWidth.BytesOf(seen, tensorParallel: 1, cacheBytes), compression => compression.BytesPerToken(cacheBytes));

    /// <summary>Cached elements a token, and those of them in blocks that keep only what is within reach.</summary>
    public static (double All, double Limited) CacheElements(TransformerModel model) => Cached(
        model, seen => CacheWidth.Of(seen, tensorParallel: 1), compression => compression.ElementsPerToken);

    private static (double All, double Limited) Cached(TransformerModel model, Func<TransformerModel, double> entry, Func<CompressedDimensions, double> perToken)
    {
        double all = 0;
        double limited = 0;
        foreach (BlockKind block in Kinds(model))
        {
            double width = entry(model.Seen(block.Form));
            all += width + (block.Form?.Compression is { } compression ? perToken(compression) : 0);
            limited += block.Reach.Kind == ReachKind.Whole ? 0 : width;
        }

        return (all, limited);
    }

    private static IReadOnlyList<BlockKind> Kinds(TransformerModel model) =>
        model.Structure?.Pattern.Blocks ?? [.. Enumerable.Repeat(default(BlockKind), model.Blocks)];

    /// <summary>Blocks with experts.</summary>
    public static int ExpertBlocks(TransformerModel model) => model.Structure is { } structure
        ? structure.Pattern.ExpertBlocks(0, model.Blocks)
        : model.Experts?.ExpertBlocks(model.Blocks) ?? 0;

    private static string OtherWidths(TransformerModel model, BlockPattern pattern) => string.Concat(pattern.OwnWidths.Select((width, index) => width == 2L * model.FeedForward
        ? $", twice as wide in {pattern.WidthBlocks(index, 0, model.Blocks)} blocks"
        : $", {Whole(width)} in {pattern.WidthBlocks(index, 0, model.Blocks)} blocks"));

    private static string Blocks(TransformerModel model)
    {
        int experts = ExpertBlocks(model);
        int without = Kinds(model).Count(block => block.LacksFeedForward);
        string besides = without > 0 ? $", {without} without feed-forward" : "";
        return experts switch
        {
            0 when without == 0 => $"{model.Blocks}, dense",
            _ when experts == model.Blocks && model.Structure is { } structure && structure.Pattern.BothBlocks(0, model.Blocks) == experts =>
                $"{model.Blocks}, all with experts beside a dense feed-forward",
            _ when experts == model.Blocks => $"{model.Blocks}, all with experts",
            _ => $"{model.Blocks}: {model.Blocks - experts - without} dense, {experts} with experts{besides}",
        };
    }

    private static string FormName(AttentionForm form) => form.Kind switch
    {
        AttentionKind.None => "no attention",
        AttentionKind.GatedDelta => "gated delta rule",
        AttentionKind.KimiDelta => "Kimi delta",
        AttentionKind.StateSpace => "state space",
        AttentionKind.Lightning => "lightning attention",
        AttentionKind.SelectiveScan => "Mamba-1",
        AttentionKind.ShortConvolution => "short convolution",
        AttentionKind.Compressed => form.Compression switch
        {
            { Indexer: not null } => "compressed sparse",
            { Ratio: > 0 } => "heavily compressed",
            _ => "window alone",
        },
        _ => "attention",
    };

    private static string Form(TransformerModel model, AttentionForm form)
    {
        if (form.Beside is { } beside)
        {
            return $"{Form(model, form with { Beside = null })}; beside it {FormName(beside)}, {Form(model, beside)}";
        }

        if (form.Kind == AttentionKind.ShortConvolution)
        {
            return $"{Whole(form.State!.ValueHeads)} channels, over {form.State!.Convolution} tokens, between two gates";
        }

        if (form is { Kind: AttentionKind.SelectiveScan, State: { } scan })
        {
            return $"{Whole(scan.ValueHeads)} channels, a state of {scan.KeySize} each; convolution over {scan.Convolution}, steps by way of rank {scan.StepRank}";
        }

        if (form is { Kind: AttentionKind.Lightning, State: { } decaying })
        {
            return $"{decaying.ValueHeads} heads of {decaying.ValueSize}, chunks of {decaying.Chunk}";
        }

        if (form.State is { } state)
        {
            string shared = form.Kind == AttentionKind.StateSpace ? "groups" : "key heads";
            return $"{state.ValueHeads} heads of {state.ValueSize}, {state.KeyHeads} {shared} of {state.KeySize}; convolution over {state.Convolution}, chunks of {state.Chunk}";
        }

        if (form.Compression is { } compression)
        {
            string entries = compression.Ratio > 0 ? $"; an entry for {compression.Ratio} tokens" : "";
            string selected = compression.Indexer is { } indexer ? $", {Whole(indexer.SelectedTokens)} selected by {indexer.Heads} index heads, {indexer.HeadSize} wide" : "";
            return $"{form.Heads} heads and one of keys that are values, {form.HeadSize} wide; query rank {Whole(compression.QueryRank)}, "
                + $"{compression.OutputGroups} output groups of rank {Whole(compression.OutputRank)}{entries}{selected}";
        }

        return form.Kind == AttentionKind.None ? "a feed-forward alone" : Attention(model.Seen(form)) + (form.HasSinks ? "; sinks" : "");
    }

    private static string Attention(TransformerModel model)
    {
        string gate = (model.AttentionGate ? model.Form?.Gate ?? GateOfForms(model) ?? OutputGate.PerElement : OutputGate.None) switch
        {
            OutputGate.None => "",
            OutputGate.PerHead => "; output gated head by head",
            _ => "; gated output",
        };
        if (model.Latent is { } latent)
        {
            string query = latent.QueryRank > 0 ? $"query rank {Whole(latent.QueryRank)}" : "queries projected directly";
            return $"latent, {model.Heads} heads; {query}, key-value rank {Whole(latent.KeyValueRank)}; "
                + $"head widths {latent.PlainHeadSize} plain, {latent.RotaryHeadSize} rotary, {latent.ValueHeadSize} value{gate}";
        }

        string values = model.ValueHeadSize == model.HeadSize ? "" : $", values {model.ValueHeadSize}";
        string norm = (model.Structure?.QueryKeyNorm ?? model.StatedNorm ?? QueryKeyNorm.PerHead) switch
        {
            QueryKeyNorm.None => "",
            QueryKeyNorm.AllHeads => "; query and key normalised over all heads",
            QueryKeyNorm.WithoutScale => "; query and key normalised head by head, without weights",
            QueryKeyNorm.PerHeadAndValue => "; query, key and value normalised head by head",
            _ => "; query and key normalised head by head",
        };
        string kept = model.Form switch
        {
            { Indexer: { } indexer } => $"; {Whole(indexer.SelectedTokens)} tokens in blocks of {indexer.BlockTokens} selected by {indexer.Heads} index heads, {indexer.HeadSize} wide",
            { BorrowsCache: true } => "; keys and values of an earlier block",
            { ValuesAreKeys: true } => "; values projected as keys are",
            _ => "",
        };
        string rank = model.Form is { QueryRank: > 0 } lowRank ? $"; query rank {Whole(lowRank.QueryRank)}" : "";
        return $"group-query, {model.Heads} heads, {model.KeyValueHeads} key-value heads, {model.HeadSize} wide{rank}{values}{norm}{kept}{gate}";
    }

    /// <summary>How blocks of forms gate their outputs, where some do.</summary>
    private static OutputGate? GateOfForms(TransformerModel model) =>
        model.Structure?.Pattern.Forms.FirstOrDefault(form => form is { Gate: not OutputGate.None })?.Gate;

    private static void AddReaches(SheetLines sheet, TransformerModel model)
    {
        if (model.Structure is not { } structure)
        {
            return;
        }

        BlockPattern pattern = structure.Pattern;
        for (int index = 0; index < pattern.Mixings.Count; index++)
        {
            (AttentionReach reach, AttentionForm? form) = pattern.Mixings[index];
            int count = pattern.MixingBlocks(index, 0, model.Blocks);
            string blocks = $"{count} blocks";
            if (form is not null)
            {
                sheet.AddIf(count > 0, FormName(form), $"in {blocks}: {Form(model, form)}");
            }

            if (form?.Kind is not (null or AttentionKind.GroupQuery or AttentionKind.LatentAbsorbed or AttentionKind.Compressed) || count == 0)
            {
                continue;
            }

            sheet.AddIf(reach.Kind == ReachKind.Window, "sliding window", $"{Whole(reach.Tokens)} tokens in {blocks}");
            sheet.AddIf(reach.Kind == ReachKind.Chunk, "chunks", $"{Whole(reach.Tokens)} tokens in {blocks}");
            sheet.AddIf(reach.Kind == ReachKind.Whole && pattern.Mixings.Count > 1, "whole context", $"in {blocks}");
        }

        if (structure.Indexer is { } indexer)
        {
            sheet.Add("sparse attention", $"{Whole(indexer.SelectedTokens)} tokens selected by {indexer.Heads} index heads, {indexer.HeadSize} wide");
        }
    }

    private static string Vocabulary(TransformerModel model) => model switch
    {
        { Vocabulary: 0 } => "not stated: embedding and logits are not counted",
        { Structure.TiedEmbeddings: true } => $"{Whole(model.Vocabulary)}, the embedding table projects to the logits",
        _ => $"{Whole(model.Vocabulary)}, the logits have a projection of their own",
    };

    /// <summary>Biases, sinks and the like, in words.</summary>
    public static IEnumerable<string> Extras(TransformerModel model)
    {
        BlockExtras extras = model.Structure?.Extras ?? BlockExtras.None;
        (BlockExtras Extra, string Words)[] words =
        [
            (BlockExtras.QueryKeyValueBias, "query, key and value biases"),
            (BlockExtras.OutputBias, "attention output biases"),
            (BlockExtras.FeedForwardBias, "feed-forward biases"),
            (BlockExtras.ExpertBias, "expert biases"),
            (BlockExtras.RouterBias, "router biases"),
            (BlockExtras.AttentionSinks, "attention sinks"),
            (BlockExtras.RouterScale, "router norms and scales of experts"),
            (BlockExtras.SharedExpertGate, "shared-expert gates"),
            (BlockExtras.NormBias, "norm biases"),
            (BlockExtras.NormsWithoutScale, "no weights of norms"),
        ];
        IEnumerable<string> named = words.Where(word => (extras & word.Extra) != 0).Select(word => word.Words);
        return model.Structure is { NormalisesOutputs: true } ? named.Append("norms of each output") : named;
    }

    /// <summary>Bytes a weight, in words.</summary>
    public static string Stored(TransformerModel model, double weightBytes)
    {
        if (model.Structure is not { Storage: var storage })
        {
            return $"at {Number(weightBytes)} bytes a weight: the seed's form does not say; a runtime's wac_bytes_list decides";
        }

        if (!storage.IsQuantized)
        {
            return $"{Number(storage.OwnBytes)} bytes a weight";
        }

        (string Words, Projection First, Projection Last)[] parts =
        [
            ("attention", Projection.Query, Projection.GateUp),
            ("dense feed-forward", Projection.DenseGate, Projection.DenseDown),
            ("routed experts", Projection.RoutedGate, Projection.RoutedDown),
            ("shared experts", Projection.SharedGate, Projection.SharedDown),
            ("routers", Projection.Router, Projection.RoutedOutput),
            ("logits projection", Projection.Logits, Projection.Logits),
            ("embedding table", Projection.Embedding, Projection.Embedding),
        ];
        IEnumerable<string> stored = parts
            .Select(part => (part.Words, Bytes: StoredBytes(model, storage, part.First, part.Last)))
            .Where(part => part.Bytes is { } bytes && bytes != storage.OwnBytes)
            .GroupBy(part => Number(part.Bytes!.Value), part => part.Words)
            .Select((alike, index) => $"{alike.Key} {(index == 0 ? "bytes a weight " : "")}in {string.Join(", ", alike)}");
        return $"{string.Join("; ", stored)}, {Number(storage.OwnBytes)} elsewhere";
    }

    /// <summary>Bytes a weight of some projections in the checkpoint, at their mean; null where the model has none of them.</summary>
    private static double? StoredBytes(TransformerModel model, StoredWeights storage, Projection first, Projection last)
    {
        double elements = 0;
        double bytes = 0;
        double? same = null;
        bool differs = false;
        for (Projection projection = first; projection <= last; projection++)
        {
            double here = Elements(model, projection);
            if (here > 0)
            {
                double perWeight = storage.BytesOf(projection, 0, model.Blocks, null, storage.MainBytes);
                differs |= same is { } other && other != perWeight;
                same ??= perWeight;
                elements += here;
                bytes += here * perWeight;
            }
        }

        return differs ? bytes / elements : same;
    }

    /// <summary>Elements of a projection in a block; where forms differ in all blocks together.</summary>
    private static double Elements(TransformerModel model, Projection projection)
    {
        if (model.Structure is not { Pattern: { HasForms: true } pattern } || ProjectionShape.RoleOf(projection) != WeightRoles.Attention)
        {
            return ProjectionShape.Of(model, projection).Elements;
        }

        double elements = 0;
        for (int form = 0; form < pattern.Forms.Count; form++)
        {
            elements += pattern.FormBlocks(form, 0, model.Blocks) * ProjectionShape.Of(model.Seen(pattern.Forms[form]), projection).Elements;
        }

        return elements;
    }

    private static string Whole(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double number) => number.ToString("#,0.#####", CultureInfo.InvariantCulture);

    private static string Billions(double number) => string.Create(CultureInfo.InvariantCulture, $"{number / 1e9:N3} billion");
}
