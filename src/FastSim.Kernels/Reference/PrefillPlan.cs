using FastSim.Kernels.Hardware;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Operators;

namespace FastSim.Kernels.Reference;

/// <summary>An instance that prefills (cost model B2).</summary>
/// <param name="Table">Its stage.</param>
/// <param name="Rates">Its chip.</param>
/// <param name="Memory">What a card holds.</param>
public readonly record struct PrefillPlan(OperatorTable Table, ChipRates Rates, MemoryFootprint Memory) : IBatchPlan
{
    /// <inheritdoc/>
    public double CapacityBytes => Rates.Chip.Memory.CapacityBytes;

    /// <inheritdoc/>
    public bool IsMonotone => Rates.HasFlatEfficiency;

    /// <inheritdoc/>
    public bool IsReachable => StageTime.IsReachable(Table, Rates);

    /// <inheritdoc/>
    public double MemoryBytes(double sequences) => Memory.TotalBytes(sequences);

    /// <inheritdoc/>
    public long LargestBatch(int sequencesPerUnit) => Memory.LargestBatch(CapacityBytes, sequencesPerUnit);

    /// <summary>First token: <c>PP·(stage + p2p)</c>; throughput: <c>DP·bs·seq/stage</c> in the steady state.</summary>
    public PlanFigures At(double sequences)
    {
        StageTime time = StageTime.Of(Table, Rates, sequences);
        double firstToken = Table.Shape.Layout.PipelineParallel * time.StepSeconds;
        return new PlanFigures(
            firstToken,
            double.NaN,
            sequences * Table.Shape.Lengths.Input,
            time.StageSeconds,
            Table.Shape.Layout.DataParallel);
    }
}
