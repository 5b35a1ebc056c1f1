using FastSim.Kernels.Models;

namespace FastSim.Example.Tests;

/// <summary>
/// Cost model B2: rows are the new tokens; group-query attention of the dense model, h = 8, H' = 4, K' = 2, d = 2, c = 4.
/// </summary>
public sealed class PrefillOperatorTests
{
    /// <summary>Six new tokens a sequence; average context (6 + 1)/2 = 3.5.</summary>
    private static readonly ToyStage Fresh = new(ToyModel.Prefill(ToyModel.Dense, ToyModel.Cards()));

    /// <summary>Two of six tokens cached: t = 4, average context 2 + (4 + 1)/2 = 4.5.</summary>
    private static readonly ToyStage Cached = new(
        ToyModel.Prefill(ToyModel.Dense with { CachedTokens = 2 }, ToyModel.Cards()));

    [Fact]
    public void Rows_are_tokens()
    {
        // FLOP 2·6·8·16 = 1536. Bytes 8·16·0.5 + 6·(24 + 16)·2 = 64 + 480.
        Fresh.Costs("attention/qkv_projection", sequences: 1, flops: 1536, bytes: 544);

        // 8→16: FLOP 2·6·128 = 1536. Bytes 64 + 6·24·2 = 352.
        Fresh.Costs("mlp/gate_projection", sequences: 1, flops: 1536, bytes: 352);
    }

    [Fact]
    public void A_row_attends_to_half_the_prompt_on_average_and_keys_are_read_once() =>
        // FLOP 4·6·4·2·3.5 = 672. Bytes 6·2·4·2·2 + 2·2·2·6·4 = 192 + 192.
        Fresh.Costs("attention/flash_score_value", sequences: 1, flops: 672, bytes: 384);

    [Fact]
    public void Softmax_covers_what_rows_attend_to() =>
        // FLOP 5·6·4·3.5 = 420.
        Fresh.Costs("attention/softmax", sequences: 1, flops: 420, bytes: 0);

    [Fact]
    public void Keys_and_values_are_written() =>
        // Bytes 6·2·2·2·4 = 192.
        Fresh.Costs("attention/cache_write", sequences: 1, flops: 0, bytes: 192);

    [Fact]
    public void Cached_tokens_are_attended_to_but_not_computed_again()
    {
        // Two sequences, 8 rows. FLOP 4·8·4·2·4.5 = 1152. Bytes 8·32 + 2·(2·2·2·6·4) = 256 + 384.
        Cached.Costs("attention/flash_score_value", sequences: 2, flops: 1152, bytes: 640);

        // FLOP 2·8·8·16 = 2048. Bytes 64 + 8·40·2 = 704.
        Cached.Costs("attention/qkv_projection", sequences: 2, flops: 2048, bytes: 704);

        // Bytes 8·8·4 = 256.
        Cached.Costs("attention/cache_write", sequences: 2, flops: 0, bytes: 256);
    }

    [Fact]
    public void Prefill_drafts_nothing()
    {
        ToyStage stage = new(ToyModel.Prefill(ToyModel.Dense, ToyModel.Cards()) with { Prediction = new MultiTokenPrediction(1, 0.5) });
        stage.Costs("attention/qkv_projection", sequences: 1, flops: 1536, bytes: 544);
        Assert.Equal(4, stage.Repeats("attention/qkv_projection"));
    }

    /// <summary>b = 1/2 sequence a card on TP = 2 brings 3 tokens; MTP = 1, so T = 3·(2 + 1) = 9; n = 12/4 = 3, I' = 12.</summary>
    [Fact]
    public void Experts_share_the_tokens_of_a_rank()
    {
        ToyStage stage = new(
            ToyModel.Prefill(ToyModel.LatentExperts, ToyModel.Cards(new(Dp: 2, Pp: 1, Tp: 2), ep: 4, mtp: 1, mdp: 1)));

        // FLOP 2·9·8·12 = 1728. Bytes 3·8·12·0.5 + 9·(8 + 12)·2 = 144 + 360.
        stage.Costs("moe/expert_down", sequences: 1, flops: 1728, bytes: 504);
    }

    /// <summary>The cached latent is read where it is projected up; score and value work on what that wrote.</summary>
    [Fact]
    public void Latent_prefill_reads_the_cache_where_it_projects_up()
    {
        ToyStage stage = new(ToyModel.Prefill(ToyModel.LatentExperts, ToyModel.Cards()));
        Assert.True(stage.Table.Identities[stage.IndexOf("attention/kv_b_projection")].ReadsCache);
        Assert.False(stage.Table.Identities[stage.IndexOf("attention/score")].ReadsCache);
        Assert.False(stage.Table.Identities[stage.IndexOf("attention/value")].ReadsCache);
    }

    /// <summary>All micro-batches at once is a habit of decode: two stages change no prefill operator.</summary>
    [Fact]
    public void A_pipelined_prefill_attends_to_one_micro_batch()
    {
        ToyStage stage = new(
            ToyModel.Prefill(ToyModel.GroupQueryExperts, ToyModel.Cards(new(Dp: 2, Pp: 2, Tp: 1), ep: 4, mtp: 1, mdp: 1)));
        stage.Costs("attention/qkv_projection", sequences: 1, flops: 1536, bytes: 544);
    }
}
