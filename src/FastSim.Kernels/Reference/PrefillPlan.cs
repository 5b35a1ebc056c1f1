using FastSim.Kernels.Hardware;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Operators;
using FastSim.Kernels.Roofline;

namespace FastSim.Kernels.Reference;

/// <summary>An instance that prefills (cost model B2).</summary>
/// <param name="Table">Its stage.</param>
/// <param name="Rates">Its chip.</param>
/// <param name="Memory">What a card holds.</param>
public readonly record struct PrefillPlan(OperatorTable Table, ChipRates Rates, MemoryFootprint Memory) : IBatchPlan
{
    /// <summary>The formulas of <see cref="At"/>, for lanes.</summary>
    internal LatencyForm Form => new(
        double.NaN,
        0,
        Table.Shape.Layout.PipelineParallel,
        0,
        false,
        Table.Shape.Lengths.Input,
        PassIsStage: true);

    /// <inheritdoc/>
    public double CapacityBytes => Rates.Chip.Memory.CapacityBytes;

    /// <inheritdoc/>
    public bool IsMonotone => Rates.HasFlatEfficiency;

    /// <inheritdoc/>
    public bool IsRising => Rates.HasRisingEfficiency;

    /// <inheritdoc/>
    public bool IsReachable => StageTime.IsReachable(Table, Rates);

    /// <inheritdoc/>
    public void Load(PlanLanes lanes)
    {
        ArgumentNullException.ThrowIfNull(lanes);
        lanes.Load(Table, Rates, Form);
    }

    /// <inheritdoc/>
    public void LoadAtBestEfficiency(PlanLanes lanes)
    {
        ArgumentNullException.ThrowIfNull(lanes);
        lanes.Load(Table, Rates.AtBestEfficiency, Form);
    }

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
