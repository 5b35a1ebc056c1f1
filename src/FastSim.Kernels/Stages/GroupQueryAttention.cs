using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>Group-query attention of one block (cost model A2; prefill B2). Multi-head has as many key-value heads as heads, multi-query one.</summary>
internal static class GroupQueryAttention
{
    public static void Lower(StageBuilder stage)
    {
        TransformerModel model = stage.Model;
        bool prefill = stage.Shape.Phase == Phase.Prefill;
        AffineInBatch rows = stage.Rows;
        AffineInBatch sequences = stage.Sequences;
        double activation = stage.ActivationBytes;
        double hidden = model.Hidden;
        double headSize = model.HeadSize;
        double heads = HeadShares.Queries(model, stage.Shape.Layout.TensorParallel);
        double keyValueHeads = HeadShares.KeysAndValues(model, stage.Shape.Layout.TensorParallel);
        double valueSize = model.ValueHeadSize;
        double keyValueWidth = keyValueHeads * (headSize + valueSize);

        // An engine makes the gate with the query where one matrix yields both.
        bool gatesWithQuery = stage.IsFused && model.Form?.Gate == OutputGate.PerElementOfQuery;
        double keyWidth = model.Form is { BorrowsCache: true } ? 0 : keyValueHeads * headSize;
        double valueWidth = model.Form is { BorrowsCache: true } ? 0 : keyValueHeads * valueSize;
        double projectedValues = model.Form is { ValuesAreKeys: true } ? 0 : valueWidth;
        double queryRank = model.Form?.QueryRank ?? 0;
        double queries = queryRank > 0 ? queryRank : (heads * headSize) + (gatesWithQuery ? heads * valueSize : 0);
        double projected = queries + (keyWidth + projectedValues);

        stage.BlockNorm(rows, hidden);
        WeighTogether(stage, queryRank > 0 ? Projection.QueryDown : Projection.Query, queries, keyWidth, projectedValues);

        // The seed's form counts three products, an engine launches one, which reads its input once.
        double inputs = stage.IsFused ? hidden : 3 * hidden;
        stage.Linear("qkv_projection", rows, hidden, projected, activationsPerRow: inputs + projected, BlockExtras.QueryKeyValueBias);
        if (queryRank > 0)
        {
            stage.RootMeanSquareNorm("query_rank_norm", rows, queryRank, queryRank, queryRank);
            stage.Weigh(Projection.QueryUp);
            stage.Linear("query_up_projection", rows, queryRank, heads * headSize);
        }

        Norm(stage, heads * headSize, keyWidth, valueWidth);
        if (stage.IsFused)
        {
            stage.Pass("rotary", rows, (heads * headSize) + (keyWidth + valueWidth));
        }
        else if (prefill && model.Form is not { BorrowsCache: true })
        {
            stage.Store("cache_write", bytes: rows * keyValueWidth * stage.CacheBytes);
        }

        if (prefill)
        {
            ContextPasses.Gather(stage, keyValueWidth);
        }

        // The rows of a sequence share what they read, unless each selects its own blocks.
        double context = stage.Context;
        AffineInBatch read = sequences * (keyValueWidth * stage.CachedTokens * stage.CacheBytes);
        if (model.Structure?.Indexer is { } indexer)
        {
            SparseSelection.Lower(stage, indexer, hidden);
            context = stage.ContextWithin(indexer.Selection);
            read = rows * (keyValueWidth * context * stage.CacheBytes);
        }

        stage.Product(
            "flash_score_value",
            LaunchKind.ScoreAndValue,
            stage.Shape.Accounting == Accounting.Seed ? OperatorRate.Matrix : OperatorRate.Attention,
            readsCache: true,
            flops: 2 * rows * (heads * (headSize + valueSize) * context),
            bytes: (rows * (heads * (headSize + valueSize) * activation)) + read,
            columns: context,
            depth: headSize);
        Softmax(stage, heads, context);
        ContextPasses.Combine(stage, heads, valueSize);
        heads /= stage.Shape.ContextRanks;
        stage.Slices = WeightSlices.Outputs;
        if (model.AttentionGate)
        {
            Gate(stage, heads, valueSize);
        }

        stage.Weigh(Projection.AttentionOutput);
        stage.Slices = WeightSlices.Inputs;
        stage.Linear("output_projection", rows, heads * valueSize, hidden, BlockExtras.OutputBias);
        stage.Slices = WeightSlices.None;
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

    /// <summary>
    /// A sigmoid gate of the attention output: its own projection unless the query's yields it, then four FLOP an element (docs/cost-model.md, "Attention
    /// gate"; inferred). A gate a head is as wide as there are heads.
    /// </summary>
    public static void Gate(StageBuilder stage, double heads, double valueSize)
    {
        OutputGate gate = stage.Model.Form?.Gate ?? OutputGate.PerElement;
        double width = heads * valueSize;
        double gates = gate == OutputGate.PerHead ? heads : width;
        if (!stage.IsFused || gate != OutputGate.PerElementOfQuery)
        {
            stage.Weigh(Projection.AttentionGate);
            stage.Linear("gate_projection", stage.Rows, stage.Shape.Model.Hidden, gates);
        }

        stage.Vector("gate_multiply", flops: 4 * stage.Rows * width, bytes: stage.Rows * ((2 * width) + gates) * stage.ActivationBytes);
    }

    /// <summary>Query, key and value are one product: its weights count at their mean.</summary>
    private static void WeighTogether(StageBuilder stage, Projection queries, double queryWidth, double keyWidth, double valueWidth)
    {
        double query = stage.BytesOf(queries);
        double key = stage.BytesOf(Projection.Key);
        double value = stage.BytesOf(Projection.Value);
        stage.Weigh(query == key && key == value
            ? query
            : ((queryWidth * query) + (keyWidth == valueWidth ? keyWidth * (key + value) : (keyWidth * key) + (valueWidth * value)))
                / (queryWidth + keyWidth + valueWidth));
    }

    /// <summary>
    /// Normalises queries and keys. The seed's form does so always, with a scale of each one's head size (cost model A2). An engine does each by a
    /// kernel of its own, where a published configuration says that there is one. Over all heads, ranks add their squares up first, of queries and of keys.
    /// </summary>
    private static void Norm(StageBuilder stage, double queryWidth, double keyWidth, double valueWidth)
    {
        QueryKeyNorm norm = stage.Model.Structure?.QueryKeyNorm ?? stage.Model.StatedNorm ?? (stage.IsFused ? QueryKeyNorm.None : QueryKeyNorm.PerHead);
        if (norm == QueryKeyNorm.None)
        {
            return;
        }

        double normedValues = norm == QueryKeyNorm.PerHeadAndValue ? valueWidth : 0;
        double width = queryWidth + keyWidth + normedValues;
        double weights = norm switch
        {
            QueryKeyNorm.AllHeads => width,
            QueryKeyNorm.WithoutScale => 0,
            _ => (keyWidth > 0 ? 2d : 1d) * stage.Model.HeadSize,
        };
        if (norm == QueryKeyNorm.AllHeads)
        {
            stage.SumOverRanks("query_norm_all_reduce", stage.Rows);
            stage.SumOverRanks("key_norm_all_reduce", stage.Rows);
        }

        if (stage.IsFused)
        {
            stage.Pass("query_norm", stage.Rows, queryWidth, keyWidth > 0 ? weights / 2 : weights);
            if (keyWidth > 0)
            {
                stage.Pass("key_norm", stage.Rows, keyWidth, weights / 2);
            }

            if (normedValues > 0)
            {
                stage.Pass("value_norm", stage.Rows, normedValues);
            }

            return;
        }

        stage.RootMeanSquareNorm("qk_norm", stage.Rows, width, weights, weights);
    }
}
