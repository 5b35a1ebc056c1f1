using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// The indexer of sparse attention, before the attention itself (DeepSeek-V3.2, arXiv 2512.02556, section 2.1; of blocks transformers' <c>minimax_m3_vl</c>):
/// every card of a rank runs all of its heads, over the whole context.
/// </summary>
internal static class SparseSelection
{
    /// <summary>Scores are 32-bit.</summary>
    private const double ScoreBytes = 4;

    public static void Lower(StageBuilder stage, SparseIndexer indexer, double queryWidth)
    {
        AffineInBatch rows = stage.Rows;
        double hidden = stage.Shape.Model.Hidden;
        double headSize = indexer.HeadSize;
        double width = indexer.Heads * headSize;
        double context = stage.Context;

        stage.Weigh(Projection.IndexQuery);
        stage.Linear("index_q_projection", rows, queryWidth, width);
        stage.Weigh(Projection.IndexKey);
        stage.Linear("index_k_projection", rows, hidden, headSize);

        if (indexer.SelectsBlocks)
        {
            stage.RootMeanSquareNorm("index_qk_norm", rows, width + headSize, weightsRead: 2 * headSize, weightElements: 2 * headSize);
        }
        else
        {
            // A layer norm: a scale and a shift.
            stage.RootMeanSquareNorm("index_k_norm", rows, headSize, weightsRead: 2 * headSize, weightElements: 2 * headSize);
            stage.Weigh(Projection.IndexWeights);
            stage.Linear("index_weights_projection", rows, hidden, indexer.Heads);
        }

        if (stage.Shape.Phase == Phase.Prefill)
        {
            stage.Store("index_cache_write", bytes: rows * headSize * stage.CacheBytes);
        }

        stage.Product(
            "index_score",
            LaunchKind.IndexScore,
            OperatorRate.Attention,
            readsCache: true,
            flops: 2 * rows * (width * context),
            bytes: (rows * (width * stage.ActivationBytes)) + (stage.Sequences * (headSize * stage.CachedTokens * stage.CacheBytes)),
            columns: context,
            depth: headSize);

        // Rectify, weigh and add the heads' scores, or take the best of each block; write them and read them back to choose (inferred).
        stage.Vector("index_selection", flops: 3 * rows * (indexer.Heads * context), bytes: 2 * rows * (context / indexer.BlockTokens) * ScoreBytes, kind: LaunchKind.Selection);
    }
}
