using FastSim.Kernels.Models;

namespace FastSim.Kernels.Stages;

/// <summary>What blocks weigh on a card, bytes: projections as the checkpoint stores them, and norms; biases and other small weights are left out.</summary>
internal readonly struct StoredBlocks
{
    private readonly DeploymentShape shape;
    private readonly BlockPattern pattern;
    private readonly StoredWeights storage;
    private readonly double ofAll;
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
        ofAll = structure.NormsPerBlock * (double)shape.Model.Hidden * storage.BytesOf(WeightRoles.None, shape.Precision.WeightBytes);
        if (storage.Projections is { VariesByBlock: true })
        {
            return;
        }

        for (Projection projection = 0; projection <= Projection.Router; projection++)
        {
            double bytes = OnACard(projection) * storage.BytesOf(projection, 0, shape.Model.Blocks, null, shape.Precision.WeightBytes);
            switch (ProjectionShape.RoleOf(projection))
            {
                case WeightRoles.Attention:
                    ofAll += bytes;
                    break;
                case WeightRoles.DenseFeedForward:
                    ofDense += bytes;
                    break;
                default:
                    ofExperts += bytes;
                    break;
            }
        }
    }

    /// <summary>Bytes of a run of blocks on a card.</summary>
    /// <param name="first">First block of the run.</param>
    /// <param name="count">Blocks of the run.</param>
    public double Bytes(int first, int count)
    {
        int experts = pattern.ExpertBlocks(first, count);
        double bytes = (count * ofAll) + (experts * ofExperts) + ((count - experts) * ofDense);
        if (storage.Projections is not { VariesByBlock: true } stored)
        {
            return bytes;
        }

        for (Projection projection = 0; projection <= Projection.Router; projection++)
        {
            double elements = OnACard(projection);
            for (int block = first; elements > 0 && block < first + count; block++)
            {
                bool hasExperts = pattern.ExpertBlocks(block, 1) == 1;
                bool isThere = ProjectionShape.RoleOf(projection) switch
                {
                    WeightRoles.Attention => true,
                    WeightRoles.DenseFeedForward => !hasExperts,
                    _ => hasExperts,
                };
                bytes += isThere ? elements * stored.Of(projection, block).Bytes(shape.Precision.WeightBytes) : 0;
            }
        }

        return bytes;
    }

    /// <summary>Elements of a projection on a card: what a layout shards, and what every card carries whole.</summary>
    private double OnACard(Projection projection)
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
}
