using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;

namespace FastSim.Kernels.Clocks;

/// <summary>Times of launches by fitted forms that go by the launch's kind: of sparse attention, of blocks with a state and of encoders, which no <see cref="OperatorShape"/> describes.</summary>
internal static class TimesByKind
{
    /// <summary>Microseconds of a launch; null where it is of no such kind, or its form was not fitted.</summary>
    /// <param name="fitted">The forms.</param>
    /// <param name="table">Its stage.</param>
    /// <param name="launch">The launch.</param>
    /// <param name="sequences">Sequences of a rank's micro-batch whose rows it works on.</param>
    /// <param name="prompts">The prompts, where it is of those alone.</param>
    public static double? Microseconds(FittedTimes fitted, OperatorTable table, in StageLaunch launch, double sequences, in PromptRows prompts)
    {
        if (table.ModelOf(launch.Operator).Structure?.Indexer is { } indexer && Sparse(fitted, table, launch, indexer, sequences, prompts) is { } sparse)
        {
            return sparse;
        }

        return table.Identities[launch.Operator].Kind switch
        {
            LaunchKind.ShortConvolution or LaunchKind.Recurrence => WithState(fitted, table, launch, sequences, prompts),
            LaunchKind.EncoderAttention => OfEncoder(fitted, table, launch, sequences),
            _ => null,
        };
    }

    /// <summary>A launch of sparse attention: of an indexer, or of attention over what it selects.</summary>
    private static double? Sparse(FittedTimes fitted, OperatorTable table, in StageLaunch launch, SparseIndexer indexer, double sequences, in PromptRows prompts)
    {
        LaunchKind kind = table.Identities[launch.Operator].Kind;
        DeploymentShape shape = table.Shape;
        if (indexer.SelectsBlocks || kind is not (LaunchKind.IndexScore or LaunchKind.Selection or LaunchKind.Score) || (kind == LaunchKind.Score && !shape.AbsorbsLatent))
        {
            return null;
        }

        bool isDecode = prompts.Prompts == 0;
        double asking = isDecode ? sequences : prompts.Prompts;
        double rows = asking * (isDecode ? shape.TokensPerSequence : prompts.NewTokens);
        double longest = isDecode ? shape.Lengths.MidGenerationContext : prompts.PastTokens + prompts.NewTokens;
        double context = isDecode ? longest : prompts.PastTokens + ((prompts.NewTokens + 1) / 2);
        double selected = indexer.SelectedTokens;
        double first = isDecode ? longest : prompts.PastTokens;
        double choosing = isDecode || longest == first ? (longest > selected ? 1 : 0) : Math.Clamp((longest - selected) / (longest - first), 0, 1);
        return kind switch
        {
            LaunchKind.IndexScore => fitted.Sparse.Score(fitted.Chip, rows, context, longest, asking, indexer, isDecode),
            LaunchKind.Selection => fitted.Sparse.Selection(fitted.Chip, rows * choosing, (longest + Math.Max(first, Math.Min(selected, longest))) / 2, rows * (1 - choosing)),
            _ => fitted.Sparse.Attention(
                fitted.Chip,
                rows,
                context,
                selected,
                HeadShares.Queries(table.ModelOf(launch.Operator), shape.Layout.TensorParallel),
                table.ModelOf(launch.Operator).Latent!,
                shape.Precision.CacheBytes,
                isDecode),
        };
    }

    /// <summary>Attention of an encoder: pieces of as many rows as each row sees.</summary>
    private static double? OfEncoder(FittedTimes fitted, OperatorTable table, in StageLaunch launch, double sequences)
    {
        int op = launch.Operator;
        double rows = table.RowsPerSequence[op] * sequences;
        double seen = table.Columns[op];
        double headSize = table.Depths[op];
        return fitted.EncoderAttention.Microseconds(fitted.Chip.Scale, fitted.Chip.Peaks.HalfFlopsPerSecond, rows / seen, seen, table.FlopsPerSequence[op] / (4 * table.RowsPerSequence[op] * seen * headSize), headSize);
    }

    /// <summary>A kernel of a block with a state: of decoding sequences, or of prompts.</summary>
    private static double? WithState(FittedTimes fitted, OperatorTable table, in StageLaunch launch, double sequences, in PromptRows prompts)
    {
        TransformerModel model = table.ModelOf(launch.Operator);
        bool isDecode = table.Shape.Phase == Phase.Decode;
        double rows = sequences * table.Shape.TokensPerSequence;
        double asking = isDecode || prompts.Prompts == 0 ? sequences : prompts.Prompts;
        return fitted.StateKernels.Microseconds(fitted.Chip.Scale, new StateKernel(
            model.Attention,
            table.Identities[launch.Operator].Kind,
            isDecode,
            model.Form!.State!,
            table.Shape.Layout.TensorParallel,
            rows,
            asking,
            table.Bytes(launch.Operator, sequences)));
    }
}
