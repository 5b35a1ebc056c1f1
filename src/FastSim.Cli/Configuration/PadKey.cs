using FastSim.Kernels.Models;

namespace FastSim.Cli.Configuration;

/// <summary><c>pad_heads</c> of a runtime: whether tensor parallelism that does not divide the heads shares them all the same (docs/cost-model.md, "Padded heads").</summary>
internal static class PadKey
{
    /// <summary>The key.</summary>
    public const string Name = "pad_heads";

    /// <summary>Models as they are laid out.</summary>
    /// <param name="models">The models, as read.</param>
    /// <param name="pads">Whether heads are padded.</param>
    public static Listed<TransformerModel>[] On(Listed<TransformerModel>[] models, bool pads) =>
        pads ? Array.ConvertAll(models, model => model with { Value = model.Value with { PadsHeads = true } }) : models;

    /// <summary>What drafts, as it is laid out: its heads are shared as the model's are.</summary>
    /// <param name="draft">It; null for the model's own blocks.</param>
    /// <param name="pads">Whether heads are padded.</param>
    public static DraftModel? On(DraftModel? draft, bool pads) =>
        pads && draft is { Model: { } model } ? draft with { Model = model with { PadsHeads = true } } : draft;
}
