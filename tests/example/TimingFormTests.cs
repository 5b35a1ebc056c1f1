using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;

namespace FastSim.Example.Tests;

/// <summary>Timing forms at values computed by hand.</summary>
public sealed class TimingFormTests
{
    /// <summary>10 units, 1 MB/µs of memory, 1 MB/µs of link.</summary>
    private static readonly TimingChip Chip = new(10, 1e12, 1e12);

    [Fact]
    public void A_product_of_one_tile_takes_its_floor_its_tile_and_its_bytes()
    {
        // m = n = 32, k = 1000 at 2 bytes; peak 1 TFLOP/s over 10 units: 0.1 MFLOP/µs a unit. Overlap 1 adds times up.
        // Tile 32×32 fits both (32 rows: 32 < 2·32): 2·32·32/0.1e6 = 0.02048 µs a depth of compute; load (32·2 + 32·2)/(0.1e6·1) = 0.00128 µs.
        // Of 16×32 there are 2 tiles on 10 units, one wave: 0.01024 + (16·2 + 32·2)/0.1e6 = 0.01024 + 0.00096 = 0.0112 µs a depth, so 11.2 µs:
        // the least of the tile shapes that m allows. Splits need depths of 256: two halves of 500 take 5.6 µs and the reduction
        // 1·(1 + 1) + 32·32·4·2/1e6 = 2.008192 µs: 7.608192 µs. Four of 250 are too short.
        // Bytes: (1000·32·2 + 32·1000·2 + 32·32·2)/1e6 = 0.130048 µs. Floor 3.
        double[] parameters = [3, 1, 1, 1, 1, 1, 1e-9, 1];
        double time = GemmTiming.Microseconds(parameters, Chip, 1e12, 2, 2, 32, 32, 1000, 0);
        Relative.Equal(3 + 7.608192 + 0.130048, time, 1e-9);
    }

    [Fact]
    public void Quantising_is_a_pass_over_the_input()
    {
        double[] parameters = [3, 1, 0.5, 1, 1, 1, 1e-9, 2];

        // 2 passes of 3 bytes over 10·100 elements at half of 1 MB/µs: 0.012 µs.
        Relative.Equal(0.012, GemmTiming.Quantize(parameters, Chip, 10, 100, 3), 1e-12);
    }

    [Fact]
    public void Decode_attention_splits_long_contexts_over_idle_units()
    {
        // One row of 1,000 tokens, 512 bytes each, chunks of 100 tokens: 10 splits on 10 slots, one wave of 1 + 100·1e-3 = 1.1 µs.
        // Memory: 512,000 bytes at 1 MB/µs = 0.512 µs. Compute: 1,000·1,000 FLOP at 1 TFLOP/s = 1 µs. Reduction 2·(1 - 1/10) = 1.8 µs.
        // Overlap 1 adds: 1.1 + 0.512 + 1 + 1.8 + 5 = 9.412 µs.
        double[] parameters = [5, 1, 1, 1, 100, 1, 1, 2, 1];
        Relative.Equal(9.412, DecodeAttentionTiming.Microseconds(parameters, Chip, 1e12, 1, 1000, 512, 1000, 0, 1), 1e-12);
    }

    [Fact]
    public void Of_a_collectives_protocols_the_fastest_counts()
    {
        // All-reduce over 4 puts 2·3/4 = 1.5 of the message on the wire.
        // 1 + 0.1·2 + 1.5·x/0.1; 3 + 0.5·2 + 1.5·x/0.5; 9 + 0·2 + 1.5·x/1, with x MB at 1 MB/µs of link.
        double[] parameters = [1, 0.1, 0.1, 3, 0.5, 0.5, 9, 1e-12, 1];
        Relative.Equal(1.2 + 0.15, CollectiveTiming.Microseconds(parameters, Chip, Collective.AllReduce, 1e4, 4), 1e-9);
        Relative.Equal(4 + 3, CollectiveTiming.Microseconds(parameters, Chip, Collective.AllReduce, 1e6, 4), 1e-9);
        Relative.Equal(9 + 150, CollectiveTiming.Microseconds(parameters, Chip, Collective.AllReduce, 1e8, 4), 1e-9);
    }

    [Fact]
    public void Even_tokens_reach_experts_evenly()
    {
        // 64 tokens choose 4 of 16 experts on 4 ranks: a rank has 4 experts and 64 rows.
        Span<double> room = stackalloc double[ExpertLoad.Room];
        ExpertLoad load = ExpertLoad.Of(64, 16, 4, 4, 0, room);
        Assert.Equal(4, load.Reached);
        Assert.Equal(64, load.Rows);
    }

    [Fact]
    public void A_few_tokens_reach_an_expert_a_row()
    {
        // One token, 8 of 256 experts: 8 rows, fewer than the least share of 0.08·256 = 20.48 experts, so each reaches its own.
        Span<double> room = stackalloc double[ExpertLoad.Room];
        ExpertLoad load = ExpertLoad.Of(1, 256, 8, 1, 1.2, room);
        Assert.Equal(8, load.Reached);
        Assert.Equal(8, load.Rows);
    }

    [Theory]
    [InlineData(512)]
    [InlineData(4096)]
    public void Skewed_tokens_load_the_hottest_rank_more_and_lose_none(double tokens)
    {
        Span<double> room = stackalloc double[ExpertLoad.Room];
        double alone = ExpertLoad.Of(tokens, 64, 8, 1, 1.01, room).Rows;
        double hottest = ExpertLoad.Of(tokens, 64, 8, 8, 1.01, room).Rows;

        // On one rank every row is there, but for the few that quantiles round away; on 8 the hottest has more than an eighth, and no more than all.
        Assert.InRange(alone, 0.9 * tokens * 8, tokens * 8 * (1 + 1e-9));
        Assert.InRange(hottest, tokens, tokens * 8);
    }

    [Fact]
    public void A_layout_shares_the_experts_over_all_cards()
    {
        TransformerModel model = ServedToy.Experts;

        // Not stated: one attention rank splits experts, several ranks share them out. 3 does not divide the 8 heads: three ranks.
        Assert.Equal(new ServingLayout(4, 1, 4, 1), ServingLayout.Of(model, 4, 0, 0, 0));
        Assert.Equal(new ServingLayout(2, 4, 1, 8), ServingLayout.Of(model, 2, 4, 0, 0));
        Assert.Equal(new ServingLayout(2, 4, 2, 4), ServingLayout.Of(model, 2, 4, 2, 4));
        Assert.Equal(new ServingLayout(1, 3, 1, 3), ServingLayout.Of(model, 3, 1, 0, 0));
    }
}
