using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Example.Tests;

/// <summary>Heads padded to TP (docs/cost-model.md, "Padded heads"): r = 3, h = 8, H = 4, K = 2, d = 2, S = 9; w = 0.5, a = 2, c = 4.</summary>
public sealed class PaddedHeadTests
{
    private const double Rows = 3;

    private static readonly TransformerModel Padded = ToyModel.Dense with { PadsHeads = true, FeedForward = 24 };

    private static readonly ToyStage ThreeCards = new(ToyModel.Decode(Padded, ToyModel.Cards(tp: 3)));

    /// <summary>Heads a card has of each, worked out beside each line.</summary>
    [Theory]
    [InlineData(40, 8, 16, 3, 1)] // 2 cards a group of 5: 3 and 2 heads.
    [InlineData(28, 4, 8, 4, 1)] // 2 cards a group of 7: 4 and 3.
    [InlineData(48, 1, 64, 1, 1)] // PaLM 540B: 16 of 64 cards have padding alone.
    [InlineData(40, 40, 16, 3, 3)] // A group a head: 13 cards of 3, one of 1, two of padding.
    [InlineData(56, 8, 3, 19, 4)] // In order: heads 19 to 37 are of groups 2 to 5 of 7 heads.
    [InlineData(40, 10, 8, 5, 2)] // In order: heads 0 to 4 are of groups 0 and 1 of 4.
    [InlineData(40, 10, 16, 3, 2)] // In order: heads 3 to 5 are of groups 0 and 1.
    [InlineData(40, 8, 9, 5, 1)] // A card a group, and one of padding.
    [InlineData(40, 8, 4, 10, 2)] // Whole shares.
    [InlineData(40, 8, 40, 1, 1)]
    public void Heads_of_a_card(int heads, int keyValueHeads, int tensorParallel, double queries, double keysAndValues)
    {
        TransformerModel model = Padded with { Heads = heads, KeyValueHeads = keyValueHeads };
        Assert.Equal((queries, keysAndValues), (HeadShares.Queries(model, tensorParallel), HeadShares.KeysAndValues(model, tensorParallel)));
    }

    /// <summary>TP = 3: H' = ceil(4/3) = 2, and each of the two key-value heads has a card, the third padding: K' = 1, n = (2 + 2·1)·2 = 8.</summary>
    [Fact]
    public void Projections_attention_and_output_pay_for_padding()
    {
        // FLOP 2·3·8·8 = 384. Bytes 8·8·0.5 + 3·(3·8 + 8)·2 = 32 + 192.
        ThreeCards.Costs("attention/qkv_projection", Rows, flops: 384, bytes: 224);

        // FLOP 4·3·2·2·9 = 432. Bytes 3·(2·2·2·2 + 2·1·2·9·4) = 3·(16 + 144).
        ThreeCards.Costs("attention/flash_score_value", Rows, flops: 432, bytes: 480);

        // H'd = 4. FLOP 2·3·4·8 = 192. Bytes 4·8·0.5 + 3·(4 + 8)·2 = 16 + 72.
        ThreeCards.Costs("attention/output_projection", Rows, flops: 192, bytes: 88);

        // The feed-forward is shared evenly: 24/3 = 8 wide. FLOP 2·3·8·8 a product of three; bytes 8·8·0.5 + 3·(8 + 8)·2.
        ThreeCards.Costs("mlp/gate_projection", Rows, flops: 384, bytes: 128);
    }

    /// <summary>Of latent attention, H' = ceil(4/3) = 2: the query's 2·(3 + 2) = 10 from a rank of 5, the output's 2·5 = 10.</summary>
    [Fact]
    public void Latent_heads_are_padded_too()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.LatentExperts with { PadsHeads = true }, new ParallelLayout(1, 1, 3, 3, 1, 1, 2, 2)));

        // FLOP 2·3·5·10 = 300. Bytes 5·10·0.5 + 3·(5 + 10)·2 = 25 + 90.
        stage.Costs("attention/q_b_projection", Rows, flops: 300, bytes: 115);

        // FLOP 2·3·10·8 = 480. Bytes 10·8·0.5 + 3·(10 + 8)·2 = 40 + 108.
        stage.Costs("attention/output_projection", Rows, flops: 480, bytes: 148);
    }

    /// <summary>A card caches K' = 1 head, 1·(2 + 2)·4 = 16 bytes a token and block; without padding 3 cards would be said to have 2/3 of one each.</summary>
    [Fact]
    public void The_cache_is_of_whole_heads() => Assert.Equal(4, CacheWidth.Of(Padded, 3));

    /// <summary>Weights of a block: norm 8, qkv 8·8, q/k norm 2·2, output 4·8; norm 8, 3·8·8.</summary>
    [Fact]
    public void Memory_holds_padded_projections() =>
        Relative.Equal(4 * (8 + 64 + 4 + 32 + 8 + 192) * 0.5, MemoryFootprint.Of(ThreeCards.Table).WeightBytes);

    [Fact]
    public void Layouts_are_admitted_where_the_model_pads()
    {
        AttentionTriple three = new(1, 1, 3);
        Assert.Contains("3 does not divide the 4 attention heads", Divisibility.Obstacle(Padded with { PadsHeads = false }, three), StringComparison.Ordinal);
        Assert.Null(Divisibility.Obstacle(Padded, three));
        Assert.Contains("feed-forward width 16", Divisibility.Obstacle(Padded with { FeedForward = 16 }, three), StringComparison.Ordinal);
        Assert.Null(Divisibility.Obstacle(Padded with { Heads = 6, KeyValueHeads = 2 }, three));
        Assert.Contains("neither", Divisibility.Obstacle(Padded with { Heads = 6, KeyValueHeads = 2, PadsHeads = false }, three), StringComparison.Ordinal);
    }

    /// <summary>Heads that keep a state are not padded: their chunks and groups are the model's.</summary>
    [Fact]
    public void Heads_with_a_state_are_not_padded()
    {
        AttentionForm delta = AttentionForm.OfState(AttentionKind.GatedDelta, new StateDimensions(2, 4, 2, 2, 4, 64, 4));
        TransformerModel model = ToyBlocks.Of(Padded with { Heads = 4 }, ToyBlocks.Dense() with { Form = delta }, ToyBlocks.Dense(), ToyBlocks.Dense(), ToyBlocks.Dense());
        Assert.Contains("keep a state", Divisibility.Obstacle(model, new AttentionTriple(1, 1, 3)), StringComparison.Ordinal);
    }

    /// <summary>Six heads in two groups on three cards: the heads divide, their groups do not.</summary>
    [Theory]
    [InlineData("vllm")]
    [InlineData("sglang")]
    [InlineData("trtllm")]
    public void No_engine_pads(string engine)
    {
        TransformerModel model = Padded with { Heads = 6, KeyValueHeads = 2 };
        EngineLayouts layouts = new(engine, model, ToyChip.Balanced with { Networks = [ToyChip.Outer] }, 0);
        ParallelLayout three = ToyModel.Cards(tp: 3);
        Assert.Equal(LayoutRefusal.HeadsUneven, layouts.Refusal(three));
        Assert.Contains("pads heads of keys and values", layouts.Words(LayoutRefusal.HeadsUneven, three), StringComparison.Ordinal);
        Assert.Equal(LayoutRefusal.None, layouts.Refusal(ToyModel.Cards(tp: 2)));
    }
}
