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

        double cache = Cache(shape);
        return new MemoryFootprint(
            attention,
            feedForward,
            Embedding(shape, logits, logitsElements) + DraftTable(shape, draft),
            Math.Max(AttentionWorking(shape), draft is null ? 0 : AttentionWorking(draft)),
            Math.Max(Math.Max(FeedForwardWorking(shape), VisionEncoder.WorkingBytes(shape)), draft is null ? 0 : FeedForwardWorking(draft)),
            0,
            cache + StateBytes(shape) + (draft is null ? 0 : Cache(draft)))
        {
            GatheredWeightBytes = GatheredWeights(table),
            StateBytesPerSequence = StateBytes(shape),
            SecondWeightBytes = shape.Layout.Second.Weights == 0 ? 0 : shape.Layout.Second.Weights * StreamedBytes.Weights(table).All,
            SecondCacheBytesPerSequence = shape.Layout.Second.Cache * cache,
            StoredPrefixBytesPerSequence = shape.Phase == Phase.Prefill ? StoredPrefix(shape) : 0,
        };
    }

    /// <summary>The footprint of an instance that prefills beside decoding, too: prefixes of all sequences in flight are in use.</summary>
    /// <param name="shape">What decodes.</param>
    public MemoryFootprint WithPrefixes(DeploymentShape shape) => this with { StoredPrefixBytesPerSequence = StoredPrefix(shape) };

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

    /// <summary>
    /// Latent: the scores, <c>r·H'·S·a</c>, in decode; in prefill the up-projected keys and values of the context, or what stands for them on the
    /// latent, and without flash the scores beside them. Group-query: 0 with flash, else its scores.
    /// </summary>
    private static double AttentionWorking(DeploymentShape shape)
    {
        if (shape.Model.Structure is not { Pattern: { HasForms: true } pattern })
        {
            return AttentionWorking(shape, shape.Model);
        }

        double most = 0;
        foreach (AttentionForm? form in pattern.Forms)
        {
            TransformerModel model = shape.Model.Seen(form);
            most = model.Attention is AttentionKind.GroupQuery or AttentionKind.LatentAbsorbed ? Math.Max(most, AttentionWorking(shape, model)) : most;
        }

        return most;
    }

    private static double AttentionWorking(DeploymentShape shape, TransformerModel model)
    {
        double heads = HeadShares.Queries(model, shape.Layout.TensorParallel);
        bool decode = shape.Phase == Phase.Decode;
        double context = decode ? shape.Lengths.MidGenerationContext : shape.Lengths.Input;
        context /= shape.ContextRanks;
        bool scoresInMemory = !model.FlashAttention || (model.Attention == AttentionKind.LatentAbsorbed && decode);
        double attended = model.Structure?.Indexer is { } indexer ? indexer.Selection.Held(context) : context;
        double scores = scoresInMemory
            ? shape.AttentionBatches * shape.RowsPerSequence * heads * attended * shape.Precision.ActivationBytes
            : 0;
        double gathered = decode || shape.Layout.ContextParallel == 1
            ? 0
            : context * SharesAtOnce(shape, inFlight: 2) * CacheWidth.Of(model, shape.Layout.TensorParallel) * shape.CommunicationBytes;
        if (decode || model.Latent is not { } latent)
        {
            return scores + gathered;
        }

        double width = shape.AbsorbsLatent
            ? heads * (latent.CachedWidth + latent.KeyValueRank)
            : (heads * (latent.PlainHeadSize + latent.ValueHeadSize)) + latent.RotaryHeadSize;
        double rows = shape.AbsorbsLatent ? shape.TokensPerSequence : context * SharesAtOnce(shape, inFlight: 1);
        return scores + gathered + (rows * width * shape.Precision.ActivationBytes);
    }

    /// <summary>
    /// Of the context of a prompt, the part that a card works on at a time: all of it where it is gathered, one of <c>CP</c> shares where they go round, and
    /// another on its way.
    /// </summary>
    private static double SharesAtOnce(DeploymentShape shape, int inFlight) =>
        shape.ContextExchange == ContextExchange.Ring ? Math.Min(1, (double)inFlight / shape.Layout.ContextParallel) : 1;

    /// <summary>What a block's gathering of weights brings of other cards': the most of all blocks.</summary>
    private static double GatheredWeights(OperatorTable table)
    {
        int ways = table.Shape.FeedForward.GatheredWays;
        double most = 0;
        for (int op = 0; ways > 1 && op < table.Count; op++)
        {
            // The exchanges of a feed-forward whose message does not depend on the batch are those of weights.
            Exchange exchange = table.Exchanges[op];
            most = exchange.Group == ExchangeGroup.TensorParallel && exchange.MessageBytes.PerSequence == 0 ? Math.Max(most, exchange.MessageBytes.Constant) : most;
        }

        return most * (ways - 1d) / ways;
    }

    /// <summary>Dense: <c>2·r·I'·a</c>, and rows that several attention ranks gather, <c>ADP·r·h·u</c>; experts: <c>2·T·h·u</c>; the larger where a model has both.</summary>
    private static double FeedForwardWorking(DeploymentShape shape)
    {
        double dense = shape.StageDenseBlocks == 0
            ? 0
            : 2d * shape.AttentionBatches * shape.RowsPerSequence
                * (shape.Model.WidestFeedForward / shape.ProductRanks) * shape.Precision.ActivationBytes * shape.FeedForward.HiddenWays;
        int together = shape.Layout.AttentionDataParallel / shape.FeedForward.GatheredWays;
        dense += together <= 1 ? 0 : together * shape.RowsPerSequence * shape.Model.Hidden * shape.CommunicationBytes;
        double expert = shape.Model.Experts is { } experts
            ? 2 * ExpertFeedForward.ExpertRows(shape, experts).PerSequence * shape.Model.Hidden * shape.Precision.CommunicationBytes
            : 0;
        return Math.Max(dense, expert);
    }

    /// <summary>
    /// Key-value bytes that a sequence of the micro-batch stands for. Seed accounting holds <c>L</c> blocks of the attention micro-batch
    /// (A4), which is <c>L/PP</c> of every one in flight where attention runs on one at a time; physical accounting holds the stage's
    /// whole blocks of every one in flight (B1.1). Each of <c>CP</c> cards has its share of the tokens.
    /// </summary>
    private static double Cache(DeploymentShape shape) => CacheOf(shape, shape.HeldTokens);

    /// <summary>The same of the first tokens of sequences.</summary>
    /// <param name="shape">What is deployed.</param>
    /// <param name="tokens">The tokens.</param>
    internal static double CacheOf(DeploymentShape shape, double tokens)
    {
        TransformerModel model = shape.Model;
        double perTokenAndBlock = CacheWidth.Of(model, shape.Layout.TensorParallel) * shape.Precision.CacheBytes;
        if (model.Structure is { } structure)
        {
            double cache = 0;
            foreach (AttentionForm? form in structure.Pattern.Forms)
            {
                cache += CachedTokens(shape, structure.Pattern, form, tokens)
                    * CacheWidth.BytesOf(model.Seen(form), shape.Layout.TensorParallel, shape.Precision.CacheBytes);
            }

            return (cache + CompressedCache(shape, structure.Pattern, tokens)) / shape.Layout.ContextParallel;
        }

        double blockSequences;
        if (shape.Accounting == Accounting.Physical)
        {
            blockSequences = (double)shape.MicroBatches * shape.StageBlocks;
        }
        else if (shape.AttendsToAllMicroBatches)
        {
            blockSequences = (double)shape.AttentionBatches * shape.Blocks;
        }
        else
        {
            blockSequences = (double)shape.MicroBatches * shape.Blocks / shape.Layout.PipelineParallel;
        }

        return tokens * perTokenAndBlock * blockSequences / shape.Layout.ContextParallel;
    }

    /// <summary>What the second memory keeps of a prompt's prefix as long as a sequence uses it, which has a copy in its own cache.</summary>
    private static double StoredPrefix(DeploymentShape shape) =>
        shape.Prefix.Location == PrefixLocation.SecondMemory ? shape.OverPrefixes(tokens => CacheOf(shape, tokens)) : 0;

    /// <summary>
    /// What a sequence keeps however long it is, over the blocks that keep a state, as many of them and of sequences as of a cache (docs/cost-model.md,
    /// "Blocks with a state").
    /// </summary>
    private static double StateBytes(DeploymentShape shape)
    {
        if (shape.Model.Structure is not { Pattern: { HasForms: true } pattern })
        {
            return 0;
        }

        double bytes = 0;
        for (int form = 0; form < pattern.Forms.Count; form++)
        {
            if (pattern.Forms[form] is { } kept)
            {
                int drafts = shape.Phase == Phase.Decode ? shape.Prediction.DraftTokens : 0;
                bytes += Kept(shape, (first, count) => pattern.FormBlocks(form, first, count)) * kept.KeptBytesPerSequence(shape.Layout.TensorParallel, drafts);
            }
        }

        return bytes;
    }

    /// <summary>What blocks keep of all tokens in compressed entries, beside their windows.</summary>
    private static double CompressedCache(DeploymentShape shape, BlockPattern pattern, double tokens)
    {
        double bytes = 0;
        for (int index = 0; index < pattern.Forms.Count; index++)
        {
            int form = index;
            bytes += pattern.Forms[form]?.Compression is { Ratio: > 0 } compression
                ? Kept(shape, (first, count) => pattern.FormBlocks(form, first, count)) * tokens * compression.BytesPerToken(shape.Precision.CacheBytes)
                : 0;
        }

        return bytes;
    }

    /// <summary>Tokens that a sequence of the micro-batch stands for in blocks of some form: each keeps what is within its reach.</summary>
    private static double CachedTokens(DeploymentShape shape, BlockPattern pattern, AttentionForm? form, double tokens) =>
        Kept(shape, (first, count) => FullestStage.HeldTokens(pattern, form, first, count, tokens));

    /// <summary>Where blocks differ in what they keep, the stage of the heaviest weights may keep nothing: a card must hold what any stage keeps.</summary>
    private static double MostOfStages(DeploymentShape shape, Func<int, int, double> ofRun)
    {
        int perStage = shape.Layout.StageBlocks(shape.Blocks);
        double most = 0;
        for (int first = 0; first < shape.Blocks; first += perStage)
        {
            most = Math.Max(most, ofRun(first, Math.Min(perStage, shape.Blocks - first)));
        }

        return most;
    }

    /// <summary>What runs of blocks keep for a sequence of the micro-batch: the fullest stage's of all in flight, or the seed's share of all blocks'.</summary>
    private static double Kept(DeploymentShape shape, Func<int, int, double> ofRun)
    {
        if (shape.Accounting == Accounting.Physical)
        {
            return shape.MicroBatches * (shape.Model.Structure is { Pattern.HasForms: true } ? MostOfStages(shape, ofRun) : ofRun(shape.FirstStageBlock, shape.StageBlocks));
        }

        double all = ofRun(0, shape.Blocks);
        return shape.AttendsToAllMicroBatches
            ? shape.AttentionBatches * all
            : shape.MicroBatches * all / shape.Layout.PipelineParallel;
    }
}
