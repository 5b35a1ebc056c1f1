using FastSim.Kernels.Chips;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Example.Tests;

/// <summary>What engines can run, a rule a test: eight cards a server, 16 heads, 64 experts.</summary>
public sealed class EngineLayoutTests
{
    private const string Vllm = "vllm";
    private const string Sglang = "sglang";
    private const string TensorRt = "trtllm";

    private static readonly Chip Chip = ToyChip.Balanced with { Name = "H20", Networks = [ToyChip.Inner with { Size = 8 }, ToyChip.Outer] };

    private static readonly TransformerModel Dense = ToyModel.Dense with { Heads = 16, Blocks = 16 };

    private static readonly TransformerModel Experts = Dense with { Experts = ToyModel.Experts with { Experts = 64 } };

    public static TheoryData<string> Engines => [.. EngineLayouts.Known];

    [Theory]
    [MemberData(nameof(Engines))]
    public void What_every_engine_runs(string engine)
    {
        Assert.Equal(LayoutRefusal.None, Of(engine, Dense, ToyModel.Cards(tp: 8)));
        Assert.Equal(LayoutRefusal.None, Of(engine, Dense, ToyModel.Cards(dp: 4, tp: 2)));
        Assert.Equal(LayoutRefusal.None, Of(engine, Dense, ToyModel.Cards(pp: 2, tp: 8)));

        // Attention data parallel over all cards and expert parallel as wide: the layout of DeepSeek's own deployments.
        Assert.Equal(LayoutRefusal.None, Of(engine, Experts, Cards(dp: 16, pp: 1, tp: 1, ep: 16, mtp: 1)));
        Assert.Equal(LayoutRefusal.None, Of(engine, Experts, Cards(dp: 1, pp: 1, tp: 8, ep: 1, mtp: 8)));
        Assert.Equal(LayoutRefusal.None, Of(engine, Experts, Cards(dp: 4, pp: 1, tp: 8, ep: 8, mtp: 1)));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Heads_divide(string engine) => Refused(LayoutRefusal.HeadsUneven, engine, Dense, ToyModel.Cards(tp: 3), "3 does not divide the 16 attention heads; nearest: TP 2");

    [Theory]
    [MemberData(nameof(Engines))]
    public void Tensor_parallel_stays_in_a_server(string engine)
    {
        Refused(LayoutRefusal.AttentionAcrossServers, engine, Dense, ToyModel.Cards(tp: 16), "across servers of 8 cards");
        Refused(LayoutRefusal.SlicesAcrossServers, engine, Experts, Cards(dp: 16, pp: 1, tp: 1, ep: 1, mtp: 16), "nearest: MoE-TP 1 with EP 16");
    }

    /// <summary>One tier says nothing of servers, so nothing is refused for them.</summary>
    [Theory]
    [MemberData(nameof(Engines))]
    public void A_chip_of_one_tier_has_no_servers(string engine)
    {
        Chip flat = Chip with { Networks = [ToyChip.Outer] };
        Assert.Equal(LayoutRefusal.None, new EngineLayouts(engine, Dense, flat, 0).Refusal(ToyModel.Cards(tp: 16)));
        Assert.Equal(LayoutRefusal.None, new EngineLayouts(engine, Dense, flat, 0).Refusal(ToyModel.Cards(pp: 3)));
    }

    /// <summary>72 cards reach one another, 4 a tray: tensor parallel may leave a tray, and instances are whole trays.</summary>
    [Theory]
    [MemberData(nameof(Engines))]
    public void A_rack_is_trays(string engine)
    {
        Chip rack = Chip with { Name = "GB200_NVL72", Networks = [ToyChip.Inner with { Size = 72 }, ToyChip.Outer] };
        Assert.Equal((8, 4), (EngineLayouts.ServerCardsOf(Chip), EngineLayouts.ServerCardsOf(rack)));
        Assert.Equal(LayoutRefusal.None, new EngineLayouts(engine, Dense, rack, 0).Refusal(ToyModel.Cards(tp: 16)));
        Assert.Equal(LayoutRefusal.None, new EngineLayouts(engine, Experts, rack, 0).Refusal(Cards(dp: 32, pp: 1, tp: 1, ep: 32, mtp: 1)));
        Assert.Equal(LayoutRefusal.ServersUnfilled, new EngineLayouts(engine, Experts, rack, 0).Refusal(Cards(dp: 6, pp: 1, tp: 1, ep: 6, mtp: 1, redundant: 2)));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void An_instance_fills_servers_or_divides_one(string engine)
    {
        Refused(LayoutRefusal.ServersUnfilled, engine, Dense, ToyModel.Cards(pp: 3), "instances of 4 cards");
        Refused(LayoutRefusal.ServersUnfilled, engine, Dense, ToyModel.Cards(pp: 6, tp: 2), "12 cards (2 a pipeline stage, 12 an attention rank)");
        Refused(LayoutRefusal.ServersUnfilled, engine, Experts, Cards(dp: 12, pp: 1, tp: 1, ep: 12, mtp: 1, redundant: 8), "instances of 16 cards");
        Assert.Equal(LayoutRefusal.None, Of(engine, Dense, ToyModel.Cards(pp: 12, tp: 2)));
    }

    /// <summary>Two stages of two ranks of TP 4: the instance fills servers; of three stages vLLM's ranks, 12 cards, do not.</summary>
    [Fact]
    public void A_rank_of_vllm_fills_servers_or_divides_one()
    {
        Assert.Equal(LayoutRefusal.None, Of(Vllm, Experts, Cards(dp: 2, pp: 2, tp: 4, ep: 8, mtp: 1)));
        Refused(LayoutRefusal.ServersUnfilled, Vllm, Experts, Cards(dp: 2, pp: 3, tp: 4, ep: 8, mtp: 1), "12 an attention rank");
        Assert.Equal(LayoutRefusal.None, Of(Sglang, Experts, Cards(dp: 2, pp: 3, tp: 4, ep: 8, mtp: 1)));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Attention_ranks_fill_the_cards_of_a_set_of_experts(string engine)
    {
        Refused(LayoutRefusal.ExpertsInsideAttention, engine, Experts, Cards(dp: 1, pp: 1, tp: 8, ep: 4, mtp: 1), "lies on 4 cards (EP 4 x MoE-TP 1), an attention rank on 8");
        Refused(LayoutRefusal.ExpertsInsideAttention, engine, Experts, Cards(dp: 1, pp: 1, tp: 4, ep: 1, mtp: 1), "lies on 1 cards");
        Assert.Equal(LayoutRefusal.None, Of(engine, Experts, Cards(dp: 4, pp: 1, tp: 1, ep: 1, mtp: 1)));
    }

    [Fact]
    public void Vllm_spreads_or_slices_experts()
    {
        ParallelLayout both = Cards(dp: 1, pp: 1, tp: 8, ep: 4, mtp: 2);
        Refused(LayoutRefusal.SpreadAndSliced, Vllm, Experts, both, "nearest: EP 8 x MoE-TP 1, or EP 1 x MoE-TP 8");
        Assert.Equal(LayoutRefusal.None, Of(Sglang, Experts, both));
        Assert.Equal(LayoutRefusal.None, Of(TensorRt, Experts, both));
        Assert.Equal(LayoutRefusal.None, Of(Vllm, Experts, Cards(dp: 4, pp: 1, tp: 2, ep: 1, mtp: 8)));
    }

    [Fact]
    public void TensorRt_slices_or_repeats_attention()
    {
        ParallelLayout both = Cards(dp: 4, pp: 1, tp: 2, ep: 8, mtp: 1);
        Refused(LayoutRefusal.SlicedAndRepeated, TensorRt, Experts, both, "nearest: TP 1 with 8 ranks, or TP 8");
        Assert.Equal(LayoutRefusal.None, Of(Vllm, Experts, both));
        Assert.Equal(LayoutRefusal.None, Of(Sglang, Experts, both));

        // Two instances of one rank each repeat nothing inside an instance.
        Assert.Equal(LayoutRefusal.None, Of(TensorRt, Experts, Cards(dp: 2, pp: 1, tp: 2, ep: 2, mtp: 1)));
    }

    [Fact]
    public void Experts_are_even_over_ranks_where_the_engine_needs_it()
    {
        TransformerModel uneven = Experts with { Experts = Experts.Experts! with { Experts = 60 } };
        ParallelLayout layout = Cards(dp: 8, pp: 1, tp: 1, ep: 8, mtp: 1);
        Assert.Equal(LayoutRefusal.None, Of(Vllm, uneven, layout));
        Refused(LayoutRefusal.ExpertsUneven, Sglang, uneven, layout, "EP 8 does not divide the 60 experts that are placed; nearest: 4 redundant experts");
        Refused(LayoutRefusal.ExpertsUneven, TensorRt, uneven, layout, "nearest: 4 redundant");
        Refused(LayoutRefusal.ExpertsUneven, Vllm, uneven, layout with { RedundantExperts = 8 }, "the 68 experts");
        Assert.Equal(LayoutRefusal.None, Of(Vllm, uneven, layout with { RedundantExperts = 4 }));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Redundant_experts_need_expert_parallelism(string engine)
    {
        Refused(LayoutRefusal.CopiesUnspread, engine, Experts, Cards(dp: 1, pp: 1, tp: 8, ep: 1, mtp: 8, redundant: 8), "8 redundant experts without");
        Assert.Equal(LayoutRefusal.None, Of(engine, Experts, Cards(dp: 8, pp: 1, tp: 1, ep: 8, mtp: 1, redundant: 8)));
    }

    [Theory]
    [InlineData("H20", true)]
    [InlineData("GB200_NVL72", true)]
    [InlineData("H200_SXM", false)]
    [InlineData("H100_SXM", false)]
    public void TensorRt_claims_redundant_experts_for_some_chips(string chip, bool isClaimed)
    {
        ParallelLayout layout = Cards(dp: 8, pp: 1, tp: 1, ep: 8, mtp: 1, redundant: 8);
        EngineLayouts layouts = new(TensorRt, Experts, Chip with { Name = chip }, 0);
        Assert.Equal(isClaimed ? LayoutRefusal.None : LayoutRefusal.CopiesOnChip, layouts.Refusal(layout));
        Assert.Equal(LayoutRefusal.None, layouts.Refusal(layout with { RedundantExperts = 0 }));
        Assert.Equal(LayoutRefusal.None, new EngineLayouts(Sglang, Experts, Chip with { Name = chip }, 0).Refusal(layout));
    }

    [Theory]
    [MemberData(nameof(Engines))]
    public void Drafts_do_not_go_with_pipelines(string engine)
    {
        EngineLayouts drafting = new(engine, Dense, Chip, 1);
        Assert.Equal(LayoutRefusal.DraftsInPipeline, drafting.Refusal(ToyModel.Cards(pp: 2)));
        Assert.Equal(LayoutRefusal.None, drafting.Refusal(ToyModel.Cards(tp: 2)));
        Assert.Equal("draft tokens with pipeline parallel 2; nearest: PP 1, or no draft tokens", drafting.Words(LayoutRefusal.DraftsInPipeline, ToyModel.Cards(pp: 2)));
    }

    [Fact]
    public void Pools_of_sglang_are_multiples_of_one_another()
    {
        ParallelLayout four = ToyModel.Cards(tp: 4);
        ParallelLayout eight = Cards(dp: 8, pp: 1, tp: 1, ep: 8, mtp: 1);
        ParallelLayout twelve = Cards(dp: 12, pp: 1, tp: 1, ep: 12, mtp: 1);
        Assert.Equal(LayoutRefusal.None, new EngineLayouts(Sglang, Experts, Chip, 0).Refusal(eight, eight));
        Assert.Equal(LayoutRefusal.PoolsUnlike, new EngineLayouts(Sglang, Experts, Chip, 0).Refusal(twelve, eight));
        Assert.Equal(LayoutRefusal.None, new EngineLayouts(Vllm, Experts, Chip, 0).Refusal(twelve, eight));
        Assert.Equal(LayoutRefusal.None, new EngineLayouts(Sglang, Dense, Chip, 0).Refusal(four, ToyModel.Cards(dp: 3, tp: 2)));
    }

    [Fact]
    public void An_unknown_engine_refuses_nothing_and_a_longer_name_is_the_same_engine()
    {
        ParallelLayout odd = Cards(dp: 3, pp: 3, tp: 7, ep: 1, mtp: 3);
        Assert.Equal(LayoutRefusal.None, Of("none", Experts, odd));
        Assert.Equal(LayoutRefusal.None, Of("vllmx", Experts, odd));
        Assert.Equal((Vllm, LayoutRefusal.HeadsUneven), (new EngineLayouts("vllm-8k", Experts, Chip, 0).Engine, Of("vllm-8k", Experts, odd)));
    }

    private static LayoutRefusal Of(string engine, TransformerModel model, ParallelLayout layout) => new EngineLayouts(engine, model, Chip, 0).Refusal(layout);

    private static void Refused(LayoutRefusal refusal, string engine, TransformerModel model, ParallelLayout layout, string words)
    {
        EngineLayouts layouts = new(engine, model, Chip, 0);
        Assert.Equal(refusal, layouts.Refusal(layout));
        Assert.Contains(words, layouts.Words(refusal, layout), StringComparison.Ordinal);
    }

    private static ParallelLayout Cards(int dp, int pp, int tp, int ep, int mtp, int redundant = 0) =>
        new(dp, pp, tp, ep, mtp, dp * pp * tp / (ep * mtp), redundant, 0);
}
