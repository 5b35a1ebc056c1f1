namespace FastSim.Kernels.Launches;

/// <summary>What runs an operator.</summary>
public enum OperatorEngine
{
    /// <summary>Matrix unit (<c>cube</c> in the tables).</summary>
    Matrix,

    /// <summary>Vector unit.</summary>
    Vector,

    /// <summary>The network: carries FLOP and bytes into the totals, has no process time of its own (cost model A2).</summary>
    Network,
}

/// <summary>The class a result row sums an operator under.</summary>
public enum OperatorClass
{
    /// <summary>Weights times activations.</summary>
    FeedForward,

    /// <summary>Batched products with the context (<c>bmm</c>).</summary>
    BatchedProduct,

    /// <summary>Element-wise.</summary>
    Vector,

    /// <summary>Exchange between cards.</summary>
    Communication,
}

/// <summary>The part of a stage an operator belongs to.</summary>
public enum StagePart
{
    /// <summary>The attention of a block.</summary>
    Attention,

    /// <summary>The feed-forward of a block, dense or expert.</summary>
    FeedForward,

    /// <summary>Once a stage: the logits projection of physical accounting.</summary>
    Logits,

    /// <summary>Once a stage: activations to the next stage.</summary>
    Pipeline,
}

/// <summary>Whose exchange a communication operator is.</summary>
public enum ExchangeGroup
{
    /// <summary>No exchange: a compute operator.</summary>
    None,

    /// <summary>Cards of one attention rank.</summary>
    TensorParallel,

    /// <summary>Cards that share the experts.</summary>
    ExpertParallel,

    /// <summary>A stage and the next.</summary>
    PipelineParallel,

    /// <summary>Cards that share the tokens of a sequence.</summary>
    ContextParallel,

    /// <summary>Cards of one attention rank that share rows between products.</summary>
    SequenceParallel,
}
