using FastSim.Kernels.Launches;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Models;
using FastSim.Kernels.Stages;
using FsCheck;
using FsCheck.Fluent;

namespace FastSim.Laws.Tests;

/// <summary>Laws of what a checkpoint stores, projection by projection and block by block.</summary>
public sealed class StorageLaws
{
    private const double Run = 0.75;

    /// <summary>Rounding of a sum of some hundred terms.</summary>
    private const double Rounding = 1e-12;
    private const double SmallWeights = 0.05;

    private static readonly ParallelLayout OneCard = new(1, 1, 1, 1, 1, 1, 0, 0);

    /// <summary>
    /// Models without biases, gates and sinks, several residual streams and inputs a block, which are no projections: what is left beside those are norms. Where
    /// each block is stored its own way, dense feed-forwards of both widths share one mean. Two mixings in a block have two outputs, which this sums up as one.
    /// </summary>
    private static Gen<TransformerModel> Models { get; } =
        from model in RandomJobs.ModelOfBlocks.Where(model => !HasMeanOfWidths(model) && !HasTwoMixings(model))
        select model with
        {
            CachedTokens = 0,
            Structure = model.Structure! with { Extras = BlockExtras.None, QueryKeyNorm = QueryKeyNorm.None, Streams = null, LayerInputs = null },
        };

    /// <summary>The matrix operators of one card hold exactly the projections of all blocks.</summary>
    [Law(MaxTest = 300)]
    public Property Projections_are_all_the_weights_that_multiply() => Prop.ForAll(Arb.From(Models), model =>
    {
        OperatorTable table = StageLowering.Lower(Shape(model, OneCard));
        double held = 0;
        double bytes = 0;
        for (int op = 0; op < table.Count; op++)
        {
            double elements = table.Identities[op].Engine == OperatorEngine.Matrix ? table.WeightElements[op] * table.Repeats[op] : 0;
            held += elements;
            bytes += elements * table.WeightBytes[op];
        }

        (double Elements, double Bytes) stored = Stored(model);
        return (Same(held, stored.Elements) && Same(bytes, stored.Bytes)).Label($"{held} {stored.Elements}, {bytes} {stored.Bytes}");
    });

    /// <summary>
    /// However a pipeline is cut, its cards together hold the checkpoint: the stage that stands for all weighs no less than any, but for norms within
    /// attention and other small weights, by which it is not chosen.
    /// </summary>
    [Law(MaxTest = 500)]
    public Property Cards_together_hold_the_model() => Prop.ForAll(
        Arb.From(Models),
        Arb.From(Gen.Choose(1, 5)),
        Arb.From(Gen.Elements(1, 2, 4)),
        (model, pipeline, tensor) =>
        {
            TransformerModel grouped = model with { Vocabulary = 0 };
            ParallelLayout layout = new(1, pipeline, tensor, tensor, 1, pipeline, 0, 0);
            MemoryFootprint card = MemoryFootprint.Of(StageLowering.Lower(Shape(grouped, layout)));
            double whole = MemoryFootprint.Of(StageLowering.Lower(Shape(grouped, OneCard))).WeightBytes;
            return (card.WeightBytes * layout.Cards >= whole * (1 - SmallWeights)).Label($"{card.WeightBytes * layout.Cards} {whole}");
        });

    private static bool HasTwoMixings(TransformerModel model) => model.Structure!.Pattern.Forms.Any(form => form is { Beside: not null });

    private static bool HasMeanOfWidths(TransformerModel model) =>
        model.Structure is { Storage.Projections.VariesByBlock: true } structure && structure.Pattern.OwnWidths.Count > 0;

    private static (double Elements, double Bytes) Stored(TransformerModel model)
    {
        BlockStructure structure = model.Structure!;
        double elements = 0;
        double bytes = 0;
        foreach (Projection projection in Enum.GetValues<Projection>().Where(projection => projection != Projection.Embedding))
        {
            int blocks = projection == Projection.Logits ? 1 : model.Blocks;
            for (int block = 0; block < blocks; block++)
            {
                double each = ProjectionShape.Of(model.Seen(structure.Pattern.Blocks[block].Form), projection).Elements
                    * (structure.Pattern.Blocks[block].OwnFeedForward is > 0 and var width && ProjectionShape.RoleOf(projection) == WeightRoles.DenseFeedForward ? (double)width / model.FeedForward : 1);
                bool isThere = ProjectionShape.RoleOf(projection) switch
                {
                    WeightRoles.DenseFeedForward => structure.Pattern.Blocks[block].IsDense,
                    WeightRoles.RoutedExperts or WeightRoles.SharedExperts or WeightRoles.Router => structure.Pattern.Blocks[block].HasExperts,
                    _ => true,
                };
                double perWeight = structure.Storage.Projections is { } stored
                    ? stored.Of(projection, block).Bytes(Run)
                    : structure.Storage.BytesOf(ProjectionShape.RoleOf(projection), Run);
                elements += isThere ? each : 0;
                bytes += isThere ? each * perWeight : 0;
            }
        }

        return (elements, bytes);
    }

    private static DeploymentShape Shape(TransformerModel model, ParallelLayout layout) => new(
        model,
        new SequenceLengths(20, 10),
        new Precision(Run, 1, 1, 1),
        Accounting.Physical,
        MultiTokenPrediction.Off,
        Phase.Decode,
        layout,
        MicroBatches: 1);

    private static bool Same(double first, double second) => Math.Abs(first - second) <= Rounding * Math.Max(first, second);
}
