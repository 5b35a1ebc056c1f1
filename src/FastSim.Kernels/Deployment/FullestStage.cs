using FastSim.Kernels.Models;

namespace FastSim.Kernels.Deployment;

/// <summary>
/// The stage that stands for a pipeline whose blocks differ: the one with the most weights on a card, of equals the one that holds the
/// most cache, of equals the first. Attention weighs the same in every block unless a checkpoint stores blocks differently, so feed-forward
/// decides; redundant experts do not, so that the stage is the same whatever their number. Source: docs/cost-model.md, "Blocks that differ" (our choice).
/// </summary>
internal static class FullestStage
{
    private const int MatricesOfAFeedForward = 3;

    /// <summary>First block of the stage.</summary>
    /// <param name="shape">What is deployed.</param>
    /// <param name="pattern">Its blocks.</param>
    public static int FirstBlock(DeploymentShape shape, BlockPattern pattern)
    {
        int perStage = shape.Layout.StageBlocks(shape.Blocks);
        if (perStage == shape.Blocks)
        {
            return 0;
        }

        if (shape.Model.Structure is { Storage.Projections: { VariesByBlock: true } stored })
        {
            return FirstOfMostBytes(shape, pattern, stored, perStage);
        }

        double denseWeights = (double)MatricesOfAFeedForward * shape.Model.FeedForward / shape.Layout.TensorParallel;
        double expertWeights = ExpertWeights(shape);
        double attentionWeights = shape.Model.Heads * (double)shape.Model.Hidden;
        int fullest = 0;
        double most = double.NegativeInfinity;
        double mostHeld = 0;
        for (int first = 0; first < shape.Blocks; first += perStage)
        {
            int count = Math.Min(perStage, shape.Blocks - first);
            int experts = pattern.ExpertBlocks(first, count);
            double weights = (experts * expertWeights) + ((count - experts) * denseWeights) + (count * attentionWeights);
            double held = HeldTokens(pattern, first, count, (double)shape.Lengths.Input + shape.Lengths.Output);
            if (weights > most || (weights == most && held > mostHeld))
            {
                fullest = first;
                most = weights;
                mostHeld = held;
            }
        }

        return fullest;
    }

    /// <summary>
    /// Expert blocks of the fullest stage where they come at an interval (<c>moe_block_interval</c>): the most that a run of blocks has, or, where a dense
    /// block weighs more on a card, those of the stage that weighs the most.
    /// </summary>
    /// <param name="shape">What is deployed; of the seed's form.</param>
    /// <param name="experts">Its experts.</param>
    public static int ExpertBlocks(DeploymentShape shape, MixtureOfExperts experts)
    {
        int perStage = shape.Layout.StageBlocks(shape.Blocks);
        int most = experts.ExpertBlocks(perStage);
        double hidden = shape.Model.Hidden;
        double dense = (MatricesOfAFeedForward * hidden * shape.Model.FeedForward / shape.Layout.TensorParallel) + hidden;
        double placed = (double)(experts.Experts + shape.Layout.RedundantExperts + shape.Layout.SharedReplicas) / shape.Layout.ExpertParallel;
        double expert = (MatricesOfAFeedForward * hidden * experts.Intermediate / shape.Layout.ExpertTensorParallel * placed)
            + (hidden * experts.Experts) + (2 * hidden);
        if (experts.DenseBlocksBetween == 0 || perStage == shape.Blocks || dense <= expert)
        {
            return most;
        }

        int fullest = most;
        double heaviest = double.NegativeInfinity;
        for (int first = 0; first < shape.Blocks; first += perStage)
        {
            int count = Math.Min(perStage, shape.Blocks - first);
            int expertBlocks = experts.ExpertBlocks(first + count) - experts.ExpertBlocks(first);
            double weights = (expertBlocks * expert) + ((count - expertBlocks) * dense);
            (fullest, heaviest) = weights > heaviest ? (expertBlocks, weights) : (fullest, heaviest);
        }

        return fullest;
    }

    /// <summary>The same where blocks of a kind are stored differently: a block weighs its own bytes.</summary>
    private static int FirstOfMostBytes(DeploymentShape shape, BlockPattern pattern, StoredProjections stored, int perStage)
    {
        Span<double> elements = stackalloc double[(int)Projection.Router + 1];
        for (Projection projection = 0; projection <= Projection.Router; projection++)
        {
            elements[(int)projection] = OnACard(shape, projection);
        }

        int fullest = 0;
        double most = double.NegativeInfinity;
        double mostHeld = 0;
        for (int first = 0; first < shape.Blocks; first += perStage)
        {
            int count = Math.Min(perStage, shape.Blocks - first);
            double bytes = 0;
            for (int block = first; block < first + count; block++)
            {
                bool hasExperts = pattern.ExpertBlocks(block, 1) == 1;
                for (Projection projection = 0; projection <= Projection.Router; projection++)
                {
                    bool isThere = ProjectionShape.RoleOf(projection) switch
                    {
                        WeightRoles.Attention => true,
                        WeightRoles.DenseFeedForward => !hasExperts,
                        _ => hasExperts,
                    };
                    bytes += isThere ? elements[(int)projection] * stored.Of(projection, block).Bytes(shape.Precision.WeightBytes) : 0;
                }
            }

            double held = HeldTokens(pattern, first, count, (double)shape.Lengths.Input + shape.Lengths.Output);
            if (bytes > most || (bytes == most && held > mostHeld))
            {
                fullest = first;
                most = bytes;
                mostHeld = held;
            }
        }

        return fullest;
    }

    /// <summary>Elements of a projection on a card: what a layout shards, and what every card carries whole.</summary>
    private static double OnACard(DeploymentShape shape, Projection projection)
    {
        double elements = ProjectionShape.Of(shape.Model, projection).Elements;
        int tensorParallel = shape.Layout.TensorParallel;
        return projection switch
        {
            Projection.Key or Projection.Value => elements / Math.Min(tensorParallel, shape.Model.KeyValueHeads),
            Projection.QueryDown or Projection.KeyValueDown or Projection.Router => elements,
            Projection.IndexQuery or Projection.IndexKey or Projection.IndexWeights => elements,
            Projection.RoutedGate or Projection.RoutedUp or Projection.RoutedDown =>
                elements / ((double)shape.Layout.ExpertParallel * shape.Layout.ExpertTensorParallel),
            Projection.SharedGate or Projection.SharedUp or Projection.SharedDown => elements / shape.Layout.ExpertTensorParallel,
            _ => elements / tensorParallel,
        };
    }

    /// <summary>Tokens of a sequence that a run of blocks keeps, summed over the blocks.</summary>
    public static double HeldTokens(BlockPattern pattern, int first, int count, double tokens)
    {
        double held = 0;
        for (int reach = 0; reach < pattern.Reaches.Count; reach++)
        {
            held += pattern.ReachBlocks(reach, first, count) * pattern.Reaches[reach].Held(tokens);
        }

        return held;
    }

    private static double ExpertWeights(DeploymentShape shape) => shape.Model.Experts is { } experts
        ? MatricesOfAFeedForward * ((double)experts.Intermediate / shape.Layout.ExpertTensorParallel)
            * (((double)experts.Experts / shape.Layout.ExpertParallel) + experts.SharedExpertsPerToken)
        : 0;
}
