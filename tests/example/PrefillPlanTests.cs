using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>
/// Cost model B2: what a prefill plan achieves, memory-bound at 512 B/s. One sequence of six tokens: attention of a block moves
/// norm 208 + qkv 544 + q/k norm 296 + cache 192 + product 384 + output 224 + residual 288 = 2136 bytes, the feed-forward
/// norm 208 + 3·352 + activation 960 + residual 288 = 2512, together 4648.
/// </summary>
public sealed class PrefillPlanTests
{
    [Fact]
    public void First_token_comes_after_all_blocks()
    {
        // 4·4648/512 = 36.3125 s for six prompt tokens.
        PlanFigures figures = Figures(ToyModel.Dense, ToyModel.Cards(), 1);
        Relative.Equal(36.3125, figures.FirstTokenSeconds);
        Relative.Equal(6 / 36.3125, figures.TokensPerSecond);
        Assert.True(double.IsNaN(figures.PerTokenSeconds));
    }

    /// <summary>
    /// PP = 2: a stage takes 18.15625 s and sends 8·6·8·3 = 1152 bytes, 0.25 + 4.5 = 4.75 s. The first token passes two of each; in the
    /// steady state each of DP = 2 replicas finishes a sequence a stage time.
    /// </summary>
    [Fact]
    public void A_pipeline_prefills_a_batch_per_stage_time()
    {
        PlanFigures figures = Figures(ToyModel.Dense, ToyModel.Cards(dp: 2, pp: 2), 1);
        Relative.Equal(2 * (18.15625 + 4.75), figures.FirstTokenSeconds);
        Relative.Equal(2 * 6 / 18.15625, figures.TokensPerSecond);
    }

    /// <summary>
    /// Two sequences: a block's weights are 328 bytes and the rest 4648 - 328 = 4320 a sequence; 328 + 2·4320 = 8968.
    /// </summary>
    [Fact]
    public void A_batch_shares_the_weights()
    {
        PlanFigures figures = Figures(ToyModel.Dense, ToyModel.Cards(), 2);
        Relative.Equal(4 * 8968 / 512d, figures.FirstTokenSeconds);
        Relative.Equal(2 * 6 / (4 * 8968 / 512d), figures.TokensPerSecond);
    }

    /// <summary>
    /// cache_len = 2 leaves four rows: norm 144 + qkv 384 + q/k norm 200 + cache 128 + product 128 + 192 + output 160 + residual 192
    /// = 1528 bytes, feed-forward 208 + 4·384 = 1744, together 3272. Throughput counts the whole prompt.
    /// </summary>
    [Fact]
    public void Cached_tokens_shorten_the_prefill()
    {
        PlanFigures figures = Figures(ToyModel.Dense with { CachedTokens = 2 }, ToyModel.Cards(), 1);
        Relative.Equal(4 * 3272 / 512d, figures.FirstTokenSeconds);
        Relative.Equal(6 / (4 * 3272 / 512d), figures.TokensPerSecond);
    }

    private static PlanFigures Figures(TransformerModel model, ParallelLayout layout, double sequences)
    {
        ToyStage stage = new(ToyModel.Prefill(model, layout));
        return new PrefillPlan(stage.Table, ToyChip.MemoryBound.Rates(phase: Phase.Prefill), MemoryFootprint.Of(stage.Table)).At(sequences);
    }
}
