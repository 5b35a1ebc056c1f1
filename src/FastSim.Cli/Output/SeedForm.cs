using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Models;
using JsonObject = System.Text.Json.Nodes.JsonObject;

namespace FastSim.Cli.Output;

/// <summary>
/// Writes a published model in the seed's form. What the form has no word for is refused where it decides what attention costs, and
/// stated, in the file too, where it is small (docs/file-formats.md, "Published configurations").
/// </summary>
internal static class SeedForm
{
    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    /// <summary>The file's text and what it does not say.</summary>
    /// <param name="file">Path of the configuration as messages name it.</param>
    /// <param name="description">The model.</param>
    /// <exception cref="ConfigurationException">The seed's form cannot hold it.</exception>
    public static (string Text, IReadOnlyList<string> Losses) Of(string file, ModelDescription description)
    {
        TransformerModel model = description.Model;
        if (model.Structure is not { } structure)
        {
            throw new ConfigurationException($"{file}: found a model of the seed's form; expected a published configuration to convert");
        }

        Refuse(file, model, structure);
        int? interval = Interval(model, structure.Pattern);
        string[] losses = [.. Losses(model, structure, interval)];
        JsonObject json = new()
        {
            ["_source"] = $"Converted from a published configuration, {description.Architecture}.",
            ["_lost"] = new JsonArray([.. losses.Select(loss => (JsonNode)loss)]),
            ["model"] = model.Name,
            ["hidden"] = model.Hidden,
            ["feedforward"] = model.FeedForward > 0 ? model.FeedForward : null,
            ["num_blocks"] = model.Blocks,
            ["attn_type"] = Attention(model),
            ["attn_heads"] = model.Heads,
            ["kv_heads"] = model.KeyValueHeads,
        };
        AddAttention(json, model);
        json["use_flash_attn"] = model.FlashAttention;
        json["has_attn_gate"] = model.AttentionGate;
        json["qk_norm"] = model.Latent is null && structure.QueryKeyNorm == QueryKeyNorm.None ? false : null;
        json["vocab_size"] = model.Vocabulary;
        AddExperts(json, model, interval);
        foreach (string empty in json.Where(member => member.Value is null).Select(member => member.Key).ToArray())
        {
            json.Remove(empty);
        }

        return (json.ToJsonString(Readable) + "\n", losses);
    }

    private static void AddAttention(JsonObject json, TransformerModel model)
    {
        if (model.Latent is not { } latent)
        {
            json["attn_size"] = model.HeadSize;
            return;
        }

        json["q_lora_rank"] = latent.QueryRank;
        json["kv_lora_rank"] = latent.KeyValueRank;
        json["qk_nope_head_dim"] = latent.PlainHeadSize;
        json["qk_rope_head_dim"] = latent.RotaryHeadSize;
        json["v_head_dim"] = latent.ValueHeadSize;
    }

    private static void AddExperts(JsonObject json, TransformerModel model, int? interval)
    {
        if (model.Experts is not { } experts)
        {
            return;
        }

        json["num_experts"] = experts.Experts;
        json["moe_intermediate_size"] = experts.Intermediate;
        json["top_experts_activation"] = experts.ActiveExperts;
        json["n_shared_experts"] = experts.SharedExpertsPerToken;
        json["moe_block_interval"] = interval ?? 0;
    }

    private static string Attention(TransformerModel model) => model switch
    {
        { Latent: not null } => "mla-absorb",
        { KeyValueHeads: 1 } => "multi-query",
        _ when model.KeyValueHeads == model.Heads => "multi-head",
        _ => "group-query",
    };

    private static void Refuse(string file, TransformerModel model, BlockStructure structure)
    {
        string? reason = (model, structure) switch
        {
            _ when structure.Pattern.Forms.Any(form => form is { State: not null } or { Beside: not null }) => "blocks that keep a state in place of a cache",
            _ when structure.Streams is not null => "several residual streams",
            _ when structure.LookedUpElements > model.Vocabulary => "tables beside the embedding's",
            _ when model.Experts is { ZeroExperts: > 0 } => "experts that compute nothing",
            _ when structure.LayerInputs is not null => "blocks with inputs of their own",
            _ when structure.Pattern.BothBlocks(0, model.Blocks) > 0 => "experts beside a dense feed-forward",
            _ when structure.Pattern.Forms.Any(form => form is { Compression: not null } or { BorrowsCache: true } or { ValuesAreKeys: true }) =>
                "blocks that share or compress keys and values",
            _ when structure.Pattern.Mixings.Any(mixing => mixing.Reach.Kind == ReachKind.Window) => "blocks with a sliding window",
            _ when structure.Pattern.Mixings.Any(mixing => mixing.Reach.Kind == ReachKind.Chunk) => "blocks with chunked attention",
            _ when structure.Pattern.Forms.Count > 1 => "blocks whose attention differs",
            _ when structure.Pattern.OwnWidths.Count > 0 => "feed-forwards whose widths differ",
            _ when structure.Pattern.Blocks.Any(block => block.LacksFeedForward) => "blocks without a feed-forward",
            _ when structure.IsParallel => "feed-forwards beside attention",
            _ when structure.HasPlainFeedForward || model.Experts is { IsPlain: true } => "feed-forwards without a gate",
            _ when model.Experts is { LatentWidth: > 0 } => "experts that work in a width of their own",
            _ when structure.Pattern.Forms[0] is { QueryRank: > 0 } => "queries projected by way of a rank",
            _ when structure.Pattern.Forms[0] is { Gate: OutputGate.PerHead } => "outputs gated head by head",
            _ when model.Latent is null && model.Seen(structure.Pattern.Forms[0]) is { } seen && seen.ValueHeadSize != seen.HeadSize =>
                "values whose width is not that of keys",
            _ when structure.Indexer is not null || structure.Pattern.Forms.Any(form => form is { Indexer: not null }) => "attention to selected tokens",
            ({ Latent.QueryRank: 0 }, _) => "latent attention whose queries are projected directly",
            _ => null,
        };
        if (reason is not null)
        {
            throw new ConfigurationException(
                $"{file}: found {reason}; expected a model that the seed's form can hold: use the configuration as it is");
        }
    }

    /// <summary>Dense blocks after each expert block where the blocks take turns; null where they do not.</summary>
    private static int? Interval(TransformerModel model, BlockPattern pattern)
    {
        int[] experts = [.. Enumerable.Range(0, model.Blocks).Where(block => pattern.Blocks[block].HasExperts)];
        if (experts.Length < 2)
        {
            return experts.Length == model.Blocks ? 0 : null;
        }

        int period = experts[1] - experts[0];
        bool takesTurns = experts[0] < period
            && experts[^1] + period >= model.Blocks
            && Enumerable.Range(1, experts.Length - 1).All(index => experts[index] - experts[index - 1] == period);
        return takesTurns ? period - 1 : null;
    }

    private static IEnumerable<string> Losses(TransformerModel model, BlockStructure structure, int? interval)
    {
        int dense = model.Blocks - structure.Pattern.ExpertBlocks(0, model.Blocks);
        if (model.Experts is not null && interval is null)
        {
            yield return $"{dense} of {model.Blocks} blocks are dense; here all have experts";
        }

        if (model.Vision is not null)
        {
            yield return "a vision encoder; here the language model alone, which takes no images";
        }

        if (model.Experts is { SharedExpertsPerToken: > 0 })
        {
            yield return "shared experts take memory where a runtime sets deploy_shared_expert_config";
        }

        if (model.Experts is { RoutingGroups: > 1 })
        {
            yield return "a token's experts come from some groups of them alone; here from all";
        }

        if (structure.QueryKeyNorm is QueryKeyNorm.AllHeads or QueryKeyNorm.WithoutScale)
        {
            yield return "query and key are normalised otherwise than here, head by head with a scale";
        }

        if (model.Experts is not null)
        {
            yield return "the norm before experts has a scale; here the weights of two";
        }

        if (structure.Has(BlockExtras.NormBias))
        {
            yield return "norms have a shift besides their scale; here a scale alone";
        }

        if (structure.Has(BlockExtras.NormsWithoutScale))
        {
            yield return "norms have no weights; here a scale an element";
        }

        if ((structure.Extras & ~(BlockExtras.NormBias | BlockExtras.NormsWithoutScale)) != BlockExtras.None || structure.NormalisesOutputs)
        {
            yield return "biases, sinks, gates of shared experts and further norms are not here";
        }

        if (structure.LookedUpElements > 0)
        {
            yield return "biases of the logits are not here";
        }

        if (structure.TiedEmbeddings)
        {
            yield return "the embedding table projects to the logits; here they are two";
        }

        if (structure.Storage.IsQuantized)
        {
            yield return "what quantization spares keeps its own bytes; here a runtime's wac_bytes_list holds for all weights";
        }
    }
}
