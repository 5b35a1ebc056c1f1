using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>Group-query attention of one block (cost model A2; prefill B2). Multi-head has as many key-value heads as heads, multi-query one.</summary>
internal static class GroupQueryAttention
{
    public static void Lower(StageBuilder stage)
    {
        TransformerModel model = stage.Shape.Model;
        bool prefill = stage.Shape.Phase == Phase.Prefill;
        AffineInBatch rows = stage.Rows;
        AffineInBatch sequences = stage.Sequences;
        double activation = stage.ActivationBytes;
        double hidden = model.Hidden;
        double headSize = model.HeadSize;
        double heads = (double)model.Heads / stage.Shape.Layout.TensorParallel;
        double keyValueHeads = Math.Max(1d, (double)model.KeyValueHeads / stage.Shape.Layout.TensorParallel);
        double keyValueWidth = 2 * keyValueHeads * headSize;
        double projected = (heads * headSize) + keyValueWidth;

        stage.BlockNorm(rows, hidden);
        WeighTogether(stage, heads * headSize, keyValueHeads * headSize);

        // The seed's form counts three products, an engine launches one, which reads its input once.
        double inputs = stage.IsFused ? hidden : 3 * hidden;
        stage.Linear("qkv_projection", rows, hidden, projected, activationsPerRow: inputs + projected, BlockExtras.QueryKeyValueBias);
        Norm(stage, heads * headSize, keyValueHeads * headSize);
        if (stage.IsFused)
        {
            stage.Pass("rotary", rows, projected);
        }
        else if (prefill)
        {
            stage.Vector("cache_write", flops: 0, bytes: rows * keyValueWidth * stage.CacheBytes);
        }

        stage.Product(
            "flash_score_value",
            LaunchKind.ScoreAndValue,
            stage.Shape.Accounting == Accounting.Seed ? OperatorRate.Matrix : OperatorRate.Attention,
            readsCache: true,
            flops: 4 * rows * (heads * headSize * stage.Context),
            bytes: (rows * (2 * heads * headSize * activation)) + (sequences * (keyValueWidth * stage.CachedTokens * stage.CacheBytes)),
            columns: stage.Context,
            depth: headSize);
        Softmax(stage, heads, stage.Context);
        if (model.AttentionGate)
        {
            Gate(stage, heads * headSize);
        }

        stage.Weigh(Projection.AttentionOutput);
        stage.Linear("output_projection", rows, heads * headSize, hidden, BlockExtras.OutputBias);
        stage.TensorParallelAllReduce(rows, bytesPerElement: 0);
        stage.OutputNorm(rows);
        stage.Residual(rows);
    }

    /// <summary>Softmax of the scores: <c>5·r·H'·S</c> FLOP; without flash attention the scores go through memory, read and written.</summary>
    public static void Softmax(StageBuilder stage, double heads, double context)
    {
        if (stage.IsFused && stage.Shape.Model.FlashAttention)
        {
            return;
        }

        AffineInBatch scores = stage.Rows * (heads * context);
        stage.Vector(
            "softmax",
            flops: 5 * scores,
            bytes: stage.Shape.Model.FlashAttention ? 0 : 2 * scores * stage.ActivationBytes,
            weightElements: stage.Has(BlockExtras.AttentionSinks) ? heads : 0,
            kind: LaunchKind.Softmax);
    }

    /// <summary>A sigmoid gate of the attention output: its own projection, then four FLOP an element (docs/cost-model.md, "Attention gate"; inferred).</summary>
    public static void Gate(StageBuilder stage, double width)
    {
        stage.Weigh(Projection.AttentionGate);
        stage.Linear("gate_projection", stage.Rows, stage.Shape.Model.Hidden, width);
        stage.Vector("gate_multiply", flops: 4 * stage.Rows * width, bytes: 3 * stage.Rows * width * stage.ActivationBytes);
    }

    /// <summary>Query, key and value are one product: its weights count at their mean.</summary>
    private static void WeighTogether(StageBuilder stage, double queryWidth, double keyWidth)
    {
        double query = stage.BytesOf(Projection.Query);
        double key = stage.BytesOf(Projection.Key);
        double value = stage.BytesOf(Projection.Value);
        stage.Weigh(query == key && key == value
            ? query
            : ((queryWidth * query) + (keyWidth * (key + value))) / (queryWidth + (2 * keyWidth)));
    }

    /// <summary>
    /// Normalises queries and keys. The seed's form does so always, with a scale of each one's head size (cost model A2). An engine does each by a
    /// kernel of its own, where a published configuration says that there is one. Over all heads, ranks add their squares up first, of queries and of keys.
    /// </summary>
    private static void Norm(StageBuilder stage, double queryWidth, double keyWidth)
    {
        QueryKeyNorm norm = stage.Shape.Model.Structure?.QueryKeyNorm ?? (stage.IsFused ? QueryKeyNorm.None : QueryKeyNorm.PerHead);
        if (norm == QueryKeyNorm.None)
        {
            return;
        }

        double width = queryWidth + keyWidth;
        double weights = norm switch
        {
            QueryKeyNorm.AllHeads => width,
            QueryKeyNorm.WithoutScale => 0,
            _ => 2d * stage.Shape.Model.HeadSize,
        };
        if (norm == QueryKeyNorm.AllHeads)
        {
            stage.SumOverRanks("query_norm_all_reduce", stage.Rows);
            stage.SumOverRanks("key_norm_all_reduce", stage.Rows);
        }

        if (stage.IsFused)
        {
            stage.Pass("query_norm", stage.Rows, queryWidth, weights / 2);
            stage.Pass("key_norm", stage.Rows, keyWidth, weights / 2);
            return;
        }

        stage.RootMeanSquareNorm("qk_norm", stage.Rows, width, weights, weights);
    }
}
