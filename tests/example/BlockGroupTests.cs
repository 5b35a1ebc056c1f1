using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Models whose blocks differ (docs/cost-model.md, "Blocks that differ"); w = 0.5, a = 2, c = 4, u = 3, S = 9.</summary>
public sealed class BlockGroupTests
{
    private static readonly AttentionReach Window = AttentionReach.Window(5);

    private static readonly ParallelLayout OneCard = ToyModel.Cards(new(Dp: 1, Pp: 1, Tp: 1), ep: 1, mtp: 1, mdp: 1, redundant: 0, shared: 0);

    [Fact]
    public void Each_reach_is_lowered_once()
    {
        TransformerModel model = ToyBlocks.Of(
            ToyModel.Dense, ToyBlocks.Dense(Window), ToyBlocks.Dense(), ToyBlocks.Dense(Window), ToyBlocks.Dense(Window));
        ToyStage stage = new(ToyModel.Decode(model, ToyModel.Cards()));
        Assert.Equal(3, stage.Repeats("attention_window_5/flash_score_value"));
        Assert.Equal(1, stage.Repeats("attention/flash_score_value"));
        Assert.Equal(4, stage.Repeats("mlp/gate_projection"));

        // Whole: 4·H·d·S = 4·8·9 = 288 a row; 2·H·d·a + 2·K·d·S·c = 32 + 8·9·4 = 320. Window: 4·8·5; 32 + 8·5·4.
        stage.Costs("attention/flash_score_value", 3, flops: 3 * 288, bytes: 3 * 320);
        stage.Costs("attention_window_5/flash_score_value", 3, flops: 3 * 160, bytes: 3 * 192);

        // 5·H·S a row.
        stage.Costs("attention_window_5/softmax", 3, flops: 3 * 100, bytes: 0);
        Assert.False(stage.Has("attention/qk_norm"));
    }

    [Fact]
    public void A_prompt_reads_keys_and_values_within_reach()
    {
        TransformerModel model = ToyBlocks.Of(ToyModel.Dense, ToyBlocks.Dense(AttentionReach.Window(3))) with { CachedTokens = 2 };
        ToyStage stage = new(ToyModel.Prefill(model, ToyModel.Cards()));

        // Four new rows, each attending to 3; the window before them and themselves are 6 tokens at most, the prompt: all is read.
        // 4·4·8·3 = 384; 4·32 + 8·6·4 = 320.
        stage.Costs("attention_window_3/flash_score_value", 1, flops: 384, bytes: 320);
    }

    [Fact]
    public void Cache_is_kept_within_reach()
    {
        TransformerModel model = ToyBlocks.Of(ToyModel.Dense, ToyBlocks.Dense(Window), ToyBlocks.Dense(), ToyBlocks.Dense(Window));
        DeploymentShape shape = ToyModel.Decode(model, ToyModel.Cards());

        // 5 + 10 + 5 tokens of 2·K·d·c = 32 bytes.
        Relative.Equal(640, MemoryFootprint.Of(StageLowering.Lower(shape)).CacheBytesPerSequence);
    }

    [Fact]
    public void Small_weights_are_weights()
    {
        TransformerModel model = ToyBlocks.Of(
            ToyModel.Dense,
            structure => structure with
            {
                QueryKeyNorm = QueryKeyNorm.AllHeads,
                NormsPerBlock = 4,
                Extras = BlockExtras.QueryKeyValueBias | BlockExtras.OutputBias | BlockExtras.AttentionSinks | BlockExtras.FeedForwardBias,
            },
            ToyBlocks.Dense());
        ToyStage stage = new(ToyModel.Decode(model, ToyModel.Cards()));
        MemoryFootprint memory = MemoryFootprint.Of(stage.Table);

        // qkv 8·16 + 16, q/k norm (4 + 2)·2, sinks 4, output 8·8 + 8, norms 8 + 8: 248 elements. Gate and up 8·16 + 16, down 16·8 + 8,
        // norms 8 + 8: 440.
        Relative.Equal(124, memory.AttentionWeightBytes);
        Relative.Equal(220, memory.FeedForwardWeightBytes);
        Assert.True(stage.Has("attention/output_norm"));
        Assert.True(stage.Has("mlp/output_norm"));

        // (8·16 + 16)·0.5 + 2·(3·8 + 16)·2.
        stage.Costs("attention/qkv_projection", 2, flops: 2 * 2 * 8 * 16, bytes: 72 + 160);
    }

    [Fact]
    public void A_norm_over_all_heads_adds_its_squares_up_over_ranks()
    {
        TransformerModel model = ToyBlocks.Of(ToyModel.Dense, structure => structure with { QueryKeyNorm = QueryKeyNorm.AllHeads }, ToyBlocks.Dense());
        DeploymentShape two = ToyModel.Decode(model, ToyModel.Cards(tp: 2));
        ToyStage physical = new(two with { Accounting = Accounting.Physical });
        foreach (string norm in (string[])["attention/query_norm_all_reduce", "attention/key_norm_all_reduce"])
        {
            // A 32-bit number a row: 3·4 bytes; 3·(2 - 1)/2 sums.
            physical.Costs(norm, 3, flops: 1.5, bytes: 12);
            Assert.Equal((2, 12), (physical.Exchange(norm).GroupSize, physical.Exchange(norm).MessageBytes.At(3)));
            Assert.False(new ToyStage(two).Has(norm));
            Assert.False(new ToyStage(ToyModel.Decode(model, ToyModel.Cards()) with { Accounting = Accounting.Physical }).Has(norm));
        }
    }

    [Theory]
    [InlineData(8, 4, 2, 2)]
    [InlineData(8, 4, 8, 4)]
    [InlineData(8, 4, 18, 12)]
    [InlineData(1, 1, 18, 18)]
    public void Routing_by_groups_keeps_a_token_to_some_servers(int groups, int perToken, double servers, double most) =>
        // Two servers hold four groups each: both. Eight hold one each: four. Of eighteen a group lies on 18/8, so three at most: 4·3.
        Assert.Equal(most, (ToyModel.GroupQueryExperts.Experts! with { RoutingGroups = groups, GroupsPerToken = perToken }).MostServers(servers));

    [Fact]
    public void Shared_experts_are_on_every_card()
    {
        TransformerModel model = ToyBlocks.Of(ToyModel.GroupQueryExperts, ToyBlocks.Expert());
        ParallelLayout fourCards = ToyModel.Cards(new(Dp: 4, Pp: 1, Tp: 1), ep: 4, mtp: 1, mdp: 1, redundant: 0, shared: 0);
        MemoryFootprint memory = MemoryFootprint.Of(StageLowering.Lower(ToyModel.Decode(model, fourCards)));

        // 8/4 routed and one shared of 3·8·12 = 288, router 64, norm 8: 936 elements.
        Relative.Equal(468, memory.FeedForwardWeightBytes);
    }

    [Fact]
    public void What_quantization_spares_keeps_its_own_bytes()
    {
        TransformerModel model = ToyBlocks.Of(
            ToyModel.GroupQueryExperts,
            structure => structure with { Storage = new StoredWeights(2, 0.5, WeightRoles.RoutedExperts) },
            ToyBlocks.Expert());
        MemoryFootprint memory = MemoryFootprint.Of(StageLowering.Lower(ToyModel.Decode(model, OneCard)));

        // Routed 8·288 at w = 0.5; the shared one 288, router 64 and norm 8 at 2.
        Relative.Equal(1152 + 720, memory.FeedForwardWeightBytes);

        // qkv 8·16, output 8·8, norm 8: 200 at 2.
        Relative.Equal(400, memory.AttentionWeightBytes);
    }

    /// <summary>Four dense blocks: down is in the run's bytes in the first, at 2 in the others; k keeps 2 everywhere; q, v and the rest take the run's.</summary>
    private static TransformerModel StoredBlockByBlock()
    {
        BlockKind[] blocks = [ToyBlocks.Dense(), ToyBlocks.Dense(), ToyBlocks.Dense(), ToyBlocks.Dense()];
        StoredShare run = new(Run: 1, Rest: 0);
        StoredShare spared = new(Run: 0, Rest: 2);
        StoredProjections stored = new(
            new BlockPattern(blocks), [(Projection.DenseDown, [run, spared, spared, spared]), (Projection.Key, [spared, spared, spared, spared])]);
        return ToyBlocks.Of(
            ToyModel.Dense, structure => structure with { Storage = new StoredWeights(2, 0.5, WeightRoles.None) { Projections = stored } }, blocks);
    }

    [Fact]
    public void Each_projection_of_each_block_keeps_its_own_bytes()
    {
        MemoryFootprint memory = MemoryFootprint.Of(StageLowering.Lower(ToyModel.Decode(StoredBlockByBlock(), ToyModel.Cards())));

        // A block: q 8·8 and v 8·4 at 0.5, k 8·4 at 2, output 8·8 at 0.5, norm 8 at 2: 32 + 16 + 64 + 32 + 16.
        Relative.Equal(4 * 160, memory.AttentionWeightBytes);

        // Gate and up 2·8·16 at 0.5, norm 8 at 2, four times; down 8·16 once at 0.5 and three times at 2.
        Relative.Equal((4 * 144) + 64 + (3 * 256), memory.FeedForwardWeightBytes);

        // q, k and v are one product of 128 weights: (96·0.5 + 32·2)/128.
        ToyStage stage = new(ToyModel.Decode(StoredBlockByBlock(), ToyModel.Cards()));
        Relative.Equal(0.875, stage.Table.WeightBytes[stage.IndexOf("attention/qkv_projection")]);
    }

    [Fact]
    public void The_stage_whose_blocks_take_the_most_bytes_stands_for_all()
    {
        DeploymentShape shape = ToyModel.Decode(StoredBlockByBlock(), ToyModel.Cards(pp: 2));
        Assert.Equal(2, shape.FirstStageBlock);

        // Blocks 2 and 3 alone: gate, up and norm 144, down 256.
        Relative.Equal(2 * (144 + 256), MemoryFootprint.Of(StageLowering.Lower(shape)).FeedForwardWeightBytes);
    }

    /// <summary>Six blocks on two stages: three dense ones, 3·8·16 wide, and three with experts, 9·3·8·12.</summary>
    [Fact]
    public void The_stage_with_the_most_weights_stands_for_all()
    {
        TransformerModel model = ToyBlocks.Of(
            ToyModel.GroupQueryExperts,
            ToyBlocks.Dense(),
            ToyBlocks.Dense(),
            ToyBlocks.Dense(),
            ToyBlocks.Expert(),
            ToyBlocks.Expert(Window),
            ToyBlocks.Expert());
        DeploymentShape shape = ToyModel.Decode(
            model, ToyModel.Cards(new(Dp: 1, Pp: 2, Tp: 1), ep: 1, mtp: 1, mdp: 2, redundant: 0, shared: 0));
        Assert.Equal(3, shape.FirstStageBlock);
        Assert.Equal((3, 3, 0), (shape.StageBlocks, shape.StageExpertBlocks, shape.StageDenseBlocks));
        ToyStage stage = new(shape);
        Assert.Equal(2, stage.Repeats("attention/residual"));
        Assert.Equal(1, stage.Repeats("attention_window_5/residual"));
        Assert.False(stage.Has("mlp/residual"));
    }

    [Fact]
    public void Of_stages_that_weigh_the_same_the_one_with_the_most_cache_stands_for_all()
    {
        TransformerModel model = ToyBlocks.Of(
            ToyModel.Dense, ToyBlocks.Dense(Window), ToyBlocks.Dense(Window), ToyBlocks.Dense(Window), ToyBlocks.Dense());
        DeploymentShape shape = ToyModel.Decode(model, ToyModel.Cards(pp: 2)) with { Accounting = Accounting.Physical };
        Assert.Equal(2, shape.FirstStageBlock);

        // Two micro-batches; the stage keeps 5 + 10 tokens of 32 bytes of each.
        Relative.Equal(2 * 15 * 32, MemoryFootprint.Of(StageLowering.Lower(shape)).CacheBytesPerSequence);
    }

    [Fact]
    public void Draft_blocks_are_like_the_last()
    {
        TransformerModel model = ToyBlocks.Of(ToyModel.GroupQueryExperts, ToyBlocks.Dense(), ToyBlocks.Expert(Window));
        ToyStage stage = new(ToyModel.Decode(model, OneCard) with { Prediction = new MultiTokenPrediction(2, 0.5) });
        Assert.Equal(3, stage.Repeats("moe/router"));
        Assert.Equal(1, stage.Repeats("mlp/residual"));
        Assert.Equal(3, stage.Repeats("attention_window_5/residual"));
    }
}
