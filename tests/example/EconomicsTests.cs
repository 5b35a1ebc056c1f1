using FastSim.Kernels.Chips;
using FastSim.Kernels.Clocks;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;

namespace FastSim.Example.Tests;

/// <summary>
/// What deployments cost and draw (docs/cost-model.md, "Cost and energy"), on a memory-bound card of $7.2 an hour and 100 W idle that spends 2 J a
/// matrix FLOP, 0.5 J a vector FLOP and 0.25 J a byte. Three sequences that decode take 4·4320 matrix FLOP, 4·1368 vector FLOP and 12640 bytes
/// (DecodePlanTests), 34560 + 2736 + 3160 = 40456 J, in 24.6875 s. A prompt of six tokens takes 18592 bytes in 36.3125 s (PrefillPlanTests); its FLOP in
/// a block are matrix 1536 + 672 (S = 3.5) + 768 + 3·1536 = 7584 and vector 336 + 504 + 420 + 48 + 336 + 384 + 48 = 2076:
/// 4·(2·7584 + 0.5·2076) + 0.25·18592 = 69472 J.
/// </summary>
public sealed class EconomicsTests
{
    private const double DecodeJoules = 40456;
    private const double PromptJoules = 69472;

    private static ChipEconomics Stated { get; } = new()
    {
        DollarsPerHour = 7.2,
        BoardWatts = 3000,
        IdleWatts = 100,
        MatrixJoulesPerFlop = new Dictionary<string, double> { ["half"] = 2 },
        VectorJoulesPerFlop = new Dictionary<string, double> { ["half"] = 0.5 },
        MemoryJoulesPerByte = 0.25,
    };

    private static Chip Card { get; } = ToyChip.MemoryBound with { Economics = Stated with { MatrixJoulesPerFlop = new Dictionary<string, double> { ["half"] = 2, ["eighth"] = 1 } } };

    [Fact]
    public void A_pass_spends_the_energy_of_its_flop_and_bytes()
    {
        ToyStage decode = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()));
        Relative.Equal(DecodeJoules, StageEnergy.Joules(decode.Table, Card.Rates(), 3));
        ToyStage prefill = new(ToyModel.Prefill(ToyModel.Dense, ToyModel.Cards()));
        Relative.Equal(PromptJoules, StageEnergy.Joules(prefill.Table, Card.Rates(phase: Phase.Prefill), 1));
    }

    /// <summary>TP = 2: two all-reduces a block of 3·8·3 = 72 bytes, of which a card sends 72·(2 - 1) as op_scalar [2, -1] has it: 8·72 = 576 bytes at 3 J.</summary>
    [Fact]
    public void Exchanges_spend_the_energy_of_what_a_card_sends()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: 2)));
        double Joules(double? inner) => StageEnergy.Joules(
            stage.Table, (Card with { Economics = Card.Economics! with { LinkJoulesPerByte = [inner, null] } }).Rates(), 3);
        Relative.Equal(576 * 3, Joules(3) - Joules(0));
        Assert.True(double.IsNaN(Joules(null)), "what no figure is stated for is unknown, not nothing");
    }

    /// <summary>A figure that nothing needs may be missing; one that something needs makes the whole unknown, and the board's watts stay.</summary>
    [Fact]
    public void Unknown_stays_unknown()
    {
        DeploymentEconomics Of(ChipEconomics stated) => Solve(Decoding with { DecodeChip = ToyChip.MemoryBound with { Economics = stated } });
        Assert.False(double.IsNaN(Of(Stated).JoulesPerToken), "nothing of a dense stage runs at the attention type in seed accounting");
        foreach (ChipEconomics lacking in new[]
        {
            Stated with { IdleWatts = null }, Stated with { MemoryJoulesPerByte = null },
            Stated with { VectorJoulesPerFlop = new Dictionary<string, double>() }, Stated with { MatrixJoulesPerFlop = new Dictionary<string, double>() },
        })
        {
            DeploymentEconomics figures = Of(lacking);
            Assert.All(
                (double[])[figures.JoulesPerToken, figures.CardWatts, figures.TokensPerSecondPerWatt, figures.TokensPerSecondPerMegawatt],
                figure => Assert.True(double.IsNaN(figure)));
            Relative.Equal(3000 * 24.6875 / 3, figures.JoulesPerTokenAtBoardWatts);
        }

        Assert.True(double.IsNaN(Of(Stated with { DollarsPerHour = null }).DollarsPerMillionTokens));
        DeploymentEconomics nothing = Solve(Decoding);
        Assert.True(double.IsNaN(nothing.DollarsPerMillionTokens) && double.IsNaN(nothing.JoulesPerToken) && double.IsNaN(nothing.JoulesPerTokenAtBoardWatts));
    }

    /// <summary>
    /// A card that decodes yields 3 tokens in 24.6875 s: $7.2/3600·24.6875/3·1e6 = $16458.33 a million; (40456 + 100·24.6875)/3 = 14308.25 J each;
    /// 40456/24.6875 + 100 W. It reads no prompts.
    /// </summary>
    [Fact]
    public void A_phase_alone()
    {
        DeploymentEconomics figures = Solve(Decoding with { DecodeChip = Card });
        Relative.Equal(7.2 / 3600 * 24.6875 / 3 * 1e6, figures.DollarsPerMillionTokens);
        Relative.Equal(14308.25, figures.JoulesPerToken);
        Relative.Equal((40456 / 24.6875) + 100, figures.CardWatts);
        Relative.Equal(1 / 14308.25, figures.TokensPerSecondPerWatt);
        Relative.Equal(1e6 / 14308.25, figures.TokensPerSecondPerMegawatt);
        Relative.Equal(1e6 / (3000 * 24.6875 / 3), figures.TokensPerSecondPerMegawattAtBoardWatts);
        Assert.True(double.IsNaN(figures.DollarsPerMillionInputTokens));
    }

    /// <summary>
    /// A card that does both decodes 3 tokens in 51.921875 s, beside 3/4 of a prompt: 40456/3 + 69472/4 + 100·51.921875/3 = 32584.0625 J a token. It reads
    /// 6 prompt tokens for every 4 that it generates.
    /// </summary>
    [Fact]
    public void Fusion_pays_for_prompts_and_tokens_with_the_same_cards()
    {
        DeploymentEconomics figures = Solve(ToyJob.Fusion with { DecodeChip = Card, PrefillChip = Card });
        double dollars = 7.2 / 3600 * 51.921875 / 3 * 1e6;
        Relative.Equal(dollars, figures.DollarsPerMillionTokens);
        Relative.Equal(dollars * 4 / 6, figures.DollarsPerMillionInputTokens);
        Relative.Equal(32584.0625, figures.JoulesPerToken);
    }

    /// <summary>Replicas cost and draw in proportion: a token costs what it did.</summary>
    [Fact]
    public void Replicas_change_no_token()
    {
        DeploymentEconomics figures = Solve(ToyJob.Fusion with { DecodeChip = Card, PrefillChip = Card, Cards = 4 });
        Relative.Equal(32584.0625, figures.JoulesPerToken);
        Relative.Equal(7.2 / 3600 * 51.921875 / 3 * 1e6, figures.DollarsPerMillionTokens);
    }

    /// <summary>
    /// One card prefills, one decodes. Prefill binds with a request in 36.3125 s; decode could serve one in 4·24.6875/3 s and idles meanwhile. A request takes
    /// 69472 + 4·40456/3 J and 2·100 W over 36.3125 s, for four tokens; two cards are paid. Apart, each phase has its own rate.
    /// </summary>
    [Fact]
    public void A_split_pays_for_both_phases_at_the_rate_of_the_slower()
    {
        Job job = ToyJob.Split with { PrefillChip = Card, DecodeChip = Card, Splits = [new CardSplit(1, 1)] };
        JobResult result = job.Solve();
        DeploymentEconomics figures = DeploymentEconomics.Of(result);
        Relative.Equal((PromptJoules + (4 * DecodeJoules / 3) + (200 * 36.3125)) / 4, figures.JoulesPerToken);
        Relative.Equal(14.4 / 3600 * 36.3125 / 4 * 1e6, figures.DollarsPerMillionTokens);
        Relative.Equal(14.4 / 3600 * 36.3125 / 6 * 1e6, figures.DollarsPerMillionInputTokens);
        Relative.Equal(6000 * 36.3125 / 4, figures.JoulesPerTokenAtBoardWatts);
        Relative.Equal(7.2 / 3600 * 36.3125 / 6 * 1e6, result.Prefill!.Pool.DollarsPerMillionTokens);
        Relative.Equal((PromptJoules + 3631.25) / 6, result.Prefill.Pool.JoulesPerToken);
        Relative.Equal(14308.25, result.Decode!.Pool.JoulesPerToken);
    }

    /// <summary>40456 J at 800 W that a cap of 900 leaves for work take 50.57 s; a cap of 2100 is never reached.</summary>
    [Theory]
    [InlineData(900, 50.57, TimeBound.PowerCap)]
    [InlineData(2100, 24.6875, TimeBound.MemoryBandwidth)]
    public void A_power_cap_makes_a_pass_as_long_as_its_energy_takes(double cap, double seconds, TimeBound bound)
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()));
        DecodePlan plan = new(stage.Table, Capped(cap).Rates(), MemoryFootprint.Of(stage.Table));
        Relative.Equal(seconds, plan.At(3).PerTokenSeconds);
        Assert.Equal(bound, plan.Shares(3).Bound);
        Relative.Equal(100 + (DecodeJoules / seconds), plan.Draw(3).Watts);
        Assert.True(plan.Draw(3).Watts <= cap * (1 + 1e-12));
    }

    /// <summary>A limit of 40 s: three sequences take 50.57 s at 800 W, two 4·(2·2880 + 0.5·912 + 0.25·2216)/800 = 33.85 s (4·6770 J); without a cap 2.5625 + 7.375·b s take five.</summary>
    [Fact]
    public void A_power_cap_leaves_a_smaller_batch_within_the_limit()
    {
        Job job = Decoding with { DecodeChip = Capped(900), Decode = PlanRestriction.None, Limits = new LatencyLimits(null, 40_000) };
        JobResult result = job.Solve();
        Assert.Equal(2, result.Decode!.Sequences);
        Relative.Equal(4 * 6770 / 800d, result.Decode.LatencySeconds);
        Assert.Equal(5, (job with { DecodeChip = Card }).Solve().Decode!.Sequences);
    }

    /// <summary>
    /// A job of an engine on one card, 512 + 128 tokens, matrix FLOP at 1 pJ and all else free. A decode step is, a sequence, 4 blocks of
    /// 2·1024·1536 + 2·1024·1024 + 3·2·1024·4096 = 30408704 FLOP and 4·8·128·S of attention, S = 512 + 64 + 1, and logits of 2·1024·32000 = 65536000;
    /// a prompt is 512 rows of the blocks, attention over (512 + 1)/2 on average, and one row of logits. Whatever the batch.
    /// </summary>
    [Fact]
    public void An_engine_spends_a_token_and_its_share_of_a_prompt()
    {
        Chip chip = ServedToy.Chip with
        {
            Economics = new ChipEconomics
            {
                DollarsPerHour = 3.6,
                IdleWatts = 0,
                MatrixJoulesPerFlop = new Dictionary<string, double> { ["float16"] = 1e-12 },
                VectorJoulesPerFlop = new Dictionary<string, double> { ["float16"] = 0 },
                MemoryJoulesPerByte = 0,
            },
        };
        Job job = ToyJob.Fusion with
        {
            Model = ServedToy.Dense,
            Lengths = new SequenceLengths(512, 128),
            Precision = new Precision(2, 2, 2, 2),
            Types = new FlopsTypes("float16", "float16", "float16"),
            PrefillChip = chip,
            DecodeChip = chip,
            Decode = PlanRestriction.None,
            Accounting = Accounting.Physical,
            Engine = ServingEngine.All["trtllm"],
            Timing = [ClockKind.Fitted],
            Limits = new LatencyLimits(null, 20),
        };
        double token = (4 * (30408704 + (4096d * 577))) + 65536000;
        double prompt = (4 * 512 * (30408704 + (4096d * 256.5))) + 65536000;
        JobResult result = job.Solve();
        DeploymentEconomics figures = DeploymentEconomics.Of(result);
        Relative.Equal((token + (prompt / 128)) * 1e-12, figures.JoulesPerToken, 1e-9);
        Relative.Equal(1000 / result.Decode!.TokensPerSecond, figures.DollarsPerMillionTokens);
        Relative.Equal(figures.DollarsPerMillionTokens / 4, figures.DollarsPerMillionInputTokens);
    }

    private static Job Decoding { get; } = ToyJob.Split with { Splits = [new CardSplit(0, 1)] };

    private static Chip Capped(double watts) =>
        Card with { Economics = Card.Economics! with { PowerCapWatts = watts, LinkJoulesPerByte = [0, 0] } };

    private static DeploymentEconomics Solve(Job job) => DeploymentEconomics.Of(job.Solve());
}
