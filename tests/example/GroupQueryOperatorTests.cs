using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Cost model A2, group-query attention in decode: r = 3 sequences, h = 8, S = 9, d = 2; w = 0.5, a = 2, c = 4.</summary>
public sealed class GroupQueryOperatorTests
{
    private const double Rows = 3;

    /// <summary>One card: H' = 4, K' = 2, n = (4 + 2·2)·2 = 16.</summary>
    private static readonly ToyStage OneCard = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()));

    [Fact]
    public void Query_key_value_projection() =>
        // FLOP 2·3·8·16 = 768. Bytes 8·16·0.5 + 3·(3·8 + 16)·2 = 64 + 240.
        OneCard.Costs("attention/qkv_projection", Rows, flops: 768, bytes: 304);

    [Fact]
    public void Query_key_norm() =>
        // FLOP 7·3·(4 + 2)·2 = 252. Bytes (2·3·(4 + 2)·2 + 2·2)·2 = (72 + 4)·2.
        OneCard.Costs("attention/qk_norm", Rows, flops: 252, bytes: 152);

    /// <summary>A model that says it has no such norms costs the same but for them; one that says it has some, the same as one that is silent.</summary>
    [Fact]
    public void Query_key_norm_is_left_out_where_the_model_has_none()
    {
        ToyStage none = new(ToyModel.Decode(ToyModel.Dense with { StatedNorm = QueryKeyNorm.None }, ToyModel.Cards()));
        ToyStage some = new(ToyModel.Decode(ToyModel.Dense with { StatedNorm = QueryKeyNorm.PerHead }, ToyModel.Cards()));
        Assert.False(none.Has("attention/qk_norm"));
        Assert.Equal(OneCard.Table.Count - 1, none.Table.Count);
        none.Costs("attention/qkv_projection", Rows, flops: 768, bytes: 304);
        some.Costs("attention/qk_norm", Rows, flops: 252, bytes: 152);
    }

    [Fact]
    public void Score_and_value_product() =>
        // FLOP 4·3·4·2·9 = 864. Bytes 3·(2·4·2·2 + 2·2·2·9·4) = 3·(32 + 288).
        OneCard.Costs("attention/flash_score_value", Rows, flops: 864, bytes: 960);

    [Fact]
    public void Softmax_of_flash_attention_moves_nothing() =>
        // FLOP 5·3·4·9 = 540.
        OneCard.Costs("attention/softmax", Rows, flops: 540, bytes: 0);

    [Fact]
    public void Output_projection() =>
        // H'd = 8. FLOP 2·3·8·8 = 384. Bytes 8·8·0.5 + 3·(8 + 8)·2 = 32 + 96.
        OneCard.Costs("attention/output_projection", Rows, flops: 384, bytes: 128);

    [Fact]
    public void Norm_and_residual()
    {
        // FLOP 7·3·8 = 168. Bytes (2·3·8 + 8)·2 = 112.
        OneCard.Costs("attention/rms_norm", Rows, flops: 168, bytes: 112);

        // FLOP 3·8 = 24. Bytes 3·3·8·2 = 144.
        OneCard.Costs("attention/residual", Rows, flops: 24, bytes: 144);
    }

    [Fact]
    public void One_card_sends_nothing() => Assert.False(OneCard.Has("attention/tp_all_reduce"));

    /// <summary>TP = 2: H' = 2, K' = 1, n = (2 + 2·1)·2 = 8.</summary>
    [Fact]
    public void Tensor_parallel_cards_share_the_heads()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: 2)));

        // FLOP 2·3·8·8 = 384. Bytes 8·8·0.5 + 3·(24 + 8)·2 = 32 + 192.
        stage.Costs("attention/qkv_projection", Rows, flops: 384, bytes: 224);

        // FLOP 4·3·2·2·9 = 432. Bytes 3·(2·2·2·2 + 2·1·2·9·4) = 3·(16 + 144).
        stage.Costs("attention/flash_score_value", Rows, flops: 432, bytes: 480);

        // H'd = 4. FLOP 2·3·4·8 = 192. Bytes 4·8·0.5 + 3·(4 + 8)·2 = 16 + 72.
        stage.Costs("attention/output_projection", Rows, flops: 192, bytes: 88);

        // FLOP 3·8·(2 - 1)/2 = 12.
        stage.Costs("attention/tp_all_reduce", Rows, flops: 12, bytes: 0);
    }

    /// <summary>TP = 4 over Kv = 2: H' = 1, and each card still holds a whole key-value head, K' = 1; n = (1 + 2·1)·2 = 6.</summary>
    [Fact]
    public void More_cards_than_key_value_heads_hold_one_each()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense, ToyModel.Cards(tp: 4)));

        // FLOP 2·3·8·6 = 288. Bytes 8·6·0.5 + 3·(24 + 6)·2 = 24 + 180.
        stage.Costs("attention/qkv_projection", Rows, flops: 288, bytes: 204);

        // FLOP 7·3·(1 + 1)·2 = 84. Bytes (2·3·2·2 + 4)·2 = (24 + 4)·2.
        stage.Costs("attention/qk_norm", Rows, flops: 84, bytes: 56);

        // FLOP 4·3·1·2·9 = 216. Bytes 3·(2·1·2·2 + 2·1·2·9·4) = 3·(8 + 144).
        stage.Costs("attention/flash_score_value", Rows, flops: 216, bytes: 456);
    }

    /// <summary>Kv = H = 4: n = (4 + 8)·2 = 24.</summary>
    [Fact]
    public void Multi_head_attention_has_a_key_value_head_per_head()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense with { KeyValueHeads = 4 }, ToyModel.Cards()));

        // FLOP 2·3·8·24 = 1152. Bytes 8·24·0.5 + 3·(24 + 24)·2 = 96 + 288.
        stage.Costs("attention/qkv_projection", Rows, flops: 1152, bytes: 384);

        // FLOP as with two: 864. Bytes 3·(32 + 2·4·2·9·4) = 3·(32 + 576).
        stage.Costs("attention/flash_score_value", Rows, flops: 864, bytes: 1824);
    }

    /// <summary>Kv = 1: n = (4 + 2)·2 = 12.</summary>
    [Fact]
    public void Multi_query_attention_has_one_key_value_head()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense with { KeyValueHeads = 1 }, ToyModel.Cards()));

        // FLOP 2·3·8·12 = 576. Bytes 8·12·0.5 + 3·(24 + 12)·2 = 48 + 216.
        stage.Costs("attention/qkv_projection", Rows, flops: 576, bytes: 264);

        // Bytes 3·(32 + 2·1·2·9·4) = 3·(32 + 144).
        stage.Costs("attention/flash_score_value", Rows, flops: 864, bytes: 528);
    }

    [Fact]
    public void Without_flash_attention_softmax_reads_and_writes_its_scores()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense with { FlashAttention = false }, ToyModel.Cards()));

        // FLOP 5·3·4·9 = 540. Bytes 2·3·4·9·2 = 432.
        stage.Costs("attention/softmax", Rows, flops: 540, bytes: 432);
    }

    /// <summary>The gate is inferred: a linear h→H'd, then 4 FLOP an element that two reads and a write of a bytes serve.</summary>
    [Fact]
    public void An_attention_gate_has_its_own_projection()
    {
        ToyStage stage = new(ToyModel.Decode(ToyModel.Dense with { AttentionGate = true }, ToyModel.Cards(tp: 2)));

        // H'd = 4. FLOP 2·3·8·4 = 192. Bytes 8·4·0.5 + 3·(8 + 4)·2 = 16 + 72.
        stage.Costs("attention/gate_projection", Rows, flops: 192, bytes: 88);

        // FLOP 4·3·4 = 48. Bytes 3·3·4·2 = 72.
        stage.Costs("attention/gate_multiply", Rows, flops: 48, bytes: 72);
        Assert.False(OneCard.Has("attention/gate_projection"));
    }

    [Fact]
    public void The_product_runs_at_the_matrix_type_and_reads_the_cache()
    {
        OperatorIdentity product = OneCard.Table.Identities[OneCard.IndexOf("attention/flash_score_value")];
        Assert.Equal(OperatorRate.Matrix, product.Rate);
        Assert.Equal(OperatorClass.BatchedProduct, product.Class);
        Assert.True(product.ReadsCache);
    }

    /// <summary>B6: a draft token doubles the rows, 2·3 = 6, and adds a block; the cache of three sequences is read once.</summary>
    [Fact]
    public void Draft_tokens_share_their_sequences_cache()
    {
        DeploymentShape shape = ToyModel.Decode(ToyModel.Dense, ToyModel.Cards()) with { Prediction = new(1, 0.5) };
        ToyStage stage = new(shape);

        // FLOP 4·6·4·2·9 = 1728. Bytes 6·32 + 3·288 = 1056.
        stage.Costs("attention/flash_score_value", Rows, flops: 1728, bytes: 1056);

        // FLOP 2·6·8·16 = 1536. Bytes 64 + 6·40·2 = 544.
        stage.Costs("attention/qkv_projection", Rows, flops: 1536, bytes: 544);
        Assert.Equal(5, stage.Repeats("attention/qkv_projection"));
    }
}
