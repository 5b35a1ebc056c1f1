using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Memory;

/// <summary>What a card of the fullest stage holds, in bytes, as a function of the sequences in a rank's micro-batch (cost model A4).</summary>
/// <param name="AttentionWeightBytes">Attention weights of the stage.</param>
/// <param name="FeedForwardWeightBytes">Feed-forward weights of the stage, every local expert included.</param>
/// <param name="EmbeddingBytes">Embedding and logits weights; 0 unless physical accounting counts a stated vocabulary (B1.4).</param>
/// <param name="AttentionWorkingBytesPerSequence">Attention working space per sequence.</param>
/// <param name="FeedForwardWorkingBytesPerSequence">Feed-forward working space per sequence.</param>
/// <param name="FloorWorkingBytes">Working space that is there at any batch: one sequence's prefill, in fusion.</param>
/// <param name="CacheBytesPerSequence">Key-value cache per sequence.</param>
public sealed record MemoryFootprint(
    double AttentionWeightBytes,
    double FeedForwardWeightBytes,
    double EmbeddingBytes,
    double AttentionWorkingBytesPerSequence,
    double FeedForwardWorkingBytesPerSequence,
    double FloorWorkingBytes,
    double CacheBytesPerSequence)
{
    /// <summary>Largest count that a double holds exactly with room for a product.</summary>
    internal const double LargestCount = 1L << 48;

    /// <summary>Of the cache, states that a sequence keeps however long its context is.</summary>
    public double StateBytesPerSequence { get; init; }

    /// <summary>Of the weights, those in the second memory.</summary>
    public double SecondWeightBytes { get; init; }

    /// <summary>Of the cache of a sequence, what lies in the second memory.</summary>
    public double SecondCacheBytesPerSequence { get; init; }

    /// <summary>Prefix that the second memory keeps for a sequence in flight, beside its cache.</summary>
    public double StoredPrefixBytesPerSequence { get; init; }

    /// <summary>Weights of other cards that this one has while it works on a block.</summary>
    public double GatheredWeightBytes { get; init; }

    /// <summary>Weights of the stage, bytes.</summary>
    public double WeightBytes => AttentionWeightBytes + FeedForwardWeightBytes + EmbeddingBytes;

    /// <summary>Working space per sequence: the larger part counts once.</summary>
    public double WorkingBytesPerSequence => Math.Max(AttentionWorkingBytesPerSequence, FeedForwardWorkingBytesPerSequence);

    /// <summary>The footprint of an instance that an engine runs: working space is in what the engine keeps for itself.</summary>
    /// <param name="memory">The instance.</param>
    public MemoryFootprint For(ServingMemory memory)
    {
        ArgumentNullException.ThrowIfNull(memory);
        return this with { AttentionWorkingBytesPerSequence = 0, FeedForwardWorkingBytesPerSequence = 0, FloorWorkingBytes = memory.ReserveBytes };
    }

    /// <summary>Measures a lowered stage.</summary>
    /// <param name="table">The stage.</param>
    public static MemoryFootprint Of(OperatorTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        DeploymentShape shape = table.Shape;
        DeploymentShape? draft = shape.Draft;
        double attention = 0;
        double feedForward = 0;
        double logits = 0;
        double logitsElements = 0;
        for (int op = 0; op < table.Count; op++)
        {
            double bytes = table.WeightElements[op] * table.Repeats[op] * table.WeightBytes[op];
            switch (table.Identities[op].Part)
            {
                case StagePart.Attention:
                    attention += bytes;
                    break;
                case StagePart.FeedForward:
                    feedForward += bytes;
                    break;
                case StagePart.Logits:
                    logits += bytes;
                    logitsElements += table.WeightElements[op] * table.Repeats[op];
                    break;
                default:
                    break;
            }
        }

        return new MemoryFootprint(
            attention,
            feedForward,
            Embedding(shape, logits, logitsElements) + DraftTable(shape, draft),
            Math.Max(WorkingSpace.Attention(shape), draft is null ? 0 : WorkingSpace.Attention(draft)),
            Math.Max(Math.Max(WorkingSpace.FeedForward(shape), VisionEncoder.WorkingBytes(shape)), draft is null ? 0 : WorkingSpace.FeedForward(draft)),
            0,
            0)
        {
            GatheredWeightBytes = WorkingSpace.GatheredWeights(table),
            SecondWeightBytes = shape.Layout.Second.Weights == 0 ? 0 : shape.Layout.Second.Weights * StreamedBytes.Weights(table).All,
            StoredPrefixBytesPerSequence = shape.Phase == Phase.Prefill ? CardCache.StoredPrefix(shape) : 0,
        }.WithCache(shape, draft);
    }

    /// <summary>The footprint of the same weights for requests of other lengths; of working space, which an engine does not count, it says nothing new.</summary>
    /// <param name="shape">What decodes.</param>
    internal MemoryFootprint WithCache(DeploymentShape shape) => WithCache(shape, shape.Draft);

    private MemoryFootprint WithCache(DeploymentShape shape, DeploymentShape? draft)
    {
        double cache = CardCache.Of(shape);
        double states = CardCache.StateBytes(shape);
        return this with
        {
            CacheBytesPerSequence = cache + states + (draft is null ? 0 : CardCache.Of(draft)),
            StateBytesPerSequence = states,
            SecondCacheBytesPerSequence = shape.Layout.Second.Cache * cache,
        };
    }

    /// <summary>The footprint of an instance that prefills beside decoding, too: prefixes of all sequences in flight are in use.</summary>
    /// <param name="shape">What decodes.</param>
    public MemoryFootprint WithPrefixes(DeploymentShape shape) => this with { StoredPrefixBytesPerSequence = CardCache.StoredPrefix(shape) };

    /// <summary>The footprint of an instance that prefills beside decoding, too: its cards have what encodes images of prompts.</summary>
    /// <param name="shape">What decodes.</param>
    public MemoryFootprint WithEncoder(DeploymentShape shape)
    {
        ArgumentNullException.ThrowIfNull(shape);
        if (shape.Vision is null || HasEncoder)
        {
            return this;
        }

        (double attention, double besides) = VisionEncoder.WeightBytes(shape);
        return this with { AttentionWeightBytes = AttentionWeightBytes + attention, FeedForwardWeightBytes = FeedForwardWeightBytes + besides, HasEncoder = true };
    }

    /// <summary>Whether an encoder has been added, which a plan put together anew for another chip must not do again.</summary>
    private bool HasEncoder { get; init; }

    /// <summary>Of the first memory: weights there, those of other cards included.</summary>
    public double FirstWeightBytes => WeightBytes - SecondWeightBytes + GatheredWeightBytes;

    /// <summary>Of the first memory: cache of a sequence there.</summary>
    public double FirstCacheBytesPerSequence => CacheBytesPerSequence - SecondCacheBytesPerSequence;

    /// <summary>What a sequence takes of the second memory.</summary>
    public double SecondBytesPerSequence => SecondCacheBytesPerSequence + StoredPrefixBytesPerSequence;

    /// <summary>Weights, wherever they lie, and working space, bytes (<c>mem_space</c>).</summary>
    public double SpaceBytes(double sequences) => WeightBytes + GatheredWeightBytes + WorkingBytes(sequences);

    /// <summary>Working space, bytes.</summary>
    public double WorkingBytes(double sequences) => Math.Max(FloorWorkingBytes, WorkingBytesPerSequence * sequences);

    /// <summary>All that lies in the first memory, bytes (<c>tier1_mem</c>): never falls with the batch.</summary>
    public double TotalBytes(double sequences) => FirstWeightBytes + WorkingBytes(sequences) + (FirstCacheBytesPerSequence * sequences);

    /// <summary>All that lies in the second memory, bytes: never falls with the batch.</summary>
    public double SecondBytes(double sequences) => SecondWeightBytes + (SecondBytesPerSequence * sequences);

    /// <summary>Whether a batch fits both memories.</summary>
    /// <param name="sequences">The batch.</param>
    /// <param name="capacityBytes">First memory of a card.</param>
    /// <param name="secondCapacityBytes">Second memory of a card.</param>
    public bool Fits(double sequences, double capacityBytes, double secondCapacityBytes) =>
        TotalBytes(sequences) <= capacityBytes && SecondBytes(sequences) <= secondCapacityBytes;

    /// <summary>
    /// The last step of the batch that fits, or 0 when not even the first does: closed form,
    /// since each part is linear in the batch (cost model B7).
    /// </summary>
    /// <param name="capacityBytes">First memory of a card.</param>
    /// <param name="steps">The batches to choose from.</param>
    /// <param name="secondCapacityBytes">Second memory of a card.</param>
    public long LargestBatch(double capacityBytes, BatchSteps steps, double secondCapacityBytes = 0)
    {
        double free = capacityBytes - FirstWeightBytes;
        double byFloor = Room(free - FloorWorkingBytes, FirstCacheBytesPerSequence);
        double byGrowth = Room(free, FirstCacheBytesPerSequence + WorkingBytesPerSequence);
        double sequences = Math.Min(Math.Min(byFloor, byGrowth), Room(secondCapacityBytes - SecondWeightBytes, SecondBytesPerSequence));
        if (!(sequences >= 0))
        {
            return 0;
        }

        // The division may be a rounding away from the sum that decides.
        long units = steps.LastWithin(Math.Min(sequences, LargestCount * steps.Unit)) + 1;
        while (units > 0 && !Fits(steps.At(units), capacityBytes, secondCapacityBytes))
        {
            units--;
        }

        return units;
    }

    /// <summary>Sequences that some room holds: any number of those that take none.</summary>
    private static double Room(double bytes, double perSequence) => perSequence == 0 && bytes >= 0 ? double.PositiveInfinity : bytes / perSequence;

    /// <summary>
    /// The embedding table and the logits projection, which has as many elements, or is the table. A pipeline has the one on its first stage
    /// and the other on its last, so that no stage holds both. Attention ranks that share the projection out have a table each.
    /// </summary>
    private static double Embedding(DeploymentShape shape, double logits, double elements)
    {
        double table = ((elements * shape.LogitsShares) + (elements > 0 ? shape.Model.Structure?.LookedUpElements ?? 0 : 0)) * shape.EmbeddingBytes;
        return shape.Layout.PipelineParallel > 1 || shape.Model.Structure is { TiedEmbeddings: true } ? Math.Max(logits, table) : logits + table;
    }

    /// <summary>A draft model's embedding table, where it has one of its own that no operator counts.</summary>
    private static double DraftTable(DeploymentShape shape, DeploymentShape? draft) =>
        shape.Accounting == Accounting.Seed || draft is null || shape.Prediction.Draft!.SharesTable || draft.Model.Structure is { TiedEmbeddings: true }
            ? 0
            : (double)draft.Model.Vocabulary / shape.WeightRanks * draft.Model.Hidden * draft.EmbeddingBytes;
}
