using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>What a block does to the residual stream: the norms before and after attention and feed-forward, and the sum.</summary>
internal static class BlockNorms
{
    /// <summary>The norm that a block begins with, before all of a rank's rows are gathered where cards have them in turn; an engine adds the block's input up in it: read, read and written once (docs/validation.md, "A step").</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="rows">The rows.</param>
    /// <param name="weights">Weights of the norm.</param>
    /// <param name="gathers">Whether what follows is over all rows.</param>
    public static void BlockNorm(this StageBuilder stage, AffineInBatch rows, double weights, bool gathers = true)
    {
        if (stage.IsSecondMixing)
        {
            return;
        }

        bool sharesNorm = stage is { IsBesideAttention: true, Model.Structure.NormsPerBlock: 1 };
        Norm(stage, stage.Between(rows), weights, sharesNorm);
        if (gathers && !sharesNorm)
        {
            stage.GatherRows(rows);
        }
    }

    /// <summary>Where a model normalises what joins the residual stream, that norm.</summary>
    public static void OutputNorm(this StageBuilder stage, AffineInBatch rows)
    {
        if (stage.Shape.Model.Structure is { NormalisesOutputs: true })
        {
            double hidden = stage.Shape.Model.Hidden;
            stage.RootMeanSquareNorm("output_norm", stage.Between(rows), hidden, weightsRead: hidden, weightElements: hidden);
        }
    }

    /// <summary>
    /// The residual sum: <c>rows·h</c> FLOP, <c>3·rows·h·a</c> bytes, and as much again for what mixes tokens beside attention; of attention and feed-forward beside each other one sum of three, after the latter.
    /// </summary>
    public static void Residual(this StageBuilder stage, AffineInBatch rows)
    {
        if (stage is { IsSecondMixing: true, IsFused: true })
        {
            stage.Vector("mixings_sum", flops: rows * stage.Shape.Model.Hidden, bytes: 3 * rows * stage.Shape.Model.Hidden * StageBuilder.FusedBytes);
        }

        if (!stage.IsFused && !stage.JoinsFeedForward && stage.Shape.Model.Structure is not { Streams: not null })
        {
            double joined = stage.IsBesideAttention ? 2 : 1;
            double hidden = stage.Shape.Model.Hidden;
            rows = stage.Between(rows);
            stage.Vector("residual", flops: joined * rows * hidden, bytes: (2 + joined) * rows * hidden * stage.ActivationBytes);
        }
    }

    private static void Norm(StageBuilder stage, AffineInBatch rows, double weights, bool sharesNorm)
    {
        double hidden = stage.Shape.Model.Hidden;
        BlockStructure? structure = stage.Shape.Model.Structure;
        if (structure is { Streams: { } streams })
        {
            StreamMixing.Lower(stage, streams, stage.IsFused ? weights : 0);
        }

        if (structure is { ResidualEvery: > 0 })
        {
            // Kept rows and the input are weighed by a norm and a product of one number each, and summed.
            double read = structure.ResidualRows + 1;
            stage.Vector(
                "attention_residual", flops: 7 * read * rows * hidden, bytes: (read + 1) * rows * hidden * StageBuilder.FusedBytes, weightElements: 2 * hidden);
        }

        if (sharesNorm || (stage.IsFused && structure is { Streams: not null }))
        {
            return;
        }

        weights = structure?.WeightsOfNorm(weights) ?? weights;
        if (!stage.IsFused)
        {
            stage.RootMeanSquareNorm("rms_norm", rows, hidden, weights, weights);
        }
        else if (stage.IsBesideAttention)
        {
            stage.Vector("norm", flops: 7 * rows * hidden, bytes: 2 * rows * hidden * StageBuilder.FusedBytes, weights);
        }
        else
        {
            // Where attention and feed-forward stand beside each other, both outputs of the block before are added up here.
            double passes = stage.IsParallel ? 4 : 3;
            stage.Vector("residual_norm", flops: 8 * rows * hidden, bytes: passes * rows * hidden * StageBuilder.FusedBytes, weights);
        }
    }
}
