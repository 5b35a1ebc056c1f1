using FastSim.Kernels.Deployment;
using FastSim.Kernels.Hardware;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Operators;

/// <summary>Lowers a deployment shape to the operator table of its fullest pipeline stage.</summary>
public static class StageLowering
{
    /// <summary>The seed's activations between stages count eight times (cost model A3: what the sample shows).</summary>
    private const double SeedPipelineFactor = 8;

    /// <summary>Lowers a shape.</summary>
    /// <param name="shape">What is deployed and how.</param>
    /// <returns>One entry an operator, in execution order.</returns>
    public static OperatorTable Lower(DeploymentShape shape)
    {
        OperatorTable table = new(shape);
        Lower(shape, table);
        return table;
    }

    /// <summary>Lowers a shape into a table that held another, so that a search allocates none.</summary>
    /// <param name="shape">What is deployed and how.</param>
    /// <param name="table">Receives one entry an operator, in execution order.</param>
    public static void Lower(DeploymentShape shape, OperatorTable table)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(table);
        table.Restart(shape);
        StageBuilder stage = new(shape, table);
        stage.Begin("attention", StagePart.Attention, shape.StageBlocks);
        switch (shape.Model.Attention)
        {
            case AttentionKind.GroupQuery:
                GroupQueryAttention.Lower(stage);
                break;
            case AttentionKind.LatentAbsorbed:
                LatentAttention.Lower(stage);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(shape), shape.Model.Attention, "unknown attention kind");
        }

        if (shape.Model.Experts is { } experts)
        {
            stage.Begin("moe", StagePart.FeedForward, shape.StageExpertBlocks);
            ExpertFeedForward.Lower(stage, experts);
            table.ActivationLog = shape.Accounting == Accounting.Physical ? ExpertFeedForward.ActivationLog(shape, experts) : 0;
        }

        if (shape.StageDenseBlocks > 0)
        {
            stage.Begin("mlp", StagePart.FeedForward, shape.StageDenseBlocks);
            DenseFeedForward.Lower(stage);
        }

        Logits(stage);
        PointToPoint(stage);
    }

    /// <summary>The last stage's projection to the vocabulary, one row a sequence in prefill (cost model B1.4).</summary>
    private static void Logits(StageBuilder stage)
    {
        DeploymentShape shape = stage.Shape;
        if (shape.Accounting == Accounting.Seed || shape.Model.Vocabulary == 0)
        {
            return;
        }

        stage.Begin("logits", StagePart.Logits, 1);
        AffineInBatch rows = shape.Phase == Phase.Prefill ? stage.Sequences : stage.Rows;
        stage.Linear("logits_projection", rows, shape.Model.Hidden, (double)shape.Model.Vocabulary / shape.Layout.TensorParallel);
    }

    /// <summary>Activations to the next stage: the innermost tier in seed accounting (A3), the tier that spans the instance in physical (B5).</summary>
    private static void PointToPoint(StageBuilder stage)
    {
        DeploymentShape shape = stage.Shape;
        if (shape.Layout.PipelineParallel == 1)
        {
            return;
        }

        bool seed = shape.Accounting == Accounting.Seed;
        AffineInBatch message = stage.Rows * (shape.Model.Hidden * shape.Precision.CommunicationBytes * (seed ? SeedPipelineFactor : 1));
        stage.Begin("pipeline", StagePart.Pipeline, 1);
        stage.Communicate(
            "pp_send",
            flops: 0,
            bytes: 0,
            new Exchange(
                ExchangeGroup.PipelineParallel,
                Collective.PointToPoint,
                2,
                shape.Layout.Cards,
                message,
                seed ? 0 : Exchange.BySpan));
    }
}
