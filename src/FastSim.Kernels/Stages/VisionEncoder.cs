using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>
/// The vision tower's pass over the images of new prompts, before the language model's (docs/cost-model.md, "Vision encoders"). All of it is on one pipeline
/// stage. Cards of a rank share it out as they share the language model's products where its heads and width allow; else each has all of it and some of the
/// images.
/// </summary>
internal static class VisionEncoder
{
    private const string Beginning = "vision_";
    private const double Bytes = StageBuilder.FusedBytes;

    /// <summary>Lowers it, where a stage prefills prompts with images.</summary>
    /// <param name="shape">The stage.</param>
    /// <param name="table">Receives its operators.</param>
    public static void Lower(DeploymentShape shape, OperatorTable table)
    {
        if (shape is { Phase: Phase.Prefill, Vision: { } tower })
        {
            Lower(shape, tower, new StageBuilder(shape, table) { Prefix = Beginning, IsOfEncoder = true });
        }
    }

    /// <summary>Weights of the tower on a card whose stage has it, bytes: of attention, and of all else.</summary>
    /// <param name="shape">The stage; its phase is of no account.</param>
    public static (double Attention, double Besides) WeightBytes(DeploymentShape shape)
    {
        if (shape.Vision is not { } tower)
        {
            return (0, 0);
        }

        OperatorTable table = new(shape with { Phase = Phase.Prefill });
        Lower(table.Shape, tower, new StageBuilder(table.Shape, table) { Prefix = Beginning, IsOfEncoder = true });
        (double Attention, double Besides) bytes = (0, 0);
        for (int op = 0; op < table.Count; op++)
        {
            double weights = table.WeightElements[op] * table.Repeats[op] * table.WeightBytes[op];
            bytes = table.Identities[op].Part == StagePart.Attention ? (bytes.Attention + weights, bytes.Besides) : (bytes.Attention, bytes.Besides + weights);
        }

        return bytes;
    }

    /// <summary>Images of a sequence that a card works on.</summary>
    /// <param name="shape">The stage; its model has a tower and its load images.</param>
    public static int ImagesOfCard(DeploymentShape shape)
    {
        int ranks = shape.Layout.TensorParallel;
        int images = shape.Lengths.Images.Images;
        return shape.Vision!.Divides(ranks) ? images : ((images - 1) / ranks) + 1;
    }

    /// <summary>Working space of a sequence's images: <c>2·r·I'</c> elements of the feed-forward.</summary>
    /// <param name="shape">The stage.</param>
    public static double WorkingBytes(DeploymentShape shape) => shape is { Phase: Phase.Prefill, Vision: { } tower }
        ? 2 * ImagesOfCard(shape) * tower.Rows(shape.Lengths.Images.TokensEach) * tower.FeedForward / Ranks(shape, tower) * Bytes
        : 0;

    private static int Ranks(DeploymentShape shape, VisionTower tower) => tower.Divides(shape.Layout.TensorParallel) ? shape.Layout.TensorParallel : 1;

    private static void Lower(DeploymentShape shape, VisionTower tower, StageBuilder stage)
    {
        int tokens = shape.Lengths.Images.TokensEach;
        int images = ImagesOfCard(shape);
        int ranks = Ranks(shape, tower);
        AffineInBatch rows = new(0, images * tower.Rows(tokens));
        stage.Begin("embedding", StagePart.FeedForward, 1);
        stage.EncoderProduct("patch_embedding", rows, tower.PatchElements, tower.Hidden, biases: 0);
        if (tower.OuterNorms > 0)
        {
            stage.Begin("norms", StagePart.FeedForward, tower.OuterNorms);
            stage.Vector("norm", flops: 7 * rows * tower.Hidden, bytes: 2 * rows * tower.Hidden * Bytes);
        }

        double whole = tower.HasTiles ? tower.TileRows : tower.Rows(tokens);
        int windowed = tower.WindowRows > 0 && tower.WindowRows < whole ? tower.Blocks - tower.WholeBlocks : 0;
        Attention(stage, tower, "attention", tower.Blocks - windowed, rows, whole, ranks);
        Attention(stage, tower, "attention_window", windowed, rows, tower.WindowRows, ranks);
        FeedForward(stage, tower, rows, ranks);
        Projector(stage, tower, new AffineInBatch(0, images * tower.ProjectedTokens(tokens)), shape.Layout.TensorParallel, ranks);

        // Tables, small weights, and blocks that a checkpoint has for nothing: what a card holds and no operator is worth naming for.
        stage.Begin("tables", StagePart.FeedForward, 1);
        stage.Vector("position_embedding", flops: rows * tower.Hidden, bytes: 3 * rows * tower.Hidden * Bytes, tower.OuterElements + tower.IdleElements, bytesPerWeight: Bytes);
    }

    private static void Attention(StageBuilder stage, VisionTower tower, string name, int blocks, AffineInBatch rows, double seen, int ranks)
    {
        if (blocks == 0)
        {
            return;
        }

        double heads = (double)tower.Heads / ranks;
        double width = heads * tower.HeadSize;
        stage.Begin(name, StagePart.Attention, blocks);
        stage.Vector("norm", flops: 7 * rows * tower.Hidden, bytes: 2 * rows * tower.Hidden * Bytes, tower.BlockElements, bytesPerWeight: Bytes);
        stage.EncoderProduct("qkv_projection", rows, tower.Hidden, 3 * width, tower.HasInputBias ? 3 * width : 0);
        if (tower.NormalisesQueriesAndKeys)
        {
            stage.Vector("qk_norm", flops: 7 * rows * (2 * width), bytes: 4 * rows * width * Bytes);
        }

        if (tower.HasRotary)
        {
            stage.Vector("rotary", flops: 6 * rows * (2 * width), bytes: 4 * rows * width * Bytes);
        }

        stage.EncoderAttention(rows, heads, tower.HeadSize, seen);
        if (!stage.IsFused)
        {
            stage.Vector("softmax", flops: 5 * rows * (heads * seen), bytes: 0, kind: LaunchKind.Softmax);
        }

        stage.EncoderProduct("output_projection", rows, width, tower.Hidden, tower.HasOutputBias ? tower.Hidden : 0);
        Residual(stage, tower, rows, ranks);
    }

    /// <summary>What a half of a block yields is summed, normed where the tower does so, and added to what came in.</summary>
    private static void Residual(StageBuilder stage, VisionTower tower, AffineInBatch rows, int ranks)
    {
        Sum(stage, rows, tower.Hidden, ranks);
        if (tower.NormalisesOutputs)
        {
            stage.Vector("output_norm", flops: 7 * rows * tower.Hidden, bytes: 2 * rows * tower.Hidden * Bytes);
        }

        stage.Vector("residual", flops: rows * tower.Hidden, bytes: 3 * rows * tower.Hidden * Bytes);
    }

    private static void FeedForward(StageBuilder stage, VisionTower tower, AffineInBatch rows, int ranks)
    {
        double width = (double)tower.FeedForward / ranks;
        double into = tower.IsGated ? 2 : 1;
        stage.Begin("mlp", StagePart.FeedForward, tower.Blocks);
        stage.Vector("norm", flops: 7 * rows * tower.Hidden, bytes: 2 * rows * tower.Hidden * Bytes);
        stage.EncoderProduct(
            tower.IsGated ? "gate_up_projection" : "up_projection", rows, tower.Hidden, into * width, tower.HasFeedForwardBias ? into * width : 0);
        stage.Vector(
            tower.IsGated ? "activation_multiply" : "activation", flops: 2 * into * rows * width, bytes: (into + 1) * rows * width * Bytes);
        stage.EncoderProduct("down_projection", rows, width, tower.Hidden, tower.HasFeedForwardBias ? tower.Hidden : 0);
        Residual(stage, tower, rows, ranks);
    }

    private static void Projector(StageBuilder stage, VisionTower tower, AffineInBatch tokens, int cards, int ranks)
    {
        for (int place = 0; place < tower.Projector.Count; place++)
        {
            VisionProduct product = tower.Projector[place];
            bool isCut = ranks > 1 && product.Cut != ProductCut.None;
            double input = isCut && product.Cut == ProductCut.Inputs ? (double)product.Input / ranks : product.Input;
            double output = isCut && product.Cut == ProductCut.Outputs ? (double)product.Output / ranks : product.Output;
            stage.Begin($"projector_{place + 1}", StagePart.FeedForward, product.Times);
            stage.EncoderProduct("projection", tokens, input, output, product.HasBias ? output : 0);
            if (isCut && product.Cut == ProductCut.Inputs)
            {
                Sum(stage, tokens, product.Output, ranks);
            }
            else if (product.Cut != ProductCut.Inputs && place + 1 < tower.Projector.Count)
            {
                stage.Vector("activation", flops: 2 * tokens * output, bytes: 2 * tokens * output * Bytes);
            }
        }

        if (cards > ranks)
        {
            // Each card has the tokens of its images, and all of them need all.
            AffineInBatch message = tokens * (tower.Projector[^1].Output * stage.CommunicationBytes * cards);
            stage.Communicate(
                "image_all_gather",
                flops: 0,
                bytes: 0,
                new Exchange(ExchangeGroup.TensorParallel, Collective.AllGather, cards, cards, message, Launches.Exchange.BySpan));
        }
    }

    /// <summary>The sum over cards of a product whose inputs they share out: a message of <c>rows·width·u</c>.</summary>
    private static void Sum(StageBuilder stage, AffineInBatch rows, double width, int ranks)
    {
        if (ranks > 1)
        {
            stage.Communicate(
                "tp_all_reduce",
                flops: rows * (width * (ranks - 1) / ranks),
                bytes: 0,
                new Exchange(ExchangeGroup.TensorParallel, Collective.AllReduce, ranks, ranks, rows * (width * stage.CommunicationBytes), Launches.Exchange.BySpan));
        }
    }
}
