using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Example.Tests;

/// <summary>
/// docs/cost-model.md, "Exchanges of a feed-forward": h = 8, I = 16, L = 4; a prompt of 6 tokens on TP = 4; w = 0.5, a = 2, u = 3. A card keeps a quarter of
/// three matrices of 8·16.
/// </summary>
public sealed class FeedForwardExchangeTests
{
    [Fact]
    public void Weights_are_gathered_of_all_cards()
    {
        ToyStage stage = Stage(FeedForwardExchange.WeightGathered, 4);

        // 3·8·16·0.5 bytes over four cards.
        Exchange weights = stage.Exchange("mlp/ffn_weights_all_gather");
        Assert.Equal((ExchangeGroup.TensorParallel, Collective.AllGather, 4, 4), (weights.Group, weights.Collective, weights.GroupSize, weights.Span));
        Relative.Equal(192, weights.MessageBytes.At(1));
        Relative.Equal(192, weights.MessageBytes.At(7));

        // 6/4 rows of the whole width. FLOP 2·1.5·8·16. Bytes 8·16·0.5 + 1.5·(8 + 16)·2 = 64 + 72.
        stage.Costs("mlp/gate_projection", 1, flops: 384, bytes: 136);
        stage.Costs("mlp/down_projection", 1, flops: 384, bytes: 136);

        // Each has its own rows' sums: 6·8·3 bytes bring the others'.
        Assert.False(stage.Has("mlp/ffn_all_gather") || stage.Has("mlp/ffn_reduce_scatter") || stage.Has("mlp/tp_all_reduce"));
        Relative.Equal(144, stage.Exchange("mlp/ffn_rows_all_gather").MessageBytes.At(1));
    }

    /// <summary>Two pairs: a card gathers one other's weights, and a pair has half of the rows.</summary>
    [Fact]
    public void Or_of_some()
    {
        ToyStage stage = Stage(FeedForwardExchange.WeightGathered, 2);
        Exchange weights = stage.Exchange("mlp/ffn_weights_all_gather");
        Assert.Equal((2, 4), (weights.GroupSize, weights.Span));
        Relative.Equal(96, weights.MessageBytes.At(1));

        // 3 rows, 8 wide. FLOP 2·3·8·8. Bytes 8·8·0.5 + 3·(8 + 8)·2 = 32 + 96.
        stage.Costs("mlp/gate_projection", 1, flops: 384, bytes: 128);
        Exchange sums = stage.Exchange("mlp/ffn_reduce_scatter");
        Assert.Equal((2, 2), (sums.GroupSize, sums.Span));
        Relative.Equal(72, sums.MessageBytes.At(1));
        Relative.Equal(144, stage.Exchange("mlp/ffn_rows_all_gather").MessageBytes.At(1));

        // With rows in turn a card lacks those of its neighbour: 3·8·3.
        ToyStage inTurn = Stage(FeedForwardExchange.WeightGathered, 2, sequenceParallel: true);
        Relative.Equal(72, inTurn.Exchange("mlp/ffn_all_gather").MessageBytes.At(1));
        Assert.False(inTurn.Has("mlp/ffn_rows_all_gather"));
        Assert.False(Stage(FeedForwardExchange.WeightGathered, 4, sequenceParallel: true).Has("mlp/ffn_all_gather"));
    }

    /// <summary>Two attention ranks of TP = 2: a card of either gathers the other's weights, and no row leaves its rank.</summary>
    [Fact]
    public void Of_attention_ranks_rows_stay()
    {
        ParallelLayout layout = ToyModel.Cards(dp: 2, tp: 2) with { AttentionDataParallel = 2, FeedForward = new(FeedForwardExchange.WeightGathered, 2) };
        ToyStage stage = new(ToyModel.Prefill(ToyModel.Dense, layout));
        Assert.Equal((2, 4), (stage.Exchange("mlp/ffn_weights_all_gather").GroupSize, stage.Exchange("mlp/ffn_weights_all_gather").Span));
        Relative.Equal(96, stage.Exchange("mlp/ffn_weights_all_gather").MessageBytes.At(1));
        Assert.False(stage.Has("mlp/ffn_all_gather"));

        // A rank's 6 rows, half of the width. FLOP 2·6·8·8. Bytes 8·8·0.5 + 6·(8 + 8)·2.
        stage.Costs("mlp/gate_projection", 1, flops: 768, bytes: 224);
        Assert.Equal((2, 2), (stage.Exchange("mlp/ffn_reduce_scatter").GroupSize, stage.Exchange("mlp/ffn_reduce_scatter").Span));
        Relative.Equal(144, stage.Exchange("mlp/ffn_reduce_scatter").MessageBytes.At(1));
    }

    [Fact]
    public void The_hidden_size_is_shared_out_over_two_and_the_width_over_two()
    {
        ToyStage stage = Stage(FeedForwardExchange.TwoDimensional, 2);

        // 6 rows of 4, 8 wide. FLOP 2·6·4·8. Bytes 4·8·0.5 + 6·(4 + 8)·2 = 16 + 144.
        stage.Costs("mlp/gate_projection", 1, flops: 384, bytes: 160);
        stage.Costs("mlp/down_projection", 1, flops: 384, bytes: 160);

        // Parts of 2·8 elements a row summed over a pair, of which a card has 4 of either: 6·16·3 bytes, half of 96 sums. FLOP 4·6·4. Then 6·8·3 back.
        Exchange parts = stage.Exchange("mlp/ffn_parts_reduce_scatter");
        Assert.Equal((Collective.ReduceScatter, 2, 2), (parts.Collective, parts.GroupSize, parts.Span));
        Relative.Equal(288, parts.MessageBytes.At(1));
        stage.Costs("mlp/activation_multiply", 1, flops: 96, bytes: 240);
        Relative.Equal(144, stage.Exchange("mlp/ffn_parts_all_gather").MessageBytes.At(1));

        // Slices of 4 elements a row over the two cards that are two apart: 6·4·3. Then all rows, 6·8·3.
        Exchange slices = stage.Exchange("mlp/ffn_slices_reduce_scatter");
        Assert.Equal((2, 4), (slices.GroupSize, slices.Span));
        Relative.Equal(72, slices.MessageBytes.At(1));
        Relative.Equal(144, stage.Exchange("mlp/ffn_rows_all_gather").MessageBytes.At(1));
        Assert.False(stage.Has("mlp/ffn_slices_all_gather"));
    }

    /// <summary>Rows in turn: a card's 1.5 rows of 8, half of which go to its neighbour for slices of 4, 18 bytes; slices of all rows are 6·4·3.</summary>
    [Fact]
    public void Of_rows_in_turn_slices_are_gathered()
    {
        ToyStage stage = Stage(FeedForwardExchange.TwoDimensional, 2, sequenceParallel: true);
        Relative.Equal(18, stage.Exchange("mlp/ffn_slices_all_to_all").MessageBytes.At(1));
        Relative.Equal(72, stage.Exchange("mlp/ffn_slices_all_gather").MessageBytes.At(1));
        Relative.Equal(18, stage.Exchange("mlp/ffn_rows_all_to_all").MessageBytes.At(1));
        Assert.False(stage.Has("mlp/ffn_rows_all_gather"));
    }

    [Fact]
    public void A_card_keeps_a_quarter_and_has_the_rest_while_it_is_gathered()
    {
        MemoryFootprint rows = Footprint(default);
        MemoryFootprint gathered = Footprint(new(FeedForwardExchange.WeightGathered, 4));

        // (3·8·4 + 8)·0.5·4 blocks either way; of one block's 192 bytes three quarters come from others.
        Relative.Equal(208, rows.FeedForwardWeightBytes);
        Relative.Equal(208, gathered.FeedForwardWeightBytes);
        Relative.Equal(144, gathered.GatheredWeightBytes);
        Relative.Equal(rows.TotalBytes(3) + 144, gathered.TotalBytes(3));

        // 2·6·(16/4)·2 a sequence; parts of 8 wide are twice that.
        Relative.Equal(96, rows.FeedForwardWorkingBytesPerSequence);
        Relative.Equal(192, Footprint(new(FeedForwardExchange.TwoDimensional, 2)).FeedForwardWorkingBytesPerSequence);
        Assert.Equal(0, MemoryFootprint.Of(StageLowering.Lower(ToyModel.Decode(ToyModel.Dense, Layout(new(FeedForwardExchange.WeightGathered, 4))))).GatheredWeightBytes);
    }

    /// <summary>Of TP = 4 with two ranks: weights of 2, 4 or 8 cards; the hidden size over 2, on one rank alone.</summary>
    [Fact]
    public void What_is_tried()
    {
        PlanRestriction all = PlanRestriction.None with
        {
            AttentionDataParallel = null,
            FeedForwardExchanges = [FeedForwardExchange.Rows, FeedForwardExchange.TwoDimensional, FeedForwardExchange.WeightGathered],
        };
        Assert.Equal(
            [(1, 1, 1), (1, 2, 1), (1, 1, 2), (1, 1, 4), (2, 1, 1), (2, 1, 2), (2, 1, 4), (2, 1, 8)],
            all.Spread(new AttentionTriple(2, 1, 4)).Select(triple => (triple.AttentionDataParallel, triple.FeedForward.HiddenWays, triple.FeedForward.GatheredWays)));
    }

    private static ParallelLayout Layout(FeedForwardForm form) => ToyModel.Cards(tp: 4) with { FeedForward = form };

    private static ToyStage Stage(FeedForwardExchange exchange, int ways, bool sequenceParallel = false) =>
        new(ToyModel.Prefill(ToyModel.Dense, Layout(new(exchange, ways)) with { SequenceParallel = sequenceParallel }));

    private static MemoryFootprint Footprint(FeedForwardForm form) => MemoryFootprint.Of(StageLowering.Lower(ToyModel.Prefill(ToyModel.Dense, Layout(form))));
}
