using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>Latent attention on selected tokens; H = 4, qr = 5, kr = 4, rd = 2, nd = 3, vd = 5, index heads 2 of 3; w = 0.5, a = 2, c = 4, S = 9.</summary>
public sealed class SparseAttentionTests
{
    private static readonly ParallelLayout OneCard = ToyModel.Cards(new(Dp: 1, Pp: 1, Tp: 1), ep: 1, mtp: 1, mdp: 1, redundant: 0, shared: 0);

    [Fact]
    public void A_decode_step_scores_all_tokens_and_attends_to_some()
    {
        ToyStage stage = new(ToyModel.Decode(Model(selected: 4), OneCard));

        // Queries from the rank, 5→6; a key of 3 and weights of 2 from the hidden state.
        stage.Costs("attention/index_q_projection", 3, flops: 3 * 60, bytes: 15 + (3 * 11 * 2));
        stage.Costs("attention/index_k_projection", 3, flops: 3 * 48, bytes: 12 + (3 * 11 * 2));
        stage.Costs("attention/index_weights_projection", 3, flops: 3 * 32, bytes: 8 + (3 * 10 * 2));

        // 2·6·9 a row, which brings 6·2 bytes; a sequence's 9 keys of 3·4 bytes.
        stage.Costs("attention/index_score", 3, flops: 3 * 108, bytes: 3 * (12 + 108));

        // Rectified, weighed and added, 3·2·9; 9 scores of 4 bytes, written and read.
        stage.Costs("attention/index_selection", 3, flops: 3 * 54, bytes: 3 * 72);

        // Attention itself on 4 tokens: 2·4·6·4 a row; 4·6·2 and 6·4·4 bytes.
        stage.Costs("attention/score", 3, flops: 3 * 192, bytes: 3 * (48 + 96));
        stage.Costs("attention/value", 3, flops: 3 * 128, bytes: 3 * 32);
        stage.Costs("attention/softmax", 3, flops: 3 * 80, bytes: 0);
    }

    /// <summary>With drafts a sequence brings two rows; they share the index keys, but each selects tokens of its own.</summary>
    [Fact]
    public void Rows_of_a_sequence_select_for_themselves()
    {
        ToyStage stage = new(ToyModel.Decode(Model(selected: 4), OneCard) with { Prediction = new MultiTokenPrediction(1, 0.5) });
        stage.Costs("attention/index_score", 1, flops: 2 * 108, bytes: (2 * 12) + 108);
        stage.Costs("attention/score", 1, flops: 2 * 192, bytes: 2 * (48 + 96));
    }

    [Fact]
    public void A_prompt_longer_than_the_selection_works_on_the_latent()
    {
        ToyStage stage = new(ToyModel.Prefill(Model(selected: 4), OneCard));

        // Six rows attend to 1, 2, 3, 4, 4, 4 tokens, 3 on average: 2·4·6·3 a row.
        stage.Costs("attention/score", 1, flops: 6 * 144, bytes: 6 * (48 + 72));
        Assert.True(stage.Has("attention/key_absorb"));
        Assert.False(stage.Has("attention/kv_b_projection"));

        // The indexer scores what comes before each row, 3.5 on average, and reads the six keys once.
        stage.Costs("attention/index_score", 1, flops: 6 * 2 * 6 * 3.5, bytes: (6 * 12) + 72);
        stage.Costs("attention/index_cache_write", 1, flops: 0, bytes: 6 * 12);
        stage.Costs("attention/cache_write", 1, flops: 0, bytes: 6 * 24);
    }

    [Fact]
    public void A_short_prompt_attends_to_all_of_itself()
    {
        ToyStage stage = new(ToyModel.Prefill(Model(selected: 6), OneCard));
        Assert.True(stage.Has("attention/kv_b_projection"));
        Assert.True(stage.Has("attention/index_score"));
    }

    [Fact]
    public void The_index_key_is_cached_and_its_weights_count()
    {
        MemoryFootprint memory = MemoryFootprint.Of(StageLowering.Lower(ToyModel.Decode(Model(selected: 4), OneCard)));

        // 10 tokens of (4 + 2 + 3)·4 bytes.
        Relative.Equal(360, memory.CacheBytesPerSequence);

        // q_a 40 + 5, q_b 5·20, kv_a 48 + 4, absorb 4·3·4, value up 4·4·5, output 20·8, norm 8: 493. Index: 30 + 24 + 6 + 16 = 76.
        Relative.Equal((493 + 76) / 2d, memory.AttentionWeightBytes);

        // Scores of the four selected, 4·4·2 a sequence.
        Relative.Equal(32, memory.AttentionWorkingBytesPerSequence);
    }

    [Fact]
    public void Queries_may_be_projected_directly()
    {
        TransformerModel model = ToyBlocks.Of(ToyModel.LatentExperts, ToyBlocks.Expert());
        ToyStage stage = new(ToyModel.Decode(model with { Latent = model.Latent! with { QueryRank = 0 } }, OneCard));

        // 8→4·5.
        stage.Costs("attention/q_projection", 2, flops: 2 * 320, bytes: 80 + (2 * 28 * 2));
        Assert.False(stage.Has("attention/q_a_projection"));
    }

    private static TransformerModel Model(int selected) => ToyBlocks.Of(
        ToyModel.LatentExperts, structure => structure with { Indexer = new SparseIndexer(2, 3, selected) }, ToyBlocks.Expert());
}
