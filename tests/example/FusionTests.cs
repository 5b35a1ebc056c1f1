using FastSim.Kernels.Chips;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Example.Tests;

/// <summary>
/// Cost model B4: one instance does both. Per rank b = 3 sequences decode at 24.6875 s a token (DecodePlanTests) while b/out = 3/4
/// requests are prefilled a step, 36.3125 s each (PrefillPlanTests).
/// </summary>
public sealed class FusionTests
{
    [Fact]
    public void A_step_decodes_the_batch_and_prefills_what_it_finishes()
    {
        // TPOT 24.6875 + 0.75·36.3125 = 24.6875 + 27.234375; TTFT 36.3125 on top.
        PlanFigures figures = Plan(ToyModel.Cards()).At(3);
        Relative.Equal(51.921875, figures.PerTokenSeconds);
        Relative.Equal(88.234375, figures.FirstTokenSeconds);
        Relative.Equal(3 / 51.921875, figures.TokensPerSecond);
    }

    [Fact]
    public void Replicas_do_the_same_side_by_side()
    {
        PlanFigures figures = Plan(ToyModel.Cards(dp: 2)).At(3);
        Relative.Equal(51.921875, figures.PerTokenSeconds);
        Relative.Equal(2 * 3 / 51.921875, figures.TokensPerSecond);
    }

    /// <summary>
    /// PP = 2: a decode token takes 2·(12.34375 + 2.5) = 29.6875 s; b = 2·3 sequences a rank finish 6/4 requests a token, each a stage's
    /// pass of 18.15625 + 4.75 = 22.90625 s. TTFT passes both stages, 45.8125 s, and decodes a token.
    /// </summary>
    [Fact]
    public void A_pipeline_finishes_the_requests_of_all_its_micro_batches()
    {
        PlanFigures figures = Plan(ToyModel.Cards(pp: 2)).At(3);
        Relative.Equal(29.6875 + (1.5 * 22.90625), figures.PerTokenSeconds);
        Relative.Equal(45.8125 + 64.046875, figures.FirstTokenSeconds);
        Relative.Equal(6 / 64.046875, figures.TokensPerSecond);
    }

    [Fact]
    public void A_job_reports_both_halves_at_the_rate_of_the_whole()
    {
        JobResult result = ToyJob.Fusion.Solve();
        Relative.Equal(51.921875, result.Decode!.LatencySeconds);
        Relative.Equal(88.234375, result.Prefill!.LatencySeconds);
        Relative.Equal(3 / 51.921875, result.Decode.TokensPerSecond);

        // A request has 4 generated tokens and 6 prompt tokens.
        Relative.Equal(3 / 51.921875 / 4, result.Decode.RequestsPerSecond);
        Relative.Equal(result.Decode.RequestsPerSecond, result.Prefill.RequestsPerSecond);
        Relative.Equal(3 / 51.921875 / 4 * 6, result.Prefill.TokensPerSecond);
    }

    [Theory]
    [InlineData(88234, null, false)]
    [InlineData(88235, null, true)]
    [InlineData(null, 51921, false)]
    [InlineData(null, 51922, true)]
    public void Limits_apply_to_the_figures_of_the_whole(int? firstToken, int? perToken, bool hasPlan) =>
        Assert.Equal(hasPlan, (ToyJob.Fusion with { Limits = new LatencyLimits(firstToken, perToken) }).Solve().HasPlan);

    /// <summary>TPOT is 2.5625 + (7.375 + 36.3125/4)·b = 2.5625 + 16.453125·b s: 35.46875 for two, 51.921875 for three.</summary>
    [Theory]
    [InlineData(51922, 3)]
    [InlineData(51921, 2)]
    [InlineData(35468, 1)]
    [InlineData(19015, 0)]
    public void A_free_batch_is_the_largest_that_meets_the_limit(int milliseconds, int batch)
    {
        Job job = ToyJob.Fusion with { Decode = PlanRestriction.None, Limits = new LatencyLimits(null, milliseconds) };
        Assert.Equal(batch, job.Solve().Decode?.Sequences ?? 0);
    }

    [Fact]
    public void A_fusion_job_uses_all_its_cards() => Assert.Equal(4, (ToyJob.Fusion with { Cards = 4 }).Solve().Decode!.Layout.Cards);

    private static FusionPlan Plan(ParallelLayout layout)
    {
        Chip chip = ToyChip.MemoryBound;
        ToyStage decode = new(ToyModel.Decode(ToyModel.Dense, layout));
        ToyStage prefill = new(ToyModel.Prefill(ToyModel.Dense, layout));
        return new FusionPlan(
            new DecodePlan(decode.Table, chip.Rates(), MemoryFootprint.Of(decode.Table)),
            new PrefillPlan(prefill.Table, chip.Rates(phase: Phase.Prefill), MemoryFootprint.Of(prefill.Table)));
    }
}
