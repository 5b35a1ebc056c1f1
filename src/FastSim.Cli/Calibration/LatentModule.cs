using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Cli.Calibration;

/// <summary>A measured module: a block of latent attention and what it works on.</summary>
/// <param name="Sequences">Sequences.</param>
/// <param name="Tokens">New tokens of each.</param>
/// <param name="Past">Cached tokens of each.</param>
/// <param name="Heads">Heads of a rank.</param>
/// <param name="Type">Data type of the projections.</param>
/// <param name="Cache">Data type of the cache.</param>
/// <param name="Path">How it attends.</param>
/// <param name="Decodes">Whether it decodes.</param>
/// <param name="IsEager">Whether the host launches its kernels one by one; else they are a captured graph.</param>
/// <param name="PacksCache">Whether kernels of their own quantise and pack what is cached.</param>
/// <param name="PadsSelection">Whether attention goes over as many tokens as are selected at most, where there are fewer too.</param>
internal readonly record struct ModuleWork(
    double Sequences,
    double Tokens,
    double Past,
    double Heads,
    string Type,
    string Cache,
    LatentPath Path,
    bool Decodes,
    bool IsEager,
    bool PacksCache,
    bool PadsSelection)
{
    /// <summary>Token rows.</summary>
    public double Rows => Sequences * Tokens;
}

/// <summary>
/// Puts a block of latent attention together from the chip's timings, kernel by kernel as engines launch it (docs/validation.md,
/// "Modules").
/// </summary>
internal sealed class LatentModule(ModuleTimings timings, LatentBlock block, ModuleWork work)
{
    /// <summary>Host time of a launch, and besides of a product that quantises its input: what rows of few tokens take, over their launches.</summary>
    private const double HostMicroseconds = 26;
    private const double QuantisingMicroseconds = 70;

    /// <summary>Cached tokens at which an engine cuts a prefix into parts, and what the host takes for it: once, and a sequence.</summary>
    private const double LongPrefix = 131_072;
    private const double LongPrefixMicroseconds = 430;
    private const double LongPrefixSequenceMicroseconds = 36;

    private const double HeadTile = 64;
    private const double LeastHeads = 16;
    private const double ScaledCacheBytes = 656.0 / 576;

    private readonly LaunchQueue queue = new(
        work.IsEager ? HostMicroseconds : 0, work.IsEager ? QuantisingMicroseconds : 0, work.IsEager ? Preparing(work) : 0);

    private readonly LatentDimensions latent = block.Latent;

    /// <summary>Time of kernels that wait for the query, and of those that do not: a captured graph runs them side by side.</summary>
    private double indexQueries;
    private double indexKeys;

    /// <summary>Bytes of a cached element; packed ones carry their scales.</summary>
    public static double CacheBytes(string cache, bool packs) => packs ? ScaledCacheBytes : CacheTypes.Bytes(cache);

    /// <summary>The module's time: beside the attention over selected tokens, where there is one, and at least.</summary>
    public (double BesideOpen, double Least) Time()
    {
        double rows = work.Rows;
        double heads = work.Heads;
        double queryWidth = heads * (latent.PlainHeadSize + latent.RotaryHeadSize);
        Product(rows, latent.QueryRank + latent.CachedWidth, block.Hidden);
        Elementwise(rows * (latent.QueryRank + latent.KeyValueRank) * 4, 2);
        indexQueries += Product(rows, queryWidth, latent.QueryRank);
        if (block.Indexer is { } indexer && work.Path is LatentPath.Dense or LatentPath.Indexed)
        {
            Index(indexer);
        }

        Elementwise(rows * queryWidth * 4);
        Elementwise(rows * latent.CachedWidth * (2 + CacheTypes.Bytes(work.Cache)), work.PacksCache && work.IsEager ? 4 : 1);
        if (work.Path == LatentPath.Dense || (work.Path == LatentPath.Plain && !work.Decodes))
        {
            Expanded();
        }
        else
        {
            Absorb(latent.PlainHeadSize, latent.KeyValueRank);
            Elementwise(rows * heads * latent.CachedWidth * 4);
            Attend();
            Absorb(latent.KeyValueRank, latent.ValueHeadSize);
        }

        Product(rows, block.Hidden, heads * latent.ValueHeadSize);
        return queue.Time(work.Decodes && !work.IsEager ? Math.Min(indexQueries, indexKeys) : 0);
    }

    private static double Preparing(in ModuleWork work) => !work.Decodes && work.Past >= LongPrefix
        ? LongPrefixMicroseconds + (LongPrefixSequenceMicroseconds * work.Sequences)
        : 0;

    private double Product(double m, double n, double k)
    {
        double time = timings.Product(work.Type, m, n, k);
        queue.Add(time, 1, work.Type != ModuleTimings.Half);
        return time;
    }

    private double Elementwise(double bytes, int launches = 1)
    {
        double time = timings.Elementwise(bytes, launches);
        queue.Add(time, launches);
        return time;
    }

    private void Absorb(double k, double n) => queue.Add(LatentProductTiming.Microseconds(
        timings.Parameters(LatentProductTiming.Form.Family, ModuleTimings.Half), timings.Chip.Scale, timings.Chip.HalfFlopsPerSecond, work.Rows, work.Heads, k, n, 2));

    /// <summary>Keys and values of every head, then attention over them.</summary>
    private void Expanded()
    {
        double all = work.Sequences * (work.Past + work.Tokens);
        double headWidth = latent.PlainHeadSize + latent.RotaryHeadSize;
        Product(all, work.Heads * (latent.PlainHeadSize + latent.ValueHeadSize), latent.KeyValueRank);
        Elementwise(all * work.Heads * headWidth * 4);
        double area = Math.Sqrt((2 * work.Tokens * work.Past) + (work.Tokens * work.Tokens));
        double width = headWidth + latent.ValueHeadSize;
        string kind = work.Path == LatentPath.Dense ? ModuleTimings.Half : work.Cache;
        queue.Add(PrefillAttentionTiming.Microseconds(
            timings.Parameters(TimingForms.PrefillLatentAttention, kind),
            timings.Chip.Scale,
            CacheTypes.IsEightBits(kind) ? timings.Chip.EightBitFlopsPerSecond : timings.Chip.HalfFlopsPerSecond,
            work.Sequences,
            area,
            work.Heads,
            width,
            0,
            work.Sequences * area * work.Heads * width * 4));
    }

    /// <summary>Attention over the cache: of all of it, or left open where it is of what was selected.</summary>
    private void Attend()
    {
        if (work.Path is LatentPath.Indexed or LatentPath.Reused)
        {
            queue.AddOpen();
            return;
        }

        double tiles = Math.Ceiling(work.Heads / HeadTile);
        double widths = latent.CachedWidth + latent.KeyValueRank;
        queue.Add(DecodeAttentionTiming.Microseconds(
            timings.Parameters(TimingForms.DecodeLatentAttention, work.Cache),
            timings.Chip.Scale,
            timings.Chip.HalfFlopsPerSecond,
            work.Rows * tiles,
            work.Past + work.Tokens,
            latent.CachedWidth * CacheTypes.Bytes(work.Cache) / tiles,
            2 * widths * Math.Clamp(work.Heads, LeastHeads, HeadTile),
            2 * work.Heads * widths * 2 / tiles,
            1));
    }

    private void Index(SparseIndexer indexer)
    {
        double rows = work.Rows;
        double width = indexer.Heads * indexer.HeadSize;
        bool selects = work.Path == LatentPath.Indexed;
        if (selects)
        {
            indexQueries += Product(rows, width, latent.QueryRank);
        }

        // Key, its norm, rotation of both, the key's Hadamard transform, cached in 8 bits with a scale.
        indexKeys += Product(rows, indexer.HeadSize, block.Hidden);
        indexKeys += Elementwise(rows * indexer.HeadSize * 4);
        Elementwise(rows * (selects ? width : indexer.HeadSize) * 4, 2);
        Elementwise(rows * indexer.HeadSize * 4);
        Elementwise(rows * indexer.HeadSize * 3);
        if (!selects)
        {
            return;
        }

        // The query's transform and quantising, the heads' weights and their scales.
        indexQueries += Elementwise(rows * width * 4);
        indexQueries += Elementwise(rows * width * 3);
        double weights = timings.Product(ModuleTimings.Half, rows, indexer.Heads, block.Hidden);
        queue.Add(weights);
        indexKeys += weights;
        Elementwise(rows * indexer.Heads * 8, 3);
        Select(indexer);
    }

    private void Select(SparseIndexer indexer)
    {
        double rows = work.Rows;
        double longest = work.Past + work.Tokens;
        double keyBytes = work.Sequences * longest * (indexer.HeadSize + 4);
        if (!work.Decodes)
        {
            // Keys and scales are gathered from their pages, every row's range is worked out.
            Elementwise(keyBytes * 2, 8);
        }

        queue.Add(
            IndexScoreTiming.Microseconds(
                timings.Parameters(IndexScoreTiming.Form.Family, IndexScoreTiming.EightBits),
                timings.Chip.Scale,
                timings.Chip.EightBitFlopsPerSecond,
                rows,
                work.Past + ((work.Tokens + 1) / 2),
                longest,
                indexer.Heads,
                indexer.HeadSize,
                keyBytes,
                splitsContext: work.Decodes),
            work.Decodes ? 2 : 6);
        SelectingRows selecting = SelectingRows.Of(work.Tokens, work.Past, indexer.SelectedTokens);
        queue.Add(IndexSelectionTiming.Microseconds(
            timings.Parameters(IndexSelectionTiming.Form.Family, IndexSelectionTiming.Flat),
            timings.Chip.Scale,
            work.Sequences * selecting.Choosing,
            selecting.MeanContext,
            work.Sequences * selecting.Short));
    }
}
