using FastSim.Kernels.Models;

namespace FastSim.Example.Tests;

/// <summary>
/// Short convolutions, Mamba-1, and two mixings of the same tokens (docs/cost-model.md, "Blocks with a state"): h = 8, r = 3 sequences, w = 0.5, a = 2; the
/// prompt has 6 tokens, so that r = 18 rows of prefill.
/// </summary>
public sealed class OtherStateTests
{
    private const double Sequences = 3;

    private static readonly AttentionForm Convolution = AttentionForm.OfConvolution(channels: 8, convolution: 3);

    /// <summary>d = 16 channels, N = 4, convolution 4 with a bias, steps by way of rank 2, states of 4 bytes.</summary>
    private static readonly AttentionForm Channels = AttentionForm.OfState(
        AttentionKind.SelectiveScan, new StateDimensions(1, 16, 4, 1, 4, 1, 4) { ConvolvesValuesAlone = true, StepRank = 2, HasConvolutionBias = true });

    private static readonly AttentionForm Grouped = AttentionForm.OfState(AttentionKind.StateSpace, new StateDimensions(2, 4, 4, 2, 4, 64, 4));

    private static readonly AttentionForm Attending = new(AttentionKind.GroupQuery) { Heads = 4, KeyValueHeads = 2, HeadSize = 2 };

    private static ToyStage Stage(AttentionForm form, Phase phase, int tp = 1) => new(ToyModel.Shape(
        ToyBlocks.Of(ToyModel.Dense, ToyBlocks.Dense() with { Form = form }, ToyBlocks.Dense()), phase, ToyModel.Cards(tp: tp)) with
    {
        Accounting = Accounting.Physical,
    });

    [Fact]
    public void Short_convolution()
    {
        ToyStage stage = Stage(Convolution, Phase.Decode);

        // Both gates and what is convolved, 24 wide: FLOP 2·3·8·24 = 1,152. Bytes 8·24·0.5 + 3·32·2 = 96 + 192.
        stage.Costs("short_convolution/in_projection", Sequences, flops: 1152, bytes: 288);

        // FLOP 3·8. Bytes 3·3·8·2.
        stage.Costs("short_convolution/input_gate", Sequences, flops: 24, bytes: 144);
        stage.Costs("short_convolution/output_gate", Sequences, flops: 24, bytes: 144);

        // FLOP 3·8·2·3 = 144, no activation. Bytes: rows 96; two tokens of 8, read and written, 3·2·16·2 = 192; weights 8·3·2 = 48.
        stage.Costs("short_convolution/short_convolution", Sequences, flops: 144, bytes: 336);

        // FLOP 2·3·64. Bytes 64·0.5 + 3·16·2.
        stage.Costs("short_convolution/output_projection", Sequences, flops: 384, bytes: 128);
    }

    [Fact]
    public void Lightning_attention()
    {
        // Four heads of 2, chunks of 4, states of 4 bytes.
        AttentionForm heads = AttentionForm.OfState(AttentionKind.Lightning, new StateDimensions(4, 4, 2, 2, 1, 4, 4));
        ToyStage stage = Stage(heads, Phase.Decode);

        // 24 wide: FLOP 2·3·8·24 = 1,152. Bytes 8·24·0.5 + 3·32·2 = 96 + 192. Activated: 4·3·24, and 2·3·24·2.
        stage.Costs("lightning_attention/qkv_projection", Sequences, flops: 1152, bytes: 288);
        stage.Costs("lightning_attention/qkv_activation", Sequences, flops: 288, bytes: 288);

        // FLOP 3·4·5·2·2. Bytes: queries, keys, values and outputs 3·4·8·2 = 192; states of 16 elements read and written, 3·2·64.
        stage.Costs("lightning_attention/state_update", Sequences, flops: 240, bytes: 576);

        // FLOP 2·3·64. Bytes 64·0.5 + 3·16·2. The norm: 8·3·8, and 3·3·8·2 + 8·2.
        stage.Costs("lightning_attention/gate_projection", Sequences, flops: 384, bytes: 128);
        stage.Costs("lightning_attention/gated_norm", Sequences, flops: 192, bytes: 160);

        // A prompt's row and head: 4·2·2 + 4·4·2 + 2·2·2/4 = 50 FLOP, 18 rows and 4 heads. Bytes 18·64, and states once each way, 3·2·64.
        Stage(heads, Phase.Prefill).Costs("lightning_attention/chunked_recurrence", Sequences, flops: 3600, bytes: 1536);

        // It remembers no tokens: 16 elements of 4 bytes a sequence, drafts or none.
        Assert.Equal(64, heads.KeptBytesPerSequence(tensorParallel: 1, drafts: 3));
        Assert.Equal(32, heads.KeptBytesPerSequence(tensorParallel: 2));
    }

    [Fact]
    public void Mamba_1()
    {
        ToyStage stage = Stage(Channels, Phase.Decode);

        // 32 wide: FLOP 2·3·8·32 = 1,536. Bytes 8·32·0.5 + 3·40·2 = 128 + 240.
        stage.Costs("mamba/in_projection", Sequences, flops: 1536, bytes: 368);

        // 16 to 2 + 2·4 = 10: FLOP 2·3·160 = 960. Bytes 160·0.5 + 3·26·2 = 80 + 156.
        stage.Costs("mamba/selection_projection", Sequences, flops: 960, bytes: 236);

        // FLOP 7·3·10. Bytes (2·3·10 + 10)·2.
        stage.Costs("mamba/selection_norms", Sequences, flops: 210, bytes: 140);

        // 2 to 16: FLOP 2·3·32 = 192. Bytes 16 + 3·18·2 = 124.
        stage.Costs("mamba/step_projection", Sequences, flops: 192, bytes: 124);

        // FLOP 3·16·(9·4 + 8) = 2,112. Bytes: a row (4·16 + 2·4)·2 = 144; states 2·16·4·4 = 512; weights 16·(4 + 2) of 4: 432 + 1,536 + 384.
        stage.Costs("mamba/state_update", Sequences, flops: 2112, bytes: 2352);

        // Of a prompt 18 rows, a state read and written once a sequence: FLOP 18·704 = 12,672. Bytes 18·144 + 1,536 + 384.
        Stage(Channels, Phase.Prefill).Costs("mamba/selective_scan", Sequences, flops: 12_672, bytes: 4512);
        Assert.False(stage.Has("mamba/selection_all_reduce"));
    }

    [Fact]
    public void Cards_share_the_channels()
    {
        // Half of the channels, FLOP 2·3·8·10; all of the sums, 10 numbers a row, FLOP 30/2, 3 bytes each.
        ToyStage stage = Stage(Channels, Phase.Decode, tp: 2);
        Relative.Equal(480, stage.Flops("mamba/selection_projection", Sequences));
        stage.Costs("mamba/selection_all_reduce", Sequences, flops: 15, bytes: 90);
        Relative.Equal(90, stage.Exchange("mamba/selection_all_reduce").MessageBytes.At(Sequences));
        Relative.Equal(72, Stage(Convolution, Phase.Decode, tp: 2).Flops("short_convolution/short_convolution", Sequences));
    }

    [Fact]
    public void Two_mixings_share_a_norm()
    {
        const string Both = "attention_beside_mamba2";
        ToyStage beside = Stage(Attending with { Beside = Grouped }, Phase.Decode);
        ToyStage attention = Stage(Attending, Phase.Decode);
        ToyStage state = Stage(Grouped, Phase.Decode);
        Assert.Equal(1, Enumerable.Range(0, beside.Table.Count).Count(op => beside.Table.Identities[op] is { Block: Both, Name: "rms_norm" }));
        foreach ((ToyStage alone, string block, string name) in ((ToyStage, string, string)[])
            [(attention, "attention", "flash_score_value"), (attention, "attention", "qkv_projection"), (state, "mamba2", "in_projection"), (state, "mamba2", "state_update")])
        {
            beside.Costs($"{Both}/{name}", Sequences, alone.Flops($"{block}/{name}", Sequences), alone.Bytes($"{block}/{name}", Sequences));
        }

        // What it keeps is what both do: a state of 4·4·2·4 bytes and three tokens of 24 channels in 2; keys and values besides.
        Assert.Equal(128 + 144, (Attending with { Beside = Grouped }).KeptBytesPerSequence(tensorParallel: 1));
        Assert.Equal(8, CacheWidth.Of(ToyBlocks.Of(ToyModel.Dense, ToyBlocks.Dense()).Seen(Attending with { Beside = Grouped }), tensorParallel: 1));
    }

    [Fact]
    public void A_row_attends_to_the_blocks_that_it_selects()
    {
        // 2 index heads of 4, two blocks of 2 tokens: of the 9 tokens of context 4. FLOP 2·3·4·(2 + 2)·4 = 384. Bytes: rows 3·16·2 = 96, keys and values 3·8·4·4 = 384.
        ToyStage stage = Stage(Attending with { Indexer = new SparseIndexer(2, 4, 4) { BlockTokens = 2 } }, Phase.Decode);
        stage.Costs("block_sparse_attention/flash_score_value", Sequences, flops: 384, bytes: 480);

        // All index keys: FLOP 2·3·8·9 = 432. Bytes: queries 3·8·2 = 48, keys 3·4·9·4 = 432.
        stage.Costs("block_sparse_attention/index_score", Sequences, flops: 432, bytes: 480);

        // FLOP 3·3·2·9; half as many blocks as tokens, 4.5 a row in 32 bits, written and read.
        stage.Costs("block_sparse_attention/index_selection", Sequences, flops: 162, bytes: 108);
        Assert.False(stage.Has("block_sparse_attention/index_weights_projection"));
    }

    [Fact]
    public void A_router_knows_experts_that_compute_nothing()
    {
        // 8 experts and 4 more: FLOP 2·3·8·12; experts themselves as without.
        static ToyStage Of(int zero) => new(ToyModel.Shape(
            ToyBlocks.Of(ToyModel.Dense with { Experts = ToyModel.Experts with { ZeroExperts = zero } }, ToyBlocks.Expert()), Phase.Decode, ToyModel.Cards(new ToyModel.AttentionCards(1, 1, 1), ep: 1, mtp: 1, mdp: 1)));
        Relative.Equal(576, Of(4).Flops("moe/router", Sequences));
        Relative.Equal(Of(0).Bytes("moe/expert_gate_up", Sequences), Of(4).Bytes("moe/expert_gate_up", Sequences));
    }
}
