using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>
/// Blocks with a state, one of each kind in decode and prefill (docs/cost-model.md, "Blocks with a state"): h = 8, r = 3 sequences, w = 0.5, a = 2; the
/// prompt has 6 tokens, so that r = 18 rows of prefill.
/// </summary>
public sealed class StateBlockTests
{
    private const double Sequences = 3;

    /// <summary>nk = 2 heads of dk = 4, nv = 4 heads of dv = 2, convolution 4, chunks of 6, states of 4 bytes: K = 8, V = 8, C' = 2·8 + 8 = 24.</summary>
    private static readonly StateDimensions Gated = new(2, 4, 4, 2, 4, 6, 4);

    private static readonly StateDimensions Channelled = new(2, 2, 4, 4, 4, 6, 4) { HasNarrowGate = true };

    private static readonly StateDimensions Grouped = new(2, 4, 4, 2, 4, 64, 4) { HasConvolutionBias = true };

    private static ToyStage Stage(AttentionKind kind, StateDimensions state, Phase phase, int tp = 1) => new(ToyModel.Shape(Model(kind, state), phase, ToyModel.Cards(tp: tp)));

    private static TransformerModel Model(AttentionKind kind, StateDimensions state) => ToyBlocks.Of(
        ToyModel.Dense, ToyBlocks.Dense() with { Form = AttentionForm.OfState(kind, state) }, ToyBlocks.Dense());

    [Fact]
    public void Gated_delta_rule_in_decode()
    {
        ToyStage stage = Stage(AttentionKind.GatedDelta, Gated, Phase.Decode);

        // 24 + 8 = 32 wide: FLOP 2·3·8·32 = 1,536. Bytes 8·32·0.5 + 3·(8 + 32)·2 = 128 + 240.
        stage.Costs("gated_delta_net/qkvz_projection", Sequences, flops: 1536, bytes: 368);

        // A decay and a strength a head, 8: FLOP 2·3·8·8 = 384. Bytes 8·8·0.5 + 3·(8 + 8)·2 = 32 + 96.
        stage.Costs("gated_delta_net/ba_projection", Sequences, flops: 384, bytes: 128);

        // FLOP 3·24·(2·4 + 4) = 864. Bytes: rows 3·24·2·2 = 288, three tokens remembered, read and written, 3·24·3·2·2 = 864, weights 24·4·2 = 192.
        stage.Costs("gated_delta_net/short_convolution", Sequences, flops: 864, bytes: 1344);

        // A state of 4·4·2 = 32. FLOP 3·4·7·4·2 = 672. Bytes: a row 2·(2·8 + 2·8) + 8·4 = 96; states 2·32·4 = 256 a sequence; 8 small weights of 4: 3·96 + 3·256 + 32.
        stage.Costs("gated_delta_net/state_update", Sequences, flops: 672, bytes: 1088);

        // FLOP 8·3·8 = 192. Bytes 3·3·8·2 + 2·2 = 148.
        stage.Costs("gated_delta_net/gated_norm", Sequences, flops: 192, bytes: 148);

        // FLOP 2·3·8·8 = 384. Bytes 8·8·0.5 + 3·16·2 = 128.
        stage.Costs("gated_delta_net/output_projection", Sequences, flops: 384, bytes: 128);
        Assert.False(stage.Has("gated_delta_net/decay_gates"));
    }

    [Fact]
    public void Gated_delta_rule_in_prefill()
    {
        ToyStage stage = Stage(AttentionKind.GatedDelta, Gated, Phase.Prefill);

        // A row and head: 2·6·(3·4 + 2·2) + 6·4·2 + 36/3 = 192 + 48 + 12 = 252; 18 rows of 4 heads: 18,144. Bytes: 18·96 + 3·2·128 + 32 = 2,528.
        stage.Costs("gated_delta_net/chunked_recurrence", Sequences, flops: 18_144, bytes: 2528);

        // 18·4 heads: FLOP 10 each, bytes 12.
        stage.Costs("gated_delta_net/decay_gates", Sequences, flops: 720, bytes: 864);
    }

    [Fact]
    public void Cards_share_the_heads()
    {
        ToyStage stage = Stage(AttentionKind.GatedDelta, Gated, Phase.Decode, tp: 2);

        // Half of every head: 16 wide, FLOP 2·3·8·16; states of 16: FLOP 3·2·7·4·2 = 336.
        Relative.Equal(768, stage.Flops("gated_delta_net/qkvz_projection", Sequences));
        Relative.Equal(336, stage.Flops("gated_delta_net/state_update", Sequences));
        Assert.True(stage.Has("gated_delta_net/tp_all_reduce"));
    }

    [Fact]
    public void Kimi_delta_attention()
    {
        ToyStage decode = Stage(AttentionKind.KimiDelta, Channelled, Phase.Decode);

        // Queries, keys, values 8 each, gate 4, decay 4, strength 2: 34 wide. FLOP 2·3·8·34 = 1,632. Bytes 8·34·0.5 + 3·42·2 = 136 + 252.
        decode.Costs("kimi_delta_attention/qkvg_projection", Sequences, flops: 1632, bytes: 388);

        // 4 to 8: FLOP 2·3·4·8 = 192. Bytes 32·0.5 + 3·12·2 = 88.
        decode.Costs("kimi_delta_attention/decay_projection", Sequences, flops: 192, bytes: 88);
        decode.Costs("kimi_delta_attention/gate_projection", Sequences, flops: 192, bytes: 88);

        // FLOP 3·2·7·16 = 672. Bytes: a row 2·(12 + 8 + 1)·2 = 84; states 2·32·4 = 256; weights 2 + 8 of 4: 252 + 768 + 40.
        decode.Costs("kimi_delta_attention/state_update", Sequences, flops: 672, bytes: 1060);

        // Prefill, a row and head: 2·6·(12 + 8) + 6·16 + 12 = 348; 18·2 of them. Bytes 18·84 + 3·256 + 40.
        Stage(AttentionKind.KimiDelta, Channelled, Phase.Prefill).Costs("kimi_delta_attention/chunked_recurrence", Sequences, flops: 12_528, bytes: 2320);
    }

    [Fact]
    public void State_space()
    {
        ToyStage decode = Stage(AttentionKind.StateSpace, Grouped, Phase.Decode);

        // Gate 8, convolution 8 + 2·2·4 = 24, steps 4: 36 wide. FLOP 2·3·8·36 = 1,728. Bytes 8·36·0.5 + 3·44·2 = 144 + 264.
        decode.Costs("mamba2/in_projection", Sequences, flops: 1728, bytes: 408);

        // With a bias 24·5 weights: 288 + 864 + 240.
        decode.Costs("mamba2/short_convolution", Sequences, flops: 864, bytes: 1392);

        // FLOP 3·5·4·4·2 = 480. Bytes: a row (2·8 + 2·8)·2 + 4·4 = 80; states 256; weights 3·4 of 4: 240 + 768 + 48.
        decode.Costs("mamba2/state_update", Sequences, flops: 480, bytes: 1056);

        // Prefill, a head: 4·8 + 64·2·(1 + 1) + 2·8/64 = 288.25, four of them 1,153; groups 2·64·4·2 = 1,024: 2,177 a row. Bytes 18·80 + 768 + 48.
        Stage(AttentionKind.StateSpace, Grouped, Phase.Prefill).Costs("mamba2/chunked_recurrence", Sequences, flops: 39_186, bytes: 2256);
    }

    [Fact]
    public void A_state_does_not_grow_with_the_context()
    {
        // Of the two blocks one has a cache: 2·2·2·4 = 32 bytes a token, 10 tokens. The other a state of 32·4 and 24·3·2 = 128 + 144.
        DeploymentShape shape = ToyModel.Shape(Model(AttentionKind.GatedDelta, Gated), Phase.Decode, ToyModel.Cards());
        MemoryFootprint footprint = MemoryFootprint.Of(StageLowering.Lower(shape));
        Relative.Equal(320 + 272, footprint.CacheBytesPerSequence);
        Relative.Equal(272, footprint.StateBytesPerSequence);
        MemoryFootprint longer = MemoryFootprint.Of(StageLowering.Lower(shape with { Lengths = new SequenceLengths(96, 4) }));
        Relative.Equal(3200 + 272, longer.CacheBytesPerSequence);
        Relative.Equal(272, longer.StateBytesPerSequence);
    }

    [Fact]
    public void Blocks_of_one_part_have_one_norm()
    {
        // Mixing alone, then a feed-forward without a gate alone.
        TransformerModel model = ToyBlocks.Of(
            ToyModel.Dense,
            structure => structure with { HasPlainFeedForward = true },
            new BlockKind(AttentionReach.Whole, HasExperts: false) { Form = AttentionForm.OfState(AttentionKind.StateSpace, Grouped), LacksFeedForward = true },
            ToyBlocks.Dense() with { Form = AttentionForm.None });
        ToyStage stage = new(ToyModel.Shape(model, Phase.Decode, ToyModel.Cards()));
        Assert.Equal(1, stage.Repeats("mamba2/rms_norm"));
        Assert.Equal(1, stage.Repeats("mlp/rms_norm"));
        Assert.False(stage.Has("mlp/gate_projection"));

        // An element read, one written: FLOP 2·3·16, bytes 2·3·16·2.
        stage.Costs("mlp/activation", Sequences, flops: 96, bytes: 192);
        Assert.Equal(OperatorEngine.Vector, stage.Table.Identities[stage.IndexOf("mamba2/state_update")].Engine);
    }

    [Fact]
    public void Experts_in_a_width_of_their_own()
    {
        // z = 4, no gates, one shared expert of 12 on the hidden state: r = 3.
        TransformerModel model = ToyBlocks.Of(ToyModel.Dense, ToyBlocks.Expert()) with
        {
            Experts = ToyModel.Experts with { LatentWidth = 4, IsPlain = true, RedundantExperts = 0, SharedReplicas = 0 },
        };
        ToyStage stage = new(ToyModel.Shape(model, Phase.Decode, ToyModel.Cards(new(1, 1, 1), 1, 1, 1, redundant: 0, shared: 0)));

        // Shared: FLOP 2·3·8·12 = 576 each way. Into the width: 2·3·8·4 = 192.
        Relative.Equal(576, stage.Flops("moe/shared_up", Sequences));
        Relative.Equal(192, stage.Flops("moe/expert_latent_input", Sequences));

        // 3·2 rows: FLOP 2·6·4·12 = 576. Eight experts of 4·12 are there.
        Relative.Equal(576, stage.Flops("moe/expert_up", Sequences));
        Relative.Equal(384, stage.Table.WeightElements[stage.IndexOf("moe/expert_up")]);
        Relative.Equal(384, stage.Table.WeightElements[stage.IndexOf("moe/expert_down")]);
    }

    [Fact]
    public void Values_narrower_than_keys_and_a_gate_a_head()
    {
        AttentionForm form = new(AttentionKind.GroupQuery) { Heads = 4, KeyValueHeads = 2, HeadSize = 3, ValueHeadSize = 2, Gate = OutputGate.PerHead };
        ToyStage stage = new(ToyModel.Shape(ToyBlocks.Of(ToyModel.Dense, ToyBlocks.Dense() with { Form = form }), Phase.Decode, ToyModel.Cards()));

        // 12 + 2·(3 + 2) = 22 wide: FLOP 2·3·8·22 = 1,056; three inputs read: bytes 8·22·0.5 + 3·(24 + 22)·2 = 88 + 276.
        stage.Costs("attention/qkv_projection", Sequences, flops: 1056, bytes: 364);

        // FLOP 2·3·4·(3 + 2)·9 = 1,080. Bytes 3·4·5·2 + 3·10·9·4 = 120 + 1,080.
        stage.Costs("attention/flash_score_value", Sequences, flops: 1080, bytes: 1200);

        // 8 to 4 heads: FLOP 2·3·8·4 = 192, bytes 16 + 3·12·2. Multiply: FLOP 4·3·8, bytes 3·(2·8 + 4)·2.
        stage.Costs("attention/gate_projection", Sequences, flops: 192, bytes: 88);
        stage.Costs("attention/gate_multiply", Sequences, flops: 96, bytes: 120);
        stage.Costs("attention/output_projection", Sequences, flops: 384, bytes: 128);
    }
}
