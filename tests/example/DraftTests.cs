using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FastSim.Search.Jobs;
using FastSim.Search.Plans;

namespace FastSim.Example.Tests;

/// <summary>Passes and memory of what drafts (docs/cost-model.md, "Drafts"), by hand: w = 0.5 bytes, a request of 6 + 4 tokens.</summary>
public sealed class DraftTests
{
    private static readonly TransformerModel Model = ToyModel.Dense with { Vocabulary = 10 };

    /// <summary>
    /// Fusion 16·8 = 128 elements; attention's norm 8, products 8·16 + 8·8; feed-forward's norm 8 and 3·8·16: 720 elements, 360
    /// bytes. Table and logits are the model's. The cache is 10 tokens of 2·2·2 elements, 4 bytes each: 320 bytes.
    /// </summary>
    [Fact]
    public void An_EAGLE_head_holds_a_fusion_and_a_block() => Holds(DraftModel.Eagle(Model, 16), ToyModel.Cards(), weightBytes: 360, cacheBytes: 320);

    /// <summary>Fusion 24·8 = 192, the embedding's product 8·16 = 128, the block's 592 as before, logits 6·8 = 48: 960 elements.</summary>
    [Fact]
    public void An_EAGLE_3_head_reads_the_embedding_apart_and_has_its_own_logits() =>
        Holds(DraftModel.Eagle3(Model, 16, vocabulary: 6), ToyModel.Cards(), weightBytes: 480, cacheBytes: 320);

    /// <summary>
    /// h = 4, I = 8, H = 2, Kv = 1, d = 2, two blocks on two cards: attention's norm 4, products 4·(2 + 4) + 2·4, norms 4; feed-forward's norm 4 and 3·4·4: 92 a
    /// block; logits 5·4 and as large a table: 224 elements. The cache is 10 tokens of 4 elements in each of two blocks, 4 bytes each: 320 bytes.
    /// </summary>
    [Fact]
    public void A_draft_model_is_cut_as_the_model_is() => Holds(Small, ToyModel.Cards(tp: 2), weightBytes: 112, cacheBytes: 320);

    [Fact]
    public void Lookups_hold_nothing() => Holds(DraftModel.Lookup, ToyModel.Cards(), weightBytes: 0, cacheBytes: 0);

    /// <summary>Of three drafts the first pass is over the 4 rows of a sequence that were verified, two more are over one each; a choice is of one row.</summary>
    [Fact]
    public void The_first_pass_is_over_the_verified_rows_and_later_ones_over_one()
    {
        ToyStage stage = new(Shape(DraftModel.Eagle(Model, 16), ToyModel.Cards(), drafts: 3));
        Relative.Equal(2 * 16 * 8 * 4, stage.Flops("draft_fusion/hidden_state_fusion", 1));
        Relative.Equal(2 * 16 * 8, stage.Flops("draft_next_fusion/hidden_state_fusion", 1));
        Relative.Equal(1, stage.Repeats("draft_fusion/hidden_state_fusion"));
        Relative.Equal(2, stage.Repeats("draft_next_fusion/hidden_state_fusion"));
        Relative.Equal(2, stage.Repeats("draft_next_mlp/down_projection"));
        Relative.Equal(2 * 8 * 10, stage.Flops("draft_logits/logits_projection", 1));
        Relative.Equal(2 * 8 * 10, stage.Flops("draft_next_logits/logits_projection", 1));

        // The model verifies 4 rows a sequence and has no block more.
        Relative.Equal(4, stage.Repeats("mlp/down_projection"));
        Relative.Equal(2 * 16 * 8 * 4, stage.Flops("mlp/down_projection", 1));
    }

    /// <summary>EAGLE-3 fuses states where they were verified alone.</summary>
    [Fact]
    public void An_EAGLE_3_head_fuses_once()
    {
        ToyStage stage = new(Shape(DraftModel.Eagle3(Model, 16, 6), ToyModel.Cards(), drafts: 2));
        Relative.Equal(2 * 24 * 8 * 3, stage.Flops("draft_fusion/hidden_state_fusion", 1));
        Assert.False(stage.Has("draft_next_fusion/hidden_state_fusion"));
        Relative.Equal(2 * 8 * 16, stage.Flops("draft_next_embedding/embedding_qkv_projection", 1));
    }

    [Fact]
    public void Layouts_must_cut_the_draft_model_too()
    {
        Assert.Null(Divisibility.Obstacle(Model, new AttentionTriple(1, 1, 4)));
        Assert.Equal(
            "tensor parallel 4 does not divide the 2 attention heads of the draft toy-draft", Divisibility.Obstacle(Model, Small.Model, new AttentionTriple(1, 1, 4)));

        // Its two blocks all lie on one of four stages.
        Assert.Null(Divisibility.Obstacle(Model, Small.Model, new AttentionTriple(1, 4, 2)));
    }

    private static DraftModel Small { get; } = new(Model with
    {
        Name = "toy-draft",
        Hidden = 4,
        FeedForward = 8,
        Blocks = 2,
        Heads = 2,
        KeyValueHeads = 1,
    });

    private static DeploymentShape Shape(DraftModel draft, ParallelLayout layout, int drafts) => ToyModel.Decode(Model, layout) with
    {
        Accounting = Accounting.Physical,
        Prediction = new MultiTokenPrediction(drafts, 0.5) { Draft = draft },
    };

    private static void Holds(DraftModel draft, ParallelLayout layout, double weightBytes, double cacheBytes)
    {
        MemoryFootprint with = MemoryFootprint.Of(StageLowering.Lower(Shape(draft, layout, drafts: 3)));
        MemoryFootprint without = MemoryFootprint.Of(StageLowering.Lower(Shape(draft, layout, drafts: 3) with { Prediction = MultiTokenPrediction.Off }));
        Relative.Equal(weightBytes, with.WeightBytes - without.WeightBytes);
        Relative.Equal(cacheBytes, with.CacheBytesPerSequence - without.CacheBytesPerSequence);
    }
}
