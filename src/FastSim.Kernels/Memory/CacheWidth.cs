using FastSim.Kernels.Models;

namespace FastSim.Kernels.Memory;

/// <summary>Elements that a block caches of a token (cost model A4).</summary>
public static class CacheWidth
{
    /// <summary>Keys and values, <c>2·K'·d</c>, or the latent and its rotary key, <c>kr+rd</c>; with sparse attention the index key besides.</summary>
    /// <param name="model">The model.</param>
    /// <param name="tensorParallel">Cards that share the heads; a card keeps a whole head at least.</param>
    public static double Of(TransformerModel model, int tensorParallel)
    {
        ArgumentNullException.ThrowIfNull(model);
        double keyValueHeads = Math.Max(1d, (double)model.KeyValueHeads / tensorParallel);
        double width = model.Latent is { } latent ? latent.CachedWidth : 2 * keyValueHeads * model.HeadSize;
        return width + (model.Structure?.Indexer?.HeadSize ?? 0);
    }
}
