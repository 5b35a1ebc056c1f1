using System.Globalization;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Output;

/// <summary>What weights take in a checkpoint, in words.</summary>
internal static class StoredWords
{
    /// <summary>Bytes a weight, in words.</summary>
    public static string Of(TransformerModel model, double weightBytes)
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

    private static string Number(double number) => number.ToString("#,0.#####", CultureInfo.InvariantCulture);
}
