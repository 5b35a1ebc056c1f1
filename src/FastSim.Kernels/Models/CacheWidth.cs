namespace FastSim.Kernels.Models;

/// <summary>Elements that a block caches of a token (cost model A4).</summary>
public static class CacheWidth
{
    /// <summary>
    /// Keys and values, <c>K'·(d+vd)</c>, or the latent and its rotary key, <c>kr+rd</c>; with sparse attention the index key besides. Nothing where a
    /// block keeps a state, reads what another one cached, or keeps nothing at all.
    /// Of compressed attention one entry, of tokens within its window; what it keeps of all others is <see cref="CompressedDimensions.ElementsPerToken"/>.
    /// </summary>
    /// <param name="model">The model, as the block has it.</param>
    /// <param name="tensorParallel">Cards that share the heads; a card keeps a whole head at least.</param>
    public static double Of(TransformerModel model, int tensorParallel)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.Form is { State: not null } or { BorrowsCache: true } || model.Attention == AttentionKind.None)
        {
            return 0;
        }

        if (model.Form?.Compression is { } compression)
        {
            return compression.HeadSize;
        }

        double keyValueHeads = HeadShares.KeysAndValues(model, tensorParallel);
        double width = model.Latent is { } latent ? latent.CachedWidth : keyValueHeads * (model.HeadSize + model.ValueHeadSize);
        return width + (model.Structure?.Indexer is { IsBorrowed: false } indexer ? indexer.HeadSize : 0);
    }

    /// <summary>The same in bytes.</summary>
    /// <param name="model">The model, as the block has it.</param>
    /// <param name="tensorParallel">Cards that share the heads.</param>
    /// <param name="cacheBytes">Bytes of a cached element.</param>
    public static double BytesOf(TransformerModel model, int tensorParallel, double cacheBytes)
    {
        ArgumentNullException.ThrowIfNull(model);
        return model.Form?.Compression is { } compression ? compression.EntryBytes(cacheBytes) : Of(model, tensorParallel) * cacheBytes;
    }
}
