using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// A draft model's passes of a decode step (docs/cost-model.md, "Drafts"): the first over the rows that were just verified, so that its cache has them, each
/// later one over a row a sequence. All on one stage, at the plan's tensor parallelism.
/// </summary>
internal static class DraftPasses
{
    private const string First = "draft_";
    private const string Later = "draft_next_";

    public static void Lower(DeploymentShape shape, OperatorTable table)
    {
        if (shape.Draft is not { } draft)
        {
            return;
        }

        DraftModel drafts = shape.Prediction.Draft!;
        int later = shape.Prediction.DraftTokens - 1;
        Pass(new StageBuilder(draft, table) { Prefix = First }, drafts, fuses: drafts.FusedStates > 0);
        if (later > 0)
        {
            StageBuilder stage = new(draft with { Prediction = MultiTokenPrediction.Off }, table) { Prefix = Later, Passes = later, KeepsWeights = false };
            Pass(stage, drafts, fuses: drafts.FusedStates > 0 && !drafts.ReadsEmbeddingApart);
        }
    }

    private static void Pass(StageBuilder stage, DraftModel drafts, bool fuses)
    {
        TransformerModel model = stage.Shape.Model;
        if (fuses)
        {
            stage.Begin("fusion", StagePart.FeedForward, 1, WeightRoles.DenseFeedForward);
            stage.Linear("hidden_state_fusion", stage.Rows, (double)drafts.FusedStates * model.Hidden, model.Hidden);
        }

        if (drafts.ReadsEmbeddingApart)
        {
            int ranks = stage.Shape.Layout.TensorParallel;
            double width = model.HeadSize * (HeadShares.Queries(model, ranks) + (2 * HeadShares.KeysAndValues(model, ranks)));
            stage.Begin("embedding", StagePart.Attention, 1, WeightRoles.Attention);
            stage.Linear("embedding_qkv_projection", stage.Rows, model.Hidden, width);
        }

        StageLowering.Attention(stage);
        stage.BeginDense(StageLowering.DenseBlock, stage.Shape.StageBlocks, model.FeedForward);
        DenseFeedForward.Lower(stage);
        if (stage.Shape.Accounting == Accounting.Physical && model.Vocabulary > 0)
        {
            Choice(stage, drafts);
        }
    }

    /// <summary>The projection to the vocabulary and the choice of a token: of a row a sequence, whatever the pass.</summary>
    private static void Choice(StageBuilder stage, DraftModel drafts)
    {
        bool keeps = stage.KeepsWeights;
        stage.KeepsWeights = keeps && !drafts.SharesHead;
        stage.Begin("logits", StagePart.FeedForward, 1, WeightRoles.Embedding);
        StageLowering.Vocabulary(stage, stage.Sequences);
        stage.KeepsWeights = keeps;
    }
}
