using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Feed-forwards of widths of their own, in blocks that may lack attention or a feed-forward; queries by way of a width that heads share.</summary>
public sealed class BlockWidthTests
{
    private const double Sequences = 3;

    private static TransformerModel Model => ToyBlocks.Of(
        ToyModel.Dense,
        ToyBlocks.Dense(),
        ToyBlocks.Dense() with { OwnFeedForward = 20 },
        ToyBlocks.Dense() with { OwnFeedForward = 4, Form = AttentionForm.None },
        ToyBlocks.Dense() with { OwnFeedForward = 20, LacksFeedForward = true });

    [Fact]
    public void Each_width_is_lowered_once()
    {
        ToyStage stage = new(ToyModel.Shape(Model, Phase.Decode, ToyModel.Cards()));
        Assert.Equal(1, stage.Repeats("mlp/up_projection"));
        Assert.Equal(1, stage.Repeats("mlp_20/up_projection"));
        Assert.Equal(1, stage.Repeats("mlp_4/up_projection"));

        // FLOP 2·3·8·20 = 960. Bytes 8·20·0.5 + 3·(8 + 20)·2 = 80 + 168. Four wide: 192, 16 + 72.
        stage.Costs("mlp_20/up_projection", Sequences, flops: 960, bytes: 248);
        stage.Costs("mlp_4/up_projection", Sequences, flops: 192, bytes: 88);
    }

    [Fact]
    public void The_widest_decides_about_working_space_and_every_width_about_weights()
    {
        Assert.Equal(20, Model.WidestFeedForward);

        // Three matrices of 8 by 16, 20 and 4, half a byte an element: 8·3·40·0.5 = 480 of feed-forwards; without them the same model has that much less.
        double all = MemoryFootprint.Of(StageLowering.Lower(ToyModel.Shape(Model, Phase.Decode, ToyModel.Cards()))).WeightBytes;
        double least = MemoryFootprint.Of(StageLowering.Lower(ToyModel.Shape(
            ToyBlocks.Of(
                ToyModel.Dense,
                ToyBlocks.Dense() with { OwnFeedForward = 4 },
                ToyBlocks.Dense() with { OwnFeedForward = 4 },
                ToyBlocks.Dense() with { OwnFeedForward = 4, Form = AttentionForm.None },
                ToyBlocks.Dense() with { LacksFeedForward = true }),
            Phase.Decode,
            ToyModel.Cards()))).WeightBytes;
        Assert.Equal(480 - (8 * 3 * 12 * 0.5), all - least, tolerance: 1e-9);
    }

    [Fact]
    public void Queries_by_way_of_a_rank()
    {
        AttentionForm form = new(AttentionKind.GroupQuery) { Heads = 4, KeyValueHeads = 1, HeadSize = 4, QueryRank = 6 };
        TransformerModel model = ToyBlocks.Of(ToyModel.Dense, ToyBlocks.Dense() with { Form = form });

        // Two cards: the rank and one head of keys and values on both, 6 + 8 = 14 wide: FLOP 2·3·8·14 = 672. Bytes 8·14·0.5 + 3·(3·8 + 14)·2 = 56 + 228.
        ToyStage stage = new(ToyModel.Shape(model, Phase.Decode, ToyModel.Cards(tp: 2)));
        stage.Costs("attention/qkv_projection", Sequences, flops: 672, bytes: 284);

        // Normalised: 7·3·6 FLOP, (2·3·6 + 6)·2 bytes. Then two heads of 4 on each card: FLOP 2·3·6·8 = 288. Bytes 6·8·0.5 + 3·(6 + 8)·2 = 24 + 84.
        stage.Costs("attention/query_rank_norm", Sequences, flops: 126, bytes: 84);
        stage.Costs("attention/query_up_projection", Sequences, flops: 288, bytes: 108);
    }

    [Fact]
    public void The_stage_that_weighs_the_most_stands_for_all()
    {
        // Two stages of two blocks: the second one's feed-forwards are wider.
        TransformerModel model = ToyBlocks.Of(
            ToyModel.Dense, ToyBlocks.Dense(), ToyBlocks.Dense() with { OwnFeedForward = 4 }, ToyBlocks.Dense() with { OwnFeedForward = 20 }, ToyBlocks.Dense());
        ToyStage stage = new(ToyModel.Shape(model, Phase.Decode, new ParallelLayout(1, 2, 1, 1, 1, 2, 0, 0)));
        Assert.Equal(1, stage.Repeats("mlp/up_projection"));
        Assert.Equal(1, stage.Repeats("mlp_20/up_projection"));
    }
}
