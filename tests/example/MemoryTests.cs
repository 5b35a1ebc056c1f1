using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Cost model A4: weights, working space, cache and exchanged volume; w = 0.5, a = 2, c = 4, u = 3, seq + out = 10.</summary>
public sealed class MemoryTests
{
    private static readonly DeploymentShape DenseOnTwoCards = ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: 2));

    private static readonly ParallelLayout EightCards = ToyModel.Cards(new(Dp: 4, Pp: 1, Tp: 2), ep: 4, mtp: 2, mdp: 1);

    private static readonly ParallelLayout TwoStages = ToyModel.Cards(new(Dp: 2, Pp: 2, Tp: 2), ep: 4, mtp: 2, mdp: 1);

    [Fact]
    public void Weights_of_a_dense_model()
    {
        MemoryFootprint memory = Footprint(DenseOnTwoCards);

        // A block: qkv 8·8 + q/k norm 2·2 + output 4·8 + norm 8 = 108 elements. 4·108·0.5.
        Relative.Equal(216, memory.AttentionWeightBytes);

        // A block: gate, up and down 3·8·8 + norm 8 = 200 elements. 4·200·0.5.
        Relative.Equal(400, memory.FeedForwardWeightBytes);
        Relative.Equal(616, memory.WeightBytes);
    }

    [Fact]
    public void Cache_and_working_space_of_a_dense_model()
    {
        MemoryFootprint memory = Footprint(DenseOnTwoCards);

        // 10 tokens · 4 blocks · 2·K'·d·c = 2·1·2·4 = 16.
        Relative.Equal(640, memory.CacheBytesPerSequence);

        // Flash attention keeps nothing; the feed-forward 2·I'·a = 2·8·2.
        Assert.Equal(0, memory.AttentionWorkingBytesPerSequence);
        Relative.Equal(32, memory.FeedForwardWorkingBytesPerSequence);

        // 616 + 3·32, and 3·640 on top.
        Relative.Equal(712, memory.SpaceBytes(3));
        Relative.Equal(2632, memory.TotalBytes(3));
    }

    /// <summary>Four blocks on three stages: a stage holds the weights of ceil(4/3) = 2, the cache still counts L = 4.</summary>
    [Fact]
    public void Stages_that_do_not_divide_the_blocks_round_up()
    {
        MemoryFootprint memory = Footprint(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(pp: 3, tp: 2)));
        Relative.Equal(108, memory.AttentionWeightBytes);
        Relative.Equal(200, memory.FeedForwardWeightBytes);
        Relative.Equal(640, memory.CacheBytesPerSequence);
    }

    [Fact]
    public void Weights_of_latent_attention_and_experts()
    {
        MemoryFootprint memory = Footprint(ToyModel.Decode(ToyModel.LatentExperts, EightCards));

        // A block, H' = 2: q_a 8·5 + q_b 5·10 + kv_a 8·6 + W_UK 2·3·4 + W_UV 2·5·4 + o 10·8 + norms 5 + 4
        // = 40 + 50 + 48 + 24 + 40 + 80 + 9 = 291 elements. 4·291·0.5.
        Relative.Equal(582, memory.AttentionWeightBytes);

        // A block, n = 3, I' = 6: norms 2·8 + router 8·8 + experts 3·3·8·6 = 16 + 64 + 432 = 512 elements. 4·512·0.5.
        Relative.Equal(1024, memory.FeedForwardWeightBytes);
    }

    [Fact]
    public void Cache_and_working_space_of_latent_attention_and_experts()
    {
        MemoryFootprint memory = Footprint(ToyModel.Decode(ToyModel.LatentExperts, EightCards));

        // 10 tokens · 4 blocks · (kr + rd)·c = 6·4 = 24, on every card of the rank.
        Relative.Equal(960, memory.CacheBytesPerSequence);

        // Attention H'·S·a = 2·9·2 = 36. Experts: a rank's sequence is b = 1/2 a card, T = ½·2·(2 + 1) = 3; 2·T·h·u = 2·3·8·3 = 144.
        Relative.Equal(36, memory.AttentionWorkingBytesPerSequence);
        Relative.Equal(144, memory.FeedForwardWorkingBytesPerSequence);
        Relative.Equal(144, memory.WorkingBytesPerSequence);
    }

    [Fact]
    public void The_scores_of_a_long_context_outgrow_the_experts()
    {
        DeploymentShape shape = ToyModel.Decode(ToyModel.LatentExperts, EightCards) with { Lengths = new(100, 4) };

        // S = 100 + 2 + 1 = 103; 2·103·2.
        Relative.Equal(412, Footprint(shape).WorkingBytesPerSequence);
    }

    /// <summary>PP = 2: b·TP·PP attention rows, twice the rank's micro-batch, hold L blocks of cache; weights halve.</summary>
    [Fact]
    public void A_pipelined_mixture_of_experts_holds_every_micro_batch()
    {
        MemoryFootprint memory = Footprint(ToyModel.Decode(ToyModel.LatentExperts, TwoStages));
        Relative.Equal(291, memory.AttentionWeightBytes);
        Relative.Equal(512, memory.FeedForwardWeightBytes);
        Relative.Equal(72, memory.AttentionWorkingBytesPerSequence);
        Relative.Equal(144, memory.FeedForwardWorkingBytesPerSequence);
        Relative.Equal(1920, memory.CacheBytesPerSequence);
    }

    [Fact]
    public void Prefill_holds_the_prompt() =>
        // 6 tokens · 4 blocks · 16.
        Relative.Equal(384, Footprint(ToyModel.Prefill(ToyModel.Dense, ToyModel.Cards(tp: 2))).CacheBytesPerSequence);

    /// <summary>
    /// Latent prefill without flash holds what it projects up and the scores: 6 tokens of 6, H' = 4: 6·(4·(3 + 5) + 2)·2 = 408 of keys and values
    /// beside 6·4·6·2 = 288 of scores. With flash the first alone. Two of six cached: the context stays, 4 rows make 4·4·6·2 = 192.
    /// </summary>
    [Fact]
    public void Latent_prefill_without_flash_holds_keys_values_and_scores()
    {
        TransformerModel model = ToyModel.LatentExperts with { Experts = null };
        Relative.Equal(408, Footprint(ToyModel.Prefill(model, ToyModel.Cards())).AttentionWorkingBytesPerSequence);
        Relative.Equal(
            408 + 288, Footprint(ToyModel.Prefill(model with { FlashAttention = false }, ToyModel.Cards())).AttentionWorkingBytesPerSequence);
        Relative.Equal(
            408 + 192,
            Footprint(ToyModel.Prefill(model with { FlashAttention = false, CachedTokens = 2 }, ToyModel.Cards())).AttentionWorkingBytesPerSequence);
    }

    /// <summary>
    /// DeepSeek-V3's attention, one byte an element, 32,768 tokens of which 32,640 are cached, batch 8: 8·32768·(128·256 + 64) = 8,606,711,808
    /// and 8·128·128·32768 = 4,294,967,296 bytes, 12.015625 GiB.
    /// </summary>
    [Fact]
    public void Long_cached_prefill_of_a_wide_latent_attention()
    {
        DeploymentShape shape = ToyModel.Prefill(
            ToyModel.LatentExperts with
            {
                Heads = 128,
                Latent = new LatentDimensions(QueryRank: 1536, KeyValueRank: 512, RotaryHeadSize: 64, PlainHeadSize: 128, ValueHeadSize: 128),
                FlashAttention = false,
                CachedTokens = 32640,
            },
            ToyModel.Cards()) with
        {
            Lengths = new(32768, 1),
            Precision = new(1, 1, 1, 1),
        };
        Relative.Equal(12.015625 * (1L << 30), 8 * Footprint(shape).AttentionWorkingBytesPerSequence);
    }

    /// <summary>
    /// One dense block after each expert block, TP = 1, EP = 12: an expert block weighs 3·8·12 + 8·8 + 16 = 368 elements on a card, a dense one
    /// 3·8·160 + 8 = 3848. Four blocks on four stages: the stage that stands for all holds the dense one, not the expert one.
    /// </summary>
    [Fact]
    public void The_fullest_stage_of_an_interval_is_the_one_that_weighs_most()
    {
        TransformerModel model = ToyModel.LatentExperts with { FeedForward = 160, Experts = ToyModel.Experts with { DenseBlocksBetween = 1 } };
        DeploymentShape shape = ToyModel.Decode(model, ToyModel.Cards(new(Dp: 12, Pp: 4, Tp: 1), ep: 12, mtp: 1, mdp: 4));
        Assert.Equal((0, 1), (shape.StageExpertBlocks, shape.StageDenseBlocks));
        Relative.Equal(0.5 * 3848, Footprint(shape).FeedForwardWeightBytes);

        // EP = 1 and MTP = 1 put 12 experts of 288 elements on a card, 3456 + 80: still less than the dense block; 1600 elements narrower it is more.
        shape = ToyModel.Decode(model with { FeedForward = 140 }, ToyModel.Cards(new(Dp: 12, Pp: 4, Tp: 1), ep: 1, mtp: 1, mdp: 48));
        Assert.Equal((1, 0), (shape.StageExpertBlocks, shape.StageDenseBlocks));
    }

    /// <summary>Dense on two cards: 616 + 672·b bytes.</summary>
    [Theory]
    [InlineData(615, 0)]
    [InlineData(1287, 0)]
    [InlineData(1288, 1)]
    [InlineData(3975, 4)]
    [InlineData(3976, 5)]
    [InlineData(616 + (672 * 1000), 1000)]
    public void The_largest_batch_is_the_last_that_fits(double capacity, long batch)
    {
        MemoryFootprint memory = Footprint(DenseOnTwoCards);
        Assert.Equal(batch, memory.LargestBatch(capacity, 1));
        Assert.Equal(batch > 0, memory.TotalBytes(Math.Max(1, batch)) <= capacity);
        Assert.True(memory.TotalBytes(batch + 1) > capacity);
    }

    /// <summary>Experts count sequences per card, two a rank's step on TP = 2: 1606 + 2·(144 + 960)·b = 1606 + 2208·b bytes.</summary>
    [Theory]
    [InlineData(1606 + 2207, 0)]
    [InlineData(1606 + (2208 * 3) - 1, 2)]
    [InlineData(1606 + (2208 * 3), 3)]
    public void A_batch_in_steps_of_several_sequences_counts_steps(double capacity, long steps) =>
        Assert.Equal(steps, Footprint(ToyModel.Decode(ToyModel.LatentExperts, EightCards)).LargestBatch(capacity, 2));

    [Fact]
    public void Volume_that_tensor_parallel_cards_exchange_over_a_request()
    {
        // Dense, b = 3: 4·3·8·3·4·4 (4·b·h·u·L·out).
        Relative.Equal(4608, CommunicationVolume.TensorParallelBytes(StageLowering.Lower(DenseOnTwoCards), 3));
        Assert.Equal(0, CommunicationVolume.TensorParallelBytes(StageLowering.Lower(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards())), 3));

        // Experts on two stages, 4 sequences a rank, r_a = 8: 2·8·8·3·2·4 (2·r_a·h·u·Ls·out).
        Relative.Equal(3072, CommunicationVolume.TensorParallelBytes(StageLowering.Lower(ToyModel.Decode(ToyModel.LatentExperts, TwoStages)), 4));
    }

    [Fact]
    public void Volume_that_expert_parallel_cards_exchange_over_a_request()
    {
        // 4 sequences a rank are b = 2 a card: 2·2·(2 + 1)·8·3·2·4 (2·b·(k+ns)·h·u·Ls·out).
        Relative.Equal(2304, CommunicationVolume.ExpertParallelBytes(ToyModel.Decode(ToyModel.LatentExperts, TwoStages), 4));
        Assert.Equal(0, CommunicationVolume.ExpertParallelBytes(DenseOnTwoCards, 4));
    }

    private static MemoryFootprint Footprint(DeploymentShape shape) => MemoryFootprint.Of(new ToyStage(shape).Table);
}
