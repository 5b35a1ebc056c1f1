namespace FastSim.Kernels.Models;

/// <summary>Extents of a projection's matrix in a whole model, elements; of one expert where there are several. Biases are not counted.</summary>
/// <param name="Outputs">Width of what it yields; 0 where the model has no such projection.</param>
/// <param name="Inputs">Width of what it takes.</param>
/// <param name="Copies">Matrices of this form in a block: experts; 1 for all others.</param>
public readonly record struct ProjectionShape(double Outputs, double Inputs, int Copies)
{
    /// <summary>Weights of a block, elements.</summary>
    public double Elements => Outputs * Inputs * Copies;

    /// <summary>What a projection's weights are for.</summary>
    /// <param name="projection">The projection.</param>
    public static WeightRoles RoleOf(Projection projection) => projection switch
    {
        <= Projection.IndexWeights => WeightRoles.Attention,
        <= Projection.DenseDown => WeightRoles.DenseFeedForward,
        <= Projection.RoutedDown => WeightRoles.RoutedExperts,
        <= Projection.SharedDown => WeightRoles.SharedExperts,
        Projection.Router => WeightRoles.Router,
        _ => WeightRoles.Embedding,
    };

    /// <summary>Extents of a projection (cost model A2, symbols; docs/cost-model.md, "What a checkpoint weighs").</summary>
    /// <param name="model">The model.</param>
    /// <param name="projection">The projection.</param>
    public static ProjectionShape Of(TransformerModel model, Projection projection)
    {
        ArgumentNullException.ThrowIfNull(model);
        double hidden = model.Hidden;
        return projection switch
        {
            Projection.Logits or Projection.Embedding => new(model.Vocabulary, hidden, 1),
            Projection.DenseGate or Projection.DenseUp => new(model.FeedForward, hidden, 1),
            Projection.DenseDown => new(hidden, model.FeedForward, 1),
            _ when RoleOf(projection) == WeightRoles.Attention => OfAttention(model, projection),
            _ => model.Experts is { } experts ? OfExperts(experts, projection, hidden) : default,
        };
    }

    private static ProjectionShape OfAttention(TransformerModel model, Projection projection)
    {
        double hidden = model.Hidden;
        SparseIndexer? indexer = model.Structure?.Indexer;
        double valueWidth = model.Heads * (double)(model.Latent?.ValueHeadSize ?? model.HeadSize);
        return projection switch
        {
            Projection.AttentionOutput => new(hidden, valueWidth, 1),
            Projection.AttentionGate when model.AttentionGate => new(valueWidth, hidden, 1),
            Projection.IndexQuery when indexer is not null => new((double)indexer.Heads * indexer.HeadSize, model.Latent!.QueryRank, 1),
            Projection.IndexKey when indexer is not null => new(indexer.HeadSize, hidden, 1),
            Projection.IndexWeights when indexer is not null => new(indexer.Heads, hidden, 1),
            _ when model.Latent is { } latent => OfLatent(latent, projection, hidden, model.Heads),
            Projection.Query => new((double)model.Heads * model.HeadSize, hidden, 1),
            Projection.Key or Projection.Value => new((double)model.KeyValueHeads * model.HeadSize, hidden, 1),
            _ => default,
        };
    }

    private static ProjectionShape OfLatent(LatentDimensions latent, Projection projection, double hidden, double heads)
    {
        double queryWidth = heads * (latent.PlainHeadSize + latent.RotaryHeadSize);
        return projection switch
        {
            Projection.Query when latent.QueryRank == 0 => new(queryWidth, hidden, 1),
            Projection.QueryDown when latent.QueryRank > 0 => new(latent.QueryRank, hidden, 1),
            Projection.QueryUp when latent.QueryRank > 0 => new(queryWidth, latent.QueryRank, 1),
            Projection.KeyValueDown => new(latent.CachedWidth, hidden, 1),
            Projection.KeyValueUp => new(heads * (latent.PlainHeadSize + latent.ValueHeadSize), latent.KeyValueRank, 1),
            _ => default,
        };
    }

    private static ProjectionShape OfExperts(MixtureOfExperts experts, Projection projection, double hidden) => projection switch
    {
        Projection.RoutedGate or Projection.RoutedUp => new(experts.Intermediate, hidden, experts.Experts),
        Projection.RoutedDown => new(hidden, experts.Intermediate, experts.Experts),
        Projection.SharedGate or Projection.SharedUp => new(experts.Intermediate, hidden, experts.SharedExpertsPerToken),
        Projection.SharedDown => new(hidden, experts.Intermediate, experts.SharedExpertsPerToken),
        Projection.Router => new(experts.Experts, hidden, 1),
        _ => default,
    };
}
