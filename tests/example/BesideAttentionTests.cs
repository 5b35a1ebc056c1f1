using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Attention and feed-forward that stand beside each other: norms, sums over cards and residuals, for three sequences of one token.</summary>
public sealed class BesideAttentionTests
{
    private const double Sequences = 3;

    [Fact]
    public void One_norm_one_sum_over_cards_and_one_residual()
    {
        // TP 2. The norm: 7·3·8 = 168 FLOP, (2·3·8 + 8)·2 = 112 bytes. The sum: 3·8·1/2 = 12 FLOP.
        ToyStage stage = Beside(norms: 1, cards: 2);
        stage.Costs("attention/rms_norm", Sequences, flops: 168, bytes: 112);
        Assert.False(stage.Has("mlp/rms_norm"));
        Assert.False(stage.Has("attention/tp_all_reduce"));
        Relative.Equal(12, stage.Flops("mlp/tp_all_reduce", Sequences));

        // Two outputs join the stream: 2·3·8 FLOP; three rows read, one written: 4·3·8·2 bytes.
        Assert.False(stage.Has("attention/residual"));
        stage.Costs("mlp/residual", Sequences, flops: 48, bytes: 192);
    }

    [Fact]
    public void Each_may_have_a_norm_of_its_own()
    {
        ToyStage stage = Beside(norms: 2, cards: 1);
        stage.Costs("mlp/rms_norm", Sequences, flops: 168, bytes: 112);
        Assert.False(stage.Has("attention/residual"));

        // 8 weights of a half byte a norm and block, which weighs no more than one after the other.
        Relative.Equal(
            Weights(Beside(norms: 1, cards: 1)) + (2 * 8 * 0.5), Weights(stage));
        Relative.Equal(Weights(new ToyStage(ToyModel.Decode(ToyBlocks.Of(ToyModel.Dense, ToyBlocks.Dense(), ToyBlocks.Dense()), ToyModel.Cards()))), Weights(stage));
    }

    [Fact]
    public void A_norm_may_have_a_shift()
    {
        // Two norms a block, two blocks: 8 weights each besides the scales.
        ToyStage plain = Beside(norms: 2, cards: 1);
        ToyStage shifted = Beside(norms: 2, cards: 1, BlockExtras.NormBias);
        Relative.Equal(Weights(plain) + (2 * 2 * 8 * 0.5), Weights(shifted));
    }

    [Fact]
    public void Engines_sum_over_cards_twice_and_add_both_outputs_up_in_the_next_norm()
    {
        // 16-bit rows: two outputs and the stream read, the stream written: 4·3·8·2 = 192 bytes.
        ToyStage stage = new(Shape(norms: 1, cards: 2, BlockExtras.None) with { Engine = ServingEngine.All["vllm"], Accounting = Accounting.Physical });
        Assert.True(stage.Has("attention/tp_all_reduce"));
        Assert.True(stage.Has("mlp/tp_all_reduce"));
        Assert.False(stage.Has("mlp/residual_norm"));
        Relative.Equal(192, stage.Bytes("attention/residual_norm", Sequences));
    }

    private static double Weights(ToyStage stage) => MemoryFootprint.Of(stage.Table).WeightBytes;

    private static ToyStage Beside(int norms, int cards, BlockExtras extras = BlockExtras.None) => new(Shape(norms, cards, extras));

    private static DeploymentShape Shape(int norms, int cards, BlockExtras extras) => ToyModel.Decode(
        ToyBlocks.Of(
            ToyModel.Dense,
            structure => structure with { IsParallel = true, NormsPerBlock = norms, Extras = extras },
            ToyBlocks.Dense(),
            ToyBlocks.Dense()),
        ToyModel.Cards(tp: cards));
}
