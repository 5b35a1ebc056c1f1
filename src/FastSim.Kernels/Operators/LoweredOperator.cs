namespace FastSim.Kernels.Operators;

/// <summary>One operator on its way into an <see cref="OperatorTable"/>.</summary>
internal sealed record LoweredOperator(
    OperatorIdentity Identity,
    int Repeats,
    AffineInBatch Flops,
    AffineInBatch Bytes,
    double ActivatedBytes,
    double WeightElements,
    double RowsPerSequence,
    double Columns,
    double Depth,
    Exchange Exchange);
