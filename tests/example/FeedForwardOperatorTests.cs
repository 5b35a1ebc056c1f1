using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Cost model A2, MLP: h = 8; dense I = 16; experts Ie = 12, E = 8, k = 2, ns = 1; w = 0.5, a = 2, u = 3.</summary>
public sealed class FeedForwardOperatorTests
{
    /// <summary>
    /// b = 2 sequences a card on TP = 2, so r_a = 4 rows an attention rank; MTP = 2, so I' = 6 and T = 2·2·(2 + 1) = 12;
    /// EP = 4 shares 8 + 2 + 2 experts, so n = 3.
    /// </summary>
    private static readonly ParallelLayout EightCards = ToyModel.Cards(new(Dp: 4, Pp: 1, Tp: 2), ep: 4, mtp: 2, mdp: 1);

    private const double RankRows = 4;

    /// <summary>Three rows on TP = 4: I' = 4.</summary>
    [Fact]
    public void Dense_feed_forward_on_four_cards()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: 4)));

        // FLOP 7·3·8 = 168. Bytes (2·3·8 + 8)·2 = 112.
        stage.Costs("mlp/rms_norm", sequences: 3, flops: 168, bytes: 112);

        // 8→4 twice, 4→8 once: FLOP 2·3·32 = 192. Bytes 32·0.5 + 3·12·2 = 16 + 72.
        stage.Costs("mlp/gate_projection", sequences: 3, flops: 192, bytes: 88);
        stage.Costs("mlp/up_projection", sequences: 3, flops: 192, bytes: 88);
        stage.Costs("mlp/down_projection", sequences: 3, flops: 192, bytes: 88);

        // FLOP 4·3·4 = 48. Bytes 5·3·4·2 = 120.
        stage.Costs("mlp/activation_multiply", sequences: 3, flops: 48, bytes: 120);

        // FLOP 3·8·(4 - 1)/4 = 18. Bytes 3·8·2 = 48.
        stage.Costs("mlp/tp_all_reduce", sequences: 3, flops: 18, bytes: 48);

        // FLOP 3·8 = 24. Bytes 3·3·8·2 = 144.
        stage.Costs("mlp/residual", sequences: 3, flops: 24, bytes: 144);
    }

    [Fact]
    public void Dense_feed_forward_on_one_card_sends_nothing() =>
        Assert.False(new ToyStage(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards())).Has("mlp/tp_all_reduce"));

    [Fact]
    public void Expert_feed_forward_works_on_attention_rows_outside_the_experts()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.LatentExperts, EightCards));

        // FLOP 7·4·8 = 224. Bytes (2·4·8 + 2·8)·2 = 160.
        stage.Costs("moe/rms_norm", RankRows, flops: 224, bytes: 160);

        // FLOP 2·4·8·8 = 512. Bytes 8·8·0.5 + 4·(8 + 8)·2 = 32 + 128.
        stage.Costs("moe/router", RankRows, flops: 512, bytes: 160);

        // FLOP 4·8 = 32. Bytes 3·4·8·2 = 192.
        stage.Costs("moe/residual", RankRows, flops: 32, bytes: 192);
    }

    [Fact]
    public void Experts_work_on_expert_rows()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.LatentExperts, EightCards));

        // FLOP 4·12·8·6 = 2304. Bytes 3·16·6·0.5 + 12·(8 + 12)·2 = 144 + 480.
        stage.Costs("moe/expert_gate_up", RankRows, flops: 2304, bytes: 624);

        // FLOP 4·12·6 = 288. Bytes 5·12·6·2 = 720.
        stage.Costs("moe/expert_activation_multiply", RankRows, flops: 288, bytes: 720);

        // FLOP 2·12·8·6 = 1152. Bytes 3·8·6·0.5 + 12·(8 + 6)·2 = 72 + 336.
        stage.Costs("moe/expert_down", RankRows, flops: 1152, bytes: 408);

        // Bytes b·k·h·a = 2·2·8·2 = 64.
        stage.Costs("moe/unpermute", RankRows, flops: 0, bytes: 64);
    }

    [Fact]
    public void Dispatch_and_combine_count_eight_bytes_an_expert_element()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.LatentExperts, EightCards));

        // 8·12·8·3 = 2304 for the two.
        Relative.Equal(2304, stage.Bytes("moe/ep_dispatch", RankRows) + stage.Bytes("moe/ep_combine", RankRows));
        Assert.Equal(0, stage.Flops("moe/ep_dispatch", RankRows) + stage.Flops("moe/ep_combine", RankRows));
    }

    /// <summary>A factor of 1.5 pads the routed part: T = 2·2·(2·1.5 + 1) = 16.</summary>
    [Fact]
    public void Capacity_factor_pads_routed_rows_but_not_shared_ones()
    {
        TransformerModel model = ToyModel.LatentExperts with { Experts = ToyModel.Experts with { CapacityFactor = 1.5 } };
        ToyStage stage = new(ToyModel.Decode(model, EightCards));

        // FLOP 4·16·8·6 = 3072. Bytes 144 + 16·20·2 = 784.
        stage.Costs("moe/expert_gate_up", RankRows, flops: 3072, bytes: 784);
    }

    /// <summary>Without redundant experts and with a shared one on each of EP = 4: n = (8 + 0 + 4)/4 = 3; with twelve, n = 6.</summary>
    [Theory]
    [InlineData(0, 4, 144)]
    [InlineData(12, 4, 288)]
    [InlineData(6, 2, 192)]
    public void Replicas_add_local_experts_whose_weights_are_read(int redundant, int shared, double weightBytes)
    {
        ParallelLayout layout = EightCards with { RedundantExperts = redundant, SharedReplicas = shared };
        ToyStage stage = new(ToyModel.Decode(ToyModel.LatentExperts, layout));

        // One local expert: 2·8·6·0.5 = 48 bytes of gate and up. Activations as before: 480 bytes.
        Relative.Equal(weightBytes + 480, stage.Bytes("moe/expert_gate_up", RankRows));
    }

    [Fact]
    public void Without_shared_experts_only_routed_rows_remain()
    {
        TransformerModel model = ToyModel.LatentExperts with { Experts = ToyModel.Experts with { SharedExpertsPerToken = 0 } };
        ToyStage stage = new(ToyModel.Decode(model, EightCards with { SharedReplicas = 0, RedundantExperts = 0 }));

        // T = 2·2·2 = 8, n = 8/4 = 2. FLOP 4·8·8·6 = 1536. Bytes 2·16·6·0.5 + 8·20·2 = 96 + 320.
        stage.Costs("moe/expert_gate_up", RankRows, flops: 1536, bytes: 416);
    }

    /// <summary>An interval n puts n dense blocks after each expert block: ceil(Ls/(n+1)) of a stage's Ls blocks have experts.</summary>
    [Theory]
    [InlineData(4, 1, 0, 4, 0)]
    [InlineData(4, 1, 1, 2, 2)]
    [InlineData(4, 1, 2, 2, 2)]
    [InlineData(4, 1, 4, 1, 3)]
    [InlineData(7, 2, 2, 2, 2)]
    public void Interval_puts_dense_blocks_between(int blocks, int pipeline, int interval, int expertBlocks, int denseBlocks)
    {
        TransformerModel model = ToyModel.LatentExperts with
        {
            Blocks = blocks,
            Experts = ToyModel.Experts with { DenseBlocksBetween = interval },
        };
        ParallelLayout layout = EightCards with { PipelineParallel = pipeline, DataParallel = 4 / pipeline };
        ToyStage stage = new(ToyModel.Decode(model, layout));
        Assert.Equal(expertBlocks, stage.Repeats("moe/expert_down"));
        Assert.Equal(expertBlocks + denseBlocks, stage.Repeats("attention/output_projection"));
        Assert.Equal(denseBlocks, stage.Has("mlp/down_projection") ? stage.Repeats("mlp/down_projection") : 0);
    }

    /// <summary>B6: a draft doubles the tokens, so T = 24 and r_a = 8.</summary>
    [Fact]
    public void Draft_tokens_are_tokens_to_the_experts()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.LatentExperts, EightCards) with { Prediction = new(1, 0.5) });

        // FLOP 2·24·8·6 = 2304. Bytes 72 + 24·14·2 = 744.
        stage.Costs("moe/expert_down", RankRows, flops: 2304, bytes: 744);

        // FLOP 2·8·8·8 = 1024. Bytes 32 + 8·16·2 = 288.
        stage.Costs("moe/router", RankRows, flops: 1024, bytes: 288);
    }
}
