using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Example.Tests;

/// <summary>
/// Blocks of DeepSeek-V4 (docs/cost-model.md, "DeepSeek-V4"): h = 8, w = 0.5, a = 2, c = 4, r = 3 sequences of decode, S = 9; prompt and answer have 10 tokens, a
/// window 4. Four heads of 4, query rank 3, two output groups of rank 5; an entry takes 16 bytes.
/// </summary>
public sealed class CompressedAttentionTests
{
    private const double Sequences = 3;
    private const string SparseBlock = "compressed_sparse_attention";
    private const string HeavyBlock = "heavily_compressed_attention";

    private static readonly CompressedDimensions Widths = new(HeadSize: 4, RotaryHeadSize: 2, QueryRank: 3, OutputGroups: 2, OutputRank: 5, Ratio: 4);

    /// <summary>One entry for 4 tokens, one of them selected; one for 3 tokens.</summary>
    private static TransformerModel Model => ToyBlocks.Of(
        ToyModel.Dense,
        structure => structure with { Streams = new HyperConnections(Streams: 2, Rounds: 20) },
        Block(Widths with { Indexer = new SparseIndexer(Heads: 2, HeadSize: 2, SelectedTokens: 1) }),
        Block(Widths with { Ratio = 3 }));

    private static BlockKind Block(CompressedDimensions widths) => ToyBlocks.Dense(AttentionReach.Window(4)) with { Form = AttentionForm.OfCompressed(4, widths) };

    private static ToyStage Stage(Phase phase, int tp = 1) => new(ToyModel.Shape(Model, phase, ToyModel.Cards(tp: tp)));

    [Fact]
    public void Into_and_out_of_the_ranks()
    {
        ToyStage stage = Stage(Phase.Decode);

        // FLOP 2·3·8·3 = 144. Bytes 8·3·0.5 + 3·(8 + 3)·2 = 12 + 66.
        stage.Costs($"{SparseBlock}/q_a_projection", Sequences, flops: 144, bytes: 78);

        // Two groups of 8 to 5: FLOP 2·3·2·8·5 = 480. Bytes 2·8·5·0.5 + 3·2·(8 + 5)·2 = 40 + 156.
        stage.Costs($"{SparseBlock}/output_down", Sequences, flops: 480, bytes: 196);

        // FLOP 2·3·10·8 = 480. Bytes 10·8·0.5 + 3·(10 + 8)·2 = 40 + 108.
        stage.Costs($"{SparseBlock}/output_projection", Sequences, flops: 480, bytes: 148);
    }

    [Fact]
    public void Entries_are_made_and_selected()
    {
        ToyStage stage = Stage(Phase.Decode);

        // Two windows of 4, values and weights, 16: FLOP 2·3·8·16 = 768. Bytes 8·16·0.5 + 3·(8 + 16)·2 = 64 + 144.
        stage.Costs($"{SparseBlock}/compressor_projection", Sequences, flops: 768, bytes: 208);

        // FLOP 7·3·8 = 168. Bytes 3·(2·8·4 + 16/4) + (4·8 + 4)·4 = 204 + 144.
        stage.Costs($"{SparseBlock}/compress", Sequences, flops: 168, bytes: 348);

        // 9/4 entries: FLOP 2·3·4·2.25 = 54. Bytes 3·4·2 + 3·2.25·2·4 = 24 + 54.
        stage.Costs($"{SparseBlock}/index_score", Sequences, flops: 54, bytes: 78);

        // FLOP 3·3·2·2.25 = 40.5. Bytes 2·3·2.25·4 = 54.
        stage.Costs($"{SparseBlock}/index_selection", Sequences, flops: 40.5, bytes: 54);

        // One window of 4: FLOP 2·3·8·8 = 384. Bytes 8·8·0.5 + 3·(8 + 8)·2 = 32 + 96.
        stage.Costs($"{HeavyBlock}/compressor_projection", Sequences, flops: 384, bytes: 128);
        Assert.False(stage.Has($"{HeavyBlock}/index_score"));
    }

    [Fact]
    public void Attention_to_a_window_and_entries()
    {
        ToyStage decode = Stage(Phase.Decode);

        // 4 tokens and one entry: FLOP 4·3·4·4·5 = 960. Bytes 3·2·16·2 + (3·4 + 3·1)·16 = 192 + 240.
        decode.Costs($"{SparseBlock}/flash_score_value", Sequences, flops: 960, bytes: 432);

        // 4 tokens and 9/3 entries: FLOP 4·3·4·4·7 = 1,344. Bytes 192 + (3·4 + 3·3)·16 = 192 + 336.
        decode.Costs($"{HeavyBlock}/flash_score_value", Sequences, flops: 1344, bytes: 528);

        // 18 rows see (1 + 2 + 3 + 4 + 4 + 4)/6 = 3 tokens and as many by four in an entry, 0.75: FLOP 4·18·16·3.75 = 4,320.
        // Bytes 18·2·16·2 + (3·6 + 18·0.75)·16 = 1,152 + 504.
        Stage(Phase.Prefill).Costs($"{SparseBlock}/flash_score_value", Sequences, flops: 4320, bytes: 1656);
    }

    [Fact]
    public void Streams_are_mixed_before_each_part_and_added_nowhere_else()
    {
        ToyStage stage = Stage(Phase.Decode);

        // (2 + 2)·2 = 8 numbers of 16: a row 2·8·16 + 2·2·4·8 + 4·2·2·20 = 704. Bytes 3·2·3·8·2 + (8·16 + 8 + 3)·4 = 288 + 556.
        stage.Costs($"{SparseBlock}/hyper_connection", Sequences, flops: 2112, bytes: 844);
        stage.Costs("mlp/hyper_connection", Sequences, flops: 2112, bytes: 844);

        // A row 2·2·2·8 + 2·2·8 = 96. Bytes 3·3·8·2 + (2·2·8 + 3)·4 = 144 + 140.
        stage.Costs("hyper_connection_head/hyper_connection", Sequences, flops: 288, bytes: 284);
        Assert.False(stage.Has($"{SparseBlock}/residual"));
        Assert.False(stage.Has("mlp/residual"));
    }

    [Fact]
    public void Cards_share_groups_of_heads_and_repeat_what_has_one_head()
    {
        ToyStage stage = Stage(Phase.Decode, tp: 2);
        Relative.Equal(240, stage.Flops($"{SparseBlock}/output_down", Sequences));
        Relative.Equal(480, stage.Flops($"{SparseBlock}/flash_score_value", Sequences));
        Relative.Equal(768, stage.Flops($"{SparseBlock}/compressor_projection", Sequences));
        Assert.Equal(
            "tensor parallel 4 does not divide the 2 groups of heads with an output projection of their own",
            Divisibility.Obstacle(Model, new AttentionTriple(1, 1, 4)));
    }

    [Fact]
    public void A_window_entries_and_what_no_entry_stands_for_yet_are_kept()
    {
        // Windows 2·4·16. Entries 10·(16 + 2·4)/4 = 60 and 10·16/3. Compressors: 2·2·4·(8 + 4)·4 = 768 and 2·3·4·4 = 96.
        MemoryFootprint memory = MemoryFootprint.Of(StageLowering.Lower(ToyModel.Decode(Model, ToyModel.Cards())));
        Relative.Equal(128 + 60 + (160d / 3) + 768 + 96, memory.CacheBytesPerSequence);
        Relative.Equal(864, memory.StateBytesPerSequence);
    }

    /// <summary>An engine launches both ranks as one product, both norms as one pass, and the streams with the norm that follows them.</summary>
    [Fact]
    public void An_engine_launches_fewer()
    {
        ToyStage stage = new(ToyModel.Decode(Model, ToyModel.Cards()) with { Accounting = Accounting.Physical, Engine = ServingEngine.All["vllm"] });

        // (3 + 4) wide: FLOP 2·3·8·7 = 336. Bytes 8·7·0.5 + 3·(8 + 7)·2 = 28 + 90.
        stage.Costs($"{SparseBlock}/query_key_down", Sequences, flops: 336, bytes: 118);

        // As by itself, 844, and a norm's 8 weights of 4.
        stage.Costs($"{SparseBlock}/hyper_connection", Sequences, flops: 2112, bytes: 876);
        Assert.False(stage.Has($"{SparseBlock}/residual_norm"));

        // Read and written: FLOP 6·3·16 = 288. Bytes 2·3·16·2 = 192.
        stage.Costs($"{SparseBlock}/inverse_rotary", Sequences, flops: 288, bytes: 192);
    }
}
