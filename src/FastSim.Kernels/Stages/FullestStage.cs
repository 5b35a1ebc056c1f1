using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// The stage that stands for a pipeline whose blocks differ: the one with the most weights on a card, of equals the one that holds the
/// most cache, of equals the first. A block weighs what its own projections are stored in; redundant experts do not count, so that the stage
/// is the same whatever their number. Source: docs/cost-model.md, "Blocks that differ" (our choice).
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

        StoredBlocks blocks = new(shape, pattern);
        int fullest = 0;
        double most = double.NegativeInfinity;
        double mostHeld = 0;
        for (int first = 0; first < shape.Blocks; first += perStage)
        {
            int count = Math.Min(perStage, shape.Blocks - first);
            double weights = blocks.Bytes(first, count);
            double held = HeldElements(shape.Model, pattern, first, count, (double)shape.Lengths.Input + shape.Lengths.Output);
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
        double dense = (MatricesOfAFeedForward * hidden * shape.Model.FeedForward / shape.FeedForwardWeightRanks) + hidden;
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

    /// <summary>Tokens of a sequence that those blocks of a run keep which have attention of some form, summed over the blocks.</summary>
    public static double HeldTokens(BlockPattern pattern, AttentionForm? form, int first, int count, double tokens)
    {
        double held = 0;
        for (int mixing = 0; mixing < pattern.Mixings.Count; mixing++)
        {
            held += pattern.Mixings[mixing].Form == form ? pattern.MixingBlocks(mixing, first, count) * pattern.Mixings[mixing].Reach.Held(tokens) : 0;
        }

        return held;
    }

    /// <summary>Elements of a sequence that a run of blocks keeps of its tokens.</summary>
    private static double HeldElements(TransformerModel model, BlockPattern pattern, int first, int count, double tokens)
    {
        double held = 0;
        foreach (AttentionForm? form in pattern.Forms)
        {
            held += HeldTokens(pattern, form, first, count, tokens) * CacheWidth.Of(model.Seen(form), tensorParallel: 1);
        }

        for (int form = 0; form < pattern.Forms.Count; form++)
        {
            held += pattern.Forms[form]?.Compression is { } compression ? pattern.FormBlocks(form, first, count) * tokens * compression.ElementsPerToken : 0;
        }

        return held;
    }
}
