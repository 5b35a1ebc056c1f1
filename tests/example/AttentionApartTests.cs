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
/// docs/cost-model.md, "Attention apart from the feed-forward": h = 8, I = 16, L = 4, H = 4, Kv = 2, d = 2; w = 0.5, a = 2, c = 4, u = 3. Two attention
/// ranks of TP = 2, three sequences each, share the feed-forward out over their four cards.
/// </summary>
public sealed class AttentionApartTests
{
    private const double Rows = 3;

    private static readonly ParallelLayout Layout = ToyModel.Cards(dp: 2, tp: 2) with { AttentionDataParallel = 2 };

    private static readonly DeploymentShape Token = ToyModel.Decode(ToyModel.Dense, Layout);

    [Fact]
    public void Attention_is_over_a_ranks_cards_and_the_feed_forward_over_those_of_all()
    {
        ToyStage stage = new(Token);

        // 2 of 4 heads, 1 of 2 key-value heads, 3 rows: n = (2 + 2)·2. FLOP 2·3·8·8. Bytes 8·8·0.5 + 3·(3·8 + 8)·2 = 32 + 192.
        stage.Costs("attention/qkv_projection", Rows, flops: 384, bytes: 224);
        Assert.Equal((2, 2), (stage.Exchange("attention/tp_all_reduce").GroupSize, stage.Exchange("attention/tp_all_reduce").Span));

        // A rank's own 3 rows: FLOP 7·3·8. Bytes (2·3·8 + 8)·2.
        stage.Costs("mlp/rms_norm", Rows, flops: 168, bytes: 112);

        // The 6 rows of both, 4 of 16 wide. FLOP 2·6·8·4. Bytes 8·4·0.5 + 6·(8 + 4)·2 = 16 + 144.
        stage.Costs("mlp/gate_projection", Rows, flops: 384, bytes: 160);
        stage.Costs("mlp/up_projection", Rows, flops: 384, bytes: 160);
        stage.Costs("mlp/activation_multiply", Rows, flops: 96, bytes: 240);
        stage.Costs("mlp/down_projection", Rows, flops: 384, bytes: 160);
        stage.Costs("mlp/residual", Rows, flops: 24, bytes: 144);
        Assert.False(stage.Has("mlp/tp_all_reduce"));
    }

    [Fact]
    public void Rows_are_gathered_before_it_and_scattered_after()
    {
        ToyStage stage = new(Token);

        // Each card has its rank's rows: 6·8·3 bytes over one card of either rank, which lie two apart.
        Exchange gather = stage.Exchange("mlp/ffn_all_gather");
        Assert.Equal((ExchangeGroup.TensorParallel, Collective.AllGather, 2, 4), (gather.Group, gather.Collective, gather.GroupSize, gather.Span));
        Relative.Equal(144, gather.MessageBytes.At(Rows));

        // Sums over all four, of which each gets 1.5 rows; the other 1.5 of its rank's come from its neighbour: 3·8·3 bytes.
        Exchange scatter = stage.Exchange("mlp/ffn_reduce_scatter");
        Assert.Equal((ExchangeGroup.TensorParallel, Collective.ReduceScatter, 4, 4), (scatter.Group, scatter.Collective, scatter.GroupSize, scatter.Span));
        Relative.Equal(144, scatter.MessageBytes.At(Rows));
        Exchange own = stage.Exchange("mlp/ffn_rows_all_gather");
        Assert.Equal((Collective.AllGather, 2, 2), (own.Collective, own.GroupSize, own.Span));
        Relative.Equal(72, own.MessageBytes.At(Rows));

        // With attention's all-reduce of 72 bytes 432 a block, 4 blocks, 4 tokens.
        Relative.Equal(4 * 4 * 432, CommunicationVolume.TensorParallelBytes(stage.Table, Rows));

        // 256 bytes/s, 0.25 s a hop; of two cards one hop, an all-reduce twice that, of four on a 2D full mesh two: (72 + 144 + 144 + 72)/256 + (2 + 1 + 2 + 1)·0.25 s
        // a block.
        StageTime time = StageTime.Of(stage.Table, ToyChip.MemoryBound.Rates(), Rows);
        Relative.Equal(4 * ((432 / 256d) + 1.5), time.ExposedTensorSeconds);
    }

    /// <summary>Cards that have rows in turn gather them over all four, and are done when sums are scattered.</summary>
    [Fact]
    public void Of_rows_in_turn_too()
    {
        ToyStage stage = new(Token with { Layout = Layout with { SequenceParallel = true } });
        Exchange gather = stage.Exchange("mlp/ffn_all_gather");
        Assert.Equal((ExchangeGroup.SequenceParallel, 4, 4), (gather.Group, gather.GroupSize, gather.Span));
        Relative.Equal(144, gather.MessageBytes.At(Rows));
        stage.Costs("mlp/gate_projection", Rows, flops: 384, bytes: 160);

        // 1.5 rows: FLOP 7·1.5·8. Bytes (2·1.5·8 + 8)·2.
        stage.Costs("mlp/rms_norm", Rows, flops: 84, bytes: 64);
        Assert.False(stage.Has("mlp/ffn_rows_all_gather"));
        Assert.False(stage.Has("mlp/sp_all_gather"));

        // Before attention 72, after it 72, 144 before the feed-forward and after it.
        Relative.Equal(4 * 4 * 432, CommunicationVolume.Bytes(stage.Table, ExchangeGroup.SequenceParallel, Rows));
        Assert.Equal(0, CommunicationVolume.TensorParallelBytes(stage.Table, Rows));
    }

    [Fact]
    public void A_card_keeps_its_share_of_either()
    {
        MemoryFootprint memory = MemoryFootprint.Of(StageLowering.Lower(Token));

        // A quarter of three matrices of 8·16, and a norm of 8: (96 + 8)·0.5·4 blocks.
        Relative.Equal(208, memory.FeedForwardWeightBytes);

        // Half of the feed-forward's width a row of its own, 2·8·2, and the gathered rows, 2·8·3.
        Relative.Equal(80, memory.FeedForwardWorkingBytesPerSequence);

        // Attention as of TP = 2 by itself.
        MemoryFootprint alone = MemoryFootprint.Of(StageLowering.Lower(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: 2))));
        Assert.Equal(alone.AttentionWeightBytes, memory.AttentionWeightBytes);
        Assert.Equal(alone.CacheBytesPerSequence, memory.CacheBytesPerSequence);
    }

    /// <summary>
    /// Of 32 words a card has eight for the six rows of both ranks: FLOP 2·6·8·8, bytes 8·8·0.5 + 6·(8 + 8)·2; 6·8·3 bytes of rows come from one card of either rank, of rows in turn from all four. A
    /// quarter of the projection, and half of the table, 64 and 128 elements of 0.5 bytes.
    /// </summary>
    [Fact]
    public void The_projection_to_the_vocabulary_is_shared_out_as_feed_forwards_are()
    {
        DeploymentShape spoken = Token with { Accounting = Accounting.Physical, Model = ToyModel.Dense with { Vocabulary = 32 } };
        ToyStage stage = new(spoken);
        stage.Costs("logits/logits_projection", Rows, flops: 768, bytes: 224);
        Exchange gather = stage.Exchange("logits/logits_rows_all_gather");
        Assert.Equal((ExchangeGroup.TensorParallel, Collective.AllGather, 2, 4), (gather.Group, gather.Collective, gather.GroupSize, gather.Span));
        Relative.Equal(144, gather.MessageBytes.At(Rows));
        Relative.Equal(32 + 64, MemoryFootprint.Of(stage.Table).EmbeddingBytes);
        Exchange inTurn = new ToyStage(spoken with { Layout = Layout with { SequenceParallel = true } }).Exchange("logits/logits_rows_all_gather");
        Assert.Equal((ExchangeGroup.SequenceParallel, 4, 4), (inTurn.Group, inTurn.GroupSize, inTurn.Span));

        // A prompt's last row of either rank.
        new ToyStage(ToyModel.Prefill(spoken.Model, Layout) with { Accounting = Accounting.Physical }).Costs("logits/logits_projection", 1, flops: 256, bytes: 96);

        // An engine's ranks have a projection each, 16 words a card.
        OperatorTable ofEngine = StageLowering.Lower(spoken with { Engine = ServingEngine.All["vllm"] });
        Assert.Equal(8 * 16, ofEngine.WeightElements[ofEngine.Identities.ToArray().ToList().FindIndex(identity => identity.Name == "logits_projection")]);
    }

    /// <summary>Where decode shares contexts out, the feed-forward lies on ADP·CP·TP cards, a prompt's on ADP·TP.</summary>
    [Fact]
    public void With_contexts_shared_out_over_all_cards_of_decode()
    {
        ParallelLayout layout = ToyModel.Cards(dp: 2) with { AttentionDataParallel = 2, ContextParallel = 2 };
        ToyStage token = new(ToyModel.Decode(ToyModel.Dense, layout));
        token.Costs("mlp/gate_projection", Rows, flops: 384, bytes: 160);
        Assert.Equal((2, 4), (token.Exchange("mlp/ffn_all_gather").GroupSize, token.Exchange("mlp/ffn_all_gather").Span));
        Assert.Equal(4, token.Exchange("mlp/ffn_reduce_scatter").GroupSize);

        // A prompt's 3 of 6 rows a card, 6 of both ranks, 8 wide. FLOP 2·6·8·8. Bytes 8·8·0.5 + 6·(8 + 8)·2.
        ToyStage prompt = new(ToyModel.Prefill(ToyModel.Dense, layout));
        prompt.Costs("mlp/gate_projection", 1, flops: 768, bytes: 224);
        Assert.Equal((2, 4), (prompt.Exchange("mlp/ffn_reduce_scatter").GroupSize, prompt.Exchange("mlp/ffn_reduce_scatter").Span));
        Assert.False(prompt.Has("mlp/ffn_rows_all_gather"));
    }

    /// <summary>16 wide, of whose ranks DP has as many as there are; experts have expert parallelism.</summary>
    [Theory]
    [InlineData(2, 2, 1, true)]
    [InlineData(8, 2, 1, true)]
    [InlineData(8, 4, 1, false)]
    [InlineData(3, 1, 1, false)]
    [InlineData(4, 2, 2, true)]
    [InlineData(8, 2, 2, false)]
    public void What_ranks_can_share(int ranks, int tensorParallel, int contextParallel, bool can)
    {
        AttentionTriple triple = new(ranks, 1, tensorParallel, contextParallel, ranks);
        ContextUse decodes = new(Prompts: false, Decodes: true);
        Assert.Equal(can, FeedForwardCuts.Obstacle(ToyModel.Dense, triple, decodes) is null);
        Assert.NotNull(FeedForwardCuts.Obstacle(ToyModel.GroupQueryExperts, triple, decodes));
    }

    /// <summary>Two ways for rows and the divisors of two ranks; on one card a rank's rows are whole.</summary>
    [Fact]
    public void What_is_tried_of_a_layout()
    {
        PlanRestriction all = PlanRestriction.None with { AttentionDataParallel = null, SequenceParallel = [false, true] };
        Assert.Equal(
            [(1, false), (1, true), (2, false), (2, true)],
            all.Spread(new AttentionTriple(2, 1, 2)).Select(triple => (triple.AttentionDataParallel, triple.SequenceParallel)));
        Assert.Equal([(1, false), (2, false)], all.Spread(new AttentionTriple(2, 1, 1)).Select(triple => (triple.AttentionDataParallel, triple.SequenceParallel)));
        Assert.Empty((PlanRestriction.None with { AttentionDataParallel = [4] }).Spread(new AttentionTriple(2, 1, 1)));
    }
}
