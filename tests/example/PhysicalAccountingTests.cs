using FastSim.Kernels.Chips;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Rates;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Cost model B1: what "accounting": "physical" corrects of part A, and that it corrects nothing else.</summary>
public sealed class PhysicalAccountingTests
{
    private static readonly ParallelLayout TwoStages = ToyModel.Cards(new(Dp: 2, Pp: 2, Tp: 2), ep: 4, mtp: 2, mdp: 1);

    /// <summary>Experts without shared ones: T = b·MTP·2, and EP = 2 puts n = 8/2 = 4 on a card.</summary>
    private static readonly TransformerModel RoutedExperts = ToyModel.GroupQueryExperts with
    {
        Experts = ToyModel.Experts with { SharedExpertsPerToken = 0 },
    };

    [Fact]
    public void Giga_and_tera_are_decimal()
    {
        // 1.25e-9·1e12·0.5, twice that, and ·0.25; 2^-20·1e9·0.5; a GiB stays 2^30.
        ChipRates rates = ToyChip.Balanced.Rates(Accounting.Physical);
        Relative.Equal(625, rates.FlopsPerSecond(OperatorRate.Matrix, 1, 1, 1, 1));
        Relative.Equal(1250, rates.FlopsPerSecond(OperatorRate.Attention, 1, 1, 1, 1));
        Relative.Equal(312.5, rates.FlopsPerSecond(OperatorRate.Vector, 1, 1, 1, 1));
        Relative.Equal(500e6 / 1048576, rates.MemoryBytesPerSecond(1, readsCache: false));
        Relative.Equal(1048576, rates.CapacityBytes);
    }

    /// <summary>b·TP = 2 rows, where seed accounting has 4: score FLOP 2·2·2·6·9, bytes 2·(24 + 216) as on one stage.</summary>
    [Fact]
    public void Attention_of_a_pipelined_mixture_of_experts_runs_a_micro_batch_at_a_time() =>
        new ToyStage(Physical(ToyModel.LatentExperts, TwoStages)).Costs("attention/score", sequences: 2, flops: 432, bytes: 480);

    /// <summary>
    /// L = 5 on PP = 2: a card holds Ls = 3 blocks of both micro-batches, 10·3·24·2, where seed accounting has 10·5·24·2.
    /// </summary>
    [Fact]
    public void Cache_is_held_for_the_blocks_of_a_stage()
    {
        TransformerModel model = ToyModel.LatentExperts with { Blocks = 5 };
        Relative.Equal(1440, MemoryFootprint.Of(new ToyStage(Physical(model, TwoStages)).Table).CacheBytesPerSequence);
        Relative.Equal(2400, MemoryFootprint.Of(new ToyStage(ToyModel.Decode(model, TwoStages)).Table).CacheBytesPerSequence);
    }

    /// <summary>
    /// One token a card, EP·MTP cards a group, k/E = 1/4. EP = 2: two tokens reach 1 - 0.75² = 0.4375 of 4 experts of 2·8·12·0.5 = 96
    /// bytes, 168, and T = 2 rows move 2·(8 + 24)·2 = 128. With MTP = 2: four tokens reach 1 - 0.75⁴ = 0.68359375 of 4 experts of
    /// 48 bytes, 131.25, and T = 4 rows move 4·(8 + 12)·2 = 160.
    /// </summary>
    [Theory]
    [InlineData(1, 168 + 128)]
    [InlineData(2, 131.25 + 160)]
    public void Only_experts_that_a_token_reaches_are_read(int mtp, double bytes)
    {
        ParallelLayout layout = ToyModel.Cards(new(Dp: 4, Pp: 1, Tp: 1), ep: 2, mtp, mdp: 2 / mtp, redundant: 0, shared: 0);
        ToyStage stage = new(Physical(RoutedExperts, layout));
        Relative.Equal(bytes, stage.Bytes("moe/expert_gate_up", 1));
    }

    [Fact]
    public void Memory_holds_experts_that_no_token_reaches()
    {
        ParallelLayout layout = ToyModel.Cards(new(Dp: 2, Pp: 1, Tp: 1), ep: 2, mtp: 1, mdp: 1, redundant: 0, shared: 0);

        // Norms 16 + router 64 + 4·3·8·12 = 1232 elements a block. 4·1232·0.5.
        Relative.Equal(2464, MemoryFootprint.Of(new ToyStage(Physical(RoutedExperts, layout)).Table).FeedForwardWeightBytes);
    }

    [Fact]
    public void The_group_query_product_runs_at_the_attention_type()
    {
        ToyStage stage = new(Physical(ToyModel.Dense, ToyModel.Cards()));
        Assert.Equal(OperatorRate.Attention, stage.Table.Identities[stage.IndexOf("attention/flash_score_value")].Rate);
    }

    [Fact]
    public void Nothing_rotates_the_whole_cache()
    {
        Assert.True(new ToyStage(ToyModel.Decode(ToyModel.LatentExperts, TwoStages)).Has("attention/rotary_over_cache"));
        Assert.False(new ToyStage(Physical(ToyModel.LatentExperts, TwoStages)).Has("attention/rotary_over_cache"));
    }

    /// <summary>A message of 3·8·3 = 72 bytes at 1e-6·1e9·0.5·0.5 = 250 B/s.</summary>
    [Fact]
    public void Point_to_point_sends_each_activation_once()
    {
        ToyStage stage = new(Physical(ToyModel.Dense, ToyModel.Cards(pp: 2)));
        Chip chip = ToyChip.Balanced with { Networks = [ToyChip.Inner with { GigabytesPerSecond = 1e-6 }] };
        ExchangeCost cost = ExchangeCost.Of(stage.Exchange("pipeline/pp_send"), chip.Rates(Accounting.Physical), sequences: 3);
        Relative.Equal(0.25 + (72 / 250d), cost.Seconds);
    }

    /// <summary>A vocabulary of 100: 8→100 on three rows, FLOP 2·3·800 = 4800, bytes 800·0.5 + 3·108·2 = 400 + 648, once a stage.</summary>
    [Fact]
    public void A_stated_vocabulary_adds_logits_and_embedding()
    {
        TransformerModel model = ToyModel.Dense with { Vocabulary = 100 };
        ToyStage stage = new(Physical(model, ToyModel.Cards()));
        stage.Costs("logits/logits_projection", sequences: 3, flops: 4800, bytes: 1048);
        Assert.Equal(1, stage.Repeats("logits/logits_projection"));

        // Embedding and projection: 2·800·0.5.
        Relative.Equal(800, MemoryFootprint.Of(stage.Table).EmbeddingBytes);
        Relative.Equal(1192 + 800, MemoryFootprint.Of(stage.Table).WeightBytes);

        // Two stages have one of the two each.
        ToyStage half = new(Physical(model, ToyModel.Cards(pp: 2)));
        Relative.Equal(400, MemoryFootprint.Of(half.Table).EmbeddingBytes);
    }

    [Fact]
    public void Seed_accounting_ignores_the_vocabulary()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense with { Vocabulary = 100 }, ToyModel.Cards()));
        Assert.False(stage.Has("logits/logits_projection"));
        Assert.Equal(0, MemoryFootprint.Of(stage.Table).EmbeddingBytes);
    }

    /// <summary>The qkv projection: 768/625 s of compute, and 0.5 s of latency.</summary>
    [Fact]
    public void Static_latency_is_added_to_an_operator()
    {
        ToyStage stage = new(Physical(ToyModel.Dense, ToyModel.Cards()));
        Chip chip = ToyChip.Balanced with { StaticLatencySeconds = 0.5 };
        int projection = stage.IndexOf("attention/qkv_projection");
        Relative.Equal((768 / 625d) + 0.5, OperatorCost.Of(stage.Table, projection, chip.Rates(Accounting.Physical), 3).ProcessSeconds);
        Relative.Equal(768 / 640d, OperatorCost.Of(stage.Table, projection, chip.Rates(), 3).ProcessSeconds);
    }

    [Fact]
    public void A_dense_model_without_vocabulary_has_the_same_operators_and_memory()
    {
        ToyStage seed = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: 2)));
        ToyStage physical = new(Physical(ToyModel.Dense, ToyModel.Cards(tp: 2)));
        Assert.Equal(seed.Table.Count, physical.Table.Count);
        for (int op = 0; op < seed.Table.Count; op++)
        {
            Assert.Equal(seed.Table.Identities[op].Name, physical.Table.Identities[op].Name);
            Assert.Equal(seed.Table.Flops(op, 3), physical.Table.Flops(op, 3));
            Assert.Equal(seed.Table.Bytes(op, 3), physical.Table.Bytes(op, 3));
        }

        Assert.Equal(MemoryFootprint.Of(seed.Table), MemoryFootprint.Of(physical.Table));
    }

    private static DeploymentShape Physical(TransformerModel model, ParallelLayout layout) =>
        ToyModel.Decode(model, layout) with { Accounting = Accounting.Physical };
}
