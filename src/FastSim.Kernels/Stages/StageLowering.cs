using System.Globalization;
using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>Lowers a deployment shape to the operator table of its fullest pipeline stage.</summary>
public static class StageLowering
{
    /// <summary>The seed's activations between stages count eight times (cost model A3: what the sample shows).</summary>
    private const double SeedPipelineFactor = 8;

    /// <summary>Name of the experts' blocks.</summary>
    internal const string ExpertBlock = "moe";

    /// <summary>Name of the dense feed-forward's blocks.</summary>
    internal const string DenseBlock = "mlp";

    /// <summary>Name of those that are twice as wide.</summary>
    private const string DoubleWideBlock = "mlp_double_wide";

    /// <summary>Lowers a shape.</summary>
    /// <param name="shape">What is deployed and how.</param>
    /// <returns>One entry an operator, in execution order.</returns>
    public static OperatorTable Lower(DeploymentShape shape)
    {
        OperatorTable table = new(shape);
        Lower(shape, table);
        return table;
    }

    /// <summary>Lowers a shape, where there is one into a table that nobody reads any more.</summary>
    /// <param name="shape">What is deployed and how.</param>
    /// <param name="spare">The table; null for none.</param>
    /// <param name="isRevised">Whether the table held the same but for the lengths of requests, and its attention alone was lowered again.</param>
    internal static OperatorTable Lowered(DeploymentShape shape, OperatorTable? spare, out bool isRevised)
    {
        isRevised = spare is not null && IsOfOtherLengths(shape, spare) && IsAttentionLoweredAgain(shape, spare);
        if (isRevised)
        {
            return spare!;
        }

        if (spare is null)
        {
            return Lower(shape);
        }

        Lower(shape, spare);
        return spare;
    }

    /// <summary>Lowers a shape into a table that held another, so that a search allocates none.</summary>
    /// <param name="shape">What is deployed and how.</param>
    /// <param name="table">Receives one entry an operator, in execution order.</param>
    public static void Lower(DeploymentShape shape, OperatorTable table)
    {
        ArgumentNullException.ThrowIfNull(shape);
        ArgumentNullException.ThrowIfNull(table);
        if (table.Count > 0 && table.Shape.Layout.Second != shape.Layout.Second
            && table.Shape with { Layout = table.Shape.Layout with { Second = shape.Layout.Second } } == shape)
        {
            // What lies in a second memory is moved beside operators, which are the same.
            table.Stand(shape);
            return;
        }

        if (IsOfOtherLengths(shape, table) && IsAttentionLoweredAgain(shape, table))
        {
            return;
        }

        if (shape is not { Phase: Phase.Prefill, Prefixes: { } prefixes })
        {
            LowerOne(shape, table);
            return;
        }

        double shares = 0;
        foreach (PrefixClass each in prefixes.Classes)
        {
            DeploymentShape ofClass = shape with { Prefixes = null, Model = shape.Model with { CachedTokens = each.CachedTokens } };
            shares += each.Share;
            if (each == prefixes.Classes[0])
            {
                LowerOne(ofClass, table);
            }
            else
            {
                table.Mix(Lower(ofClass), each.Share / shares);
            }
        }

        table.Stand(shape);
    }

    /// <summary>
    /// Whether a table holds the stage of a shape but for how long its requests are, of which when it decodes its attention alone has to do. A pipeline's fullest stage may be
    /// another's for longer requests, and a draft has attention of its own.
    /// </summary>
    private static bool IsOfOtherLengths(DeploymentShape shape, OperatorTable table) =>
        table is { Count: > 0, AttentionCount: > 0, Shape: { Phase: Phase.Decode, Layout.PipelineParallel: 1, Prediction.DraftTokens: 0 } }
        && table.Shape.Lengths != shape.Lengths && table.Shape.IsAlike(shape);

    private static bool IsAttentionLoweredAgain(DeploymentShape shape, OperatorTable table)
    {
        table.Revise(shape);
        Attention(new StageBuilder(shape, table));
        return table.KeepsRest();
    }

    /// <summary>Lowers a stage's attention alone, which is what comes first of the stage.</summary>
    /// <param name="shape">What is deployed and how.</param>
    /// <param name="spare">A table that nobody reads any more; null for none.</param>
    internal static OperatorTable LoweredAttention(DeploymentShape shape, OperatorTable? spare)
    {
        OperatorTable table = spare ?? new OperatorTable(shape);
        table.Restart(shape);
        Attention(new StageBuilder(shape, table));
        return table;
    }

    /// <summary>Lowers a stage that prefills, of which all but attention goes by tokens as it does in a stage that decodes.</summary>
    /// <param name="shape">What is deployed and how.</param>
    /// <param name="like">The same of prompts of another length.</param>
    /// <param name="decode">The stage that decodes.</param>
    /// <param name="spare">A table that nobody reads any more; null for none.</param>
    internal static OperatorTable LoweredByTokens(DeploymentShape shape, OperatorTable like, OperatorTable decode, OperatorTable? spare)
    {
        OperatorTable table = LoweredAttention(shape, spare);
        table.TakeRest(like, decode, shape.TokensPerSequence);
        table.ActivationLog = ActivationLog(shape);
        return table;
    }

    /// <summary>Logarithm per sequence of the chance that an expert stays unread, of a stage with experts; 0 where all are read.</summary>
    /// <param name="shape">What is deployed and how.</param>
    internal static double ActivationLog(DeploymentShape shape) =>
        shape.Accounting == Accounting.Physical && shape.Model.Experts is { } experts && HasExperts(shape) ? ExpertFeedForward.ActivationLog(shape, experts) : 0;

    private static bool HasExperts(DeploymentShape shape) => shape.StageExpertBlocks > 0 || shape.Model.Structure is null;

    private static void LowerOne(DeploymentShape shape, OperatorTable table)
    {
        table.Restart(shape);
        VisionEncoder.Lower(shape, table);
        StageBuilder stage = new(shape, table);
        Attention(stage);
        table.AttentionCount = table.Count;
        int expertBlocks = shape.StageExpertBlocks;
        int denseBlocks = shape.StageDenseBlocks;
        if (shape.Model.Experts is { } experts && HasExperts(shape))
        {
            stage.Begin(ExpertBlock, StagePart.FeedForward, expertBlocks, WeightRoles.RoutedExperts);
            if (stage.IsFused)
            {
                FusedExperts.Lower(stage, experts);
            }
            else
            {
                ExpertFeedForward.Lower(stage, experts);
            }

            table.ActivationLog = ActivationLog(shape);
        }

        IReadOnlyList<int> widths = shape.Model.Structure?.Pattern.OwnWidths ?? [];
        for (int width = 0; width < widths.Count; width++)
        {
            denseBlocks -= shape.StageWidthBlocks(width);
        }

        if (denseBlocks is > 0 and var usual)
        {
            stage.BeginDense(DenseBlock, usual, shape.Model.FeedForward);
            DenseFeedForward.Lower(stage);
        }

        for (int width = 0; width < widths.Count; width++)
        {
            if (shape.StageWidthBlocks(width) is > 0 and var blocks)
            {
                bool isDouble = widths[width] == 2L * shape.Model.FeedForward;
                stage.BeginDense(isDouble ? DoubleWideBlock : string.Create(CultureInfo.InvariantCulture, $"{DenseBlock}_{widths[width]}"), blocks, widths[width]);
                DenseFeedForward.Lower(stage);
            }
        }

        if (shape.Model.Structure is { } structure)
        {
            DenseBesides.Lower(stage, structure.Pattern.BothBlocks(shape.FirstStageBlock, shape.StageBlocks));
            LayerInput.Lower(stage);
        }

        StreamMixing.LowerHead(stage);
        Logits(stage);
        DraftPasses.Lower(shape, table);
        PointToPoint(stage);
    }

    /// <summary>The attention of the stage's blocks, once for each reach and form that they have.</summary>
    internal static void Attention(StageBuilder stage)
    {
        DeploymentShape shape = stage.Shape;
        if (shape.Model.Structure is not { } structure)
        {
            stage.Begin("attention", StagePart.Attention, shape.StageBlocks, WeightRoles.Attention);
            Attention(stage, shape.Model.Attention);
            return;
        }

        int first = shape.FirstStageBlock;
        int count = shape.StageBlocks;
        IReadOnlyList<TokenMixing> mixings = structure.Pattern.Mixings;
        for (int index = 0; index < mixings.Count; index++)
        {
            AttentionKind kind = mixings[index].Form?.Kind ?? shape.Model.Attention;
            int blocks = structure.Pattern.MixingBlocks(index, first, count);
            if (blocks > 0 && kind != AttentionKind.None)
            {
                stage.Begin(BlockName(mixings, index), StagePart.Attention, blocks, WeightRoles.Attention, mixings[index]);
                Attention(stage, kind);
            }
        }
    }

    private static void Attention(StageBuilder stage, AttentionKind kind)
    {
        switch (kind)
        {
            case AttentionKind.GroupQuery:
                GroupQueryAttention.Lower(stage);
                break;
            case AttentionKind.LatentAbsorbed:
                LatentAttention.Lower(stage);
                break;
            case AttentionKind.GatedDelta:
                GatedDeltaAttention.Lower(stage);
                break;
            case AttentionKind.KimiDelta:
                KimiDeltaAttention.Lower(stage);
                break;
            case AttentionKind.StateSpace:
                StateSpace.Lower(stage);
                break;
            case AttentionKind.Lightning:
                LightningAttention.Lower(stage);
                break;
            case AttentionKind.SelectiveScan:
                SelectiveScan.Lower(stage);
                break;
            case AttentionKind.ShortConvolution:
                ShortConvolution.Lower(stage);
                break;
            case AttentionKind.Compressed:
                CompressedAttention.Lower(stage);
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(kind), kind, "unknown attention kind");
        }

        if (stage.Model.Form is { Beside: { } beside })
        {
            stage.TurnTo(beside);
            Attention(stage, beside.Kind);
        }
    }

    /// <summary>Name of the blocks that a mixing is of; a second one of the same name has a number.</summary>
    private static string BlockName(IReadOnlyList<TokenMixing> mixings, int index)
    {
        string name = BlockName(mixings[index]);
        if (mixings[index].Form is null)
        {
            return name;
        }

        int same = 1;
        for (int before = 0; before < index; before++)
        {
            same += BlockName(mixings[before]) == name ? 1 : 0;
        }

        return same == 1 ? name : $"{name}_{same}";
    }

    private static string BlockName(in TokenMixing mixing) => mixing.Form?.Kind switch
    {
        AttentionKind.GatedDelta => "gated_delta_net",
        AttentionKind.KimiDelta => "kimi_delta_attention",
        AttentionKind.StateSpace => "mamba2",
        AttentionKind.Lightning => "lightning_attention",
        AttentionKind.SelectiveScan => "mamba",
        AttentionKind.ShortConvolution => "short_convolution",
        _ when mixing.Form is { Beside: { } beside } => $"{BlockName(mixing.Reach)}_beside_{BlockName(new TokenMixing(AttentionReach.Whole, beside))}",
        AttentionKind.None => "none",
        AttentionKind.Compressed when mixing.Form!.Compression!.Indexer is not null => "compressed_sparse_attention",
        AttentionKind.Compressed when mixing.Form!.Compression!.Ratio > 0 => "heavily_compressed_attention",
        _ when mixing.Form?.Indexer is { SelectsBlocks: true } => "block_sparse_attention",
        _ when mixing.Form?.Indexer is { IsBorrowed: true } => "attention_borrowed_selection",
        _ when mixing.Form is { BorrowsCache: true } => $"{BlockName(mixing.Reach)}_shared_cache",
        _ => BlockName(mixing.Reach),
    };

    private static string BlockName(AttentionReach reach) => reach.Kind switch
    {
        ReachKind.Window => $"attention_window_{reach.Tokens}",
        ReachKind.Chunk => $"attention_chunk_{reach.Tokens}",
        _ => "attention",
    };

    /// <summary>The last stage's projection to the vocabulary, one row a sequence in prefill (cost model B1.4).</summary>
    private static void Logits(StageBuilder stage)
    {
        DeploymentShape shape = stage.Shape;
        if (shape.Accounting == Accounting.Seed || shape.Model.Vocabulary == 0)
        {
            return;
        }

        stage.Begin("logits", StagePart.Logits, 1, WeightRoles.Embedding);
        AffineInBatch rows = shape.Phase == Phase.Prefill ? stage.Sequences : stage.Rows;
        if (shape.LogitsShares == 1)
        {
            stage.GatherRows(rows);
            Vocabulary(stage, rows);
            return;
        }

        rows *= shape.LogitsShares;
        FeedForwardExchanges.GatherForLogits(stage, rows);
        Vocabulary(stage, rows);
    }

    /// <summary>The projection to the vocabulary, and with an engine the choice of a token.</summary>
    internal static void Vocabulary(StageBuilder stage, AffineInBatch rows)
    {
        DeploymentShape shape = stage.Shape;
        stage.Weigh(Projection.Logits);
        stage.Slices = WeightSlices.Outputs;
        stage.PlainLinear("logits_projection", rows, shape.Model.Hidden, (double)shape.Model.Vocabulary / (shape.ProductRanks * shape.LogitsShares));
        stage.Slices = WeightSlices.None;
        if (stage.IsFused)
        {
            Sampling(stage, rows);
        }
    }

    /// <summary>The logits of all cards in one place, a pass over them and two small kernels besides.</summary>
    private static void Sampling(StageBuilder stage, AffineInBatch rows)
    {
        int ranks = stage.Shape.ProductRanks;
        AffineInBatch logits = rows * (stage.Shape.Model.Vocabulary * StageBuilder.FusedBytes);
        if (ranks > 1)
        {
            stage.Communicate(
                "logits_all_gather",
                flops: 0,
                bytes: logits,
                new Exchange(ExchangeGroup.TensorParallel, Collective.AllGather, ranks, ranks, logits, Exchange.BySpan));
        }

        stage.Vector("sampling_logits", flops: 0, bytes: logits);
        stage.Vector("sampling_choice", flops: 0, bytes: 0);
        stage.Vector("sampling_token", flops: 0, bytes: 0);
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
        AffineInBatch message = stage.Between(stage.Rows)
            * (shape.Model.Hidden * (shape.Model.Structure?.Streams?.Streams ?? 1d) * (stage.IsFused ? StageBuilder.FusedBytes : shape.Precision.CommunicationBytes) * (seed ? SeedPipelineFactor : 1));
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
