using FastSim.Kernels.Chips;

namespace FastSim.Example.Tests;

/// <summary>
/// Cost model A2, absorbed latent attention in decode: r = 2 sequences on TP = 2, so H' = 2; h = 8, qr = 5, kr = 4, rd = 2,
/// nd = 3, vd = 5, S = 9; w = 0.5, a = 2, c = 4.
/// </summary>
public sealed class LatentOperatorTests
{
    private const double Rows = 2;

    private static readonly ToyStage Decode = new(
        ToyModel.Decode(ToyModel.LatentExperts, ToyModel.Cards(new(Dp: 2, Pp: 1, Tp: 2), ep: 4, mtp: 1, mdp: 1)));

    private static readonly ToyStage Prefill = new(
        ToyModel.Prefill(ToyModel.LatentExperts, ToyModel.Cards(new(Dp: 2, Pp: 1, Tp: 2), ep: 4, mtp: 1, mdp: 1)));

    [Fact]
    public void Query_goes_down_to_its_rank_and_up_to_the_heads()
    {
        // 8→5: FLOP 2·2·40 = 160. Bytes 40·0.5 + 2·13·2 = 20 + 52.
        Decode.Costs("attention/q_a_projection", Rows, flops: 160, bytes: 72);

        // FLOP 7·2·5 = 70. Bytes (2·2·5 + 5)·2 = 50.
        Decode.Costs("attention/q_a_norm", Rows, flops: 70, bytes: 50);

        // 5→2·(3 + 2) = 10: FLOP 2·2·50 = 200. Bytes 50·0.5 + 2·15·2 = 25 + 60.
        Decode.Costs("attention/q_b_projection", Rows, flops: 200, bytes: 85);
    }

    [Fact]
    public void Key_and_value_go_down_to_the_latent()
    {
        // 8→4 + 2: FLOP 2·2·48 = 192. Bytes 48·0.5 + 2·14·2 = 24 + 56.
        Decode.Costs("attention/kv_a_projection", Rows, flops: 192, bytes: 80);

        // FLOP 7·2·4 = 56. Bytes (2·2·4 + 4)·2 = 40.
        Decode.Costs("attention/kv_a_norm", Rows, flops: 56, bytes: 40);
    }

    [Fact]
    public void Key_up_projection_is_absorbed_into_the_query() =>
        // FLOP 2·2·2·3·4 = 96. Bytes 2·3·4·0.5 + 2·2·(3 + 4)·2 = 12 + 56.
        Decode.Costs("attention/key_absorb", Rows, flops: 96, bytes: 68);

    [Fact]
    public void Score_reads_the_latent() =>
        // FLOP 2·2·2·(4 + 2)·9 = 432. Bytes 2·(2·6·2 + 6·9·4) = 2·(24 + 216).
        Decode.Costs("attention/score", Rows, flops: 432, bytes: 480);

    [Fact]
    public void Softmax_moves_nothing() =>
        // FLOP 5·2·2·9 = 180.
        Decode.Costs("attention/softmax", Rows, flops: 180, bytes: 0);

    [Fact]
    public void Value_does_not_read_the_latent_again() =>
        // FLOP 2·2·2·4·9 = 288. Bytes 2·2·4·2 = 32.
        Decode.Costs("attention/value", Rows, flops: 288, bytes: 32);

    [Fact]
    public void Value_goes_up_to_the_heads() =>
        // FLOP 2·2·2·5·4 = 160. Bytes 2·5·4·0.5 + 2·2·(5 + 4)·2 = 20 + 72.
        Decode.Costs("attention/value_up", Rows, flops: 160, bytes: 92);

    [Fact]
    public void Output_projection() =>
        // 2·5→8: FLOP 2·2·80 = 320. Bytes 80·0.5 + 2·18·2 = 40 + 72.
        Decode.Costs("attention/output_projection", Rows, flops: 320, bytes: 112);

    [Fact]
    public void Rotary_over_the_cache() =>
        // FLOP 2·2·2·9 = 72. Bytes 7·2·2·9·2 = 504.
        Decode.Costs("attention/rotary_over_cache", Rows, flops: 72, bytes: 504);

    [Fact]
    public void Norm_residual_and_all_reduce()
    {
        // FLOP 7·2·8 = 112. Bytes 2·2·8·2 = 64: no weights here.
        Decode.Costs("attention/rms_norm", Rows, flops: 112, bytes: 64);

        // FLOP 2·8 = 16. Bytes 3·2·8·2 = 96.
        Decode.Costs("attention/residual", Rows, flops: 16, bytes: 96);

        // FLOP 2·8·(2 - 1)/2 = 8.
        Decode.Costs("attention/tp_all_reduce", Rows, flops: 8, bytes: 0);
    }

    [Fact]
    public void Score_and_value_run_at_the_attention_type_and_weights_at_the_matrix_type()
    {
        Assert.Equal(OperatorRate.Attention, RateOf("attention/score"));
        Assert.Equal(OperatorRate.Attention, RateOf("attention/value"));
        Assert.Equal(OperatorRate.Matrix, RateOf("attention/key_absorb"));
        Assert.Equal(OperatorRate.Matrix, RateOf("attention/value_up"));
        Assert.Equal(OperatorRate.Vector, RateOf("attention/softmax"));
    }

    /// <summary>A3: b sequences a card, TP = 2 and PP = 2 make b·4 attention rows; a rank's micro-batch of b·TP = 2 has 4.</summary>
    [Fact]
    public void A_pipelined_mixture_of_experts_attends_to_all_its_micro_batches()
    {
        ToyStage stage = new(
            ToyModel.Decode(ToyModel.LatentExperts, ToyModel.Cards(new(Dp: 1, Pp: 2, Tp: 2), ep: 4, mtp: 1, mdp: 1)));

        // Twice the figures above: FLOP 864, bytes 4·(24 + 216).
        stage.Costs("attention/score", sequences: 2, flops: 864, bytes: 960);
    }

    /// <summary>B2: one sequence, t = 6 rows, average context (6 + 1)/2 = 3.5, score width 2·(3 + 2), value width 2·5.</summary>
    [Fact]
    public void Prefill_attends_in_full_width()
    {
        // 4→2·(3 + 5) = 16: FLOP 2·6·64 = 768. Bytes 64·0.5 + 6·20·2 = 32 + 240.
        Prefill.Costs("attention/kv_b_projection", sequences: 1, flops: 768, bytes: 272);

        // FLOP 2·6·10·3.5 = 420 for each.
        Relative.Equal(420, Prefill.Flops("attention/score", 1));
        Relative.Equal(420, Prefill.Flops("attention/value", 1));

        // FLOP 5·6·2·3.5 = 210.
        Prefill.Costs("attention/softmax", sequences: 1, flops: 210, bytes: 0);

        // 5→10 on six rows: FLOP 2·6·50 = 600. Bytes 25 + 6·15·2 = 205.
        Prefill.Costs("attention/q_b_projection", sequences: 1, flops: 600, bytes: 205);
    }

    [Fact]
    public void Prefill_absorbs_nothing_and_writes_the_latent()
    {
        Assert.False(Prefill.Has("attention/key_absorb"));
        Assert.False(Prefill.Has("attention/value_up"));
        Assert.False(Prefill.Has("attention/rotary_over_cache"));

        // Bytes 6·(4 + 2)·4 = 144.
        Prefill.Costs("attention/cache_write", sequences: 1, flops: 0, bytes: 144);
    }

    private static OperatorRate RateOf(string path) => Decode.Table.Identities[Decode.IndexOf(path)].Rate;
}
