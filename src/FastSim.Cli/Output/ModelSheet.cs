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
        sheet.Add("attention", Kinds(model).Any(block => block.Form is not { } form || Attends(form)) ? AttentionWords.Of(model) : "in no block");
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
        sheet.Add("weight bytes", $"{Whole(count.Bytes)} ({Number(count.Bytes / BytesPerGibibyte)} GiB), {StoredWords.Of(model, weightBytes)}");
        (double bytes, double limited) = CacheBytes(model, 2);
        string stored = model.Structure is { Storage.CachesInEightBits: true } ? ", which the checkpoint keeps it in" : "";
        sheet.Add("KV bytes per token", $"{Whole(bytes)} at 2 bytes an element, {Whole(CacheBytes(model, 1).All)} at 1{stored}");
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

    /// <summary>Whether a form, or what stands beside it, looks at earlier tokens.</summary>
    private static bool Attends(AttentionForm form) =>
        form.Kind is AttentionKind.GroupQuery or AttentionKind.LatentAbsorbed or AttentionKind.Compressed || (form.Beside is { } beside && Attends(beside));

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
            0 => $"{model.Blocks}: {model.Blocks - without} dense{besides}",
            _ when experts == model.Blocks && model.Structure is { } structure && structure.Pattern.BothBlocks(0, model.Blocks) == experts =>
                $"{model.Blocks}, all with experts beside a dense feed-forward",
            _ when experts == model.Blocks => $"{model.Blocks}, all with experts",
            _ => $"{model.Blocks}: {model.Blocks - experts - without} dense, {experts} with experts{besides}",
        };
    }

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
                sheet.AddIf(count > 0, AttentionWords.NameOf(form), $"in {blocks}: {AttentionWords.Of(model, form)}");
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

    private static string Whole(double number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Number(double number) => number.ToString("#,0.#####", CultureInfo.InvariantCulture);

    private static string Billions(double number) => string.Create(CultureInfo.InvariantCulture, $"{number / 1e9:N3} billion");
}
