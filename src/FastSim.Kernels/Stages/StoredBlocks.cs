using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>What blocks weigh on a card, bytes: projections as the checkpoint stores them, and norms; biases and other small weights are left out.</summary>
internal readonly struct StoredBlocks
{
    private readonly DeploymentShape shape;
    private readonly BlockPattern pattern;
    private readonly StoredWeights storage;
    private readonly double ofNorm;
    private readonly double[] ofAttention;
    private readonly double ofDense;
    private readonly double ofExperts;

    /// <summary>Weighs the blocks of each kind, where those of a kind weigh the same.</summary>
    /// <param name="shape">What is deployed and how.</param>
    /// <param name="pattern">Its blocks.</param>
    public StoredBlocks(DeploymentShape shape, BlockPattern pattern)
    {
        BlockStructure structure = shape.Model.Structure!;
        this.shape = shape;
        this.pattern = pattern;
        storage = structure.Storage;
        ofNorm = structure.NormsPerBlock / 2d * structure.WeightsOfNorm(shape.Model.Hidden) * storage.BytesOf(WeightRoles.None, shape.Precision.WeightBytes);
        ofAttention = [.. pattern.Forms.Select(form => (form?.Compression?.CompressorWeights ?? 0) * CompressedAttention.CompressorBytes)];
        if (storage.Projections is { VariesByBlock: true })
        {
            return;
        }

        for (int form = 0; form < ofAttention.Length; form++)
        {
            TransformerModel model = shape.Model.Seen(pattern.Forms[form]);
            for (Projection projection = 0; projection <= LastOfABlock; projection++)
            {
                WeightRoles role = ProjectionShape.RoleOf(projection);
                double elements = role == WeightRoles.Attention || form == 0 ? OnACard(model, projection) : 0;
                double bytes = elements == 0 ? 0 : elements * storage.BytesOf(projection, 0, shape.Model.Blocks, null, shape.Precision.WeightBytes);
                switch (role)
                {
                    case WeightRoles.Attention:
                        ofAttention[form] += bytes;
                        break;
                    case WeightRoles.DenseFeedForward:
                        ofDense += bytes;
                        break;
                    default:
                        ofExperts += bytes;
                        break;
                }
            }

            ofAttention[form] += pattern.Forms[form] is { Beside: { } beside } ? Beside(beside) : 0;
        }
    }

    private static Projection LastOfABlock => Projection.RoutedOutput;

    /// <summary>Bytes of a run of blocks on a card.</summary>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public double Bytes(int first, int count)
    {
        double bytes = (pattern.Parts(first, count) * ofNorm) + (pattern.ExpertBlocks(first, count) * ofExperts) + (ofDense == 0 ? 0 : pattern.DenseWidths(first, count, shape.Model.FeedForward) / shape.Model.FeedForward * ofDense);
        for (int form = 0; form < ofAttention.Length; form++)
        {
            bytes += pattern.FormBlocks(form, first, count) * ofAttention[form];
        }

        return storage.Projections is { VariesByBlock: true } stored ? bytes + Stored(stored, first, count) : bytes;
    }

    /// <summary>Bytes of what mixes tokens beside attention.</summary>
    private double Beside(AttentionForm beside)
    {
        TransformerModel model = shape.Model.Seen(beside);
        double bytes = 0;
        for (Projection projection = 0; projection <= Projection.GateUp; projection++)
        {
            double elements = OnACard(model, projection);
            bytes += elements == 0 ? 0 : elements * storage.BytesOf(projection, 0, shape.Model.Blocks, null, shape.Precision.WeightBytes);
        }

        return bytes;
    }

    /// <summary>Bytes of a run's projections, each block's by itself.</summary>
    private double Stored(StoredProjections stored, int first, int count)
    {
        double bytes = 0;
        foreach (AttentionForm? form in pattern.Forms)
        {
            bytes += Stored(stored, first, count, form, shape.Model.Seen(form), LastOfABlock);
            bytes += form is { Beside: { } beside } ? Stored(stored, first, count, form, shape.Model.Seen(beside), Projection.GateUp) : 0;
        }

        return bytes;
    }

    /// <summary>Bytes of the projections up to <paramref name="last"/> of those blocks of a run that have a form, seen as <paramref name="model"/>.</summary>
    private double Stored(StoredProjections stored, int first, int count, AttentionForm? form, TransformerModel model, Projection last)
    {
        double bytes = 0;
        for (Projection projection = 0; projection <= last; projection++)
        {
            double elements = OnACard(model, projection);
            for (int block = first; elements > 0 && block < first + count; block++)
            {
                BlockKind kind = pattern.At(block);
                bool isThere = kind.Form == form && ProjectionShape.RoleOf(projection) switch
                {
                    WeightRoles.Attention => true,
                    WeightRoles.DenseFeedForward => kind.IsDense,
                    _ => kind.HasExperts,
                };
                bool isOfOwnWidth = kind.OwnFeedForward > 0 && ProjectionShape.RoleOf(projection) == WeightRoles.DenseFeedForward;
                bytes += isThere ? (isOfOwnWidth ? (double)kind.OwnFeedForward / shape.Model.FeedForward * elements : elements) * stored.Of(projection, block).Bytes(shape.Precision.WeightBytes) : 0;
            }
        }

        return bytes;
    }

    /// <summary>Elements of a projection on a card: what a layout shards, and what every card carries whole.</summary>
    private double OnACard(TransformerModel model, Projection projection)
    {
        double elements = ProjectionShape.Of(model, projection).Elements;
        int tensorParallel = shape.Layout.TensorParallel;
        bool isPadded = model.PadsHeads && model.Form?.State is null && ProjectionShape.RoleOf(projection) == WeightRoles.Attention;
        double padded = isPadded ? elements * HeadShares.Queries(model, tensorParallel) * tensorParallel / model.Heads : elements;
        return projection switch
        {
            Projection.Key or Projection.Value when model.PadsHeads => elements * HeadShares.KeysAndValues(model, tensorParallel) / model.KeyValueHeads,
            Projection.Key or Projection.Value => elements / Math.Min(tensorParallel, model.KeyValueHeads),
            Projection.QueryDown or Projection.KeyValueDown or Projection.DecayDown or Projection.GateDown => elements,
            Projection.Router or Projection.RoutedInput or Projection.RoutedOutput => elements,
            Projection.IndexQuery or Projection.IndexKey or Projection.IndexWeights or Projection.Compressor or Projection.IndexCompressor => elements,
            Projection.RoutedGate or Projection.RoutedUp or Projection.RoutedDown =>
                elements / ((double)shape.Layout.ExpertParallel * shape.Layout.ExpertTensorParallel),
            Projection.SharedGate or Projection.SharedUp or Projection.SharedDown when model.Experts is not { LatentWidth: > 0 } =>
                elements / shape.Layout.ExpertTensorParallel,
            Projection.AttentionOutput => padded / shape.WeightRanks,
            Projection.DenseGate or Projection.DenseUp or Projection.DenseDown => elements / shape.FeedForwardWeightRanks,
            _ => padded / tensorParallel,
        };
    }
}
