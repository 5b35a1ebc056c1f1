using FastSim.Kernels.Models;

namespace FastSim.Kernels.Operators;

/// <summary>
/// Multi-head latent attention of one block. Decode works on the latent with the up-projections absorbed (cost model A2);
/// prefill projects keys and values up and attends in full width (B2).
/// </summary>
internal static class LatentAttention
{
    public static void Lower(StageBuilder stage)
    {
        TransformerModel model = stage.Shape.Model;
        LatentDimensions latent = model.Latent!;
        AffineInBatch rows = stage.Rows;
        double hidden = model.Hidden;
        double heads = (double)model.Heads / stage.Shape.Layout.TensorParallel;
        double queryWidth = heads * (latent.PlainHeadSize + latent.RotaryHeadSize);
        double valueWidth = heads * latent.ValueHeadSize;

        // The sample counts no weights here: the expert feed-forward's norm carries both of the block's (2h, cost model A4).
        stage.RootMeanSquareNorm("rms_norm", rows, hidden, weightsRead: 0, weightElements: 0);
        stage.Linear("q_a_projection", rows, hidden, latent.QueryRank);
        stage.RootMeanSquareNorm("q_a_norm", rows, latent.QueryRank, latent.QueryRank, latent.QueryRank);
        stage.Linear("q_b_projection", rows, latent.QueryRank, queryWidth);
        stage.Linear("kv_a_projection", rows, hidden, latent.CachedWidth);
        stage.RootMeanSquareNorm("kv_a_norm", rows, latent.KeyValueRank, latent.KeyValueRank, latent.KeyValueRank);
        if (stage.Shape.Phase == Phase.Decode)
        {
            Absorbed(stage, latent, heads);
        }
        else
        {
            Unabsorbed(stage, latent, heads);
        }

        if (model.AttentionGate)
        {
            GroupQueryAttention.Gate(stage, valueWidth);
        }

        stage.Linear("output_projection", rows, valueWidth, hidden);
        stage.TensorParallelAllReduce(rows, bytesPerElement: 0);
        stage.Residual(rows);
    }

    private static void Absorbed(StageBuilder stage, LatentDimensions latent, double heads)
    {
        AffineInBatch rows = stage.Rows;
        AffineInBatch sequences = stage.Sequences;
        double activation = stage.ActivationBytes;
        double context = stage.Context;
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

        stage.HeadLinear("key_absorb", rows, heads, latent.PlainHeadSize, rank);
        stage.Product(
            "score",
            OperatorRate.Attention,
            readsCache: true,
            flops: 2 * rows * (heads * cachedWidth * context),
            bytes: (rows * (heads * cachedWidth * activation)) + (sequences * (cachedWidth * context * stage.CacheBytes)),
            columns: context,
            depth: cachedWidth);
        GroupQueryAttention.Softmax(stage, heads);
        stage.Product(
            "value",
            OperatorRate.Attention,
            readsCache: false,
            flops: 2 * rows * (heads * rank * context),
            bytes: rows * (heads * rank * activation),
            columns: rank,
            depth: context);
        stage.HeadLinear("value_up", rows, heads, rank, latent.ValueHeadSize);
    }

    private static void Unabsorbed(StageBuilder stage, LatentDimensions latent, double heads)
    {
        AffineInBatch rows = stage.Rows;
        AffineInBatch contextRows = stage.Sequences * stage.CachedTokens;
        double activation = stage.ActivationBytes;
        double scoreWidth = heads * (latent.PlainHeadSize + latent.RotaryHeadSize);
        double valueWidth = heads * latent.ValueHeadSize;

        stage.Vector("cache_write", flops: 0, bytes: rows * latent.CachedWidth * stage.CacheBytes);
        stage.Linear("kv_b_projection", contextRows, latent.KeyValueRank, heads * (latent.PlainHeadSize + latent.ValueHeadSize));
        stage.Product(
            "score",
            OperatorRate.Attention,
            readsCache: true,
            flops: 2 * rows * (scoreWidth * stage.Context),
            bytes: (rows * scoreWidth * activation)
                + (contextRows * (((heads * latent.PlainHeadSize) + latent.RotaryHeadSize) * activation)),
            columns: stage.Context,
            depth: latent.PlainHeadSize + latent.RotaryHeadSize);
        GroupQueryAttention.Softmax(stage, heads);
        stage.Product(
            "value",
            OperatorRate.Attention,
            readsCache: true,
            flops: 2 * rows * (valueWidth * stage.Context),
            bytes: (rows * valueWidth * activation) + (contextRows * (valueWidth * activation)),
            columns: latent.ValueHeadSize,
            depth: stage.Context);
    }
}
