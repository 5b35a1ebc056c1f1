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
        <= Projection.GateUp => WeightRoles.Attention,
        <= Projection.DenseDown => WeightRoles.DenseFeedForward,
        <= Projection.RoutedDown => WeightRoles.RoutedExperts,
        <= Projection.SharedDown => WeightRoles.SharedExperts,
        <= Projection.RoutedOutput => WeightRoles.Router,
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
            Projection.DenseGate when model.Structure is { HasPlainFeedForward: true } => default,
            Projection.DenseGate or Projection.DenseUp => new(model.FeedForward, hidden, 1),
            Projection.DenseDown => new(hidden, model.FeedForward, 1),
            _ when RoleOf(projection) == WeightRoles.Attention => OfAttention(model, projection),
            _ => model.Experts is { } experts ? OfExperts(experts, projection, hidden) : default,
        };
    }

    private static ProjectionShape OfAttention(TransformerModel model, Projection projection)
    {
        if (model.Form?.State is { } state)
        {
            return OfState(model.Attention, state, projection, model.Hidden);
        }

        if (model.Attention == AttentionKind.None)
        {
            return default;
        }

        if (model.Form?.Compression is { } compression)
        {
            return OfCompressed(compression, projection, model.Hidden, model.Heads);
        }

        double hidden = model.Hidden;
        double valueWidth = model.Heads * (double)model.ValueHeadSize;
        return projection switch
        {
            Projection.AttentionOutput => new(hidden, valueWidth, 1),
            Projection.AttentionGate when model.AttentionGate => new(model.Form?.Gate == OutputGate.PerHead ? model.Heads : valueWidth, hidden, 1),
            Projection.IndexQuery or Projection.IndexKey or Projection.IndexWeights =>
                model.Structure?.Indexer is { IsBorrowed: false } indexer ? OfIndexer(indexer, projection, hidden, model.Latent?.QueryRank ?? hidden) : default,
            _ when model.Latent is { } latent => OfLatent(latent, projection, hidden, model.Heads),
            Projection.QueryDown when model.Form is { QueryRank: > 0 and var rank } => new(rank, hidden, 1),
            Projection.QueryUp when model.Form is { QueryRank: > 0 and var rank } => new((double)model.Heads * model.HeadSize, rank, 1),
            Projection.Query when model.Form is not { QueryRank: > 0 } => new((double)model.Heads * model.HeadSize, hidden, 1),
            Projection.Key or Projection.Value when model.Form is { BorrowsCache: true } => default,
            Projection.Value when model.Form is { ValuesAreKeys: true } => default,
            Projection.Key => new((double)model.KeyValueHeads * model.HeadSize, hidden, 1),
            Projection.Value => new((double)model.KeyValueHeads * model.ValueHeadSize, hidden, 1),
            _ => default,
        };
    }

    private static ProjectionShape OfIndexer(SparseIndexer indexer, Projection projection, double hidden, double queryRank) => projection switch
    {
        Projection.IndexQuery => new((double)indexer.Heads * indexer.HeadSize, queryRank, 1),
        Projection.IndexKey => new(indexer.HeadSize, hidden, 1),
        Projection.IndexWeights when indexer.SelectsBlocks => default,
        _ => new(indexer.Heads, hidden, 1),
    };

    private static ProjectionShape OfCompressed(CompressedDimensions compression, Projection projection, double hidden, double heads)
    {
        double queryWidth = heads * compression.HeadSize;
        return projection switch
        {
            Projection.QueryDown => new(compression.QueryRank, hidden, 1),
            Projection.QueryUp => new(queryWidth, compression.QueryRank, 1),
            Projection.KeyValueDown => new(compression.HeadSize, hidden, 1),
            Projection.OutputDown => new(compression.OutputRank, queryWidth / compression.OutputGroups, compression.OutputGroups),
            Projection.AttentionOutput => new(hidden, (double)compression.OutputGroups * compression.OutputRank, 1),
            Projection.Compressor when compression.Ratio > 0 => new(2 * compression.CompressorWidth, hidden, 1),
            Projection.IndexCompressor when compression.Indexer is not null => new(2 * compression.IndexCompressorWidth, hidden, 1),
            Projection.IndexQuery or Projection.IndexWeights when compression.Indexer is { } indexer =>
                OfIndexer(indexer, projection, hidden, compression.QueryRank),
            _ => default,
        };
    }

    private static ProjectionShape OfState(AttentionKind kind, StateDimensions state, Projection projection, double hidden)
    {
        double keyWidth = state.KeyWidth(1);
        double valueWidth = state.ValueWidth(1);
        return (kind, projection) switch
        {
            (_, Projection.AttentionOutput) => new(hidden, valueWidth, 1),
            (AttentionKind.StateSpace, Projection.StateInput) => new(valueWidth + state.Channels(1) + state.ValueHeads, hidden, 1),
            (AttentionKind.ShortConvolution, Projection.StateInput) => new(3 * valueWidth, hidden, 1),
            (AttentionKind.SelectiveScan, Projection.StateInput) => new(2 * valueWidth, hidden, 1),
            (AttentionKind.SelectiveScan, Projection.StateScalars) => new(state.StepRank + (2d * state.KeySize), valueWidth, 1),
            (AttentionKind.SelectiveScan, Projection.DecayUp) => new(valueWidth, state.StepRank, 1),
            (AttentionKind.Lightning, Projection.StateInput) => new((2 * keyWidth) + valueWidth, hidden, 1),
            (AttentionKind.GatedDelta, Projection.StateInput) => new(state.Channels(1), hidden, 1),
            (AttentionKind.GatedDelta, Projection.StateScalars) => new(2d * state.ValueHeads, hidden, 1),
            (AttentionKind.KimiDelta, Projection.Query or Projection.Key) => new(keyWidth, hidden, 1),
            (AttentionKind.KimiDelta, Projection.Value) => new(valueWidth, hidden, 1),
            (AttentionKind.KimiDelta, Projection.StateScalars) => new(state.ValueHeads, hidden, 1),
            (AttentionKind.KimiDelta, Projection.DecayDown) => new(state.KeySize, hidden, 1),
            (AttentionKind.KimiDelta, Projection.DecayUp) => new(keyWidth, state.KeySize, 1),
            (AttentionKind.KimiDelta, Projection.GateDown) when state.HasNarrowGate => new(state.ValueSize, hidden, 1),
            (AttentionKind.KimiDelta, Projection.GateUp) when state.HasNarrowGate => new(valueWidth, state.ValueSize, 1),
            (AttentionKind.GatedDelta or AttentionKind.Lightning, Projection.AttentionGate) => new(valueWidth, hidden, 1),
            (AttentionKind.KimiDelta, Projection.AttentionGate) when !state.HasNarrowGate => new(valueWidth, hidden, 1),
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

    private static ProjectionShape OfExperts(MixtureOfExperts experts, Projection projection, double hidden)
    {
        double routed = experts.RoutedInput((int)hidden);
        return projection switch
        {
            Projection.RoutedGate or Projection.SharedGate when experts.IsPlain => default,
            Projection.RoutedGate or Projection.RoutedUp => new(experts.Intermediate, routed, experts.Experts),
            Projection.RoutedDown => new(routed, experts.Intermediate, experts.Experts),
            Projection.SharedGate or Projection.SharedUp => new(experts.Intermediate, hidden, experts.SharedExpertsPerToken),
            Projection.SharedDown => new(hidden, experts.Intermediate, experts.SharedExpertsPerToken),
            Projection.Router => new(experts.Routes, hidden, 1),
            Projection.RoutedInput when experts.LatentWidth > 0 => new(experts.LatentWidth, hidden, 1),
            Projection.RoutedOutput when experts.LatentWidth > 0 => new(hidden, experts.LatentWidth, 1),
            _ => default,
        };
    }
}
