using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// Compressed attention of one block (docs/cost-model.md, "DeepSeek-V4"): a window of the last tokens, and entries that each stand for several tokens before,
/// all of them or those that an indexer selects. The one head of keys and values is on every card, and so are compressors and indexer.
/// </summary>
internal static class CompressedAttention
{
    private const double ScoreBytes = 4;
    internal const double CompressorBytes = 4;

    public static void Lower(StageBuilder stage)
    {
        CompressedDimensions compression = stage.Model.Form!.Compression!;
        AffineInBatch rows = stage.Rows;
        double hidden = stage.Model.Hidden;
        int tensorParallel = stage.Shape.Layout.TensorParallel;
        double heads = (double)stage.Model.Heads / tensorParallel;
        double queryWidth = heads * compression.HeadSize;

        stage.BlockNorm(rows, hidden);
        Down(stage, compression);
        Compress(stage, compression);
        stage.Weigh(Projection.QueryUp);
        stage.Linear("q_b_projection", rows, compression.QueryRank, queryWidth);
        if (stage.IsFused)
        {
            stage.Pass("rotary", rows, queryWidth + compression.HeadSize);
        }
        else
        {
            stage.RootMeanSquareNorm("query_norm", rows, queryWidth, weightsRead: 0, weightElements: 0);
            if (stage.Shape.Phase == Phase.Prefill)
            {
                stage.Store("cache_write", bytes: rows * compression.EntryBytes(stage.CacheBytes));
            }
        }

        Attend(stage, compression, heads);
        if (stage.IsFused)
        {
            // Values were cached with their rotary embedding: outputs are turned back.
            stage.Pass("inverse_rotary", rows, queryWidth);
        }

        double groups = (double)compression.OutputGroups / tensorParallel;
        stage.Weigh(Projection.OutputDown);
        stage.HeadLinear("output_down", rows, groups, queryWidth / groups, compression.OutputRank);
        stage.Weigh(Projection.AttentionOutput);
        stage.Linear("output_projection", rows, groups * compression.OutputRank, hidden, BlockExtras.OutputBias);
        stage.TensorParallelAllReduce(rows, bytesPerElement: 0);
        stage.OutputNorm(rows);
        stage.Residual(rows);
    }

    private static void Down(StageBuilder stage, CompressedDimensions compression)
    {
        AffineInBatch rows = stage.Rows;
        double hidden = stage.Model.Hidden;
        double rank = compression.QueryRank;
        double head = compression.HeadSize;
        if (stage.IsFused)
        {
            stage.Weigh(((rank * stage.BytesOf(Projection.QueryDown)) + (head * stage.BytesOf(Projection.KeyValueDown))) / (rank + head));
            stage.Linear("query_key_down", rows, hidden, rank + head);
            stage.Pass("query_key_norm", rows, rank + head, rank + head);
            return;
        }

        stage.Weigh(Projection.QueryDown);
        stage.Linear("q_a_projection", rows, hidden, rank);
        stage.RootMeanSquareNorm("q_a_norm", rows, rank, rank, rank);
        stage.Weigh(Projection.KeyValueDown);
        stage.Linear("key_projection", rows, hidden, head);
        stage.RootMeanSquareNorm("key_norm", rows, head, head, head);
    }

    /// <summary>New entries, and where entries are selected their index keys, scores and choice.</summary>
    private static void Compress(StageBuilder stage, CompressedDimensions compression)
    {
        if (compression.Ratio == 0)
        {
            return;
        }

        stage.Weigh(Projection.Compressor);
        stage.PlainLinear("compressor_projection", stage.Rows, stage.Model.Hidden, 2 * compression.CompressorWidth);
        Entries(stage, "compress", compression, compression.CompressorWidth, compression.HeadSize, compression.EntryBytes(stage.CacheBytes));
        if (compression.Indexer is { } indexer)
        {
            Select(stage, compression, indexer);
        }
    }

    private static void Select(StageBuilder stage, CompressedDimensions compression, SparseIndexer indexer)
    {
        AffineInBatch rows = stage.Rows;
        double hidden = stage.Model.Hidden;
        double width = (double)indexer.Heads * indexer.HeadSize;
        double entries = stage.ContextWithin(AttentionReach.Whole) / compression.Ratio;
        double indexBytes = compression.IndexBytes(stage.CacheBytes);
        stage.Weigh(Projection.IndexCompressor);
        stage.PlainLinear("index_compressor_projection", rows, hidden, 2 * compression.IndexCompressorWidth);
        Entries(stage, "index_compress", compression, compression.IndexCompressorWidth, indexer.HeadSize, indexBytes);
        stage.Weigh(Projection.IndexQuery);
        stage.Linear("index_q_projection", rows, compression.QueryRank, width);
        stage.Weigh(Projection.IndexWeights);
        stage.PlainLinear("index_weights_projection", rows, hidden, indexer.Heads);
        stage.Product(
            "index_score",
            LaunchKind.IndexScore,
            OperatorRate.Attention,
            readsCache: true,
            flops: 2 * rows * (width * entries),
            bytes: (rows * (width * stage.ActivationBytes)) + (stage.Sequences * (Cached(stage, compression) * indexBytes)),
            columns: entries,
            depth: indexer.HeadSize);
        stage.Vector("index_selection", flops: 3 * rows * (indexer.Heads * entries), bytes: 2 * rows * entries * ScoreBytes, kind: LaunchKind.Selection);
    }

    /// <summary>A softmax over the tokens of an entry, channel by channel: values and weights of a row in 32 bits are read, an entry for several rows written.</summary>
    private static void Entries(StageBuilder stage, string name, CompressedDimensions compression, double width, double entry, double entryBytes)
    {
        double weights = compression.WeightsOf(width, entry);
        stage.Vector(
            name,
            flops: 7 * stage.Rows * width,
            bytes: (stage.Rows * ((2 * width * CompressorBytes) + (entryBytes / compression.Ratio))) + (weights * CompressorBytes),
            weightElements: weights,
            bytesPerWeight: CompressorBytes);
    }

    /// <summary>Window and entries in one kernel; the rows of a sequence share what they read, unless each selects its own entries.</summary>
    private static void Attend(StageBuilder stage, CompressedDimensions compression, double heads)
    {
        AffineInBatch rows = stage.Rows;
        double head = compression.HeadSize;
        double entryBytes = compression.EntryBytes(stage.CacheBytes);
        double entries = 0;
        AffineInBatch read = stage.Sequences * stage.CachedTokens;
        if (compression.Indexer is { } indexer)
        {
            // The rows before as many entries as are selected attend to all there are.
            entries = stage.ContextWithin(AttentionReach.Window(SelectedSpan(compression, indexer))) / compression.Ratio;
            read += rows * entries;
        }
        else if (compression.Ratio > 0)
        {
            entries = stage.ContextWithin(AttentionReach.Whole) / compression.Ratio;
            read += stage.Sequences * Cached(stage, compression);
        }

        double attended = stage.Context + entries;
        stage.Product(
            "flash_score_value",
            LaunchKind.ScoreAndValue,
            stage.Shape.Accounting == Accounting.Seed ? OperatorRate.Matrix : OperatorRate.Attention,
            readsCache: true,
            flops: 4 * rows * (heads * head * attended),
            bytes: (rows * (2 * heads * head * stage.ActivationBytes)) + (read * entryBytes),
            columns: attended,
            depth: head);
        GroupQueryAttention.Softmax(stage, heads, attended);
    }

    /// <summary>Tokens that the selected entries stand for.</summary>
    private static int SelectedSpan(CompressedDimensions compression, SparseIndexer indexer) =>
        (int)Math.Min(int.MaxValue, (long)compression.Ratio * indexer.SelectedTokens);

    /// <summary>Entries of a sequence that a pass reads.</summary>
    private static double Cached(StageBuilder stage, CompressedDimensions compression) =>
        (stage.Shape.Phase == Phase.Decode ? AttentionReach.Whole.DecodeContext(stage.Shape.Lengths) : stage.Shape.Lengths.Input) / compression.Ratio;
}
