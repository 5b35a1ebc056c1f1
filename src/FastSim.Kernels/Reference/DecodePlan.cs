using FastSim.Kernels.Hardware;
using FastSim.Kernels.Memory;
using FastSim.Kernels.Operators;

namespace FastSim.Kernels.Reference;

/// <summary>An instance that decodes (cost model A3, B6).</summary>
/// <param name="Table">Its stage.</param>
/// <param name="Rates">Its chip.</param>
/// <param name="Memory">What a card holds.</param>
public readonly record struct DecodePlan(OperatorTable Table, ChipRates Rates, MemoryFootprint Memory) : IBatchPlan
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

    /// <summary>Seconds between two tokens of a sequence: <c>PP·(stage + p2p)</c>, over the tokens a step yields.</summary>
    public double PerTokenSeconds(double sequences) =>
        Table.Shape.PipelineSlots * StageTime.Of(Table, Rates, sequences).StepSeconds / Table.Shape.Prediction.TokensPerStep;

    /// <inheritdoc/>
    public PlanFigures At(double sequences)
    {
        double perToken = PerTokenSeconds(sequences);
        return new PlanFigures(
            double.NaN, perToken, Table.Shape.MicroBatches * sequences, perToken, Table.Shape.Layout.DataParallel);
    }
}
