using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Reference;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Example.Tests;

/// <summary>
/// docs/cost-model.md, "Context parallelism": h = 8, I = 16, L = 4, H = 4, Kv = 2, d = 2; a prompt of 6 tokens, 4 generated, S = 9 in decode and 3.5 in
/// prefill; w = 0.5, a = 2, c = 4, u = 3.
/// </summary>
public sealed class ContextParallelTests
{
    private static readonly DeploymentShape Prompt = Shared(ToyModel.Prefill(ToyModel.Dense, ToyModel.Cards()), 2);

    private static readonly DeploymentShape Token = Shared(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()), 2);

    [Fact]
    public void A_card_has_its_share_of_a_prompts_rows_and_all_keys_and_values()
    {
        ToyStage stage = new(Prompt);

        // 6 / 2 = 3 rows. FLOP 2·3·8·16 = 768. Bytes 8·16·0.5 + 3·(3·8 + 16)·2 = 64 + 240.
        stage.Costs("attention/qkv_projection", 1, flops: 768, bytes: 304);

        // It caches its rows alone: 3·2·2·2·4.
        stage.Costs("attention/cache_write", 1, flops: 0, bytes: 96);

        // FLOP 4·3·4·2·3.5 = 336. Bytes 3·2·4·2·2 + 6 tokens·2·2·2·4 = 96 + 192.
        stage.Costs("attention/flash_score_value", 1, flops: 336, bytes: 288);

        // 16 wide, as on one card. FLOP 2·3·8·16 = 768. Bytes 8·16·0.5 + 3·(8 + 16)·2 = 64 + 144.
        stage.Costs("mlp/gate_projection", 1, flops: 768, bytes: 208);
        Assert.False(stage.Has("attention/tp_all_reduce"));
        Assert.False(stage.Has("attention/cp_combine"));
    }

    [Fact]
    public void Keys_and_values_are_gathered()
    {
        // 6 tokens·2·(2 + 2) elements·3 bytes, all of it, for each of 4 blocks.
        Exchange gather = new ToyStage(Prompt).Exchange("attention/cp_all_gather");
        Assert.Equal((ExchangeGroup.ContextParallel, Collective.AllGather, 2, 2), (gather.Group, gather.Collective, gather.GroupSize, gather.Span));
        Relative.Equal(144, gather.MessageBytes.At(1));

        // Of which a card had half: 72 come to it, as they would round a ring.
        Relative.Equal(4 * 72, CommunicationVolume.ContextParallelBytes(StageLowering.Lower(Prompt), 1));
        Relative.Equal(4 * 72, CommunicationVolume.ContextParallelBytes(StageLowering.Lower(Prompt with { ContextExchange = ContextExchange.Ring }), 1));

        // 256 bytes/s and a hop of 0.25 s: 0.25 + 144/256 = 0.8125 s a block, of which nothing is hidden.
        StageTime time = StageTime.Of(StageLowering.Lower(Prompt), ToyChip.MemoryBound.Rates(phase: Phase.Prefill), 1);
        Relative.Equal(4 * 0.8125, time.ExposedContextSeconds);
        Assert.Equal(0, time.ExposedTensorSeconds);
        Assert.Equal(0, time.ExposedExpertSeconds);
    }

    /// <summary>Three cards send a third, 48 bytes, to their neighbours twice, in each of 4 blocks.</summary>
    [Fact]
    public void Or_go_round()
    {
        DeploymentShape shape = Shared(ToyModel.Prefill(ToyModel.Dense, ToyModel.Cards()), 3) with { ContextExchange = ContextExchange.Ring };
        ToyStage stage = new(shape);
        Exchange send = stage.Exchange("attention/cp_ring");
        Assert.Equal((ExchangeGroup.ContextParallel, Collective.PointToPoint, 2, 3), (send.Group, send.Collective, send.GroupSize, send.Span));
        Relative.Equal(48, send.MessageBytes.At(1));
        Assert.Equal(8, stage.Repeats("attention/cp_ring"));
        Relative.Equal(8 * 48, CommunicationVolume.ContextParallelBytes(stage.Table, 1));

        // 0.25 + 48/256 = 0.4375 s each.
        StageTime time = StageTime.Of(stage.Table, ToyChip.MemoryBound.Rates(phase: Phase.Prefill), 1);
        Relative.Equal(8 * 0.4375, time.ExposedContextSeconds);
    }

    [Fact]
    public void Decode_reads_its_share_of_the_context_and_puts_outputs_together()
    {
        ToyStage stage = new(Token);
        const double Rows = 3;

        // Every card has the query of every row: as on one card.
        stage.Costs("attention/qkv_projection", Rows, flops: 768, bytes: 304);

        // 9 / 2 = 4.5 tokens. FLOP 4·3·4·2·4.5 = 432. Bytes 3·(2·4·2·2 + 2·2·2·4.5·4) = 3·(32 + 144).
        stage.Costs("attention/flash_score_value", Rows, flops: 432, bytes: 528);

        // Half of 4 heads' outputs, 2·3 bytes, and of their weights, 4 bytes: 3·4·10/2.
        Exchange parts = stage.Exchange("attention/cp_all_to_all");
        Assert.Equal((ExchangeGroup.ContextParallel, Collective.AllToAll, 2, 2), (parts.Group, parts.Collective, parts.GroupSize, parts.Span));
        Relative.Equal(60, parts.MessageBytes.At(Rows));

        // Two parts of 2 heads read, one written. FLOP 3·3·8 = 72. Bytes 3·8·1.5·2 = 72.
        stage.Costs("attention/cp_combine", Rows, flops: 72, bytes: 72);

        // 2 of 4 heads: 4→8. FLOP 2·3·4·8 = 192. Bytes 4·8·0.5 + 3·(4 + 8)·2 = 16 + 72.
        stage.Costs("attention/output_projection", Rows, flops: 192, bytes: 88);
        Assert.Equal(2, stage.Exchange("attention/tp_all_reduce").GroupSize);

        // 8 of 16 wide. FLOP 2·3·8·8 = 384. Bytes 8·8·0.5 + 3·(8 + 8)·2 = 32 + 96.
        stage.Costs("mlp/gate_projection", Rows, flops: 384, bytes: 128);

        // A token of each of 3 sequences, 4 blocks, 4 tokens.
        Relative.Equal(60 * 4 * 4, CommunicationVolume.ContextParallelBytes(stage.Table, Rows));
    }

    [Fact]
    public void Latent_attention_passes_the_latent()
    {
        ParallelLayout layout = ToyModel.Cards(new(Dp: 1, Pp: 1, Tp: 1), ep: 2, mtp: 1, mdp: 1);
        ToyStage prompt = new(Shared(ToyModel.Prefill(ToyModel.LatentExperts, layout), 2));

        // 6 tokens·(4 + 2)·3 bytes; then every card makes keys and values of all 6: 4→4·(3 + 5), FLOP 2·6·4·32.
        Relative.Equal(108, prompt.Exchange("attention/cp_all_gather").MessageBytes.At(1));
        Relative.Equal(1536, prompt.Flops("attention/kv_b_projection", 1));

        // 3 rows: 2·3·4·(3 + 2)·3.5.
        Relative.Equal(420, prompt.Flops("attention/score", 1));

        ToyStage token = new(Shared(ToyModel.Decode(ToyModel.LatentExperts, layout), 2));

        // 2 rows, 4.5 tokens: 2·2·4·6·4.5. Parts as wide as the latent: 2·4·(4·3 + 4)/2. Two heads go up: 2·2·2·4·5.
        Relative.Equal(432, token.Flops("attention/score", 2));
        Relative.Equal(64, token.Exchange("attention/cp_all_to_all").MessageBytes.At(2));
        Relative.Equal(160, token.Flops("attention/value_up", 2));
    }

    /// <summary>CP = 2, TP = 2, EP = 4: a card brings 4 / 4 = 1 token of 4 sequences, 3 expert rows.</summary>
    [Fact]
    public void Experts_lie_on_all_cards_of_a_rank()
    {
        ParallelLayout layout = ToyModel.Cards(new(Dp: 1, Pp: 1, Tp: 2), ep: 4, mtp: 1, mdp: 1);
        ToyStage stage = new(Shared(ToyModel.Decode(ToyModel.GroupQueryExperts, layout), 2));

        // FLOP 4·3·8·12.
        Relative.Equal(1152, stage.Flops("moe/expert_gate_up", 4));

        // A card's 1 token to 2 experts: 2·8·3 bytes, three quarters of which leave.
        Relative.Equal(36, stage.Exchange("moe/ep_dispatch").MessageBytes.At(4));
        Assert.Equal((4, 4), (stage.Exchange("moe/ep_dispatch").GroupSize, stage.Exchange("attention/tp_all_reduce").GroupSize));
        Assert.Equal(4, Shared(ToyModel.Decode(ToyModel.GroupQueryExperts, layout), 2).Layout.Cards);
    }

    /// <summary>A window of 1: a prompt's card has two pieces, a token before each, and its 3 rows; keys and values of all are gathered. Decode: half a token a card.</summary>
    [Fact]
    public void A_window_is_shared_out_too()
    {
        TransformerModel windowed = ToyBlocks.Of(ToyModel.Dense, [.. Enumerable.Repeat(ToyBlocks.Dense(AttentionReach.Window(1)), 4)]);
        DeploymentShape prompt = ToyModel.Prefill(windowed, ToyModel.Cards());
        double one = new ToyStage(prompt).Bytes("attention_window_1/flash_score_value", 1);
        double shared = new ToyStage(Shared(prompt, 2)).Bytes("attention_window_1/flash_score_value", 1);

        // One card: 6 rows·2·4·2·2 = 192 and 6 tokens·32; two: 3 rows, 96, and min(6, 2·1 + 3) = 5 tokens·32.
        Relative.Equal(192 + (6 * 32), one);
        Relative.Equal(96 + (5 * 32), shared);
        Relative.Equal(144, new ToyStage(Shared(prompt, 2)).Exchange("attention_window_1/cp_all_gather").MessageBytes.At(1));

        // FLOP of a token: 4·1·4·2·(1/2).
        Relative.Equal(16, new ToyStage(Shared(ToyModel.Decode(windowed, ToyModel.Cards()), 2)).Flops("attention_window_1/flash_score_value", 1));
    }

    [Fact]
    public void Cache_is_shared_out_and_weights_behind_attention_are()
    {
        MemoryFootprint memory = Footprint(Token);

        // 10 tokens·4 blocks·2·2·2·4 = 1280 bytes on one card.
        Relative.Equal(640, memory.CacheBytesPerSequence);

        // A block: qkv 8·16 + q/k norm 2·2 + output 4·8 + norm 8 = 172 elements; gate, up and down 3·8·8 + norm 8 = 200.
        Relative.Equal(4 * 172 * 0.5, memory.AttentionWeightBytes);
        Relative.Equal(4 * 200 * 0.5, memory.FeedForwardWeightBytes);
    }

    [Fact]
    public void A_prompts_cards_keep_whole_weights_and_room_for_what_is_gathered()
    {
        MemoryFootprint memory = Footprint(Prompt);

        // A block: 8·16 + 4 + 8·8 + 8 = 204 and 3·8·16 + 8 = 392 elements.
        Relative.Equal(4 * 204 * 0.5, memory.AttentionWeightBytes);
        Relative.Equal(4 * 392 * 0.5, memory.FeedForwardWeightBytes);

        // 6 tokens a block·4·32 / 2; gathered 6·8·3; feed-forward 2·3·16·2.
        Relative.Equal(6 * 4 * 32 / 2d, memory.CacheBytesPerSequence);
        Relative.Equal(144, memory.AttentionWorkingBytesPerSequence);
        Relative.Equal(192, memory.FeedForwardWorkingBytesPerSequence);

        // Two of three shares at a time.
        Relative.Equal(96, Footprint(Shared(Prompt, 3) with { ContextExchange = ContextExchange.Ring }).AttentionWorkingBytesPerSequence);

        // Cards that decode besides keep what prompts need.
        MemoryFootprint both = Footprint(Token with { KeepsPromptWeights = true });
        Relative.Equal(memory.AttentionWeightBytes, both.AttentionWeightBytes);
        Relative.Equal(memory.FeedForwardWeightBytes, both.FeedForwardWeightBytes);
    }

    /// <summary>TP = 2: a prompt of 6 tokens, of which a card has 3 between products.</summary>
    [Fact]
    public void Norms_of_rows_in_turn()
    {
        DeploymentShape shape = ToyModel.Prefill(ToyModel.Dense, ToyModel.Cards(tp: 2) with { SequenceParallel = true });
        ToyStage stage = new(shape);

        // FLOP 7·3·8. Bytes (2·3·8 + 8)·2. Residual: 3·8, 3·3·8·2.
        stage.Costs("attention/rms_norm", 1, flops: 168, bytes: 112);
        stage.Costs("mlp/residual", 1, flops: 24, bytes: 144);

        // All 6 rows: 6·8·3 bytes, gathered before the products of attention and of the feed-forward, scattered after them.
        foreach (string part in new[] { "attention", "mlp" })
        {
            Exchange gather = stage.Exchange($"{part}/sp_all_gather");
            Exchange scatter = stage.Exchange($"{part}/sp_reduce_scatter");
            Assert.Equal((ExchangeGroup.SequenceParallel, Collective.AllGather, 2), (gather.Group, gather.Collective, gather.GroupSize));
            Assert.Equal((ExchangeGroup.SequenceParallel, Collective.ReduceScatter, 2), (scatter.Group, scatter.Collective, scatter.GroupSize));
            Relative.Equal(144, gather.MessageBytes.At(1));
            Relative.Equal(144, scatter.MessageBytes.At(1));
            Assert.False(stage.Has($"{part}/tp_all_reduce"));
        }

        // 4 exchanges of a block, 4 blocks; at 256 bytes/s and 0.25 s a hop 0.8125 s each.
        Relative.Equal(16 * 144, CommunicationVolume.Bytes(stage.Table, ExchangeGroup.SequenceParallel, 1));
        Assert.Equal(0, CommunicationVolume.TensorParallelBytes(StageLowering.Lower(shape), 1));
        StageTime time = StageTime.Of(stage.Table, ToyChip.MemoryBound.Rates(phase: Phase.Prefill), 1);
        Relative.Equal(16 * 0.8125, time.ExposedSequenceSeconds);
        Assert.Equal(0, time.ExposedTensorSeconds);
    }

    [Theory]
    [InlineData("vllm", "--decode-context-parallel-size")]
    [InlineData("sglang", "--dcp-size")]
    [InlineData("trtllm", "Helix")]
    public void Engines_that_share_contexts_otherwise_refuse(string engine, string reason)
    {
        EngineLayouts layouts = new(engine, ToyModel.Dense, ToyChip.Balanced, draftTokens: 0);
        ParallelLayout layout = ToyModel.Cards(tp: 2) with { ContextParallel = 2 };
        Assert.Equal(LayoutRefusal.ContextShared, layouts.Refusal(layout));
        Assert.Contains(reason, layouts.Words(LayoutRefusal.ContextShared, layout), StringComparison.Ordinal);
        Assert.Equal(LayoutRefusal.None, layouts.Refusal(layout with { ContextParallel = 1 }));
        Assert.Equal(LayoutRefusal.RowsShared, layouts.Refusal(layout with { ContextParallel = 1, SequenceParallel = true }));
        Assert.Equal(LayoutRefusal.FeedForwardShared, layouts.Refusal(layout with { DataParallel = 2, ContextParallel = 1, AttentionDataParallel = 2 }));
        ParallelLayout gathered = layout with { ContextParallel = 1, FeedForward = new(FeedForwardExchange.WeightGathered, 2) };
        Assert.Equal(LayoutRefusal.FeedForwardShared, layouts.Refusal(gathered));
        Assert.Contains("feed_forward_exchange rows", layouts.Words(LayoutRefusal.FeedForwardShared, gathered), StringComparison.Ordinal);
    }

    /// <summary>Decode shares 4 heads out over CP x TP cards, a prompt over TP alone; a prompt of 6 tokens does not go on 8 cards.</summary>
    [Theory]
    [InlineData(2, 2, true, true)]
    [InlineData(1, 4, true, true)]
    [InlineData(2, 4, true, false)]
    [InlineData(1, 6, true, false)]
    [InlineData(1, 8, false, false)]
    public void What_can_be_shared_out(int tensorParallel, int contextParallel, bool ofPrompts, bool ofTokens)
    {
        AttentionTriple triple = new(1, 1, tensorParallel, contextParallel);
        Assert.Equal(ofPrompts, ContextCuts.Obstacle(ToyModel.Dense, null, triple, new ContextUse(Prompts: true, Decodes: false, PromptTokens: 6)) is null);
        Assert.Equal(ofTokens, ContextCuts.Obstacle(ToyModel.Dense, null, triple, new ContextUse(Prompts: false, Decodes: true)) is null);
        Assert.NotNull(ContextCuts.Obstacle(ToyModel.Dense, ToyModel.Dense, triple, new ContextUse(Prompts: true, Decodes: false)));
    }

    private static DeploymentShape Shared(DeploymentShape shape, int contextParallel) =>
        shape with { Layout = shape.Layout with { ContextParallel = contextParallel } };

    private static MemoryFootprint Footprint(DeploymentShape shape) => MemoryFootprint.Of(StageLowering.Lower(shape));
}
