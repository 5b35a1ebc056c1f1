using FastSim.Kernels.Launches;

namespace FastSim.Kernels.Reference;

/// <summary>
/// Totals of one part of a stage, over its blocks and for one step (cost model A3, the <c>decoder_instance_*</c> rows).
/// Times in seconds.
/// </summary>
public sealed record PartBreakdown
{
    /// <summary>Σ process time.</summary>
    public double ProcessSeconds { get; private set; }

    /// <summary>Σ FLOP, communication operators included.</summary>
    public double Flops { get; private set; }

    /// <summary>Σ bytes, communication operators included.</summary>
    public double Bytes { get; private set; }

    /// <summary>Σ FLOP / rate.</summary>
    public double ComputeSeconds { get; private set; }

    /// <summary>Σ bytes / HBM rate.</summary>
    public double MemorySeconds { get; private set; }

    /// <summary>Σ process time of the operators bound by compute.</summary>
    public double ComputeBoundSeconds { get; private set; }

    /// <summary>Σ process time of the operators bound by memory.</summary>
    public double MemoryBoundSeconds { get; private set; }

    /// <summary>Σ process time on the matrix unit.</summary>
    public double MatrixSeconds { get; private set; }

    /// <summary>Σ process time on the vector unit.</summary>
    public double VectorSeconds { get; private set; }

    /// <summary>Σ process time of batched products bound by compute.</summary>
    public double BatchedProductComputeSeconds { get; private set; }

    /// <summary>Σ process time of batched products bound by memory.</summary>
    public double BatchedProductMemorySeconds { get; private set; }

    /// <summary>Σ process time of weight products bound by compute.</summary>
    public double FeedForwardComputeSeconds { get; private set; }

    /// <summary>Σ process time of weight products bound by memory.</summary>
    public double FeedForwardMemorySeconds { get; private set; }

    internal void Add(OperatorIdentity identity, OperatorCost cost, double repeats)
    {
        double process = cost.ProcessSeconds * repeats;
        bool computeBound = cost.IsComputeBound;
        ProcessSeconds += process;
        Flops += cost.Flops * repeats;
        Bytes += cost.Bytes * repeats;
        ComputeSeconds += cost.ComputeSeconds * repeats;
        MemorySeconds += cost.MemorySeconds * repeats;
        ComputeBoundSeconds += computeBound ? process : 0;
        MemoryBoundSeconds += computeBound ? 0 : process;
        MatrixSeconds += identity.Engine == OperatorEngine.Matrix ? process : 0;
        VectorSeconds += identity.Engine == OperatorEngine.Vector ? process : 0;
        bool batchedProduct = identity.Class == OperatorClass.BatchedProduct;
        bool feedForward = identity.Class == OperatorClass.FeedForward;
        BatchedProductComputeSeconds += batchedProduct && computeBound ? process : 0;
        BatchedProductMemorySeconds += batchedProduct && !computeBound ? process : 0;
        FeedForwardComputeSeconds += feedForward && computeBound ? process : 0;
        FeedForwardMemorySeconds += feedForward && !computeBound ? process : 0;
    }
}
