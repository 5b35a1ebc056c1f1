using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Example.Tests;

/// <summary>
/// Blocks of Gemma 4 (docs/cost-model.md, "Gemma 4"): h = 8, w = 0.5, a = 2, c = 4, r = 3 sequences of decode, S = 9; prompt and answer have 10 tokens, a window 4.
/// </summary>
public sealed class SharedCacheTests
{
    private const double Sequences = 3;

    private static readonly AttentionForm Windowed = new(AttentionKind.GroupQuery) { Heads = 4, KeyValueHeads = 2, HeadSize = 2, QueryKeyNorm = QueryKeyNorm.PerHead };

    private static readonly AttentionForm Whole = new(AttentionKind.GroupQuery) { Heads = 4, KeyValueHeads = 1, HeadSize = 4, ValuesAreKeys = true };

    private static TransformerModel Model => ToyBlocks.Of(
        ToyModel.Dense,
        structure => structure with { LayerInputs = new LayerInputs(Width: 3, Vocabulary: 5) },
        ToyBlocks.Dense(AttentionReach.Window(4)) with { Form = Windowed },
        ToyBlocks.Dense() with { Form = Whole },
        ToyBlocks.Dense(AttentionReach.Window(4)) with { Form = Windowed with { BorrowsCache = true }, OwnFeedForward = 2 * ToyModel.Dense.FeedForward },
        ToyBlocks.Dense() with { Form = Whole with { BorrowsCache = true } });

    private static ToyStage Stage(Phase phase) => new(ToyModel.Shape(Model, phase, ToyModel.Cards()));

    [Fact]
    public void Keys_that_are_values_are_projected_once_and_cached_twice()
    {
        ToyStage stage = Stage(Phase.Decode);

        // 4·4 + 1·4 = 20 wide: FLOP 2·3·8·20 = 960. Bytes 8·20·0.5 + 3·(3·8 + 20)·2 = 80 + 264.
        stage.Costs("attention/qkv_projection", Sequences, flops: 960, bytes: 344);

        // FLOP 2·3·4·(4 + 4)·9 = 1,728. Bytes 3·32·2 + 3·(4 + 4)·9·4 = 192 + 864.
        stage.Costs("attention/flash_score_value", Sequences, flops: 1728, bytes: 1056);
    }

    [Fact]
    public void A_block_that_reads_anothers_cache_projects_queries_alone()
    {
        ToyStage stage = Stage(Phase.Decode);

        // 4·2 = 8 wide: FLOP 2·3·8·8 = 384. Bytes 8·8·0.5 + 3·(3·8 + 8)·2 = 32 + 192.
        stage.Costs("attention_window_4_shared_cache/qkv_projection", Sequences, flops: 384, bytes: 224);

        // Queries alone: FLOP 7·3·8 = 168. Bytes (2·3·8 + 2)·2 = 100.
        stage.Costs("attention_window_4_shared_cache/qk_norm", Sequences, flops: 168, bytes: 100);

        // It reads what is there: FLOP 2·3·4·(2 + 2)·4 = 384. Bytes 3·16·2 + 3·2·(2 + 2)·4·4 = 96 + 384.
        stage.Costs("attention_window_4_shared_cache/flash_score_value", Sequences, flops: 384, bytes: 480);
        Assert.Equal(1, stage.Repeats("attention_shared_cache/flash_score_value"));
        ToyStage prefill = Stage(Phase.Prefill);
        Assert.True(prefill.Has("attention_window_4/cache_write"));
        Assert.False(prefill.Has("attention_window_4_shared_cache/cache_write"));
    }

    [Fact]
    public void A_cache_is_kept_where_it_is_made_and_within_reach()
    {
        // Window: 4 tokens of 2·(2 + 2) in 4 bytes, 128. Whole: 10 tokens of 1·(4 + 4) in 4 bytes, 320. The other two keep nothing.
        Assert.Equal(448, MemoryFootprint.Of(StageLowering.Lower(ToyModel.Decode(Model, ToyModel.Cards()))).CacheBytesPerSequence);
    }

    [Fact]
    public void Widths_and_inputs_of_blocks()
    {
        ToyStage stage = Stage(Phase.Decode);
        Assert.Equal(3, stage.Repeats("mlp/up_projection"));
        Assert.Equal(1, stage.Repeats("mlp_double_wide/up_projection"));

        // 2·16 wide: FLOP 2·3·8·32 = 1,536. Bytes 8·32·0.5 + 3·(8 + 32)·2 = 128 + 240.
        stage.Costs("mlp_double_wide/up_projection", Sequences, flops: 1536, bytes: 368);

        // Four blocks of 3, once: FLOP 2·3·8·12 = 576. Bytes 8·12·0.5 + 3·(8 + 12)·2 = 48 + 120. The table is read, 12 a row, and written.
        stage.Costs("per_layer_inputs/per_layer_model_projection", Sequences, flops: 576, bytes: 168);
        stage.Costs("per_layer_inputs/per_layer_lookup", Sequences, flops: 0, bytes: 144);

        // A block: FLOP 2·3·8·3 = 144. Bytes 8·3·0.5 + 3·(8 + 3)·2 = 12 + 66.
        stage.Costs("per_layer_input/per_layer_gate", Sequences, flops: 144, bytes: 78);
        Assert.Equal(4, stage.Repeats("per_layer_input/per_layer_gate"));
    }

    [Fact]
    public void Experts_beside_a_dense_feed_forward_are_both_there()
    {
        TransformerModel both = ToyBlocks.Of(ToyModel.GroupQueryExperts, ToyBlocks.Expert() with { HasDenseBesides = true }, ToyBlocks.Expert());
        both = both with { Structure = both.Structure! with { NormsPerBlock = 4 } };
        ToyStage stage = new(ToyModel.Shape(both, Phase.Decode, ToyModel.Cards()));
        Assert.Equal(2, stage.Repeats("moe/router"));
        Assert.Equal(1, stage.Repeats("mlp/up_projection"));

        // FLOP 8·3·8 = 192. Bytes 3·3·8·2 = 144.
        stage.Costs("moe_and_mlp/sum_norm", Sequences, flops: 192, bytes: 144);
    }

    [Fact]
    public void A_pipeline_does_not_part_readers_from_what_they_read()
    {
        Assert.Null(Divisibility.Obstacle(Model, new AttentionTriple(1, 1, 1)));
        Assert.Equal(
            "pipeline parallel 2 parts blocks from the one whose keys and values they read", Divisibility.Obstacle(Model, new AttentionTriple(1, 2, 1)));
    }
}
