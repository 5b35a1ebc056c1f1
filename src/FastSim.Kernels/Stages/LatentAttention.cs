using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// Multi-head latent attention of one block. Decode works on the latent with the up-projections absorbed (cost model A2);
/// prefill projects keys and values up and attends in full width (B2).
/// </summary>
internal static class LatentAttention
{
    public static void Lower(StageBuilder stage)
    {
        TransformerModel model = stage.Model;
        LatentDimensions latent = model.Latent!;
        AffineInBatch rows = stage.Rows;
        double hidden = model.Hidden;
        double heads = HeadShares.Queries(model, stage.Shape.Layout.TensorParallel);
        double queryWidth = heads * (latent.PlainHeadSize + latent.RotaryHeadSize);

        // The sample counts no weights here: the expert feed-forward's norm carries both of the block's (2h, cost model A4).
        double normWeights = model.Structure is null ? 0 : hidden;
        stage.BlockNorm(rows, normWeights);
        if (stage.IsFused)
        {
            FusedDown(stage, latent, queryWidth);
        }
        else
        {
            Down(stage, latent, queryWidth);
        }

        SparseIndexer? indexer = model.Structure?.Indexer;
        if (indexer is { IsBorrowed: false })
        {
            SparseSelection.Lower(stage, indexer, latent.QueryRank);
        }

        if (stage.Shape.AbsorbsLatent)
        {
            Absorbed(stage, latent, heads, indexer);
        }
        else
        {
            Unabsorbed(stage, latent, heads);
        }

        double gatheredHeads = heads / stage.Shape.ContextRanks;
        stage.Slices = WeightSlices.Outputs;
        if (model.AttentionGate)
        {
            GroupQueryAttention.Gate(stage, gatheredHeads, latent.ValueHeadSize);
        }

        stage.Weigh(Projection.AttentionOutput);
        stage.Slices = WeightSlices.Inputs;
        stage.Linear("output_projection", rows, gatheredHeads * latent.ValueHeadSize, hidden, BlockExtras.OutputBias);
        stage.Slices = WeightSlices.None;
        stage.TensorParallelAllReduce(rows, bytesPerElement: 0);
        stage.OutputNorm(rows);
        stage.Residual(rows);
    }

    /// <summary>Into the latent space, operator by operator.</summary>
    private static void Down(StageBuilder stage, LatentDimensions latent, double queryWidth)
    {
        AffineInBatch rows = stage.Rows;
        double hidden = stage.Shape.Model.Hidden;
        if (latent.QueryRank == 0)
        {
            stage.Weigh(Projection.Query);
            stage.Linear("q_projection", rows, hidden, queryWidth);
        }
        else
        {
            stage.Weigh(Projection.QueryDown);
            stage.Linear("q_a_projection", rows, hidden, latent.QueryRank, BlockExtras.QueryKeyValueBias);
            stage.RootMeanSquareNorm("q_a_norm", rows, latent.QueryRank, latent.QueryRank, latent.QueryRank);
            stage.Weigh(Projection.QueryUp);
            stage.Linear("q_b_projection", rows, latent.QueryRank, queryWidth);
        }

        stage.Weigh(Projection.KeyValueDown);
        stage.Linear("kv_a_projection", rows, hidden, latent.CachedWidth, BlockExtras.QueryKeyValueBias);
        stage.RootMeanSquareNorm("kv_a_norm", rows, latent.KeyValueRank, latent.KeyValueRank, latent.KeyValueRank);
    }

    /// <summary>
    /// The same as engines launch it: both down-projections in one product where queries have a rank, both norms in one pass, then the rotary
    /// embedding with what writes the cache.
    /// </summary>
    private static void FusedDown(StageBuilder stage, LatentDimensions latent, double queryWidth)
    {
        AffineInBatch rows = stage.Rows;
        double hidden = stage.Shape.Model.Hidden;
        stage.Weigh(latent.QueryRank == 0
            ? stage.BytesOf(Projection.KeyValueDown)
            : ((latent.QueryRank * stage.BytesOf(Projection.QueryDown)) + (latent.CachedWidth * stage.BytesOf(Projection.KeyValueDown)))
                / (latent.QueryRank + latent.CachedWidth));
        stage.Linear("latent_projection", rows, hidden, latent.QueryRank + latent.CachedWidth, BlockExtras.QueryKeyValueBias);
        double normed = latent.QueryRank + latent.KeyValueRank;
        stage.Pass("latent_norm", rows, normed, normed);
        stage.Weigh(latent.QueryRank == 0 ? Projection.Query : Projection.QueryUp);
        stage.Linear("q_b_projection", rows, latent.QueryRank == 0 ? hidden : latent.QueryRank, queryWidth);
        stage.Pass("rotary", rows, queryWidth);
    }

    private static void Absorbed(StageBuilder stage, LatentDimensions latent, double heads, SparseIndexer? indexer)
    {
        AffineInBatch rows = stage.Rows;

        // The rows of a sequence share what they read, unless each selects its own tokens.
        AffineInBatch sequences = indexer is null ? stage.Sequences : rows;
        double activation = stage.ActivationBytes;
        double context = indexer is null ? stage.Context : stage.ContextWithin(indexer.Selection);
        double rank = latent.KeyValueRank;
        double cachedWidth = latent.CachedWidth;

        if (stage.Shape.Accounting == Accounting.Seed)
        {
            stage.Vector(
                "rotary_over_cache",
                flops: 2 * sequences * (latent.RotaryHeadSize * context),
                bytes: 7 * sequences * (latent.RotaryHeadSize * context) * activation,
                readsCache: true);
        }

        if (stage.Shape.Phase == Phase.Prefill && !stage.IsFused)
        {
            CacheWrite(stage, latent);
        }

        stage.Weigh(Projection.KeyValueUp);
        stage.HeadLinear("key_absorb", rows, heads, latent.PlainHeadSize, rank);
        stage.Product(
            "score",
            LaunchKind.Score,
            OperatorRate.Attention,
            readsCache: true,
            flops: 2 * rows * (heads * cachedWidth * context),
            bytes: (rows * (heads * cachedWidth * activation)) + (sequences * (cachedWidth * context * stage.CacheBytes)),
            columns: context,
            depth: cachedWidth);
        GroupQueryAttention.Softmax(stage, heads, context);
        stage.Product(
            "value",
            LaunchKind.Value,
            OperatorRate.Attention,
            readsCache: false,
            flops: 2 * rows * (heads * rank * context),
            bytes: rows * (heads * rank * activation),
            columns: rank,
            depth: context);
        ContextPasses.Combine(stage, heads, rank);
        stage.Slices = WeightSlices.Outputs;
        stage.HeadLinear("value_up", rows, heads / stage.Shape.ContextRanks, rank, latent.ValueHeadSize);
        stage.Slices = WeightSlices.None;
    }

    private static void Unabsorbed(StageBuilder stage, LatentDimensions latent, double heads)
    {
        AffineInBatch rows = stage.Rows;
        AffineInBatch contextRows = stage.Sequences * stage.CachedTokens;
        double activation = stage.ActivationBytes;
        double scoreWidth = heads * (latent.PlainHeadSize + latent.RotaryHeadSize);
        double valueWidth = heads * latent.ValueHeadSize;

        if (!stage.IsFused)
        {
            CacheWrite(stage, latent);
        }

        ContextPasses.Gather(stage, latent.CachedWidth);
        stage.Weigh(Projection.KeyValueUp);
        double upWidth = heads * (latent.PlainHeadSize + latent.ValueHeadSize);
        stage.Linear("kv_b_projection", contextRows, latent.KeyValueRank, upWidth, latent.KeyValueRank + upWidth, readsCache: true);
        if (stage.IsFused)
        {
            stage.Pass("key_value_copy", rows, scoreWidth + valueWidth, kind: LaunchKind.PromptCopy);
        }

        stage.Product(
            "score",
            LaunchKind.Score,
            OperatorRate.Attention,
            readsCache: false,
            flops: 2 * rows * (scoreWidth * stage.Context),
            bytes: (rows * scoreWidth * activation)
                + (contextRows * (((heads * latent.PlainHeadSize) + latent.RotaryHeadSize) * activation)),
            columns: stage.Context,
            depth: latent.PlainHeadSize + latent.RotaryHeadSize);
        GroupQueryAttention.Softmax(stage, heads, stage.Context);
        stage.Product(
            "value",
            LaunchKind.Value,
            OperatorRate.Attention,
            readsCache: false,
            flops: 2 * rows * (valueWidth * stage.Context),
            bytes: (rows * valueWidth * activation) + (contextRows * (valueWidth * activation)),
            columns: latent.ValueHeadSize,
            depth: stage.Context);
    }

    private static void CacheWrite(StageBuilder stage, LatentDimensions latent) =>
        stage.Store("cache_write", bytes: stage.Rows * latent.CachedWidth * stage.CacheBytes);
}
