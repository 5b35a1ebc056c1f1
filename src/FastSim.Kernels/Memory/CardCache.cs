using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Memory;

/// <summary>What a card of the fullest stage keeps of a sequence, bytes: keys and values, states, prefixes (cost model A4, B1.1).</summary>
internal static class CardCache
{
    /// <summary>
    /// Key-value bytes that a sequence of the micro-batch stands for. Seed accounting holds <c>L</c> blocks of the attention micro-batch
    /// (A4), which is <c>L/PP</c> of every one in flight where attention runs on one at a time; physical accounting holds the stage's
    /// whole blocks of every one in flight (B1.1). Each of <c>CP</c> cards has its share of the tokens.
    /// </summary>
    public static double Of(DeploymentShape shape) => Of(shape, shape.HeldTokens);

    /// <summary>The same of the first tokens of sequences.</summary>
    /// <param name="shape">What is deployed.</param>
    /// <param name="tokens">The tokens.</param>
    public static double Of(DeploymentShape shape, double tokens)
    {
        TransformerModel model = shape.Model;
        double perTokenAndBlock = CacheWidth.Of(model, shape.Layout.TensorParallel) * shape.Precision.CacheBytes;
        if (model.Structure is { } structure)
        {
            double cache = 0;
            foreach (AttentionForm? form in structure.Pattern.Forms)
            {
                cache += CachedTokens(shape, structure.Pattern, form, tokens)
                    * CacheWidth.BytesOf(model.Seen(form), shape.Layout.TensorParallel, shape.Precision.CacheBytes);
            }

            return (cache + CompressedCache(shape, structure.Pattern, tokens)) / shape.Layout.ContextParallel;
        }

        double blockSequences;
        if (shape.Accounting == Accounting.Physical)
        {
            blockSequences = (double)shape.MicroBatches * shape.StageBlocks;
        }
        else if (shape.AttendsToAllMicroBatches)
        {
            blockSequences = (double)shape.AttentionBatches * shape.Blocks;
        }
        else
        {
            blockSequences = (double)shape.MicroBatches * shape.Blocks / shape.Layout.PipelineParallel;
        }

        return tokens * perTokenAndBlock * blockSequences / shape.Layout.ContextParallel;
    }

    /// <summary>What the second memory keeps of a prompt's prefix as long as a sequence uses it, which has a copy in its own cache.</summary>
    public static double StoredPrefix(DeploymentShape shape) =>
        shape.Prefix.Location == PrefixLocation.SecondMemory ? shape.OverPrefixes(tokens => Of(shape, tokens)) : 0;

    /// <summary>
    /// What a sequence keeps however long it is, over the blocks that keep a state, as many of them and of sequences as of a cache (docs/cost-model.md,
    /// "Blocks with a state").
    /// </summary>
    public static double StateBytes(DeploymentShape shape)
    {
        if (shape.Model.Structure is not { Pattern: { HasForms: true } pattern })
        {
            return 0;
        }

        double bytes = 0;
        for (int form = 0; form < pattern.Forms.Count; form++)
        {
            if (pattern.Forms[form] is { } kept)
            {
                int drafts = shape.Phase == Phase.Decode ? shape.Prediction.DraftTokens : 0;
                bytes += FormBlocks(shape, pattern, form) * kept.KeptBytesPerSequence(shape.Layout.TensorParallel, drafts);
            }
        }

        return bytes;
    }

    /// <summary>What blocks keep of all tokens in compressed entries, beside their windows.</summary>
    private static double CompressedCache(DeploymentShape shape, BlockPattern pattern, double tokens)
    {
        double bytes = 0;
        for (int index = 0; index < pattern.Forms.Count; index++)
        {
            bytes += pattern.Forms[index]?.Compression is { Ratio: > 0 } compression
                ? FormBlocks(shape, pattern, index) * tokens * compression.BytesPerToken(shape.Precision.CacheBytes)
                : 0;
        }

        return bytes;
    }

    /// <summary>Tokens that a sequence of the micro-batch stands for in blocks of some form: each keeps what is within its reach.</summary>
    private static double CachedTokens(DeploymentShape shape, BlockPattern pattern, AttentionForm? form, double tokens) =>
        Kept(shape, (pattern, form, tokens), static (of, first, count) => FullestStage.HeldTokens(of.pattern, of.form, first, count, of.tokens));

    /// <summary>Blocks of some form that keep something for a sequence of the micro-batch.</summary>
    private static double FormBlocks(DeploymentShape shape, BlockPattern pattern, int form) =>
        Kept(shape, (pattern, form), static (of, first, count) => of.pattern.FormBlocks(of.form, first, count));

    /// <summary>Where blocks differ in what they keep, the stage of the heaviest weights may keep nothing: a card must hold what any stage keeps.</summary>
    private static double MostOfStages<TRun>(DeploymentShape shape, TRun run, Func<TRun, int, int, double> ofRun)
    {
        int perStage = shape.Layout.StageBlocks(shape.Blocks);
        double most = 0;
        for (int first = 0; first < shape.Blocks; first += perStage)
        {
            most = Math.Max(most, ofRun(run, first, Math.Min(perStage, shape.Blocks - first)));
        }

        return most;
    }

    /// <summary>What runs of blocks keep for a sequence of the micro-batch: the fullest stage's of all in flight, or the seed's share of all blocks'.</summary>
    private static double Kept<TRun>(DeploymentShape shape, TRun run, Func<TRun, int, int, double> ofRun)
    {
        if (shape.Accounting == Accounting.Physical)
        {
            return shape.MicroBatches * (shape.Model.Structure is { Pattern.HasForms: true } ? MostOfStages(shape, run, ofRun) : ofRun(run, shape.FirstStageBlock, shape.StageBlocks));
        }

        double all = ofRun(run, 0, shape.Blocks);
        return shape.AttendsToAllMicroBatches
            ? shape.AttentionBatches * all
            : shape.MicroBatches * all / shape.Layout.PipelineParallel;
    }
}
