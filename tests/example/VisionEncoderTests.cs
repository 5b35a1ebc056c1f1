using FastSim.Kernels.Chips;
using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Plans;
using FastSim.Kernels.Stages;

namespace FastSim.Example.Tests;

/// <summary>
/// A vision tower by hand: 3 blocks of h = 8, 4 heads of 2, a feed-forward of 16 without a gate, patches of 12 numbers, two rows to a token, products 16 to 16 and
/// 16 to 8. A request has two images of three tokens: 2·3·2 = 12 rows of a sequence, 24 of the two that a micro-batch has, each seeing 6. Weights and activations
/// take 2 bytes whatever the language model's take; cards exchange u = 3.
/// </summary>
public sealed class VisionEncoderTests
{
    private const double Sequences = 2;

    private static readonly VisionTower Tower = new(
        Hidden: 8,
        Blocks: 3,
        Heads: 4,
        HeadSize: 2,
        FeedForward: 16,
        PatchElements: 12,
        MergedRows: 2,
        [new VisionProduct(16, 16, ProductCut.Outputs, HasBias: true), new VisionProduct(16, 8, ProductCut.Inputs, HasBias: true)])
    {
        HasInputBias = true,
        HasOutputBias = true,
        HasFeedForwardBias = true,
        BlockElements = 32,
        OuterElements = 40,
    };

    [Fact]
    public void Its_parameters()
    {
        // Patches 12·8 = 96. A block: 3·64 + 24 in, 64 + 8 out, 2·8·16 + 16 + 8 of the feed-forward, norms 32: 600. Projector 16·16 + 16 + 16·8 + 8 = 408, besides 40.
        Assert.Equal(96 + (3 * 600) + 408 + 40, Tower.Parameters);
    }

    [Fact]
    public void Every_operator_runs_over_the_rows_of_all_images()
    {
        ToyStage stage = new(Shape(Tower));
        stage.Costs("vision_embedding/patch_embedding", Sequences, flops: 2 * 12 * 8 * 24, bytes: (96 * 2) + (24 * 20 * 2));
        stage.Costs("vision_attention/qkv_projection", Sequences, flops: 2 * 8 * 24 * 24, bytes: ((192 + 24) * 2) + (24 * 32 * 2));
        stage.Costs("vision_attention/encoder_attention", Sequences, flops: 4 * 24 * 8 * 6, bytes: 4 * 24 * 8 * 2);
        stage.Costs("vision_attention/softmax", Sequences, flops: 5 * 24 * 4 * 6, bytes: 0);
        stage.Costs("vision_attention/output_projection", Sequences, flops: 2 * 8 * 8 * 24, bytes: ((64 + 8) * 2) + (24 * 16 * 2));
        stage.Costs("vision_mlp/up_projection", Sequences, flops: 2 * 8 * 16 * 24, bytes: ((128 + 16) * 2) + (24 * 24 * 2));
        stage.Costs("vision_mlp/activation", Sequences, flops: 2 * 24 * 16, bytes: 2 * 24 * 16 * 2);
        stage.Costs("vision_mlp/down_projection", Sequences, flops: 2 * 8 * 16 * 24, bytes: ((128 + 8) * 2) + (24 * 24 * 2));

        // Of 12 rows of a sequence 6 tokens, of two sequences 12.
        stage.Costs("vision_projector_1/projection", Sequences, flops: 2 * 16 * 16 * 12, bytes: ((256 + 16) * 2) + (12 * 32 * 2));
        stage.Costs("vision_projector_2/projection", Sequences, flops: 2 * 16 * 8 * 12, bytes: ((128 + 8) * 2) + (12 * 24 * 2));
        Assert.Equal((3, 3, 1), (stage.Repeats("vision_attention/encoder_attention"), stage.Repeats("vision_mlp/up_projection"), stage.Repeats("vision_projector_1/projection")));
        Assert.False(stage.Has("vision_attention/rotary"));
        Assert.Equal(OperatorRate.Attention, stage.Table.Identities[stage.IndexOf("vision_mlp/up_projection")].Rate);
    }

    /// <summary>Of outputs of attention and of the feed-forward: FLOP 7·24·8, bytes 2·24·8·2, as other norms; the class's weights are counted with the block's.</summary>
    [Fact]
    public void Outputs_have_norms_where_the_class_has_them()
    {
        ToyStage stage = new(Shape(Tower with { NormalisesOutputs = true }));
        stage.Costs("vision_attention/output_norm", Sequences, flops: 1344, bytes: 768);
        stage.Costs("vision_mlp/output_norm", Sequences, flops: 1344, bytes: 768);
        Assert.Equal((3, 3), (stage.Repeats("vision_attention/output_norm"), stage.Repeats("vision_mlp/output_norm")));
        Assert.False(new ToyStage(Shape(Tower)).Has("vision_mlp/output_norm"));
    }

    [Fact]
    public void Decoding_has_none_of_it() =>
        Assert.False(new ToyStage(Shape(Tower) with { Phase = Phase.Decode }).Has("vision_attention/encoder_attention"));

    [Fact]
    public void Cards_of_a_rank_share_heads_and_width_out()
    {
        ToyStage stage = new(Shape(Tower, tp: 2));
        stage.Costs("vision_attention/qkv_projection", Sequences, flops: 2 * 8 * 12 * 24, bytes: ((96 + 12) * 2) + (24 * 20 * 2));
        stage.Costs("vision_attention/encoder_attention", Sequences, flops: 4 * 24 * 4 * 6, bytes: 4 * 24 * 4 * 2);
        stage.Costs("vision_projector_2/projection", Sequences, flops: 2 * 8 * 8 * 12, bytes: ((64 + 8) * 2) + (12 * 16 * 2));
        Relative.Equal(24 * 8 * 3, stage.Exchange("vision_attention/tp_all_reduce").MessageBytes.At(Sequences));
        Relative.Equal(24 * 8 * 3, stage.Exchange("vision_mlp/tp_all_reduce").MessageBytes.At(Sequences));
        Relative.Equal(12 * 8 * 3, stage.Exchange("vision_projector_2/tp_all_reduce").MessageBytes.At(Sequences));
        Assert.False(stage.Has("vision_projector_1/tp_all_reduce"));
    }

    [Fact]
    public void Where_they_cannot_each_has_all_of_it_and_some_of_the_images()
    {
        // Three heads on two cards: an image each, 6 rows of a sequence. Both get the tokens of both: 2·2·3 of 8.
        ToyStage stage = new(Shape(Tower with { Heads = 3 }, tp: 2));
        stage.Costs("vision_mlp/up_projection", Sequences, flops: 2 * 8 * 16 * 12, bytes: ((128 + 16) * 2) + (12 * 24 * 2));
        Assert.False(stage.Has("vision_mlp/tp_all_reduce"));
        Relative.Equal(2 * 2 * 3 * 8 * 3, stage.Exchange("vision_projector_2/image_all_gather").MessageBytes.At(Sequences));
    }

    [Fact]
    public void Blocks_with_windows_see_windows()
    {
        ToyStage stage = new(Shape(Tower with { WindowRows = 2, WholeBlocks = 1 }));
        Assert.Equal((1, 2), (stage.Repeats("vision_attention/encoder_attention"), stage.Repeats("vision_attention_window/encoder_attention")));
        Relative.Equal(4 * 24 * 8 * 6, stage.Flops("vision_attention/encoder_attention", Sequences));
        Relative.Equal(4 * 24 * 8 * 2, stage.Flops("vision_attention_window/encoder_attention", Sequences));
    }

    [Fact]
    public void Tiles_are_whole()
    {
        // Three tokens take two tiles of two: 2·5 rows and 4 tokens of an image, 40 and 16 of four images; a row sees its tile.
        ToyStage stage = new(Shape(Tower with { TileRows = 5, TileTokens = 2 }));
        Relative.Equal(4 * 40 * 8 * 5, stage.Flops("vision_attention/encoder_attention", Sequences));
        Relative.Equal(2 * 16 * 16 * 16, stage.Flops("vision_projector_1/projection", Sequences));
    }

    [Fact]
    public void Cards_that_prefill_hold_it()
    {
        DeploymentShape shape = Shape(Tower);
        DeploymentShape blind = shape with { Lengths = ToyModel.Lengths };
        double without = MemoryFootprint.Of(StageLowering.Lower(blind)).WeightBytes;
        Relative.Equal(2 * Tower.Parameters, MemoryFootprint.Of(StageLowering.Lower(shape)).WeightBytes - without);

        // Of a rank's two cards each has half of what is shared out: matrices and biases of in and up (216 and 144 of a block), matrices alone of out and down (64 and
        // 128), of the projector 272 and 128.
        DeploymentShape decode = Shape(Tower, tp: 2) with { Phase = Phase.Decode };
        MemoryFootprint own = MemoryFootprint.Of(StageLowering.Lower(decode));
        double shared = (3 * (216 + 144 + 64 + 128)) + 272 + 128;
        Relative.Equal(2 * (Tower.Parameters - (shared / 2)), own.WithEncoder(decode).WeightBytes - own.WeightBytes);
        Relative.Equal(2 * 12 * 16 * 2, VisionEncoder(shape));
    }

    /// <summary>An image is encoded whole: a part of a prompt that has less than one takes its share of one's time.</summary>
    [Fact]
    public void A_chunk_takes_its_part_of_the_images()
    {
        TransformerModel model = ServedToy.Dense with { Vision = Tower };
        EngineStep step = ServedToy.Instance(model, new ServingLayout(1, 1, 1, 1), 512, 16, images: new ImageLoad(2, 100)).Step;
        double one = step.EncoderMicroseconds(1, 256);
        Relative.Equal(one / 2, step.EncoderMicroseconds(1, 128), 1e-12);
        Relative.Equal(one / 8, step.EncoderMicroseconds(1, 32), 1e-12);

        // So small a tower waits for its launches: embedding 1, a norm, 5 and 5 of a block (no softmax, no rotary), 3 of the projector, positions.
        Relative.Equal((1 + 1 + (3 * (5 + 5)) + 3 + 1) * 26, one, 1e-12);
        Relative.Equal(one, step.EncoderMicroseconds(1, 512), 1e-12);
        Assert.Equal(0, ServedToy.Instance(model, new ServingLayout(1, 1, 1, 1), 512, 16).Step.EncoderMicroseconds(1, 512));
    }

    [Fact]
    public void A_measured_kernel_takes_its_tiles()
    {
        // 10 units of 100 FLOP/µs in all, half of which are reached: 5 FLOP/µs a unit, times 30/(30 + 10). 2 pieces of 30 rows, 3 heads of 4: 2·3·ceil(30/16) = 12 tiles,
        // 1.2 waves, of which half of the way to 2 counts: 1.6. A tile takes 4·16·30·4 FLOP and 1 µs; 20 bytes at half of 20 bytes/µs take 2 µs, and the longer counts.
        double[] parameters = [7, 0.5, 0.5, 16, 8, 1, 10, 0.5];
        double compute = 1.6 * ((4 * 16 * 30 * 4 / (5 * 0.75)) + 1);
        double expected = 7 + (compute * Math.Pow(1 + Math.Pow(2 / compute, 8), 1d / 8));
        Relative.Equal(expected, EncoderAttentionTiming.Microseconds(parameters, new TimingChip(10, 20e6, 1), 100e6, 2, 30, 3, 4, 20), 1e-12);
    }

    private static double VisionEncoder(DeploymentShape shape) =>
        MemoryFootprint.Of(StageLowering.Lower(shape with { Model = shape.Model with { FeedForward = 1 } })).FeedForwardWorkingBytesPerSequence;

    private static DeploymentShape Shape(VisionTower tower, int tp = 1) => ToyModel.Prefill(ToyModel.Dense with { Vision = tower }, ToyModel.Cards(tp: tp)) with
    {
        Accounting = Accounting.Physical,
        Lengths = ToyModel.Lengths with { Images = new ImageLoad(2, 3) },
    };
}
