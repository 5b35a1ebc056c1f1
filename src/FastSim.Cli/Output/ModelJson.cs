using System.Text.Json;
using FastSim.Cli.Configuration;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Output;

/// <summary>What <c>fastsim model show --json</c> prints: the facts of <see cref="ModelSheet"/>, as numbers.</summary>
internal static class ModelJson
{
    /// <summary>The text.</summary>
    /// <param name="description">The model.</param>
    /// <param name="warnings">What was noticed in its file.</param>
    public static string Of(ModelDescription description, IReadOnlyList<string> warnings) => IndentedJson.Object(json =>
    {
        TransformerModel model = description.Model;
        json.WriteString("model", model.Name);
        json.WriteString("architecture", description.Architecture);
        json.WriteNumber("hiddenSize", model.Hidden);
        json.WriteNumber("blocks", model.Blocks);
        json.WriteNumber("expertBlocks", ModelSheet.ExpertBlocks(model));
        WriteAttention(json, model);
        WriteFeedForward(json, model);
        if (model.Vision is { } tower)
        {
            json.WriteStartObject("visionTower");
            json.WriteNumber("blocks", tower.Blocks);
            json.WriteNumber("hiddenSize", tower.Hidden);
            json.WriteNumber("heads", tower.Heads);
            json.WriteNumber("headSize", tower.HeadSize);
            json.WriteNumber("feedForward", tower.FeedForward);
            json.WriteNumber("rowsPerToken", tower.MergedRows);
            json.WriteNumber("tileRows", tower.TileRows);
            json.WriteNumber("tileTokens", tower.TileTokens);
            json.WriteNumber("windowRows", tower.WindowRows);
            json.WriteNumber("parameters", tower.Parameters);
            json.WriteEndObject();
        }

        json.WriteNumber("vocabulary", model.Vocabulary);
        json.WriteBoolean("tiedEmbeddings", model.Structure is { TiedEmbeddings: true });
        json.WriteTexts("smallWeights", ModelSheet.Extras(model));
        json.WriteTexts("classDefaults", description.Defaults);
        json.WriteTexts("notCounted", description.Remarks);
        WriteParameters(json, model);
        json.WriteTexts("warnings", warnings);
    });

    private static void WriteAttention(Utf8JsonWriter json, TransformerModel model)
    {
        json.WriteStartObject("attention");
        json.WriteString("kind", model.Latent is null ? "group-query" : "latent");
        json.WriteNumber("heads", model.Heads);
        if (model.Latent is { } latent)
        {
            json.WriteNumber("queryRank", latent.QueryRank);
            json.WriteNumber("keyValueRank", latent.KeyValueRank);
            json.WriteNumber("plainHeadSize", latent.PlainHeadSize);
            json.WriteNumber("rotaryHeadSize", latent.RotaryHeadSize);
            json.WriteNumber("valueHeadSize", latent.ValueHeadSize);
        }
        else
        {
            json.WriteNumber("keyValueHeads", model.KeyValueHeads);
            json.WriteNumber("headSize", model.HeadSize);
            json.WriteString("queryKeyNorm", JsonNamingPolicy.CamelCase.ConvertName((model.Structure?.QueryKeyNorm ?? model.StatedNorm ?? QueryKeyNorm.PerHead).ToString()));
        }

        json.WriteBoolean("outputGate", model.AttentionGate);
        if (model.Structure is { } structure)
        {
            json.WriteObjects("reaches", Enumerable.Range(0, structure.Pattern.Mixings.Count), index =>
            {
                (AttentionReach reach, AttentionForm? form) = structure.Pattern.Mixings[index];
                json.WriteString("kind", JsonNamingPolicy.CamelCase.ConvertName(reach.Kind.ToString()));
                json.WriteNumber("tokens", reach.Tokens);
                json.WriteNumber("blocks", structure.Pattern.MixingBlocks(index, 0, model.Blocks));
                if (form is not null)
                {
                    WriteForm(json, model.Seen(form), form);
                }
            });
            if (structure.Indexer is { } indexer)
            {
                json.WriteStartObject("indexer");
                json.WriteNumber("selectedTokens", indexer.SelectedTokens);
                json.WriteNumber("heads", indexer.Heads);
                json.WriteNumber("headSize", indexer.HeadSize);
                json.WriteEndObject();
            }
        }

        json.WriteEndObject();
    }

    /// <summary>Attention of blocks that differ from others in more than reach.</summary>
    private static void WriteForm(Utf8JsonWriter json, TransformerModel model, AttentionForm form)
    {
        json.WriteString("form", JsonNamingPolicy.CamelCase.ConvertName(form.Kind.ToString()));
        if (form.Beside is { } beside)
        {
            json.WriteStartObject("beside");
            WriteForm(json, model.Seen(beside), beside);
            json.WriteEndObject();
        }

        if (form.State is { } state)
        {
            json.WriteNumber("heads", state.ValueHeads);
            json.WriteNumber("keyHeads", state.KeyHeads);
            json.WriteNumber("keySize", state.KeySize);
            json.WriteNumber("valueSize", state.ValueSize);
            json.WriteNumber("convolution", state.Convolution);
            json.WriteNumber("chunk", state.Chunk);
            json.WriteNumber("stateBytesPerSequence", state.BytesPerSequence(tensorParallel: 1));
        }
        else if (form.Compression is { } compression)
        {
            json.WriteNumber("heads", form.Heads);
            json.WriteNumber("headSize", form.HeadSize);
            json.WriteNumber("queryRank", compression.QueryRank);
            json.WriteNumber("outputGroups", compression.OutputGroups);
            json.WriteNumber("outputRank", compression.OutputRank);
            json.WriteNumber("tokensPerEntry", compression.Ratio);
            json.WriteNumber("selectedEntries", compression.Indexer?.SelectedTokens ?? 0);
            json.WriteNumber("stateBytesPerSequence", compression.StateBytes);
        }
        else if (form.Kind != AttentionKind.None)
        {
            json.WriteNumber("heads", form.Heads);
            json.WriteNumber("keyValueHeads", form.KeyValueHeads);
            json.WriteNumber("headSize", form.HeadSize);
            json.WriteNumber("valueHeadSize", model.ValueHeadSize);
            if (form.QueryRank > 0)
            {
                json.WriteNumber("queryRank", form.QueryRank);
            }

            json.WriteBoolean("valuesAreKeys", form.ValuesAreKeys);
            json.WriteBoolean("borrowsCache", form.BorrowsCache);
            if (form.Indexer is { SelectsBlocks: true } indexer)
            {
                json.WriteNumber("selectedTokens", indexer.SelectedTokens);
                json.WriteNumber("blockTokens", indexer.BlockTokens);
                json.WriteNumber("indexHeads", indexer.Heads);
                json.WriteNumber("indexHeadSize", indexer.HeadSize);
            }

            json.WriteString("gate", JsonNamingPolicy.CamelCase.ConvertName(form.Gate.ToString()));
        }
    }

    /// <summary>Blocks whose feed-forward has another width: twice the model's by a name of their own.</summary>
    private static void WriteOwnWidths(Utf8JsonWriter json, TransformerModel model, BlockPattern pattern)
    {
        int[] others = [.. Enumerable.Range(0, pattern.OwnWidths.Count).Where(index => pattern.OwnWidths[index] != 2L * model.FeedForward)];
        foreach (int index in Enumerable.Range(0, pattern.OwnWidths.Count).Except(others))
        {
            json.WriteNumber("doubleWideBlocks", pattern.WidthBlocks(index, 0, model.Blocks));
        }

        if (others.Length == 0)
        {
            return;
        }

        json.WriteStartArray("otherFeedForwards");
        foreach (int index in others)
        {
            json.WriteStartObject();
            json.WriteNumber("width", pattern.OwnWidths[index]);
            json.WriteNumber("blocks", pattern.WidthBlocks(index, 0, model.Blocks));
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }

    private static void WriteFeedForward(Utf8JsonWriter json, TransformerModel model)
    {
        if (model.HasDenseBlocks)
        {
            json.WriteNumber("feedForward", model.FeedForward);
            if (model.Structure is { } structure)
            {
                WriteOwnWidths(json, model, structure.Pattern);
            }
        }

        if (model.Experts is { } experts)
        {
            json.WriteStartObject("experts");
            json.WriteNumber("routed", experts.Experts);
            json.WriteNumber("width", experts.Intermediate);
            json.WriteNumber("activePerToken", experts.ActiveExperts);
            json.WriteNumber("sharedPerToken", experts.SharedExpertsPerToken);
            if (experts.LatentWidth > 0)
            {
                json.WriteNumber("latentWidth", experts.LatentWidth);
            }
            json.WriteEndObject();
        }
    }

    private static void WriteParameters(Utf8JsonWriter json, TransformerModel model)
    {
        double weightBytes = ModelSheet.WeightBytes(model);
        ParameterCount count = ParameterCount.Of(model, weightBytes);
        json.WriteStartObject("parameters");
        json.WriteNumber("attention", count.Attention);
        json.WriteNumber("denseFeedForward", count.DenseFeedForward);
        json.WriteNumber("routedExperts", count.RoutedExperts);
        json.WriteNumber("activeRoutedExperts", count.ActiveRoutedExperts);
        json.WriteNumber("sharedExperts", count.SharedExperts);
        json.WriteNumber("routers", count.Routers);
        json.WriteNumber("embeddingTable", count.EmbeddingTable);
        if (count.LayerInputTable > 0)
        {
            json.WriteNumber("layerInputTable", count.LayerInputTable);
        }

        json.WriteNumber("logits", count.TableMultiplies ? 0 : count.Logits);
        json.WriteNumber("total", count.Total);
        json.WriteNumber("active", count.Active);
        json.WriteNumber("activeWithTable", count.ActiveWithTable);
        json.WriteEndObject();
        json.WriteStartObject("weights");
        json.WriteNumber("bytes", count.Bytes);
        json.WriteString("stored", StoredWords.Of(model, weightBytes));
        json.WriteEndObject();
        (double elements, double limited) = ModelSheet.CacheElements(model);
        json.WriteStartObject("cacheElementsPerToken");
        json.WriteNumber("all", elements);
        json.WriteNumber("limited", limited);
        json.WriteEndObject();
        json.WriteStartObject("cacheBytesPerToken");
        json.WriteNumber("at2Bytes", ModelSheet.CacheBytes(model, 2).All);
        json.WriteNumber("at1Byte", ModelSheet.CacheBytes(model, 1).All);
        json.WriteEndObject();
        double state = ModelSheet.StateBytes(model);
        if (state > 0)
        {
            json.WriteNumber("stateBytesPerSequence", state);
        }
    }
}
