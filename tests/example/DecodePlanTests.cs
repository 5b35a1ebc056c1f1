using FastSim.Kernels.Chips;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>
/// Cost model A3 and B6: what a decode plan achieves, memory-bound at 512 B/s. With b sequences on one card a dense block moves
/// attention 120 + 560·b bytes (norms 16 + 8, weights 64 + 32; a sequence: norm 32, qkv 80, q/k norm 48, product 320, output 32,
/// residual 48) and feed-forward 208 + 384·b bytes (norm 16, weights 3·64; a sequence: norm 32, linears 3·48, activation 160,
/// residual 48), together 328 + 944·b.
/// </summary>
public sealed class DecodePlanTests
{
    [Fact]
    public void Time_per_token_is_the_time_of_all_blocks()
    {
        // b = 3: 4·(328 + 944·3) = 12640 bytes.
        PlanFigures figures = Figures(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()), 3);
        Relative.Equal(12640 / 512d, figures.PerTokenSeconds);
        Relative.Equal(3 / 24.6875, figures.TokensPerSecond);
        Assert.True(double.IsNaN(figures.FirstTokenSeconds));
    }

    /// <summary>
    /// b = 3 where memory is free: a block has matrix FLOP 768 + 864 + 384 + 3·768 = 4320 at 640 FLOP/s and
    /// vector FLOP 168 + 252 + 540 + 24 + 168 + 192 + 24 = 1368 at 320 FLOP/s, 6.75 + 4.275 s.
    /// </summary>
    [Fact]
    public void Compute_takes_its_time_where_memory_is_free() =>
        Relative.Equal(4 * 11.025, Figures(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()), 3, ToyChip.ComputeBound).PerTokenSeconds);

    [Fact]
    public void Replicas_multiply_throughput_and_leave_latency()
    {
        PlanFigures figures = Figures(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(dp: 5)), 3);
        Relative.Equal(24.6875, figures.PerTokenSeconds);
        Relative.Equal(5 * 3 / 24.6875, figures.TokensPerSecond);
    }

    /// <summary>
    /// PP = 2: a stage of two blocks takes 6320/512 = 12.34375 s and sends 8·3·8·3 = 576 bytes, 0.25 + 576/256 = 2.5 s. A token
    /// passes two of each; two micro-batches of three are in flight.
    /// </summary>
    [Fact]
    public void A_pipeline_adds_a_send_per_stage()
    {
        PlanFigures figures = Figures(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(dp: 2, pp: 2)), 3);
        Relative.Equal(2 * (12.34375 + 2.5), figures.PerTokenSeconds);
        Relative.Equal(3 * 2 * 2 / 29.6875, figures.TokensPerSecond);
    }

    /// <summary>PP = 3 puts ceil(4/3) = 2 blocks on a stage, so that a token passes the time of six.</summary>
    [Fact]
    public void The_fullest_stage_sets_the_pace() =>
        Relative.Equal(3 * (12.34375 + 2.5), Figures(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(pp: 3)), 3).PerTokenSeconds);

    /// <summary>Four micro-batches on two stages: a token waits for all four.</summary>
    [Theory]
    [InlineData(1, 2)]
    [InlineData(2, 2)]
    [InlineData(4, 4)]
    public void A_token_waits_for_every_micro_batch_and_for_every_stage(int microBatches, int slots)
    {
        DeploymentShape shape = ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(pp: 2)) with { MicroBatches = microBatches };
        PlanFigures figures = Figures(shape, 3);
        Relative.Equal(slots * 14.84375, figures.PerTokenSeconds);
        Relative.Equal(3 * microBatches / (slots * 14.84375), figures.TokensPerSecond);
    }

    /// <summary>
    /// One draft: b = 3 makes six rows on L + 1 = 5 blocks. Of 944 bytes a sequence's cache is 288 and each of its rows 656, so a block
    /// moves 328 + 6·656 + 3·288 = 5128 bytes. A step yields 1 + 0.5 tokens.
    /// </summary>
    [Fact]
    public void A_draft_costs_rows_and_a_block_and_yields_half_a_token()
    {
        DeploymentShape shape = ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()) with { Prediction = new(1, 0.5) };
        double step = 5 * 5128 / 512d;
        PlanFigures figures = Figures(shape, 3);
        Relative.Equal(step / 1.5, figures.PerTokenSeconds);
        Relative.Equal(3 * 1.5 / step, figures.TokensPerSecond);
    }

    [Theory]
    [InlineData(0, 0.85, 1)]
    [InlineData(1, 0.85, 1.85)]
    [InlineData(3, 0.5, 1.875)]
    [InlineData(2, 1, 3)]
    [InlineData(2, 0, 1)]
    public void Tokens_a_step_follow_the_chain_of_acceptance(int drafts, double acceptance, double tokens) =>
        Relative.Equal(tokens, new MultiTokenPrediction(drafts, acceptance).TokensPerStep);

    /// <summary>By hand: 1 + 0.5, and 0.5·0.4 = 0.2 and 0.2·0.5 = 0.1 more.</summary>
    [Fact]
    public void Tokens_a_step_follow_the_chances_of_each_place() =>
        Relative.Equal(1.8, MultiTokenPrediction.ByPosition([0.5, 0.4, 0.5]).TokensPerStep);

    /// <summary>
    /// Mean tokens of a step at 1, 2 and 3 drafts, as an engine reported them of one model: 1.79, 2.27, 2.49. The first draft was accepted in 0.79 of the
    /// steps, the second in 0.48, so in 48 of 79 where the first was, the third in 0.22. One chance for all, 0.79, makes of three drafts
    /// 1 + 0.79 + 0.6241 + 0.493039 = 2.907139 instead.
    /// </summary>
    [Theory]
    [InlineData(1, 1.79)]
    [InlineData(2, 2.27)]
    [InlineData(3, 2.49)]
    public void Measured_mean_lengths_are_what_chances_of_places_say(int drafts, double tokens)
    {
        double[] places = [0.79, 0.48 / 0.79, 0.22 / 0.48];
        MultiTokenPrediction measured = MultiTokenPrediction.OfMeanLength(drafts, tokens);
        Assert.Equal(drafts, measured.DraftTokens);
        Relative.Equal(tokens, measured.TokensPerStep);
        Relative.Equal(tokens, MultiTokenPrediction.ByPosition(places.AsSpan(0, drafts)).TokensPerStep);
        Relative.Equal(2.907139, new MultiTokenPrediction(3, 0.79).TokensPerStep);
    }

    /// <summary>
    /// Latent attention and experts on DP = PP = TP = 2, EP = 4, MTP = 2, b = 2 a card, so 8 attention rows and T = 12 expert rows.
    /// Attention of a block moves 159 + 808·8 = 6623 bytes: weights 20 + 25 + 24 + 12 + 20 + 40 and norms 10 + 8; a row
    /// 32 + 26 + 20 + 30 + 28 + 16 + 252 (rotary) + 28 + 240 (score) + 16 + 36 + 36 + 48. The experts move
    /// norm 288 + router 288 + gate and up 624 + activation 720 + down 408 + un-permute 64 + residual 384 = 2776 bytes.
    /// Two blocks a stage: 2·9399/512 = 36.71484375 s; the send 0.25 + 8·8·8·3/256 = 6.25 s. b·N = 16 sequences are in flight.
    /// </summary>
    [Fact]
    public void A_mixture_of_experts_in_a_pipeline()
    {
        ParallelLayout layout = ToyModel.Cards(new(Dp: 2, Pp: 2, Tp: 2), ep: 4, mtp: 2, mdp: 1);
        PlanFigures figures = Figures(ToyModel.Decode(ToyModel.LatentExperts, layout), 4, ToyChip.MemoryBound.Hidden());
        Relative.Equal(2 * (36.71484375 + 6.25), figures.PerTokenSeconds);
        Relative.Equal(16 / 85.9296875, figures.TokensPerSecond);
    }

    [Fact]
    public void A_plan_with_flat_efficiencies_is_monotone()
    {
        DecodePlan plan = Plan(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()), ToyChip.Balanced);
        Assert.True(plan.IsMonotone);
        Assert.True(plan.IsReachable);
        Relative.Equal(1048576, plan.CapacityBytes);

        // Weights 4·(204 + 392)·0.5 = 1192 bytes; a sequence 2·16·2 + 10·4·2·2·2·4 = 64 + 1280. (1048576 - 1192)/1344 = 779.3.
        Assert.Equal(779, plan.LargestBatch(1));
        Relative.Equal(1192 + 1344, plan.MemoryBytes(1));
    }

    private static PlanFigures Figures(DeploymentShape shape, double sequences, Chip? chip = null) =>
        Plan(shape, chip ?? ToyChip.MemoryBound).At(sequences);

    private static DecodePlan Plan(DeploymentShape shape, Chip chip)
    {
        ToyStage stage = new(shape);
        return new DecodePlan(stage.Table, chip.Rates(), MemoryFootprint.Of(stage.Table));
    }
}
